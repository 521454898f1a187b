"""The effect that came out largest, sized without the winner's curse.

Whoever comes out best was in part lucky, so its estimate is too large on average and its plain
interval too often above the truth. Given which effect won, and given what the estimates say beside
its own, the winner's estimate is normal but cut off where another would have won; intervals and
a median-unbiased estimate follow from that distribution. They hold among the cases in which this
effect won, and grow very long where two are nearly level. The hybrid takes the truth to lie in a
very sure interval for all effects at once, which keeps it short.

Source: Andrews, Kitagawa and McCloskey (2024), Inference on winners, Quarterly Journal of
Economics 139(1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr, ndtri

from partner_analysis.attribution.ranking.estimates import (
    SEED,
    Floats,
    check,
    check_level,
    in_order,
    symmetric_root,
)
from partner_analysis.tables import Interval

DRAWS: Final = 40_000
WORK: Final = 4e6
SPARED: Final = 0.1
FARTHEST: Final = 1e5
NEARLY: Final = 0.999
HALVINGS: Final = 50


@dataclass(frozen=True)
class Winner:
    """The largest estimate and what can be said of its effect, in the unit of the estimates.

    Attributes
    ----------
    index
        Which estimate it is, from 0.
    conventional
        As if it had been chosen beforehand: too high on average.
    conditional
        Median-unbiased, and right among the cases in which this one wins; an end is infinite,
        and the estimate NaN, where the data set no limit.
    projection
        Around the estimate, right for whichever effect one cares to choose.
    hybrid
        Right on average over winners, nearly median-unbiased, and within a little more than the
        projection. Where two are all but level it is a sliver at the projection's low end.
    """

    index: int
    conventional: Interval
    conditional: Interval
    projection: Interval
    hybrid: Interval

    @property
    def cautious(self) -> Interval:
        """The one to show: the hybrid, widened to hold the conventional interval.

        It holds the truth at least as often as the hybrid, is hardly longer where one effect
        leads, and stays readable where two are all but level.
        """
        low = min(self.hybrid.low, self.conventional.low)
        return Interval(self.hybrid.estimate, low, max(self.hybrid.high, self.conventional.high))


def size_winner(estimates: ArrayLike, covariance: ArrayLike, *, level: float = 0.95) -> Winner:
    """The largest estimate with intervals and estimates that allow for its having been chosen.

    Of equal estimates the surer one wins. With one estimate all are the conventional one.

    Raises
    ------
    InputError
        As of ``estimates.check``, or where the level is no share.

    Examples
    --------
    >>> winner = size_winner([3.0, 2.5, 0.0], np.eye(3))
    >>> hybrid = winner.hybrid
    >>> f"{hybrid.estimate:.1f} ({hybrid.low:.1f} to {hybrid.high:.1f})"
    '1.9 (-0.1 to 4.9)'
    """
    values, matrix = check(estimates, covariance, "size_winner")
    check_level(level, "size_winner")
    order = in_order(values, matrix)
    index, miss = int(order[0]), 1 - level
    value, sd = float(values[index]), float(np.sqrt(max(matrix[index, index], 0.0)))
    plain = float(ndtri(1 - miss / 2)) * sd
    if sd == 0 or len(values) == 1:
        conventional = Interval(value, value - plain, value + plain)
        return Winner(index, conventional, conventional, conventional, conventional)
    window = _window(values, matrix, index)
    ordered = matrix[np.ix_(order, order)]
    wide, widest = (sd * _of_all(ordered, np.array([miss, SPARED * miss]))).tolist()
    conditional, hybrid = _cut_off(value, sd, window, miss, widest)
    return Winner(
        index,
        conventional=Interval(value, value - plain, value + plain),
        conditional=conditional,
        projection=Interval(value, value - wide, value + wide),
        hybrid=hybrid,
    )


def _window(values: Floats, covariance: Floats, index: int) -> tuple[float, float]:
    """Between which values the winner's estimate wins, given the others beside it.

    The others are split into a part that moves with the winner's estimate and a part that is
    independent of it; the latter is held fixed.
    """
    moves = np.delete(covariance[index] / covariance[index, index], index)
    fixed = np.delete(values, index) - moves * values[index]
    apart = 1 - moves
    bound = np.divide(fixed, apart, out=np.zeros_like(fixed), where=apart != 0)
    low = bound[apart > 0].max(initial=-np.inf)
    high = bound[apart < 0].min(initial=np.inf)
    return min(float(low), values[index]), max(float(high), values[index])


def _of_all(covariance: Floats, misses: Floats) -> Floats:
    """How many standard errors hold all estimates' errors at once, but for these shares."""
    sd = np.sqrt(np.diag(covariance))
    known = sd > 0
    independent = ndtri((1 + (1 - misses) ** (1 / known.sum())) / 2)
    root = symmetric_root(covariance)[known] / sd[known, None]
    draws = int(min(DRAWS, WORK / len(sd)))
    noise = np.random.default_rng(SEED).standard_normal((draws, len(sd)))
    largest = np.abs(noise @ root.T).max(axis=1)
    # Sidak (1967): independence is the worst case, and simulation must not go beyond it.
    return np.minimum(np.quantile(largest, 1 - misses), independent)


