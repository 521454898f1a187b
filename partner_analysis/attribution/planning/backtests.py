"""Effects planted in the practice's own past, and how many of them would have been noticed.

A design is tried at its own clinics and at others of like size, in stretches of the past in which
nothing else began or ended there. The estimator sees each stretch as it would have seen it then.
Its limits do not depend on what came in the planted cells while the partnership runs, so one
estimate a look serves for every size of effect: exactly where no other partnership runs in the
same cells, else nearly (see ``noticing``).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import bdtr, betaincinv, pdtrc

from partner_analysis.attribution.cells import Bools, Floats
from partner_analysis.attribution.effect import months_later
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.planning.ahead import looks_at
from partner_analysis.attribution.planning.designs import QUARTER, Design, ranked_clinics
from partner_analysis.attribution.planning.noticing import (
    Look,
    chance_at,
    limits,
    noticed_by,
)
from partner_analysis.attribution.reviews.known import PracticeTables, first_day_after
from partner_analysis.tables import Interval

LEAST_BEFORE_MONTHS: Final = 6
MOST_STRETCHES: Final = 12
SHUFFLES: Final = 3
PLANTED: Final = 400


class Stretch(NamedTuple):
    """A piece of the past in which a design can be tried, and for how many months."""

    design: Design
    start: pd.Timestamp
    months: int


@dataclass(frozen=True)
class Trial:
    """One stretch as the estimator saw it: looks by month, and the counts called a change.

    ``bounds`` are those of the declared rule, ``single`` those of one look at the usual level.
    """

    stretch: Stretch
    looks: Mapping[int, Look]
    bounds: Mapping[int, tuple[int, int]]
    single: Mapping[int, tuple[int, int]]

    def noticed(self, change: float) -> dict[int, float]:
        """Share of plantings noticed by each look; see ``plant``."""
        counts = self._planted(change)
        done = np.zeros(PLANTED, dtype=bool)
        found = {}
        for number, (month, look) in enumerate(self.looks.items()):
            fewer, more = self.bounds[month]
            came = look.observed + counts[number] if change >= 0 else counts[number]
            done |= (came >= more) if change >= 0 else (came <= fewer)
            found[month] = float(done.mean())
        return found

    def noticed_once(self, change: float) -> dict[int, float]:
        """Chance of noticing at each look if it were the only one."""
        found = {}
        for month, look in self.looks.items():
            fewer, more = self.single[month]
            if change < 0:
                found[month] = float(bdtr(fewer, round(look.observed), 1 + change))
            elif change == 0 or look.observed >= more:
                found[month] = float(look.observed >= more)
            else:
                found[month] = float(pdtrc(more - look.observed - 1, change * look.rate))
        return found

    def foreseen(self, change: float) -> dict[int, float]:
        """Chance of having noticed by each look that the formula gives for this very stretch."""
        months = list(self.looks)
        alone = [chance_at(self.looks[m], self.bounds[m], change) for m in months]
        information = [self.looks[m].information for m in months]
        return dict(zip(months, noticed_by(alone, information), strict=True))

    def _planted(self, change: float) -> Floats:
        """What plantings add up to by each look: patients added, or those left.

        More are Poisson in proportion to what the clinic saw; fewer are left by tossing a coin
        for each that came.
        """
        stretch = self.stretch
        words = f"{stretch.design.clinics}{stretch.design.personas}{stretch.start:%Y-%m-%d}"
        draw = np.random.default_rng(zlib.crc32(words.encode()))
        base = [look.rate if change >= 0 else look.observed for look in self.looks.values()]
        steps = np.maximum(np.diff(np.maximum.accumulate([0.0, *base])), 0)[:, None]
        shape = (len(base), PLANTED)
        if change >= 0:
            return draw.poisson(change * steps, shape).cumsum(axis=0).astype(np.float64)
        kept = draw.binomial(np.round(steps).astype(np.int64), 1 + change, shape)
        return kept.cumsum(axis=0).astype(np.float64)


def stretches(
    practice: PracticeTables, panel: Panel, design: Design, months: Sequence[int]
) -> list[Stretch]:
    """Where and when a design can be tried: at most 12, those that share no count first.

    The longest come first, then those with the most history before them.
    """
    steady = _steady(panel)
    found = []
    for rank, other in enumerate(_stand_ins(practice.counts, design)):
        for start in _starts(practice.periods, design):
            fits = [m for m in months if _fits(panel, steady, other, start, m)]
            if fits:
                found.append((-max(fits), -start.value, rank, Stretch(other, start, max(fits))))
    ordered = [stretch for *_, stretch in sorted(found, key=lambda one: one[:3])]
    apart = [ordered[k] for k in _apart(panel, ordered)]
    return (apart + [one for one in ordered if one not in apart])[:MOST_STRETCHES]


def count_apart(panel: Panel, tried: Sequence[Stretch]) -> int:
    """How many of some stretches share no cell and period with one another."""
    return len(_apart(panel, tried))


def run_trial(
    practice: PracticeTables, stretch: Stretch, levels: Mapping[int, float], level: float
) -> Trial:
    """One stretch, seen at every look that it reaches; ``levels`` by month are the rule's."""
    months = [month for month in levels if month <= stretch.months]
    looks = looks_at(practice, stretch.design, stretch.start, months)
    return Trial(
        stretch=stretch,
        looks=looks,
        bounds={month: limits(look, levels[month]) for month, look in looks.items()},
        single={month: limits(look, level) for month, look in looks.items()},
    )


