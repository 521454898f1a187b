"""Those who named a partner beside others like them: which strata, and how many must be left."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.standardise import Standardised, standardise

FEWEST: Final = 10
ENOUGH: Final = 0.8  # share of the partner's patients who have others in their stratum
STRATA: Final = ("clinic", "persona", "age_band", "payer")
Strata = dict[tuple[str, ...], np.ndarray]


def strata_of(people: pd.DataFrame) -> Strata:
    """Number of each person's stratum, by what it is made of; the finest first."""
    return {
        STRATA[:size]: people.groupby(list(STRATA[:size]), sort=False, dropna=False)
        .ngroup()
        .to_numpy("int64")
        for size in range(len(STRATA), 1, -1)
    }


def compare_alike(
    values: np.ndarray, is_own: np.ndarray, strata: Strata, *, summary: str, level: float
) -> tuple[Standardised, tuple[str, ...]]:
    """The comparison over as many of the strata as leave most of the partner's patients in."""
    given: Any = {"summary": summary, "level": level, "fewest": FEWEST}
    for over, numbers in strata.items():
        found = standardise(values, is_own, numbers, **given)
        compared = found, over
        if found.n_own >= ENOUGH * (found.n_own + found.n_left):
            break
    return compared