def _cut_off(
    value: float, sd: float, window: tuple[float, float], miss: float, widest: float
) -> tuple[Interval, Interval]:
    """The conditional and the hybrid interval, with their median-unbiased estimates.

    The hybrid spends a tenth of its misses on the truth lying out of the widest interval.
    """
    share = (miss - SPARED * miss) / (1 - SPARED * miss)
    tails = np.array([[0.5, 1 - miss / 2, miss / 2], [0.5, 1 - share / 2, share / 2]])
    low, high = (np.array(bound) for bound in window)
    reach = np.array([[np.inf], [widest]])
    means = solve_means(tails, np.array(value), np.array(sd), low=low, high=high, reach=reach)
    estimate, lower, upper = means[0].tolist()
    least, most = value - NEARLY * FARTHEST * sd, value + NEARLY * FARTHEST * sd
    conditional = Interval(
        estimate if least < estimate < most else np.nan,
        lower if lower > least else -np.inf,
        upper if upper < most else np.inf,
    )
    return conditional, Interval(*means[1].tolist())


def solve_means(
    share_above: Floats, value: Floats, sd: Floats, *, low: Floats, high: Floats, reach: Floats
) -> Floats:
    """Means at which ``share_above`` of a normal cut to ``low`` to ``high`` lies below the value.

    With a finite ``reach`` it is cut to within that distance of its mean too. The share below
    falls as the mean rises, so halving finds it; it looks no farther than 100,000 standard
    deviations. Arguments broadcast.
    """
    far = np.minimum(reach, FARTHEST * sd)
    left, right = value - far + 0 * share_above, value + far + 0 * share_above
    for _ in range(HALVINGS):
        middle = (left + right) / 2
        below = _share_below(
            (value - middle) / sd,
            (np.maximum(low, middle - reach) - middle) / sd,
            (np.minimum(high, middle + reach) - middle) / sd,
        )
        left = np.where(below > share_above, middle, left)
        right = np.where(below > share_above, right, middle)
    return (left + right) / 2


def _share_below(value: Floats, low: Floats, high: Floats) -> Floats:
    """Share of a standard normal cut to ``low`` to ``high`` that lies below the value.

    Computed on the side where tails are small, by logarithms, so that windows far out in a tail
    lose nothing.
    """
    flip = low > 0
    below = np.where(flip, _log_between(-value, -low), _log_between(low, value))
    above = np.where(flip, _log_between(-high, -value), _log_between(value, high))
    with np.errstate(over="ignore", invalid="ignore"):
        share = 1 / (1 + np.exp(above - below))
    empty = np.isneginf(below) & np.isneginf(above)
    return np.where(empty, 0.5, share)


def _log_between(low: Floats, high: Floats) -> Floats:
    """Logarithm of the normal probability between two values, of which none need be finite."""
    upper, gap = log_ndtr(high), log_ndtr(np.minimum(low, high))
    with np.errstate(invalid="ignore", divide="ignore"):
        return upper + np.log(-np.expm1(np.minimum(gap - upper, 0.0)))
