"""Which places an effect may have, and which places cannot be told apart.

A place is 1 plus the number of effects that are truly larger. An effect's set of places follows
from the pairs of which the data say surely which is larger: as many as are surely larger stand
before it, as many as are surely smaller behind it. The pairs are compared all together, by the
largest standardised difference; what is surely decided is taken out and the rest compared again
(step-down), which decides more pairs and keeps the error rate.

Source: Mogstad, Romano, Shaikh and Wilhelm (2024), Inference for ranks with applications to
mobility across neighbourhoods and academic achievement across countries, Review of Economic
Studies 91(1). Step-down: Romano and Wolf (2005), Econometrica 73(4), over one-sided comparisons
in both directions, since a pair decided in one direction still stands to be tested in the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import chdtrc

from partner_analysis.attribution.ranking.estimates import (
    SEED,
    Floats,
    check,
    check_level,
    in_order,
    symmetric_root,
)
from partner_analysis.tables import InputError

Bools = NDArray[np.bool_]
Singles = NDArray[np.float32]  # enough for noise, and twice as quick
Ints = NDArray[np.int64]

BINS: Final = 1_000
MOST_DRAWS: Final = 40 * BINS
FEWEST_DRAWS: Final = 2 * BINS
WORK: Final = 4e7
STEPS: Final = 4
BEYOND: Final = 1e3
NO_DIFFERENCE: Final = 1e-12


@dataclass(frozen=True)
class RankSets:
    """Places by the estimates, and the first and last place that each effect may have.

    ``place``, ``first`` and ``last`` are (K,), in the order of the estimates; place 1 is the
    largest effect. ``larger`` is (K, K): whether the effect of the row is surely larger than that
    of the column. With ``jointly`` all sets hold their true places at once at ``level``; without,
    each set by itself does, and ``larger`` must be read one row and column at a time.
    """

    place: Ints
    first: Ints
    last: Ints
    larger: Bools
    level: float
    jointly: bool

    def may_be_among(self, top: int) -> Bools:
        """Which effects may be among the ``top`` largest; with ``jointly`` they hold all of them.

        Examples
        --------
        >>> sets = rank_sets([9.0, 1.0, 0.5], np.eye(3), jointly=True)
        >>> sets.may_be_among(1).tolist()
        [True, False, False]
        """
        return self.first <= top


def rank_sets(
    estimates: ArrayLike,
    covariance: ArrayLike,
    *,
    level: float = 0.95,
    jointly: bool = False,
    stepwise: bool = True,
) -> RankSets:
    """Sets of places, one per estimate: marginal, or ``jointly`` for all at once.

    Parameters
    ----------
    estimates, covariance
        (K,) and (K, K), of one joint model.
    level
        How often a set holds the true place (jointly: all sets hold theirs).
    stepwise
        Compare again what a first step leaves undecided; off gives the wider single-step sets.

    Raises
    ------
    InputError
        As of ``estimates.check``, or where the level is no share.

    Examples
    --------
    >>> sets = rank_sets([9.0, 1.0, 0.5], np.eye(3))
    >>> list(zip(sets.first.tolist(), sets.last.tolist()))
    [(1, 1), (2, 3), (2, 3)]
    """
    values, matrix = check(estimates, covariance, "rank_sets")
    check_level(level, "rank_sets")
    order = in_order(values, matrix)
    pairs = _Pairs.of(values[order], matrix[np.ix_(order, order)])
    decide = _decide_jointly if jointly else _decide_one_by_one
    larger, first, last = decide(pairs, 1 - level, STEPS if stepwise else 1)
    back = np.argsort(order)
    place = 1 + np.sum(values[:, None] < values[None, :], axis=1)
    return RankSets(place, first[back], last[back], larger[np.ix_(back, back)], level, jointly)


def indistinct_places(larger: Bools, order: ArrayLike) -> list[tuple[int, int]]:
    """Runs of places that cannot be told apart, as (first, last); the longest possible ones.

    ``larger`` is that of ``rank_sets(..., jointly=True)``; ``order`` lists the estimates in the
    order in which a table shows them. In a run no effect is surely larger than any other. Runs
    may overlap: places 1 and 2 alike, 2 and 3 alike, and yet 1 before 3. A place by itself is no
    run.

    Raises
    ------
    InputError
        Where the order is not one of all estimates.

    Examples
    --------
    >>> sets = rank_sets([9.0, 1.0, 0.5], np.eye(3), jointly=True)
    >>> indistinct_places(sets.larger, [0, 1, 2])
    [(2, 3)]
    """
    rows = np.asarray(order, dtype=int)
    if not np.array_equal(np.sort(rows), np.arange(len(larger))):
        raise InputError(
            "indistinct_places: order does not name each estimate once. Give the positions of "
            "the estimates, from 0, as the table shows them."
        )
    apart = (larger | larger.T)[np.ix_(rows, rows)]
    runs: list[tuple[int, int]] = []
    for first in range(len(rows)):
        last = first
        while last + 1 < len(rows) and not apart[last + 1, first : last + 1].any():
            last += 1
        if last > first and (not runs or last + 1 > runs[-1][1]):
            runs.append((first + 1, last + 1))
    return runs


@dataclass(frozen=True)
class _Pairs:
    """Standardised differences of all pairs, and noise from which to draw such differences.

    ``observed`` [j, k] is how many standard errors estimate j lies above estimate k. ``scale`` is
    1 over the standard error of the difference, 0 where two estimates differ by no noise at all.
    ``noise`` is (K, draws): normal errors of the estimates divided by their common length, whose
    distribution is known (see ``_critical``).
    """

    observed: Floats
    scale: Singles
    noise: Singles

    @classmethod
    def of(cls, estimates: Floats, covariance: Floats) -> _Pairs:
        variance = np.diag(covariance)
        both = variance[:, None] + variance[None, :]
        squared = both - 2 * covariance
        noisy = squared > NO_DIFFERENCE * both
        scale = np.where(noisy, 1 / np.sqrt(np.where(noisy, squared, 1.0)), 0.0)
        gap = estimates[:, None] - estimates[None, :]
        sure = np.where(gap == 0, 0.0, np.copysign(np.inf, gap))
        size = len(estimates)
        draws = BINS * int(np.clip(WORK / size**2, FEWEST_DRAWS, MOST_DRAWS) / BINS)
        normal = np.random.default_rng(SEED).standard_normal((size, draws))
        normal /= np.sqrt(np.sum(normal**2, axis=0))
        noise = (symmetric_root(covariance) @ normal).astype(np.float32)
        return cls(np.where(noisy, gap * scale, sure), scale.astype(np.float32), noise)

    def excess(self, row: int, columns: Bools) -> Singles:
        """How far noise alone puts one estimate above each of the others named: (n, draws)."""
        above = self.noise[row] - self.noise[columns]
        above *= self.scale[row, columns, None]
        return above


def _critical(largest: Singles, dimensions: int, share: float) -> float:
    """The value that the largest difference exceeds with this probability.

    A normal vector is a direction times a length, independent of one another, and the square of
    the length is chi-squared. ``largest`` was found for random directions; the length is then
    averaged over exactly, which leaves little of the error of simulation. Directions are taken
    together by the thousandth of their rank, for speed.
    """
    directions = np.sort(np.maximum(largest, 1 / BEYOND)).reshape(BINS, -1).mean(1, dtype=float)

    squares, beyond = _chi_squared(dimensions)

    def excess(critical: float) -> float:
        return float(np.interp((critical / directions) ** 2, squares, beyond).mean()) - share

    return float(brentq(excess, 0.0, BEYOND, xtol=1e-6)) if excess(0.0) > 0 else 0.0


@cache
def _chi_squared(dimensions: int) -> tuple[Floats, Floats]:
    """Values and the probability that a chi-squared variable lies beyond them."""
    squares = np.linspace(0.0, dimensions + 20 * np.sqrt(2 * dimensions) + 60, 20_001)
    return squares, chdtrc(dimensions, squares)


def _decide_jointly(pairs: _Pairs, share: float, steps: int) -> tuple[Bools, Ints, Ints]:
    """All pairs at once: which are decided, and first and last places."""
    size = len(pairs.observed)
    larger = np.zeros((size, size), dtype=bool)
    for _ in range(steps):
        open_pairs = ~larger & ~np.eye(size, dtype=bool)
        rows = np.flatnonzero(open_pairs.any(axis=1)).tolist()
        if not rows:
            break
        largest = np.full(pairs.noise.shape[1], -np.inf, dtype=np.float32)
        for row in rows:
            np.maximum(largest, pairs.excess(row, open_pairs[row]).max(axis=0), out=largest)
        found = open_pairs & (pairs.observed > _critical(largest, size, share))
        if not found.any():
            break
        larger |= found
    return larger, 1 + larger.sum(axis=0), size - larger.sum(axis=1)


def _decide_one_by_one(pairs: _Pairs, share: float, steps: int) -> tuple[Bools, Ints, Ints]:
    """The pairs of each effect by themselves: which are decided, and first and last places."""
    size = len(pairs.observed)
    larger = np.zeros((size, size), dtype=bool)
    first, last = np.ones(size, dtype=np.int64), np.full(size, size, dtype=np.int64)
    for row in range(size):
        above, below = _decided_of(pairs, row, share, steps)
        first[row], last[row] = 1 + below.sum(), size - above.sum()
        larger[row] |= above
        larger[:, row] |= below
    return larger, first, last


def _decided_of(pairs: _Pairs, row: int, share: float, steps: int) -> tuple[Bools, Bools]:
    """What one effect is surely above, and what it is surely below."""
    size = len(pairs.observed)
    excess = pairs.excess(row, np.ones(size, dtype=bool))
    above, below = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    for _ in range(steps):
        largest = np.maximum(excess[~above].max(axis=0), -excess[~below].min(axis=0))
        critical = _critical(largest, size, share)
        new_above = ~above & (pairs.observed[row] > critical)
        new_below = ~below & (pairs.observed[row] < -critical)
        if not (new_above | new_below).any():
            break
        above |= new_above
        below |= new_below
    return above, below
