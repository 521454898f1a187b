"""What is said of one goal: how far it is, what is still needed, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.effect import empty_table
from partner_analysis.attribution.goals.baseline import Asked
from partner_analysis.attribution.goals.because import Because
from partner_analysis.attribution.goals.goal import Goal
from partner_analysis.attribution.goals.series import GoalSeries
from partner_analysis.tables import NO_NUMBER, Interval

STATUSES: Final = (
    "met",
    "not met",
    "on track",
    "in the balance",
    "off track",
    "not begun",
    "cannot tell",
)
LIKELY: Final = 0.8
COURSE_COLUMNS: Final = {
    "until": "datetime64[ns]",
    "low": "float64",
    "middle": "float64",
    "high": "float64",
    "needed": "float64",
    "is_past": "bool",
}
NAN: Final = float("nan")


@dataclass(frozen=True)
class GoalProgress:
    """How far one goal is.

    Attributes
    ----------
    goal
        The goal as it is understood.
    status
        One of ``STATUSES``. Counts that reached the number are "met", also before the deadline;
        those that did not by then "not met". An estimate is "met" or "not met" only where
        its interval at ``level`` lies on one side of the number, else "cannot tell". Before the
        deadline "on track" is a probability of at least 80 percent, "off track" of at most 20.
    reason
        Why it cannot be told, as a sentence; empty where it can.
    level
        Of all intervals.
    first_day, last_day
        First and last day of the whole periods that decide.
    counted_to
        Last day that the counts used reach; NaT where they reach none.
    needed
        New patients asked for in those periods; the interval is that of the usual level behind
        a baseline.
    baseline
        New patients that a percentage is taken of, for as many days.
    achieved
        New patients in those periods so far: counted, or estimated with their interval.
    months, months_left
        Length of the periods that decide; months from ``counted_to`` to the deadline.
    rate_so_far, rate_needed
        New patients a month since the window began, and for the rest of the periods that decide.
    probability
        That it is met by the deadline; 0 or 1 where that is known.
    chance_alone, chance_from
        Probability that it would have been met without the partnership (of a goal of the practice:
        had all gone on as before it), and what that rests on.
    too_early
        Partnerships that reach it and have run for less than three months, so that nobody can
        tell what they bring; empty where the chance does not depend on any.
    chance_if_unchanged, chance_if_more
        The probability if these change nothing, and if they bring a quarter more where they run;
        ``probability`` itself then rests on what is believed of partnerships in general.
    because
        Whether the partnership is why; None where that is not asked or cannot be.
    because_reason
        Why it cannot be, as a sentence.
    smallest_visible, size
        The smallest change that would be noticed four times in five in the periods that decide,
        and the change that the goal asks for, both in new patients a month.
    course
        One row per stretch of four weeks, or period: ``until`` (its last day), ``low``,
        ``middle``, ``high`` (new patients so far; for a rate, in that stretch), ``needed`` and
        ``is_past``.
    """

    goal: Goal
    status: str
    level: float
    reason: str = ""
    first_day: pd.Timestamp = field(default_factory=lambda: pd.NaT)
    last_day: pd.Timestamp = field(default_factory=lambda: pd.NaT)
    counted_to: pd.Timestamp = field(default_factory=lambda: pd.NaT)
    needed: Interval = NO_NUMBER
    baseline: Interval = NO_NUMBER
    achieved: Interval = NO_NUMBER
    months: float = NAN
    months_left: float = NAN
    rate_so_far: Interval = NO_NUMBER
    rate_needed: float = NAN
    probability: float = NAN
    chance_alone: float = NAN
    chance_from: str = ""
    too_early: tuple[str, ...] = ()
    chance_if_unchanged: float = NAN
    chance_if_more: float = NAN
    because: Because | None = None
    because_reason: str = ""
    smallest_visible: float = NAN
    size: float = NAN
    course: pd.DataFrame = field(default_factory=lambda: empty_table(COURSE_COLUMNS), repr=False)

    @property
    def is_over(self) -> bool:
        """Whether the counts reach the deadline."""
        return self.months_left == 0

    @property
    def measurable(self) -> str:
        """Whether a change of the size asked for would be noticed: "yes", "no" or more.

        "counted" where who named the partner is counted, not estimated; "no change asked" where
        the usual number would do; "cannot tell".
        """
        if self.goal.counted == "named":
            return "counted"
        if not np.isfinite(self.size):
            return "cannot tell"
        if self.size <= 0:
            return "no change asked"
        if not np.isfinite(self.smallest_visible):
            return "cannot tell"
        return "yes" if self.size >= self.smallest_visible else "no"


def status_of(
    probability: float, *, is_begun: bool, is_over: bool, is_certain: bool, level: float
) -> str:
    """The status that a probability stands for; ``is_certain`` where counts decided it."""
    if np.isnan(probability):
        return "cannot tell" if is_begun else "not begun"
    if is_certain:
        return "met" if probability > 0.5 else "not met"
    if not is_begun:
        return "not begun"
    if is_over:
        tail = (1 - level) / 2
        return (
            "met" if probability >= 1 - tail
            else "not met" if probability <= tail
            else "cannot tell"
        )  # fmt: skip
    if probability >= LIKELY:
        return "on track"
    return "off track" if probability <= 1 - LIKELY else "in the balance"


def frame_of(series: GoalSeries, asked: Asked) -> dict[str, Any]:
    """What is alike for counted and estimated goals: days, months and what is asked for."""
    past = series.past
    return {
        "first_day": pd.Timestamp(series.periods[int(np.flatnonzero(asked.judged)[0])]),
        "last_day": series.last_day(asked.judged),
        "counted_to": series.last_day(past) if past.any() else pd.NaT,
        "needed": asked.needed,
        "baseline": asked.baseline,
        "months": series.months(asked.judged),
        "months_left": series.months(asked.window & ~past),
    }


def course_table(rows: list[tuple[pd.Timestamp, Interval, float, bool]]) -> pd.DataFrame:
    """Rows of days, intervals, numbers asked for and whether they are past, as a table."""
    listed = [(day, i.low, i.estimate, i.high, needed, past) for day, i, needed, past in rows]
    return pd.DataFrame(listed, columns=list(COURSE_COLUMNS)).astype(COURSE_COLUMNS)
