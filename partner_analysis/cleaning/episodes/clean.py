"""Typed rows to pseudonymised episodes, with an account of every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from partner_analysis.cleaning.episodes.personas import age_bands, assign_personas, common_payers
from partner_analysis.cleaning.episodes.pseudonyms import redraw_keys
from partner_analysis.cleaning.exports.counted import one_spelling
from partner_analysis.cleaning.exports.grids import plain
from partner_analysis.cleaning.exports.reading import Exports
from partner_analysis.cleaning.register.clinics import clinic_names
from partner_analysis.cleaning.register.register import Register, check_events_in, compare_register
from partner_analysis.cleaning.sources.decisions import spell_out
from partner_analysis.cleaning.sources.matches import match_sources
from partner_analysis.cleaning.sources.review import REVIEW_COLUMNS, list_review
from partner_analysis.practice import GENERAL_PERSONA, Practice

EPISODE_COLUMNS: Final = (
    "episode_key", "patient_key", "clinic", "persona", "received", "created", "evaluated",
    "status", "discharged", "age_band", "payer", "new_patient", "counted_on", "partnership_id",
    "also_named", "label", "rule", "score", "state",
)  # fmt: skip
STANDING: Final = {"finalized": 0, "scheduled": 1, "": 2, "no show": 3, "cancelled": 4}

MOST_CLINICS: Final = 30
FEWEST_ROWS: Final = 20


@dataclass(frozen=True)
class Cleaned:
    """What cleaning gives: episodes, counts, and an account of what became of every row.

    Attributes
    ----------
    episodes
        One row per episode, under random keys; empty for a practice with counts only.
    counts
        One row per clinic, persona and period for a practice with counts only; else empty.
    partnerships
        One row per partnership and stretch, without those that have a fault.
    rejected
        One row per rejected row: file, line, reason. No values.
    row_account
        One row per file: raw_rows = used + rejected + totals_and_headers + superseded.
    unmatched
        One row per text that is not surely understood, masked: text, patients, the nearest
        partners, where.
    register_faults
        One row per fault of a partnership: partnership_id, name, kind, message.
    clinics
        One row per clinic: clinic, opened, closed (NaT = not known, still open).
    personas
        Names of all personas, those without patients too.
    as_of
        Last day of the data used.
    period
        "week" or "month".
    """

    episodes: pd.DataFrame
    counts: pd.DataFrame
    partnerships: pd.DataFrame
    rejected: pd.DataFrame
    row_account: pd.DataFrame
    unmatched: pd.DataFrame
    register_faults: pd.DataFrame
    clinics: pd.DataFrame
    personas: tuple[str, ...]
    as_of: pd.Timestamp
    period: str


def clean_episodes(exports: Exports, practice: Practice, register: Register) -> Cleaned:
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
        episodes, unmatched = _make_episodes(exports, practice, register)
        counts = pd.DataFrame()
        units = episodes.loc[episodes["evaluated"].notna() | episodes["new_patient"], "clinic"]
        personas = tuple(dict.fromkeys([*(r.name for r in practice.personas), GENERAL_PERSONA]))
    else:
        episodes, unmatched = _no_episodes(), pd.DataFrame(columns=list(REVIEW_COLUMNS))
        counts = _name_clinics(exports.counts, register)
        units, personas = counts["clinic"], tuple(sorted(counts["persona"].unique()))
    clinics = sorted(units.unique())
    rules = {rule.name for rule in practice.personas}
    listed = set(register.clinics["clinic"])
    check_events_in(practice, clinics=clinics, sayable=listed | _sayable(units))
    compared = compare_register(
        register, clinics=clinics, personas=personas, sayable=rules | _sayable(units)
    )
    return Cleaned(
        episodes=episodes,
        counts=counts,
        partnerships=compared.partnerships,
        rejected=exports.rejected,
        row_account=exports.row_account,
        unmatched=unmatched,
        register_faults=compared.faults,
        clinics=_open_days(clinics, register),
        personas=personas,
        as_of=exports.as_of,
        period=exports.period,
    )


# ------------------------------------------------------------------ clinics
def _name_clinics(rows: pd.DataFrame, register: Register) -> pd.DataFrame:
    """Rows with each clinic under one name: that of the clinics table, else the commonest."""
    known = clinic_names(register.clinics)
    names = {name: known.get(plain(name), name) for name in rows["clinic"].unique()}
    return rows.assign(clinic=one_spelling(rows["clinic"].map(names).astype("str")))


def _sayable(units: pd.Series) -> set[str]:
    """Clinics so few and so frequent that they cannot be patients' names."""
    often = units.value_counts()
    few = len(often) <= MOST_CLINICS
    return {str(name) for name, rows in often.items() if few and rows >= FEWEST_ROWS}


def _open_days(clinics: list[str], register: Register) -> pd.DataFrame:
    """When each clinic of the data opened and closed, as far as the clinics table says."""
    table = register.clinics.drop(columns="alias").set_index("clinic").reindex(clinics)
    return table.rename_axis("clinic").reset_index().astype({"clinic": "str"})


def recount(episodes: pd.DataFrame, *, definition: str) -> pd.DataFrame:
    """The same episodes by another definition: ``new_patient`` and ``counted_on`` made anew.

    Of two episodes of one patient that begin on one day the first in the table counts.
    """
    place = range(len(episodes))
    marked = _mark_new(episodes.assign(patient=episodes["patient_key"], episode=place), definition)
    return marked.drop(columns=["patient", "episode"])


