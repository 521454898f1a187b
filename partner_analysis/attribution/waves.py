"""Untouched counts of clinics and cells as series, ready to be taken wave by wave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Bools, Floats, Ints
from partner_analysis.attribution.comparison import Comparison
from partner_analysis.attribution.panel import Panel

MOST_LEARNT_FROM: Final = 40
MOST_ALONE: Final = 0.9


def spread_over(ranked: Ints, most: int) -> Ints:
    """At most so many of a ranking, at even steps through it."""
    step = max(1.0, len(ranked) / most)
    return ranked[(np.arange(min(len(ranked), most)) * step).astype(np.int64)]


@dataclass(frozen=True)
class Waves:
    """Series of one kind as observed: relative departures, their noise, and whose they are.

    ``departure``, ``noise`` and ``known`` are (U, B); ``scale`` (U) says how much of a series' own
    shocks is left once its comparison, itself included, is taken away; ``unevenness`` (U) how
    much of a cell's shock it feels, ``share`` (U) how many independent series it counts for.
    """

    departure: Floats
    noise: Floats
    known: Bools
    scale: Floats
    unevenness: Floats
    share: Floats
    clinic: Ints


@dataclass(frozen=True)
class Series:
    """Untouched counts of some clinics' cells over blocks, and what was expected of them."""

    came: Floats
    stood: Floats
    scatter: Floats
    clinic: Ints
    weight: Floats
    concentration: Floats
    years: Floats

    @classmethod
    def of(cls, panel: Panel, comparisons: tuple[Comparison, ...], *, personas: bool) -> Series:
        """Series of at most ``MOST_LEARNT_FROM`` clinics, spread over their sizes.

        With ``personas`` each persona, added up over all clinics, stands for a clinic.
        """
        cells, block = panel.cells, panel.cells.blocks
        cluster, number = cells.clinic, len(cells.clinics)
        if personas:
            cluster, number = cells.persona, len(cells.personas)
        size = np.zeros(number)
        for each in comparisons:
            size += np.bincount(cluster[each.rows], each.came.sum(axis=1), number)
        ranked = np.argsort(size, kind="stable")[(size == 0).sum() :]
        chosen = spread_over(ranked, MOST_LEARNT_FROM)
        parts = [_sums(panel, each, cluster, chosen, block) for each in comparisons]
        came, stood, squares, clinic, weight, concentration = (
            np.concatenate(p) for p in zip(*parts, strict=True)
        )
        if personas:
            groups = (clinic[None, :] == np.unique(clinic)[:, None]).astype(float)
            came, stood, squares = groups @ came, groups @ stood, groups @ squares
            clinic, weight = np.unique(clinic), groups @ weight
        uneven = np.divide(squares, stood**2, out=np.zeros_like(stood), where=stood > 0)
        years = cells.block_years
        scatter = panel.restlessness * uneven
        return cls(came, stood, scatter, clinic, weight, concentration, years)

    @property
    def names(self) -> Ints:
        """Clinics that there is a series of."""
        return np.unique(self.clinic)

    @property
    def alone(self) -> bool:
        """Whether a clinic has but one cell, so that its shocks and its cell's are the same."""
        return len(self.clinic) == len(self.names)

    def _level(self) -> Floats:
        stood = self.stood.sum(axis=1)
        came = self.came.sum(axis=1)
        return np.divide(came, stood, out=np.zeros_like(stood), where=stood > 0)

    def totals(self) -> Waves:
        """Each clinic's total against what was expected of it."""
        due = self.stood * self._level()[:, None]
        groups = (self.clinic[None, :] == self.names[:, None]).astype(float)
        came, stood = groups @ self.came, groups @ due
        weight = groups @ self.weight / max(self.weight.sum(), 1e-300)
        squares = groups @ (due**2)
        per_block = np.divide(squares, stood**2, out=np.zeros_like(stood), where=stood > 0)
        scatter = groups @ (due**2 * self.scatter)
        scatter = np.divide(scatter, stood**2, out=np.zeros_like(stood), where=stood > 0)
        known = (stood > 0) & (stood.max(axis=0) <= MOST_ALONE * stood.sum(axis=0))
        number = len(self.names)
        return Waves(
            departure=np.divide(came, stood, out=np.ones_like(stood), where=known) - 1,
            noise=(1 - weight)[:, None] * (_inverse(stood) + scatter),
            known=known,
            scale=1 - 2 * weight + (weight**2).sum(),
            unevenness=_mean_where(per_block, known),
            share=np.full(number, (number - 1) / max(number, 1)),
            clinic=self.names,
        )

    def contrasts(self) -> Waves:
        """Each cell against the total of its clinic."""
        due = self.stood * self._level()[:, None]
        same = (self.clinic[:, None] == self.clinic[None, :]).astype(float)
        cells = same.sum(axis=1)
        came, stood = same @ self.came, same @ due
        known = (due > 0) & (stood > due * (1 + 1e-9))
        own = np.divide(self.came, due, out=np.ones_like(due), where=known)
        total = np.divide(came, stood, out=np.ones_like(due), where=known)
        part = np.divide(due, stood, out=np.zeros_like(due), where=known)
        noise = np.divide(1 - part, due, out=np.zeros_like(due), where=known)
        squares = np.divide(same @ due**2, stood**2, out=np.zeros_like(due), where=known)
        return Waves(
            departure=own - total,
            noise=(1 - self.weight)[:, None]
            * (noise + np.where(known, (1 - part) * self.scatter, 0.0)),
            known=known,
            scale=1 - 2 * self.weight + self.concentration,
            unevenness=_mean_where(1 - 2 * part + squares, known),
            share=(cells - 1) / np.maximum(cells, 1),
            clinic=self.clinic,
        )


def _sums(
    panel: Panel, comparison: Comparison, cluster: Ints, chosen: Ints, block: Ints
) -> tuple[Floats, Floats, Floats, Ints, Floats, Floats]:
    """Untouched sums over blocks of one comparison's cells in the chosen clusters.

    With them each cell's cluster, its share of the comparison, and how few cells that hangs on.
    """
    inside = np.isin(cluster[comparison.rows], chosen)
    inside &= comparison.came.sum(axis=1) > 0
    rows = comparison.rows[inside]
    mask = panel.untouched[rows]
    due = np.where(mask, comparison.level[inside, None] * comparison.pattern[inside], 0.0)
    came = np.where(mask & (due > 0), panel.cells.observed[rows], 0.0)
    starts = np.flatnonzero(np.diff(block, prepend=-1))
    sums = [np.add.reduceat(values, starts, axis=1) for values in (came, due, due**2)]
    share = comparison.came.sum(axis=1) / max(comparison.came.sum(), 1e-300)
    concentration = np.full(len(rows), (share**2).sum())
    return sums[0], sums[1], sums[2], cluster[rows], share[inside], concentration


def _inverse(values: Floats) -> Floats:
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)


def _mean_where(values: Floats, known: Bools) -> Floats:
    return np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
