"""Intervals around shrunk values that hold whatever the shape of the true effects.

A shrunk value is biased towards the others' mean by an amount that nobody knows for one effect;
over many effects the mean square of that bias is known. The interval is as long as the worst
distribution of biases with that mean square demands.

Source: Armstrong, Kolesar and Plagborg-Moller (2022), Robust empirical Bayes confidence
intervals, Econometrica 90(6). The kurtosis of the effects, which their interval may use as well,
is left free: a handful of partnerships says nothing about it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from partner_analysis.attribution.ranking.estimates import Floats, check_level
from partner_analysis.tables import InputError

AROUND: Final = np.linspace(-5.0, 5.0, 401)
HALVINGS: Final = 45
LARGE: Final = 1e6


def critical_values(mean_square_bias: ArrayLike, *, level: float = 0.95) -> Floats:
    """How many standard errors an interval reaches to each side, for each mean square bias.

    Parameters
    ----------
    mean_square_bias
        Of any shape: mean of the squared bias over the squared standard error; 0 gives the
        conventional value.
    level
        Share of intervals that hold their truth, for the worst distribution of the bias.

    Raises
    ------
    InputError
        Where one is negative or missing.

    Examples
    --------
    >>> critical_values([0.0, 4.0]).round(3).tolist()
    [1.96, 7.216]
    """
    check_level(level, "critical_values")
    moments = np.atleast_1d(np.asarray(mean_square_bias, dtype=float))
    if not (moments >= 0).all():
        raise InputError(
            "critical_values: a mean square bias is negative or missing. Give squares, 0 or more."
        )
    low = np.full(moments.shape, ndtri(0.5 + level / 2))
    high = np.sqrt((1 + moments) / (1 - level))  # Chebyshev: always enough
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        too_short = _most_missed(moments, middle) > 1 - level
        low, high = np.where(too_short, middle, low), np.where(too_short, high, middle)
    return high.reshape(np.shape(mean_square_bias))


def half_lengths(squared_bias: Floats, variance: Floats, *, level: float) -> Floats:
    """Half the length of robust intervals: of estimates with this mean square bias and variance.

    Where next to nothing is noise, Chebyshev's inequality is what the exact value tends to.
    """
    chebyshev = np.sqrt((variance + squared_bias) / (1 - level))
    noisy = squared_bias < LARGE * variance
    ratio = np.divide(squared_bias, variance, out=np.zeros_like(variance), where=noisy)
    exact = critical_values(ratio, level=level) * np.sqrt(variance)
    return np.where(noisy, np.minimum(exact, chebyshev), chebyshev)


def _most_missed(moments: Floats, reach: Floats) -> Floats:
    """Share missed for the worst biases: some of them 0, the others all of one size.

    How often an interval misses is first convex, then concave in the squared bias; so the worst
    distribution with a given mean has at most these two points (the least concave majorant).
    """
    least = np.sqrt(moments)[..., None]
    size = np.concatenate([least, np.maximum(reach[..., None] + AROUND, least)], axis=-1)
    share = moments[..., None] / np.maximum(size**2, 1e-300)
    reach = reach[..., None]
    missed = ndtr(size - reach) + ndtr(-size - reach)
    worst: Floats = (2 * (1 - share) * ndtr(-reach) + share * missed).max(axis=-1)
    return worst
