"""How a clinic strays from what was expected of it, and how far that may carry into a window.

Every expected count is multiplied by ``exp(shock)``. A unit's shocks over time have four parts:
a free level, autocorrelated shocks (``sd``, ``memory`` per month), a drift (``drift`` per year)
and a season of its own (``season``). How large these are is never fixed: everything is computed on
a grid of sizes, each weighted by how well it explains the comparison units and the unit's own
past (restricted likelihood times a stated prior), and answers are mixtures over that grid.

Sources: Zeger (1988), A regression model for time series of counts; Breslow and Clayton (1993),
Approximate inference in generalized linear mixed models (the working response); Conley and Taber
(2011), Inference with difference in differences with a small number of policy changes, and Ferman
and Pinto (2019), on scaling placebo spread by size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Floats = NDArray[np.float64]

SD: Final = (0.0, 0.04, 0.08, 0.13, 0.20, 0.32, 0.55)
MEMORY: Final = (0.0, 0.6, 0.9)
DRIFT: Final = (0.0, 0.03, 0.07, 0.15, 0.30, 0.60)
SEASON: Final = (0.0, 0.08, 0.20)
OWN_COURSE: Final = 0.5
PRIOR_SCALES: Final = {
    # route: half-Cauchy scale of sd, of drift, of season
    "panel": (0.12, 0.05, 0.05),
    "series": (0.12, 0.05, 0.12),
}
ROUGH: Final = (0.15, 0.6, 0.12, 0.10)
OWN_HERE, OTHERS_HERE, IN_TIME = 0.4, 0.2, 0.15


@dataclass(frozen=True)
class Grid:
    """Sizes of shocks, one row per grid point: sd, memory, drift, season; with log prior."""

    sizes: Floats
    log_prior: Floats
    own_course: Floats

    @classmethod
    def for_route(cls, route: str) -> Grid:
        """The grid with the prior of a route ("panel" or "series").

        ``own_course[i, j]`` carries the weight of grid point j to i for the unit in question:
        most clinics drift as the others do, one in five may be on a course of its own.
        """
        scales = PRIOR_SCALES[route]
        sizes = np.array(list(product(SD, MEMORY, DRIFT, SEASON)))
        weights = [
            _half_cauchy(sizes[:, 0], SD, scales[0]),
            _half_cauchy(sizes[:, 2], DRIFT, scales[1]),
            _half_cauchy(sizes[:, 3], SEASON, scales[2]),
        ]
        log_prior = np.log(np.prod(weights, axis=0) / len(MEMORY))
        others = [0, 1, 3]
        alike = (sizes[:, None, others] == sizes[None, :, others]).all(axis=2)
        wide = _half_cauchy(sizes[:, 2], DRIFT, 0.15)
        own = (1 - OWN_COURSE) * np.eye(len(sizes)) + OWN_COURSE * alike * wide[:, None]
        return cls(sizes, log_prior, own)


@dataclass(frozen=True)
class UnitSeries:
    """One unit's counts over blocks of time.

    Arrays run over blocks. ``observed`` and ``expected`` are sums over its untouched cells and
    periods (expected 0 = nothing known in that block); ``target`` is the expected sum over the
    active window; ``spread`` is the variance that the comparison cells' own counts add to the
    logarithm of expected, ``scatter`` what its own cells move from period to period beyond
    Poisson noise, ``target_scatter`` both of them over the target as a whole. ``design`` has one
    column per partnership modelled jointly, the share of the block in which it ran;
    ``target_design`` is the same over the target, without the partnership that is judged.
    """

    name: str
    years: Floats
    observed: Floats
    expected: Floats
    target: Floats
    spread: Floats
    scatter: Floats
    target_scatter: float
    design: Floats
    target_design: Floats
    scale: float = 1.0

    @property
    def known(self) -> NDArray[np.bool_]:
        """Blocks in which something was observed and expected."""
        return self.expected > 0


@dataclass(frozen=True)
class Fit:
    """One unit on every grid point: its likelihood and what it says of its target.

    ``log_likelihood`` (G); ``mean`` (G, B) of the shock in each block, ``variance`` (G, B);
    ``total_variance`` (G) of the shock averaged over the target; ``information`` (G, q, q) and
    ``score`` (G, q) on the joint effects; ``pull`` (G, q) how a joint effect, once known, moves
    the prediction over the target; ``pull_blocks`` (G, B, q) the same per block.
    """

    log_likelihood: Floats
    mean: Floats
    variance: Floats
    total_variance: Floats
    information: Floats
    score: Floats
    pull: Floats
    pull_blocks: Floats


def kernel(years: Floats, sizes: Floats) -> Floats:
    """Covariance of the shocks between times, one matrix per row of sizes: (G, B, B)."""
    gap = np.abs(years[:, None] - years[None, :])
    middle = years - years.mean()
    wave = np.exp(-2 * np.sin(np.pi * gap) ** 2 / 0.7**2)
    memories, which = np.unique(sizes[:, 1], return_inverse=True)
    fading = [np.where(gap == 0, 1.0, memory ** (12 * gap)) for memory in memories]
    wander = np.minimum.outer(years - years.min(), years - years.min())
    slow = np.outer(middle, middle) + wander
    parts = np.stack([*fading, slow, wave]).reshape(len(memories) + 2, -1)
    mix = np.zeros((len(sizes), len(parts)))
    mix[np.arange(len(sizes)), which] = sizes[:, 0] ** 2
    mix[:, -2:] = sizes[:, 2:] ** 2
    return (mix @ parts).reshape(len(sizes), *gap.shape)


def working_response(unit: UnitSeries) -> tuple[Floats, Floats]:
    """Log of observed over expected in the known blocks, linearised, and its Poisson variance.

    Iterated around a smooth course with middling shocks, so that empty blocks are no trouble
    and a clinic that has doubled is not measured on the scale of its beginnings.
    """
    known = unit.known
    observed, expected = unit.observed[known], unit.expected[known]
    beyond = unit.spread[known] + unit.scatter[known]
    smooth = unit.scale * kernel(unit.years[known], np.array([ROUGH]))[0]
    level = np.log((observed.sum() + 0.5) / (expected.sum() + 0.5))
    course = np.full(len(observed), level)
    for _ in range(6):
        mean = expected * np.exp(course)
        response = course + (observed - mean) / mean
        noise = np.diag(1 / mean + beyond)
        inverse = np.linalg.inv(smooth + noise)
        level = (inverse @ response).sum() / inverse.sum()
        course = np.clip(level + smooth @ inverse @ (response - level), level - 3, level + 3)
    mean = expected * np.exp(course)
    return course + (observed - mean) / mean, 1 / mean + beyond


def log_likelihood(unit: UnitSeries, everywhere: Floats) -> Floats:
    """Restricted log likelihood of one unit's whole series on every grid point: (G).

    ``everywhere`` is the kernel (G, B, B) over all its blocks, the same for all units.
    """
    known = unit.known
    response, noise = working_response(unit)
    seen = unit.scale * (everywhere if known.all() else everywhere[:, known][:, :, known])
    diagonal = np.arange(len(noise))
    seen[:, diagonal, diagonal] += noise
    factor = np.linalg.cholesky(seen)
    free = np.column_stack([np.ones(len(noise)), response])
    half = np.linalg.solve(factor, np.broadcast_to(free, (len(factor), *free.shape)))
    gram = half.transpose(0, 2, 1) @ half
    left = gram[:, 1, 1] - gram[:, 0, 1] ** 2 / gram[:, 0, 0]
    log_determinant = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
    return -0.5 * (log_determinant + np.log(gram[:, 0, 0]) + left)


def fit_unit(unit: UnitSeries, sizes: Floats, *, deviations: bool = True) -> Fit:
    """One unit at every row of sizes, its level free and joint effects left open.

    A partnership that is modelled jointly need not do the same in every unit and at all times:
    its log effect here may differ from its mean (by an sd of 0.4 for the one that is judged, so
    that other units say little of it, and of 0.2 for the others) and wander around that
    (sd 0.15, a year's memory), unless ``deviations`` are turned off.
    """
    known = unit.known
    response, noise = working_response(unit)
    base = unit.scale * kernel(unit.years, sizes)
    within = across = target = np.zeros((len(unit.years), len(unit.years)))
    if deviations and (unit.design > 0).any():
        within = _deviations(unit.years, unit.design, unit.design)
        across = _deviations(unit.years, unit.target_design, unit.design)
        target = _deviations(unit.years, unit.target_design, unit.target_design)
    seen = (base + within)[:, known][:, :, known] + np.diag(noise)
    free = np.column_stack([np.ones(known.sum()), unit.design[known], response])
    factor: Floats = np.linalg.cholesky(seen).astype(np.float64, copy=False)
    toward = (base + across)[:, :, known].transpose(0, 2, 1)
    both = np.concatenate([np.broadcast_to(free, (len(factor), *free.shape)), toward], axis=2)
    half = np.linalg.solve(factor, both)
    columns = free.shape[1]
    half_free, half_toward = half[:, :, :columns], half[:, :, columns:]
    gram = half_free.transpose(0, 2, 1) @ half_free
    carried = half_toward.transpose(0, 2, 1) @ half_free
    return _with_free_level(unit, factor, gram, carried, base + target, half_toward)


def _deviations(years: Floats, design: Floats, other: Floats) -> Floats:
    """Covariance (B, B) of what jointly modelled effects do here beyond their means."""
    here = np.full(design.shape[1], OTHERS_HERE**2)
    here[0] = OWN_HERE**2
    course = IN_TIME**2 * np.exp(-np.abs(years[:, None] - years[None, :]))
    return (design * here) @ other.T + course * (design @ other.T)


def _with_free_level(
    unit: UnitSeries,
    factor: Floats,
    gram: Floats,
    carried: Floats,
    everywhere: Floats,
    half_across: Floats,
) -> Fit:
    """Take the free level out of the normal equations; what remains is the unit's Fit."""
    ones = gram[:, 0, 0]
    rest = gram[:, 1:, 1:] - gram[:, 1:, :1] * gram[:, :1, 1:] / ones[:, None, None]
    missed = 1 - carried[:, :, 0]
    predicted = carried[:, :, 1:] + missed[:, :, None] * (gram[:, :1, 1:] / ones[:, None, None])
    log_determinant = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
    mean = predicted[:, :, -1]
    left = np.diagonal(everywhere, axis1=1, axis2=2) - (half_across**2).sum(axis=1)
    variance = left + missed**2 / ones[:, None]
    total = np.full(len(gram), unit.target_scatter)
    if unit.target.sum() > 0:
        weight = unit.target / unit.target.sum()
        averaged = half_across @ weight
        total += np.einsum("b,gbc,c->g", weight, everywhere, weight) - (averaged**2).sum(axis=1)
        total += (missed @ weight) ** 2 / ones
    weight = unit.target / max(unit.target.sum(), 1e-300)
    pull_blocks = unit.target_design[None] - predicted[:, :, :-1]
    return Fit(
        log_likelihood=-0.5 * (log_determinant + np.log(ones) + rest[:, -1, -1]),
        mean=mean,
        variance=variance,
        total_variance=total,
        information=rest[:, :-1, :-1],
        score=rest[:, :-1, -1],
        pull=np.einsum("b,gbq->gq", weight, pull_blocks),
        pull_blocks=pull_blocks,
    )


def learn_sizes(placebos: Sequence[UnitSeries], grid: Grid) -> Floats:
    """Log weight of every grid point from the comparison units alone, prior included.

    The last of n placebo series is implied by the others, so together they count as n - 1.
    """
    if not placebos:
        return grid.log_prior
    everywhere = kernel(placebos[0].years, grid.sizes)
    fits = np.array([log_likelihood(unit, everywhere) for unit in placebos])
    share = (len(placebos) - 1) / len(placebos)
    return grid.log_prior + share * fits.sum(axis=0)


def for_this_unit(log_weight: Floats, grid: Grid) -> Floats:
    """The same weights for one more unit, which may be on a course of its own."""
    weight = np.exp(log_weight - logsumexp(log_weight))
    with np.errstate(divide="ignore"):
        return np.log(grid.own_course @ weight)


def _half_cauchy(values: Floats, steps: Sequence[float], scale: float) -> Floats:
    """Prior weight of each value: half-Cauchy mass of the stretch around its step."""
    edges = np.array([0, *(np.array(steps[:-1]) + np.array(steps[1:])) / 2, np.inf])
    mass = np.diff(2 / np.pi * np.arctan(edges / scale))
    return mass[np.searchsorted(np.array(steps), values)]
