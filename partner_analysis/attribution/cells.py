"""Counts as a matrix of cells by periods, and which partnership touches which of them when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partner_analysis.tables import DAYS_PER_MONTH

WASH_OUT_DAYS: Final = 91
SETTLED_AFTER_DAYS: Final = 365
SHARE_TO_BE_ACTIVE: Final = 0.5
CALENDAR_MONTHS: Final = {
    (28, 31): 1,
    (59, 62): 2,
    (89, 92): 3,
    (119, 123): 4,
    (181, 184): 6,
    (365, 366): 12,
}

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """One row per clinic and persona, one column per period.

    ``observed`` is 0 where unknown; ``exposure`` is open days, or days in the period;
    ``usable`` marks cells that are known and were open, ``shut`` those known to have had no open
    day, where they were given. ``clinic`` and ``persona`` are codes
    into ``clinics`` and ``personas``. ``day`` is each period's first day as days since 1970;
    ``slots`` are open places for new patients and ``unknown`` new patients without a known
    source, where they were given.
    """

    observed: Floats
    exposure: Floats
    usable: Bools
    clinic: Ints
    persona: Ints
    clinics: tuple[str, ...]
    personas: tuple[str, ...]
    periods: pd.DatetimeIndex
    day: Ints
    length: Ints
    slots: Floats | None = None
    unknown: Floats | None = None
    shut: Bools | None = None

    @property
    def years(self) -> Floats:
        """Middle of each period, in years since the first."""
        return (self.day + self.length / 2 - self.day[0]) / 365.25

    @cached_property
    def block_starts(self) -> Ints:
        """First period of each block."""
        return np.flatnonzero(np.diff(self.blocks, prepend=-1))

    @cached_property
    def block_years(self) -> Floats:
        """Middle of each block, in years since the first period."""
        return np.bincount(self.blocks, self.years) / np.bincount(self.blocks)

    @cached_property
    def blocks(self) -> Ints:
        """Number of the stretch of about a month (at least a period) that each period is in."""
        months = max(DAYS_PER_MONTH, float(np.median(self.length)))
        span = self.day[-1] + self.length[-1] - self.day[0]
        months = max(months, span / 72)
        middle = self.day + self.length / 2 - self.day[0]
        if months < 1.2 * float(np.median(self.length)):
            return np.arange(len(self.day))
        return np.unique((middle // months).astype(np.int64), return_inverse=True)[1]

    def name(self, row: int) -> str:
        """A cell in words: its clinic, and its persona where there are several."""
        clinic, persona = self.clinics[self.clinic[row]], self.personas[self.persona[row]]
        return f"{clinic} ({persona})" if len(self.personas) > 1 else clinic

    def stand_as(self, other: Cells) -> bool:
        """Whether the same clinics and personas are known in the same periods as of others."""
        named = ("clinics", "personas"), ("usable", "clinic", "persona", "day", "length")
        return all(getattr(self, name) == getattr(other, name) for name in named[0]) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in named[1]
        )

    def since(self, first: Ints) -> Cells:
        """The cells with everything before each one's first period unknown."""
        known = np.arange(len(self.day)) >= first[:, None]
        return replace(
            self,
            observed=np.where(known, self.observed, 0.0),
            exposure=np.where(known, self.exposure, 0.0),
            usable=self.usable & known,
        )

    def only(self, keep: Bools) -> Cells:
        """Some of the cells, as if there were no others."""
        return replace(
            self,
            observed=self.observed[keep],
            exposure=self.exposure[keep],
            usable=self.usable[keep],
            clinic=self.clinic[keep],
            persona=self.persona[keep],
            slots=None if self.slots is None else self.slots[keep],
            unknown=None if self.unknown is None else self.unknown[keep],
            shut=None if self.shut is None else self.shut[keep],
        )

    def covered(self, clinics: Sequence[str], personas: Sequence[str]) -> Bools:
        """The cells of these clinics and personas; nothing named means all of them."""
        here = np.ones(len(self.clinic), dtype=bool)
        if len(clinics):
            here &= _are_among(self.clinics, clinics)[self.clinic]
        if len(personas):
            here &= _are_among(self.personas, personas)[self.persona]
        return here


@dataclass(frozen=True)
class Touch:
    """Where and when one partnership ran: rows of ``Cells`` by periods.

    ``cells`` are row numbers; ``share`` is the part of each period's days that it ran there,
    ``settling`` marks the wash-out after an end and the time between signing and a first start,
    which are neither before nor after. ``level`` marks cells where it ran before the
    data began: a year after its start it counts as part of their level, and what differs from
    that level is its end.
    """

    partnership_id: str
    cells: Ints
    share: Floats
    settling: Bools
    level: Bools = field(repr=False)
    ended: Bools = field(repr=False)

    @cached_property
    def active(self) -> Bools:
        """Periods of which it ran more than half the days."""
        return self.share > SHARE_TO_BE_ACTIVE

    @cached_property
    def touched(self) -> Bools:
        """Periods that differ from those in which nothing of it is felt."""
        return (((self.share > 0) | self.settling) & ~self.level) | self.ended

    @cached_property
    def apart(self) -> Bools:
        """Periods in which it ran or still settles, from which its own estimate learns nothing."""
        return (self.share > 0) | self.settling

    @cached_property
    def departed(self) -> Bools:
        """Periods that differ by the whole of its effect: active, or ended where it was level."""
        return (self.active & ~self.level) | (self.ended & ~self.settling & (self.share == 0))

    def only(self, keep: Bools) -> Touch:
        """The same where only some of all cells are there: (N) says which."""
        here = keep[self.cells]
        rows = {name: getattr(self, name)[here] for name in ("share", "settling", "level", "ended")}
        return replace(self, cells=(np.cumsum(keep) - 1)[self.cells[here]], **rows)


