"""What stands behind an estimate: how much came before, who serves as comparison, what to note."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partner_analysis.attribution.cells import Ints
from partner_analysis.attribution.effect import COMPARISON_COLUMNS, empty_table
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import Posterior
from partner_analysis.attribution.units import ENOUGH_BEFORE, Window, mask_of


def count_before(window: Window) -> int:
    """Periods before its first active one in which any judged cell was known and untouched."""
    first = int(window.active.any(axis=0).argmax())
    clean = window.known & (window.design.sum(axis=2) == 0)
    return int(clean.any(axis=0)[:first].sum())


def count_named_in(
    panel: Panel, window: Window, named: pd.DataFrame | None, identifier: str
) -> float | None:
    """New patients who named the partner in the judged cells and active periods."""
    if named is None:
        return None
    cells = panel.cells
    spots = {
        (cells.clinics[cells.clinic[row]], cells.personas[cells.persona[row]], cells.periods[t])
        for row, t in zip(
            window.rows[np.nonzero(window.active)[0]], np.nonzero(window.active)[1], strict=True
        )
    }
    mine = named[named["partnership_id"] == identifier]
    keys = zip(mine["clinic"], mine["persona"], mine["period"], strict=True)
    inside = [key in spots for key in keys]
    return float(mine.loc[inside, "named"].sum())


def comparison_table(panel: Panel, window: Window) -> pd.DataFrame:
    """The cells whose period effects the expectation rests on."""
    if window.route == "series":
        return empty_table(COMPARISON_COLUMNS)
    serving = serving_cells(panel, window)
    cells = panel.cells
    untouched = panel.untouched[serving]
    return pd.DataFrame(
        {
            "clinic": pd.Series([cells.clinics[c] for c in cells.clinic[serving]], dtype="str"),
            "persona": pd.Series([cells.personas[p] for p in cells.persona[serving]], dtype="str"),
            "periods": untouched.sum(axis=1).astype("int64"),
            "new_patients": np.where(untouched, cells.observed[serving], 0.0).sum(axis=1),
        }
    )


def serving_cells(panel: Panel, window: Window) -> Ints:
    """Rows of the comparison cells of a window."""
    left_out = mask_of(panel, window.rows)
    behind = panel.behind(window.rows, window.route)
    return np.sort(np.concatenate([each.rows[each.serving(left_out)] for each in behind]))


def notes_on(panel: Panel, posterior: Posterior, bundle: tuple[str, ...]) -> list[str]:
    """Sentences that a reader should know about this estimate."""
    window = posterior.window
    beside = window.members[len(window.judged) :]
    notes = [_route_note(panel, window)]
    if bundle:
        notes.append(
            "The data cannot tell these partnerships apart; the number is for all of them "
            f"together: {', '.join(bundle)}."
        )
    if beside:
        notes.append(
            f"It shares clinics and periods with {', '.join(beside)}; their effects are estimated "
            "together, each as a constant ratio."
        )
    notes += _left_out_notes(panel, window)
    if posterior.small:
        notes.append(
            "Few patients came before the start, so the interval comes from the exact comparison "
            "of two small counts."
        )
    return notes


def _left_out_notes(panel: Panel, window: Window) -> list[str]:
    """Which cells of the partnership could not be judged."""
    judged = window.rows[window.active.any(axis=1)]
    listed = np.unique(np.concatenate([panel.touches[m].cells for m in window.judged]))
    left = np.setdiff1d(listed, judged)
    left = left[panel.cells.observed[left].sum(axis=1) > 0]
    if not len(left):
        return []
    places = ", ".join(panel.cells.name(row) for row in left[:6])
    return [
        f"Not judged, for want of {ENOUGH_BEFORE} untouched periods before the start or of "
        f"complete periods since: {places}{' and more' if len(left) > 6 else ''}."
    ]


def _route_note(panel: Panel, window: Window) -> str:
    """What the expectation rests on."""
    if window.route == "series":
        return (
            "No comparison cell exists, so the expectation rests on its own past alone; anything "
            "else that changed at the start is inside the estimate."
        )
    cells = serving_cells(panel, window)
    same = "the same personas at other clinics" if window.route == "persona" else "all other cells"
    if len(panel.cells.personas) == 1:
        same = "other clinics"
    return f"The expectation rests on {len(cells)} comparison cells: {same}."
