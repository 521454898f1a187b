"""What the cells that no partnership touches say about every other cell.

Expected count of cell i in period t: exposure x level of i x period effect of its group in t,
fitted as a Poisson model on untouched cells and periods only, then carried to the others
(multiplicative imputation). Fitting by iterative proportional scaling gives the exact Poisson
maximum-likelihood fit, cannot diverge and needs no design matrix.

Source: Wooldridge (2023), Simple approaches to nonlinear difference-in-differences with panel
data, Econometrics Journal 26(3); its linear twin is Borusyak, Jaravel and Spiess (2024).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.sparse import block_array, csr_array
from scipy.sparse.csgraph import connected_components

from partner_analysis.attribution.calendar import Causes, known_causes, leaves_out_holidays
from partner_analysis.attribution.cells import (
    Bools,
    Cells,
    Floats,
    Ints,
    Touch,
    arrange_cells,
    trace_touch,
)

ENOUGH_CELLS: Final = 4
ENOUGH_PER_STRETCH: Final = 10.0
MOST_SWEEPS: Final = 500
LEAST_SCATTER: Final = 100.0


@dataclass(frozen=True)
class Comparison:
    """A Poisson fit on the untouched part of one group of cells.

    ``rows`` are its cells, ``stretch`` (T) numbers the stretches of periods that share one
    period effect (single periods where the counts allow). ``level`` is per cell, ``pattern``
    (rows, T) is exposure x period effect; ``came`` and ``stood`` (rows, stretches) are the
    untouched sums of observed and fitted, which leave-one-out needs. ``island`` (rows) and
    ``island_of_stretch`` number the parts that share no untouched stretch: between them nothing
    can be compared.
    """

    rows: Ints
    stretch: Ints
    level: Floats
    pattern: Floats
    came: Floats
    stood: Floats
    island: Ints
    island_of_stretch: Ints

    def others(self, left_out: Bools) -> tuple[Floats, Floats]:
        """Per period: how the others' counts compare with their fit, and how many they are.

        Where the others can say nothing, both are 0. A stretch's patients are spread over its
        periods, so that uncertainty adds up to the stretch's own.
        """
        gone = left_out[self.rows]
        whole_came, whole_stood = self._whole
        came = whole_came - self.came[gone].sum(axis=0)
        stood = whole_stood - self.stood[gone].sum(axis=0)
        known = (stood > 1e-9 * np.maximum(whole_stood, 1.0)) & (came > 1e-9)
        ratio = np.divide(came, stood, out=np.zeros_like(came), where=known)
        behind = np.where(known, stood, 0.0) / np.bincount(self.stretch)
        return ratio[self.stretch], behind[self.stretch]

    def reaches(self, inside: Ints) -> Bools:
        """Where the period effects speak of some of its rows (by position): (rows, T)."""
        return self.island[inside, None] == self.island_of_stretch[self.stretch]

    def serving(self, left_out: Bools, when: Bools) -> Bools:
        """Which of its rows the period effects of some periods rest on, with cells left out."""
        stretches = np.unique(self.stretch[when])
        return ~left_out[self.rows] & self._speaks & (self.stood[:, stretches] > 0).any(axis=1)

    def weights(self, left_out: Bools, when: Bools) -> Floats:
        """How many patients each row lends to the period effects of some periods."""
        lent = self.stood[:, np.unique(self.stretch[when])].sum(axis=1)
        return np.where(~left_out[self.rows] & self._speaks, lent, 0.0)

    @cached_property
    def _speaks(self) -> Bools:
        return self.came.sum(axis=1) > 0

    @cached_property
    def _whole(self) -> tuple[Floats, Floats]:
        return self.came.sum(axis=0), self.stood.sum(axis=0)


@dataclass(frozen=True)
class Panel:
    """All cells of a practice with all its partnerships: what every estimate starts from.

    ``touching`` counts the partnerships that touch a cell in a period, ``spilled`` says where
    they may take patients away (their neighbours, which serve nobody then). ``learnt`` keeps what
    was learnt once of how far clinics stray.
    """

    cells: Cells
    touches: dict[str, Touch]
    touching: Ints = field(repr=False)
    register: pd.DataFrame = field(repr=False)
    spilled: dict[str, Touch] = field(default_factory=dict, repr=False)
    events: pd.DataFrame | None = field(default=None, repr=False)
    holidays: str = "US"
    learnt: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def untouched(self) -> Bools:
        """Known cells and periods that no partnership touches."""
        return self.cells.usable & (self.touching == 0)

    @cached_property
    def causes(self) -> Causes:
        """Known causes of every clinic and period: holidays, the insurance year, shocks."""
        cells = self.cells
        country, _, part = self.holidays.partition("-")
        shut = bool(country) and leaves_out_holidays(
            cells.exposure,
            cells.usable,
            cells.periods,
            cells.length,
            country=country,
            subdivision=part or None,
        )
        return known_causes(
            cells.periods,
            cells.length,
            clinics=cells.clinics,
            events=self.events,
            country=country,
            subdivision=part or None,
            has_open_days=shut,
        )

    @cached_property
    def by_persona(self) -> tuple[Comparison, ...]:
        """One comparison for each persona, in the order of ``cells.personas``."""
        personas = range(len(self.cells.personas))
        rows = [np.flatnonzero(self.cells.persona == persona) for persona in personas]
        return tuple(fit_comparison(self.cells, self.untouched, each) for each in rows)

    @cached_property
    def pooled(self) -> tuple[Comparison, ...]:
        """One comparison for all cells together."""
        everything = np.arange(len(self.cells.persona))
        return (fit_comparison(self.cells, self.untouched, everything),)

    @property
    def restlessness(self) -> float:
        """Variance of what moves one cell in one period beyond Poisson noise and the month.

        From untouched cells, by moments: how far their counts scatter around their own month's
        mean, less what Poisson counts would (over-dispersion as in a negative binomial). 0 where
        periods are as long as a month, or counts scatter less than Poisson.
        """
        scattered, by_chance, squares = self._scatter
        return max((scattered - by_chance) / squares, 0.0) if squares > 1e-9 else 0.0

    @property
    def evenness(self) -> float:
        """How far counts scatter within their month, by chance alone 1; 1 where few can tell."""
        scattered, by_chance, squares = self._scatter
        return scattered / by_chance if squares > 1e-9 and by_chance > LEAST_SCATTER else 1.0

    @cached_property
    def _scatter(self) -> tuple[float, float, float]:
        """Sums of squares within months, of what Poisson counts would give, and of the means."""
        block = self.cells.blocks()
        scattered, by_chance, squares = 0.0, 0.0, 0.0
        for each in self.by_persona:
            mask = self.untouched[each.rows]
            fitted = np.where(mask, each.level[:, None] * each.pattern, 0.0)
            came = np.where(mask, self.cells.observed[each.rows], 0.0)
            due = _by_stretch(fitted, block)
            ratio = np.divide(_by_stretch(came, block), due, out=np.zeros_like(due), where=due > 0)
            part = np.divide(fitted, due[:, block], out=np.zeros_like(fitted), where=fitted > 0)
            mean = fitted * ratio[:, block]
            own = np.divide(
                fitted,
                _by_stretch(fitted, each.stretch).sum(axis=0)[each.stretch],
                out=np.zeros_like(fitted),
                where=fitted > 0,
            )
            free = (1 - part) * (1 - own)
            scattered += float(((came - mean) ** 2).sum())
            by_chance += float((mean * free).sum())
            squares += float((fitted**2 * free).sum())
        return scattered, by_chance, squares

    @cached_property
    def wide(self) -> tuple[str, ...]:
        """Partnerships that touch every known cell in the same periods.

        What they change, they change everywhere: for all others it is a period effect.
        """
        usable = self.cells.usable
        found = []
        for identifier, touch in self.touches.items():
            touched = np.zeros(usable.shape, dtype=bool)
            touched[touch.cells] = touch.touched
            when = (touched & usable).any(axis=0)
            if when.any() and (touched | ~usable)[:, when].all() and len(touched) > 1:
                found.append(identifier)
        return tuple(found)

    @cached_property
    def narrow(self) -> Panel:
        """The panel without those that ran everywhere at once."""
        return self.without(self.wide) if self.wide else self

    @cached_property
    def meets(self) -> dict[str, tuple[str, ...]]:
        """For each partnership, those that touch its cells while it is active there."""
        names = list(self.touches)
        place = np.zeros((len(names), len(self.cells.persona)), dtype=np.int64)
        for number, touch in enumerate(self.touches.values()):
            place[number, touch.cells] = 1
        shared = place @ place.T
        found: dict[str, tuple[str, ...]] = {}
        for number, name in enumerate(names):
            near = [names[k] for k in np.flatnonzero(shared[number]) if k != number]
            found[name] = tuple(other for other in near if self._meet(name, other))
        return found

    def _meet(self, name: str, other_name: str) -> bool:
        """Whether one touches a known cell in a period in which the other is active there."""
        own, other = self.touches[name], self.touches[other_name]
        mine, theirs = np.isin(own.cells, other.cells), np.isin(other.cells, own.cells)
        known = self.cells.usable[own.cells[mine]]
        return bool((own.active[mine] & other.touched[theirs] & known).any())

    def without(self, left_out: tuple[str, ...]) -> Panel:
        """The panel as if some partnerships did not exist."""
        touches = {key: touch for key, touch in self.touches.items() if key not in left_out}
        spilled = {key: touch for key, touch in self.spilled.items() if key not in left_out}
        touching = _count_touches(self.cells, touches) + _count_touches(self.cells, spilled)
        return replace(self, touches=touches, touching=touching, spilled=spilled, learnt={})

    def patterns(self, rows: Ints, left_out: Bools) -> tuple[Floats, Floats, Floats]:
        """Expected pattern of some cells from all others but those left out.

        Returns
        -------
        level, pattern, comparison
            (rows), (rows, T), (rows, T): expected is level x pattern; comparison is the number
            of patients its period effect rests on. Pattern is 0 where nothing can be said.
        """
        common = self.pooled[0]
        ratio, behind = common.others(left_out)
        pattern = np.where(common.reaches(rows), common.pattern[rows] * ratio, 0.0)
        return common.level[rows], pattern, np.broadcast_to(behind, pattern.shape)

    def touched_by_others(self, rows: Ints, members: tuple[str, ...]) -> Bools:
        """Cells and periods that partnerships other than the members touch: (rows, T)."""
        count = self.touching[rows].copy()
        for member in members:
            touch = self.touches[member]
            shared = np.isin(rows, touch.cells)
            inside = np.searchsorted(touch.cells, rows[shared])
            count[shared] -= touch.touched[inside]
        return count > 0


def arrange_panel(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    events: pd.DataFrame | None = None,
    holidays: str = "US",
) -> Panel:
    """The panel of checked counts, checked partnerships and checked events."""
    return panel_of(arrange_cells(counts), partnerships, events, holidays)


def panel_of(
    cells: Cells, partnerships: pd.DataFrame, events: pd.DataFrame | None, holidays: str
) -> Panel:
    """The panel of some cells: where each partnership of the register touches them."""
    grouped = partnerships.groupby("partnership_id", sort=True)
    touches = {str(key): trace_touch(cells, rows) for key, rows in grouped}
    spilled = {
        str(key): trace_touch(cells, rows.assign(clinics=rows["neighbours"]))
        for key, rows in grouped
        if rows["neighbours"].iloc[0]
    }
    touching = _count_touches(cells, touches) + _count_touches(cells, spilled)
    return Panel(cells, touches, touching, partnerships, spilled, events, holidays)


def _count_touches(cells: Cells, touches: dict[str, Touch]) -> Ints:
    """How many partnerships touch each cell in each period."""
    touching = np.zeros(cells.observed.shape, dtype=np.int64)
    for touch in touches.values():
        touching[touch.cells] += touch.touched
    return touching


def fit_comparison(cells: Cells, untouched: Bools, rows: Ints) -> Comparison:
    """The Poisson fit of levels and period effects of some cells, where they are untouched."""
    mask = untouched[rows]
    observed = np.where(mask, cells.observed[rows], 0.0)
    exposure = np.where(mask, cells.exposure[rows], 0.0)
    stretch = _stretches(cells, observed.sum(axis=0))
    came, open_days = _by_stretch(observed, stretch), _by_stretch(exposure, stretch)
    level, effect = _scale_to_fit(came, open_days)
    island, island_of_stretch = _islands(open_days > 0)
    return Comparison(
        rows=rows,
        stretch=stretch,
        level=level,
        pattern=cells.exposure[rows] * effect[stretch],
        came=came,
        stood=level[:, None] * effect * open_days,
        island=island,
        island_of_stretch=island_of_stretch,
    )


def _islands(known: Bools) -> tuple[Ints, Ints]:
    """Connected parts of the graph of cells and the stretches in which they are known."""
    anywhere = known.any(axis=0)
    if known[:, anywhere].all(axis=1).any():
        return np.zeros(len(known), dtype=np.int64), np.zeros(known.shape[1], dtype=np.int64)
    edges = csr_array(known)
    graph = block_array([[None, edges], [edges.T, None]])
    parts = connected_components(graph, directed=False)[1].astype(np.int64)
    return parts[: len(known)], parts[len(known) :]


def _scale_to_fit(came: Floats, exposure: Floats) -> tuple[Floats, Floats]:
    """Levels by cell and effects by stretch, by iterative proportional scaling."""
    by_cell, by_stretch = came.sum(axis=1), came.sum(axis=0)
    days = exposure.sum(axis=1)
    level = np.divide(by_cell, days, out=np.zeros(len(came)), where=days > 0)
    effect = np.ones(len(by_stretch))
    for _ in range(MOST_SWEEPS):
        due = level @ exposure
        effect = np.divide(by_stretch, due, out=np.zeros_like(due), where=due > 0)
        due_cells = exposure @ effect
        renewed = np.divide(by_cell, due_cells, out=np.zeros(len(came)), where=due_cells > 0)
        change = np.abs(renewed - level).max(initial=0.0)
        level = renewed
        if change <= 1e-11 * level.max(initial=0.0):
            break
    return level, effect


def _stretches(cells: Cells, came: Floats) -> Ints:
    """Stretches of periods that share one effect, as short as the counts allow.

    An effect that rests on a handful of patients is noise, and leaving out periods in which
    nobody came would favour the others; sparse groups share an effect for a month or a quarter.
    """
    blocks = cells.blocks()
    for stretch in (np.arange(len(came)), blocks):
        if np.median(_by_stretch(came[None], stretch)) >= ENOUGH_PER_STRETCH:
            return stretch
    return blocks // 3 if blocks[-1] >= 8 else blocks


def _by_stretch(values: Floats, stretch: Ints) -> Floats:
    starts = np.flatnonzero(np.diff(stretch, prepend=-1))
    return np.add.reduceat(values, starts, axis=1)
