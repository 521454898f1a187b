"""Rows as they were known on a day: later ones set aside, with the account of all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from partner_analysis.cleaning.exports.account import account_rows, compare_totals, rejected_in
from partner_analysis.cleaning.exports.counted import give_reasons
from partner_analysis.cleaning.exports.isolation import Span, outside, span_within, usual_span
from partner_analysis.cleaning.exports.isolation import tally_days as count_days
from partner_analysis.cleaning.exports.parts import Held, unpack
from partner_analysis.cleaning.exports.referrals import DATES
from partner_analysis.fields import so_many
from partner_analysis.tables import DataError, SettingsError

UNDERSTOOD: Final = ("file", "taken_for", "header", "columns")
ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
NOT_KEPT: Final = (
    "fate", "reason", "newest", "patient_name", "treatment_clinic", "visit_type", "sheet", "kind",
    "block", "stated", "charge", "whole",
)  # fmt: skip
LATER: Final = (*DATES, "evaluated_on", "free_on", "visited_on", "arrived_on")
DAYS: Final = ("counts_on", "begins", "newest")
FAR: Final = "date far from all others"
AT_THE_END: Final = ("visits", "outcome_change", "recommend")


@dataclass(frozen=True)
class Exports:
    """What the exports of a practice hold, before any patient is put together.

    Attributes
    ----------
    parts
        One row per usable row of a referral or visit: file, line, texts, dates, state,
        ``evaluated_on`` and ``age``. Patients have a number within their part, cases and texts
        are as typed; they stay in memory. Of a large practice several, each with all rows of its
        patients.
    clinic_rows
        How many of these rows each name of a clinic has.
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

    parts: list[Held] = field(repr=False)
    clinic_rows: pd.Series
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

    @property
    def rows(self) -> pd.DataFrame:
        """The rows of all parts, one below the other, however large that is."""
        return unpack(self.parts)


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


def tally_days(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per different ``DAYS`` of usable rows, with how many rows have them."""
    good = (rows["fate"] == "") & (rows["reason"] == "") & (rows["kind"] != "patients")
    by = rows.loc[good, list(DAYS)].groupby(list(DAYS), dropna=False, sort=False)
    return by.size().rename("rows").reset_index()


@dataclass(frozen=True)
class Cut:
    """Where rows are cut: which days are not far from all others, and the last day of the data.

    ``known`` is the day that was asked for, None where it is the newest.
    """

    spans: Mapping[str, Span]
    as_of: pd.Timestamp
    known: pd.Timestamp | None

    def is_far(self, rows: pd.DataFrame) -> pd.Series:
        """Whether a date of a row is cut off from all others by a long gap."""
        far = pd.Series(False, index=rows.index)
        for column, span in self.spans.items():
            far |= outside(rows[column], span)
        return far


def find_cut(days: pd.DataFrame, known: pd.Timestamp | None) -> Cut:
    """Where to cut, from the days of all usable rows; at most at the newest.

    Parameters
    ----------
    days
        From ``tally_days``; the same days may stand in several rows.
    known
        The day asked for.

    Raises
    ------
    SettingsError
        If the day is before all data.
    """
    tallies = {column: count_days(days[column], days["rows"]) for column in DAYS}
    most = max(1, int(days["rows"].sum()) // 100)
    spans = {column: usual_span(tallies[column]) for column in ("counts_on", "newest")}
    spans["begins"] = span_within(tallies["begins"], most_rows=most, gap_days=180)
    near = days.loc[~Cut(spans, pd.NaT, known).is_far(days)]
    newest = near["newest"].max()
    as_of = newest if known is None else min(known, newest)
    if as_of < near["begins"].min():
        raise SettingsError("as_of: is before all data. Choose a later day.")
    return Cut(spans, pd.Timestamp(as_of), known)


@dataclass(frozen=True)
class Taken:
    """Rows as they were known on a day, and the account of all: used, rejected, replaced."""

    used: pd.DataFrame
    rejected: pd.DataFrame
    account: pd.DataFrame
    totals: pd.DataFrame


def cut_rows(rows: pd.DataFrame, cut: Cut, *, has_episodes: bool) -> Taken:
    """Usable rows as they were known on a day, and what became of all others."""
    data = rows["fate"] == ""
    good = data & (rows["reason"] == "") & (rows["kind"] != "patients")
    rows = give_reasons(rows, {FAR: good & cut.is_far(rows)}).drop(columns="counts_on")
    good &= rows["reason"] == ""
    late = good & (rows["begins" if has_episodes else "newest"] > cut.as_of)
    rows["reason"] = rows["reason"].mask(late, "after as_of")
    rows["fate"] = rows["fate"].mask(data & (rows["reason"] != ""), "rejected")
    taken = (rows["fate"] == "") & (rows["kind"] != "patients")
    used = rows.drop(columns=list(NOT_KEPT), errors="ignore").loc[taken]
    return Taken(
        used=(_hide_later(used, cut) if has_episodes else used).reset_index(drop=True),
        rejected=rejected_in(rows),
        account=account_rows(rows),
        totals=compare_totals() if has_episodes else compare_totals(rows),
    )


def refuse_no_row(reasons: pd.Series, files: Sequence[str]) -> DataError:
    """What to say where nothing can be used: how many rows have each reason."""
    told = reasons[reasons > 0].sort_values(ascending=False, kind="stable")
    most = f" Most often: {told.index[0]}." if len(told) else ""
    return DataError(
        f"{', '.join(files)}: no usable row; "
        f"{so_many(int(reasons.sum()), 'row', 'were rejected')}.{most} "
        "Compare the file with [[exports]] in practice.toml."
    )


def _hide_later(rows: pd.DataFrame, cut: Cut) -> pd.DataFrame:
    """Rows as they stood on a day: what happened after it is not known yet.

    A visit of which only the note says that it took place was not known to have before the note
    was finalised. Where no day was asked for all is known that the data have, notes finalised
    after the newest visit too.
    """
    as_of, known = cut.as_of, cut.known
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
