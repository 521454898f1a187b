"""Goals whose patients are counted: all of them, or those who named the partner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.stats import poisson

from partner_analysis.attribution.cells import SHARE_TO_BE_ACTIVE, Bools
from partner_analysis.attribution.goals.baseline import Asked, others_of, untouched_before
from partner_analysis.attribution.goals.because import (
    Because,
    Estimates,
    because_of,
    because_of_named,
)
from partner_analysis.attribution.goals.forecast import Forecast, can_learn, forecast, visible
from partner_analysis.attribution.goals.goal import Goal
from partner_analysis.attribution.goals.progress import (
    NAN,
    GoalProgress,
    course_table,
    frame_of,
    status_of,
)
from partner_analysis.attribution.goals.series import GoalSeries
from partner_analysis.attribution.goals.too_early import begun_too_late, with_change
from partner_analysis.attribution.outlook import WORTH_SEEING
from partner_analysis.attribution.posterior import Posterior
from partner_analysis.tables import NO_NUMBER, Interval

USUAL_UNSURE: Final = (
    "What is usual is itself an estimate, and what came lies inside the interval of the number "
    "asked for; a goal in new patients would have a clear answer."
)


def follow_counts(
    series: GoalSeries, goal: Goal, asked: Asked, estimates: Estimates | str, level: float
) -> GoalProgress:
    """How far a goal is whose patients are counted.

    ``estimates`` is where its partnership's effect is read from, or why it cannot be.
    """
    seen, open_ = series.known & asked.judged, asked.judged & ~series.known
    came, needed = float(series.observed[seen].sum()), asked.needed.estimate
    probability = chance_to_meet(series, goal, open_, needed - came)
    began = bool((series.past & asked.window).any())
    met, over = came >= needed - 1e-9, not (asked.window & ~series.past).any()
    certain = met or not open_.any()
    unsure = over and not open_.any() and is_open_which_side(came, asked.needed)
    met = met and not unsure
    posterior = None if isinstance(estimates, str) else estimates.over(series, seen)
    alone = _alone(series, goal, asked, came, posterior if over and not open_.any() else None)
    months_open = series.months(open_)
    return GoalProgress(
        goal=goal,
        status="cannot tell"
        if unsure
        else status_of(probability, is_begun=began, is_over=over, is_certain=certain, level=level),
        level=level,
        reason=USUAL_UNSURE if unsure else _why_not(probability, began, over, certain),
        achieved=exactly(came),
        rate_so_far=_rate(series, asked.window & series.known),
        rate_needed=max(needed - came, 0.0) / months_open if open_.any() else NAN,
        probability=NAN if unsure else probability,
        chance_alone=alone.chance,
        chance_from=alone.source,
        because=_because(posterior, goal, met, needed, alone.chance, level),
        because_reason=estimates if isinstance(estimates, str) else "",
        size=alone.size,
        smallest_visible=_visible(series, goal, asked, alone, posterior, level),
        course=_course(series, goal, asked, level),
        **_told_apart(series, goal, open_, needed - came),
        **frame_of(series, asked),
    )


def is_open_which_side(came: float, needed: Interval) -> bool:
    """Whether what came lies inside the interval of a number that is itself an estimate.

    Examples
    --------
    >>> is_open_which_side(114, Interval(119, 98, 143)), is_open_which_side(114, exactly(119))
    (True, False)
    """
    return bool(needed.low < needed.high and needed.low <= came <= needed.high)


def exactly(amount: float) -> Interval:
    """A number that is counted, as an interval without width."""
    return Interval(amount, amount, amount)


def chance_to_meet(series: GoalSeries, goal: Goal, open_: Bools, lacking: float) -> float:
    """Probability that at least so many come in periods not yet counted."""
    if lacking <= 1e-9:
        return 1.0
    if not open_.any():
        return 0.0
    found = ahead(series, goal, open_)
    return NAN if found is None else found.chance_of(lacking)


def _told_apart(series: GoalSeries, goal: Goal, open_: Bools, lacking: float) -> dict[str, Any]:
    """What the chance rests on where a partnership has run for too short a time to tell.

    Its ids, and the chance if they change nothing and if they bring a quarter more.
    """
    new = () if goal.counted == "named" or lacking <= 0 else begun_too_late(series, open_)
    if not new:
        return {}
    same, more = (with_change(series, new, change) for change in (0.0, WORTH_SEEING))
    return {
        "too_early": new,
        "chance_if_unchanged": chance_to_meet(same, goal, open_, lacking),
        "chance_if_more": chance_to_meet(more, goal, open_, lacking),
    }


def ahead(series: GoalSeries, goal: Goal, target: Bools) -> Forecast | None:
    """How many will come, as things stand; None where too little is known.

    Who will name the partner is learnt while it runs only: before, nobody could.
    """
    learnt, steps = series.known, tuple(series.steps)
    if goal.counted == "named":
        ran = series.steps.get(goal.partnership_id, np.zeros(len(learnt)))
        learnt, steps = learnt & (ran > SHARE_TO_BE_ACTIVE), ()
    return forecast(series, learnt, target, steps=steps) if can_learn(series, learnt) else None


@dataclass(frozen=True)
class _Alone:
    """What would have come without the partnership: chance to meet the goal, and how many."""

    chance: float
    source: str
    size: float
    before: Forecast | None


def _alone(
    series: GoalSeries, goal: Goal, asked: Asked, came: float, posterior: Posterior | None
) -> _Alone:
    """From the expectation of the effect where the window is over, else from its own past."""
    learnt, needed = untouched_before(series, goal), asked.needed.estimate
    before = None
    if can_learn(series, learnt):
        before = forecast(series, learnt, asked.judged, steps=others_of(series, goal))
    months = series.months(asked.judged)
    if posterior is not None and goal.counted == "all":
        beside = came - posterior.observed
        least = max(np.ceil(needed - beside - 1e-9), 0.0)
        chance = float(poisson.sf(least - 1, posterior.without).mean())
        size = (needed - beside - posterior.expected) / months
        return _Alone(chance, "what would have come without it", size, before)
    if before is None:
        return _Alone(NAN, "", NAN, None)
    return _Alone(
        before.chance_of(needed), "its own past", (needed - before.expected) / months, before
    )


def _visible(
    series: GoalSeries,
    goal: Goal,
    asked: Asked,
    alone: _Alone,
    posterior: Posterior | None,
    level: float,
) -> float:
    """The smallest change that would be noticed, in new patients a month."""
    whole = posterior is not None and bool(series.known[asked.judged].all())
    if goal.counted == "named" or (alone.before is None and not whole):
        return NAN
    if posterior is not None and whole:
        amount = visible(posterior.expected, posterior.without, level)
    else:
        assert alone.before is not None
        amount = visible(alone.before.expected, alone.before.means, level)
    return amount / series.months(asked.judged)


def _because(
    posterior: Posterior | None, goal: Goal, met: bool, needed: float, alone: float, level: float
) -> Because | None:
    if posterior is None:
        return None
    if goal.counted == "named":
        return because_of_named(posterior, met=met, needed=needed, level=level)
    return because_of(posterior, met=met, chance_alone=alone, level=level)


def _why_not(probability: float, began: bool, over: bool, certain: bool) -> str:
    if np.isnan(probability):
        late = "" if began else ", and the window has not begun"
        return f"There are too few counts to say what to expect{late}."
    if over and not certain:
        return "Counts of some of its periods are missing, so how many came is not known."
    return ""


def _rate(series: GoalSeries, which: Bools) -> Interval:
    months = series.months(which)
    return exactly(float(series.observed[which].sum()) / months) if months else NO_NUMBER


def _course(series: GoalSeries, goal: Goal, asked: Asked, level: float) -> pd.DataFrame:
    """Stretch by stretch: how many came, and how many will."""
    rows = [
        (
            series.last_day(shown),
            _so_far(series, goal, shown, level),
            asked.needed.estimate,
            not (shown & ~series.known).any(),
        )
        for shown in series.stretches_shown(asked.window, is_rate=goal.measure == "rate")
    ]
    return course_table(rows)


def _so_far(series: GoalSeries, goal: Goal, shown: Bools, level: float) -> Interval:
    """How many came in some periods, the uncounted ones as foreseen."""
    came = float(series.observed[shown & series.known].sum())
    if series.known[shown].all():
        return exactly(came)
    found = ahead(series, goal, shown & ~series.known)
    if found is None:
        return NO_NUMBER
    rest = found.interval(level)
    return Interval(came + rest.estimate, came + rest.low, came + rest.high)
