"""When a partnership is reviewed, and what was known of the practice on that day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partner_analysis.attribution.cells import WASH_OUT_DAYS, period_lengths
from partner_analysis.attribution.effect import months_later
from partner_analysis.attribution.reviews.spending import planned_months, review_levels
from partner_analysis.tables import (
    DAYS_PER_MONTH,
    InputError,
    check_counts,
    check_events,
    check_named,
    check_partnerships,
)


class PracticeTables(NamedTuple):
    """All that was given, checked, and the periods that the counts hold."""

    counts: pd.DataFrame
    partnerships: pd.DataFrame
    named: pd.DataFrame | None
    events: pd.DataFrame | None
    holidays: str
    periods: pd.DatetimeIndex
    method: str
    level: float

    def known_on(self, day: pd.Timestamp) -> PracticeTables:
        """The same as it was known on a day: periods begun, partnerships and events begun."""
        return self._replace(
            counts=self.counts[self.counts["period"] < day],
            partnerships=known_rows(self.partnerships, day),
            named=None if self.named is None else self.named[self.named["period"] < day],
            events=None if self.events is None else known_rows(self.events, day),
            periods=self.periods[self.periods < day],
        )


def practice_of(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    named: pd.DataFrame | None,
    events: pd.DataFrame | None,
    holidays: str,
    method: str,
    level: float,
) -> PracticeTables:
    """Check everything that was given."""
    if not 0.5 <= level <= 0.999:
        raise InputError(f"level: {level!r} is not a confidence level. Use 0.95, or 0.5 to 0.999.")
    checked = check_counts(counts)
    if checked.empty:
        raise InputError("counts: the table has no rows. Count at least one clinic first.")
    return PracticeTables(
        counts=checked,
        partnerships=check_partnerships(partnerships),
        named=None if named is None else check_named(named),
        events=None if events is None else check_events(events),
        holidays=holidays,
        periods=pd.DatetimeIndex(checked["period"].drop_duplicates().sort_values()),
        method=method,
        level=level,
    )


def planned_reviews(
    practice: PracticeTables, identifier: str, reached: pd.Timestamp
) -> Iterator[tuple[pd.Timestamp, int, float]]:
    """Date, months after the start and level of each review, to the first not yet due."""
    rows = practice.partnerships[practice.partnerships["partnership_id"] == identifier]
    start, last_start = rows["start_date"].min(), rows["start_date"].max()
    span = int((max(reached, last_start) - start).days / DAYS_PER_MONTH)
    months = planned_months(span + 1)
    for number, level in zip(months, review_levels(months, practice.level), strict=True):
        yield complete_from(practice.periods, months_later(start, number)), number, level


def complete_from(periods: pd.DatetimeIndex, day: pd.Timestamp) -> pd.Timestamp:
    """The first day on which every period begun before a day is complete.

    It is found from those periods alone, so that later ones cannot move it; where the counts
    end before, from the spacing they have.
    """
    begun = periods[periods < day]
    if begun.empty:
        return day
    step = step_of(begun)
    grid = pd.date_range(begun[-1], day + step, freq=step)
    return grid[grid >= day][0]


def first_day_after(periods: pd.DatetimeIndex) -> pd.Timestamp:
    """The first day that the counts do not reach."""
    return periods[-1] + step_of(periods)


def later_periods(periods: pd.DatetimeIndex, day: pd.Timestamp) -> pd.DatetimeIndex:
    """First days of the periods that the counts do not reach, of those that begin before a day."""
    first, step = first_day_after(periods), step_of(periods)
    grid = pd.date_range(first, max(first, day), freq=step)
    return grid[grid < day]


def step_of(periods: pd.DatetimeIndex) -> pd.DateOffset:
    """From one period's first day to the next one's: some days, or some calendar months."""
    length = period_lengths(periods)
    months = round(float(np.median(length)) / DAYS_PER_MONTH)
    if months and length.min() < length.max():
        return pd.DateOffset(months=months)
    return pd.DateOffset(days=int(length[-1]))


def mostly_before(periods: pd.DatetimeIndex, day: pd.Timestamp) -> NDArray[np.bool_]:
    """Which periods lie mostly before a day: (T)."""
    middle = periods + pd.to_timedelta(period_lengths(periods) / 2, unit="D")
    return np.asarray(middle < day)


def known_rows(table: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Rows begun before a day; what ends on it or later has no end yet."""
    known = table[table["start_date"] < day].copy()
    known["end_date"] = known["end_date"].where(known["end_date"] < day)
    return known


def is_over(partnerships: pd.DataFrame, identifier: str, previous: pd.Timestamp) -> bool:
    """Whether the review before already came after the end and its wash-out."""
    ends = partnerships.loc[partnerships["partnership_id"] == identifier, "end_date"]
    if pd.isna(previous) or ends.isna().any():
        return False
    return bool(ends.max() + pd.Timedelta(days=WASH_OUT_DAYS) < previous)
