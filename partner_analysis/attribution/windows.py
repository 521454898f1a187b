"""What one partnership leaves to be judged: where, when, and what was to be expected there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Bools, Floats, Ints
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.personas import departures_of

ENOUGH_BEFORE: Final = 6


@dataclass(frozen=True)
class Window:
    """What one partnership, or several modelled together, leave to be estimated.

    ``judged`` are the members that the estimate is for: one, or a bundle. ``rows`` are the cells
    that can be judged; all arrays are (rows, T). ``active`` is what the estimate is for, ``known``
    what the model may learn from; ``design`` (rows, T, q) where each group that is modelled
    jointly departs from the level, its own first; ``beside`` the same for the others alone, as
    far as they are felt. ``left_out`` (cells) may not serve as comparison.
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
    left_out: Bools

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
    treated = np.zeros(len(panel.cells.clinics), dtype=bool)
    treated[panel.cells.clinic[rows]] = True
    return treated[panel.cells.clinic]


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
    """Rows with enough periods to learn from before their first active one.

    Where nothing at all is known before, since it ran from the start of the data, the time after
    its end serves.
    """
    began = np.where(active.any(axis=1), active.argmax(axis=1), 0)
    ahead = np.arange(active.shape[1]) < began[:, None]
    before, whole = (learnt & ahead).sum(axis=1), (learnt & ~active).sum(axis=1)
    return np.where(before == 0, whole, before) >= ENOUGH_BEFORE


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
    blocks = int(cells.blocks[-1]) + 1
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
    course = np.exp(departures.mean)[cells.persona[rows]][:, cells.blocks]
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
        found.append(concentrated(weight))
    return max(found)


def concentrated(size: Floats) -> float:
    """Sum of squared shares of some sizes: 1 for one, 1/n for n alike."""
    share = size / size.sum() if size.sum() > 0 else np.zeros_like(size)
    return float((share**2).sum())
