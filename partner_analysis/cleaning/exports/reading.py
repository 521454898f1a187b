"""Raw exports to typed rows: header found, totals set aside, every other row typed or rejected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import groupby

import numpy as np
import pandas as pd

from partner_analysis.cleaning.exports.account import (
    account_rows,
    add_accounts,
    compare_totals,
    list_rejected,
)
from partner_analysis.cleaning.exports.cut import (
    UNDERSTOOD,
    Cut,
    Exports,
    as_day,
    find_cut,
    refuse_no_row,
)
from partner_analysis.cleaning.exports.dates import Zones, refuse_dates
from partner_analysis.cleaning.exports.files import FilesRead, FilesTask, plan_reading, read_files
from partner_analysis.cleaning.exports.parts import Held, RunAll, linked_patients
from partner_analysis.cleaning.exports.settling import (
    CutTask,
    Found,
    Settled,
    SettleTask,
    TakenPart,
    cut_part,
    settle_part,
)
from partner_analysis.cleaning.exports.supersede import natural_key
from partner_analysis.cleaning.exports.systems import refuse_strangers, systems_hint
from partner_analysis.cleaning.exports.tallies import TALLY_COLUMNS
from partner_analysis.cleaning.plain import plain
from partner_analysis.cleaning.register.clinics import read_clinics
from partner_analysis.cleaning.sources.texts import split_words
from partner_analysis.practice import Practice


def read_exports(practice: Practice, *, as_of: object = None, run_all: RunAll = map) -> Exports:
    """Typed rows of all exports of a practice, with an account of every row.

    Parameters
    ----------
    practice
        Its ``exports`` say which files, which columns and how dates are written.
    as_of
        Last day of the data to use; default, and at most: the newest date in the data, since
        nothing is known of later days. Rows after it are rejected as "after as_of".
    run_all
        What reads files and works on parts of a large practice: ``map``, or other processes too.

    Returns
    -------
    Exports
        Raw rows = typed rows + rejected + totals and headers + superseded duplicates. The same
        whoever read them, up to the numbers of patients.

    Raises
    ------
    DataError
        If a file is missing, empty, has no header, has two columns of one name, or most of
        its dates do not fit the stated format.
    SettingsError
        If ``as_of`` is not a date, or before all data.
    """
    known, clinics = as_day(as_of), read_clinics(practice)
    tasks = plan_reading(practice, Zones(practice.time_zone, _zones_of(clinics)))
    run_all = map if tasks[0].parts == 1 else run_all
    read = _read_all(tasks, run_all)
    often = _add([each.clinics for each in read])
    in_clinics = {word for clinic in often.index for word in split_words(clinic).words}
    found = Found(
        practice=practice,
        clinics=clinics,
        names=_names(read) & in_clinics,
        often=often,
        lengths=_lengths(read),
    )
    settled = _settle_all(read, found, run_all)
    refuse_strangers([part.shared for part in settled])
    if not any(len(part.days) for part in settled):
        raise refuse_no_row(_add([part.reasons for part in settled]), _files(settled))
    cut = find_cut(pd.concat([part.days for part in settled], ignore_index=True), known)
    taken = list(run_all(cut_part, _cut_tasks(settled, cut, found)))
    return _put_together(read, settled, taken, found, cut)


def _read_all(tasks: Sequence[FilesTask], run_all: RunAll) -> list[FilesRead]:
    """What all files hold, export by export; refused as soon as an export's dates are."""
    done = zip(tasks, run_all(read_files, tasks), strict=True)
    read: list[FilesRead] = []
    for _, of_export in groupby(done, lambda pair: pair[0].block):
        pairs = list(of_export)
        read += [each for _, each in pairs]
        refuse_dates([dates for _, each in pairs for dates in each.dates], pairs[0][0].export)
    return read


