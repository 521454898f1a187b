"""The same estimate on other cells: where the extra patients may have come from, and a control.

The whole clinic and the neighbouring clinics say how many of a partnership's extra patients would
have come elsewhere in the practice (Olden and Moen 2022, The triple difference estimator, on the
ratio to a control). A persona that the partnership cannot reach, named beforehand, shows what
happened to the clinic as a whole (Lipsitch, Tchetgen Tchetgen and Cohen 2010, Negative controls).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.draws import interval_of
from partner_analysis.attribution.effect import MOVED_COLUMNS, empty_table
from partner_analysis.attribution.joint import choose_window
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import Posterior, weigh
from partner_analysis.attribution.variability import FEW_SETTINGS
from partner_analysis.tables import Interval

Check = tuple[str, str, str, str]
OF_NOBODY: Final[dict[str, object]] = {"negative_control": ""}
OTHER_KINDS: Final = "other kinds of patient"
WHOLE_CLINIC: Final = "whole clinic"
NEIGHBOURS: Final = "neighbouring clinics"
WHOLE_NEIGHBOURS: Final = "with the neighbouring clinics"
OTHER_CLINICS: Final = "other clinics"
WHOLE_PRACTICE: Final = "with the other clinics"
NET: Final = (WHOLE_CLINIC, WHOLE_NEIGHBOURS, WHOLE_PRACTICE)
WITHOUT: Final = {
    WHOLE_CLINIC: "as other patients",
    WHOLE_NEIGHBOURS: "without it",
    WHOLE_PRACTICE: "without it",
}


def where_they_came_from(
    panel: Panel, rows: pd.DataFrame, total: Interval, *, method: str, level: float
) -> pd.DataFrame:
    """One row per place that extra patients may have come from: see ``Effect.moved``.

    Beside it: other kinds of patient at its clinics, and its own kinds at the clinics that the
    register names as neighbours, or else at all others. Net of them: its clinics as a whole,
    and its kinds in all of these clinics together, each estimated as one.
    """
    found, lost, last = [], False, panel
    for where, asked in _places(panel, rows).items():
        seen = _without_clinics(panel, rows) if where == OTHER_CLINICS else panel
        last = seen.with_rows(asked, like=last)
        answer = _answer(last, str(asked["partnership_id"].iloc[0]), method=method, level=level)
        if answer is None:
            continue
        if where in NET:
            note = _note_on_net(answer, total, where, lost=lost)
        else:
            note, lost = _note_beside(answer), answer.high < 0
        found.append((where, answer.estimate, answer.low, answer.high, note))
    if not found:
        return empty_table(MOVED_COLUMNS)
    return pd.DataFrame(found, columns=list(MOVED_COLUMNS)).astype(MOVED_COLUMNS)


def _places(panel: Panel, rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Rows of the register as if it were elsewhere, by place: each before the whole with it."""
    alone = rows.assign(neighbours=[()] * len(rows), **OF_NOBODY)
    itself = alone.assign(partnership_id="its own cells")

    def beside(**changed: tuple[str, ...]) -> pd.DataFrame:
        return pd.concat([elsewhere(**changed), itself], ignore_index=True)

    def elsewhere(**changed: tuple[str, ...]) -> pd.DataFrame:
        return alone.assign(**{name: [value] * len(rows) for name, value in changed.items()})

    places = {}
    if all(rows["personas"]):
        whole = alone.assign(neighbours=rows["neighbours"], personas=[()] * len(rows))
        if others := _others(panel.cells.personas, rows["personas"]):
            places[OTHER_KINDS] = beside(personas=others)
        places[WHOLE_CLINIC] = whole
    named, own = _union(rows["neighbours"]), _union(rows["clinics"])
    apart = bool(own) and all(rows["personas"])  # else nothing is left to compare with
    clinics = named or (_others(panel.cells.clinics, rows["clinics"]) if apart else ())
    if clinics and (named or len(panel.cells.personas) > 1):
        places[NEIGHBOURS if named else OTHER_CLINICS] = beside(clinics=clinics)
        places[WHOLE_NEIGHBOURS if named else WHOLE_PRACTICE] = elsewhere(
            clinics=tuple(sorted({*own, *clinics}))
        )
    return places


