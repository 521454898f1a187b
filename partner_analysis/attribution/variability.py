"""How far clinics, and the cells of a clinic, stray by themselves: learnt from all of them at once.

Two grids of sizes, one for whole clinics and one for their cells, are weighted by a stated prior
and by how well each size explains the untouched counts of every clinic: a clinic's total against
the others, and its cells against that total. The likelihood is taken wave by wave (cosine waves
of a series are all but independent of one another; Whittle 1953, Estimation and information in
stationary time series), which costs a thousandth of the full one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from scipy.fft import dct
from scipy.special import logsumexp, ndtri

from partner_analysis.attribution.cells import Bools, Floats, Ints
from partner_analysis.attribution.draws import lattice
from partner_analysis.attribution.panel import Comparison, Panel
from partner_analysis.attribution.shocks import MEMORIES, kernel_parts

SD: Final = (0.0, 0.04, 0.08, 0.13, 0.20, 0.32, 0.55)
DRIFT: Final = (0.0, 0.03, 0.07, 0.15, 0.30, 0.60)
SEASON: Final = (0.0, 0.08, 0.20)
PRIOR_SCALES: Final = {"sd": 0.12, "drift": 0.05, "season": 0.05, "season of a series": 0.12}
LEAST_LINE: Final = 0.10
STEEPEST: Final = 1.0
SETTINGS: Final = 128
MOST_LEARNT_FROM: Final = 40
ENOUGH_BLOCKS: Final = 6
LEAST_SCALE: Final = 1e-6
MOST_ALONE: Final = 0.9
WANDERS_ALONE: Final = 4


@dataclass(frozen=True)
class Grid:
    """Sizes of one level of shocks, a row each: sd, memory, drift, season; with log prior."""

    sizes: Floats
    log_prior: Floats

    @property
    def mix(self) -> Floats:
        """Variance of each kernel part (see ``shocks.kernel_parts``), one row per size."""
        fading = np.where(
            np.array(MEMORIES)[None, :] == self.sizes[:, 1, None], self.sizes[:, :1] ** 2, 0.0
        )
        return np.hstack([fading, self.sizes[:, [2, 2, 3]] ** 2])


def make_grid(season: str | None) -> Grid:
    """The grid with its prior; ``season`` names the prior scale of a season, None for none."""
    seasons = SEASON if season else (0.0,)
    sizes = np.array(list(product(SD, MEMORIES, DRIFT, seasons)))
    weights = [
        _half_cauchy(sizes[:, 0], SD, PRIOR_SCALES["sd"]),
        _half_cauchy(sizes[:, 2], DRIFT, PRIOR_SCALES["drift"]),
    ]
    if season:
        weights.append(_half_cauchy(sizes[:, 3], SEASON, PRIOR_SCALES[season]))
    return Grid(sizes, np.log(np.prod(weights, axis=0) / len(MEMORIES)))


@dataclass(frozen=True)
class Variability:
    """What the untouched counts say of each size: log likelihoods, one row per clinic.

    ``clinics`` names the rows. ``of_clinics`` is None where no clinic can be compared with
    others, or where a clinic has one cell only: then ``of_cells`` stands for all of it.
    """

    clinics: Ints
    cells_grid: Grid
    of_cells: Floats
    clinics_grid: Grid | None
    of_clinics: Floats | None

    def settings(self, own: Ints, *, own_pace: bool, years: Floats) -> Floats:
        """Equally likely sizes for the clinics that are judged, in the columns of ``shocks``.

        What the judged clinics themselves say is left out: their own past is weighed later. Where
        drift was learnt from other clinics, the judged one may get a pace of its own beside it, and
        in one setting of four a wander of its own, so that a step long ago is not taken for a
        trend; where it was not, the half-Cauchy prior of drift is the heavy tail already.
        """
        others = ~np.isin(self.clinics, own)
        sizes = np.zeros((SETTINGS, 8))
        points = lattice(SETTINGS, 3)
        cells = _spread_out(self.cells_grid, self.of_cells[others], points[0], years)
        sizes[:, 4:] = cells
        sizes[:, 1] = MEMORIES[0]
        if self.clinics_grid is not None and self.of_clinics is not None:
            clinics = _spread_out(self.clinics_grid, self.of_clinics[others], points[1], years)
            sizes[:, :3] = clinics[:, :3]
        if own_pace:
            learnt = sizes[:, 2] if self.clinics_grid is not None else sizes[:, 6]
            scale = np.maximum(learnt, LEAST_LINE)
            sizes[:, 3] = own_line(points[2], scale)
            wander = 2 if self.clinics_grid is not None else 6
            some = slice(None, None, WANDERS_ALONE)
            sizes[some, wander] = own_line(1 - points[1][some], scale[some])
        return sizes

    def typical(self) -> Floats:
        """Variance of each kernel part of cells, averaged over what is likely."""
        log_weight = self.cells_grid.log_prior + self.of_cells.sum(axis=0)
        found: Floats = np.exp(log_weight - logsumexp(log_weight)) @ self.cells_grid.mix
        return found


def spread_over(ranked: Ints, most: int) -> Ints:
    """At most so many of a ranking, at even steps through it."""
    step = max(1.0, len(ranked) / most)
    return ranked[(np.arange(min(len(ranked), most)) * step).astype(np.int64)]


def own_line(points: Floats, scale: Floats) -> Floats:
    """Standard deviations of the judged clinic's own yearly growth, heavy-tailed.

    A normal slope of these is Cauchy with the given scale: an even chance to lie within it, one
    in four to lie beyond two and a half times it.
    """
    return np.minimum(scale / np.maximum(ndtri(0.5 + points / 2), 1e-9), STEEPEST)


def _spread_out(grid: Grid, likelihoods: Floats, points: Floats, years: Floats) -> Floats:
    """Sizes at even steps through their posterior, from the calmest to the wildest."""
    log_weight = grid.log_prior + likelihoods.sum(axis=0)
    parts = kernel_parts(years)
    late = np.arange(len(years)) >= len(years) * 0.6
    late = late / max(late.sum(), 1) - ~late / max((~late).sum(), 1)
    reach = grid.mix @ np.einsum("b,jbc,c->j", late, parts, late)
    order = np.lexsort((np.arange(len(reach)), reach))
    below = np.cumsum(np.exp(log_weight - logsumexp(log_weight))[order])
    return grid.sizes[order[np.searchsorted(below, points * below[-1], side="left")]]


def learn_variability(
    panel: Panel, comparisons: tuple[Comparison, ...], *, personas: bool = False
) -> Variability:
    """What all untouched counts say of the sizes of shocks, expected from some comparisons.

    ``personas`` asks about personas summed over all clinics, as a persona that is treated
    everywhere is compared with the others.
    """
    series = _Series.of(panel, comparisons, personas=personas)
    if series.alone:
        of_cells = _by_clinic(series, series.totals(), make_grid("season"), None)
        return Variability(series.names, make_grid("season"), of_cells, None, None)
    cells_grid, clinics_grid = make_grid("season"), make_grid(None)
    of_cells = _by_clinic(series, series.contrasts(), cells_grid, None)
    log_weight = cells_grid.log_prior + of_cells.sum(axis=0)
    typical = np.exp(log_weight - logsumexp(log_weight)) @ cells_grid.mix
    of_clinics = _by_clinic(series, series.totals(), clinics_grid, typical)
    return Variability(series.names, cells_grid, of_cells, clinics_grid, of_clinics)


def no_variability(season: str) -> Variability:
    """What is known of sizes where nothing can be learnt from: the prior."""
    grid = make_grid(season)
    none = np.zeros((0, len(grid.log_prior)))
    return Variability(np.zeros(0, dtype=np.int64), grid, none, None, None)


@dataclass(frozen=True)
class _Waves:
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
class _Series:
    """Untouched counts of some clinics' cells over blocks, and what was expected of them."""

    came: Floats
    stood: Floats
    scatter: Floats
    clinic: Ints
    weight: Floats
    concentration: Floats
    years: Floats

    @classmethod
    def of(cls, panel: Panel, comparisons: tuple[Comparison, ...], *, personas: bool) -> _Series:
        """Series of at most ``MOST_LEARNT_FROM`` clinics, spread over their sizes.

        With ``personas`` each persona, added up over all clinics, stands for a clinic.
        """
        cells, block = panel.cells, panel.cells.blocks()
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
        years = np.bincount(block, panel.cells.years) / np.bincount(block)
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

    def totals(self) -> _Waves:
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
        return _Waves(
            departure=np.divide(came, stood, out=np.ones_like(stood), where=known) - 1,
            noise=(1 - weight)[:, None] * (_inverse(stood) + scatter),
            known=known,
            scale=1 - 2 * weight + (weight**2).sum(),
            unevenness=_mean_where(per_block, known),
            share=np.full(number, (number - 1) / max(number, 1)),
            clinic=self.names,
        )

    def contrasts(self) -> _Waves:
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
        return _Waves(
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


def _by_clinic(series: _Series, waves: _Waves, grid: Grid, typical: Floats | None) -> Floats:
    """Log likelihood of every size of a grid, one row per clinic: (clinics, G)."""
    total = np.zeros((len(series.names), len(grid.log_prior)))
    parts = kernel_parts(series.years)
    order = np.searchsorted(series.names, waves.clinic)
    patterns, which = np.unique(waves.known, axis=0, return_inverse=True)
    for number, known in enumerate(patterns):
        if known.sum() < ENOUGH_BLOCKS:
            continue
        mine = np.flatnonzero((which.reshape(-1) == number) & (waves.scale > LEAST_SCALE))
        basis = dct(np.eye(int(known.sum())), axis=0, norm="ortho")[1:]
        inside = parts[:, known][:, :, known]
        power = np.einsum("kb,jbc,kc->jk", basis, inside, basis, optimize=True)
        heights = (waves.departure[mine][:, known] @ basis.T) ** 2
        noise = waves.noise[mine][:, known] @ (basis.T**2)
        if typical is not None:
            noise = noise + (waves.scale * waves.unevenness)[mine, None] * (typical @ power)
        reach = grid.mix @ power
        felt = waves.scale[mine] * (1.0 if typical is not None else waves.unevenness[mine])
        for row, squares, floor, factor, part in zip(
            order[mine], heights, noise, felt, waves.share[mine], strict=True
        ):
            variance = factor * reach + floor
            total[row] -= 0.5 * part * (np.log(variance) + squares / variance).sum(axis=1)
    return total


def _inverse(values: Floats) -> Floats:
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)


def _mean_where(values: Floats, known: Bools) -> Floats:
    return np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)


def _half_cauchy(values: Floats, steps: tuple[float, ...], scale: float) -> Floats:
    """Prior weight of each value: half-Cauchy mass of the stretch around its step."""
    edges = np.array([0, *(np.array(steps[:-1]) + np.array(steps[1:])) / 2, np.inf])
    mass = np.diff(2 / np.pi * np.arctan(edges / scale))
    return mass[np.searchsorted(np.array(steps), values)]