def _settle_all(read: Sequence[FilesRead], found: Found, run_all: RunAll) -> list[Settled]:
    """All parts of the patients, settled; those who may be one with others in a part of theirs."""
    linked = linked_patients([each.joined for each in read], [each.records for each in read])
    parts = len(read[0].pieces)
    tasks = (SettleTask([each.pieces.pop(0) for each in read], found, linked, parts > 1)
             for _ in range(parts))  # fmt: skip
    settled = list(run_all(settle_part, tasks))
    aside = [part.aside for part in settled if part.aside is not None]
    if aside:
        settled.append(settle_part(SettleTask(aside, found, linked[:0], parts > 1)))
    return settled


def _cut_tasks(settled: Sequence[Settled], cut: Cut, found: Found) -> Iterator[CutTask]:
    """Every part with where to cut it; it is let go by whoever is given it."""
    for part in settled:
        yield CutTask(part.rows.pop(), cut, found.practice.has_episodes)


def _put_together(
    read: Sequence[FilesRead],
    settled: Sequence[Settled],
    taken: Sequence[TakenPart],
    found: Found,
    cut: Cut,
) -> Exports:
    """What all parts hold, as one."""
    tallies = pd.concat([part.tallies for part in settled], ignore_index=True)
    practice = found.practice
    general = systems_hint(practice)
    hints = [(practice.path.name, general)] if general else []
    hints += [hint for each in read for hint in each.hints]
    understood = [line for each in read for line in each.understood]
    totals = [*(each.totals for each in read), *(part.totals for part in taken)]
    people = np.concatenate([part.people for part in settled])
    rows: list[Held] = [part.used for part in taken]
    empty = taken[0].none
    return Exports(
        parts=rows if practice.has_episodes else [empty],
        clinic_rows=_add([part.clinics for part in taken]),
        counts=empty if practice.has_episodes else rows[0],
        tallies=tallies.loc[tallies["fate"] == "", list(TALLY_COLUMNS)].reset_index(drop=True),
        totals=_totals(totals),
        rejected=list_rejected([part.rejected for part in taken], tallies),
        row_account=add_accounts([*(part.account for part in taken), account_rows(tallies)]),
        as_of=cut.as_of,
        period=settled[0].period,
        name_words=_names(read),
        alike_patients=sum(part.numbers for part in settled) - len(np.unique(people)),
        understood=pd.DataFrame(understood, columns=list(UNDERSTOOD)),
        hints=pd.DataFrame(hints, columns=["file", "hint"]),
        turns_on=pd.Series([part.turns_on for part in settled], dtype="datetime64[us]").min(),
    )


def _names(read: Sequence[FilesRead]) -> frozenset[str]:
    """Words of all patients' names."""
    return frozenset().union(*(each.names for each in read))


def _totals(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Totals of all files, in the order of their names."""
    told = [table for table in tables if len(table)] or [compare_totals()]
    together = pd.concat(told, ignore_index=True)
    return together.sort_values("file", kind="stable", ignore_index=True)


def _lengths(read: Sequence[FilesRead]) -> dict[str, frozenset[int]]:
    """Lengths of numbers with leading zeros, by system."""
    systems = {system for each in read for system in each.lengths}
    nothing: frozenset[int] = frozenset()
    return {
        system: nothing.union(*(each.lengths.get(system, nothing) for each in read))
        for system in systems
    }


def _files(settled: Sequence[Settled]) -> list[str]:
    """Names of all files, in their order."""
    return sorted({name for part in settled for name in part.files}, key=natural_key)


def _add(counted: Sequence[pd.Series]) -> pd.Series:
    """The sum of counts by name, in the order in which the names are met."""
    return reduce(lambda one, other: one.add(other, fill_value=0), counted).astype("int64")


def _zones_of(clinics: pd.DataFrame) -> dict[str, str]:
    """Time zone by each spelling of the clinics that have their own."""
    return {
        plain(spelling): row.time_zone
        for row in clinics.itertuples()
        for spelling in (row.clinic, *row.alias)
        if row.time_zone
    }
