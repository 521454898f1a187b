"""What stands behind an estimate: how much came before, who serves as comparison, what to note."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partner_analysis.attribution.capacity import Capacity, capacity_of
from partner_analysis.attribution.cells import Ints
from partner_analysis.attribution.effect import COMPARISON_COLUMNS, empty_table
from partner_analysis.attribution.named.reconcile import Reconciliation, reconcile
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import Posterior
from partner_analysis.attribution.unjudged import left_out_notes
from partner_analysis.attribution.windows import (
    Window,
    mask_of,
    patients_before,
    whole_clinics,
)
from partner_analysis.tables import ONE_PERSONA, Interval

TOO_EVEN = 0.5


def count_before(window: Window) -> int:
    """Periods before its first active one in which any judged cell was known and without it."""
    first = int(window.active.any(axis=0).argmax())
    judged = np.any(window.active, axis=1, keepdims=True)
    before = window.known & (window.design[:, :, 0] == 0) & judged
    return int(before.any(axis=0)[:first].sum())


def count_named_in(
    panel: Panel, window: Window, named: pd.DataFrame | None, *identifiers: str
) -> float | None:
    """New patients who named any of some partners in the judged cells and active periods.

    Named counts without personas are taken by clinic and period. None where no named counts were
    given, or some of them are unknown.
    """
    if named is None:
        return None
    cells = panel.cells
    mine = named.loc[named["partnership_id"].isin(identifiers)]
    period = cells.periods.get_indexer(mine["period"])
    clinic = pd.Index(cells.clinics).get_indexer(mine["clinic"])
    by_persona = set(named["persona"].unique()) != {ONE_PERSONA}
    persona = pd.Index(cells.personas).get_indexer(mine["persona"]) if by_persona else 0
    row, when = np.nonzero(window.active)
    of_persona = cells.persona[window.rows[row]] if by_persona else 0
    judged = np.zeros((len(cells.clinics), len(cells.personas), len(cells.day)), dtype=bool)
    judged[cells.clinic[window.rows[row]], of_persona, when] = True
    there = (clinic >= 0) & (period >= 0) & (persona >= 0)
    found = mine["named"].to_numpy(dtype=float)[there & judged[clinic, persona, period]]
    return None if np.isnan(found).any() else float(found.sum())


def reconciled(
    panel: Panel, window: Window, named: pd.DataFrame | None, total: Interval
) -> Reconciliation | None:
    """Named beside estimated for all that the number is for; None where they do not compare.

    They do not where only whole clinics were asked whom they name, and the partnership is for
    some of their personas.
    """
    count = count_named_in(panel, window, named, *window.judged)
    if named is None or count is None:
        return None
    some = window.rows[window.active.any(axis=1)]
    whole = set(named["persona"]) == {ONE_PERSONA} and len(panel.cells.personas) > 1
    if whole and not np.isin(np.flatnonzero(whole_clinics(panel, some)), some).all():
        return None
    return reconcile(count, total)


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
    common = panel.pooled[0]
    judged = window.rows[window.active.any(axis=1)]
    islands = np.unique(common.island[judged])
    serving = common.serving(window.left_out, window.when)
    return common.rows[serving & np.isin(common.island, islands)]


def room_of(panel: Panel, window: Window) -> Capacity:
    """How often the judged cells were full, and what that means for demand."""
    cells = panel.cells
    active = np.zeros(cells.usable.shape, dtype=bool)
    active[window.rows] = window.active
    return capacity_of(
        np.where(cells.usable, cells.observed, np.nan),
        cells.slots,
        active,
        learnt=panel.untouched,
        clinic=cells.clinic,
    )


def notes_on(
    panel: Panel, posterior: Posterior, bundle: tuple[str, ...], wide: tuple[str, ...]
) -> list[str]:
    """Sentences that a reader should know about this estimate."""
    window = posterior.window
    beside = window.members[len(window.judged) :]
    notes = [_route_note(panel, window)]
    if count_before(window) == 0:
        notes.append("It ran before the data begin, so it is compared with the time after its end.")
    if bundle:
        notes.append(
            "The data cannot tell these partnerships apart; the number is for all of them "
            f"together: {', '.join(bundle)}."
        )
    if beside:
        notes.append(
            f"It shares clinics and periods with {', '.join(beside)}; their effects are estimated "
            "together."
        )
    if wide:
        notes.append(
            f"{', '.join(wide)} ran in all clinics at once; it is taken to have changed all of "
            "them alike."
        )
    notes += left_out_notes(panel, window)
    notes += _empty_notes(panel, posterior)
    if posterior.small:
        notes.append(
            "Few patients came before the start, so the interval comes from the exact comparison "
            "of two small counts."
        )
    return notes


def _empty_notes(panel: Panel, posterior: Posterior) -> list[str]:
    """Where nobody came, or counts are too even for chance."""
    window, cells, notes = posterior.window, panel.cells, []
    before = patients_before(panel, window)
    if before == 0:
        notes.append(
            "No new patients came before the start, so there is no percentage; the difference in "
            "numbers can still be told."
        )
    if posterior.observed == 0:
        notes.append(
            "No new patients came while it ran. If a clinic was closed, set its open_days to 0."
        )
    if panel.late:
        listed = ", ".join(
            f"{name} ({cells.periods[first].day} {cells.periods[first]:%B %Y})"
            for name, first in panel.late.items()
        )
        notes.append(
            f"Nobody was counted for some time, and many at once from then on: {listed}. Counting "
            "is taken to begin there; what stood before is not used as zeros."
        )
    if window.route != "series":
        common = panel.pooled[0]
        silent = common.rows[~window.left_out & (common.came.sum(axis=1) == 0)]
        silent = silent[panel.untouched[silent].any(axis=1)]
        if len(silent):
            listed = ", ".join(cells.name(row) for row in silent[:6])
            notes.append(
                f"{listed}{' and more' if len(silent) > 6 else ''} had no new patients and so "
                "say nothing."
            )
    if panel.evenness < TOO_EVEN:
        notes.append(
            "The counts vary less than chance alone would make them; the interval is not made "
            "narrower for that. Averages or targets in the place of counts would look like this."
        )
    return notes


def _route_note(panel: Panel, window: Window) -> str:
    """What the expectation rests on."""
    if window.route == "series":
        why = "No comparison cell exists"
        _, pattern, _ = panel.patterns(window.rows, mask_of(panel, window.rows))
        if ((pattern > 0) & window.active).any():
            why = "Other cells speak of less than half of its time, or were not asked"
        return (
            f"{why}, so the expectation rests on its own past alone; anything else that changed at "
            "the start is inside the estimate."
        )
    cells = serving_cells(panel, window)
    same = {
        "clinics": "other clinics, all personas, each with its own season",
        "others": "other personas",
    }[window.route]
    if len(panel.cells.personas) == 1:
        same = "other clinics"
    number = "1 comparison cell" if len(cells) == 1 else f"{len(cells)} comparison cells"
    note = f"The expectation rests on {number}: {same}."
    siblings = ~window.active.any(axis=1) & (window.design.sum(axis=(1, 2)) == 0)
    if window.apart and siblings.any():
        note += " What its clinic went through as a whole is read off the clinic's other personas."
    return note
