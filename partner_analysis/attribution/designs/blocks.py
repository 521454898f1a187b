"""A partnership's clinics and those to compare them with, as blocks that other designs work on.

Unlike the estimate of record these designs take any numeric outcome and compare it on its own
scale. What is compared is a clinic: the mean over the personas that the partnership covers there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.cells import Bools, Cells, Floats, Ints
from partner_analysis.attribution.panel import Panel
from partner_analysis.fields import as_amounts
from partner_analysis.tables import COUNT_COLUMNS, check_counts, require_columns

MOSTLY_KNOWN: Final = 0.8

Unit = tuple[int, tuple[int, ...], bytes, bytes]


@dataclass(frozen=True)
class Outcomes:
    """One row per cell, one column per period: the outcome, and where the partnership ran.

    ``judged`` are known cells and periods in which it ran, no other partnership was felt, and
    before which something is known; ``missed`` is the number of the others in which it ran.
    ``before`` are the untouched periods of its own cells before it first ran, ``free`` the
    untouched periods of all other cells that hold anything but zeros.
    """

    cells: Cells
    judged: Bools
    before: Bools
    free: Bools
    missed: int

    @property
    def is_count(self) -> bool:
        """Whether every known outcome is a whole number from 0."""
        known = self.cells.observed[self.cells.usable]
        return bool((known >= 0).all() and np.allclose(known, known.round(), rtol=0, atol=1e-6))


@dataclass(frozen=True)
class Block:
    """Treated clinics that share their periods, and the comparison clinics in the same periods.

    ``treated`` (n, T) and ``donors`` (J, T) are means over ``personas`` personas; ``before`` (T)
    marks the periods before the start, the others are active. ``clinics`` and ``donor_keys`` are
    codes of clinics (of cells, from -1 down, where other personas serve as the comparison).
    ``left_out`` comparison clinics have a period that is unknown or touched by a partnership;
    ``gaps`` periods were left out because some comparison clinic has nothing to say in them.
    """

    treated: Floats
    donors: Floats
    before: Bools
    clinics: Ints
    donor_keys: Ints
    personas: int
    left_out: int
    gaps: int

    @property
    def weight(self) -> int:
        """Treated cells and periods that the block stands for."""
        return int(len(self.treated) * self.personas * (~self.before).sum())

    def placebo(self, donor: int) -> Block:
        """The block as if this comparison clinic were the treated one."""
        others = np.arange(len(self.donors)) != donor
        return replace(self, treated=self.donors[[donor]], donors=self.donors[others])


def check_outcomes(counts: pd.DataFrame) -> pd.DataFrame:
    """What ``check_counts`` gives, from an outcome that may also be negative.

    Raises
    ------
    InputError
        As ``check_counts``, except for numbers below 0 and fractions.
    """
    require_columns(counts, COUNT_COLUMNS, "counts")
    outcome = pd.to_numeric(counts["new_patients"], errors="coerce")
    closed = "open_days" in counts and not (counts["open_days"] > 0).all()
    if not closed and (outcome.ge(0) & outcome.mod(1).eq(0)).all():
        return check_counts(counts)
    size = as_amounts(
        counts["new_patients"]
        .astype(object)
        .where(~(outcome < 0), -outcome)
        .reset_index(drop=True),
        "counts",
        "new_patients",
    )
    place = check_counts(counts.assign(new_patients=range(len(counts)), open_days=1.0))
    order = place["new_patients"].astype(int)
    checked = check_counts(counts.assign(new_patients=0.0))
    signed = size.where(~(outcome.reset_index(drop=True) < 0), -size)
    return checked.assign(new_patients=signed.to_numpy()[order])


def arrange_outcomes(panel: Panel, identifier: str) -> Outcomes:
    """The panel as one partnership sees it."""
    cells, touch = panel.cells, panel.touches[identifier]
    ran = np.zeros(cells.usable.shape, dtype=bool)
    felt, blurred = ran.copy(), ran.copy()
    ran[touch.cells] = touch.active & cells.usable[touch.cells]
    felt[touch.cells] = touch.active | touch.touched
    blurred[touch.cells] = panel.touched_by_others(touch.cells, (identifier,))
    own = felt.any(axis=1)
    ahead = np.arange(len(cells.periods)) < np.where(own, felt.argmax(axis=1), 0)[:, None]
    before = panel.untouched & ahead
    judged = ran & ~blurred & before.any(axis=1, keepdims=True)
    alive = (cells.observed != 0).any(axis=1) & ~own
    free = panel.untouched & alive[:, None]
    return Outcomes(cells, judged, before, free, int(ran.sum() - judged.sum()))


def arrange_blocks(outcomes: Outcomes, *, fewest_before: int) -> list[Block]:
    """One block for each set of treated clinics that share personas, start and known periods.

    Cells with fewer than ``fewest_before`` known periods before the start are left out.
    """
    by_periods: dict[tuple[tuple[int, ...], bytes, bytes], list[int]] = {}
    for clinic, personas, active, before in treated_units(outcomes, fewest_before=fewest_before):
        by_periods.setdefault((personas, active, before), []).append(clinic)
    blocks = [_block(outcomes, clinics, *periods) for periods, clinics in by_periods.items()]
    return [b for b in blocks if fewest_before <= b.before.sum() < len(b.before)]


def treated_units(outcomes: Outcomes, *, fewest_before: int) -> list[Unit]:
    """Clinic, personas, and as bytes the active periods and those before, of each treated unit.

    Personas of a clinic that are judged in the same periods are one unit, over the periods before
    that are known of all of them (each is a unit of its own where these would be too few).
    """
    cells = outcomes.cells
    fit = outcomes.judged.any(axis=1) & (outcomes.before.sum(axis=1) >= fewest_before)
    together: dict[tuple[int, bytes], list[int]] = {}
    for row in np.flatnonzero(fit):
        key = (int(cells.clinic[row]), outcomes.judged[row].tobytes())
        together.setdefault(key, []).append(int(row))
    units = []
    for (clinic, active), rows in together.items():
        before = outcomes.before[rows].all(axis=0)
        parts = [rows] if before.sum() >= fewest_before else [[row] for row in rows]
        for part in parts:
            personas = tuple(cells.persona[part].tolist())
            units.append((clinic, personas, active, outcomes.before[part].all(axis=0).tobytes()))
    return units


def _block(
    outcomes: Outcomes, clinics: list[int], personas: tuple[int, ...], active: bytes, past: bytes
) -> Block:
    cells, place = outcomes.cells, places(outcomes.cells)[:, list(personas)]
    before = np.frombuffer(past, dtype=bool)
    wanted = before | np.frombuffer(active, dtype=bool)
    groups, keys, needed, left_out = _donors(outcomes.free, place, wanted)
    return Block(
        treated=cells.observed[place[clinics]].mean(axis=1)[:, needed],
        donors=cells.observed[groups].mean(axis=1)[:, needed],
        before=before[needed],
        clinics=np.array(clinics),
        donor_keys=keys,
        personas=len(personas),
        left_out=left_out,
        gaps=int(wanted.sum() - needed.sum()),
    )


def _donors(free: Bools, place: Ints, needed: Bools) -> tuple[Ints, Ints, Bools, int]:
    """Cells of each comparison clinic, their keys, periods that all know, how many left out.

    The same personas at other clinics; where fewer than two such clinics serve, all other cells.
    """
    keys = np.flatnonzero((place >= 0).all(axis=1))
    groups = place[keys]
    chosen, periods, left_out = _serving(np.all(free[groups], axis=1), needed)
    if len(chosen) < 2:
        rows = np.flatnonzero(free.any(axis=1))
        others, when, fewer = _serving(free[rows], needed)
        if len(others) > len(chosen):
            groups, keys = rows[:, None], -1 - rows
            chosen, periods, left_out = others, when, fewer
    return groups[chosen], keys[chosen], periods, left_out


def _serving(known: Bools, needed: Bools) -> tuple[Ints, Bools, int]:
    """Which groups serve, in which of the periods needed, and how many serve in some only.

    Groups with a gap are left out, unless that leaves less than half of those that are mostly
    known; then the periods with a gap are.
    """
    share = known[:, needed].mean(axis=1)
    whole, mostly = share == 1, share >= MOSTLY_KNOWN
    periods = needed & np.all(known[mostly], axis=0)
    enough = max(2, mostly.sum() / 2)
    if whole.sum() >= enough or mostly.sum() < 2 or periods.sum() < needed.sum() / 2:
        mostly, periods = whole, needed
    return np.flatnonzero(mostly), periods, int((share > 0).sum() - mostly.sum())


def places(cells: Cells) -> Ints:
    """Row number of each clinic (rows) and persona (columns); -1 where there is no such cell."""
    place = np.full((len(cells.clinics), len(cells.personas)), -1)
    place[cells.clinic, cells.persona] = np.arange(len(cells.clinic))
    return place
