"""Raw exports to typed rows: header found, totals set aside, every other row typed or rejected."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.cleaning.exports.account import account_rows, compare_totals
from partner_analysis.cleaning.exports.counted import give_reasons, settle_periods
from partner_analysis.cleaning.exports.grids import FileRows, Zones, read_rows
from partner_analysis.cleaning.exports.isolation import beyond_a_gap, far_from_others
from partner_analysis.cleaning.exports.people import (
    count_alike,
    join_merged,
    number_patients,
    pad_ids,
    spread_facts,
)
from partner_analysis.cleaning.exports.referrals import (
    DATES,
    check_referrals,
    fill_columns,
    name_words,
)
from partner_analysis.cleaning.exports.supersede import supersede
from partner_analysis.cleaning.exports.tallies import TALLY_COLUMNS, settle_blocks, take_tallies
from partner_analysis.cleaning.exports.visits import as_evaluations, cost_nothing, to_states
from partner_analysis.cleaning.plain import plain
from partner_analysis.cleaning.register.clinics import (
    clinic_faults,
    looks_like_no_name,
    read_clinics,
)
from partner_analysis.columns import CountExport, Export, ReferralExport, TallyExport, VisitExport
from partner_analysis.practice import Practice
from partner_analysis.tables import DataError, SettingsError

UNDERSTOOD: Final = ("file", "taken_for", "header", "columns")
ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
NOT_KEPT: Final = (
    "fate", "reason", "newest", "patient_name", "case", "treatment_clinic", "visit_type", "sheet",
    "kind", "block", "stated", "charge",
)  # fmt: skip
LATER: Final = (*DATES, "evaluated_on", "free_on", "visited_on")


@dataclass(frozen=True)
class Exports:
    """What the exports of a practice hold, before any patient is put together.

    Attributes
    ----------
    rows
        One row per usable row of a referral or visit: file, line, texts, dates, state,
        ``evaluated_on`` and ``age``. Patients have a number within this run, and texts are as
        typed; it stays in memory.
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
    as_of
        Last day of the data used.
    period
        "week" or "month": as in the settings, or as the dates of a counts export show.
    alike_patients
        How many patient numbers share name and birth date with another.
    name_words
        Words of the patients' names, so that source texts with one can be masked. It stays in
        memory.
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


def read_exports(practice: Practice, *, as_of: object = None) -> Exports:
    """Typed rows of all exports of a practice, with an account of every row.

    Parameters
    ----------
    practice
        Its ``exports`` say which files, which columns and how dates are written.
    as_of
        Last day of the data to use; default, and at most: the newest date in the data, since
        nothing is known of later days. Rows after it are rejected as "after as_of".

    Returns
    -------
    Exports
        Raw rows = typed rows + rejected + totals and headers + superseded duplicates.

    Raises
    ------
    DataError
        If a file is missing, empty, has no header, has two columns of one name, or most of
        its dates do not fit the stated format.
    SettingsError
        If ``as_of`` is not a date, or before all data.
    """
    cut = as_day(as_of)
    clinics = read_clinics(practice)
    read = [
        (storage.find_files(practice.folder, export.files), export) for export in practice.exports
    ]
    zones = Zones(practice.time_zone, _zones_of(clinics))
    tables: dict[tuple[str, str], pd.DataFrame] = {}
    understood: list[tuple[str, str, int, str]] = []
    for files, export in read:
        for path in files:
            name = _name(path, practice.folder)
            if (name, export.kind) not in tables:
                read_file = read_rows(path, name, export, zones=zones)
                tables[name, export.kind] = _settle(read_file.rows, export)
                understood.append((name, export.called, read_file.header, _in_words(read_file)))
    rows = supersede(_by_name(tables))
    del tables, read_file
    rows, tallies = take_tallies(rows)
    period: str = practice.period
    names, alike = name_words(rows), 0
    if practice.has_episodes:
        rows = number_patients(spread_facts(join_merged(pad_ids(fill_columns(rows)))))
        alike = count_alike(rows)
        rows = check_referrals(rows, practice, clinics, names=names)
    else:
        rows, period = settle_periods(rows)
        seen = rows.rename(columns={"begins": "first_seen", "newest": "last_seen"})
        odd = {"persona does not look like the name of one": looks_like_no_name(rows["persona"])}
        rows = give_reasons(rows, clinic_faults(seen, clinics, practice) | odd)
        rows["counts_on"] = rows["begins"]
    exports = _finish(_set_far_aside(rows), tallies, cut, practice, period, names)
    table = pd.DataFrame(understood, columns=list(UNDERSTOOD))
    return replace(exports, understood=table, alike_patients=alike)


