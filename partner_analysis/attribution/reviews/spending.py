"""How sure each of several looks must be, so that all of them together err no more than one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri, roots_legendre

Floats = NDArray[np.float64]

FIRST_REVIEWS: Final = (3, 6, 12)
HALF_SPENT: Final = 12.0
HIGHEST_LEVEL: Final = 0.999
NODES: Final = 160


def planned_months(most: int) -> tuple[int, ...]:
    """Months after the start at which a partnership is reviewed, the last one beyond ``most``.

    >>> planned_months(20)
    (3, 6, 12, 24)
    """
    return (*FIRST_REVIEWS, *range(24, max(most, 12) + 13, 12))


@lru_cache
def review_levels(months: tuple[int, ...], level: float) -> tuple[float, ...]:
    """Level of the interval at each planned review, so that all together spend 1 - ``level``.

    By month t the share t^2 / (t^2 + 12^2) of the error is spent: a fifth by the sixth month,
    when there is little to see yet, half by the first anniversary and four fifths by the second,
    when partnerships are renewed or ended. It is never used up, so reviews may go on as long as
    the partnership does. The levels hang on the calendar alone, never on what was found.

    Parameters
    ----------
    months
        Planned reviews from the first on, in months after the start.
    level
        Of all looks together.

    Returns
    -------
    tuple of float
        One level a review, to four digits and at most 0.999. With 0.95 that limit is reached in
        the ninth year; it lets the total reach 5.2 percent after twenty years.

    Notes
    -----
    See ``look_levels``; it takes the evidence to grow with the calendar. Were the looks not alike
    at all, the total would still be at most 5.0 percent over two years and 7.1 over five.

    Examples
    --------
    >>> review_levels((3, 6, 12, 24), 0.95)
    (0.9971, 0.992, 0.982, 0.9793)
    """
    time = np.array(months, dtype=float)
    spent = (1 - level) * time**2 / (time**2 + HALF_SPENT**2)
    return tuple(round(one, 4) for one in look_levels(time, spent, highest=HIGHEST_LEVEL))


def look_levels(
    times: Sequence[float] | Floats, spent: Sequence[float] | Floats, *, highest: float
) -> list[float]:
    """Two-sided confidence level of each look at evidence that accumulates evenly over time.

    Parameters
    ----------
    times
        When the looks are taken, increasing and positive.
    spent
        Largest chance of any false finding up to and including each look.
    highest
        No level is above this, even where a look then spends more than was planned; the looks
        after it spend less.

    Notes
    -----
    Error spending after Lan and DeMets (1983, Biometrika 70), computed by the recursion of
    Armitage, McPherson and Rowe (1969, JRSS A 132): the density of a Brownian path that no
    earlier look has stopped, integrated over what lies outside this look's limit.
    """
    point, weight = roots_legendre(NODES)
    place, mass = np.zeros(1), np.ones(1)
    before = gone = 0.0
    levels = []
    for time, most in zip(times, spent, strict=True):
        scale, sd = np.sqrt(time), np.sqrt(time - before)
        outside = partial(_outside, place=place / sd, mass=mass, scale=scale / sd)
        limit = _limit(outside, most - gone, float(ndtri(0.5 + highest / 2)))
        levels.append(float(2 * ndtr(limit) - 1))
        gone += outside(limit)
        reached = limit * scale * point
        steps = np.exp(-0.5 * ((reached[:, None] - place) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
        place, mass, before = reached, limit * scale * weight * (steps @ mass), time
    return levels


def _outside(limit: float, *, place: Floats, mass: Floats, scale: float) -> float:
    """Chance that a path not yet stopped now lies beyond a limit on either side."""
    return float(mass @ (ndtr(place - limit * scale) + ndtr(-place - limit * scale)))


def _limit(outside: Callable[[float], float], chance: float, highest: float) -> float:
    """The limit beyond which the path lies with this chance, or the highest allowed."""
    if outside(highest) >= chance:
        return highest
    return float(brentq(lambda limit: outside(limit) - chance, 0.0, highest))
