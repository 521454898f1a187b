"""Typed rows to pseudonymised episodes, with an account of every row."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.cleaning.distinct import on_distinct
from partner_analysis.cleaning.episodes.delays import entry_delay, unknown_referral_days
from partner_analysis.cleaning.episodes.parts import fold_all
from partner_analysis.cleaning.episodes.personas import common_payers, show_rules
from partner_analysis.cleaning.episodes.pseudonyms import redraw_keys
from partner_analysis.cleaning.exports.counted import commonest_spellings
from partner_analysis.cleaning.exports.cut import Exports
from partner_analysis.cleaning.exports.measures import MEASURES
from partner_analysis.cleaning.exports.parts import RunAll
from partner_analysis.cleaning.plain import plain
from partner_analysis.cleaning.register.clinics import clinic_names
from partner_analysis.cleaning.register.register import Register, check_events_in, compare_register
from partner_analysis.cleaning.sources.naming import name_partners
from partner_analysis.cleaning.sources.review import REVIEW_COLUMNS, list_review, open_rows
from partner_analysis.cleaning.sources.tallies import name_tallies
from partner_analysis.practice import GENERAL_PERSONA, Practice

EPISODE_COLUMNS: Final = (
    "episode_key", "patient_key", "clinic", "persona", "received", "created", "evaluated",
    "finalized", "free_evaluated", "first_visit", "status", "discharged", "further_cases",
    "age_band", "zip3", "payer", "new_patient", "counted_on", "partnership_id",
    "also_named", "label", "rule", "score", "state", "first_tier",
    "visits", "planned_visits", "outcome_change", "recommend", "first_time",
)  # fmt: skip
MOST_CLINICS: Final = 30
FEWEST_ROWS: Final = 20


@dataclass(frozen=True)
class Cleaned:
    """What cleaning gives: episodes, counts, and an account of what became of every row.

    Attributes
    ----------
    episodes
        One row per episode, under random keys, or per case where cases are what counts; empty
        for a practice with counts only.
    counts
        One row per clinic, persona and period for a practice with counts only; else empty.
    partnerships
        One row per partnership and stretch, without those that have a fault.
    rejected
        One row per rejected row: file, line, reason. No values.
    row_account
        One row per file: raw_rows = used + rejected + totals_and_headers + superseded.
    totals
        One row per total that a file states: file, line, stated, counted, agrees.
    tallies
        One row per partner or kind of source that the practice's system counted itself: file,
        partnership_id, label, patients, cases.
    rules
        One row per persona: how many episodes its rule takes, would take, and alone takes.
    unmatched
        One row per text that is not surely understood, masked: text, patients, the nearest
        partners, where.
    register_faults
        One row per fault of a partnership: partnership_id, name, kind, message.
    clinics
        One row per clinic: clinic, opened, closed (NaT = not known, still open), weekdays on
        which it is open (0 = Monday; empty = every day).
    personas
        Names of all personas, those without patients too.
    alike_patients
        How many patient numbers share name and birth date with another.
    understood
        One row per file: file, taken_for, header (its line), columns (ours = theirs).
    hints
        One row per thing that deserves a second look in a file: file, hint (a sentence).
    entry_delay
        Days after which 98 in 100 evaluations are entered; None if it cannot be told.
    as_of
        Last day of the data used.
    period
        "week" or "month".
    turns_on
        First day on which the same files would be read otherwise, since they hold days that are
        still ahead; NaT if there are none.
    """

    episodes: pd.DataFrame
    counts: pd.DataFrame
    partnerships: pd.DataFrame
    rejected: pd.DataFrame
    row_account: pd.DataFrame
    totals: pd.DataFrame
    tallies: pd.DataFrame
    rules: pd.DataFrame
    unmatched: pd.DataFrame
    register_faults: pd.DataFrame
    clinics: pd.DataFrame
    personas: tuple[str, ...]
    alike_patients: int
    understood: pd.DataFrame
    hints: pd.DataFrame
    entry_delay: int | None
    as_of: pd.Timestamp
    period: str
    turns_on: pd.Timestamp = pd.NaT


def clean_episodes(
    exports: Exports, practice: Practice, register: Register, *, run_all: RunAll = map
) -> Cleaned:
    """Pseudonymised episodes of a practice, or its counts, with an account of every row.

    Parameters
    ----------
    exports
        From ``read_exports``.
    practice
        Its ``definitions`` say who is a new patient and which rows are one episode.
    register
        From ``read_register``; partnerships with a clinic or persona that the data never
        mention become faults.
    run_all
        What folds the parts of a large practice: ``map``, or other processes too.

    Returns
    -------
    Cleaned
        Keys are random and drawn anew each time: two runs are equal up to these keys. Names,
        birth dates, record numbers and source texts are gone.

    Raises
    ------
    SettingsError
        For an event of practice.toml at a clinic that the data never mention.
    """
    if practice.has_episodes:
        episodes, rules, unmatched = _make_episodes(exports, practice, register, run_all)
        counts = pd.DataFrame()
        units = episodes.loc[episodes["evaluated"].notna() | episodes["new_patient"], "clinic"]
        personas = tuple(dict.fromkeys([*(r.name for r in practice.personas), GENERAL_PERSONA]))
    else:
        episodes, rules = _no_episodes(), show_rules(_no_episodes(), rules=())
        unmatched = pd.DataFrame(columns=list(REVIEW_COLUMNS))
        names = _spell_clinics(exports.clinic_rows, register)
        counts = exports.counts.assign(clinic=on_distinct(exports.counts["clinic"], names.get))
        units, personas = counts["clinic"], tuple(sorted(counts["persona"].unique()))
    clinics = sorted(units.unique())
    ruled = {rule.name for rule in practice.personas}
    listed = set(register.clinics["clinic"])
    check_events_in(practice, clinics=clinics, sayable=listed | _sayable(units))
    compared = compare_register(
        register, clinics=clinics, personas=personas, sayable=ruled | _sayable(units)
    )
    return Cleaned(
        episodes=episodes,
        counts=counts,
        partnerships=compared.partnerships,
        rejected=exports.rejected,
        row_account=exports.row_account,
        totals=exports.totals,
        tallies=name_tallies(exports.tallies, register),
        rules=rules,
        unmatched=unmatched,
        register_faults=compared.faults,
        clinics=_open_days(clinics, register),
        personas=personas,
        alike_patients=exports.alike_patients,
        understood=exports.understood,
        hints=exports.hints,
        entry_delay=entry_delay(episodes, as_of=exports.as_of) if len(episodes) else None,
        as_of=exports.as_of,
        period=exports.period,
        turns_on=exports.turns_on,
    )


# ------------------------------------------------------------------ clinics
def _spell_clinics(rows: pd.Series, register: Register) -> dict[str, str]:
    """The one name of a clinic by each that rows have: of the clinics table, else the commonest."""
    known = clinic_names(register.clinics)
    names = {str(name): known.get(plain(str(name)), str(name)) for name in rows.index}
    chosen = commonest_spellings(rows.groupby(rows.index.map(names)).sum())
    return {name: chosen[plain(own)] for name, own in names.items()}


def _sayable(units: pd.Series) -> set[str]:
    """Clinics so few and so frequent that they cannot be patients' names."""
    often = units.value_counts()
    few = len(often) <= MOST_CLINICS
    return {str(name) for name, rows in often.items() if few and rows >= FEWEST_ROWS}