def _by_name(tables: dict[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """Rows of all files one below the other, in the order of their names."""
    ordered = [tables[key] for key in sorted(tables)]
    return pd.concat(ordered, ignore_index=True) if len(ordered) > 1 else ordered[0]


def _in_words(read: FileRows) -> str:
    """Which column of a file was taken for which of ours."""
    return "; ".join(f"{ours} = {theirs}" for ours, theirs in read.columns.items())


def _settle(rows: pd.DataFrame, export: Export) -> pd.DataFrame:
    """Rows of one file, those of visits as rows of evaluations."""
    if isinstance(export, TallyExport):
        rows = settle_blocks(rows, export)
    if isinstance(export, CountExport):
        rows["date_is"] = export.date_is
    if isinstance(export, VisitExport):
        rows = as_evaluations(rows, export)
    if isinstance(export, ReferralExport) and "status" in rows:
        rows["status"] = to_states(rows["status"].fillna(""), export)
    if isinstance(export, ReferralExport | VisitExport):
        rows["free"] = cost_nothing(rows, export.no_charge)
        if export.one_clinic:
            given = rows["clinic"] if "clinic" in rows else pd.Series("", index=rows.index)
            rows["clinic"] = given.astype("str").mask(given == "", export.one_clinic)
    return rows


def _zones_of(clinics: pd.DataFrame) -> dict[str, str]:
    """Time zone by each spelling of the clinics that have their own."""
    return {
        plain(spelling): row.time_zone
        for row in clinics.itertuples()
        for spelling in (row.clinic, *row.alias)
        if row.time_zone
    }


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


def _name(path: Path, folder: Path) -> str:
    """Path as seen from the practice's folder."""
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _set_far_aside(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows, with a reason where a date is cut off from all others by a long gap."""
    good = (rows["fate"] == "") & (rows["reason"] == "") & (rows["kind"] != "patients")
    known = {column: rows[column].where(good) for column in ("counts_on", "begins", "newest")}
    most = max(1, int(good.sum()) // 100)
    far = far_from_others(known["counts_on"]) | far_from_others(known["newest"])
    far |= beyond_a_gap(known["begins"], most_rows=most, gap_days=180)
    return give_reasons(rows, {"date far from all others": far}).drop(columns="counts_on")


def _finish(
    rows: pd.DataFrame,
    tallies: pd.DataFrame,
    cut: pd.Timestamp | None,
    practice: Practice,
    period: str,
    names: frozenset[str],
) -> Exports:
    """Exports cut at as_of, with the account of all rows."""
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
        rows=(_hide_later(used, as_of) if practice.has_episodes else empty).reset_index(drop=True),
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
        f"{files}: no usable row; {int(data.sum()):,} rows were rejected.{most} "
        "Compare the file with [[exports]] in practice.toml."
    )


def _rejected(*tables: pd.DataFrame) -> pd.DataFrame:
    """One row per rejected row: file (and sheet), line, reason."""
    columns = ["file", "sheet", "line", "reason"]
    table = pd.concat([t.loc[t["fate"] == "rejected", columns] for t in tables])
    sheet = table["sheet"].where(table["sheet"] == "", ", sheet " + table["sheet"])
    table = table.assign(file=table["file"] + sheet).drop(columns="sheet")
    return table.reset_index(drop=True)


def _hide_later(rows: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Rows as they stood on a day: what happened after it is not known yet."""
    hidden = (rows["evaluated_on"] > as_of) | (rows["free_on"] > as_of)
    hidden |= rows["visited_on"] > as_of
    rows = rows.assign(status=rows["status"].mask(hidden, "scheduled"))
    for column in (name for name in LATER if name in rows):
        if (rows[column] > as_of).any():
            rows[column] = rows[column].where(rows[column] <= as_of)
    return rows
