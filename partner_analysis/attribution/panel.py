"""All cells of a practice with all its partnerships: what every estimate starts from."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
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
from partner_analysis.attribution.comparison import Comparison
from partner_analysis.attribution.meetings import Meetings
from partner_analysis.attribution.untouched import Untouched

ENOUGH_CELLS: Final = 4
TOLD: Final = (  # what the register tells of where and when
    "partnership_id",
    "clinics",
    "personas",
    "start_date",
    "end_date",
    "signed_date",
    "neighbours",
)


@dataclass(frozen=True)
class Panel:
    """All cells of a practice with all its partnerships: what every estimate starts from.

    ``touching`` counts the partnerships that touch a cell in a period, ``spilled`` says where
    they may take patients away (their neighbours, which serve nobody then). ``late`` are personas
    and clinics that counting began with later, by the number of their first period. ``listed``
    is the register, and after it rows that were changed since.
    """

    cells: Cells
    touches: dict[str, Touch]
    touching: Ints = field(repr=False)
    listed: tuple[pd.DataFrame, ...] = field(repr=False)
    spilled: dict[str, Touch] = field(default_factory=dict, repr=False)
    events: pd.DataFrame | None = field(default=None, repr=False)
    holidays: str = "US"
    late: dict[str, int] = field(default_factory=dict, repr=False)

    @cached_property
    def register(self) -> pd.DataFrame:
        """The register: rows given later stand for all rows that their partnerships had."""
        register, *changes = self.listed
        for rows in changes:
            others = ~register["partnership_id"].isin(rows["partnership_id"].unique())
            register = pd.concat([register[others], rows], ignore_index=True)
        return register

    @cached_property
    def clear(self) -> Untouched:
        """What no partnership touches, and what can be learnt of it."""
        return Untouched(self.cells, self.cells.usable & (self.touching == 0))

    @property
    def untouched(self) -> Bools:
        """Known cells and periods that no partnership touches."""
        return self.clear.mask

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

    @property
    def by_persona(self) -> tuple[Comparison, ...]:
        """One comparison for each persona, in the order of ``cells.personas``."""
        return self.clear.by_persona

    @property
    def pooled(self) -> tuple[Comparison, ...]:
        """One comparison for all cells together."""
        return self.clear.pooled

    @property
    def restlessness(self) -> float:
        """Variance of what moves one cell in one period beyond Poisson noise and the month."""
        return self.clear.restlessness

    @property
    def evenness(self) -> float:
        """How far counts scatter within their month, by chance alone 1; 1 where few can tell."""
        return self.clear.evenness

    @property
    def learnt(self) -> dict[str, Any]:
        """What was learnt once of how far clinics stray."""
        return self.clear.learnt

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
        return replace(self, touches=touches, touching=touching, spilled=spilled)

    def with_rows(self, rows: pd.DataFrame, *, like: Panel | None = None) -> Panel:
        """The panel as if these were all rows of the register that their partnerships have.

        Where ``like`` has the same untouched cells, all that was learnt of them holds here too.
        """
        changed = set(rows["partnership_id"])
        before = (self.touches, self.spilled)
        kept = [{key: t for key, t in each.items() if key not in changed} for each in before]
        found = _arranged(self.cells, (*self.listed, rows), self.events, self.holidays, *kept)
        if found.cells is self.cells:
            vars(found)["causes"] = self.causes
        if (
            like is not None
            and found.cells is like.cells
            and np.array_equal(found.touching > 0, like.touching > 0)
        ):
            vars(found)["clear"] = like.clear
        return found

    def only(self, keep: Bools) -> Panel:
        """The panel of some of its cells, as if there were no others: (N) says which."""
        cells = self.cells.only(keep)
        kept = [
            {key: touch.only(keep) for key, touch in each.items()}
            for each in (self.touches, self.spilled)
        ]
        return _arranged(cells, self.listed, self.events, self.holidays, *kept)

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
    *,
    like: Panel | None = None,
) -> Panel:
    """The panel of checked counts, checked partnerships and checked events.

    Asked again for equal tables it is the same panel, with all that it has worked out since.
    ``like`` is a panel by the same register, whose partnerships need not be traced again where
    counts are of the same cells and periods.
    """
    for asked, panel in latest:
        if asked[3] == holidays and all(map(_are_equal, asked, (counts, partnerships, events))):
            return panel
    cells = arrange_cells(counts)
    traced = (like.touches, like.spilled) if like and cells.stand_as(like.cells) else ({}, {})
    panel = _arranged(cells, (partnerships,), events, holidays, *traced)
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
    return _arranged(cells, (partnerships,), events, holidays, {}, {})


def _arranged(
    cells: Cells,
    listed: tuple[pd.DataFrame, ...],
    events: pd.DataFrame | None,
    holidays: str,
    touches: dict[str, Touch],
    spilled: dict[str, Touch],
) -> Panel:
    """The panel of some cells; what is known already of some partnerships is not traced again."""
    touches, spilled = dict(touches), dict(spilled)
    for table in reversed(listed):  # later rows stand for all that their partnerships had
        for key, rows in _rows_of_others(table, set(touches)):
            touches[key] = trace_touch(cells, rows)
            if rows["neighbours"].iloc[0]:
                spilled[key] = trace_touch(cells, rows.assign(clinics=rows["neighbours"]))
    touches, spilled = dict(sorted(touches.items())), dict(sorted(spilled.items()))
    touching = _count_touches(cells, touches) + _count_touches(cells, spilled)
    begins, late = first_counted(cells, touching)
    panel = Panel(cells, touches, touching, listed, spilled, events, holidays)
    if begins.any():
        known = cells.since(begins)
        return replace(panel_of(known, panel.register, events, holidays), late=late)
    return panel


def _rows_of_others(register: pd.DataFrame, known: set[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each partnership that is not known yet."""
    identifiers = register["partnership_id"].to_numpy(dtype=object)
    new = sorted(set(identifiers) - known)
    if len(set(identifiers)) == len(new) == 1:
        yield str(new[0]), register
        return
    told = register[list(TOLD)]
    for key in new:
        yield str(key), told.iloc[np.flatnonzero(identifiers == key)]


def _count_touches(cells: Cells, touches: dict[str, Touch]) -> Ints:
    """How many partnerships touch each cell in each period."""
    touching = np.zeros(cells.observed.shape, dtype=np.int64)
    for touch in touches.values():
        touching[touch.cells] += touch.touched
    return touching
