"""Files of an export to typed rows, with what is known of them before anything is compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis import storage
from partner_analysis.cleaning.distinct import on_distinct
from partner_analysis.cleaning.exports.account import compare_totals
from partner_analysis.cleaning.exports.dates import DatesRead, Zones, order_hint
from partner_analysis.cleaning.exports.grids import FileRows, read_rows
from partner_analysis.cleaning.exports.measures import read_measures
from partner_analysis.cleaning.exports.parts import Held, find_links, split
from partner_analysis.cleaning.exports.referrals import name_words
from partner_analysis.cleaning.exports.systems import systems_of, zero_led
from partner_analysis.cleaning.exports.tallies import settle_blocks
from partner_analysis.cleaning.exports.visits import (
    STATED,
    as_evaluations,
    cost_nothing,
    is_evaluation,
    to_states,
)
from partner_analysis.cleaning.plain import plain
from partner_analysis.columns import CountExport, Export, ReferralExport, TallyExport, VisitExport
from partner_analysis.practice import Practice

AT_ONCE: Final = 100_000_000  # bytes of files that are read by one process, and of one part
ALONE: Final = 3  # parts that one process has done sooner than others could be started
OF_PATIENTS: Final = ("referrals", "visits", "patients")
Read = tuple[pd.DataFrame, tuple[str, str, int, str], list[tuple[str, str]], list[DatesRead]]


@dataclass(frozen=True)
class FilesTask:
    """Some files of one export, to be read by any process that sees them.

    ``names`` is how messages call them, ``block`` the number of the export, ``system`` whose
    numbers its patients have (None where there is but one), ``parts`` in how many parts of
    patients the rows are wanted.
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    export: Export
    block: int
    system: str | None
    zones: Zones
    parts: int


@dataclass(frozen=True)
class FilesRead:
    """What some files hold, and what is known of them.

    Attributes
    ----------
    pieces
        Typed rows, by part of the patients.
    understood
        File, what it was taken for, line of its header, columns.
    hints
        File and what deserves a second look in it.
    dates
        How dates could be read.
    totals
        One row per total that a file states.
    names
        Words of the patients' names.
    lengths
        Lengths of numbers with leading zeros, by system.
    clinics
        Rows by name of the clinic, in small letters.
    joined, records
        As ``find_links`` gives them.
    """

    pieces: list[Held] = field(repr=False)
    understood: list[tuple[str, str, int, str]]
    hints: list[tuple[str, str]]
    dates: list[DatesRead]
    totals: pd.DataFrame
    names: frozenset[str] = field(repr=False)
    lengths: Mapping[str, frozenset[int]]
    clinics: pd.Series
    joined: np.ndarray
    records: np.ndarray


def plan_reading(practice: Practice, zones: Zones) -> list[FilesTask]:
    """All files of a practice in tasks of about equal size, export by export.

    A file is never cut: a line break within quotation marks would be taken for the end of a row.
    """
    systems = systems_of(practice)
    found = [storage.find_files(practice.folder, e.files) for e in practice.exports]
    size = sum(path.stat().st_size for path in {path for paths in found for path in paths})
    parts = 1 + size // AT_ONCE
    if parts <= ALONE or not practice.has_episodes:
        parts = 1
    tasks: list[FilesTask] = []
    taken: set[tuple[str, str]] = set()
    for block, (export, paths) in enumerate(zip(practice.exports, found, strict=True)):
        named = [(path, _name(path, practice.folder)) for path in paths]
        new = {name: path for path, name in named if (name, export.kind) not in taken}
        taken |= {(name, export.kind) for name in new}
        system = systems[block] if any(systems) else None
        for some in _bundles(new):
            paths_of = tuple(new[name] for name in some)
            tasks.append(FilesTask(paths_of, some, export, block, system, zones, parts))
    return tasks


def _bundles(paths: Mapping[str, Path]) -> Iterator[tuple[str, ...]]:
    """Names of files, one after the other, in bundles that are read at once."""
    bundle: tuple[str, ...] = ()
    size = 0
    for name, path in paths.items():
        own = path.stat().st_size
        if bundle and size + own > AT_ONCE:
            yield bundle
            bundle, size = (), 0
        bundle, size = (*bundle, name), size + own
    if bundle:
        yield bundle


def read_files(task: FilesTask) -> FilesRead:
    """What the files of a task hold; the same whoever reads them.

    Raises
    ------
    DataError
        As ``read_rows``, for the first file that has a fault.
    """
    read = [_read_file(path, name, task) for path, name in zip(task.paths, task.names, strict=True)]
    tables = [rows for rows, _, _, _ in read]
    rows = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
    rows["export"] = task.block
    if task.system is not None:
        rows["system"] = task.system
    joined, records = find_links(rows if task.parts > 1 else rows.iloc[:0])
    return FilesRead(
        pieces=split(rows, task.parts),
        understood=[understood for _, understood, _, _ in read],
        hints=[hint for _, _, hints, _ in read for hint in hints],
        dates=[each for _, _, _, dates in read for each in dates],
        totals=compare_totals(rows) if task.export.kind in OF_PATIENTS else compare_totals(),
        names=name_words(rows),
        lengths=zero_led(rows, task.system or ""),
        clinics=_count_clinics(rows),
        joined=joined,
        records=records,
    )


def _read_file(path: Path, name: str, task: FilesTask) -> Read:
    """Rows of one file, what it was taken for, what deserves a second look, its dates."""
    export = task.export
    read = read_rows(path, name, export, zones=task.zones)
    rows, unread = read_measures(read.rows)
    told = f"{_in_words(read)}{_evaluations_told(rows, export)}{unread}"
    rows = _settle(rows, export)
    hints = [(name, hint) for hint in _look_again(rows, read, export)]
    return rows, (name, export.called, read.header, told), hints, read.dates


def _count_clinics(rows: pd.DataFrame) -> pd.Series:
    """How many rows name each clinic, in small letters."""
    blank = pd.Series("", index=rows.index)
    clinic, other = (
        rows[c].fillna("") if c in rows else blank for c in ("clinic", "treatment_clinic")
    )
    texts = on_distinct(clinic.astype("str").mask(clinic == "", other), plain)
    return texts.value_counts()


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


def _name(path: Path, folder: Path) -> str:
    """Path as seen from the practice's folder, without marks that a terminal would act on."""
    name = str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
    return "".join(mark if mark.isprintable() else "?" for mark in name)
