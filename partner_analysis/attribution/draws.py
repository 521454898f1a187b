"""From what is known of observed and expected to intervals that never contradict one another.

Total, per month, percent and p-value of a partnership are read off the same draws. The draws are
a fixed lattice, not random numbers: the same input gives the same output to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtr, ndtri

from partner_analysis.tables import Interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWS: Final = 8192
GOLDEN: Final = 0.6180339887498949
SILVER: Final = 0.4142135623730951
NODES: Final = np.linspace(-7.1, 7.1, 1001)
COARSE: Final = 20
FEWEST_SMOOTH: Final = -0.4
FEWER: Final = 8  # of the nodes one in so many is exact


def normalised(log_weight: Floats) -> Floats:
    """Weights that add up to 1, from their logarithms."""
    weight = np.exp(log_weight - log_weight.max())
    found: Floats = weight / weight.sum()
    return found


@dataclass(frozen=True)
class Mixture:
    """A mixture of normal distributions: log weights, means and variances, one per grid point."""

    log_weight: Floats
    mean: Floats
    variance: Floats

    @cached_property
    def weight(self) -> Floats:
        """Weights that add up to 1."""
        return normalised(self.log_weight)

    @property
    def centre(self) -> float:
        """Mean of the mixture."""
        return float(self.weight @ self.mean)

    @property
    def spread(self) -> float:
        """Variance of the mixture."""
        return float(self.weight @ (self.variance + self.mean**2) - self.centre**2)

    def quantiles(self, levels: Floats) -> Floats:
        """Values below which the given shares of the mixture lie."""
        sd = np.sqrt(np.maximum(self.variance, 1e-18))
        weight = self.weight
        keep = weight > 1e-9
        low = (self.mean - 9 * sd)[keep].min()
        high = (self.mean + 9 * sd)[keep].max()
        steps = np.linspace(low, high, 801)

        def below_of(some: Floats) -> Floats:
            return ndtr((some[:, None] - self.mean[keep]) / sd[keep]) @ weight[keep]

        coarse = below_of(steps[::COARSE])  # only steps between which a level lies matter
        first, last = np.searchsorted(coarse, [levels.min(), levels.max()])
        steps = steps[max(COARSE * (first - 1), 0) : COARSE * last + 1]
        below = below_of(steps)
        distinct = np.concatenate([[True], np.diff(below) > 1e-12])
        return np.interp(levels, below[distinct], steps[distinct])


@lru_cache(maxsize=8)
def lattice(points: int, dimensions: int) -> Floats:
    """Evenly scattered points of the unit cube: one row per dimension."""
    first = (np.arange(points) + 0.5) / points
    steps = np.arange(1, points + 1)
    found = np.array([first, *((steps * step) % 1 for step in (GOLDEN, SILVER)[: dimensions - 1])])
    found.flags.writeable = False  # shared by all who ask for the same points
    return found


def amount_draws(amount: float, points: Floats) -> Floats:
    """Draws of the mean behind an observed sum (Poisson, Jeffreys prior).

    Quantiles are read off 1,001 at even steps of the normal scale, within 0.00005; of these every
    eighth is exact and the others lie on smooth curves through its neighbours.
    """
    return _read_off(amount, *_places(points))


def _read_off(amount: float, place: Ints, part: Floats) -> Floats:
    """Quantiles of the mean behind an observed sum at some places between the nodes."""
    if amount < FEWEST_SMOOTH:  # the lowest quantiles of so small a shape are 0 to a computer
        nodes = gammaincinv(amount + 0.5, ndtr(NODES))
    else:
        nodes = np.exp(_curves() @ np.log(gammaincinv(amount + 0.5, ndtr(NODES[::FEWER]))))
    found: Floats = nodes[place] + part * (nodes[place + 1] - nodes[place])
    return found


def _places(points: Floats) -> tuple[Ints, Floats]:
    """Between which nodes some shares lie, as the number of the lower one and the part beyond."""
    scores = ndtri(np.clip(points, 1e-12, 1 - 1e-12))
    place, part = np.divmod((scores - NODES[0]) / (NODES[1] - NODES[0]), 1)
    return place.astype(np.int64), part


@lru_cache(maxsize=8)
def _places_of(dimensions: int, row: int) -> tuple[Ints, Floats]:
    """The same for a row of the lattice of draws."""
    return _places(lattice(DRAWS, dimensions)[row])


@lru_cache(maxsize=1)
def _curves() -> Floats:
    """How much each node takes of the eight exact ones nearest to it (Lagrange's formula)."""
    exact = np.arange(0, len(NODES), FEWER)
    first = np.clip(np.arange(len(NODES)) // FEWER - 3, 0, len(exact) - 8)
    near = first[:, None] + np.arange(8)
    from_node = np.arange(len(NODES))[:, None, None] - exact[near][:, None, :]
    between = exact[near][:, :, None] - exact[near][:, None, :]
    itself = np.eye(8, dtype=bool)
    shares = np.where(itself, 1.0, from_node) / np.where(itself, 1.0, between)
    found = np.zeros((len(NODES), len(exact)))
    np.put_along_axis(found, near, shares.prod(axis=2), axis=1)
    return found


def draws_of_difference(observed: float, log_expected: Mixture) -> tuple[Floats, Floats]:
    """Draws of what came with and would have come without, from an imputed expectation."""
    without = np.exp(log_expected.quantiles(lattice(DRAWS, 2)[0]))
    return _read_off(observed, *_places_of(2, 1)), without


def draws_of_small_counts(
    observed: float, before: Floats, growth: Floats, log_growth: Mixture
) -> tuple[Floats, Floats]:
    """Draws of what came with and would have come without, where few or none came before.

    Of each group of cells ``before`` came in the pre-period, and ``growth`` times as many were to
    be expected in the window; ``log_growth`` is the mixture around the logarithm. With both sums
    Poisson this is, for one group, the conditional binomial comparison with Jeffreys priors,
    close to mid-p; several groups are one gamma of the same mean and variance.
    """
    shift = np.exp(log_growth.quantiles(lattice(DRAWS, 3)[2]))
    shape = before + 0.5 / len(before)
    mean, variance = float(growth @ shape), float(growth**2 @ shape)
    scale = variance / mean
    without = scale * shift * _read_off(mean / scale - 0.5, *_places_of(3, 0))
    return _read_off(observed, *_places_of(3, 1)), without


def interval_of(draws: Floats, estimate: float, level: float) -> Interval:
    """The central interval of the draws, widened to hold its estimate where a count is 0."""
    ordered = np.sort(draws)
    beyond = int(np.floor((1 - level) / 2 * len(ordered)))
    low, high = float(ordered[beyond]), float(ordered[len(ordered) - 1 - beyond])
    return Interval(estimate, min(low, estimate), max(high, estimate))


def p_value_of(draws: Floats, estimate: float) -> float:
    """Two-sided p-value against no difference, from the same draws as the interval."""
    if estimate == 0:
        return 1.0
    tail = min(int((draws <= 0).sum()), int((draws >= 0).sum()))
    return min(1.0, 2 * max(tail, 1) / (len(draws) + 1))
