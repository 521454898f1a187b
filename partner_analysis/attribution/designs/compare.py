"""Other designs as checks, side by side: how far the answer depends on the choice of method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import pandas as pd

from partner_analysis.attribution.designs.answers import (
    Answer,
    by_differences,
    by_own_past,
    by_weights,
    no_answer,
)
from partner_analysis.attribution.designs.blocks import Outcomes, arrange_outcomes, check_outcomes
from partner_analysis.attribution.designs.interrupted import ENOUGH_BEFORE
from partner_analysis.attribution.designs.notes import why_no_number
from partner_analysis.attribution.designs.synthetic import synthetic_control, synthetic_did
from partner_analysis.attribution.estimate import Asked, Prepared, estimate_prepared
from partner_analysis.attribution.panel import Panel, arrange_panel
from partner_analysis.tables import InputError, check_partnerships

COLUMNS: Final = {
    "method": "str",
    "mean_effect": "float64",
    "low": "float64",
    "high": "float64",
    "total": "float64",
    "note": "str",
}


@dataclass(frozen=True)
class Question:
    """One partnership and everything that is known, in the form in which each method asks.

    ``alone`` leaves out all that other partnerships touch; ``compared`` takes those that ran
    everywhere at once as common to all clinics.
    """

    prepared: Prepared
    partnership_id: str
    alone: Outcomes
    compared: Outcomes


def compare_methods(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    partnership_id: str,
    methods: Sequence[str] | None = None,
) -> pd.DataFrame:
    """One row per method: what each says that one partnership changed, with its 95% interval.

    Parameters
    ----------
    counts
        One row per clinic, persona and period, as for ``estimate_effect``; ``new_patients`` may
        be any numeric outcome here (the methods that need counts then say so).
    partnerships
        All partnerships of the practice. Cells and periods that others touch serve nobody.
    partnership_id
        Which partnership.
    methods
        Some of "panel", "series", "did", "synthetic_control", "synthetic_did" and "its"; by
        default all six, in this order.

    Returns
    -------
    DataFrame
        ``method``; ``mean_effect`` with ``low`` and ``high``, per treated cell and period in
        units of the outcome; ``total`` over those cells and periods; ``note``: what the interval
        rests on and what was left out, or why there is no number (the numbers are then NaN).

    Raises
    ------
    InputError
        For tables that break their contract, an unknown id or method.

    Notes
    -----
    The estimate of record is ``estimate_effect``. The others assume something else: the same
    change in numbers rather than in percent, a weighted copy of the clinic, its own past going
    on. Sources stand in ``twoway``, ``synthetic`` and ``segmented``.

    Examples
    --------
    >>> years = pd.date_range("2015-01-01", periods=8, freq="YS")
    >>> keys = pd.MultiIndex.from_product([list("ABCD"), years], names=["clinic", "period"])
    >>> counts = keys.to_frame(index=False).assign(new_patients=[*range(32)])
    >>> gym = {"partnership_id": "gym", "start_date": "2020-01-01", "clinics": ["A"]}
    >>> compare_methods(counts, pd.DataFrame([gym]), "gym", ["did"])["mean_effect"].round(
    ...     6
    ... ).tolist()
    [0.0]
    """
    chosen = _chosen(methods)
    checked = check_outcomes(counts)
    if checked.empty:
        raise InputError("counts: the table has no rows. Count at least one clinic first.")
    panel = arrange_panel(checked, check_partnerships(partnerships))
    _require_known(panel, partnership_id)
    narrow = panel if partnership_id in panel.wide else panel.narrow
    question = Question(
        prepared=Prepared(checked, None, panel),
        partnership_id=partnership_id,
        alone=arrange_outcomes(panel, partnership_id),
        compared=arrange_outcomes(narrow, partnership_id),
    )
    answers = {method: METHODS[method](question) for method in chosen}
    rows = [
        (method, a.mean.estimate, a.mean.low, a.mean.high, a.mean.estimate * a.cells, a.note)
        for method, a in answers.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _chosen(methods: Sequence[str] | None) -> list[str]:
    """The methods asked for, by default all."""
    asked = [methods] if isinstance(methods, str) else list(METHODS if methods is None else methods)
    unknown = [repr(method) for method in asked if method not in METHODS]
    if unknown:
        raise InputError(
            f"methods: {', '.join(unknown)} is not known. Use some of {', '.join(METHODS)}."
        )
    return asked


def _require_known(panel: Panel, partnership_id: str) -> None:
    if partnership_id not in panel.touches:
        known = ", ".join(sorted(panel.touches)[:8]) or "none"
        raise InputError(
            f"partnerships: there is no partnership_id {partnership_id!r}. The table has {known}."
        )


def _by_estimate(question: Question, *, method: str) -> Answer:
    """The package's own estimate, per treated cell and period."""
    outcomes = question.alone
    if not outcomes.is_count:
        return no_answer("It needs counts, and this outcome has negative or fractional values.")
    if method == "panel" and not outcomes.free.any():
        return no_answer(why_no_number(outcomes, [], ENOUGH_BEFORE))
    ask = Asked(method, checks=False)
    effect = estimate_prepared(question.prepared, question.partnership_id, ask)
    if not effect.total.is_number:
        return no_answer(next(iter(effect.notes), "There is nothing to compare with."))
    said = [f"For {' and '.join(effect.bundle)} together."] if effect.bundle else []
    if effect.n_cells != outcomes.judged.sum():
        said.append(f"It stands for {effect.n_cells:,} treated cells and periods.")
    return Answer(effect.total.scaled(1 / effect.n_cells), effect.n_cells, " ".join(said))


METHODS: Final[dict[str, Callable[[Question], Answer]]] = {
    "panel": partial(_by_estimate, method="panel"),
    "series": partial(_by_estimate, method="series"),
    "did": lambda question: by_differences(question.compared),
    "synthetic_control": lambda question: by_weights(question.compared, design=synthetic_control),
    "synthetic_did": lambda question: by_weights(question.compared, design=synthetic_did),
    "its": lambda question: by_own_past(question.alone),
}