def arrange_cells(counts: pd.DataFrame) -> Cells:
    """Counts that ``check_counts`` passed, as a matrix of cells by periods.

    A missing row and a missing count are unknown, never zero. Without ``open_days`` the
    exposure is the number of days in the period.
    """
    clinic_of, clinics = pd.factorize(counts["clinic"], sort=True)
    persona_of, personas = pd.factorize(counts["persona"], sort=True)
    keys, row = np.unique(clinic_of * len(personas) + persona_of, return_inverse=True)
    clinic, persona = np.divmod(keys, max(len(personas), 1))
    column, periods = pd.factorize(counts["period"], sort=True)
    periods = pd.DatetimeIndex(periods)
    shape = (len(keys), len(periods))
    length = period_lengths(periods)
    observed = np.full(shape, np.nan)
    observed[row, column] = counts["new_patients"].to_numpy()
    exposure = np.broadcast_to(length.astype(float), shape)
    if "open_days" in counts:
        exposure = np.full(shape, np.nan)
        exposure[row, column] = counts["open_days"].to_numpy()
    given: dict[str, Floats] = {}
    for extra in {"open_slots", "unknown_source"} & set(counts.columns):
        given[extra] = np.full(shape, np.nan)
        given[extra][row, column] = counts[extra].to_numpy()
    usable = np.isfinite(observed) & np.isfinite(exposure) & (exposure > 0)
    return Cells(
        observed=np.where(usable, observed, 0.0),
        exposure=np.where(usable, exposure, 0.0),
        usable=usable,
        clinic=clinic.astype(np.int64),
        persona=persona.astype(np.int64),
        clinics=tuple(clinics),
        personas=tuple(personas),
        periods=periods,
        day=_days(periods),
        length=length,
        slots=given.get("open_slots"),
        unknown=given.get("unknown_source"),
        shut=exposure == 0,
    )


def period_lengths(periods: pd.DatetimeIndex) -> Ints:
    """Days in each period, from the spacing of their first days.

    Gaps that are all multiples of the shortest are a fixed spacing; otherwise the first days
    are those of calendar months, two-monthly to yearly periods included.
    """
    if len(periods) < 2:
        return np.full(len(periods), round(DAYS_PER_MONTH))
    day = _days(periods)
    gaps = np.diff(day)
    usual = int(np.median(gaps))
    months = next((n for (low, high), n in CALENDAR_MONTHS.items() if low <= usual <= high), 0)
    if months and (gaps % gaps.min() != 0).any():
        nominal = _days(pd.DatetimeIndex(periods + pd.DateOffset(months=months))) - day
    else:
        nominal = np.full(len(day), usual if (gaps % usual == 0).all() else int(gaps.min()))
    return np.minimum(nominal, np.append(gaps, nominal[-1]))


def trace_touch(cells: Cells, rows: pd.DataFrame) -> Touch:
    """Where and when one partnership ran, from its rows of the register.

    Parameters
    ----------
    cells
        The counts as a matrix.
    rows
        All rows of one partnership, as ``check_partnerships`` returns them.
    """
    whom = zip(rows["clinics"], rows["personas"], strict=True)
    covered = [cells.covered(clinics, personas) for clinics, personas in whom]
    here = np.flatnonzero(np.any(covered, axis=0))
    usable = cells.usable[here]
    share = np.zeros(usable.shape)
    settling = np.zeros(usable.shape, dtype=bool)
    level = np.zeros(usable.shape, dtype=bool)
    ended = np.zeros(usable.shape, dtype=bool)
    first = np.where(usable.any(axis=1), usable.argmax(axis=1), len(cells.day) - 1)
    began = np.full(len(here), np.inf)
    days = zip(rows["start_date"], rows["end_date"], strict=True)
    for (start_date, end_date), mask in zip(days, covered, strict=True):
        where = mask[here]
        start = _day(start_date)
        end = np.inf if pd.isna(end_date) else _day(end_date) + 1
        ran = np.minimum(cells.day + cells.length, end) - np.maximum(cells.day, start)
        share[where] += np.clip(ran, 0, None) / cells.length
        settling[where] |= (cells.day + cells.length > end) & (cells.day < end + WASH_OUT_DAYS)
        settled = np.maximum(cells.day[first], start + SETTLED_AFTER_DAYS)
        old = where & (start <= cells.day[first]) & (end > settled)
        level[old] |= (cells.day >= start + SETTLED_AFTER_DAYS) & (cells.day < end)
        ended[old] |= cells.day + cells.length > end
        began[where] = np.minimum(began[where], start)
    signed = [_day(date) for date in rows["signed_date"] if pd.notna(date)]
    if signed:
        settling |= (cells.day + cells.length > min(signed)) & (cells.day < began[:, None])
    return Touch(
        partnership_id=str(rows["partnership_id"].iloc[0]),
        cells=here,
        share=share,
        settling=settling & (share == 0),
        level=level,
        ended=ended,
    )


def _are_among(names: tuple[str, ...], wanted: Sequence[str]) -> Bools:
    chosen = set(wanted)
    return np.array([name in chosen for name in names], dtype=bool)


def _day(date: pd.Timestamp) -> int:
    return int(pd.Timestamp(date).to_datetime64().astype("datetime64[D]").astype(np.int64))


def _days(dates: pd.DatetimeIndex) -> Ints:
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)
