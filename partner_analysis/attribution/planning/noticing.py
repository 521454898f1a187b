"""How many new patients would be called a change at one look, and the chance that they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri, pdtr, pdtrc, roots_legendre

from partner_analysis.attribution.cells import Floats
from partner_analysis.attribution.draws import DRAWS, amount_draws, interval_of, lattice
from partner_analysis.attribution.foreseen import weighed_until
from partner_analysis.attribution.joint import choose_window
from partner_analysis.attribution.panel import Panel, arrange_panel
from partner_analysis.attribution.posterior import variability_of, weigh
from partner_analysis.attribution.reviews.known import PracticeTables
from partner_analysis.attribution.windows import Window

FAR: Final = 8.0
NODES: Final = 160
CLOSE: Final = 24.0  # so many nodes over the smallest step keep them closer than that step
EVERY: Final = 16
STEPS: Final = 40
NEAR: Final = 0.98  # between the levels of a single look and of the first review
LEAST_GROWTH: Final = 1.001
SMALLEST, LARGEST = 0.001, 20.0


@dataclass(frozen=True)
class Look:
    """What is known of one partnership at one look, before anybody asks what came.

    ``observed`` and ``expected`` are new patients in the active window, ``days`` its length and
    ``without`` draws of what would have come without it. ``months`` are those since the start;
    ``is_compared`` says whether other cells are left to compare with. Beside another partnership
    what comes says a little of that one's effect too: ``without_many`` are the same draws if about
    as many came as are called more (a third estimate for fewer would rarely be asked for).
    """

    months: int
    observed: float
    expected: float
    days: float
    without: Floats = field(repr=False)
    is_compared: bool = True
    without_many: Floats | None = field(default=None, repr=False)

    @property
    def information(self) -> float:
        """One over the variance of the log ratio: how much this look can tell."""
        unsure = float(np.var(np.log(np.maximum(self.without, 1e-9))))
        return 1 / (unsure + 1 / max(self.expected, 0.5))

    @property
    def rate(self) -> float:
        """What probably lay behind the observed count: between it and what was expected.

        Each counts by how well it is known (empirical Bayes on the log scale), so that patients
        planted in proportion to it neither repeat the count's own luck nor ignore the clinic's.
        """
        if self.expected <= 0:
            return self.observed
        unsure = float(np.var(np.log(np.maximum(self.without, 1e-9))))
        weight = unsure / (unsure + 1 / self.expected)
        return float(self.expected * ((self.observed + 0.5) / (self.expected + 0.5)) ** weight)


def look_at(
    known: PracticeTables, identifier: str, months: int, *, before: Panel | None = None
) -> Look | None:
    """What the estimator knows of a partnership on a day; None where it has no number of its own.

    ``known`` is the practice as known on the day of the look; see ``PracticeTables.known_on``.
    Where its latest counts are only supposed, ``before`` are those that came: how far clinics
    stray by themselves is learnt from these alone.
    """
    panel = arrange_panel(known.counts, known.partnerships, known.events, known.holidays)
    panel = panel.narrow if panel.wide and identifier not in panel.wide else panel
    window = choose_window(panel, identifier, known.method)
    if not window.active.any() or len(window.judged) > 1:
        return None
    if before is not None:
        panel.learnt[window.route] = variability_of(before, window.route)
    observed, expected, without = _weighed(panel, window, before)
    days = float(panel.cells.length[window.when].sum())
    look = Look(
        months,
        observed,
        expected,
        days,
        without,
        is_compared=window.route != "series",
    )
    return _beside_another(look, panel, window, before) if window.design.shape[2] > 1 else look


def _weighed(panel: Panel, window: Window, before: Panel | None) -> tuple[float, float, Floats]:
    """What came, was to be expected, and draws of it; a series learns from ``before`` alone."""
    found = weigh(panel, window)
    if before is None or window.route != "series" or found.small:
        return found.observed, found.expected, found.without
    return found.observed, *weighed_until(found, float(before.cells.years[-1]))


def _beside_another(look: Look, panel: Panel, window: Window, before: Panel | None) -> Look:
    """The look with what would be said of others' effects near its upper limit."""
    if look.observed <= 0:
        return look
    ratio = limits(look, NEAR)[1] / look.observed
    return replace(look, without_many=_without_if(ratio, panel, window, before))


def _without_if(ratio: float, panel: Panel, window: Window, before: Panel | None) -> Floats:
    """Draws of what would have come, if so many times as many had come while it ran."""
    observed = panel.cells.observed.copy()
    observed[window.rows] *= np.where(window.active, ratio, 1.0)
    planted = copy(panel)  # with all that untouched counts have taught
    object.__setattr__(planted, "cells", replace(panel.cells, observed=observed))
    return _weighed(planted, window, before)[2]


