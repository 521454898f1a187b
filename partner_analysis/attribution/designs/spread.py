"""How far a contrast of clinics strays by chance, learnt from clinics without a partnership.

Noise of single cells says little about that: the weeks of one clinic move together. So every
comparison clinic in turn is taken as the treated one, and what it seems to have gained is noise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Floats, Ints
from partner_analysis.attribution.designs.blocks import Block
from partner_analysis.attribution.designs.synthetic import (
    Contrast,
    difference_in_differences,
    synthetic_did,
)

Design = Callable[[Block], Contrast]
FEWEST_OF_MANY: Final = 40
COMFORT: Final[dict[Design, int]] = {difference_in_differences: 25_000, synthetic_did: 7_500}
COMFORT_OTHERWISE: Final = 850


def shares(blocks: list[Block]) -> Floats:
    """Share of all treated cells and periods that is in each block."""
    weight = np.array([block.weight for block in blocks], dtype=float)
    return weight / weight.sum()


def placebo_spread(blocks: list[Block], contrasts: list[Contrast], design: Design) -> float:
    """Standard error of the mean contrast over blocks, weighted by treated cells and periods.

    A placebo's estimate less the noise of its own comparison is what a clinic moves by itself.
    That enters once for each treated clinic and once for each weighted comparison clinic, jointly
    for blocks that share clinics. With equal weights this is the exact two-sample standard error;
    for one treated clinic it is the placebo variance of Arkhangelsky and others (2021, Algorithm
    4) but for the weights' concentration. Where the treated clinics were followed less well before
    the start than placebo clinics (a large one among small ones, say), it grows by as much.

    Parameters
    ----------
    blocks
        With at least two comparison clinics each.
    contrasts
        What the design says of each block.
    design
        Which is asked about the placebos.
    """
    keys = np.unique(np.concatenate([block.donor_keys for block in blocks]))
    moved, weights, asked = np.zeros((3, len(blocks), len(keys)))
    for number, (block, contrast) in enumerate(zip(blocks, contrasts, strict=True)):
        place = np.searchsorted(keys, block.donor_keys)
        chosen = placebo_donors(block, design)
        weights[number, place] = contrast.donors
        moved[number, place[chosen]] = _moves(block, contrast, design, chosen)
        asked[number, place[chosen]] = 1.0
    same = np.array([[_share_clinics(one, other) for other in blocks] for one in blocks])
    both = np.maximum(asked @ asked.T, 1.0)
    covariance = moved @ moved.T / both * (same + weights @ weights.T)
    variance = float(shares(blocks) @ covariance @ shares(blocks))
    return float(np.sqrt(max(variance, 0.0)))


def poisson_spread(blocks: list[Block], contrasts: list[Contrast]) -> float:
    """Standard error of the mean contrast if counts scattered no more than Poisson counts do."""
    variance = 0.0
    for share, block, contrast in zip(shares(blocks), blocks, contrasts, strict=True):
        mean = block.treated.mean(axis=0) / len(block.treated) + contrast.donors**2 @ block.donors
        before, after = mean[block.before], mean[~block.before]
        noise = contrast.periods**2 @ before + after.mean() / len(after)
        variance += share**2 * float(noise) / block.personas
    return float(np.sqrt(variance))


def placebo_donors(block: Block, design: Design) -> Ints:
    """The comparison clinics that are asked as placebos: all, or evenly some of very many.

    How many can be asked in comfort falls with the square of their number.
    """
    count = len(block.donors)
    most = (COMFORT.get(design, COMFORT_OTHERWISE) / count) ** 2
    number = min(count, max(FEWEST_OF_MANY, int(most)))
    return np.linspace(0, count - 1, number).round().astype(np.int64)


def _moves(block: Block, contrast: Contrast, design: Design, chosen: Ints) -> Floats:
    """What the chosen clinics moved by themselves, widened where the treated fit worse."""
    placebos = [design(block.placebo(donor)) for donor in chosen.tolist()]
    own = np.sqrt([1.0 + float(placebo.donors @ placebo.donors) for placebo in placebos])
    misfit = np.array([placebo.misfit for placebo in placebos]) / own
    typical = float(np.sqrt((misfit**2).mean()))
    treated = contrast.misfit / np.sqrt(1 / len(block.treated) + contrast.donors @ contrast.donors)
    wider = max(treated / typical, 1.0) if typical > 0 else 1.0
    return wider * np.array([placebo.estimate for placebo in placebos]) / own


def _share_clinics(one: Block, other: Block) -> float:
    """Share of the pairs of treated clinics, one of each block, that are the same clinic."""
    same = np.intersect1d(one.clinics, other.clinics)
    return len(same) / (len(one.clinics) * len(other.clinics))
