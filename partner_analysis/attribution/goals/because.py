"""Whether a partnership is why a goal was met, and whether that could ever have been seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.cells import Bools, Floats
from partner_analysis.attribution.draws import interval_of
from partner_analysis.attribution.effect import is_too_early, months_later
from partner_analysis.attribution.goals.goal import Goal
from partner_analysis.attribution.goals.series import GoalSeries
from partner_analysis.attribution.joint import choose_window
from partner_analysis.attribution.panel import Panel, arrange_panel
from partner_analysis.attribution.posterior import Posterior, weigh
from partner_analysis.attribution.reviews.known import PracticeTables
from partner_analysis.attribution.windows import Window
from partner_analysis.tables import Interval

READINGS: Final = (
    "more than expected",
    "met without it as well",
    "not shown",
    "nothing to explain",
)
LIKELY: Final = 0.5


@dataclass(frozen=True)
class Because:
    """Whether the partnership is why: kept apart from whether the goal was met.

    Attributes
    ----------
    extra
        Extra new patients so far in the judged periods (estimated), with interval.
    probability_of_any
        Probability that there were any.
    reading
        One of ``READINGS``: "more than expected" where the interval of the extra patients lies
        above 0 and the goal would hardly have been met without them (what brought them is for
        the grade of evidence to say); "met without it as well" where it would more likely than
        not; "nothing to explain" where it was not met.
    """

    extra: Interval
    probability_of_any: float
    reading: str


@dataclass(frozen=True)
class Estimates:
    """The panel and window of a goal's partnership, from which parts of the window are judged."""

    panel: Panel
    window: Window
    wanted: Bools

    def over(self, series: GoalSeries, which: Bools) -> Posterior | None:
        """What came and would have come in the goal's cells over some periods, if any."""
        when = self.panel.cells.periods.isin(series.periods[which])
        rows = self.window.rows
        active = self.window.active & self.wanted[rows][:, None] & when
        if not active.any():
            return None
        narrowed = Window(**{**vars(self.window), "active": active})
        return weigh(self.panel, narrowed)


def estimates_for(practice: PracticeTables, goal: Goal) -> Estimates | str:
    """What the effect of a goal's partnership is read from; in words, why nothing can be.

    ``practice`` holds what was known by the deadline, and nothing later.
    """
    panel = arrange_panel(
        practice.counts, practice.partnerships, practice.events, practice.holidays
    )
    if goal.partnership_id not in panel.touches:
        return f"{goal.partner} had not begun."
    if goal.partnership_id not in panel.wide:
        panel = panel.narrow
    window = choose_window(panel, goal.partnership_id, practice.method)
    touch = panel.touches[goal.partnership_id]
    ran = (touch.active & panel.cells.usable[touch.cells]).any(axis=0)
    if not ran.any():
        return f"{goal.partner} had not run for a whole period."
    if not window.active.any():
        return "Nothing says how many would have come without it: the counts begin too late."
    if len(window.judged) > 1:
        others = ", ".join(name for name in sorted(window.judged) if name != goal.partnership_id)
        return f"The data cannot tell it from {others}."
    first = panel.cells.periods[int(ran.argmax())]
    if is_too_early(first, float(panel.cells.length[ran].sum())):
        return (
            "It is too early: extra patients can be judged once it has run for 3 months, until "
            f"{months_later(first, 3):%Y-%m-%d}."
        )
    return Estimates(panel, window, panel.cells.covered(goal.clinics, goal.personas))


def extra_of(posterior: Posterior, level: float) -> Interval:
    """Extra new patients, with interval, as the effect gives them."""
    differences = posterior.came - posterior.without
    return interval_of(differences, posterior.observed - posterior.expected, level)


def because_of(posterior: Posterior, *, met: bool, chance_alone: float, level: float) -> Because:
    """Whether the partnership is why a goal was met."""
    extra = extra_of(posterior, level)
    any_extra = float((posterior.came > posterior.without).mean())
    if not met:
        reading = "nothing to explain"
    elif chance_alone > LIKELY:
        reading = "met without it as well"
    elif extra.low > 0 and chance_alone <= 1 - level:
        reading = "more than expected"
    else:
        reading = "not shown"
    return Because(extra, any_extra, reading)


def because_of_named(posterior: Posterior, *, met: bool, needed: float, level: float) -> Because:
    """Whether a partnership brought as many as its goal of patients who name it asks for.

    Some who name it would have come anyway: more than expected only where as many extra
    patients are nearly certain.
    """
    draws = posterior.came - posterior.without
    extra, likely = extra_of(posterior, level), float((draws >= needed).mean())
    reading = "nothing to explain"
    if met:
        reading = "more than expected" if extra.low > 0 and likely >= level else "not shown"
    return Because(extra, float((draws > 0).mean()), reading)


def carried_on(
    posterior: Posterior, share: float, years: float, points: Floats, wander: float
) -> Floats:
    """Draws of extra patients in time to come, ``share`` as large as the time that was judged.

    The ratio of what came to what would have come goes on, but may build up or fade: a random walk
    with standard deviation ``wander`` of its log after one year.
    """
    drift = np.exp(wander * np.sqrt(max(years, 0.0)) * points)
    return share * (posterior.came * drift - posterior.without)


def years_between(first: pd.Timestamp, last: pd.Timestamp) -> float:
    """Years from one day to another."""
    return float((last - first).days / 365.25)
