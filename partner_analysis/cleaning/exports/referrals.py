"""Rows of referrals and visits: state, age and day of evaluation, and what is wrong with them."""

from __future__ import annotations

from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from partner_analysis.cleaning.distinct import on_distinct
from partner_analysis.cleaning.exports.counted import give_reasons
from partner_analysis.cleaning.exports.measures import MEASURES
from partner_analysis.cleaning.register.clinics import clinic_faults
from partner_analysis.cleaning.sources.texts import split_words
from partner_analysis.practice import Definitions, Practice

STATUSES: Final[dict[str, str]] = {
    "finalized": "finalized", "finalised": "finalized", "final": "finalized",
    "arrived": "finalized", "completed": "finalized", "complete": "finalized",
    "checked in": "finalized", "checked out": "finalized", "attended": "finalized",
    "kept": "finalized", "first visit": "finalized", "seen": "finalized",
    "scheduled": "scheduled", "booked": "scheduled", "booked online": "scheduled",
    "pending": "scheduled", "confirmed": "scheduled", "active": "scheduled",
    "not scheduled": "scheduled", "never booked": "scheduled", "unfinalized": "scheduled",
    "not finalized": "scheduled", "draft": "scheduled", "open": "scheduled",
    "cancelled": "cancelled", "canceled": "cancelled", "cancel": "cancelled",
    "late cancel": "cancelled", "rescheduled": "cancelled", "archived": "cancelled",
    "no show": "no show", "noshow": "no show", "did not arrive": "no show", "dna": "no show",
    "missed": "no show",
}  # fmt: skip
TEXTS: Final = (
    "patient", "case", "status", "clinic", "treatment_clinic", "source_type", "source",
    "source_note", "sex", "zip", "diagnosis", "region", "payer", "tag", "visit_type",
)  # fmt: skip
DATES: Final = ("received", "created", "evaluated", "discharged", "visit", "finalized")
KNOWN: Final = ("received", "created", "evaluated_on", "free_on", "visited_on")
NOTED: Final = ("", "finalized", "finalised", "final")
FIRST_DAY: Final = pd.Timestamp("1980-01-01")
DAYS_A_YEAR: Final = 365.2425


def find_faults(
    rows: pd.DataFrame,
    practice: Practice,
    clinics: pd.DataFrame,
    *,
    names: frozenset[str] = frozenset(),
    often: pd.Series | None = None,
) -> pd.DataFrame:
    """Rows with their state and the days on which something took place; faults in ``reason``.

    Parameters
    ----------
    rows
        One row per line, as ``read_rows`` and ``as_evaluations`` give them.
    practice
        Its definitions say on which day a patient counts.
    clinics
        From ``read_clinics``.
    names
        Words of the patients' names.
    often
        Rows by name of the clinic in small letters, where these rows are only a part.

    Returns
    -------
    DataFrame
        The same rows with ``by_note`` (whether only a finalised note says that it took place),
        ``evaluated_on`` (of a finalised evaluation), ``free_on`` (of one without a charge),
        ``visited_on`` (of a visit with one), ``arrived_on`` (the same in a list of visits) and
        ``counts_on``.
    """
    dated = rows["kind"] != "patients"
    words = on_distinct(rows["status"], _plain_status)
    rows["status"] = on_distinct(words, lambda word: STATUSES.get(word, ""))
    rows["by_note"] = _by_note(rows, words)
    over = rows["evaluated"] <= pd.Timestamp.now().normalize()
    took_place = (rows["status"] == "finalized") | ((words == "") & over)
    free = rows["free"].fillna(False).astype("bool")
    rows["evaluated_on"] = rows["evaluated"].where(took_place & ~free)
    rows["free_on"] = rows["evaluated"].where(took_place & free)
    rows["visited_on"] = rows["visit"].fillna(rows["evaluated"]).where(took_place & ~free)
    rows["arrived_on"] = rows["visited_on"].where(rows["kind"] == "visits")
    rows["clinic"] = rows["clinic"].mask(rows["clinic"] == "", rows["treatment_clinic"])
    rows["counts_on"] = _counting_days(rows, practice.definitions)
    rows["first_seen"] = rows["last_seen"] = rows["counts_on"]
    faults = {
        "no patient": rows["patient"] == "",
        "deleted in the system": rows["deleted"].fillna(False).astype("bool"),
        "status is not known": (words != "") & (rows["status"] == ""),
        **_date_faults(rows),
        "no clinic": rows["counts_on"].notna() & (rows["clinic"] == ""),
        **clinic_faults(rows, clinics, practice, name_words=names, often=often),
    }
    listed = ("no patient", "deleted in the system")
    faults = {said: wrong & (dated | (said in listed)) for said, wrong in faults.items()}
    return give_reasons(rows, faults)


