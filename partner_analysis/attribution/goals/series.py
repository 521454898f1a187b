"""The new patients that one goal counts, as one series through the end of its window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.cells import Bools, Cells, Floats, Ints
from partner_analysis.attribution.goals.goal import Goal
from partner_analysis.attribution.panel import Panel, arrange_panel
from partner_analysis.attribution.reviews.known import PracticeTables, later_periods
from partner_analysis.tables import DAYS_PER_MONTH, ONE_PERSONA

RECENT: Final = 8
A_YEAR: Final = 53
STRETCH_DAYS: Final = 28
SHARE_TO_COUNT: Final = 0.5


@dataclass(frozen=True)
class GoalSeries:
    """The cells of one goal added up, from the first count to the end of the goal's window.

    All arrays run over periods (T). ``observed`` are new patients (those who named the partner,
    for such a goal), 0 where not ``known``; ``past`` marks periods that the counts reach.
    ``exposure`` is how many were to be expected at the cells' usual rates, and of a period to come
    if the same clinics stay open; ``uneven`` the sum of squared shares of the cells in it.
    ``causes`` are known causes scaled by their prior sd, ``steps`` the share of each period's
    exposure that a partnership reaches, by its id.
    """

    periods: pd.DatetimeIndex
    length: Ints
    observed: Floats
    known: Bools
    past: Bools
    exposure: Floats
    uneven: Floats
    block: Ints
    years: Floats
    causes: Floats
    steps: dict[str, Floats]
    scatter: float

    def within(self, first: pd.Timestamp, after: pd.Timestamp) -> Bools:
        """Periods of which more than half the days lie from one day to before another."""
        start = self.periods.to_numpy().astype("datetime64[D]").astype(np.int64)
        since, until = (int((day - pd.Timestamp(0)).days) for day in (first, after))
        inside = np.minimum(start + self.length, until) - np.maximum(start, since)
        return inside > SHARE_TO_COUNT * self.length

    def months(self, which: Bools) -> float:
        """Months that some periods last."""
        return float(self.length[which].sum() / DAYS_PER_MONTH)

    def last_day(self, which: Bools) -> pd.Timestamp:
        """Last day of the last of some periods."""
        last = int(np.flatnonzero(which)[-1])
        return pd.Timestamp(self.periods[last]) + pd.Timedelta(days=int(self.length[last]) - 1)

    @property
    def _in_a_stretch(self) -> int:
        return max(1, round(STRETCH_DAYS / float(np.median(self.length))))

    def stretches(self, which: Bools) -> list[Bools]:
        """Some periods cut from their end into stretches of four weeks, or single longer periods.

        What is left at the beginning is one stretch with the first.
        """
        places, size = np.flatnonzero(which), self._in_a_stretch
        starts = [0, *range(len(places) % size + size, len(places), size), len(places)]
        cut = [places[a:b] for a, b in pairwise(starts) if a < b]
        return [np.isin(np.arange(len(self.length)), part) for part in cut]

    def stretches_shown(self, window: Bools, *, is_rate: bool) -> list[Bools]:
        """The stretches by which a window is shown: up to now and from now on, added up.

        For a rate each alone, whole ones only, since the last one decides.
        """
        if not is_rate:
            cut = self.stretches(window & self.past) + self.stretches(window & ~self.past)
            return list(np.logical_or.accumulate(cut)) if cut else []
        places, size = np.flatnonzero(window), self._in_a_stretch
        return self.stretches(np.isin(np.arange(len(window)), places[len(places) % size :]))

    def at_the_deadline(self, window: Bools) -> Bools:
        """The last four whole weeks of a window, or its last longer period."""
        last = np.flatnonzero(window)[-self._in_a_stretch :]
        return np.isin(np.arange(len(self.length)), last)

    def seen_until(self, day: pd.Timestamp) -> GoalSeries:
        """The series as it was known on a day: nothing of periods that were not over."""
        over = self.past & (self.periods + pd.to_timedelta(self.length, unit="D") <= day)
        return replace(self, past=over, known=self.known & over)


def arrange_series(practice: PracticeTables, goal: Goal) -> GoalSeries | None:
    """The series of a goal; None where the counts hold nobody that it counts."""
    panel = panel_through(practice, later_periods(practice.periods, goal.after))
    scatter = _scatter(practice, goal.start)
    return series_of(
        panel, goal, counted=len(practice.periods), scatter=scatter, named=practice.named
    )


def panel_through(practice: PracticeTables, ahead: pd.DatetimeIndex) -> Panel:
    """The panel of a practice with periods to come, in which nothing is known."""
    counts = counts_through(practice.counts, ahead)
    return arrange_panel(counts, practice.partnerships, practice.events, practice.holidays)


def counts_through(counts: pd.DataFrame, ahead: pd.DatetimeIndex) -> pd.DataFrame:
    """The counts with periods to come, in which nothing is known."""
    first = counts.iloc[[0]]
    rows = first.loc[first.index.repeat(len(ahead))].assign(period=ahead, new_patients=np.nan)
    return pd.concat([counts, rows], ignore_index=True) if len(rows) else counts


def series_of(
    panel: Panel,
    goal: Goal,
    *,
    counted: int,
    scatter: float,
    named: pd.DataFrame | None = None,
) -> GoalSeries | None:
    """The series of a goal in a panel whose first periods are counted, the rest to come.

    ``scatter`` is as in ``GoalSeries``. None where the panel holds nobody that the goal counts.
    """
    cells = panel.cells
    mine = cells_of(cells, goal)
    if not len(mine):
        return None
    past = np.arange(len(cells.periods)) < counted
    usable = cells.usable[mine]
    before = np.asarray(cells.periods < goal.start)
    exposure = _rates(panel, mine, before) * _open_days(
        cells.exposure[mine], usable, past, cells.length
    )
    return GoalSeries(
        periods=cells.periods,
        length=cells.length,
        observed=_observed(named, goal, panel, mine),
        known=past & usable.any(axis=0) & ~_lacking(usable, past),
        past=past,
        exposure=exposure.sum(axis=0),
        uneven=_shares((exposure**2).sum(axis=0), exposure.sum(axis=0) ** 2),
        block=cells.blocks,
        years=cells.years,
        causes=_mean_over(panel.causes.columns[cells.clinic[mine]], exposure) * panel.causes.sd,
        steps=_steps(panel, mine, exposure),
        scatter=scatter,
    )


def cells_of(cells: Cells, goal: Goal) -> Ints:
    """Row numbers of the cells that a goal counts; none where it names some that are not there."""
    if not set(goal.personas) <= set(cells.personas) or not set(goal.clinics) <= set(cells.clinics):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(cells.covered(goal.clinics, goal.personas) & cells.usable.any(axis=1))


def _rates(panel: Panel, mine: Ints, before: Bools) -> Floats:
    """New patients of each cell per unit of exposure, a column; above 0 in every cell.

    From before the window where the cell was known then, so that what is asked for does not move
    with what comes.
    """
    usable = panel.cells.usable[mine]
    early = usable & before
    usable = np.where(early.any(axis=1, keepdims=True), early, usable)
    came = np.where(usable, panel.cells.observed[mine], 0.0).sum(axis=1)
    days = np.where(usable, panel.cells.exposure[mine], 0.0).sum(axis=1)
    rate: Floats = ((came + 0.5 / len(mine)) / days)[:, None]
    return rate


def _open_days(exposure: Floats, usable: Bools, past: Bools, length: Ints) -> Floats:
    """Exposure where known; in periods to come as of late, none in a cell that has closed."""
    seen = np.flatnonzero(past)[-A_YEAR:]
    days = np.where(usable[:, seen], length[seen], 0).sum(axis=1)
    daily = exposure[:, seen].sum(axis=1) / np.maximum(days, 1)
    daily = np.where(usable[:, seen[-RECENT:]].any(axis=1), daily, 0.0)
    return np.where(past, np.where(usable, exposure, 0.0), daily[:, None] * length)


def _lacking(usable: Bools, past: Bools) -> Bools:
    """Periods in which a cell is unknown that is known before and after."""
    before = np.maximum.accumulate(usable, axis=1)
    later = np.maximum.accumulate(usable[:, ::-1], axis=1)[:, ::-1]
    lacking: Bools = np.any(before & later & ~usable & past, axis=0)
    return lacking


def _observed(named: pd.DataFrame | None, goal: Goal, panel: Panel, mine: Ints) -> Floats:
    """New patients of the cells in each period, or those of them who named the partner."""
    cells = panel.cells
    if goal.counted != "named":
        return np.where(cells.usable[mine], cells.observed[mine], 0.0).sum(axis=0)
    assert named is not None
    own = named[named["partnership_id"] == goal.partnership_id]
    here = own["clinic"].isin([cells.clinics[c] for c in cells.clinic[mine]])
    personas = {cells.personas[p] for p in cells.persona[mine]}
    if set(named["persona"]) != {ONE_PERSONA}:
        here &= own["persona"].isin(personas)
    sums = own[here].groupby("period")["named"].sum()
    return sums.reindex(cells.periods).fillna(0.0).to_numpy(dtype=float)


def _steps(panel: Panel, mine: Ints, exposure: Floats) -> dict[str, Floats]:
    """Share of the series' exposure that each partnership reaches: (T) by id."""
    found = {}
    for identifier, touch in panel.touches.items():
        share = np.zeros(exposure.shape)
        shared = np.isin(mine, touch.cells)
        share[shared] = np.clip(touch.share, 0, 1)[np.searchsorted(touch.cells, mine[shared])]
        if share.any():
            found[identifier] = _shares((share * exposure).sum(axis=0), exposure.sum(axis=0))
    return found


def _mean_over(columns: Floats, exposure: Floats) -> Floats:
    """Columns of cells (rows, T, k) averaged over the cells by their exposure: (T, k)."""
    total = exposure.sum(axis=0)[:, None]
    sums = (columns * exposure[:, :, None]).sum(axis=0)
    return np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)


def _scatter(practice: PracticeTables, start: pd.Timestamp) -> float:
    """What cells of the practice move from period to period beyond Poisson noise.

    From before a day, or all there is where that is little.
    """
    early = is_enough_for_scatter(int((practice.periods < start).sum()))
    known = practice.known_on(start) if early else practice
    args = known.counts, known.partnerships, known.events, known.holidays
    return arrange_panel(*args).restlessness


def is_enough_for_scatter(periods: int) -> bool:
    """Whether so many periods before a goal tell what cells move by themselves."""
    return periods >= A_YEAR // 2


def _shares(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
