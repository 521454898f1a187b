"""Partnerships of which nobody can tell yet what they bring to the goal's patients.

A forecast has to say something of them, and says what is believed of partnerships in general (see
``forecast.STEP_SD``). The chance that follows is only as good as that belief, so the chances
beside it, if they change nothing and if they bring a stated share more, are given as well.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Bools
from partner_analysis.attribution.effect import TOO_EARLY_DAYS
from partner_analysis.attribution.goals.series import GoalSeries

LEAST_SHARE: Final = 0.2  # below, half again as many there is less than a tenth of the whole


def begun_too_late(series: GoalSeries, target: Bools) -> tuple[str, ...]:
    """Ids of partnerships that run in some periods and were seen for less than three months."""
    seen = series.known & (series.exposure > 0)
    found = []
    for identifier, share in series.steps.items():
        runs = share > LEAST_SHARE
        if (runs & target).any() and series.length[runs & seen].sum() < TOO_EARLY_DAYS:
            found.append(identifier)
    return tuple(sorted(found))


def with_change(series: GoalSeries, partnerships: Collection[str], change: float) -> GoalSeries:
    """The series if some partnerships bring so much more (0.25 = a quarter) where they run."""
    ratio = np.ones(len(series.length))
    for identifier in partnerships:
        ratio *= 1 + change * series.steps[identifier]
    left = {key: share for key, share in series.steps.items() if key not in partnerships}
    return replace(series, exposure=series.exposure * ratio, steps=left)
