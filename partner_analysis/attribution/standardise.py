"""Two groups of people compared as if both were made up alike: means and shares with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from partner_analysis.tables import NO_NUMBER, Interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
MEAN, TYPICAL, SHARE = "mean", "typical", "share"
BORROWED: Final = 5  # people of the other group that a small group's spread leans on


@dataclass(frozen=True)
class Standardised:
    """One group beside the other, made up as the first is.

    Attributes
    ----------
    own, others
        Value of each group, with the interval of each by itself.
    difference
        Own minus others.
    n_own, n_others
        How many of each are in strata that both have.
    n_left
        How many of the first group have no others in their stratum, and are left out.
    """

    own: Interval
    others: Interval
    difference: Interval
    n_own: int
    n_others: int
    n_left: int


def standardise(
    values: Floats, is_own: Bools, strata: Ints, *, summary: str, level: float, fewest: int
) -> Standardised:
    """Values of one group beside those of others of the same strata, weighted to its mix.

    Direct standardisation to the first group: in each stratum the others' mean counts with the
    share that the first group has there. Strata without others drop out. The interval of the
    difference joins those of the two groups (Newcombe 1998, "Interval estimation for the
    difference between independent proportions"; Donner and Zou 2012, "Closed-form confidence
    intervals for functions of the normal mean and standard deviation").

    Parameters
    ----------
    values
        One per person; NaN = not known, left out.
    is_own
        Whether a person is in the first group.
    strata
        Number of each person's stratum.
    summary
        "mean"; "share" for values of 0 and 1; "typical" for waiting times: the geometric mean
        of one more than the value, less one, so that a few long waits do not decide.
    level
        Level of the intervals.
    fewest
        With fewer of either group there is no number.
    """
    known = np.isfinite(values)
    own, other = known & is_own, known & ~is_own
    weight = _weights(strata, own, other)
    kept = own & np.isin(strata, np.unique(strata[other]))
    sizes = {"n_own": int(kept.sum()), "n_others": int((weight > 0).sum()),
             "n_left": int(own.sum() - kept.sum())}  # fmt: skip
    if min(sizes["n_own"], sizes["n_others"]) < fewest:
        return Standardised(NO_NUMBER, NO_NUMBER, NO_NUMBER, **sizes)
    mine, theirs, share = values[kept], values[weight > 0], weight[weight > 0]
    if summary == SHARE:
        one = wilson(float(mine.mean()), len(mine), level=level)
        two = wilson(float(share @ theirs), 1 / float(share @ share), level=level)
    else:
        one, two = _means(mine, theirs, share, level=level, is_log=summary == TYPICAL)
    return Standardised(one, two, difference_of(one, two), **sizes)


def wilson(share: float, size: float, *, level: float) -> Interval:
    """Score interval of a share seen among ``size`` people.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference". The
    size may be fractional: that of an equally precise plain sample.

    Examples
    --------
    >>> round(wilson(0.0, 20, level=0.95).high, 3)
    0.161
    """
    z = float(norm.ppf((1 + level) / 2))
    middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z * np.sqrt(share * (1 - share) / size + (z / (2 * size)) ** 2) / (1 + z**2 / size)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Interval(share, float(min(low, share)), float(max(high, share)))


def difference_of(one: Interval, two: Interval) -> Interval:
    """One minus two, from the intervals of each (Newcombe 1998; Donner and Zou 2012)."""
    estimate = one.estimate - two.estimate
    down = np.hypot(one.estimate - one.low, two.high - two.estimate)
    up = np.hypot(one.high - one.estimate, two.estimate - two.low)
    return Interval(estimate, float(estimate - down), float(estimate + up))


def _weights(strata: Ints, own: Bools, other: Bools) -> Floats:
    """Weight of each of the others, which add up to 1; 0 where their stratum has none of ours."""
    size = int(strata.max()) + 1 if len(strata) else 0
    ours = np.bincount(strata[own], minlength=size).astype(float)
    theirs = np.bincount(strata[other], minlength=size)
    both = (ours > 0) & (theirs > 0)
    share = np.divide(ours, theirs, out=np.zeros(size), where=both)
    weight = np.where(other, share[strata], 0.0) if size else np.zeros(len(strata))
    total = weight.sum()
    return weight / total if total > 0 else weight


def _means(
    mine: Floats, theirs: Floats, share: Floats, *, level: float, is_log: bool
) -> tuple[Interval, Interval]:
    """Means of both groups with t intervals; a small group's spread leans on the other's."""
    if is_log:
        mine, theirs = np.log1p(mine), np.log1p(theirs)
    inverse = float(share @ share)
    middle = float(share @ theirs)
    spread = float(share @ (theirs - middle) ** 2) / max(1 - inverse, 1e-12)
    size = len(mine)
    own = float(mine.var(ddof=1)) if size > 1 else spread
    leaning = ((size - 1) * own + BORROWED * spread) / (size - 1 + BORROWED)
    one = _t_interval(float(mine.mean()), max(own, leaning) / size, size - 1, level)
    two = _t_interval(middle, spread * inverse, max(1 / inverse - 1, 1), level)
    if not is_log:
        return one, two
    first, second = (
        Interval(*(float(np.expm1(e)) for e in (i.estimate, i.low, i.high))) for i in (one, two)
    )
    return first, second


def _t_interval(mean: float, variance: float, freedom: float, level: float) -> Interval:
    """A mean with its t interval."""
    half = float(t.ppf((1 + level) / 2, freedom)) * float(np.sqrt(variance))
    return Interval(mean, mean - half, mean + half)
