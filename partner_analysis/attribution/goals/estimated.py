"""Goals that count the extra patients: estimated, so with an interval also after the deadline."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.special import ndtri

from partner_analysis.attribution.cells import Bools, Floats
from partner_analysis.attribution.draws import interval_of, lattice
from partner_analysis.attribution.fits import IN_TIME
from partner_analysis.attribution.goals.baseline import Asked, others_of, untouched_before
from partner_analysis.attribution.goals.because import (
    Because,
    Estimates,
    carried_on,
    extra_of,
    years_between,
)
from partner_analysis.attribution.goals.forecast import can_learn, forecast, visible
from partner_analysis.attribution.goals.goal import Goal
from partner_analysis.attribution.goals.progress import (
    NAN,
    GoalProgress,
    course_table,
    frame_of,
    status_of,
)
from partner_analysis.attribution.goals.series import GoalSeries
from partner_analysis.attribution.posterior import Posterior
from partner_analysis.tables import Interval

NOT_IN_WINDOW: Final = "None of its periods so far can be judged."


def follow_extra(
    series: GoalSeries, goal: Goal, asked: Asked, estimates: Estimates | str, level: float
) -> GoalProgress:
    """How far a goal is that counts extra patients, read off the draws of the effect."""
    frame = frame_of(series, asked)
    began = bool((series.past & asked.window).any())
    visible_a_month = _visible_before(series, goal, asked, level)
    base = {
        "goal": goal,
        "level": level,
        "size": asked.needed.estimate / series.months(asked.judged),
        "smallest_visible": visible_a_month,
        **frame,
    }
    judged = None if isinstance(estimates, str) else estimates.over(
        series, asked.window & series.past
    )  # fmt: skip
    if judged is None or isinstance(estimates, str):
        reason = estimates if isinstance(estimates, str) else NOT_IN_WINDOW
        status = "cannot tell" if began else "not begun"
        return GoalProgress(status=status, reason=reason, because_reason=reason, **base)
    return _with_draws(series, goal, asked, estimates, judged, base, level)


def _with_draws(
    series: GoalSeries,
    goal: Goal,
    asked: Asked,
    estimates: Estimates,
    judged: Posterior,
    base: dict[str, Any],
    level: float,
) -> GoalProgress:
    over = not (asked.window & ~series.past).any()
    now = estimates.over(series, asked.judged & series.past)
    draws = _at_the_deadline(series, goal, asked, judged, now)
    needed = asked.needed.estimate
    probability = float((draws >= needed).mean())
    status = status_of(probability, is_begun=True, is_over=over, is_certain=False, level=level)
    if now is not None and over:
        months = series.months(asked.judged)
        base["smallest_visible"] = visible(now.expected, now.without, level) / months
    achieved = None if now is None else extra_of(now, level)
    so_far = extra_of(judged, level).scaled(1 / series.months(asked.window & series.past))
    open_months = series.months(asked.judged & ~series.past)
    lacking = needed - (0.0 if achieved is None else achieved.estimate)
    reason = "The interval of the extra patients reaches to both sides of the number asked for."
    return GoalProgress(
        status=status,
        reason=reason if status == "cannot tell" else "",
        achieved=Interval(0.0, 0.0, 0.0) if achieved is None else achieved,
        rate_so_far=so_far,
        rate_needed=max(lacking, 0.0) / open_months if open_months else NAN,
        probability=probability,
        chance_alone=_by_chance(draws, needed),
        chance_from="how far such estimates stray",
        because=None if now is None else _because(now, status, level),
        course=_course(series, goal, asked, estimates, judged, level),
        **base,
    )


def _at_the_deadline(
    series: GoalSeries, goal: Goal, asked: Asked, judged: Posterior, now: Posterior | None
) -> Floats:
    """Draws of the extra patients in the periods that decide, once these are over."""
    ahead = asked.judged & ~series.past
    if not ahead.any() and now is not None:
        return now.came - now.without
    came = np.zeros(len(judged.came)) if now is None else now.came - now.without
    return came + _yet_to_come(series, goal, asked, judged, ahead)


def _yet_to_come(
    series: GoalSeries, goal: Goal, asked: Asked, judged: Posterior, ahead: Bools
) -> Floats:
    """Draws of the extra patients in some periods to come, at the pace so far while it ran.

    Before it began and after its end it brings nobody, and neither counts as its pace.
    """
    reached = series.exposure * series.steps.get(goal.partnership_id, 0.0)
    past = asked.window & series.past & (reached > 0)
    share = reached[ahead].sum() / max(reached[past].sum(), 1e-300)
    between = years_between(_middle(series, past), _middle(series, ahead))
    return carried_on(judged, float(share), between, _points(judged), IN_TIME)


def _points(judged: Posterior) -> Floats:
    """Normal scores beside the draws, in an order of their own."""
    return ndtri(np.roll(lattice(len(judged.came), 3)[2], 1))


def _middle(series: GoalSeries, which: Bools) -> pd.Timestamp:
    days = series.years[which].mean() * 365.25
    return pd.Timestamp(series.periods[0]) + pd.Timedelta(days=float(days))


def _by_chance(draws: Floats, needed: float) -> float:
    """How often an estimate as large would come out if the partnership brought nobody extra."""
    return float((draws - np.median(draws) >= needed).mean())


def _because(now: Posterior, status: str, level: float) -> Because:
    readings = {"met": "more than expected", "cannot tell": "not shown"}
    reading = readings.get(status, "nothing to explain")
    return Because(extra_of(now, level), float((now.came > now.without).mean()), reading)


def _visible_before(series: GoalSeries, goal: Goal, asked: Asked, level: float) -> float:
    """The smallest change that would be noticed by its own past alone, a month."""
    learnt = untouched_before(series, goal)
    if not can_learn(series, learnt):
        return NAN
    found = forecast(series, learnt, asked.judged, steps=others_of(series, goal))
    return visible(found.expected, found.means, level) / series.months(asked.judged)


def _course(
    series: GoalSeries,
    goal: Goal,
    asked: Asked,
    estimates: Estimates,
    judged: Posterior,
    level: float,
) -> pd.DataFrame:
    """Stretch by stretch: extra patients so far, and as they may go on."""
    rows = [
        (
            series.last_day(shown),
            _extra_in(series, goal, asked, estimates, judged, shown, level),
            asked.needed.estimate,
            not (shown & ~series.past).any(),
        )
        for shown in series.stretches_shown(asked.window, is_rate=goal.measure == "rate")
    ]
    return course_table(rows)


def _extra_in(
    series: GoalSeries,
    goal: Goal,
    asked: Asked,
    estimates: Estimates,
    judged: Posterior,
    shown: Bools,
    level: float,
) -> Interval:
    """Extra patients in some periods, those to come at the pace so far."""
    found = estimates.over(series, shown & series.past)
    ahead = shown & ~series.past
    if not ahead.any():
        return Interval(0.0, 0.0, 0.0) if found is None else extra_of(found, level)
    draws = _yet_to_come(series, goal, asked, judged, ahead)
    if found is not None:
        draws = draws + found.came - found.without
    return interval_of(draws, float(np.median(draws)), level)
