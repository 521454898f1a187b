"""Raw exports to typed rows: header found, totals set aside, every other row typed or rejected."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pandas as pd

from partner_analysis import storage
from partner_analysis.cleaning.exports.ahead import first_day_ahead
from partner_analysis.cleaning.exports.counted import give_reasons, settle_periods
from partner_analysis.cleaning.exports.cut import (
    UNDERSTOOD,
    Exports,
    as_day,
    cut_rows,
    set_far_aside,
)
from partner_analysis.cleaning.exports.dates import DatesRead, Zones, order_hint, refuse_dates
from partner_analysis.cleaning.exports.grids import FileRows, read_rows
from partner_analysis.cleaning.exports.measures import read_measures
from partner_analysis.cleaning.exports.people import (
    count_alike,
    join_merged,
    number_patients,
    spread_facts,
)
from partner_analysis.cleaning.exports.referrals import (
    fill_columns,
    find_faults,
    name_words,
    settle_days,
)
from partner_analysis.cleaning.exports.supersede import natural_key, supersede
from partner_analysis.cleaning.exports.systems import (
    keep_apart,
    refuse_strangers,
    systems_hint,
    systems_of,
)
from partner_analysis.cleaning.exports.tallies import settle_blocks, take_tallies
from partner_analysis.cleaning.exports.visits import (
    STATED,
    as_evaluations,
    cost_nothing,
    is_evaluation,
    to_states,
)
from partner_analysis.cleaning.plain import plain
from partner_analysis.cleaning.register.clinics import (
    clinic_faults,
    looks_like_no_name,
    read_clinics,
)
from partner_analysis.columns import CountExport, Export, ReferralExport, TallyExport, VisitExport
from partner_analysis.practice import Practice


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
    rows, understood, hints = _read_all(practice, Zones(practice.time_zone, _zones_of(clinics)))
    refuse_strangers(rows)
    rows = supersede(rows)
    rows, tallies = take_tallies(rows)
    period: str = practice.period
    names = name_words(rows)
    if not practice.has_episodes:
        rows, period = settle_periods(rows)
        seen = rows.rename(columns={"begins": "first_seen", "newest": "last_seen"})
        odd = {"persona does not look like the name of one": looks_like_no_name(rows["persona"])}
        turns_on = first_day_ahead(rows)
        rows = give_reasons(rows, clinic_faults(seen, clinics, practice) | odd)
        rows["counts_on"] = rows["begins"]
        exports = cut_rows(set_far_aside(rows), tallies, cut, practice, period, names)
        return replace(exports, understood=understood, hints=hints, turns_on=turns_on)
    turns_on = first_day_ahead(rows)
    rows = join_merged(keep_apart(fill_columns(rows)))
    rows = find_faults(rows, practice, clinics, names=names)
    rows = number_patients(spread_facts(rows))
    with ThreadPoolExecutor(1) as beside:  # counting holds no lock, so the rest goes on
        alike = beside.submit(count_alike, rows.copy(deep=False))
        rows = settle_days(rows)
        exports = cut_rows(set_far_aside(rows), tallies, cut, practice, period, names)
        exports = replace(exports, understood=understood, hints=hints, turns_on=turns_on)
        return replace(exports, alike_patients=alike.result())


def _read_all(practice: Practice, zones: Zones) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Rows of all files, what each was taken for, and what deserves a second look."""
    read = [
        (storage.find_files(practice.folder, export.files), export) for export in practice.exports
    ]
    systems, general = systems_of(practice), systems_hint(practice)
    tables: dict[tuple[str, str], pd.DataFrame] = {}
    understood: list[tuple[str, str, int, str]] = []
    hints: list[tuple[str, str]] = [(practice.path.name, general)] if general else []
    for block, (files, export) in enumerate(read):
        dates: list[DatesRead] = []
        marks = {"export": block, **({"system": systems[block]} if any(systems) else {})}
        for path in files:
            name = _name(path, practice.folder)
            if (name, export.kind) not in tables:
                read_file = read_rows(path, name, export, zones=zones)
                rows, unread = read_measures(read_file.rows)
                told = f"{_in_words(read_file)}{_evaluations_told(rows, export)}{unread}"
                understood.append((name, export.called, read_file.header, told))
                dates += read_file.dates
                rows = _settle(rows, export)
                hints += [(name, hint) for hint in _look_again(rows, read_file, export)]
                tables[name, export.kind] = rows.assign(**marks)
        refuse_dates(dates, export)
    taken = pd.DataFrame(understood, columns=list(UNDERSTOOD))
    return _by_name(tables), taken, pd.DataFrame(hints, columns=["file", "hint"])


def _by_name(tables: dict[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """Rows of all files one below the other, in the order of their names."""
    ordered = [tables[key] for key in sorted(tables, key=lambda key: (natural_key(key[0]), key[1]))]
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
    return rows


def _look_again(rows: pd.DataFrame, read: FileRows, export: Export) -> list[str]:
    """What deserves a second look in one file, a sentence each."""
    said = []
    if export.kind in ("referrals", "visits"):
        said.append(order_hint(rows))
    if isinstance(export, VisitExport) and not set(STATED) & set(read.columns):
        said.append(
            "no column says what became of a visit, such as its state or the day on which its note "
            "was finalised: all are taken as having taken place. Export again with one if there is."
        )
    if read.headings:
        many = f"{len(read.headings):,} rows with one filled cell are taken for headings of groups"
        one = "1 row with one filled cell is taken for the heading of a group"
        said.append(
            f"{one if len(read.headings) == 1 else many} (first at line {read.headings[0]}). If "
            f"{'it is a patient' if len(read.headings) == 1 else 'they are patients'}, fill in the "
            "rest."
        )
    return [hint for hint in said if hint]


def _evaluations_told(rows: pd.DataFrame, export: Export) -> str:
    """How many visits of a list are initial evaluations, where its types tell them."""
    if not isinstance(export, VisitExport):
        return ""
    data = rows.loc[rows["fate"] == ""]
    told = is_evaluation(data, export)
    types = [c for c in ("visit_type", "note_type", "procedure") if c in data]
    if not types or told.all():
        return ""
    others = data.loc[~told, types].drop_duplicates()
    which = "is an initial evaluation" if told.sum() == 1 else "are initial evaluations"
    further = "1 further type" if len(others) == 1 else f"{len(others):,} further types"
    return (
        f"; of {len(data):,} visits {int(told.sum()):,} {which}, the others of "
        f"{further} (evaluations in practice.toml lists those that are)"
    )


def _zones_of(clinics: pd.DataFrame) -> dict[str, str]:
    """Time zone by each spelling of the clinics that have their own."""
    return {
        plain(spelling): row.time_zone
        for row in clinics.itertuples()
        for spelling in (row.clinic, *row.alias)
        if row.time_zone
    }


def _name(path: Path, folder: Path) -> str:
    """Path as seen from the practice's folder, without marks that a terminal would act on."""
    name = str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
    return "".join(mark if mark.isprintable() else "?" for mark in name)
