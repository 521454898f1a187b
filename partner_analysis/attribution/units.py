"""From cells to units: the time series that a partnership's window and its placebos are read off.

A unit is what shares its shocks: the treated cells of one clinic where other clinics serve as the
comparison, or all treated cells together where only other personas do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Floats, Ints
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.shocks import UnitSeries, asked
from partner_analysis.attribution.waves import spread_over
from partner_analysis.attribution.windows import (
    ENOUGH_BEFORE,
    Window,
    concentrated,
    expect,
    left_out_by,
    siblings_of,
)

MOST_PLACEBOS: Final = 24


def series_of_units(panel: Panel, window: Window) -> list[tuple[Ints, UnitSeries]]:
    """Positions in ``window.rows`` of each unit that something is known of, and its series.

    Units are clinics, or all cells together where only other personas serve.
    """
    apart = window.apart
    cluster = panel.cells.clinic[window.rows] if apart else np.zeros(len(window.rows), dtype=int)
    found = []
    for clinic in np.unique(cluster):
        inside = np.flatnonzero(cluster == clinic)
        name = panel.cells.clinics[clinic] if apart else "all"
        found.append((inside, unit_series(panel, window, name, inside)))
    return [(inside, unit) for inside, unit in found if unit.known.any()]


def unit_series(panel: Panel, window: Window, name: str, inside: Ints) -> UnitSeries:
    """One unit's counts over blocks of about a month.

    Cells that the same partnerships touch in the same periods are one channel.
    """
    listed = _alike(window, inside)
    channels = [_channel(panel, window, group) for group in listed]
    seen = [k for k, each in enumerate(channels) if (each.expected > 0).any()] or [0]
    channels, listed = [channels[k] for k in seen], [listed[k] for k in seen]
    blocks = len(channels[0].expected)
    joined = {
        name: np.concatenate([getattr(each, name) for each in channels])
        for name in (
            "observed",
            "expected",
            "target",
            "spread",
            "design",
            "target_design",
            "causes",
            "shared",
        )
    }
    scatter = panel.restlessness * np.concatenate([each.uneven for each in channels])
    weight = joined["target"] / (joined["target"].sum() or 1.0)
    beyond = panel.restlessness * np.concatenate([each.target_uneven for each in channels])
    return UnitSeries(
        name=name,
        member=_members(inside, listed),
        years=np.tile(panel.cells.block_years, len(channels)),
        channel=np.repeat(np.arange(len(channels)), blocks),
        kind=np.repeat(_kinds(panel.cells.persona[window.rows], listed), blocks),
        scatter=scatter,
        target_scatter=float(weight**2 @ (joined["spread"] + beyond)),
        unevenness=np.repeat([each.unevenness for each in channels], blocks),
        scale=1.0 + window.concentration,
        **joined,
    )


def _alike(window: Window, inside: Ints) -> list[Ints]:
    """Positions in a window of the cells that are treated alike, group by group."""
    groups: dict[bytes, list[int]] = {}
    for position in inside.tolist():
        key = window.design[position].astype(np.float32).tobytes()
        groups.setdefault(key + window.active[position].tobytes(), []).append(position)
    return [np.array(group) for group in groups.values()]


def past_of(panel: Panel, window: Window) -> bytes:
    """What tells the past of a window from that of others with other active times.

    Which cells are judged, which are one channel, and what is active in blocks in part known.
    """
    groups = [inside.tobytes() for inside in _alike(window, np.arange(len(window.rows)))]
    judged = np.any(window.active, axis=1)
    known = np.logical_or.reduceat(window.known, panel.cells.block_starts, axis=1)
    mixed = window.active & ~window.known & known[:, panel.cells.blocks]
    return b" ".join([*groups, judged.tobytes(), mixed.tobytes()])


def ask_unit(panel: Panel, window: Window, unit: UnitSeries, inside: Ints) -> UnitSeries:
    """A unit asked about what is active in another window of the same cells and the same past."""
    starts = panel.cells.block_starts
    target, beside, uneven, spread, causes, shared = [], [], [], [], [], []
    for number in np.unique(unit.channel):
        rows = inside[unit.member == number]
        expected, active = window.expected[rows], window.active[rows]
        judged = np.where(active, expected, 0.0)
        either = np.where(active | window.known[rows], expected, 0.0)
        target.append(np.add.reduceat(judged.sum(axis=0), starts))
        shown = _where_judged(panel, judged, either)
        beside.append(_share(window.beside[rows], shown, starts))
        uneven.append(_unevenness(judged, starts))
        spread.append(_spread(either, window.comparison[rows], starts))
        causes.append(_known_causes(panel, window, window.rows[rows], either))
        shared.append(_shared(panel, window, window.rows[rows], either))
    sums = np.concatenate(target)
    weight = sums / (sums.sum() or 1.0)
    beyond = np.concatenate(spread) + panel.restlessness * np.concatenate(uneven)
    return asked(
        unit,
        target=sums,
        target_design=np.concatenate(beside),
        target_scatter=float(weight**2 @ beyond),
        causes=np.concatenate(causes),
        shared=np.concatenate(shared),
    )


def _kinds(persona: Ints, listed: list[Ints]) -> Ints:
    """A number for the personas of each channel: the same where the personas are."""
    kinds = [tuple(np.unique(persona[group])) for group in listed]
    return np.array([kinds.index(kind) for kind in kinds], dtype=np.int64)


def _members(inside: Ints, listed: list[Ints]) -> Ints:
    """Channel of each of some positions, -1 where nothing is known of it."""
    channel = np.full(inside.max(initial=-1) + 1, -1, dtype=np.int64)
    for number, group in enumerate(listed):
        channel[group] = number
    return channel[inside]


@dataclass(frozen=True)
class _Channel:
    """Cells of one unit that are treated alike, summed over blocks."""

    observed: Floats
    expected: Floats
    target: Floats
    spread: Floats
    uneven: Floats
    target_uneven: Floats
    design: Floats
    target_design: Floats
    causes: Floats
    shared: Floats
    unevenness: float


def _channel(panel: Panel, window: Window, inside: Ints) -> _Channel:
    starts = panel.cells.block_starts
    rows = window.rows[inside]
    expected, active = window.expected[inside], window.active[inside]
    known = window.known[inside] & (expected > 0)
    target = np.where(active, expected, 0.0)
    learnt = np.where(known, expected, 0.0)
    either = np.where(active | known, expected, 0.0)
    observed = np.where(known, panel.cells.observed[rows], 0.0)
    persona = panel.cells.persona[rows]
    sums = [np.add.reduceat(values.sum(axis=0), starts) for values in (observed, learnt, target)]
    size = either.sum(axis=1)
    if not window.apart:
        size = np.bincount(persona, weights=size)
    return _Channel(
        observed=sums[0],
        expected=sums[1],
        target=sums[2],
        spread=_spread(either, window.comparison[inside], starts),
        uneven=_unevenness(learnt, starts),
        target_uneven=_unevenness(target, starts),
        design=_share(window.design[inside], learnt, starts),
        target_design=_share(window.beside[inside], _where_judged(panel, target, either), starts),
        causes=_known_causes(panel, window, rows, either),
        shared=_shared(panel, window, rows, either),
        unevenness=1.0 if window.route == "series" else concentrated(size),
    )


def _where_judged(panel: Panel, target: Floats, either: Floats) -> Floats:
    """The expected counts that are judged, in blocks without any all that are known."""
    judged = np.add.reduceat(target.sum(axis=0), panel.cells.block_starts) > 0
    return np.where(judged[panel.cells.blocks], target, either)


def _known_causes(panel: Panel, window: Window, rows: Ints, expected: Floats) -> Floats:
    """Known causes of a channel by block (B, k), scaled by their prior sd.

    What moves all clinics alike is in the period effects already, unless there are none.
    """
    causes = panel.causes
    used = np.full(len(causes.sd), True) if window.route == "series" else panel.causes_apart
    columns = causes.columns[:, :, used][panel.cells.clinic[rows]]
    return _share(columns, expected, panel.cells.block_starts) * causes.sd[used]


def _share(design: Floats, expected: Floats, starts: Ints) -> Floats:
    """Share of a block's expected count that falls under each partnership: (B, q)."""
    return _part_of(np.einsum("rt,rtq->tq", expected, design), expected, starts)


