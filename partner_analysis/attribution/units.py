"""From cells to units: the time series that a partnership's window and its placebos are read off.

A unit is what shares its shocks: the treated cells of one clinic where other clinics serve as the
comparison, or all treated cells together where only other personas do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Bools, Floats, Ints
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.personas import departures_of
from partner_analysis.attribution.shocks import UnitSeries
from partner_analysis.attribution.variability import spread_over

ENOUGH_BEFORE: Final = 6
MOST_PLACEBOS: Final = 24


@dataclass(frozen=True)
class Window:
    """What one partnership, or several modelled together, leave to be estimated.

    ``judged`` are the members that the estimate is for: one, or a bundle. ``rows`` are the cells
    that can be judged; all arrays are (rows, T). ``active`` is what the estimate is for, ``known``
    what the model may learn from; ``design`` (rows, T, q) where each group that is modelled
    jointly departs from the level, its own first; ``beside`` the same for the others alone, as
    far as they are felt.
    """

    members: tuple[str, ...]
    judged: tuple[str, ...]
    rows: Ints
    active: Bools
    known: Bools
    design: Floats
    beside: Floats
    route: str
    level: Floats
    pattern: Floats
    comparison: Floats
    concentration: float
    roots: tuple[Floats, ...]

    @property
    def when(self) -> Bools:
        """Periods in which anything is judged: (T)."""
        found: Bools = np.any(self.active, axis=0)
        return found

    @property
    def apart(self) -> bool:
        """Whether each clinic has shocks of its own, since other clinics serve as comparison."""
        return self.route == "clinics"

    @property
    def expected(self) -> Floats:
        """Expected counts from the comparison cells alone: (rows, T)."""
        return self.level[:, None] * self.pattern


def possible_routes(panel: Panel, rows: Ints, active: Bools, method: str) -> Iterator[str]:
    """Where the comparison may come from, the best first.

    "clinics": clinics that are not treated, where they speak of half the active periods;
    "others": other personas, at the treated clinics too; "series": none, the series itself.
    """
    if method != "series" and len(rows):
        elsewhere = whole_clinics(panel, rows)
        for route, left_out in (("clinics", elsewhere), ("others", mask_of(panel, rows))):
            _, pattern, _ = panel.patterns(rows, left_out)
            judged = ((pattern > 0) & active).sum()
            if judged >= 0.5 * max(active.sum(), 1) or (method == "panel" and route == "others"):
                yield route
    if method != "panel" or not len(rows):
        yield "series"


def left_out_by(panel: Panel, rows: Ints, route: str) -> Bools:
    """Cells that may not serve as comparison for some rows: theirs, or all of their clinics."""
    return whole_clinics(panel, rows) if route == "clinics" else mask_of(panel, rows)


def whole_clinics(panel: Panel, rows: Ints) -> Bools:
    """All cells of the clinics of some rows, as a mask."""
    return np.isin(panel.cells.clinic, np.unique(panel.cells.clinic[rows]))


def siblings_of(panel: Panel, rows: Ints, route: str) -> Ints:
    """Other cells of the same clinics, which tell what the clinic as a whole went through."""
    if route != "clinics":
        return np.zeros(0, dtype=np.int64)
    mask = whole_clinics(panel, rows) & ~mask_of(panel, rows)
    return np.flatnonzero(mask & panel.untouched.any(axis=1))


def patients_before(panel: Panel, window: Window) -> float:
    """New patients in the judged cells while the partnership was not active there."""
    judged = np.any(window.active, axis=1, keepdims=True)
    learnt = window.known & (window.design[:, :, 0] == 0) & judged
    return float(panel.cells.observed[window.rows][learnt].sum())


def enough_before(learnt: Bools, active: Bools) -> Bools:
    """Rows with enough periods to learn from before their first active one."""
    began = np.where(active.any(axis=1), active.argmax(axis=1), 0)
    ahead = np.arange(active.shape[1]) < began[:, None]
    return (learnt & ahead).sum(axis=1) >= ENOUGH_BEFORE


def mask_of(panel: Panel, rows: Ints) -> Bools:
    """Cells as a mask."""
    mask = np.zeros(len(panel.cells.persona), dtype=bool)
    mask[rows] = True
    return mask


@dataclass(frozen=True)
class Expectation:
    """What the comparison says of some cells: expected is level x pattern.

    ``comparison`` (rows, T) is the number of patients behind it, ``concentration`` how few
    clinics they hang on (1 for one, 1/n for n alike); ``roots`` per persona (B, k) factors of the
    covariance of what is not known of its departures from the common period effects.
    """

    level: Floats
    pattern: Floats
    comparison: Floats
    concentration: float
    roots: tuple[Floats, ...]


def expect(panel: Panel, rows: Ints, left_out: Bools, route: str, when: Bools) -> Expectation:
    """What to expect of some cells by a route, with some cells left out of the comparison.

    ``when`` are the periods that are to be judged (T).
    """
    cells = panel.cells
    blocks = int(cells.blocks()[-1]) + 1
    nothing = tuple(np.zeros((blocks, 0)) for _ in cells.personas)
    if route == "series":
        exposure = cells.exposure[rows]
        mask = panel.untouched[rows]
        came = np.where(mask, cells.observed[rows], 0.0).sum(axis=1)
        days = np.where(mask, exposure, 0.0).sum(axis=1)
        level = np.divide(came, days, out=np.zeros(len(rows)), where=days > 0)
        return Expectation(level, exposure, np.full(exposure.shape, np.inf), 0.0, nothing)
    level, pattern, comparison = panel.patterns(rows, left_out)
    concentration = _concentration(panel, left_out, route, when)
    if route == "others" or len(cells.personas) == 1:
        return Expectation(level, pattern, comparison, concentration, nothing)
    departures = departures_of(panel, left_out)
    course = np.exp(departures.mean)[cells.persona[rows]][:, cells.blocks()]
    return Expectation(level, pattern * course, comparison, concentration, departures.roots)


def _concentration(panel: Panel, left_out: Bools, route: str, when: Bools) -> float:
    """Sum of squared shares of the clinics behind the comparison, or of cells: 1/n for n alike.

    Over all periods or over those judged, whichever hangs on fewer: a clinic that was touched
    since says nothing of what came after.
    """
    common, found = panel.pooled[0], []
    for periods in (np.ones(len(when), dtype=bool), when):
        weight = common.weights(left_out, periods)
        if route == "clinics":
            weight = np.bincount(panel.cells.clinic[common.rows], weights=weight).astype(float)
        found.append(_concentrated(weight))
    return max(found)


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
    keys = [
        window.design[k].astype(np.float32).tobytes() + window.active[k].tobytes() for k in inside
    ]
    groups: dict[bytes, list[int]] = {}
    for position, key in zip(inside.tolist(), keys, strict=True):
        groups.setdefault(key, []).append(position)
    listed = [np.array(group) for group in groups.values()]
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
    block = panel.cells.blocks()
    years = np.bincount(block, panel.cells.years) / np.bincount(block)
    return UnitSeries(
        name=name,
        member=_members(inside, listed),
        years=np.tile(years, len(channels)),
        channel=np.repeat(np.arange(len(channels)), blocks),
        scatter=scatter,
        target_scatter=float(weight**2 @ (joined["spread"] + beyond)),
        unevenness=np.repeat([each.unevenness for each in channels], blocks),
        scale=1.0 + window.concentration,
        **joined,
    )


def _members(inside: Ints, listed: list[Ints]) -> Ints:
    """Channel of each of some positions, -1 where nothing is known of it."""
    member = np.full(len(inside), -1, dtype=np.int64)
    for number, group in enumerate(listed):
        member[np.isin(inside, group)] = number
    return member


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
    block = panel.cells.blocks()
    rows = window.rows[inside]
    expected, active = window.expected[inside], window.active[inside]
    known = window.known[inside] & (expected > 0)
    target = np.where(active, expected, 0.0)
    learnt = np.where(known, expected, 0.0)
    either = np.where(active | known, expected, 0.0)
    observed = np.where(known, panel.cells.observed[rows], 0.0)
    persona = panel.cells.persona[rows]
    sums = [_by_block(values.sum(axis=0), block) for values in (observed, learnt, target)]
    size = either.sum(axis=1)
    if not window.apart:
        size = np.bincount(persona, weights=size)
    return _Channel(
        observed=sums[0],
        expected=sums[1],
        target=sums[2],
        spread=_spread(either, window.comparison[inside], block),
        uneven=_unevenness(learnt, block),
        target_uneven=_unevenness(target, block),
        design=_share(window.design[inside], learnt, block),
        target_design=_share(
            window.beside[inside], np.where(sums[2][block] > 0, target, either), block
        ),
        causes=_known_causes(panel, window, rows, either, block),
        shared=_shared(panel, window, rows, either, block),
        unevenness=1.0 if window.route == "series" else _concentrated(size),
    )


def _concentrated(size: Floats) -> float:
    """Sum of squared shares of some sizes: 1 for one, 1/n for n alike."""
    share = size / size.sum() if size.sum() > 0 else np.zeros_like(size)
    return float((share**2).sum())


def _known_causes(
    panel: Panel, window: Window, rows: Ints, expected: Floats, block: Ints
) -> Floats:
    """Known causes of a channel by block (B, k), scaled by their prior sd.

    What moves all clinics alike is in the period effects already, unless there are none.
    """
    causes = panel.causes
    used = np.full(len(causes.sd), window.route == "series")
    if len(panel.cells.clinics) > 1:
        used |= np.ptp(causes.columns, axis=0).max(axis=0, initial=0.0) > 0
    return (
        _share(causes.columns[panel.cells.clinic[rows]][:, :, used], expected, block)
        * (causes.sd[used])
    )


def _share(design: Floats, expected: Floats, block: Ints) -> Floats:
    """Share of a block's expected count that falls under each partnership: (B, q)."""
    total = _by_block(expected.sum(axis=0), block)
    columns = [
        _by_block((expected * design[:, :, q]).sum(axis=0), block) for q in range(design.shape[2])
    ]
    stacked = np.column_stack(columns) if columns else np.zeros((len(total), 0))
    return np.divide(stacked, total[:, None], out=np.zeros_like(stacked), where=total[:, None] > 0)


