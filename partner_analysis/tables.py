"""The contracts of all tables: columns, types and grain, and the error classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

VERDICTS: Final = (
    "more",
    "fewer",
    "no clear change",
    "too early",
    "too small to tell",
    "data not fit",
)
AIMS: Final = ("patients", "care", "community", "planning", "shared cost")
RESERVED_IDS: Final = frozenset({"index", "portfolio", "data-quality", "latest"})
PARTNERSHIP_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
ONE_PERSONA: Final = "all"
DAYS_PER_MONTH: Final = 30.4375
LAST_DAY: Final = pd.Timestamp("2250-01-01")

COUNT_COLUMNS: Final = ("period", "clinic", "new_patients")
NAMED_COLUMNS: Final = ("period", "clinic", "partnership_id", "named")


class InputError(ValueError):
    """What was given cannot be used; the message says where, what and what to do next."""


class SettingsError(InputError):
    """practice.toml, or a parameter of a run, is wrong."""


class DataError(InputError):
    """A data file is wrong."""


@dataclass(frozen=True)
class Interval:
    """An estimate with the lower and upper end of its interval, in one unit.

    ``estimate`` is NaN where only a bound is known (the open side is infinite)
    or where there is no number at all (all three NaN).
    """

    estimate: float
    low: float
    high: float

    @property
    def is_number(self) -> bool:
        """Whether anything at all is known."""
        return not (np.isnan(self.low) and np.isnan(self.high))

    def scaled(self, factor: float) -> Interval:
        """The same interval in another unit, for a positive factor."""
        return Interval(self.estimate * factor, self.low * factor, self.high * factor)


NO_NUMBER: Final = Interval(float("nan"), float("nan"), float("nan"))


def some_rows(rows: Iterable[int], *, most: int = 5) -> str:
    """Row numbers in words, at most a few: ``"rows 3, 8 and 14"`` counted from 0."""
    numbers = [str(row) for row in rows]
    shown = numbers[:most]
    if len(numbers) > most:
        return f"rows {', '.join(shown)} and {len(numbers) - most} more"
    if len(shown) == 1:
        return f"row {shown[0]}"
    return f"rows {', '.join(shown[:-1])} and {shown[-1]}"


def require_columns(frame: pd.DataFrame, columns: Sequence[str], table: str) -> None:
    """Refuse a table that lacks a column, naming all that are missing."""
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"{table}: a pandas DataFrame is needed, not {type(frame).__name__}.")
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise InputError(
            f"{table}: no column {', no column '.join(missing)}. It needs {', '.join(columns)}."
        )


def check_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts checked, sorted and complete in columns; the table given is left as it was.

    Parameters
    ----------
    counts
        One row per clinic, persona and period: ``period`` (its first day), ``clinic``,
        ``new_patients`` (NaN = unknown), optionally ``persona`` and ``open_days``
        (any non-negative exposure; 0 = closed).

    Returns
    -------
    DataFrame
        The same rows sorted by clinic, persona and period, with ``persona`` always there.
        ``open_days`` is there only if it was given.

    Raises
    ------
    InputError
        For missing columns, and with row numbers for dates that are missing, counts that are
        negative, infinite or no number, and rows that repeat a clinic, persona and period.
    """
    require_columns(counts, COUNT_COLUMNS, "counts")
    columns = [c for c in (*COUNT_COLUMNS, "persona", "open_days") if c in counts.columns]
    checked = counts.loc[:, columns].reset_index(drop=True)
    checked["period"] = as_days(checked["period"], "counts", "period")
    if "persona" not in checked:
        checked["persona"] = ONE_PERSONA
    for key in ("clinic", "persona"):
        refuse_rows(checked[key].isna(), "counts", f"have no {key}", "Name it in every row.")
        checked[key] = checked[key].astype("str")
    for column in ("new_patients", *(c for c in ("open_days",) if c in checked)):
        checked[column] = as_amounts(checked[column], "counts", column)
    repeated = checked.duplicated(["clinic", "persona", "period"], keep=False)
    refuse_rows(
        repeated,
        "counts",
        "repeat a clinic, persona and period",
        "Keep one row for each, or add them up first.",
    )
    refuse_rows(checked["period"].isna(), "counts", "have no period", "Give each its first day.")
    order = ["clinic", "persona", "period"]
    return checked.sort_values(order, kind="stable", ignore_index=True)


def check_partnerships(partnerships: pd.DataFrame) -> pd.DataFrame:
    """Partnerships checked, with ``clinics`` and ``personas`` as tuples (empty = all).

    Parameters
    ----------
    partnerships
        One row per partnership and stretch: ``partnership_id``, ``name``, ``kind``,
        ``start_date``, ``end_date`` (last day, inclusive; NaT = running), optionally
        ``clinics`` and ``personas`` (sequences of names).

    Returns
    -------
    DataFrame
        The same rows, sorted by id, start and clinics; other columns are kept.

    Raises
    ------
    InputError
        With row numbers, for a missing id or start, an end before its start, and rows of one
        id that disagree in name or kind or overlap in clinic, persona and dates.
    """
    needed = ("partnership_id", "start_date")
    require_columns(partnerships, needed, "partnerships")
    checked = partnerships.reset_index(drop=True).copy()
    refuse_rows(
        checked["partnership_id"].isna(), "partnerships", "have no partnership_id", "Give each one."
    )
    checked["partnership_id"] = checked["partnership_id"].astype("str")
    for column, default in (("name", checked["partnership_id"]), ("kind", "")):
        if column not in checked:
            checked[column] = default
    if "end_date" not in checked:
        checked["end_date"] = pd.NaT
    for column in ("start_date", "end_date"):
        checked[column] = as_days(checked[column], "partnerships", column)
    for column in ("clinics", "personas"):
        given = checked[column] if column in checked else [()] * len(checked)
        checked[column] = pd.Series([as_names(v) for v in given], dtype=object)
    refuse_rows(
        checked["start_date"].isna(), "partnerships", "have no start_date", "Say when it began."
    )
    refuse_rows(
        checked["end_date"] < checked["start_date"],
        "partnerships",
        "end before they start",
        "Correct start_date or end_date.",
    )
    _refuse_quarrels(checked)
    by = ["partnership_id", "start_date", "clinics", "personas"]
    return checked.sort_values(by, kind="stable", ignore_index=True)