def _part_of(sums: Floats, expected: Floats, starts: Ints) -> Floats:
    """Sums of each period (T, q) as parts of a block's expected count: (B, q)."""
    total = np.add.reduceat(expected.sum(axis=0), starts)[:, None]
    parts = np.add.reduceat(sums, starts, axis=0)
    return np.divide(parts, total, out=np.zeros_like(parts), where=total > 0)


def _spread(expected: Floats, comparison: Floats, starts: Ints) -> Floats:
    """Variance that the comparison cells' counts add to the log of a block's expected sum."""
    weight, behind = expected.sum(axis=0), comparison.max(axis=0)
    inverse = np.divide(1.0, behind, out=np.zeros_like(behind), where=behind > 0)
    total, variance = np.add.reduceat([weight, weight**2 * inverse], starts, axis=1)
    return np.divide(variance, total**2, out=np.zeros_like(total), where=total > 0)


def _shared(panel: Panel, window: Window, rows: Ints, expected: Floats) -> Floats:
    """What is not known of the personas' own courses, as columns by block: (B, k)."""
    mine = panel.cells.persona[rows] == np.arange(len(window.roots))[:, None]
    share = _part_of((mine @ expected).T, expected, panel.cells.block_starts)
    return np.hstack([share[:, [p]] * root for p, root in enumerate(window.roots)])


