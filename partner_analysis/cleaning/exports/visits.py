"""Rows of visits as rows of evaluations: which were one, which took place, which cost nothing."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from partner_analysis.cleaning.distinct import on_distinct
from partner_analysis.cleaning.exports.referrals import state_of
from partner_analysis.cleaning.plain import plain
from partner_analysis.columns import ReferralExport, VisitExport

CODES: Final = ("97161", "97162", "97163")
FLAGS: Final = {"arrived": "finalized", "no_show": "no show", "cancelled": "cancelled"}
STATED: Final = ("status", "finalized", *FLAGS)
NO_CHARGE: Final = re.compile(r"no[\s-]?charge|\bfree\b|complimentary|\bscreen(?:ing)?\b|wellness")


def as_evaluations(rows: pd.DataFrame, export: VisitExport) -> pd.DataFrame:
    """Rows of visits with the columns of referrals: ``status``, ``evaluated``, ``visit``.

    Parameters
    ----------
    rows
        One row per visit, appointment or charge, as ``read_rows`` gives them.
    export
        Says what its states and types mean.

    Returns
    -------
    DataFrame
        The same rows. ``status``: a finalised note comes before all; else cancelled, missed,
        arrived, what the state says, or ``unmarked``. ``visit`` is the day of the visit;
        ``evaluated`` is that day where the visit is an initial evaluation, or where the export
        does not tell types apart. ``by_note`` is whether only the finalised note says that the
        visit took place.
    """
    told = is_evaluation(rows, export)
    day = rows["visited"]
    status, by_note = _status(rows, export)
    rows = rows.assign(status=status, by_note=by_note, visit=day, evaluated=day.where(told))
    return rows.drop(columns=["visited", *FLAGS], errors="ignore")


def _status(rows: pd.DataFrame, export: VisitExport) -> tuple[pd.Series, pd.Series]:
    """State of each visit, and whether it is known from the visit's note alone."""
    stated = [c for c in STATED if c in rows]
    usual = export.unmarked if stated else "finalized"
    status = pd.Series(usual, index=rows.index, dtype="str")
    if "status" in rows:
        words = to_states(rows["status"].fillna(""), export)
        status = words.mask(words == "", status)
    for flag, state in FLAGS.items():
        if flag in rows:
            status = status.mask(rows[flag].fillna(False).astype("bool"), state)
    by_note = pd.Series(False, index=rows.index)
    if "finalized" in rows:
        noted = rows["finalized"].notna()
        of_notes = "note_type" in rows or "procedure" in rows
        took_place = on_distinct(status, lambda said: state_of(said) == "finalized", dtype="bool")
        by_note = noted & (of_notes | ~took_place)
        status = status.mask(noted, "finalized")
        status = status.mask(~noted & of_notes & (status == "finalized"), "scheduled")
    return status.where(rows["fate"] == "", ""), by_note


def to_states(texts: pd.Series, export: ReferralExport | VisitExport) -> pd.Series:
    """States in our words, by the export's own list before the usual one; else as written."""
    own = {plain(theirs): ours for theirs, ours in export.statuses.items()}
    return on_distinct(texts, lambda text: own.get(plain(text), text))


def is_evaluation(rows: pd.DataFrame, export: VisitExport) -> pd.Series:
    """Whether a visit is an initial evaluation; all are where nothing in the export tells."""
    telling = [c for c in ("visit_type", "note_type", "procedure") if c in rows]
    if not telling or not (export.evaluations or "procedure" in rows):
        return pd.Series(True, index=rows.index)
    wanted = {plain(text) for text in export.evaluations}
    wanted |= set(CODES) if "procedure" in rows else set()
    told = pd.Series(False, index=rows.index)
    for column in telling:
        told |= on_distinct(
            rows[column].fillna(""), lambda text: plain(text) in wanted, dtype="bool"
        )
    return told


def cost_nothing(rows: pd.DataFrame, no_charge: tuple[str, ...]) -> pd.Series:
    """Whether a row is of a visit without a charge: by its amount, or by its type."""
    free = pd.Series(False, index=rows.index)
    if "charge" in rows:
        free |= rows["charge"] == 0
    if "visit_type" in rows:
        listed = {plain(text) for text in no_charge}
        free |= on_distinct(
            rows["visit_type"],
            lambda text: plain(text) in listed or bool(NO_CHARGE.search(plain(text))),
            dtype="bool",
        )
    return free
