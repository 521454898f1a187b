"""What a window's data say of the counts that would have come without a partnership."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from scipy.special import logsumexp

from partner_analysis.attribution.cells import Floats
from partner_analysis.attribution.draws import (
    Mixture,
    draws_of_difference,
    draws_of_small_counts,
)
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.shocks import (
    Fit,
    Grid,
    UnitSeries,
    fit_unit,
    for_this_unit,
    kernel,
    learn_sizes,
)
from partner_analysis.attribution.units import Window, placebo_units, series_of_units

FEW: Final = 20.0
NEGLIGIBLE: Final = 12.0
EFFECT_PRIOR_SD: Final = 1.5


@dataclass(frozen=True)
class Posterior:
    """Expected counts of a window on every grid point that matters, and the draws made of them.

    ``sizes`` (G, 4) and ``log_weight`` (G) are the grid; ``shock`` (units, B) and
    ``shock_variance`` the mixture's mean and variance per unit and block, the joint effects of
    other partnerships included; ``came`` and ``without`` are draws of the sums over the window.
    """

    window: Window
    units: tuple[UnitSeries, ...]
    inside: tuple[np.ndarray, ...]
    placebos: tuple[UnitSeries, ...]
    sizes: Floats
    log_weight: Floats
    shock: Floats
    shock_variance: Floats
    observed: float
    expected: float
    came: Floats = field(repr=False)
    without: Floats = field(repr=False)
    small: bool = False

    @property
    def weight(self) -> Floats:
        """Grid weights that add up to 1."""
        return np.exp(self.log_weight - logsumexp(self.log_weight))


def weigh(panel: Panel, window: Window) -> Posterior:
    """The posterior of a window: alone in its cells, or beside others modelled jointly."""
    before = patients_before(panel, window)
    small = before < FEW and window.design.shape[2] == 1
    if small:
        window = _with_common_level(window, before)
    grid = Grid.for_route("series" if window.route == "series" else "panel")
    found = series_of_units(panel, window)
    units = tuple(unit for _, unit in found)
    placebos = () if window.route == "series" else tuple(placebo_units(panel, window))
    log_weight = for_this_unit(learn_sizes(placebos, grid), grid)
    keep = log_weight > log_weight.max() - NEGLIGIBLE
    sizes, log_weight = grid.sizes[keep], log_weight[keep]
    fits = [fit_unit(unit, sizes) for unit in units]
    joint = _Joint.of(fits, window.design.shape[2])
    log_weight = log_weight + sum(fit.log_likelihood for fit in fits) + joint.log_likelihood
    observed = float(panel.cells.observed[window.rows][window.active].sum())
    combined = _Combined.of(window, units, fits, joint, log_weight)
    expected = combined.expected
    if small:
        growth, variance = _growth(window), _contrast_variance(units, sizes)
        noise = replace(combined.log_expected, mean=np.zeros(len(sizes)), variance=variance)
        expected = growth * before
        came, without = draws_of_small_counts(observed, before, growth, noise)
    else:
        came, without = draws_of_difference(observed, combined.log_expected)
    return Posterior(
        window=window,
        units=units,
        inside=tuple(inside for inside, _ in found),
        placebos=placebos,
        sizes=sizes,
        log_weight=log_weight,
        shock=combined.shock,
        shock_variance=combined.shock_variance,
        observed=observed,
        expected=float(expected),
        came=came,
        without=without,
        small=small,
    )


def patients_before(panel: Panel, window: Window) -> float:
    """New patients in the judged cells while the partnership was not active there."""
    judged = np.any(window.active, axis=1, keepdims=True)
    learnt = window.known & (window.design[:, :, 0] == 0) & judged
    return float(panel.cells.observed[window.rows][learnt].sum())


@dataclass(frozen=True)
class _Joint:
    """Joint effects on the log scale, at every grid point: mean (G, q) and covariance (G, q, q)."""

    mean: Floats
    covariance: Floats
    log_likelihood: Floats

    @classmethod
    def of(cls, fits: list[Fit], effects: int) -> _Joint:
        information = np.sum([fit.information for fit in fits], axis=0)
        score = np.sum([fit.score for fit in fits], axis=0)
        precision = information + np.eye(effects) / EFFECT_PRIOR_SD**2
        covariance = np.linalg.inv(precision)
        mean = np.einsum("gqr,gr->gq", covariance, score)
        log_determinant = np.linalg.slogdet(precision)[1] + 2 * effects * np.log(EFFECT_PRIOR_SD)
        gain = 0.5 * np.einsum("gq,gq->g", score, mean) - 0.5 * log_determinant
        return cls(mean, covariance, gain)


@dataclass(frozen=True)
class _Combined:
    """All units of a window together: log expected sum per grid point, and shocks per block."""

    log_expected: Mixture
    expected: float
    shock: Floats
    shock_variance: Floats

    @classmethod
    def of(
        cls,
        window: Window,
        units: tuple[UnitSeries, ...],
        fits: list[Fit],
        joint: _Joint,
        log_weight: Floats,
    ) -> _Combined:
        weight = np.exp(log_weight - logsumexp(log_weight))
        pulls = np.array([f.pull_blocks for f in fits])
        shocks = np.array([f.mean for f in fits]) + np.einsum("ugbq,gq->ugb", pulls, joint.mean)
        target = np.array([unit.target for unit in units])
        sums = np.einsum("ub,ugb->ug", target, np.exp(np.clip(shocks, -30, 30)))
        total = np.maximum(sums.sum(axis=0), 1e-300)
        share = sums / total
        pull = np.einsum("ug,ugq->gq", share, np.array([f.pull for f in fits]))
        variance = _variance_of_sum(
            window, units, share, np.array([f.total_variance for f in fits])
        )
        variance += np.einsum("gq,gqr,gr->g", pull, joint.covariance, pull)
        spread = np.array([f.variance for f in fits])
        spread += np.einsum("ugbq,gqr,ugbr->ugb", pulls, joint.covariance, pulls)
        mean: Floats = np.einsum("g,ugb->ub", weight, shocks)
        around = np.einsum("g,ugb->ub", weight, spread + shocks**2) - mean**2
        return cls(
            log_expected=Mixture(log_weight, np.log(total), variance),
            expected=float((target * np.exp(np.clip(mean, -30, 30))).sum()),
            shock=mean,
            shock_variance=np.maximum(around, 0),
        )


def _variance_of_sum(
    window: Window, units: tuple[UnitSeries, ...], share: Floats, variances: Floats
) -> Floats:
    """Variance of the log of the units' sum: units of one clinic move together."""
    clinics = {unit.name for unit in units}
    variance = np.zeros(share.shape[1])
    for clinic in sorted(clinics):
        mine = [k for k, unit in enumerate(units) if unit.name == clinic]
        variance += (share[mine] * np.sqrt(np.maximum(variances[mine], 0))).sum(axis=0) ** 2
    return variance + _shared_variance(window, units, share, variances)