def _unevenness(expected: Floats, starts: Ints) -> Floats:
    """Sum of squared shares of the cells and periods in each block: 1/n for n alike."""
    sums = [expected.sum(axis=0), (expected**2).sum(axis=0)]
    total, squares = np.add.reduceat(sums, starts, axis=1)
    return np.divide(squares, total**2, out=np.zeros_like(total), where=total > 0)


def placebo_units(panel: Panel, window: Window) -> list[UnitSeries]:
    """Comparison units seen through the same window, each expected from all the others."""
    when = window.when
    found = []
    for name, rows in _placebo_rows(panel, window):
        siblings = siblings_of(panel, rows, window.route)
        everything = np.concatenate([rows, siblings])
        left_out = left_out_by(panel, rows, window.route) | window.left_out
        due = expect(panel, everything, left_out, window.route, when)
        known = panel.untouched[everything] & (due.pattern > 0)
        active = known & when & (np.arange(len(everything)) < len(rows))[:, None]
        seen = Window(
            members=(),
            judged=(),
            rows=everything,
            active=active & (due.level[:, None] > 0),
            known=known,
            design=np.zeros((*known.shape, 1)),
            beside=np.zeros((*known.shape, 1)),
            route=window.route,
            left_out=left_out,
            **vars(due),
        )
        unit = unit_series(panel, seen, name, np.arange(len(everything)))
        if unit.known.sum() >= ENOUGH_BEFORE and unit.target.sum() > 0:
            found.append(unit)
    return found


def _placebo_rows(panel: Panel, window: Window) -> list[tuple[str, Ints]]:
    """Name and cells of comparison units, at most ``MOST_PLACEBOS`` spread over their sizes."""
    cells = panel.cells
    judged = window.rows[window.active.any(axis=1)]
    free = ~window.left_out & panel.untouched.any(axis=1)
    if window.apart:
        same = free & np.isin(cells.persona, np.unique(cells.persona[judged]))
        names, cluster = cells.clinics, cells.clinic
    else:
        same = free & np.isin(cells.clinic, np.unique(cells.clinic[judged]))
        names, cluster = cells.personas, cells.persona
    size = np.bincount(
        cluster[same],
        weights=np.where(panel.untouched, cells.observed, 0.0)[same].sum(axis=1),
        minlength=len(names),
    )
    ranked = np.argsort(size, kind="stable")[(size == 0).sum() :]
    return [
        (names[k], np.flatnonzero(same & (cluster == k)))
        for k in spread_over(ranked, MOST_PLACEBOS)
    ]
