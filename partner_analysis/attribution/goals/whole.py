"""All that is known of a practice, of which the beginning is what was known on an earlier day.

The counts as a matrix and where each partnership ran are made once, and their first columns
taken: the tables of an earlier day would give the same, made anew for each day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from partner_analysis.attribution.beginnings import first_counted
from partner_analysis.attribution.cells import (
    Bools,
    Cells,
    Floats,
    Ints,
    Touch,
    arrange_cells,
    period_lengths,
    trace_touch,
)
from partner_analysis.attribution.goals.series import counts_through
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.reviews.known import PracticeTables, known_rows

NONE_AHEAD: Final = pd.DatetimeIndex([])


class _Where(NamedTuple):
    """A partnership, in its own clinics or in the neighbours that it may take patients from."""

    partnership_id: str
    in_neighbours: bool


class Whole:
    """All that is known of a practice, to take the beginning of; and ``ahead``, periods to come."""

    def __init__(self, practice: PracticeTables, ahead: pd.DatetimeIndex = NONE_AHEAD) -> None:
        self.practice = practice
        self._ahead = ahead
        self._traced: dict[tuple[_Where, bytes], Touch] = {}

    def until(self, counted: int, day: pd.Timestamp, ahead: pd.DatetimeIndex) -> Panel | None:
        """The panel of the first periods and the register of a day, as ``arrange_panel`` has it.

        None where the beginning would read otherwise by itself: its periods as of another
        length, or with cells of which no count was known yet.

        Parameters
        ----------
        counted
            How many periods were counted.
        day
            What begins or ends from this day on was not known.
        ahead
            First days of periods to come, in which nothing is known.
        """
        grid = self.practice.periods[:counted].append(ahead)
        whole, kept = self.cells, self._listed < counted
        if (
            not grid.equals(whole.periods[: len(grid)])
            or not np.array_equal(period_lengths(grid), whole.length[: len(grid)])
            or not whole.usable[kept, :counted].any(axis=1).all()
        ):
            return None
        touches = self._touches(day)
        cut = {where: _first_of(touch, kept, len(grid)) for where, touch in touches.items()}
        return self._panel(_first_periods(whole, kept, counted, len(grid)), cut, day)

    def _panel(self, cells: Cells, touches: dict[_Where, Touch], day: pd.Timestamp) -> Panel:
        """The panel of some cells, in which nothing is known before counting began with them."""
        late: dict[str, int] = {}
        while True:
            touching = _count(cells, touches)
            begins, found = first_counted(cells, touching)
            if not begins.any():
                break
            late, cells = late or found, cells.since(begins)
            moved = {w for w, touch in touches.items() if begins[touch.cells].any()}
            touches |= {w: trace_touch(cells, known_rows(self._rows[w], day)) for w in moved}
        own, near = (
            {where.partnership_id: touch for where, touch in touches.items()
             if where.in_neighbours == side}
            for side in (False, True)
        )  # fmt: skip
        events = self.practice.events
        return Panel(
            cells=cells,
            touches=own,
            touching=touching,
            listed=(known_rows(self.practice.partnerships, day),),
            spilled=near,
            events=None if events is None else known_rows(events, day),
            holidays=self.practice.holidays,
            late=late,
        )

    def _touches(self, day: pd.Timestamp) -> dict[_Where, Touch]:
        """Where and when each partnership ran in all periods, by the register of a day."""
        register = self.practice.partnerships
        begun, over = ((register[c] < day).to_numpy() for c in ("start_date", "end_date"))
        found = {}
        for where, rows in self._places.items():
            if begun[rows].any():
                key = (where, begun[rows].tobytes() + over[rows].tobytes())
                if key not in self._traced:
                    known = known_rows(self._rows[where], day)
                    self._traced[key] = trace_touch(self.cells, known)
                found[where] = self._traced[key]
        return found

    # ---------------------------------------------------------------- made once
    @cached_property
    def cells(self) -> Cells:
        """All counts as a matrix."""
        return arrange_cells(counts_through(self.practice.counts, self._ahead))

    @cached_property
    def _listed(self) -> Ints:
        """Number of the first period of which the counts have a row of each cell."""
        first = self.practice.counts.groupby(["clinic", "persona"], sort=True)["period"].min()
        return self.practice.periods.get_indexer(pd.DatetimeIndex(first)).astype(np.int64)

    @cached_property
    def _places(self) -> dict[_Where, Ints]:
        """Which rows of the register each partnership has, those with neighbours twice."""
        register = self.practice.partnerships
        grouped = register.reset_index(drop=True).groupby("partnership_id", sort=True)
        places = {str(key): rows.to_numpy() for key, rows in grouped.groups.items()}
        near = register["neighbours"].map(len).to_numpy() > 0
        own = {_Where(key, False): rows for key, rows in places.items()}
        return own | {_Where(k, True): rows for k, rows in places.items() if near[rows[0]]}

    @cached_property
    def _rows(self) -> Mapping[_Where, pd.DataFrame]:
        """The rows of the register that say where each partnership runs, or takes patients from."""
        rows = {w: self.practice.partnerships.iloc[each] for w, each in self._places.items()}
        return {
            where: each.assign(clinics=each["neighbours"]) if where.in_neighbours else each
            for where, each in rows.items()
        }


def _first_periods(cells: Cells, kept: Bools, counted: int, size: int) -> Cells:
    """Some cells in the first periods, unknown from the first that was not counted on."""
    known = np.arange(size) < counted

    def first(values: Floats | None, unknown: float) -> Floats | None:
        return None if values is None else np.where(known, values[kept, :size], unknown)

    clinics, clinic = np.unique(cells.clinic[kept], return_inverse=True)
    personas, persona = np.unique(cells.persona[kept], return_inverse=True)
    usable = cells.usable[kept, :size] & known
    return Cells(
        observed=np.where(usable, cells.observed[kept, :size], 0.0),
        exposure=np.where(usable, cells.exposure[kept, :size], 0.0),
        usable=usable,
        clinic=clinic.astype(np.int64),
        persona=persona.astype(np.int64),
        clinics=tuple(cells.clinics[each] for each in clinics),
        personas=tuple(cells.personas[each] for each in personas),
        periods=cells.periods[:size],
        day=cells.day[:size],
        length=cells.length[:size],
        slots=first(cells.slots, np.nan),
        unknown=first(cells.unknown, np.nan),
        shut=None if cells.shut is None else cells.shut[kept, :size] & known,
    )


def _first_of(touch: Touch, kept: Bools, size: int) -> Touch:
    """Where and when a partnership ran, in some of the cells and the first periods."""
    mine, number = kept[touch.cells], np.cumsum(kept) - 1
    cut = {
        name: getattr(touch, name)[mine, :size] for name in ("share", "settling", "level", "ended")
    }
    return replace(touch, cells=number[touch.cells[mine]], **cut)


def _count(cells: Cells, touches: Mapping[_Where, Touch]) -> Ints:
    """How many partnerships touch each cell in each period."""
    touching = np.zeros(cells.observed.shape, dtype=np.int64)
    for touch in touches.values():
        touching[touch.cells] += touch.touched
    return touching
