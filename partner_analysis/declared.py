"""What a practice declares: its partnerships and the events that counts may show, checked."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.fields import (
    InputError,
    as_days,
    as_name,
    as_names,
    refuse_rows,
    require_columns,
    some_rows,
)

EVENT_KINDS: Final = ("shock", "recording")
EVENT_COLUMNS: Final = ("label", "kind", "start_date", "end_date", "clinics")
GOAL_WORDS: Final = {
    "measure": ("rate", "mean", "total"),
    "unit": ("count", "percent"),
    "baseline": ("prior months", "same months last year", "seasonal expectation"),
    "counted": ("all", "named", "extra"),
}
WHOLE_PARTNERSHIP: Final = ("name", "kind", "signed_date", "negative_control", "neighbours")


def check_partnerships(partnerships: pd.DataFrame) -> pd.DataFrame:
    """Partnerships checked, with ``clinics`` and ``personas`` as tuples (empty = all).

    Parameters
    ----------
    partnerships
        One row per partnership and stretch: ``partnership_id``, ``name``, ``kind``,
        ``start_date``, ``end_date`` (last day, inclusive; NaT = running), optionally
        ``clinics`` and ``personas`` (sequences of names), ``signed_date`` (its effect may begin
        on that day; NaT = at the start), ``negative_control`` (a persona that it cannot reach,
        named before anybody looked) and ``neighbours`` (clinics that could lose patients to it).

    Returns
    -------
    DataFrame
        The same rows, sorted by id, start and clinics; other columns are kept. The optional
        columns are always there: NaT, ``""`` and ``()`` where nothing is said.

    Raises
    ------
    InputError
        With row numbers, for a missing id or start, an end before its start, a signed_date
        after it, rows of one id that disagree on what holds for the whole partnership or overlap
        in clinic, persona and dates, and a negative control or neighbour of its own.
    """
    require_columns(partnerships, ("partnership_id", "start_date"), "partnerships")
    checked = _fill_partnerships(partnerships.reset_index(drop=True))
    refuse_rows(
        checked["start_date"].isna(), "partnerships", "have no start_date", "Say when it began."
    )
    refuse_rows(
        checked["end_date"] < checked["start_date"],
        "partnerships",
        "end before they start",
        "Correct start_date or end_date.",
    )
    refuse_rows(
        checked["signed_date"] > checked["start_date"],
        "partnerships",
        "were signed after they start",
        "Correct signed_date or start_date, or leave signed_date empty.",
    )
    for identifier, rows in checked.loc[_can_be_wrong(checked)].groupby("partnership_id"):
        if len(rows) > 1:
            _refuse_quarrels(str(identifier), rows)
        _refuse_own(str(identifier), rows)
    by = ["partnership_id", "start_date", "clinics", "personas"]
    return checked.sort_values(by, kind="stable", ignore_index=True)


def check_events(events: pd.DataFrame | None) -> pd.DataFrame:
    """Declared events checked, with ``clinics`` as tuples (empty = all); None gives no rows.

    Parameters
    ----------
    events
        One row per event: ``label``, ``kind`` ("shock": it may have moved how many patients
        came; "recording": it changed how they or their sources are written down),
        ``start_date``, optionally ``end_date`` (last day, inclusive; NaT = lasting) and
        ``clinics``.

    Returns
    -------
    DataFrame
        One row per event with these five columns, sorted by start, label and clinics.

    Raises
    ------
    InputError
        With row numbers, for a missing label or start, an unknown kind, an end before its start
        and rows that repeat an event.
    """
    if events is None:
        events = pd.DataFrame(columns=list(EVENT_COLUMNS))
    require_columns(events, EVENT_COLUMNS[:3], "events")
    checked = events.reindex(columns=list(EVENT_COLUMNS)).reset_index(drop=True)
    blank = checked["label"].isna() | (checked["label"].astype("str").str.strip() == "")
    refuse_rows(blank, "events", "have no label", "Say in a few words what happened.")
    checked["label"] = checked["label"].astype("str")
    kinds = f"Write {' or '.join(EVENT_KINDS)}."
    refuse_rows(~checked["kind"].isin(EVENT_KINDS), "events", "have an unknown kind", kinds)
    checked["kind"] = checked["kind"].astype("str")
    for column in ("start_date", "end_date"):
        checked[column] = as_days(checked[column], "events", column)
    missing = checked["start_date"].isna()
    refuse_rows(missing, "events", "have no start_date", "Say when it began.")
    early = checked["end_date"] < checked["start_date"]
    refuse_rows(early, "events", "end before they start", "Correct start_date or end_date.")
    checked["clinics"] = pd.Series([as_names(v) for v in checked["clinics"]], dtype=object)
    by = ["start_date", "label", "clinics"]
    repeated = checked.duplicated(by, keep=False)
    refuse_rows(repeated, "events", "repeat a label, start and clinics", "Keep one of them.")
    return checked.sort_values(by, kind="stable", ignore_index=True)


def _fill_partnerships(partnerships: pd.DataFrame) -> pd.DataFrame:
    """Partnerships with every column that may be left out, each of its type."""
    filled = partnerships.copy()
    refuse_rows(
        filled["partnership_id"].isna(), "partnerships", "have no partnership_id", "Give each one."
    )
    filled["partnership_id"] = filled["partnership_id"].astype("str")
    for column, default in (("name", filled["partnership_id"]), ("kind", "")):
        if column not in filled:
            filled[column] = default
    for column in ("start_date", "end_date", "signed_date"):
        given = filled[column] if column in filled else pd.Series(pd.NaT, index=filled.index)
        filled[column] = as_days(given, "partnerships", column)
    for column in ("clinics", "personas", "neighbours"):
        given = filled[column] if column in filled else [()] * len(filled)
        filled[column] = pd.Series([as_names(v) for v in given], dtype=object)
    given = filled["negative_control"] if "negative_control" in filled else [""] * len(filled)
    filled["negative_control"] = as_name(given, "partnerships", "negative_control")
    return filled


def _can_be_wrong(checked: pd.DataFrame) -> pd.Series:
    """Rows of the ids that have several, or that name whom they do not reach."""
    names = (checked["negative_control"] != "") | (checked["neighbours"].map(len) > 0)
    several = checked["partnership_id"].duplicated(keep=False)
    ids = checked.loc[names | several, "partnership_id"]
    return checked["partnership_id"].isin(ids)


def _refuse_quarrels(identifier: str, rows: pd.DataFrame) -> None:
    """Refuse rows of one id that disagree on what holds for all of them, or overlap."""
    for column in WHOLE_PARTNERSHIP:
        if len(rows[column].drop_duplicates()) > 1:
            raise InputError(
                f"partnerships: the rows of {identifier} ({some_rows(rows.index)}, counted "
                f"from 0) differ in {column}. Use one {column}, or give each its own id."
            )
    listed = list(rows.itertuples())
    for position, one in enumerate(listed):
        for other in listed[position + 1 :]:
            if _meet(one, other):
                raise InputError(
                    f"partnerships: the rows of {identifier} overlap in clinic, persona and "
                    f"dates ({some_rows([one.Index, other.Index])}, counted from 0). "
                    "End one before the other starts, or merge them."
                )


def _refuse_own(identifier: str, rows: pd.DataFrame) -> None:
    """Refuse a negative control or neighbours that the partnership itself reaches."""
    for column, own in (("negative_control", "personas"), ("neighbours", "clinics")):
        named, reached = set(as_names(rows[column].iloc[0])), set().union(*rows[own])
        everywhere = (rows[own].map(len) == 0).any()
        if not named or not (everywhere or named & reached):
            continue
        itself = f"all {own}" if everywhere else ", ".join(sorted(named & reached))
        raise InputError(
            f"partnerships: {identifier} ({some_rows(rows.index)}, counted from 0) names "
            f"{', '.join(sorted(named))} as its {column.replace('_', ' ')}, but is for {itself} "
            f"itself. Name {own} that it does not reach, or list its own {own}."
        )


def _meet(one: object, other: object) -> bool:
    """Whether two rows share a clinic, a persona and a day."""
    spans = [(r.start_date, r.end_date) for r in (one, other)]  # type: ignore[attr-defined]
    (start, end), (other_start, other_end) = spans
    if (pd.notna(end) and end < other_start) or (pd.notna(other_end) and other_end < start):
        return False
    return all(
        not getattr(one, field)
        or not getattr(other, field)
        or set(getattr(one, field)) & set(getattr(other, field))
        for field in ("clinics", "personas")
    )
