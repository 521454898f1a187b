"""The same goal posed at earlier dates: stated probabilities beside what then happened."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.effect import empty_table
from partner_analysis.attribution.goals.baseline import ask
from partner_analysis.attribution.goals.counted import chance_to_meet
from partner_analysis.attribution.goals.goal import Goal, state_goals
from partner_analysis.attribution.goals.past import Past
from partner_analysis.attribution.goals.series import GoalSeries
from partner_analysis.attribution.reviews.known import first_day_after, practice_of

POSE_COLUMNS: Final = {
    "asked": "str",
    "asked_on": "datetime64[ns]",
    "deadline": "datetime64[ns]",
    "needed": "float64",
    "came": "float64",
    "probability": "float64",
    "is_met": "bool",
}
HALF_A_YEAR: Final = 6
MOST_POSES: Final = 36
NAN: Final = float("nan")


@dataclass(frozen=True)
class BackTest:
    """A goal posed at the first of earlier months, each time at the start and half way.

    Attributes
    ----------
    goal
        The goal.
    poses
        One row per time it was asked: ``asked`` ("at the start", "half way"), ``asked_on``,
        ``deadline``, ``needed``, ``came``, the ``probability`` stated then, from what was known
        then, and ``is_met``. Windows overlap, so that their answers are not independent.
    reason
        Why it could not be posed, as a sentence; empty where it could.
    """

    goal: Goal
    poses: pd.DataFrame = field(default_factory=lambda: empty_table(POSE_COLUMNS), repr=False)
    reason: str = ""

    @property
    def brier(self) -> float:
        """Mean squared distance of the stated probabilities from what happened; NaN for none."""
        if self.poses.empty:
            return NAN
        return float(((self.poses["probability"] - self.poses["is_met"]) ** 2).mean())

    @property
    def brier_of_base_rate(self) -> float:
        """The same for someone who always states how often the goal was met in the end."""
        if self.poses.empty:
            return NAN
        rate = float(self.poses["is_met"].mean())
        return rate * (1 - rate)


def back_test_goals(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    goals: pd.DataFrame,
    *,
    events: pd.DataFrame | None = None,
    holidays: str = "US",
) -> dict[str, BackTest]:
    """Every goal posed at earlier dates of the practice's own history, by its id.

    Arguments are those of ``follow_goals``. Windows end before the goal's own begins, and half a
    year of counts comes before each. Only goals that count all patients can be posed: nobody
    could name a partner before it began, and extra patients are never counted.

    Source: Brier (1950), Verification of forecasts expressed in terms of probability.
    """
    practice = practice_of(counts, partnerships, None, events, holidays, "auto", 0.95)
    stated = state_goals(goals, practice.partnerships)
    past = Past(practice)
    posed = {key: _earlier_goals(past, goal) for key, goal in stated.items()}
    found: dict[str, list[tuple[object, ...]]] = {key: [] for key in stated}
    for then in sorted((each for some in posed.values() for each in some), key=_by_deadline):
        found[then.goal_id] += _pose(past, then)
    return {key: _back_test(past, goal, found[key]) for key, goal in stated.items()}


def _by_deadline(goal: Goal) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Goals with the same deadline stand together, so that what was known then is arranged once."""
    return goal.after, goal.start


def _earlier_goals(past: Past, goal: Goal) -> list[Goal]:
    """The goal with earlier windows, month by month back from its own."""
    if goal.counted != "all" or not past.counts_any(goal):
        return []
    periods = past.practice.periods
    first = periods[0] + pd.DateOffset(months=HALF_A_YEAR)
    last = min(goal.start, first_day_after(periods))
    starts = [last - pd.DateOffset(months=goal.months + k) for k in range(MOST_POSES)]
    return [replace(goal, start=start) for start in starts if start >= first]


def _back_test(past: Past, goal: Goal, rows: list[tuple[object, ...]]) -> BackTest:
    """What was stated and what happened, or why the goal could not be posed."""
    if goal.counted != "all":
        return BackTest(goal, reason=WHY_NOT[goal.counted])
    if not past.counts_any(goal):
        return BackTest(goal, reason="The counts hold none of the patients that it is about.")
    if not rows:
        return BackTest(goal, reason="The counts before it are too few to pose it earlier.")
    poses = pd.DataFrame(rows, columns=list(POSE_COLUMNS)).astype(POSE_COLUMNS)
    return BackTest(goal, poses.sort_values(["asked_on", "asked"], ignore_index=True))


WHY_NOT: Final = {
    "named": "Nobody could name the partner before it began, so there is nothing to pose it on.",
    "extra": "Extra patients are estimated, never counted, so no earlier answer can be checked.",
}
ASKED: Final = ("at the start", "half way")


def _pose(past: Past, goal: Goal) -> list[tuple[object, ...]]:
    """Rows of a back-test: a goal asked at the start of its window and half way."""
    series = past.series(goal)
    if series is None:
        return []
    return [row for asked in ASKED if (row := _ask(series, goal, asked)) is not None]


def _ask(series: GoalSeries, goal: Goal, asked: str) -> tuple[object, ...] | None:
    """One row of a back-test; None where the goal could not be posed, or what came is unknown."""
    day = goal.start
    if asked == "half way":
        day = goal.start + (goal.after - goal.start) / 2
    now = series.seen_until(day)
    wanted = ask(series, goal, 0.95)
    judged = wanted.judged
    if wanted.reason or not series.known[judged].all():
        return None
    needed = wanted.needed.estimate
    so_far = float(series.observed[judged & now.known].sum())
    probability = chance_to_meet(now, goal, judged & ~now.known, needed - so_far)
    if np.isnan(probability):
        return None
    came = float(series.observed[judged].sum())
    met = came >= needed - 1e-9
    return asked, day.normalize(), series.last_day(judged), needed, came, probability, met