def _without_clinics(panel: Panel, rows: pd.DataFrame) -> Panel:
    """The panel without the treated clinics, so that all others are asked of their own patients.

    Else these few clinics would be what all others are compared with.
    """
    own = [
        number for number, name in enumerate(panel.cells.clinics) if name in _union(rows["clinics"])
    ]
    return panel.only(~np.isin(panel.cells.clinic, own))


def _union(listed: pd.Series) -> tuple[str, ...]:
    """All names of all rows; none where one of the rows means all."""
    return tuple(sorted(set().union(*listed))) if all(listed) else ()


def _others(known: Sequence[str], listed: pd.Series) -> tuple[str, ...]:
    """Names that no row lists."""
    return tuple(name for name in known if name not in set().union(*listed))


def _note_on_net(answer: Interval, total: Interval, where: str, *, lost: bool) -> str:
    """What the change of a whole says; ``lost`` = the place beside it clearly lost patients."""
    what = "The clinic as a whole" if where == WHOLE_CLINIC else "These clinics together"
    if answer.low <= min(0.0, total.estimate) and answer.high >= max(0.0, total.estimate):
        return f"{what} may have changed by as much or not at all; it cannot be told."
    if answer.low <= total.estimate <= answer.high:
        return f"{what} changed by about as much; nothing shows that patients moved."
    if answer.high < total.estimate and not lost:
        return f"{what} may have gained less, but the rest of it did not clearly lose any."
    if answer.high < total.estimate:
        return f"{what} gained less; some would have come there {WITHOUT[where]}."
    return f"{what} gained more; other patients came too, or something else changed."


def _note_beside(answer: Interval) -> str:
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
    return panel.only(keep)


def _ratio_to(panel: Panel, rows: pd.DataFrame, control: str, level: float) -> Interval | None:
    """Percent of the treated cells against the control persona at the same clinics."""
    cells = panel.cells
    touch = panel.touches[str(rows["partnership_id"].iloc[0])]
    keep = np.zeros(len(cells.clinic), dtype=bool)
    keep[touch.cells] = True
    clinics = np.unique(cells.clinic[touch.cells])
    keep |= np.isin(cells.clinic, clinics) & (cells.persona == cells.personas.index(control))
    posterior = _weighed(panel.only(keep), str(rows["partnership_id"].iloc[0]), "panel")
    return None if posterior is None else percent_of(posterior, level)


def estimate_on(panel: Panel, rows: pd.DataFrame, *, method: str, level: float) -> Interval | None:
    """Total change with interval if the partnership's register rows were others; None if unfit.

    The first of the rows says whose answer is asked for; further ids among them run beside it.
    """
    identifier = str(rows["partnership_id"].iloc[0])
    return _answer(panel.with_rows(rows), identifier, method=method, level=level)


def _answer(panel: Panel, identifier: str, *, method: str, level: float) -> Interval | None:
    posterior = _weighed(panel, identifier, method)
    if posterior is None:
        return None
    differences = posterior.came - posterior.without
    return interval_of(differences, posterior.observed - posterior.expected, level)


def _weighed(panel: Panel, identifier: str, method: str) -> Posterior | None:
    if not len(panel.touches[identifier].cells):
        return None
    window = choose_window(panel, identifier, method)
    return weigh(panel, window, settings=FEW_SETTINGS) if window.active.any() else None


def percent_of(posterior: Posterior, level: float) -> Interval:
    """Percentage of the expected sum; missing where nobody came before."""
    if posterior.expected <= 0:
        return Interval(np.nan, np.nan, np.nan)
    draws = 100 * (posterior.came / posterior.without - 1)
    return interval_of(draws, 100 * (posterior.observed / posterior.expected - 1), level)
