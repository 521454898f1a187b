"""From cells to units: the time series that a partnership's window and its placebos are read off.

A unit is what shares its shocks: the treated cells of one clinic where other clinics serve as the
comparison, or all treated cells together where only other personas do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Bools, Floats, Ints
from partner_analysis.attribution.panel import ENOUGH_CELLS, Panel
from partner_analysis.attribution.shocks import UnitSeries

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

    @property
    def expected(self) -> Floats:
        """Expected counts from the comparison cells alone: (rows, T)."""
        return self.level[:, None] * self.pattern


def possible_routes(panel: Panel, rows: Ints, active: Bools, method: str) -> list[str]:
    """Where the comparison may come from, the best first: "persona", "pooled", "series".

    Other clinics' cells of the same persona, where every active period has enough of them; all
    other cells, where they speak of half the active periods; the series itself.
    """
    if method == "series" or not len(rows):
        return ["series"]
    left_out = mask_of(panel, rows)
    single = len(panel.cells.personas) == 1
    routes = []
    if _fewest_cells(panel, rows, active, left_out) >= (1 if single else ENOUGH_CELLS):
        routes.append("persona")
    _, pattern, _ = panel.patterns(rows, left_out, route="pooled")
    if method == "panel" or ((pattern > 0) & active).sum() >= 0.5 * max(active.sum(), 1):
        routes.append("pooled")
    return routes if method == "panel" else [*routes, "series"]


def enough_before(learnt: Bools, active: Bools) -> Bools:
    """Rows with enough periods to learn from before their first active one."""
    began = np.where(active.any(axis=1), active.argmax(axis=1), 0)
    ahead = np.arange(active.shape[1]) < began[:, None]
    return (learnt & ahead).sum(axis=1) >= ENOUGH_BEFORE


def _fewest_cells(panel: Panel, rows: Ints, active: Bools, left_out: Bools) -> int:
    """Over personas and active periods: the fewest comparison cells of the same persona."""
    fewest = len(panel.cells.persona)
    for persona in np.unique(panel.cells.persona[rows]):
        mine = panel.cells.persona[rows] == persona
        when = active[mine].any(axis=0)
        if not when.any():
            continue
        comparison = panel.by_persona[persona]
        serving = comparison.rows[comparison.serving(left_out)]
        count = panel.untouched[serving][:, when].sum(axis=0)
        fewest = min(fewest, int(np.percentile(count, 10)))
    return fewest


def mask_of(panel: Panel, rows: Ints) -> Bools:
    """Cells as a mask."""
    mask = np.zeros(len(panel.cells.persona), dtype=bool)
    mask[rows] = True
    return mask


def expect(
    panel: Panel, rows: Ints, left_out: Bools, route: str
) -> tuple[Floats, Floats, Floats, float]:
    """Level, pattern and comparison of some cells, and how few clinics the comparison hangs on."""
    if route != "series":
        level, pattern, comparison = panel.patterns(rows, left_out, route=route)
        return level, pattern, comparison, _concentration(panel, rows, left_out, route)
    exposure = panel.cells.exposure[rows]
    mask = panel.untouched[rows]
    came = np.where(mask, panel.cells.observed[rows], 0.0).sum(axis=1)
    days = np.where(mask, exposure, 0.0).sum(axis=1)
    level = np.divide(came, days, out=np.zeros(len(rows)), where=days > 0)
    return level, exposure, np.full(exposure.shape, np.inf), 0.0


def _concentration(panel: Panel, rows: Ints, left_out: Bools, route: str) -> float:
    """Sum of squared shares of the clusters behind the comparison: 1 for one, 1/n for n alike."""
    worst = 0.0
    for each in panel.behind(rows, route):
        weight = np.where(each.serving(left_out), each.came.sum(axis=1), 0.0)
        if route == "persona":
            weight = np.bincount(panel.cells.clinic[each.rows], weights=weight)
        if weight.sum() > 0:
            worst = max(worst, float(((weight / weight.sum()) ** 2).sum()))
    return worst


def series_of_units(panel: Panel, window: Window) -> list[tuple[Ints, UnitSeries]]:
    """Positions in ``window.rows`` of each unit that something is known of, and its series.

    Cells of one clinic (of all, where only other personas serve) are one unit as long as the
    same partnerships touch them in the same periods.
    """
    apart = window.route == "persona"
    cluster = panel.cells.clinic[window.rows] if apart else np.zeros(len(window.rows), dtype=int)
    touched = [row.tobytes() for row in window.design.astype(np.float32)]
    units: dict[tuple[int, bytes], list[int]] = {}
    for position, key in enumerate(zip(cluster.tolist(), touched, strict=True)):
        units.setdefault(key, []).append(position)
    found = []
    for (clinic, _), positions in units.items():
        inside = np.array(positions)
        name = panel.cells.clinics[clinic] if apart else "all"
        found.append((inside, unit_series(panel, window, name, inside)))
    return [(inside, unit) for inside, unit in found if unit.known.any()]


def unit_series(panel: Panel, window: Window, name: str, inside: Ints) -> UnitSeries:
    """One unit's counts over blocks of about a month."""
    block = panel.cells.blocks()
    rows = window.rows[inside]
    expected, known = window.expected[inside], window.known[inside]
    active, design = window.active[inside], window.design[inside]
    known = known & (expected > 0)
    target = np.where(active, expected, 0.0)
    learnt = np.where(known, expected, 0.0)
    either = np.where(active | known, expected, 0.0)
    observed = np.where(known, panel.cells.observed[rows], 0.0)
    persona = panel.cells.persona[rows] if window.route == "persona" else np.zeros_like(rows)
    sums = [_by_block(values.sum(axis=0), block) for values in (observed, learnt, target)]
    spread = _spread(either, window.comparison[inside], persona, block)
    restless = panel.restlessness
    weight = sums[2] / (sums[2].sum() or 1.0)
    return UnitSeries(
        name=name,
        years=_by_block(panel.cells.years, block) / np.bincount(block),
        observed=sums[0],
        expected=sums[1],
        target=sums[2],
        spread=spread,
        scatter=restless * _unevenness(learnt, block),
        target_scatter=float(weight**2 @ (spread + restless * _unevenness(target, block))),
        design=_share(design, learnt, block),
        target_design=_share(
            window.beside[inside], np.where(sums[2][block] > 0, target, either), block
        ),
        scale=1.0 + window.concentration,
    )