def share_of(chances: Sequence[float], apart: int) -> Interval:
    """A mean chance with its 95% interval, as if only stretches apart had been tried (Jeffreys).

    >>> few, many = share_of([1.0, 0.0], apart=2), share_of([1.0, 0.0], apart=40)
    >>> round(few.low, 2), round(many.low, 2)
    (0.06, 0.35)
    """
    if not chances or not apart:
        return Interval(float("nan"), 0.0, 1.0)
    mean = float(np.mean(chances))
    hits, misses = mean * apart + 0.5, (1 - mean) * apart + 0.5
    low, high = (float(betaincinv(hits, misses, tail)) for tail in (0.025, 0.975))
    return Interval(mean, min(low, mean), max(high, mean))


def _steady(panel: Panel) -> Bools:
    """Cells and periods that are known and into which nothing began, ended or settled."""
    changes = np.zeros(panel.cells.usable.shape, dtype=bool)
    for touch in panel.touches.values():
        changes[touch.cells, 1:] |= touch.touched[:, 1:] != touch.touched[:, :-1]
        changes[touch.cells] |= touch.settling
    steady: Bools = panel.cells.usable & ~changes
    return steady


def _fits(panel: Panel, steady: Bools, design: Design, start: pd.Timestamp, months: int) -> bool:
    """Whether nothing else changed from half a year before a start to so many months after it."""
    end = months_later(start, months)
    first = months_later(start, -LEAST_BEFORE_MONTHS)
    periods = panel.cells.periods
    last_day = first_day_after(periods)
    within = (periods >= first) & (periods < end)
    rows = panel.cells.covered(design.clinics, design.personas)
    if end > last_day or first < periods[0] or not rows.any():
        return False
    return bool(steady[rows][:, within].all())


def _starts(periods: pd.DatetimeIndex, design: Design) -> list[pd.Timestamp]:
    """Starts a quarter apart, the latest first, on the first day of a period."""
    end = first_day_after(periods)
    latest = int((end - periods[0]).days // 91)
    wished = [months_later(end, -QUARTER * number) for number in range(1, latest + 1)]
    found = [periods[periods >= day][0] for day in wished if (periods >= day).any()]
    return [day for day in dict.fromkeys(found) if day > periods[0]]


def _stand_ins(counts: pd.DataFrame, design: Design) -> list[Design]:
    """The design itself, then the same at other clinics: those nearest in size first."""
    ranked = ranked_clinics(counts, (), design.personas)
    wanted = len(design.clinics)
    if wanted == 1:
        place = ranked.index(design.clinics[0])
        near = sorted(range(len(ranked)), key=lambda k: (abs(k - place), k))
        return [design.at([ranked[k]]) for k in near]
    found = {design.clinics: design}
    words = f"{design.clinics}{design.personas}"
    draw = np.random.default_rng(zlib.crc32(words.encode()))
    for _ in range(SHUFFLES):
        order = [ranked[k] for k in draw.permutation(len(ranked))]
        for first in range(0, len(order) - wanted + 1, wanted):
            chosen = tuple(order[first : first + wanted])
            if set(chosen) not in [set(one) for one in found]:
                found[chosen] = design.at(chosen)
    return list(found.values())


def _apart(panel: Panel, tried: Sequence[Stretch]) -> list[int]:
    """Positions of stretches that share no cell and period after their starts, greedily."""
    taken = np.zeros(panel.cells.usable.shape, dtype=bool)
    periods, found = panel.cells.periods, []
    for number, stretch in enumerate(tried):
        end = months_later(stretch.start, stretch.months)
        when = (periods >= stretch.start) & (periods < end)
        rows = panel.cells.covered(stretch.design.clinics, stretch.design.personas)
        mine = rows[:, None] & when
        if not (taken & mine).any():
            taken |= mine
            found.append(number)
    return found