def _by_note(rows: pd.DataFrame, words: pd.Series) -> pd.Series:
    """Whether it is known from a note alone that something took place; of visits as they say."""
    of_list = rows["finalized"].notna() & words.isin(NOTED)
    if "by_note" not in rows:
        return of_list
    return rows["by_note"].astype("boolean").fillna(of_list).astype("bool")


def settle_days(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with ``age``, ``begins`` and ``newest`` (first and last day known), no birth dates."""
    begins = rows[["received", "created", "evaluated", "visit"]].min(axis="columns")
    rows = rows.assign(age=_ages(rows, begins), begins=begins)
    rows["newest"] = rows[list(KNOWN)].max(axis="columns")
    return rows.drop(columns=["birth_date", "first_seen", "last_seen", "deleted", "visit", "free"])


def fill_columns(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with every column there is, empty where the export has none."""
    for column in TEXTS:
        given = rows[column] if column in rows else pd.Series("", index=rows.index)
        rows[column] = given.fillna("").astype("str")
    for column in (*DATES, "birth_date"):
        given = rows[column] if column in rows else pd.Series(pd.NaT, index=rows.index)
        rows[column] = given.astype("datetime64[us]")
    for column in MEASURES:
        if column not in rows:
            rows[column] = float("nan")
    for column in ("deleted", "free"):
        if column not in rows:
            rows[column] = False
    return rows


def name_words(rows: pd.DataFrame) -> frozenset[str]:
    """Words of all patients' names, so that a source text with one of them can be masked."""
    if "patient_name" not in rows:
        return frozenset()
    names = rows.loc[rows["fate"] != "totals_and_headers", "patient_name"].dropna()
    different = pa.array(names.unique())  # most names stand in many rows of visits
    split = pc.split_pattern_regex(pc.utf8_lower(different), r"[^\p{L}\p{N}'\x{2019}]+")
    tokens = pc.unique(pc.list_flatten(split)).to_pylist()
    return frozenset(word for token in tokens for word in split_words(token).words if len(word) > 1)


def state_of(text: str) -> str:
    """A state in our words; "" where it is none that is known."""
    return STATUSES.get(_plain_status(text), "")


def _plain_status(text: str) -> str:
    """A state in small letters with single spaces."""
    return " ".join(text.replace("_", " ").replace("-", " ").split()).casefold()


def _ages(rows: pd.DataFrame, begins: pd.Series) -> pd.Series:
    """Age in years on the first day known, from the birth date, else as the export says."""
    days = (begins - rows["birth_date"]).dt.days
    born = (days / DAYS_A_YEAR).where((days >= 0) & (days < 125 * 366)) // 1
    if "age" not in rows:
        return born
    told = pd.to_numeric(rows["age"].astype("str"), errors="coerce").astype("float64")
    return born.fillna(told.where(told.between(0, 125)) // 1)


def _counting_days(rows: pd.DataFrame, definitions: Definitions) -> pd.Series:
    """Day on which a row would count under the practice's definition of a new patient."""
    if definitions.new_patient == "case created":
        return rows["created"].fillna(rows["received"]).fillna(rows["evaluated"])
    visit = definitions.new_patient == "first visit"
    days = rows["visited_on" if visit else "evaluated_on"]
    return days.fillna(rows["free_on"]) if definitions.count_no_charge else days


def _date_faults(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Rows whose dates cannot be right, by reason."""
    no_evaluation = (
        (rows["status"] == "finalized") & rows["evaluated"].isna() & rows["visit"].isna()
    )
    undated = rows["received"].isna() & rows["created"].isna()
    undated &= rows["evaluated"].isna() & rows["visit"].isna()
    today = pd.Timestamp.now().normalize()
    late, early = (pd.Series(False, index=rows.index) for _ in range(2))
    for column in KNOWN:
        late |= rows[column] > today
        early |= rows[column] < FIRST_DAY
    return {
        "finalized, but no evaluation date": no_evaluation,
        "no date": undated,
        "in the future": late,
        "before 1980": early,
    }
