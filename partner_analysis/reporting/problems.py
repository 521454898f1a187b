"""Reads and validates everything that a run would use, writes nothing, lists every problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from partner_analysis.faults import call_settings
from partner_analysis.reporting.counted import CountedStudy
from partner_analysis.reporting.hints import find_hints
from partner_analysis.reporting.numbers import count_text
from partner_analysis.reporting.overview import cleaning_sentence, counts_sentence, fate_texts
from partner_analysis.reporting.quality.verdict import quality_sentence
from partner_analysis.tables import DataError, InputError


@dataclass(frozen=True)
class Problems:
    """What stands in the way of a run.

    Attributes
    ----------
    faults
        Of files and settings; with any of these nothing can be run.
    register_faults
        Of single partnerships; the others can be run.
    summary
        What was read, in sentences, and what deserves a second look.
    """

    faults: tuple[str, ...]
    register_faults: tuple[str, ...]
    summary: tuple[str, ...]


def find_problems(practice: str | Path, *, as_of: object = None) -> Problems:
    """Everything that is wrong with the files and settings of a practice, in plain words."""
    faults: list[str] = []
    study = _attempt(lambda: CountedStudy.from_settings(practice, as_of=as_of), faults)
    if study is None:
        return Problems(_told(faults, practice), (), ())
    _attempt(lambda: study.register, faults)
    _attempt(lambda: study.exports, faults)
    if not faults:
        _attempt(lambda: refuse_no_periods(study), faults)
    if faults:
        return Problems(_told(faults, practice), (), ())
    said = (*_summary(study), *find_hints(study))
    return Problems((), tuple(register_problems(study)), said)


def _told(faults: list[str], practice: str | Path) -> tuple[str, ...]:
    """Each fault once, with the settings file called as it is."""
    return tuple(dict.fromkeys(call_settings(fault, practice) for fault in faults))


def refuse_no_periods(study: CountedStudy) -> None:
    """Refuse a practice without a new patient in any complete period; nothing could be judged.

    Raises
    ------
    DataError
        With the day of the data and the last complete one.
    """
    if study.counts["new_patients"].sum() > 0:
        return
    until = study.complete_until
    if pd.isna(until) or study.counts.empty:
        until = study.as_of
    raise DataError(
        f"{study.practice.path}: no new patient in any complete {study.cleaned.period}: data as of "
        f"{study.as_of:%Y-%m-%d} are complete until {until:%Y-%m-%d}. Export a "
        f"longer time, lower complete_days, or say in {study.practice.path.name} which visits are "
        "evaluations and which states mean that they took place (evaluations, statuses, unmarked)."
    )


def register_problems(study: CountedStudy) -> list[str]:
    """One sentence for each partnership whose row in the register cannot be used."""
    return [f"{identifier}: {effect.notes[0]}" for identifier, effect in study.faults.items()]


def _summary(study: CountedStudy) -> list[str]:
    partners = study.partnerships["partnership_id"].nunique()
    return [
        *_understood(study),
        f"{study.practice.path}: data as of {study.as_of:%Y-%m-%d}, complete until "
        f"{study.complete_until:%Y-%m-%d}.",
        cleaning_sentence(study.cleaned.row_account),
        counts_sentence(study.counts),
        f"{count_text(partners, 'partnership').capitalize()} can be reported. "
        f"{quality_sentence(study)}",
    ]


def _understood(study: CountedStudy) -> list[str]:
    """One sentence per file: what it was taken for, and what became of its rows."""
    account = study.cleaned.row_account.set_index("file")
    said = []
    for row in study.cleaned.understood.itertuples():
        fates = account.loc[row.file]
        parts = fate_texts(fates.to_dict())
        said.append(
            f"{row.file}: {row.taken_for}; header in line {row.header}; "
            f"{count_text(fates['raw_rows'], 'row')}: {', '.join(parts)}."
        )
    return said


def _attempt(read: Callable[[], object], faults: list[str]) -> CountedStudy | None:
    """What reading gives, or None with the fault noted."""
    try:
        got = read()
    except InputError as error:
        faults.append(str(error))
        return None
    return got if isinstance(got, CountedStudy) else None
