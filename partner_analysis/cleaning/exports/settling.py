"""Parts of the patients: each brought to an end by itself, whoever works on it.

What holds patients is left out wherever a task is shown, such as in the log of a worker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from partner_analysis.cleaning.exports.ahead import first_day_ahead
from partner_analysis.cleaning.exports.counted import give_reasons, settle_periods
from partner_analysis.cleaning.exports.cut import Cut, cut_rows, tally_days
from partner_analysis.cleaning.exports.parts import Held, pack, patient_marks, unpack
from partner_analysis.cleaning.exports.people import (
    join_merged,
    number_patients,
    people_of,
    spread_facts,
)
from partner_analysis.cleaning.exports.referrals import fill_columns, find_faults, settle_days
from partner_analysis.cleaning.exports.supersede import natural_key, supersede
from partner_analysis.cleaning.exports.systems import Shared, keep_apart, shared_numbers
from partner_analysis.cleaning.exports.tallies import take_tallies
from partner_analysis.cleaning.register.clinics import clinic_faults, looks_like_no_name
from partner_analysis.practice import Practice


@dataclass(frozen=True)
class Found:
    """What is known of all files before any patient is put together.

    ``names`` are words of the patients' names that stand in a clinic's, ``often`` the rows by name
    of the clinic, ``lengths`` of numbers with leading zeros, by system.
    """

    practice: Practice
    clinics: pd.DataFrame
    names: frozenset[str] = field(repr=False)
    often: pd.Series
    lengths: Mapping[str, frozenset[int]]


@dataclass(frozen=True)
class SettleTask:
    """One part of the patients, of all files; rows of those ``linked`` are to be put aside."""

    pieces: Sequence[Held] = field(repr=False)
    found: Found
    linked: np.ndarray
    packs: bool


@dataclass(frozen=True)
class Settled:
    """One part of the patients, and what has to be known of all before rows can be cut.

    Attributes
    ----------
    rows
        Its rows, in a list of one from which they are taken.
    aside
        Rows of those linked; None where there are none.
    days
        As ``tally_days`` gives them.
    reasons, files
        How many rows have each reason, and where they stand.
    tallies, period, turns_on, shared
        As their makers give them.
    numbers, people
        As ``people_of`` gives them.
    """

    rows: list[Held] = field(repr=False)
    aside: Held | None = field(repr=False)
    days: pd.DataFrame
    reasons: pd.Series
    files: list[str]
    tallies: pd.DataFrame
    period: str
    turns_on: pd.Timestamp
    shared: Shared
    numbers: int
    people: np.ndarray


def settle_part(task: SettleTask) -> Settled:
    """One part of the patients: repeats found, numbers joined, faults told, days settled."""
    rows, aside = _put_aside(_in_order(unpack(task.pieces)), task)
    practice, shared = task.found.practice, shared_numbers(rows)
    rows, tallies = take_tallies(supersede(rows))
    period: str = practice.period
    if practice.has_episodes:
        turns_on = first_day_ahead(rows)
        rows = _find_patients(rows, task.found)
        numbers, people = people_of(rows)
        rows = settle_days(rows)
    else:
        rows, period = settle_periods(rows)
        turns_on = first_day_ahead(rows)
        rows = _find_clinics(rows, task.found)
        numbers, people = 0, np.empty(0, dtype="uint64")
    return Settled(
        rows=[pack(rows) if task.packs else rows],
        aside=aside,
        days=tally_days(rows),
        reasons=rows.loc[rows["fate"] == "", "reason"].value_counts(),
        files=rows["file"].unique().tolist(),
        tallies=tallies,
        period=period,
        turns_on=turns_on,
        shared=shared,
        numbers=numbers,
        people=people,
    )


def _put_aside(rows: pd.DataFrame, task: SettleTask) -> tuple[pd.DataFrame, Held | None]:
    """Rows without those of patients who are linked with others, and these."""
    if not len(task.linked):
        return rows, None
    linked = np.isin(patient_marks(rows), task.linked)
    return rows.loc[~linked].reset_index(drop=True), pack(rows.loc[linked])


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order of the names of their files, whatever the order they were read in."""
    file, files = pd.factorize(rows["file"])
    kind, kinds = pd.factorize(rows["kind"], sort=True)
    rank = pd.Series([natural_key(name) for name in files]).rank(method="dense").astype("int64")
    place = rank.to_numpy()[file] * len(kinds) + kind
    if (np.diff(place) >= 0).all():
        return rows
    return rows.take(np.argsort(place, kind="stable")).reset_index(drop=True)


def _find_patients(rows: pd.DataFrame, found: Found) -> pd.DataFrame:
    """Rows under one number per patient, with what is wrong with them."""
    rows = join_merged(keep_apart(fill_columns(rows), found.lengths))
    rows = find_faults(rows, found.practice, found.clinics, names=found.names, often=found.often)
    return number_patients(spread_facts(rows))


def _find_clinics(rows: pd.DataFrame, found: Found) -> pd.DataFrame:
    """Rows of counts, with what is wrong with them."""
    seen = rows.rename(columns={"begins": "first_seen", "newest": "last_seen"})
    odd = {"persona does not look like the name of one": looks_like_no_name(rows["persona"])}
    rows = give_reasons(rows, clinic_faults(seen, found.clinics, found.practice) | odd)
    return rows.assign(counts_on=rows["begins"])


# ------------------------------------------------------------------ as known on a day
@dataclass(frozen=True)
class CutTask:
    """One part, and where it is to be cut."""

    rows: Held = field(repr=False)
    cut: Cut
    has_episodes: bool


@dataclass(frozen=True)
class TakenPart:
    """One part as it was known on a day.

    ``used`` are the rows that are used, ``none`` the same table without rows, ``clinics`` how
    many of them name each clinic, and the rest as ``cut_rows`` gives it.
    """

    used: Held = field(repr=False)
    none: pd.DataFrame
    clinics: pd.Series
    rejected: pd.DataFrame
    account: pd.DataFrame
    totals: pd.DataFrame


def cut_part(task: CutTask) -> TakenPart:
    """One part as it was known on a day."""
    packs = isinstance(task.rows, bytes)
    taken = cut_rows(unpack([task.rows]), task.cut, has_episodes=task.has_episodes)
    used = taken.used
    return TakenPart(
        used=pack(used) if packs else used,
        none=used.iloc[:0],
        clinics=used["clinic"].value_counts(),
        rejected=taken.rejected,
        account=taken.account,
        totals=taken.totals,
    )
