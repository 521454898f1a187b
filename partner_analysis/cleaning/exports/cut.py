"""Rows as they were known on a day: later ones set aside, with the account of all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from partner_analysis.cleaning.exports.account import account_rows, compare_totals
from partner_analysis.cleaning.exports.counted import give_reasons
from partner_analysis.cleaning.exports.isolation import beyond_a_gap, far_from_others
from partner_analysis.cleaning.exports.referrals import DATES
from partner_analysis.cleaning.exports.tallies import TALLY_COLUMNS
from partner_analysis.fields import so_many
from partner_analysis.practice import Practice
from partner_analysis.tables import DataError, SettingsError

UNDERSTOOD: Final = ("file", "taken_for", "header", "columns")
ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
NOT_KEPT: Final = (
    "fate", "reason", "newest", "patient_name", "treatment_clinic", "visit_type", "sheet", "kind",
    "block", "stated", "charge", "whole",
)  # fmt: skip
LATER: Final = (*DATES, "evaluated_on", "free_on", "visited_on", "arrived_on")
AT_THE_END: Final = ("visits", "outcome_change", "recommend")


@dataclass(frozen=True)
class Exports:
    """What the exports of a practice hold, before any patient is put together.

    Attributes
    ----------
    rows
        One row per usable row of a referral or visit: file, line, texts, dates, state,
        ``evaluated_on`` and ``age``. Patients have a number within this run, cases and texts are
        as typed; it stays in memory.
    counts
        One row per clinic, persona and period of a counts export: period (its first day),
        clinic, persona, new_patients (NaN = unknown), open_days and open_slots if given,
        file, line.
    tallies
        One row per referral source that the practice's system has counted: file, source,
        source_type, clinic, patients, cases (NaN = not said).
    totals
        One row per total that a file states: file, line, stated, counted, agrees.
    rejected
        One row per rejected row: file, line, reason.
    row_account
        One row per file: file, raw_rows, used, rejected, totals_and_headers, superseded.
    understood
        One row per file: file, taken_for (kind of export), header (its line), columns (ours =
        theirs).
    hints
        One row per thing that deserves a second look in a file: file, hint (a sentence).
    as_of
        Last day of the data used.
    period
        "week" or "month": as in the settings, or as the dates of a counts export show.
    alike_patients
        How many patient numbers share name and birth date with another.
    name_words
        Words of the patients' names, so that source texts with one can be masked. It stays in
        memory.
    turns_on
        First day on which the same files would be read otherwise, since they hold days that are
        still ahead; NaT if there are none.
    """

    rows: pd.DataFrame
    counts: pd.DataFrame
    tallies: pd.DataFrame
    totals: pd.DataFrame
    rejected: pd.DataFrame
    row_account: pd.DataFrame
    as_of: pd.Timestamp
    period: str
    name_words: frozenset[str] = field(default=frozenset(), repr=False)
    alike_patients: int = 0
    understood: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(UNDERSTOOD)))
    hints: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["file", "hint"]))
    turns_on: pd.Timestamp = pd.NaT


def as_day(value: object) -> pd.Timestamp | None:
    """Day from a date, a timestamp or a text as YYYY-MM-DD; None and "" are None.

    Raises
    ------
    SettingsError
        If it is none of these.
    """
    if value is None or value == "":
        return None
    text = value.strip() if isinstance(value, str) else None
    try:
        day = pd.NaT if text is not None and not ISO_DAY.fullmatch(text) else pd.Timestamp(value)
    except (ValueError, TypeError):
        day = pd.NaT
    if pd.isna(day):
        raise SettingsError("as_of: is not a date. Write it as YYYY-MM-DD.")
    return day.tz_localize(None).normalize()


def set_far_aside(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows, with a reason where a date is cut off from all others by a long gap."""
    good = (rows["fate"] == "") & (rows["reason"] == "") & (rows["kind"] != "patients")
    known = {column: rows[column].where(good) for column in ("counts_on", "begins", "newest")}
    most = max(1, int(good.sum()) // 100)
    far = far_from_others(known["counts_on"]) | far_from_others(known["newest"])
    far |= beyond_a_gap(known["begins"], most_rows=most, gap_days=180)
    return give_reasons(rows, {"date far from all others": far}).drop(columns="counts_on")


def cut_rows(
    rows: pd.DataFrame,
    tallies: pd.DataFrame,
    cut: pd.Timestamp | None,
    practice: Practice,
    period: str,
    names: frozenset[str],
) -> Exports:
    """Exports cut at a day, at most the newest in the data, with the account of all rows.

    Raises
    ------
    DataError
        If no row can be used.
    SettingsError
        If the day is before all data.
    """
    data = rows["fate"] == ""
    good = data & (rows["reason"] == "") & (rows["kind"] != "patients")
    if not good.any():
        raise _no_row(rows, data)
    newest = rows.loc[good, "newest"].max()
    as_of = newest if cut is None else min(cut, newest)
    if as_of < rows.loc[good, "begins"].min():
        raise SettingsError("as_of: is before all data. Choose a later day.")
    late = good & (rows["begins" if practice.has_episodes else "newest"] > as_of)
    rows["reason"] = rows["reason"].mask(late, "after as_of")
    rows["fate"] = rows["fate"].mask(data & (rows["reason"] != ""), "rejected")
    taken = (rows["fate"] == "") & (rows["kind"] != "patients")
    used = rows.drop(columns=list(NOT_KEPT), errors="ignore").loc[taken]
    empty = used.iloc[:0]
    return Exports(
        rows=(_hide_later(used, as_of, known=cut) if practice.has_episodes else empty).reset_index(
            drop=True
        ),
        counts=(empty if practice.has_episodes else used).reset_index(drop=True),
        tallies=tallies.loc[tallies["fate"] == "", list(TALLY_COLUMNS)].reset_index(drop=True),
        totals=compare_totals(rows, tallies),
        rejected=_rejected(rows, tallies),
        row_account=account_rows(rows, tallies),
        as_of=pd.Timestamp(as_of),
        period=period,
        name_words=names,
    )


def _no_row(rows: pd.DataFrame, data: pd.Series) -> DataError:
    """What to say where nothing can be used."""
    reasons = rows.loc[data, "reason"].value_counts()
    most = f" Most often: {reasons.index[0]}." if len(reasons) else ""
    files = ", ".join(rows["file"].unique())
    return DataError(
        f"{files}: no usable row; {so_many(int(data.sum()), 'row', 'were rejected')}.{most} "
        "Compare the file with [[exports]] in practice.toml."
    )


def _rejected(*tables: pd.DataFrame) -> pd.DataFrame:
    """One row per rejected row: file (and sheet), line, reason."""
    columns = ["file", "sheet", "line", "reason"]
    table = pd.concat([t.loc[t["fate"] == "rejected", columns] for t in tables])
    table = table.astype({"line": "int64", "reason": "str"})  # tables without rows have no types
    number = table["sheet"].astype("int64").astype("str")
    later = (", sheet " + number).mask(number == "0", "")
    table = table.assign(file=table["file"] + later).drop(columns="sheet")
    return table.reset_index(drop=True)


def _hide_later(
    rows: pd.DataFrame, as_of: pd.Timestamp, *, known: pd.Timestamp | None
) -> pd.DataFrame:
    """Rows as they stood on a day: what happened after it is not known yet.

    A visit of which only the note says that it took place was not known to have before the note
    was finalised. ``known`` is the day that was asked for; without one all is known that the
    data have, notes finalised after the newest visit too.
    """
    noted = pd.Series(False, index=rows.index)
    if known is not None:
        noted = rows["by_note"] & (rows["finalized"] > known)
    hidden = (rows["evaluated_on"] > as_of) | (rows["free_on"] > as_of)
    hidden |= (rows["visited_on"] > as_of) | noted
    rows = rows.drop(columns="by_note")
    for column in ("evaluated_on", "free_on", "visited_on"):
        rows[column] = rows[column].mask(noted)
    rows = rows.assign(status=rows["status"].mask(hidden, "scheduled"))
    ended_later = rows["discharged"] > as_of
    for column in AT_THE_END if ended_later.any() else ():
        rows[column] = rows[column].mask(ended_later)
    for column in (name for name in LATER if name in rows):
        if (rows[column] > as_of).any():
            rows[column] = rows[column].where(rows[column] <= as_of)
    return rows