def _share(design: Floats, expected: Floats, block: Ints) -> Floats:
    """Share of a block's expected count that falls under each partnership: (B, q)."""
    total = _by_block(expected.sum(axis=0), block)
    columns = [
        _by_block((expected * design[:, :, q]).sum(axis=0), block) for q in range(design.shape[2])
    ]
    stacked = np.column_stack(columns) if columns else np.zeros((len(total), 0))
    return np.divide(stacked, total[:, None], out=np.zeros_like(stacked), where=total[:, None] > 0)


def _spread(expected: Floats, comparison: Floats, group: Ints, block: Ints) -> Floats:
    """Variance that the comparison cells' counts add to the log of a block's expected sum."""
    total = _by_block(expected.sum(axis=0), block)
    variance = np.zeros(len(total))
    for each in np.unique(group):
        mine = group == each
        weight = expected[mine].sum(axis=0)
        behind = comparison[mine].max(axis=0)
        inverse = np.divide(1.0, behind, out=np.zeros_like(behind), where=behind > 0)
        variance += _by_block(weight**2 * inverse, block)
    return np.divide(variance, total**2, out=np.zeros_like(total), where=total > 0)


def _unevenness(expected: Floats, block: Ints) -> Floats:
    """Sum of squared shares of the cells and periods in each block: 1/n for n alike."""
    total = _by_block(expected.sum(axis=0), block)
    squares = _by_block((expected**2).sum(axis=0), block)
    return np.divide(squares, total**2, out=np.zeros_like(total), where=total > 0)


def _by_block(values: Floats, block: Ints) -> Floats:
    return np.bincount(block, weights=values, minlength=int(block[-1]) + 1).astype(np.float64)


def placebo_units(panel: Panel, window: Window) -> list[UnitSeries]:
    """Comparison units seen through the same window, each expected from all the others."""
    when = window.active.any(axis=0)
    found = []
    for name, rows in _placebo_rows(panel, window):
        left_out = mask_of(panel, rows)
        level, pattern, comparison, concentration = expect(panel, rows, left_out, window.route)
        known = panel.untouched[rows]
        seen = Window(
            members=(),
            judged=(),
            rows=rows,
            active=known & when & (level[:, None] * pattern > 0),
            known=known,
            design=np.zeros((*known.shape, 1)),
            beside=np.zeros((*known.shape, 1)),
            route=window.route,
            level=level,
            pattern=pattern,
            comparison=comparison,
            concentration=concentration,
        )
        unit = unit_series(panel, seen, name, np.arange(len(rows)))
        if unit.known.sum() >= ENOUGH_BEFORE and unit.observed.sum() > 0:
            found.append(unit)
    return found


def _placebo_rows(panel: Panel, window: Window) -> list[tuple[str, Ints]]:
    """Name and cells of comparison units, at most ``MOST_PLACEBOS`` spread over their sizes."""
    cells = panel.cells
    own = mask_of(panel, window.rows)
    personas = np.unique(cells.persona[window.rows])
    free = ~own & panel.untouched.any(axis=1)
    same = free & np.isin(cells.persona, personas)
    own_clinics = np.unique(cells.clinic[window.rows])
    units = [
        (cells.clinics[clinic], np.flatnonzero(same & (cells.clinic == clinic)))
        for clinic in np.unique(cells.clinic[same])
        if window.route == "pooled" or clinic not in own_clinics
    ]
    if window.route == "pooled":
        siblings = free & ~np.isin(cells.persona, personas) & np.isin(cells.clinic, own_clinics)
        units += [
            (cells.personas[persona], np.flatnonzero(siblings & (cells.persona == persona)))
            for persona in np.unique(cells.persona[siblings])
        ]
    size = [np.where(panel.untouched[rows], cells.observed[rows], 0).sum() for _, rows in units]
    ranked = [units[i] for i in np.argsort(size, kind="stable") if size[i] > 0]
    step = max(1.0, len(ranked) / MOST_PLACEBOS)
    return [ranked[int(k * step)] for k in range(min(len(ranked), MOST_PLACEBOS))]