def limits(look: Look, level: float) -> tuple[int, int]:
    """Counts at one look that are called a change: fewer up to the first, more from the second.

    -1 where no count is small enough. The same draws and the same rule as an estimate's verdict.
    """
    many = look.without if look.without_many is None else look.without_many

    def interval(count: int, without: Floats) -> tuple[float, float]:
        found = interval_of(_came(count) - without, count - look.expected, level)
        return found.low, found.high

    about = _rough_limits(look, level)
    more = _first(lambda count: interval(count, many)[0] > 0, near=about[1])
    fewer = _first(lambda count: interval(count, look.without)[1] >= 0, near=about[0] + 1) - 1
    return fewer, more


@lru_cache(maxsize=512)
def _came(count: int) -> Floats:
    """Draws of what came, for a count: those of every estimate."""
    draws = amount_draws(float(count), lattice(DRAWS, 2)[1])
    draws.flags.writeable = False
    return draws


def _rough_limits(look: Look, level: float) -> tuple[int, int]:
    """About where the limits lie, by a normal approximation of the log ratio."""
    sd = float(np.sqrt(np.var(np.log(np.maximum(look.without, 1e-9))) + 1 / (look.expected + 0.5)))
    reach = float(ndtri(0.5 + level / 2)) * min(sd, 3.0)
    return int(look.expected * np.exp(-reach)), int(look.expected * np.exp(reach)) + 1


def _first(holds: Callable[[int], bool], *, near: int) -> int:
    """The smallest count from 0 at which something that stays true holds, sought around one."""
    near, step = max(near, 0), 1
    if holds(near):
        low, high = near - step, near
        while low >= 0 and holds(low):
            step *= 2
            low, high = low - step, low
    else:
        low, high = near, near + step
        while not holds(high):
            step *= 2
            low, high = high, high + step
    low = max(low, -1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def chance_at(look: Look, bounds: tuple[int, int], change: float) -> float:
    """Chance that a change (0.2 = 20 percent more) would be called one at this look.

    Averaged over what may come without the partnership and over Poisson luck, so it needs no
    normal approximation; where counts are large it is that of
    exp((z + z of the chance) x standard error) - 1.
    """
    mean = np.sort(look.without)[EVERY // 2 :: EVERY] * (1 + change)
    fewer, more = bounds
    if change >= 0:
        return float(np.mean(pdtrc(more - 1, mean))) if more > 0 else 1.0
    return float(np.mean(pdtr(fewer, mean))) if fewer >= 0 else 0.0


def noticed_by(chances: Sequence[float], information: Sequence[float]) -> list[float]:
    """Chance of having noticed by each of several looks, from the chance at each by itself.

    ``information`` is that of each look. Two looks at one effect correlate by the root of its
    ratio (Scharfstein, Tsiatis and Robins 1997, JASA 92), so a later look that knows hardly more
    is hardly another chance. The recursion is that of Armitage, McPherson and Rowe (1969, JRSS
    A 132), on one side.

    >>> [round(one, 3) for one in noticed_by([0.5, 0.5], [3.0, 6.0])]
    [0.5, 0.625]
    >>> [round(one, 3) for one in noticed_by([0.5, 0.5], [3.0, 3.0])]
    [0.5, 0.505]
    """
    times = _growing(information)
    point, weight = _nodes(times)
    limit = np.clip(-ndtri(np.asarray(chances, dtype=float)), -FAR, FAR)
    place, mass = np.zeros(1), np.ones(1)
    before = 0.0
    left = []
    for time, most in zip(times, limit, strict=True):
        scale, sd = np.sqrt(time), np.sqrt(time - before)
        half = (most + FAR) * scale / 2
        reached = -FAR * scale + half * (point + 1)
        left.append(float(mass @ ndtr((most * scale - place) / sd)))
        steps = np.exp(-0.5 * ((reached[:, None] - place) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
        place, mass, before = reached, half * weight * (steps @ mass), time
    return [float(1 - one) for one in np.minimum.accumulate(left)]


def _nodes(times: list[float]) -> tuple[Floats, Floats]:
    """Points and weights of the integral, closer where a look hardly knows more than the last."""
    step = min((np.sqrt(1 - a / b) for a, b in pairwise(times)), default=1.0)
    return _legendre(max(NODES, int(np.ceil(CLOSE / step))))


@lru_cache(maxsize=64)
def _legendre(number: int) -> tuple[Floats, Floats]:
    point, weight = roots_legendre(number)
    return point, weight


def _growing(information: Sequence[float]) -> list[float]:
    """The same, made to grow by at least a thousandth from look to look."""
    found: list[float] = []
    for one in information:
        found.append(max(one, found[-1] * LEAST_GROWTH) if found else one)
    return found


def smallest_change(chance: Callable[[float], float], wanted: float) -> float:
    """The smallest increase with at least the wanted chance; inf where twentyfold has not."""
    if chance(LARGEST) < wanted:
        return float("inf")
    low, high = SMALLEST, LARGEST
    for _ in range(STEPS):
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if chance(middle) >= wanted else (middle, high)
        if high / low < 1.005:
            break
    return high
