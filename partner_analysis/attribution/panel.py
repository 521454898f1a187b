"""All cells of a practice with all its partnerships: what every estimate starts from."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.beginnings import first_counted
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
from partner_analysis.attribution.comparison import Comparison, by_stretch, fit_comparison
from partner_analysis.attribution.meetings import Meetings

ENOUGH_CELLS: Final = 4
LEAST_SCATTER: Final = 100.0


@dataclass(frozen=True)
class Panel:
    """All cells of a practice with all its partnerships: what every estimate starts from.

    ``touching`` counts the partnerships that touch a cell in a period, ``spilled`` says where
    they may take patients away (their neighbours, which serve nobody then). ``late`` are personas
    and clinics that counting began with later, by the number of their first period. ``learnt``
    keeps what was learnt once of how far clinics stray.
    """

    cells: Cells
    touches: dict[str, Touch]
    touching: Ints = field(repr=False)
    register: pd.DataFrame = field(repr=False)
    spilled: dict[str, Touch] = field(default_factory=dict, repr=False)
    events: pd.DataFrame | None = field(default=None, repr=False)
    holidays: str = "US"
    late: dict[str, int] = field(default_factory=dict, repr=False)
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
    def causes_apart(self) -> Bools:
        """Known causes that do not move all clinics alike: (k)."""
        causes = self.causes
        if len(self.cells.clinics) < 2:
            return np.zeros(len(causes.sd), dtype=bool)
        found: Bools = np.ptp(causes.columns, axis=0).max(axis=0, initial=0.0) > 0
        return found

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
        block = self.cells.blocks
        scattered, by_chance, squares = 0.0, 0.0, 0.0
        for each in self.by_persona:
            mask = self.untouched[each.rows]
            fitted = np.where(mask, each.level[:, None] * each.pattern, 0.0)
            came = np.where(mask, self.cells.observed[each.rows], 0.0)
            due = by_stretch(fitted, block)
            ratio = np.divide(by_stretch(came, block), due, out=np.zeros_like(due), where=due > 0)
            part = np.divide(fitted, due[:, block], out=np.zeros_like(fitted), where=fitted > 0)
            mean = fitted * ratio[:, block]
            own = np.divide(
                fitted,
                by_stretch(fitted, each.stretch).sum(axis=0)[each.stretch],
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
    def meets(self) -> Meetings:
        """For each partnership, those that touch its cells while it is active there."""
        return Meetings(self.cells.usable, self.touches)

    @cached_property
    def met_by(self) -> Meetings:
        """For each partnership, those that are active in its cells while it touches them."""
        return Meetings(self.cells.usable, self.touches, turned=True)

    def without(self, left_out: tuple[str, ...]) -> Panel:
        """The panel as if some partnerships did not exist."""
        touches = {key: touch for key, touch in self.touches.items() if key not in left_out}
        spilled = {key: touch for key, touch in self.spilled.items() if key not in left_out}
        touching = _count_touches(self.cells, touches) + _count_touches(self.cells, spilled)
        return replace(self, touches=touches, touching=touching, spilled=spilled, learnt={})

    def with_rows(self, rows: pd.DataFrame) -> Panel:
        """The panel as if these were all rows of the register that their partnerships have."""
        changed = rows["partnership_id"].unique()
        others = self.register[~self.register["partnership_id"].isin(changed)]
        register = pd.concat([others, rows], ignore_index=True)
        before = (self.touches, self.spilled)
        kept = [{key: t for key, t in each.items() if key not in changed} for each in before]
        return _arranged(self.cells, register, self.events, self.holidays, *kept)

    def only(self, keep: Bools) -> Panel:
        """The panel of some of its cells, as if there were no others: (N) says which."""
        cells, register = self.cells.only(keep), self.register
        kept = [
            {key: touch.only(keep) for key, touch in each.items()}
            for each in (self.touches, self.spilled)
        ]
        return _arranged(cells, register, self.events, self.holidays, *kept)

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
            covered = np.zeros(len(self.cells.persona), dtype=bool)
            covered[touch.cells] = True
            shared = covered[rows]
            inside = np.searchsorted(touch.cells, rows[shared])
            count[shared] -= touch.touched[inside]
        return count > 0


latest: Final[deque[tuple[Any, Panel]]] = deque(maxlen=6)


def arrange_panel(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    events: pd.DataFrame | None = None,
    holidays: str = "US",
) -> Panel:
    """The panel of checked counts, checked partnerships and checked events.

    Asked again for equal tables it is the same panel, with all that it has worked out since.
    """
    for asked, panel in latest:
        if asked[3] == holidays and all(map(_are_equal, asked, (counts, partnerships, events))):
            return panel
    panel = panel_of(arrange_cells(counts), partnerships, events, holidays)
    tables = (None if t is None else t.copy(deep=False) for t in (counts, partnerships, events))
    latest.append(((*tables, holidays), panel))
    return panel


def _are_equal(one: pd.DataFrame | None, other: pd.DataFrame | None) -> bool:
    """Whether two tables hold the same; a later change of either cannot reach the other."""
    return one is other if one is None or other is None else one.equals(other)


def panel_of(
    cells: Cells, partnerships: pd.DataFrame, events: pd.DataFrame | None, holidays: str
) -> Panel:
    """The panel of some cells: where each partnership of the register touches them."""
    return _arranged(cells, partnerships, events, holidays, {}, {})


def _arranged(
    cells: Cells,
    partnerships: pd.DataFrame,
    events: pd.DataFrame | None,
    holidays: str,
    touches: dict[str, Touch],
    spilled: dict[str, Touch],
) -> Panel:
    """The panel of some cells; what is known already of some partnerships is not traced again."""
    touches, spilled = dict(touches), dict(spilled)
    new = ~partnerships["partnership_id"].isin(list(touches))
    for key, rows in partnerships[new].groupby("partnership_id", sort=True):
        touches[str(key)] = trace_touch(cells, rows)
        if rows["neighbours"].iloc[0]:
            spilled[str(key)] = trace_touch(cells, rows.assign(clinics=rows["neighbours"]))
    touches, spilled = dict(sorted(touches.items())), dict(sorted(spilled.items()))
    touching = _count_touches(cells, touches) + _count_touches(cells, spilled)
    begins, late = first_counted(cells, touching)
    if begins.any():
        known = cells.since(begins)
        return replace(panel_of(known, partnerships, events, holidays), late=late)
    return Panel(cells, touches, touching, partnerships, spilled, events, holidays)


def _count_touches(cells: Cells, touches: dict[str, Touch]) -> Ints:
    """How many partnerships touch each cell in each period."""
    touching = np.zeros(cells.observed.shape, dtype=np.int64)
    for touch in touches.values():
        touching[touch.cells] += touch.touched
    return touching