def _shared_variance(
    window: Window, units: tuple[UnitSeries, ...], share: Floats, variances: Floats
) -> Floats:
    """What all units of a window have in common: the comparison's own shocks and counts."""
    apart = 1 - (share**2).sum(axis=0)
    common = window.concentration / (1 + window.concentration)
    return apart * common * (share * variances).sum(axis=0) + apart * sum(_sampling(units))


def _sampling(units: tuple[UnitSeries, ...]) -> tuple[float, float]:
    """Variance that the comparison's counts add after and before the start."""
    target = np.array([unit.target for unit in units]).sum(axis=0)
    learnt = np.array([unit.expected for unit in units]).sum(axis=0)
    spread = np.mean([unit.spread for unit in units], axis=0)
    return tuple(float((w**2 @ spread) / max(w.sum(), 1e-300) ** 2) for w in (target, learnt))  # type: ignore[return-value]


def _with_common_level(window: Window, before: float) -> Window:
    """The window with one level for all its cells, where each alone has too few patients."""
    level = (before + 0.5) / max(window.pattern[window.known].sum(), 1e-300)
    return replace(window, level=np.full(len(window.rows), level))


def _contrast_variance(units: tuple[UnitSeries, ...], sizes: Floats) -> Floats:
    """Variance of the log ratio of window to past, own counts aside, at every grid point."""
    variance = np.zeros(len(sizes))
    targets = np.array([unit.target.sum() for unit in units])
    share = targets / targets.sum() if targets.sum() > 0 else np.full(len(units), 1 / len(units))
    for unit, part in zip(units, share, strict=True):
        after = unit.target / max(unit.target.sum(), 1e-300)
        before = unit.expected / max(unit.expected.sum(), 1e-300)
        contrast = after - before
        between = np.einsum("b,gbc,c->g", contrast, kernel(unit.years, sizes), contrast)
        variance += part**2 * unit.scale * between
    return variance + sum(_sampling(units))


def _growth(window: Window) -> float:
    """How many times the patients before were to be expected in the window, levels alike."""
    after = window.pattern[window.active].sum()
    return float(after / max(window.pattern[window.known].sum(), 1e-300))
