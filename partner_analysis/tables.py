"""The contracts of all tables: columns, types and grain, and the error classes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.declared import EVENT_KINDS, check_events, check_partnerships
from partner_analysis.fields import (
    DataError,
    InputError,
    SettingsError,
    as_amounts,
    as_counts,
    as_days,
    as_names,
    refuse_rows,
    require_columns,
    some_rows,
)

__all__ = [
    "AIMS",
    "COUNT_COLUMNS",
    "DAYS_PER_MONTH",
    "EVENT_KINDS",
    "NAMED_COLUMNS",
    "NO_NUMBER",
    "ONE_PERSONA",
    "PARTNERSHIP_ID",
    "RESERVED_IDS",
    "VERDICTS",
    "DataError",
    "InputError",
    "Interval",
    "SettingsError",
    "as_amounts",
    "as_days",
    "as_names",
    "check_counts",
    "check_events",
    "check_named",
    "check_partnerships",
    "refuse_rows",
    "require_columns",
    "some_rows",
]

VERDICTS: Final = (
    "more",
    "fewer",
    "no clear change",
    "too early",
    "too small to tell",
    "data not fit",
)
AIMS: Final = ("patients", "care", "community", "planning", "shared cost")
PAGES_OF_ALL: Final = ("index", "portfolio", "data-quality", "where-next", "board")
RESERVED_IDS: Final = frozenset((*PAGES_OF_ALL, "plan", "pitches", "latest", "shareable"))
PARTNERSHIP_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
ONE_PERSONA: Final = "all"
DAYS_PER_MONTH: Final = 30.4375

COUNT_COLUMNS: Final = ("period", "clinic", "new_patients")
COUNT_EXTRAS: Final = ("open_days", "open_slots", "unknown_source")
NAMED_COLUMNS: Final = ("period", "clinic", "partnership_id", "named")


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


def check_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts checked, sorted and complete in columns; the table given is left as it was.

    Parameters
    ----------
    counts
        One row per clinic, persona and period: ``period`` (its first day), ``clinic``,
        ``new_patients`` (NaN = unknown), optionally ``persona``, ``open_days``
        (any non-negative exposure; 0 = closed), ``open_slots`` (how many new patients could
        be seen; NaN = unknown) and ``unknown_source`` (how many came without a known referral
        source). A number of slots that stands in all of a clinic's rows of a
        period is one pool that its personas share.

    Returns
    -------
    DataFrame
        The same rows sorted by clinic, persona and period, with ``persona`` always there.
        The optional columns are there only if they were given.

    Raises
    ------
    InputError
        For missing columns, and with row numbers for dates that are missing, counts that are
        negative, infinite, fractional or no number, patients where open_days is 0, rows that
        repeat a clinic, persona and period, and periods that begin on different days.
    """
    require_columns(counts, COUNT_COLUMNS, "counts")
    extras = [column for column in COUNT_EXTRAS if column in counts.columns]
    columns = [*COUNT_COLUMNS, *(c for c in ("persona",) if c in counts.columns), *extras]
    checked = counts.loc[:, columns].reset_index(drop=True)
    checked["period"] = as_days(checked["period"], "counts", "period")
    if "persona" not in checked:
        checked["persona"] = ONE_PERSONA
    for key in ("clinic", "persona"):
        refuse_rows(checked[key].isna(), "counts", f"have no {key}", "Name it in every row.")
        checked[key] = checked[key].astype("str")
    checked["new_patients"] = as_counts(checked["new_patients"], "counts", "new_patients")
    for column in extras:
        checked[column] = as_amounts(checked[column], "counts", column)
    repeated = checked.duplicated(["clinic", "persona", "period"], keep=False)
    refuse_rows(
        repeated,
        "counts",
        "repeat a clinic, persona and period",
        "Keep one row for each, or add them up first.",
    )
    refuse_rows(checked["period"].isna(), "counts", "have no period", "Give each its first day.")
    if "open_days" in checked:
        refuse_rows(
            (checked["open_days"] == 0) & (checked["new_patients"] > 0),
            "counts",
            "have new patients though open_days is 0",
            "Correct one of the two.",
        )
    _refuse_mixed_starts(checked)
    order = ["clinic", "persona", "period"]
    return checked.sort_values(order, kind="stable", ignore_index=True)


def _refuse_mixed_starts(counts: pd.DataFrame) -> None:
    """Refuse clinics whose weeks begin on different days: their periods cannot be compared."""
    days = counts["period"].to_numpy().astype("datetime64[D]").astype(np.int64)
    clinic, _ = pd.factorize(counts["clinic"])
    largest = np.bincount(clinic, minlength=1).argmax()
    together, own = np.diff(np.unique(days)), np.diff(np.unique(days[clinic == largest]))
    if not len(own) or together.min() >= 0.9 * own.min():
        return
    order = np.lexsort((days, clinic))
    gaps = np.diff(days[order])[np.diff(clinic[order]) == 0]
    if together.min() < 0.9 * gaps[gaps > 0].min():
        raise InputError(
            "counts: the periods of some clinics begin on different days than those of others. "
            "Count all clinics by the same weeks, or by calendar months."
        )


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
