"""Rows of a referrals export: status, age and day of evaluation, and what is wrong with them."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.cleaning.exports.counted import give_reasons
from partner_analysis.cleaning.exports.grids import DATES
from partner_analysis.cleaning.register.clinics import clinic_faults
from partner_analysis.cleaning.sources.texts import split_words
from partner_analysis.practice import Practice

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
    "sex", "diagnosis", "payer", "tag",
)  # fmt: skip
FIRST_DAY: Final = pd.Timestamp("1980-01-01")


def check_referrals(rows: pd.DataFrame, practice: Practice, clinics: pd.DataFrame) -> pd.DataFrame:
    """Referral rows with status, age and day of a finalised evaluation; faults in ``reason``.

    Parameters
    ----------
    rows
        One row per line, as ``read_rows`` gives them.
    practice
        Its definitions say on which day a patient counts.
    clinics
        From ``read_clinics``.

    Returns
    -------
    DataFrame
        The same rows with ``evaluated_on``, ``age``, ``begins``, ``newest`` (first and last day
        known) and ``counts_on``; without birth dates.
    """
    rows = _fill_columns(rows)
    words = rows["status"].str.casefold().str.replace(r"[\s_-]+", " ", regex=True).str.strip()
    rows["status"] = words.map(STATUSES).fillna("").where(words != "", "")
    finalized = rows["status"].isin(["finalized"]) | ((words == "") & rows["evaluated"].notna())
    rows["evaluated_on"] = rows["evaluated"].where(finalized)
    rows["clinic"] = rows["clinic"].mask(rows["clinic"] == "", rows["treatment_clinic"])
    rows["counts_on"] = _counting_days(rows, practice.definitions.new_patient)
    rows["first_seen"] = rows["last_seen"] = rows["counts_on"]
    rows = give_reasons(
        rows,
        {
            "no patient": rows["patient"] == "",
            "status is not known": (words != "") & (rows["status"] == ""),
            **_date_faults(rows),
            "no clinic": rows["counts_on"].notna() & (rows["clinic"] == ""),
            **clinic_faults(rows, clinics, practice, name_words=name_words(rows)),
        },
    )
    begins = rows[["received", "created", "evaluated"]].min(axis="columns")
    days = (begins - rows["birth_date"]).dt.days
    rows["age"] = (days / 365.2425).where((days >= 0) & (days < 125 * 366)) // 1
    rows["begins"] = begins
    rows["newest"] = rows[["received", "created", "evaluated_on"]].max(axis="columns")
    return rows.drop(columns=["birth_date", "first_seen", "last_seen"])


def name_words(rows: pd.DataFrame) -> frozenset[str]:
    """Words of all patients' names, so that a source text with one of them can be masked."""
    if "patient_name" not in rows:
        return frozenset()
    names = rows.loc[rows["fate"] != "totals_and_headers", "patient_name"].dropna().unique()
    return frozenset(word for name in names for word in split_words(name).words if len(word) > 1)


def _fill_columns(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with every column there is, empty where the export has none."""
    for column in TEXTS:
        if column not in rows:
            rows[column] = ""
        rows[column] = rows[column].fillna("").astype("str")
    for column in (*DATES, "birth_date"):
        if column not in rows:
            rows[column] = pd.NaT
        rows[column] = rows[column].astype("datetime64[us]")
    return rows


def _counting_days(rows: pd.DataFrame, definition: str) -> pd.Series:
    """Day on which a row would count under the practice's definition of a new patient."""
    if definition == "case created":
        return rows["created"].fillna(rows["received"]).fillna(rows["evaluated"])
    return rows["evaluated_on"]


def _date_faults(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Rows whose dates cannot be right, by reason."""
    known = rows[["received", "created", "evaluated_on"]]
    no_evaluation = (rows["status"] == "finalized") & rows["evaluated"].isna()
    undated = rows[["received", "created", "evaluated"]].isna().all(axis="columns")
    today = pd.Timestamp.now().normalize()
    return {
        "finalized, but no evaluation date": no_evaluation,
        "no date": undated,
        "in the future": (known > today).any(axis="columns"),
        "before 1980": (known < FIRST_DAY).any(axis="columns"),
    }
