"""What of a partnership could not be judged: which cells, which periods, and how much they are."""

from __future__ import annotations

import numpy as np

from partner_analysis.attribution.cells import Bools, Floats, Ints
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.windows import ENOUGH_BEFORE, Window


def judged_share(panel: Panel, window: Window) -> float:
    """Share of the patients expected of a partnership that its judged cells and periods stand for.

    Over all cells and periods in which it ran, up to the last judged one. It serves one question,
    what if the rest brought as much for each patient expected; then shares of those expected
    are shares of those who came, which are known also where nothing says what to expect. What
    is unknown between known periods of a cell counts with that cell's own mean.
    """
    listed, due = _spots_due(panel, window)
    due[:, int(np.flatnonzero(window.when)[-1]) + 1 :] = False
    due &= ~_shut(panel, listed)
    judged = np.zeros(panel.cells.usable.shape, dtype=bool)
    judged[window.rows] = window.active
    judged = judged[listed] & due
    came = _came_or_mean(panel, listed, due)
    if came[judged].sum() > 0:
        return float(came[judged].sum() / came[due].sum())
    return float(judged.sum() / due.sum())


def _spots_due(panel: Panel, window: Window) -> tuple[Ints, Bools]:
    """All cells of what is judged, and the periods in which it ran there."""
    touches = [panel.touches[member] for member in window.judged]
    listed = np.unique(np.concatenate([touch.cells for touch in touches]))
    due = np.zeros((len(listed), window.active.shape[1]), dtype=bool)
    for touch in touches:
        due[np.searchsorted(listed, touch.cells)] |= touch.active
    return listed, due


def _came_or_mean(panel: Panel, listed: Ints, due: Bools) -> Floats:
    """New patients of some cells; where unknown, amid what is known, as many a day as there."""
    cells = panel.cells
    usable, observed = cells.usable[listed], cells.observed[listed]
    since = usable & due
    like = np.where(np.any(since, axis=1, keepdims=True), since, usable)
    days = np.where(like, cells.length, 0).sum(axis=1)
    rate = np.where(like, observed, 0.0).sum(axis=1) / np.maximum(days, 1)
    begun = np.maximum.accumulate(usable, axis=1)
    goes_on = np.maximum.accumulate(usable[:, ::-1], axis=1)[:, ::-1]
    missing = begun & goes_on & ~usable & ~_shut(panel, listed)
    return np.where(missing, rate[:, None] * cells.length, np.where(usable, observed, 0.0))


def _shut(panel: Panel, listed: Ints) -> Bools:
    """Where some cells are known to have had no open day."""
    shut = panel.cells.shut
    return np.zeros((len(listed), len(panel.cells.day)), bool) if shut is None else shut[listed]


def left_out_notes(panel: Panel, window: Window) -> list[str]:
    """Which cells of the partnership could not be judged."""
    judged = window.rows[window.active.any(axis=1)]
    left = np.setdiff1d(_spots_due(panel, window)[0], judged)
    left = left[panel.cells.observed[left].sum(axis=1) > 0]
    notes = []
    if len(left):
        places = ", ".join(panel.cells.name(row) for row in left[:6])
        notes.append(
            f"Not judged, for want of {ENOUGH_BEFORE} known periods before the start or of "
            f"complete periods since: {places}{' and more' if len(left) > 6 else ''}."
        )
    due, seen = _active_spots(panel, window)
    if due > seen:
        left_out = "1 is" if due - seen == 1 else f"{due - seen:,} are"
        them = "it" if due - seen == 1 else "them"
        notes.append(
            f"Of {due:,} active periods in its cells, {left_out} unknown, closed or without "
            f"comparison; the total leaves {them} out."
        )
    return notes


def _active_spots(panel: Panel, window: Window) -> tuple[int, int]:
    """Active periods of the judged cells: how many there are, and how many are judged."""
    listed, due = _spots_due(panel, window)
    judged = np.isin(listed, window.rows[window.active.any(axis=1)])
    return int(due[judged].sum()), int(window.active.sum())
