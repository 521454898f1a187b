"""The same estimate on other cells: where the extra patients may have come from, and a control.

The whole clinic and the neighbouring clinics say how many of a partnership's extra patients would
have come elsewhere in the practice (Olden and Moen 2022, The triple difference estimator, on the
ratio to a control). A persona that the partnership cannot reach, named beforehand, shows what
happened to the clinic as a whole (Lipsitch, Tchetgen Tchetgen and Cohen 2010, Negative controls).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.draws import interval_of
from partner_analysis.attribution.effect import MOVED_COLUMNS, empty_table
from partner_analysis.attribution.joint import choose_window
from partner_analysis.attribution.panel import Panel, panel_of
from partner_analysis.attribution.posterior import Posterior, weigh
from partner_analysis.tables import Interval

Check = tuple[str, str, str, str]
OF_NOBODY: Final[dict[str, object]] = {"negative_control": ""}


def where_they_came_from(
    panel: Panel, rows: pd.DataFrame, total: Interval, *, method: str, level: float
) -> pd.DataFrame:
    """One row per place that extra patients may have come from: see ``Effect.moved``.

    The whole clinic where the partnership is for some personas only, and the neighbouring
    clinics that the register names.
    """
    found = []
    if any(rows["personas"]):
        whole = rows.assign(personas=[()] * len(rows), **OF_NOBODY)
        if (answer := estimate_on(panel, whole, method=method, level=level)) is not None:
            found.append(("whole clinic", answer, _note_on_whole(answer, total)))
    if any(rows["neighbours"]):
        beside = rows.assign(clinics=rows["neighbours"], neighbours=[()] * len(rows), **OF_NOBODY)
        itself = rows.assign(
            partnership_id="its own cells", neighbours=[()] * len(rows), **OF_NOBODY
        )
        both = pd.concat([beside, itself], ignore_index=True)
        if (answer := estimate_on(panel, both, method=method, level=level)) is not None:
            found.append(("neighbouring clinics", answer, _note_on_neighbours(answer)))
    if not found:
        return empty_table(MOVED_COLUMNS)
    listed = [(where, a.estimate, a.low, a.high, note) for where, a, note in found]
    return pd.DataFrame(listed, columns=list(MOVED_COLUMNS)).astype(MOVED_COLUMNS)


def _note_on_whole(answer: Interval, total: Interval) -> str:
    if answer.low <= min(0.0, total.estimate) and answer.high >= max(0.0, total.estimate):
        return "The clinic as a whole may have changed by as much or not at all; it cannot be told."
    if answer.low <= total.estimate <= answer.high:
        return "The clinic as a whole changed by about as much; nothing shows that patients moved."
    if answer.high < total.estimate:
        return "The clinic as a whole gained less; some would have come there as other patients."
    return "The clinic as a whole gained more; other patients came too, or something else changed."


def _note_on_neighbours(answer: Interval) -> str:
    if answer.high < 0:
        return "Fewer came there than expected; some of the extra patients moved from there."
    if answer.low > 0:
        return "More came there as well; something that both share may have changed."
    return "No clear change there; nothing shows that patients moved."


def against_control(
    panel: Panel, rows: pd.DataFrame, *, method: str, level: float
) -> tuple[Interval | None, Check]:
    """Percent beyond what the negative-control persona went through, and the check of it.

    The treated cells are compared with the control persona at the same clinics, which takes out
    whatever moved the clinic as a whole. The check asks whether the control changed by itself.
    """
    name, question = "negative control", "Did a persona that it cannot reach change as well?"
    control = str(rows["negative_control"].iloc[0])
    if not control:
        detail = "No persona was named beforehand as out of the partnership's reach."
        return None, (name, question, "not possible", detail)
    if control not in panel.cells.personas:
        return None, (name, question, "not possible", f"The counts have no persona {control}.")
    ratio = _ratio_to(panel, rows, control, level)
    alone = rows.assign(personas=[(control,)] * len(rows), **OF_NOBODY)
    own = estimate_on(_without_siblings(panel, rows, control), alone, method=method, level=level)
    if own is None:
        return ratio, (name, question, "not possible", f"Too little is known of {control}.")
    changed = own.low > 0 or own.high < 0
    span = f"{own.low:+,.0f} to {own.high:+,.0f}".replace("-", "\N{MINUS SIGN}")
    detail = (
        f"{control.capitalize()} changed too ({span} new patients in all), so something moved the "
        "clinic as a whole; the ratio between the two takes it out."
        if changed
        else f"No clear change for {control} ({span} new patients in all)."
    )
    return ratio, (name, question, "warn" if changed else "pass", detail)


def _without_siblings(panel: Panel, rows: pd.DataFrame, control: str) -> Panel:
    """The panel with the control persona alone at the treated clinics.

    Its siblings would take out the very shocks of the clinic that the control is asked about.
    """
    cells = panel.cells
    treated = np.unique(cells.clinic[panel.touches[str(rows["partnership_id"].iloc[0])].cells])
    keep = ~np.isin(cells.clinic, treated) | (cells.persona == cells.personas.index(control))
    return panel_of(cells.only(keep), panel.register, panel.events, panel.holidays)


def _ratio_to(panel: Panel, rows: pd.DataFrame, control: str, level: float) -> Interval | None:
    """Percent of the treated cells against the control persona at the same clinics."""
    cells = panel.cells
    touch = panel.touches[str(rows["partnership_id"].iloc[0])]
    keep = np.zeros(len(cells.clinic), dtype=bool)
    keep[touch.cells] = True
    clinics = np.unique(cells.clinic[touch.cells])
    keep |= np.isin(cells.clinic, clinics) & (cells.persona == cells.personas.index(control))
    inside = panel_of(cells.only(keep), panel.register, panel.events, panel.holidays)
    posterior = _weighed(inside, str(rows["partnership_id"].iloc[0]), "panel")
    return None if posterior is None else percent_of(posterior, level)


def estimate_on(panel: Panel, rows: pd.DataFrame, *, method: str, level: float) -> Interval | None:
    """Total change with interval if the partnership's register rows were others; None if unfit.

    The first of the rows says whose answer is asked for; further ids among them run beside it.
    """
    identifier = str(rows["partnership_id"].iloc[0])
    others = panel.register[panel.register["partnership_id"] != identifier]
    changed = pd.concat([others, rows], ignore_index=True)
    posterior = _weighed(
        panel_of(panel.cells, changed, panel.events, panel.holidays), identifier, method
    )
    if posterior is None:
        return None
    differences = posterior.came - posterior.without
    return interval_of(differences, posterior.observed - posterior.expected, level)


def _weighed(panel: Panel, identifier: str, method: str) -> Posterior | None:
    if not len(panel.touches[identifier].cells):
        return None
    window = choose_window(panel, identifier, method)
    return weigh(panel, window) if window.active.any() else None


def percent_of(posterior: Posterior, level: float) -> Interval:
    """Percentage of the expected sum; missing where nobody came before."""
    if posterior.expected <= 0:
        return Interval(np.nan, np.nan, np.nan)
    draws = 100 * (posterior.came / posterior.without - 1)
    return interval_of(draws, 100 * (posterior.observed / posterior.expected - 1), level)
