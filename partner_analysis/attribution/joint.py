"""Partnerships that share cells: who must be modelled together, and who cannot be told apart."""

from __future__ import annotations

from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Bools, Floats, Ints
from partner_analysis.attribution.fits import fit_unit
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.shocks import ROUGH
from partner_analysis.attribution.units import series_of_units
from partner_analysis.attribution.windows import (
    ENOUGH_BEFORE,
    Window,
    enough_before,
    expect,
    left_out_by,
    mask_of,
    patients_before,
    possible_routes,
    siblings_of,
)

FEW: Final = 20.0
MOST_TOGETHER: Final = 12
INDISTINCT: Final = 10.0
MERELY_BRUSHED: Final = 0.5

Group = tuple[str, ...]


def choose_window(panel: Panel, identifier: str, method: str) -> Window:
    """The window to judge: alone, beside others, or a bundle that cannot be told apart."""
    own, *others = bundle_of(panel, identifier, method)
    if others:
        window = joint_window(panel, (own, *others), method)
        if window.active.any() and patients_before(panel, window) >= FEW:
            return window
    return imputation_window(panel, own, method)


def bundle_of(panel: Panel, identifier: str, method: str) -> tuple[Group, ...]:
    """A partnership's bundle, and after it the other bundles that overlap with it.

    Among all partnerships that overlap, directly or through others, the pair that the data can
    tell apart least is merged until the variance of no effect is more than ten times what it
    would be alone (variance inflation; Belsley, Kuh and Welsch 1980). A partnership that can be
    told from all others is a bundle of one. All members of a bundle get the same answer.
    """
    groups: list[Group] = [(member,) for member in _connected(panel, identifier)]
    while len(groups) > 1 and (pair := _least_distinct(panel, groups, method)):
        first, second = (groups[k] for k in pair)
        merged = tuple(sorted((*first, *second)))
        groups = sorted([g for g in groups if g not in (first, second)] + [merged])
    own = next(group for group in groups if identifier in group)
    met = {other for member in own for other in panel.meets[member]}
    return own, *(group for group in groups if group != own and met & set(group))


def _connected(panel: Panel, identifier: str) -> list[str]:
    """All partnerships reached from one by overlaps, the nearest first where there are many."""
    reached, edge = [identifier], [identifier]
    while edge and len(reached) < MOST_TOGETHER:
        near = {o for name in edge for o in (*panel.meets[name], *panel.met_by[name])}
        edge = sorted(near - set(reached))
        reached += edge
    return sorted(reached[:MOST_TOGETHER])


def _least_distinct(panel: Panel, groups: list[Group], method: str) -> tuple[int, int] | None:
    """The two groups whose effects the data can tell apart least, if too little."""
    window = joint_window(panel, tuple(groups), method)
    rough = np.array([ROUGH])
    units = series_of_units(panel, window)
    if not units:
        return None
    plain = [fit_unit(unit, rough, deviations=False) for _, unit in units]
    information = np.sum([fit.information[0] for fit in plain], axis=0)
    felt = np.diag(information) > 0
    ridge = np.diag(np.where(felt, 1e-9 * np.diag(information), 1.0))
    inverse = np.linalg.inv(information + ridge)
    inflation = np.where(felt, np.diag(information) * np.diag(inverse), 0.0)
    if inflation.max() <= INDISTINCT:
        return None
    first = int(inflation.argmax())
    sd = np.sqrt(np.maximum(np.diag(inverse), 1e-300))
    alike = np.where(felt, np.abs(inverse[first]) / (sd[first] * sd), 0.0)
    alike[first] = -1.0
    second = int(alike.argmax())
    return (first, second) if alike[second] > 0 else None


def imputation_window(panel: Panel, group: Group, method: str) -> Window:
    """The window of one partnership, or of a bundle as if it were one, alone in its cells."""
    rows = np.unique(np.concatenate([panel.touches[member].cells for member in group]))
    active = _any_of(panel, group, rows, "active") & panel.cells.usable[rows]
    active &= ~panel.touched_by_others(rows, group)
    design = np.zeros((*active.shape, 1))
    known = panel.untouched[rows]
    old: Bools = np.any(_any_of(panel, group, rows, "level"), axis=1)
    if old.any():  # it ran before the data began: its end is the contrast
        apart = _any_of(panel, group, rows, "apart") | panel.touched_by_others(rows, group)
        known = np.where(old[:, None], panel.cells.usable[rows] & ~apart, known)
    return _window(panel, (group,), rows, active, known, design, design, method)


def joint_window(panel: Panel, groups: tuple[Group, ...], method: str, *, own: int = 1) -> Window:
    """The window of the first group of partnerships, the others' effects modelled beside it.

    Each group is one partnership, or a bundle that counts as one. Periods that another merely
    brushes (part of its days, or its wash-out) are judged but not learnt from; half its effect
    is taken to be there. The first ``own`` groups are no others: they are parts of what is judged
    that have effects of their own.
    """
    members = _members_of(groups)
    rows = np.unique(np.concatenate([panel.touches[member].cells for member in members]))
    departed = np.stack([_any_of(panel, group, rows, "departed") for group in groups], axis=2)
    touched = np.stack([_any_of(panel, group, rows, "touched") for group in groups], axis=2)
    brushed = touched & ~departed
    clear = panel.cells.usable[rows] & ~panel.touched_by_others(rows, members)
    active = _any_of(panel, groups[0], rows, "active") & clear
    beside = departed + MERELY_BRUSHED * brushed
    beside[:, :, :own] = 0.0
    known = clear & ~brushed.any(axis=2)
    return _window(panel, groups, rows, active, known, departed.astype(float), beside, method)


