"""Partnerships that share cells: who must be modelled together, and who cannot be told apart."""

from __future__ import annotations

from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Bools, Floats, Ints, Touch
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.units import (
    ENOUGH_BEFORE,
    Window,
    choose_route,
    expect,
    mask_of,
)

MOST_TOGETHER: Final = 10
INDISTINCT: Final = 10.0


def neighbours(panel: Panel, identifier: str) -> tuple[str, ...]:
    """Partnerships that touch a cell in a period in which this one is active there."""
    own = panel.touches[identifier]
    crowded = own.active & (panel.touching[own.cells] > own.touched)
    if not crowded.any():
        return ()
    overlaps = {}
    for other, touch in panel.touches.items():
        if other == identifier:
            continue
        shared = overlap(panel, own, touch)
        if shared > 0:
            overlaps[other] = shared
    ranked = sorted(overlaps, key=lambda other: (-overlaps[other], other))
    return tuple(ranked[: MOST_TOGETHER - 1])


def overlap(panel: Panel, own: Touch, other: Touch) -> int:
    """Cells times periods in which one is active and the other touches."""
    mine = np.isin(own.cells, other.cells)
    theirs = np.isin(other.cells, own.cells)
    return int(
        (own.active[mine] & other.touched[theirs] & panel.cells.usable[own.cells[mine]]).sum()
    )


def spread_out(touch: Touch, values: Floats | Bools, rows: Ints) -> Floats:
    """A touch's values on other rows of cells, 0 where it is not: (rows, T)."""
    wide = np.zeros((len(rows), values.shape[1]))
    shared = np.isin(rows, touch.cells)
    wide[shared] = values[np.searchsorted(touch.cells, rows[shared])]
    return wide


def judged_cells(panel: Panel, members: tuple[str, ...]) -> tuple[Ints, Bools, Bools]:
    """Cells of the members, where any of them is active, and what is untouched by all of them.

    A cell is judged only if it has enough untouched periods before the members begin there.
    """
    rows = np.unique(np.concatenate([panel.touches[m].cells for m in members]))
    active = np.zeros((len(rows), panel.touching.shape[1]), dtype=bool)
    for member in members:
        active |= spread_out(panel.touches[member], panel.touches[member].active, rows) > 0
    active &= panel.cells.usable[rows]
    return rows, active, panel.untouched[rows]


def imputation_window(panel: Panel, members: tuple[str, ...], method: str) -> Window:
    """The window of one partnership, or of a bundle as if it were one, alone in its cells."""
    rows, active, known = judged_cells(panel, members)
    began = np.where(active.any(axis=1), active.argmax(axis=1), 0)
    before = known & (np.arange(known.shape[1]) < began[:, None])
    fit = before.sum(axis=1) >= ENOUGH_BEFORE
    rows, active, known = rows[fit], active[fit], known[fit]
    active &= ~panel.touched_by_others(rows, members)
    design = np.zeros((*known.shape, 1))
    return _window(panel, (members,), rows, active, known, design, method)


def joint_window(panel: Panel, groups: tuple[tuple[str, ...], ...], method: str) -> Window:
    """The window of the first group of partnerships, the others' effects modelled beside it.

    Each group is one partnership, or a bundle that counts as one.
    """
    members = tuple(member for group in groups for member in group)
    rows, _, _ = judged_cells(panel, members)
    shares = [_group_share(panel, group, rows) for group in groups]
    design = np.stack([share for share, _ in shares], axis=2)
    brushed = np.any([partial for _, partial in shares], axis=0)
    known = panel.cells.usable[rows] & ~panel.touched_by_others(rows, members) & ~brushed
    before = known & (design.sum(axis=2) == 0)
    active = known & (design[:, :, 0] > 0)
    began = np.where(active.any(axis=1), active.argmax(axis=1), known.shape[1])
    ahead = known & (design[:, :, 0] == 0) & (np.arange(known.shape[1]) < began[:, None])
    fit = (before.sum(axis=1) >= ENOUGH_BEFORE) & (ahead.sum(axis=1) >= ENOUGH_BEFORE)
    return _window(panel, groups, rows[fit], active[fit], known[fit], design[fit], method)


def _group_share(panel: Panel, group: tuple[str, ...], rows: Ints) -> tuple[Floats, Bools]:
    """Whether a group is active in each cell and period, and where it merely brushes it."""
    active = np.zeros((len(rows), panel.touching.shape[1]), dtype=bool)
    touched = np.zeros_like(active)
    for member in group:
        touch = panel.touches[member]
        active |= spread_out(touch, touch.active & touch.touched, rows) > 0
        touched |= spread_out(touch, touch.touched, rows) > 0
    return active.astype(float), touched & ~active


def _window(
    panel: Panel,
    groups: tuple[tuple[str, ...], ...],
    rows: Ints,
    active: Bools,
    known: Bools,
    design: Floats,
    method: str,
) -> Window:
    route = choose_route(panel, rows, active, method) if len(rows) else "series"
    level, pattern, comparison, concentration = expect(panel, rows, mask_of(panel, rows), route)
    return Window(
        members=tuple(member for group in groups for member in group),
        judged=groups[0],
        rows=rows,
        active=active & (pattern > 0),
        known=known & (pattern > 0),
        design=design,
        route=route,
        level=level,
        pattern=pattern,
        comparison=comparison,
        concentration=concentration,
    )


def indistinct(information: Floats) -> int | None:
    """Which jointly modelled effect the first cannot be told from, if there is one.

    The first effect's variance beside the others is compared with its variance alone (the
    variance inflation factor, Belsley, Kuh and Welsch 1980); beyond 10 a split would be arbitrary.
    """
    if len(information) < 2:
        return None
    if information[0, 0] <= 0:
        return None
    ridge = 1e-9 * np.diag(np.maximum(np.diag(information), 1e-9))
    inverse = np.linalg.inv(information + ridge)
    if information[0, 0] * inverse[0, 0] <= INDISTINCT:
        return None
    sd = np.sqrt(np.maximum(np.diag(inverse), 1e-300))
    alike = np.abs(inverse[0] / (sd[0] * sd))
    alike[0] = -1.0
    return int(alike.argmax())
