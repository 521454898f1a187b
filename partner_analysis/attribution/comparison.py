"""The Poisson fit on untouched cells: a level for each cell, an effect for each period.

Expected count of cell i in period t: exposure x level of i x period effect of t, fitted on
untouched cells and periods only. Fitting by iterative proportional scaling gives the exact Poisson
maximum-likelihood fit, cannot diverge and needs no design matrix.

Source: Wooldridge (2023), Simple approaches to nonlinear difference-in-differences with panel
data, Econometrics Journal 26(3); its linear twin is Borusyak, Jaravel and Spiess (2024).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.sparse import block_array, csr_array
from scipy.sparse.csgraph import connected_components

from partner_analysis.attribution.cells import (
    Bools,
    Cells,
    Floats,
    Ints,
)

ENOUGH_PER_STRETCH: Final = 10.0
MOST_SWEEPS: Final = 500


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


def fit_comparison(cells: Cells, untouched: Bools, rows: Ints) -> Comparison:
    """The Poisson fit of levels and period effects of some cells, where they are untouched."""
    mask = untouched[rows]
    observed = np.where(mask, cells.observed[rows], 0.0)
    exposure = np.where(mask, cells.exposure[rows], 0.0)
    stretch = _stretches(cells, observed.sum(axis=0))
    came, open_days = by_stretch(observed, stretch), by_stretch(exposure, stretch)
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
    blocks = cells.blocks
    for stretch in (np.arange(len(came)), blocks):
        if np.median(by_stretch(came[None], stretch)) >= ENOUGH_PER_STRETCH:
            return stretch
    return blocks // 3 if blocks[-1] >= 8 else blocks


def by_stretch(values: Floats, stretch: Ints) -> Floats:
    """Sums over stretches of periods: (rows, stretches)."""
    starts = np.flatnonzero(np.diff(stretch, prepend=-1))
    return np.add.reduceat(values, starts, axis=1)