def _spread(expected: Floats, comparison: Floats, block: Ints) -> Floats:
    """Variance that the comparison cells' counts add to the log of a block's expected sum."""
    weight, behind = expected.sum(axis=0), comparison.max(axis=0)
    total = _by_block(weight, block)
    inverse = np.divide(1.0, behind, out=np.zeros_like(behind), where=behind > 0)
    variance = _by_block(weight**2 * inverse, block)
    return np.divide(variance, total**2, out=np.zeros_like(total), where=total > 0)


def _shared(panel: Panel, window: Window, rows: Ints, expected: Floats, block: Ints) -> Floats:
    """What is not known of the personas' own courses, as columns by block: (B, k)."""
    mine = np.stack([panel.cells.persona[rows] == p for p in range(len(window.roots))], axis=1)
    share = _share(np.repeat(mine[:, None, :], expected.shape[1], axis=1), expected, block)
    return np.hstack([share[:, [p]] * root for p, root in enumerate(window.roots)])


def _unevenness(expected: Floats, block: Ints) -> Floats:
    """Sum of squared shares of the cells and periods in each block: 1/n for n alike."""
    total = _by_block(expected.sum(axis=0), block)
    squares = _by_block((expected**2).sum(axis=0), block)
    return np.divide(squares, total**2, out=np.zeros_like(total), where=total > 0)


def _by_block(values: Floats, block: Ints) -> Floats:
    return np.bincount(block, weights=values, minlength=int(block[-1]) + 1).astype(np.float64)


def placebo_units(panel: Panel, window: Window) -> list[UnitSeries]:
    """Comparison units seen through the same window, each expected from all the others."""
    when = window.when
    found = []
    for name, rows in _placebo_rows(panel, window):
        siblings = siblings_of(panel, rows, window.route)
        everything = np.concatenate([rows, siblings])
        left_out = left_out_by(panel, rows, window.route)
        left_out[window.rows] = True
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
    free = ~mask_of(panel, window.rows) & panel.untouched.any(axis=1)
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