def check_named(named: pd.DataFrame) -> pd.DataFrame:
    """Named counts checked: one row per clinic, persona, period and partnership.

    Raises
    ------
    InputError
        For missing columns, and with row numbers for amounts that are not counts and for rows
        that repeat a clinic, persona, period and partnership.
    """
    require_columns(named, NAMED_COLUMNS, "named")
    checked = named.reset_index(drop=True).copy()
    if "persona" not in checked:
        checked["persona"] = ONE_PERSONA
    checked["period"] = as_days(checked["period"], "named", "period")
    for key in ("clinic", "persona", "partnership_id"):
        checked[key] = checked[key].astype("str")
    checked["named"] = as_amounts(checked["named"], "named", "named")
    order = ["clinic", "persona", "period", "partnership_id"]
    refuse_rows(
        checked.duplicated(order, keep=False),
        "named",
        "repeat a clinic, persona, period and partnership",
        "Add them up first.",
    )
    return checked.sort_values(order, kind="stable", ignore_index=True)


def refuse_rows(wrong: pd.Series, table: str, what: str, cure: str) -> None:
    """Raise an InputError that counts the wrong rows, names a few by number and says the cure."""
    if wrong.any():
        rows = np.flatnonzero(wrong.to_numpy(dtype=bool)).tolist()
        share = f"{len(rows):,} of {len(wrong):,} rows"
        raise InputError(f"{table}: {share} {what} ({some_rows(rows)}, counted from 0). {cure}")


def as_days(values: pd.Series, table: str, column: str) -> pd.Series:
    """Dates as midnight timestamps without a time zone; missing stays missing."""
    try:
        days = pd.to_datetime(values)
    except (ValueError, TypeError):
        raise InputError(
            f"{table}: column {column} holds something that is not a date. "
            "Give timestamps, or text as YYYY-MM-DD."
        ) from None
    if days.dt.tz is not None:
        raise InputError(
            f"{table}: column {column} has a time zone. Turn it to the clinic's own time first, "
            "then drop the zone (dt.tz_localize(None))."
        )
    if column == "end_date":
        days = days.where(~(days > LAST_DAY), pd.NaT)
    refuse_rows(days > LAST_DAY, table, f"have a {column} after {LAST_DAY.year}", "Correct it.")
    return days.dt.normalize().astype("datetime64[ns]")


def as_amounts(values: pd.Series, table: str, column: str) -> pd.Series:
    """Non-negative finite numbers as float; missing stays NaN (unknown, not zero)."""
    try:
        amounts = pd.Series(values).astype("float64")
    except (ValueError, TypeError):
        raise InputError(
            f"{table}: column {column} holds something that is not a number. "
            "Leave unknown counts empty and write the others as digits."
        ) from None
    refuse_rows(amounts < 0, table, f"have a negative {column}", "Counts start at 0.")
    refuse_rows(np.isinf(amounts), table, f"have an infinite {column}", "Use NaN for unknown.")
    return amounts


def as_names(value: object) -> tuple[str, ...]:
    """Names as a sorted tuple: from a sequence, one name, or nothing (= all)."""
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ()
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(sorted({str(name) for name in value}))  # type: ignore[attr-defined]


def _refuse_quarrels(partnerships: pd.DataFrame) -> None:
    """Refuse rows of one id that disagree in name or kind, or overlap."""
    for identifier, rows in partnerships.groupby("partnership_id", sort=True):
        for column in ("name", "kind"):
            if len(rows[column].drop_duplicates()) > 1:
                raise InputError(
                    f"partnerships: the rows of {identifier} ({some_rows(rows.index)}, counted "
                    f"from 0) differ in {column}. Use one {column}, or give each its own id."
                )
        listed = list(rows.itertuples())
        for position, one in enumerate(listed):
            for other in listed[position + 1 :]:
                if _meet(one, other):
                    raise InputError(
                        f"partnerships: the rows of {identifier} overlap in clinic, persona and "
                        f"dates ({some_rows([one.Index, other.Index])}, counted from 0). "
                        "End one before the other starts, or merge them."
                    )


def _meet(one: object, other: object) -> bool:
    """Whether two rows share a clinic, a persona and a day."""
    spans = [(r.start_date, r.end_date) for r in (one, other)]  # type: ignore[attr-defined]
    (start, end), (other_start, other_end) = spans
    if (pd.notna(end) and end < other_start) or (pd.notna(other_end) and other_end < start):
        return False
    return all(
        not getattr(one, field)
        or not getattr(other, field)
        or set(getattr(one, field)) & set(getattr(other, field))
        for field in ("clinics", "personas")
    )