# ------------------------------------------------------------------ episodes
def _make_episodes(
    exports: Exports, practice: Practice, register: Register
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Episodes, and the texts that named nobody known."""
    rows = _name_clinics(exports.rows, register)
    episodes = _fold_rows(_number_episodes(rows, practice.definitions.reopen_gap_days))
    episodes["persona"] = assign_personas(episodes, rules=practice.personas)
    episodes["payer"] = common_payers(episodes, rules=practice.personas)
    episodes["age_band"] = age_bands(episodes["age"])
    episodes = _mark_new(episodes, practice.definitions.new_patient)
    episodes = _name_partners(episodes, register, exports.name_words)
    unmatched = list_review(episodes, register.names, name_words=exports.name_words)
    episodes["patient_key"] = redraw_keys(episodes["patient"])
    episodes["episode_key"] = redraw_keys(episodes["episode"])
    kept = episodes.loc[:, list(EPISODE_COLUMNS)]
    by = [column for column in EPISODE_COLUMNS if column not in ("episode_key", "patient_key")]
    return kept.sort_values([*by, "episode_key"], ignore_index=True), unmatched


def _no_episodes() -> pd.DataFrame:
    """A table of episodes without rows."""
    return pd.DataFrame(columns=list(EPISODE_COLUMNS))


def _number_episodes(rows: pd.DataFrame, gap_days: int) -> pd.DataFrame:
    """Rows with a number of their ``episode``.

    A patient's row opens a new episode if it begins more than the gap after the last day known
    of all rows before it.
    """
    dates = ["received", "created", "evaluated", "discharged"]
    ends = rows[dates].max(axis="columns")
    rows = rows.assign(ends=ends.fillna(rows["begins"]))
    content = [c for c in rows.columns if c not in ("file", "line", "begins", "patient")]
    rows = rows.sort_values(["patient", "begins", *content], kind="stable", ignore_index=True)
    last = rows.groupby("patient")["ends"].cummax().groupby(rows["patient"]).shift()
    opens = last.isna() | (rows["begins"] > last + pd.Timedelta(days=gap_days))
    return rows.assign(episode=opens.cumsum())


def _fold_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per episode: what its rows say, the first finalized evaluation before all."""
    rows = rows.assign(standing=rows["status"].map(STANDING).fillna(2))
    rows["standing"] = rows["standing"].mask(rows["evaluated_on"].notna(), 0)
    ordered = rows.sort_values(["episode", "standing", "evaluated_on", "begins"], kind="stable")
    texts = ["clinic", "source_type", "source", "sex", "diagnosis", "payer", "tag"]
    ordered[texts] = ordered[texts].mask(ordered[texts] == "")
    groups = ordered.groupby("episode")
    episodes = groups[["patient", *texts, "age"]].first()
    episodes[texts] = episodes[texts].fillna("").astype("str")
    status = groups["status"].first()
    episodes["evaluated"] = groups["evaluated_on"].min()
    for column in ("received", "created"):
        episodes[column] = groups[column].min()
    episodes["discharged"] = groups["discharged"].max()
    episodes["status"] = status.mask(episodes["evaluated"].notna(), "finalized")
    return episodes.reset_index()


def _mark_new(episodes: pd.DataFrame, definition: str) -> pd.DataFrame:
    """Episodes with ``new_patient`` and the day on which it is counted."""
    if definition == "case created":
        days = episodes["created"].fillna(episodes["received"]).fillna(episodes["evaluated"])
        new = days.notna()
    else:
        days = episodes["evaluated"]
        new = days.notna()
    if definition == "first evaluation":
        order = episodes.assign(day=days).sort_values(["patient", "day", "episode"])
        again = order.loc[order["day"].notna()].duplicated("patient")
        new &= ~again.reindex(episodes.index, fill_value=False)
    return episodes.assign(new_patient=new, counted_on=days.where(new))


def _name_partners(
    episodes: pd.DataFrame, register: Register, name_words: frozenset[str]
) -> pd.DataFrame:
    """Episodes with the partner that their source text names first, and how it was found."""
    texts = episodes["source"].mask(episodes["source"] == "", episodes["source_type"])
    when = episodes["evaluated"].fillna(episodes["received"]).fillna(episodes["created"])
    patients = episodes.groupby(texts)["patient"].nunique().to_dict()
    decided = spell_out(register.decisions, patients, name_words=name_words)
    matches = match_sources(texts, register.names, dates=when, decisions=decided)
    partners = matches.loc[matches["partnership_id"].notna()]
    first = partners.drop_duplicates("text").set_index("text")
    others = partners.loc[partners.duplicated("text")]
    also = others.groupby("text")["partnership_id"].agg(";".join)
    plain_match = matches.drop_duplicates("text").set_index("text")
    place = pd.Index(range(len(episodes)))
    found = first.reindex(place).combine_first(plain_match.reindex(place))
    kept = ("partnership_id", "label", "rule", "score", "state")
    columns = {name: found[name].to_numpy() for name in kept}
    named = also.reindex(place).fillna("").astype("str").to_numpy()
    return episodes.assign(source=texts.to_numpy(), **columns, also_named=named)
