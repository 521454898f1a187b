"""Exports that hold counts only: which period each date stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from partner_analysis.cleaning.distinct import on_distinct
from partner_analysis.cleaning.exports.wholes import mark_wholes
from partner_analysis.cleaning.plain import plain
from partner_analysis.fields import some_of
from partner_analysis.tables import ONE_PERSONA, DataError, some_rows

FIRST_DAY: Final = pd.Timestamp("1980-01-01")


def settle_periods(rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Rows of counts under their periods, and whether these are weeks or months.

    Parameters
    ----------
    rows
        One row per line of a counts export: unit, date, count, date_is ("begins" or "ends"),
        optionally persona, open_days and open_slots; ``fate`` and ``reason`` as ``read_rows``
        gives them.

    Returns
    -------
    tuple of DataFrame and str
        The same rows with ``period`` (first day), ``clinic``, ``persona``, ``new_patients``,
        ``begins`` and ``newest`` (first and last day), those of all clinics together marked as
        totals; and "week" or "month".

    Raises
    ------
    DataError
        If the dates are neither weeks nor months, or a clinic, persona and period repeats
        with another count.
    """
    rows = rows.rename(columns={"unit": "clinic", "count": "new_patients"})
    rows["persona"] = rows["persona"].fillna("") if "persona" in rows else ""
    rows["persona"] = rows["persona"].astype("str").mask(rows["persona"] == "", ONE_PERSONA)
    faults = {
        "no unit": rows["clinic"] == "",
        "no date": rows["date"].isna(),
        "before 1980": rows["date"] < FIRST_DAY,
    }
    rows = give_reasons(rows, faults)
    good = (rows["fate"] == "") & (rows["reason"] == "")
    period = _period_name(rows.loc[good])
    rows["period"] = _first_days(rows, period)
    rows["begins"] = rows["period"]
    length = pd.offsets.MonthEnd(1) if period == "month" else pd.Timedelta(days=6)
    rows["newest"] = rows["period"] + length
    over = rows["newest"] > pd.Timestamp.now().normalize()
    rows = give_reasons(rows, {"in the future or not over yet": over})
    rows["clinic"] = one_spelling(rows["clinic"])
    rows["persona"] = one_spelling(rows["persona"])
    rows = mark_wholes(rows)
    _refuse_repeats(rows.loc[(rows["fate"] == "") & (rows["reason"] == "")])
    return rows.drop(columns=["date", "date_is"]), period


def give_reasons(rows: pd.DataFrame, faults: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Rows whose first fault, if any, stands in ``reason``; the table given is left as it was."""
    reasons = rows["reason"]
    for reason, wrong in faults.items():
        reasons = reasons.mask((reasons == "") & wrong, reason)
    return rows.assign(reason=reasons)


def one_spelling(names: pd.Series) -> pd.Series:
    """Names in one spelling each: of those that differ in case or spaces only, the commonest."""
    chosen = commonest_spellings(names.value_counts())
    return on_distinct(names, lambda name: chosen[plain(name)])


def commonest_spellings(tally: pd.Series) -> dict[str, str]:
    """The commonest spelling by name in small letters, from how many rows have each spelling."""
    table = tally.rename_axis("name").reset_index(name="rows")
    table = table.sort_values(["rows", "name"], ascending=[False, True])
    chosen: dict[str, str] = {}
    for name in table["name"]:
        chosen.setdefault(plain(name), name)
    return chosen


def _period_name(rows: pd.DataFrame) -> str:
    """Whether the dates are those of months or of weeks."""
    ends = rows["date_is"] == "ends"
    firsts = rows["date"].where(~ends, rows["date"] + pd.Timedelta(days=1))
    if (firsts.dt.day == 1).all():
        return "month"
    weekdays = firsts.dt.day_of_week.value_counts()
    if len(weekdays) > 1:
        odd = rows.loc[firsts.dt.day_of_week != weekdays.index[0], "line"]
        raise DataError(
            f"{rows['file'].iloc[0]}: the dates are neither months nor weeks: "
            f"{some_of(len(odd), len(rows), 'row', 'fall on another weekday than the rest')} "
            f"({some_rows(odd)} of the file). "
            "Give the first or the last day of each week or month, and say which with date_is."
        )
    return "week"


def _first_days(rows: pd.DataFrame, period: str) -> pd.Series:
    """First day of the period of each row."""
    ends = rows["date_is"] == "ends"
    if period == "month":
        return rows["date"].dt.to_period("M").dt.to_timestamp().astype("datetime64[us]")
    return rows["date"].where(~ends, rows["date"] - pd.Timedelta(days=6))


def _refuse_repeats(rows: pd.DataFrame) -> None:
    """Refuse two rows of one clinic, persona and period, which could not both be right."""
    repeated = rows.duplicated(["clinic", "persona", "period"], keep=False)
    if repeated.any():
        lines = rows.loc[repeated, "line"]
        raise DataError(
            f"{rows.loc[repeated, 'file'].iloc[0]}: {int(repeated.sum()):,} of {len(rows):,} rows "
            f"repeat a clinic, persona and period ({some_rows(lines)} of the file). Keep one row "
            "for each, or add them up first."
        )
