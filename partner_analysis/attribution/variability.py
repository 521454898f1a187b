"""How far clinics, and the cells of a clinic, stray by themselves: learnt from all of them at once.

Two grids of sizes, one for whole clinics and one for their cells, are weighted by a stated prior
and by how well each size explains the untouched counts of every clinic: a clinic's total against
the others, and its cells against that total. The likelihood is taken wave by wave (cosine waves
of a series are all but independent of one another; Whittle 1953, Estimation and information in
stationary time series), which costs a thousandth of the full one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import Final

import numpy as np
from scipy.fft import dct
from scipy.special import ndtri

from partner_analysis.attribution.cells import Floats, Ints
from partner_analysis.attribution.comparison import Comparison
from partner_analysis.attribution.draws import lattice, normalised
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.shocks import MEMORIES, kernel_parts
from partner_analysis.attribution.waves import Series, Waves

SD: Final = (0.0, 0.04, 0.08, 0.13, 0.20, 0.32, 0.55)
DRIFT: Final = (0.0, 0.03, 0.07, 0.15, 0.30, 0.60)
SEASON: Final = (0.0, 0.08, 0.20)
PRIOR_SCALES: Final = {"sd": 0.12, "drift": 0.05, "season": 0.05, "season of a series": 0.12}
LEAST_LINE: Final = 0.10
STEEPEST: Final = 1.0
SETTINGS: Final = 128
FEW_SETTINGS: Final = 32
LARGE: Final = 256  # rows from which a unit costs so much that fewer settings have to do
ENOUGH_BLOCKS: Final = 6
LEAST_SCALE: Final = 1e-6
WANDERS_ALONE: Final = 4
FACTORS: Final = 8


@dataclass(frozen=True)
class Grid:
    """Sizes of one level of shocks, a row each: sd, memory, drift, season; with log prior."""

    sizes: Floats
    log_prior: Floats

    @cached_property
    def mix(self) -> Floats:
        """Variance of each kernel part (see ``shocks.kernel_parts``), one row per size."""
        fading = np.where(
            np.array(MEMORIES)[None, :] == self.sizes[:, 1, None], self.sizes[:, :1] ** 2, 0.0
        )
        return np.hstack([fading, self.sizes[:, [2, 2, 3]] ** 2])


@lru_cache(maxsize=4)
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

    def settings(
        self, own: Ints, *, own_pace: bool, years: Floats, settings: int = SETTINGS
    ) -> Floats:
        """Equally likely sizes for the clinics that are judged, in the columns of ``shocks``.

        What the judged clinics themselves say is left out: their own past is weighed later. Where
        drift was learnt from other clinics, the judged one may get a pace of its own beside it, and
        in one setting of four a wander of its own, so that a step long ago is not taken for a
        trend; where it was not, the half-Cauchy prior of drift is the heavy tail already.
        """
        others = ~np.isin(self.clinics, own)
        sizes = np.zeros((settings, 8))
        points = lattice(settings, 3)
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
        found: Floats = normalised(log_weight) @ self.cells_grid.mix
        return found


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
    below = np.cumsum(normalised(log_weight)[order])
    return grid.sizes[order[np.searchsorted(below, points * below[-1], side="left")]]


def learn_variability(
    panel: Panel, comparisons: tuple[Comparison, ...], *, personas: bool = False
) -> Variability:
    """What all untouched counts say of the sizes of shocks, expected from some comparisons.

    ``personas`` asks about personas summed over all clinics, as a persona that is treated
    everywhere is compared with the others.
    """
    series = Series.of(panel, comparisons, personas=personas)
    if series.alone:
        of_cells = _by_clinic(series, series.totals(), make_grid("season"), None)
        return Variability(series.names, make_grid("season"), of_cells, None, None)
    cells_grid, clinics_grid = make_grid("season"), make_grid(None)
    of_cells = _by_clinic(series, series.contrasts(), cells_grid, None)
    log_weight = cells_grid.log_prior + of_cells.sum(axis=0)
    typical = normalised(log_weight) @ cells_grid.mix
    of_clinics = _by_clinic(series, series.totals(), clinics_grid, typical)
    return Variability(series.names, cells_grid, of_cells, clinics_grid, of_clinics)


def no_variability(season: str) -> Variability:
    """What is known of sizes where nothing can be learnt from: the prior."""
    grid = make_grid(season)
    none = np.zeros((0, len(grid.log_prior)))
    return Variability(np.zeros(0, dtype=np.int64), grid, none, None, None)


def _by_clinic(series: Series, waves: Waves, grid: Grid, typical: Floats | None) -> Floats:
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
        together = np.arange(0, reach.shape[1], FACTORS)  # one logarithm for so many factors
        felt = waves.scale[mine] * (1.0 if typical is not None else waves.unevenness[mine])
        for row, squares, floor, factor, part in zip(
            order[mine], heights, noise, felt, waves.share[mine], strict=True
        ):
            variance = factor * reach + floor
            logs = np.log(np.multiply.reduceat(variance, together, axis=1)).sum(axis=1)
            total[row] -= 0.5 * part * (logs + (1 / variance) @ squares)
    return total


def _half_cauchy(values: Floats, steps: tuple[float, ...], scale: float) -> Floats:
    """Prior weight of each value: half-Cauchy mass of the stretch around its step."""
    edges = np.array([0, *(np.array(steps[:-1]) + np.array(steps[1:])) / 2, np.inf])
    mass = np.diff(2 / np.pi * np.arctan(edges / scale))
    return mass[np.searchsorted(np.array(steps), values)]
