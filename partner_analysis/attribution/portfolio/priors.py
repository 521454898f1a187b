"""What effects are drawn towards: one another, or what partners of a kind brought elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Floats
from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.ranking.spread import Prior
from partner_analysis.attribution.together.kinds import broad_kind
from partner_analysis.attribution.together.pool import ALL_KINDS, KindPrior
from partner_analysis.tables import DAYS_PER_MONTH

UNKNOWN_SD: Final = 0.35
LEAST_EXPECTED: Final = 0.05
LEAST_SHARE: Final = 0.25


def prior_of(
    heads: list[Effect], priors: Mapping[str, KindPrior]
) -> tuple[Prior | None, Floats | None]:
    """What other practices found, and the units in which effects are alike.

    Large clinics have large effects: what is alike is the share that a partner adds. So effects
    are counted in what was expected a month, at least in a quarter of what is usual, since a
    partner that brings patients where nobody came adds no share. A prior is of log ratios, and
    its unit also the spread of that ratio; of a kind that nobody has shared anything up to about
    a doubling is likely.
    """
    months = np.array([effect.active_days / DAYS_PER_MONTH for effect in heads])
    expected = np.array([effect.expected for effect in heads]) / months
    expected = np.maximum(expected, LEAST_SHARE * np.median(expected))
    if not priors:
        return None, np.maximum(expected, LEAST_EXPECTED)
    known = [priors.get(broad_kind(e.kind)) or priors.get(ALL_KINDS) for e in heads]
    centre = np.array([each.mean if each else 0.0 for each in known])
    spread = np.array([each.sd if each else UNKNOWN_SD for each in known])
    ratio = np.exp(centre + spread**2 / 2)
    sd = ratio * np.sqrt(np.expm1(spread**2))
    return Prior((ratio - 1) / sd, 1.0), np.maximum(expected, LEAST_EXPECTED) * sd


def prior_name(priors: Mapping[str, KindPrior]) -> str:
    """Give in words what effects are drawn towards."""
    return "what partners of its kind brought in other practices" if priors else "one another"
