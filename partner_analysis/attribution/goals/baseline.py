"""How many new patients a goal asks for, once its baseline is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from partner_analysis.attribution.cells import Bools
from partner_analysis.attribution.goals.forecast import can_learn, forecast
from partner_analysis.attribution.goals.goal import Goal
from partner_analysis.attribution.goals.series import GoalSeries
from partner_analysis.tables import NO_NUMBER, Interval

A_YEAR_OF_WEEKS: Final = 364
MOSTLY_KNOWN: Final = 0.9


@dataclass(frozen=True)
class Asked:
    """How many new patients a goal asks for.

    ``judged`` marks the periods that decide (T): the window, or the end of it for a rate.
    ``needed`` is the number asked for there; its interval is that of the usual level behind a
    baseline, since a baseline is an estimate of what is usual. ``baseline`` is the number of new
    patients that the percentage is taken of, for a period as long; ``reason`` why there is none.
    """

    window: Bools
    judged: Bools
    needed: Interval
    baseline: Interval
    reason: str = ""


def ask(series: GoalSeries, goal: Goal, level: float) -> Asked:
    """How many new patients a goal asks for, and in which periods."""
    window = series.within(goal.start, goal.after)
    judged = series.at_the_deadline(window) if goal.measure == "rate" else window
    if not window.any():
        return Asked(window, judged, NO_NUMBER, NO_NUMBER, "No whole period lies in its window.")
    if goal.unit == "count":
        amount = goal.target * (1.0 if goal.measure == "total" else series.months(judged))
        return Asked(window, judged, Interval(amount, amount, amount), NO_NUMBER)
    baseline = _baseline(series, goal, judged, level)
    if isinstance(baseline, str):
        return Asked(window, judged, NO_NUMBER, NO_NUMBER, baseline)
    return Asked(window, judged, baseline.scaled(1 + goal.target / 100), baseline)


def _baseline(series: GoalSeries, goal: Goal, judged: Bools, level: float) -> Interval | str:
    """What the percentage is taken of; in words, why there is none."""
    if goal.baseline == "seasonal expectation":
        return _expectation(series, goal, judged, level)
    if goal.baseline == "prior months":
        first, after = goal.start - pd.DateOffset(months=goal.months), goal.start
    else:
        first, after = _a_year_before(series, judged)
    before = series.within(first, after)
    words = f"the {goal.baseline.replace('prior months', f'{goal.months} months before')}"
    asked = (after - first).days
    if series.length[before & series.known].sum() < MOSTLY_KNOWN * asked:
        return (
            f"The counts do not cover {words}, so there is no baseline. Exports that reach further "
            "back would help, or a goal in new patients."
        )
    came = float(series.observed[before & series.known].sum())
    if came == 0:
        return f"Nobody came in {words}, and a percentage of nobody is nobody. Ask for a number."
    scale = series.months(judged) / series.months(before & series.known)
    tail = np.array([(1 - level) / 2, (1 + level) / 2])
    low, high = gammaincinv(came + 0.5, tail)
    return Interval(came, float(low), float(high)).scaled(scale)


def _a_year_before(series: GoalSeries, judged: Bools) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The same periods one year earlier: 52 weeks, or the same months."""
    first = pd.Timestamp(series.periods[int(np.flatnonzero(judged)[0])])
    after = series.last_day(judged) + pd.Timedelta(days=1)
    weeks = float(np.median(series.length)) < 28
    back = pd.Timedelta(days=A_YEAR_OF_WEEKS) if weeks else pd.DateOffset(years=1)
    return first - back, after - back


def _expectation(series: GoalSeries, goal: Goal, judged: Bools, level: float) -> Interval | str:
    """What its own past lets expect of the judged periods, with their season."""
    learnt = untouched_before(series, goal)
    if not can_learn(series, learnt):
        return "There are too few counts before it to say what to expect. Ask for a number."
    return forecast(series, learnt, judged, steps=others_of(series, goal)).usual(level)


def untouched_before(series: GoalSeries, goal: Goal) -> Bools:
    """Known periods before the goal in which its partnership did not run."""
    start = series.within(pd.Timestamp(series.periods[0]), goal.start)
    own = series.steps.get(goal.judges, np.zeros(len(series.length)))
    untouched: Bools = start & series.known & (own == 0)
    return untouched


def others_of(series: GoalSeries, goal: Goal) -> tuple[str, ...]:
    """Partnerships that reach the series, but for the goal's own."""
    return tuple(key for key in series.steps if key != goal.judges)
