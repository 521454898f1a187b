"""Synthetic control and synthetic difference-in-differences: weights on comparison clinics.

Sources: Abadie, Diamond and Hainmueller (2010), Synthetic control methods for comparative case
studies; Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), Synthetic difference-in-
differences, American Economic Review 111(12), with the regularisation of the authors' package;
Clarke, Pailanir, Athey and Imbens (2023) for starts at different times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import nnls

from partner_analysis.attribution.cells import Floats
from partner_analysis.attribution.designs.blocks import Block

NEARLY_NONE: Final = 1e-6
SOLID_RIDGE: Final = 1e-8
MOST_PIVOTS: Final = 40


@dataclass(frozen=True)
class Contrast:
    """Treated less comparison, after less before, with the weights behind it.

    ``estimate`` is per clinic and period (mean over personas); ``donors`` (J) weighs the
    comparison clinics and ``periods`` (T0) the periods before the start, both summing to 1 (a
    synthetic control takes nothing off, so its ``periods`` are 0). ``misfit`` is how far the
    weighted clinics stayed from the treated ones before the start: root mean square.
    """

    estimate: float
    donors: Floats
    periods: Floats
    misfit: float


def difference_in_differences(block: Block) -> Contrast:
    """Equal weights for all comparison clinics and all periods before the start."""
    count, periods = len(block.donors), int(block.before.sum())
    return _contrast(block, np.full(count, 1 / count), np.full(periods, 1 / periods))


def synthetic_control(block: Block) -> Contrast:
    """Weights on the comparison clinics that come closest to all outcomes before the start."""
    past = block.treated.mean(axis=0)[block.before]
    donors = block.donors[:, block.before].T
    ridge = (NEARLY_NONE * _noise(block)) ** 2 * len(past)
    weights = simplex_weights(donors, past, ridge=ridge)
    return _contrast(block, weights, np.zeros(len(past)))


def synthetic_did(block: Block) -> Contrast:
    """Weights on comparison clinics and on periods before, each fitted up to a constant."""
    before, noise = block.before, _noise(block)
    treated = block.treated.mean(axis=0)[before]
    past, later = block.donors[:, before], block.donors[:, ~before].mean(axis=1)
    size = (len(block.treated) * (~before).sum()) ** 0.25 * noise
    donors = simplex_weights(_centred(past.T), _centred(treated), ridge=size**2 * len(treated))
    tiny = (NEARLY_NONE * noise) ** 2 * len(later)
    periods = simplex_weights(_centred(past), _centred(later), ridge=tiny)
    return _contrast(block, donors, periods)


def simplex_weights(columns: Floats, target: Floats, *, ridge: float) -> Floats:
    """Weights from 0 that sum to 1 and bring the weighted columns closest to the target.

    Minimises ``|columns @ w - target|**2 + ridge * |w|**2``. As the weights sum to 1, this is the
    size of ``(columns - target) @ w``, which scales with w: non-negative least squares with one
    more row that asks for the sum 1 gives the exact answer up to a factor, whatever that row's
    weight.

    Parameters
    ----------
    columns, target
        (m, n) and (m).
    ridge
        From 0.
    """
    count = columns.shape[1]
    gaps = np.vstack([columns - target[:, None], np.sqrt(ridge) * np.eye(count)])
    scale = float(np.sqrt((gaps**2).sum(axis=0).mean()))
    if count == 1 or scale == 0:
        return np.full(count, 1 / count)
    system = np.vstack([gaps / scale, np.ones(count)])
    weights = _by_pivots(system[[*range(len(target)), -1]], ridge / scale**2)
    if weights is None:
        weights, _ = nnls(system, np.append(np.zeros(len(gaps)), 1.0), maxiter=30 * count)
    return weights / weights.sum()


def _by_pivots(system: Floats, ridge: float) -> Floats | None:
    """The same least squares where clinics are many and the ridge is not tiny; else None.

    Guess which weights are positive, solve for them, change all wrong guesses at once (block
    principal pivoting; Portugal, Judice and Vicente 1994). Quick, exact where it comes to rest.
    """
    rows, count = system.shape
    positive = np.ones(count, dtype=bool)
    for _ in range(MOST_PIVOTS if ridge > SOLID_RIDGE and count > rows else 0):
        chosen = system[:, positive]
        inner = np.linalg.solve(ridge * np.eye(rows) + chosen @ chosen.T, chosen.sum(axis=1))
        weights = np.zeros(count)
        weights[positive] = (1 - inner @ chosen) / ridge
        slope = (system @ weights) @ system + ridge * weights - 1
        wrong = np.where(positive, weights < 0, slope < -SOLID_RIDGE)
        if not wrong.any():
            return weights
        positive ^= wrong
    return None


def _contrast(block: Block, donors: Floats, periods: Floats) -> Contrast:
    """The contrast that these weights make."""
    gap = block.treated.mean(axis=0) - donors @ block.donors
    past, later = gap[block.before], gap[~block.before]
    level = past.mean() if periods.any() else 0.0
    misfit = float(np.sqrt(((past - level) ** 2).mean()))
    return Contrast(float(later.mean() - periods @ past), donors, periods, misfit)


def _noise(block: Block) -> float:
    """Standard deviation of the comparison clinics' period-to-period changes before the start."""
    changes = np.diff(block.donors[:, block.before], axis=1)
    return float(np.std(changes, ddof=1)) if changes.size > 1 else 0.0


def _centred(values: Floats) -> Floats:
    """Values less their mean over the first axis."""
    return values - values.mean(axis=0)