def _open_days(clinics: list[str], register: Register) -> pd.DataFrame:
    """When each clinic of the data opened and closed, and on which days it is open.

    One into which another was merged has been open since the first of them.
    """
    table = register.clinics.rename(columns={"open_days": "weekdays"})
    stays = table["clinic"].map(lambda name: clinic_names(register.clinics)[plain(name)])
    opened = table["opened"].groupby(stays).agg(lambda days: days.min(skipna=False))
    table = table.set_index("clinic")[["opened", "closed", "weekdays"]].reindex(clinics)
    joined = [clinic for clinic in clinics if (stays == clinic).sum() > 1]
    table.loc[joined, "opened"] = opened.reindex(joined)
    table["weekdays"] = pd.Series(
        [days if isinstance(days, tuple) else () for days in table["weekdays"]],
        index=table.index,
        dtype=object,
    )
    return table.rename_axis("clinic").reset_index().astype({"clinic": "str"})


# ------------------------------------------------------------------ episodes
def _make_episodes(
    exports: Exports, practice: Practice, register: Register, run_all: RunAll
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Episodes, how the persona rules share them, and the texts that named nobody known."""
    episodes, shared = fold_all(
        exports.parts, practice, _spell_clinics(exports.clinic_rows, register), run_all
    )
    episodes["payer"] = common_payers(episodes, rules=practice.personas)
    episodes = name_partners(episodes, register, name_words=exports.name_words)
    unsure = open_rows(episodes)
    with ThreadPoolExecutor(1) as beside:  # comparing texts holds no lock, so the rest goes on
        unmatched = beside.submit(
            list_review, unsure, register.names, name_words=exports.name_words
        )
        episodes["received"] = episodes["received"].mask(unknown_referral_days(episodes))
        columns = {name: episodes.pop(name) for name in EPISODE_COLUMNS if name in episodes}
        columns["patient_key"] = redraw_keys(episodes.pop("patient"))
        columns["episode_key"] = redraw_keys(episodes.pop("episode"))
        del episodes
        return _shuffled(columns), shared, unmatched.result()


def _shuffled(columns: dict[str, pd.Series]) -> pd.DataFrame:
    """Episodes in an order that follows from what they say, and tells nothing of rows or files.

    The columns are taken one by one from what is given, so that none is held twice.
    """
    mixed = np.zeros(len(columns["patient_key"]), dtype="uint64")
    texts: dict[str, tuple[np.ndarray, pd.Index]] = {}
    for column in EPISODE_COLUMNS:
        values = columns[column]
        says_nothing = column in MEASURES and values.isna().all()
        if column in ("episode_key", "patient_key") or says_nothing:
            continue
        if values.dtype.kind in "Mfb":
            numbers = _as_number(values)
        else:
            numbers, distinct = pd.factorize(columns.pop(column), sort=True)
            texts[column] = numbers.astype("int32"), distinct
        mixed = (mixed ^ numbers.astype("uint64")) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    order = np.argsort(mixed, kind="stable")
    del mixed
    for column in list(columns):
        columns[column] = columns[column].take(order).reset_index(drop=True)
    for column in list(texts):  # far faster than moving each text
        codes, distinct = texts.pop(column)
        columns[column] = pd.Series(distinct.array.take(codes[order], allow_fill=True))
    return pd.DataFrame({name: columns.pop(name) for name in EPISODE_COLUMNS}, copy=False)


def _as_number(values: pd.Series) -> np.ndarray:
    """A number for each day, amount or claim that follows from it alone."""
    if values.dtype.kind == "M":
        return values.to_numpy("int64")
    return values.to_numpy("float64", na_value=np.nan).view("int64")


def _no_episodes() -> pd.DataFrame:
    """A table of episodes without rows."""
    return pd.DataFrame(columns=list(EPISODE_COLUMNS))