def joint_total_window(panel: Panel, window: Window, method: str) -> Window:
    """All members of a window as if they were one partnership, for their joint total.

    Active is where any of them is; so the total is what came beyond what would have come without
    all of them, and their single totals need not add up to it.
    """
    return imputation_window(panel, window.members, method)


def window_of_all(panel: Panel, groups: tuple[Group, ...], method: str) -> Window | None:
    """The window of several groups at once, for their joint total; None where none can be made.

    Whoever else runs in their cells is modelled beside them, so that none of their cells drops
    out; and each group then has an effect of its own beside the common one, so that what others
    do is not read off their mean.
    """
    every = tuple(sorted(_members_of(groups)))
    others = sorted({other for name in every for other in panel.meets[name]} - set(every))
    if not others:
        return imputation_window(panel, every, method)
    parts = groups if len(groups) > 1 else ()
    beside = tuple((name,) for name in others)
    window = joint_window(panel, (every, *parts, *beside), method, own=1 + len(parts))
    return window if patients_before(panel, window) >= FEW else None


def _members_of(groups: tuple[Group, ...]) -> Group:
    """All partnerships of some groups, each once."""
    return tuple(dict.fromkeys(member for group in groups for member in group))


def _any_of(panel: Panel, group: Group, rows: Ints, what: str) -> Bools:
    """Where any of a group is active, departed or touching: (rows, T)."""
    found = np.zeros((len(rows), panel.touching.shape[1]), dtype=bool)
    for member in group:
        touch = panel.touches[member]
        shared = mask_of(panel, touch.cells)[rows]
        values: Bools = getattr(touch, what)
        found[shared] |= values[np.searchsorted(touch.cells, rows[shared])]
    return found


def _window(
    panel: Panel,
    groups: tuple[Group, ...],
    rows: Ints,
    active: Bools,
    known: Bools,
    design: Floats,
    beside: Floats,
    method: str,
) -> Window:
    """The window by the first route that can judge half of what is active, or the most of it."""
    best: Window | None = None
    for route in possible_routes(panel, rows, active, method):
        siblings = siblings_of(panel, rows, route)
        nothing = np.zeros((len(siblings), *design.shape[1:]))
        window = _by_route(
            panel,
            groups,
            np.concatenate([rows, siblings]),
            np.concatenate([active, np.zeros((len(siblings), active.shape[1]), dtype=bool)]),
            np.concatenate([known, panel.untouched[siblings]]),
            np.concatenate([design, nothing]),
            np.concatenate([beside, nothing]),
            route,
            left_out_by(panel, rows, route),
        )
        if window.active.sum() >= 0.5 * max(active.sum(), 1):
            return window
        if best is None or window.active.sum() > best.active.sum():
            best = window
    assert best is not None
    return best


def _by_route(
    panel: Panel,
    groups: tuple[Group, ...],
    rows: Ints,
    active: Bools,
    known: Bools,
    design: Floats,
    beside: Floats,
    route: str,
    left_out: Bools,
) -> Window:
    """The window as one route sees it, without the cells that it can say nothing of."""
    due = expect(panel, rows, left_out, route, np.any(active, axis=0))
    learnt, judged = known & (due.pattern > 0), active & (due.pattern > 0)
    fit = enough_before(learnt & (design[:, :, 0] == 0), judged)
    keep = fit | (~active.any(axis=1) & (learnt.sum(axis=1) >= ENOUGH_BEFORE))
    clean = learnt & (design.sum(axis=2) == 0) & panel.untouched[rows]
    return Window(
        members=_members_of(groups),
        judged=groups[0],
        rows=rows[keep],
        active=(judged & fit[:, None])[keep],
        known=learnt[keep],
        design=design[keep],
        beside=beside[keep],
        route=route,
        level=_levels(panel, rows, clean, learnt, due.pattern, due.level)[keep],
        pattern=due.pattern[keep],
        comparison=due.comparison[keep],
        concentration=due.concentration,
        roots=due.roots,
        left_out=left_out,
    )


def _levels(
    panel: Panel, rows: Ints, clean: Bools, learnt: Bools, pattern: Floats, level: Floats
) -> Floats:
    """Levels of the cells; from all that is known of a cell where nobody came while untouched."""
    observed = panel.cells.observed[rows]
    silent = np.where(clean, observed, 0.0).sum(axis=1) == 0
    came = np.where(learnt, observed, 0.0).sum(axis=1)
    due = np.where(learnt, pattern, 0.0).sum(axis=1)
    fallback = np.divide(came, due, out=np.zeros(len(rows)), where=due > 0)
    return np.where(silent, fallback, level)
