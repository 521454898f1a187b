"""What a row of an unknown file stands for, and why it seems so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from partner_analysis.cleaning.mapping.choose import Column, choose, perhaps, surely

SEVERAL: Final = 3


def find_kind(columns: Sequence[Column], *, contacts: int = 0) -> tuple[str, str]:
    """Kind of export and its reason; two empty texts where nothing tells.

    Without a patient: counts if a clinic, a period and a count are named, tallies if sources and
    a count are. With one: two numbers of a patient are a list of merged ones; a day of a visit or
    a procedure means visits; an evaluation or a referral means referrals, also beside a visit day
    unless patients have several rows each; a day of creation does where cases or clinics are
    named too. All others are lists of patients, and so is one with several columns of ``contacts``
    (telephones, addresses) beside each patient's one row, where no clinic is named.
    """
    if not perhaps("patient", columns):
        return _without_a_patient(columns)
    if surely("merged_into", columns):
        return "patients", "each row holds two numbers of one patient"
    visited = surely("visited", columns) or surely("procedure", columns)
    referred = next((ours for ours in ("evaluated", "received") if surely(ours, columns)), "")
    each = rows_per_patient(columns)
    if contacts >= SEVERAL and each < 1.2 and not surely("clinic", columns):
        return "patients", "each patient has one row with addresses or telephones, and no clinic"
    if visited and (not referred or each >= 2.5):
        return "visits", f"a column names the day of a visit; {each:.1f} rows per patient"
    if referred:
        return "referrals", f"a column names the day a patient was {referred}"
    return _less_surely(columns, each)


def _less_surely(columns: Sequence[Column], each: float) -> tuple[str, str]:
    """Kind of a file of patients in which no column surely names a visit or a referral."""
    if perhaps("created", columns) and surely("case", columns):
        return "referrals", "columns name a case and the day it was made"
    if surely("created", columns) and surely("clinic", columns):
        return "referrals", "columns name the day of creation and a clinic"
    if perhaps("visited", columns) and each > 1.2:
        return "visits", f"there is a day, and {each:.1f} rows per patient"
    if perhaps("visited", columns) and perhaps("clinic", columns):
        return "referrals", "there is a day and a clinic, and each patient has one row"
    return "patients", "each patient has one row, and no column names a visit or a referral"


def rows_per_patient(columns: Sequence[Column]) -> float:
    """Filled cells for each different number in the column that is most likely the patient's."""
    chosen = choose(columns, ["patient"])
    return chosen[0].column.contents.each if chosen else 0.0


def _without_a_patient(columns: Sequence[Column]) -> tuple[str, str]:
    """Kind of export of a file in which no column is a patient's number."""
    has_period = perhaps("date", columns) and perhaps("unit", columns)
    if has_period and perhaps("count", columns):
        return "counts", "a clinic, a period and a count are named, and no patient"
    if perhaps("source", columns) and (perhaps("patients", columns) or perhaps("cases", columns)):
        return "tallies", "sources and a count are named, and no patient"
    if surely("evaluated", columns) or surely("received", columns):
        return "referrals", "a column names the day of a referral or an evaluation"
    if surely("visited", columns):
        return "visits", "a column names the day of a visit"
    return "", ""
