"""Each design's answer about one partnership: mean change, interval, and what to know about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import stdtrit

from partner_analysis.attribution.designs.blocks import Block, Outcomes, arrange_blocks
from partner_analysis.attribution.designs.interrupted import ENOUGH_BEFORE, interrupted_series
from partner_analysis.attribution.designs.notes import (
    fewest_placebos,
    misfit_words,
    missed_words,
    own_past_words,
    placebo_words,
    some,
    why_no_number,
)
from partner_analysis.attribution.designs.spread import (
    Design,
    placebo_spread,
    poisson_spread,
    shares,
)
from partner_analysis.attribution.designs.synthetic import (
    Contrast,
    difference_in_differences,
    synthetic_control,
)
from partner_analysis.attribution.designs.twoway import jackknife_spread, level_differences
from partner_analysis.tables import NO_NUMBER, Interval

NO_INTERVAL: Final = (
    "No interval: how far clinics move by themselves cannot be seen, since fewer than two "
    "comparison clinics are known in all periods needed."
)


@dataclass(frozen=True)
class Answer:
    """Mean change per treated cell and period, how many these are, and what to know about it."""

    mean: Interval
    cells: int
    note: str


def by_differences(outcomes: Outcomes) -> Answer:
    """Difference-in-differences on levels."""
    differences = level_differences(outcomes)
    cells = int(np.isfinite(differences).sum())
    blocks = arrange_blocks(outcomes, fewest_before=1)
    served = _served(blocks)
    if cells == 0:
        return no_answer(why_no_number(outcomes, blocks, 1))
    if served:
        contrasts = [difference_in_differences(block) for block in served]
        spread = _spread(outcomes, served, contrasts, difference_in_differences)
        groups = fewest_placebos(served, difference_in_differences)
        basis = placebo_words(served, difference_in_differences)
    else:
        spread, groups = jackknife_spread(outcomes)
        basis = (
            "Interval from leaving out clinics in turn, as all are treated sooner or later or have "
            f"gaps (t with {some(groups - 1, 'degree')} of freedom)."
        )
    mean = float(np.nanmean(differences))
    if groups < 2:
        return Answer(_without_interval(mean), cells, _noted(outcomes, cells, NO_INTERVAL))
    return Answer(_interval(mean, spread, groups - 1), cells, _noted(outcomes, cells, basis))


def by_weights(outcomes: Outcomes, *, design: Design) -> Answer:
    """Synthetic control or synthetic difference-in-differences, over all starts."""
    blocks = arrange_blocks(outcomes, fewest_before=2)
    served = _served(blocks)
    if not served:
        return _by_one_clinic(outcomes, blocks, design)
    contrasts = [design(block) for block in served]
    mean = float(shares(served) @ [contrast.estimate for contrast in contrasts])
    spread = _spread(outcomes, served, contrasts, design)
    cells = sum(block.weight for block in served)
    basis = placebo_words(served, design)
    if design is synthetic_control:
        basis += f" {misfit_words([contrast.misfit for contrast in contrasts])}"
    return Answer(
        _interval(mean, spread, fewest_placebos(served, design) - 1),
        cells,
        _noted(outcomes, cells, basis),
    )


def _by_one_clinic(outcomes: Outcomes, blocks: list[Block], design: Design) -> Answer:
    """The design with a single comparison clinic: a mean change, and no interval."""
    blocks = [block for block in blocks if len(block.donors)]
    if not blocks:
        return no_answer(why_no_number(outcomes, blocks, 2))
    mean = float(shares(blocks) @ [design(block).estimate for block in blocks])
    cells = sum(block.weight for block in blocks)
    return Answer(_without_interval(mean), cells, _noted(outcomes, cells, NO_INTERVAL))


def by_own_past(outcomes: Outcomes) -> Answer:
    """Interrupted time series."""
    mean, cells, seasonal = interrupted_series(outcomes)
    if cells == 0:
        return no_answer(why_no_number(outcomes, None, ENOUGH_BEFORE))
    return Answer(mean, cells, _noted(outcomes, cells, own_past_words(seasonal=seasonal)))


def _served(blocks: list[Block]) -> list[Block]:
    """Blocks with comparison clinics enough to see how far clinics move by themselves."""
    return [block for block in blocks if len(block.donors) >= 2]


def _spread(
    outcomes: Outcomes, blocks: list[Block], contrasts: list[Contrast], design: Design
) -> float:
    """Standard error from placebos; of counts never less than Poisson counts have."""
    floor = poisson_spread(blocks, contrasts) if outcomes.is_count else 0.0
    return max(placebo_spread(blocks, contrasts, design), floor)


def _without_interval(mean: float) -> Interval:
    return Interval(mean, np.nan, np.nan)


def _interval(mean: float, spread: float, freedom: int) -> Interval:
    reach = float(stdtrit(freedom, 0.975)) * spread
    return Interval(mean, mean - reach, mean + reach)


def _noted(outcomes: Outcomes, cells: int, basis: str) -> str:
    return f"{basis} {missed_words(outcomes, cells)}".strip()


def no_answer(note: str) -> Answer:
    """That there is no number, and why."""
    return Answer(NO_NUMBER, 0, note)
