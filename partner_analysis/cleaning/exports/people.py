"""What lists of patients say: which numbers are one patient, and facts that visits lack."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.cleaning.distinct import count_distinct

FACTS: Final = ("patient_name", "sex", "zip", "payer", "tag", "diagnosis", "region")
SOURCES: Final = ("source_type", "source", "source_note")
NOBODY: Final = -1
UNSEEN: Final = "no referral or visit of this patient"


def pad_ids(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose patient numbers have the leading zeros that a spreadsheet took from some.

    Only where all numbers with leading zeros have one length, and the padded number is among
    them: then it is the same patient.
    """
    ids = rows["patient"]
    led = ids[ids.str.startswith("0") & ids.str.isdecimal()]
    lengths = led.str.len().unique()
    if len(lengths) != 1:
        return rows
    short = ids.str.isdecimal() & (ids.str.len() < int(lengths[0])) & (ids != "")
    padded = ids.where(short, "").str.zfill(int(lengths[0]))
    same = short & padded.isin(set(led))
    return rows.assign(patient=ids.mask(same, padded))


def join_merged(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows under the number that stays, wherever a list says that two patients were merged.

    Chains are followed to their end; numbers that lead in a circle are one patient too.
    """
    if "merged_into" not in rows:
        return rows
    listed = rows.loc[(rows["fate"] == "") & (rows["merged_into"].fillna("") != "")]
    into = dict(zip(listed["patient"], listed["merged_into"], strict=True))
    stays = {patient: _end_of(patient, into) for patient in into}
    changed = rows["patient"].isin(set(stays))
    ids = rows["patient"].mask(changed, rows["patient"].map(stays).astype("str"))
    return rows.assign(patient=ids).drop(columns="merged_into")


def _end_of(patient: str, into: dict[str, str]) -> str:
    """Number at the end of a chain; of a circle the smallest."""
    seen = [patient]
    while seen[-1] in into:
        following = into[seen[-1]]
        if following in seen:
            return min(seen[seen.index(following) :])
        seen.append(following)
    return seen[-1]


def spread_facts(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of referrals and visits, with what lists of patients know where they say nothing.

    A list names one source per patient: it stands for the first of the patient's rows only, so
    that nobody is credited with a later return. Rows of a list stay as rows, to be accounted
    for; those whose patient has no other row get a reason.
    """
    if not (rows["kind"] == "patients").any():
        return rows
    listed = rows["kind"] == "patients"
    good = listed & (rows["fate"] == "") & (rows["reason"] == "")
    dated = ~listed & (rows["fate"] == "")
    facts = _one_per_patient(rows.loc[good])
    if facts.empty:
        return rows
    place = pd.Series(facts.index.get_indexer(rows["patient"]), index=rows.index).where(dated, -1)
    first = dated & (
        _order(rows) == _order(rows).where(dated).groupby(rows["patient"]).transform("min")
    )
    for column in (*FACTS, *SOURCES, "birth_date"):
        if column not in facts or column not in rows:
            continue
        open_rows = (place >= 0) & _is_empty(rows[column])
        open_rows &= first if column in SOURCES else True
        known = facts[column].take(np.maximum(place.to_numpy(), 0)).set_axis(rows.index)
        rows[column] = rows[column].mask(open_rows & known.notna(), known)
    met = rows["patient"].isin(set(rows.loc[dated, "patient"]))
    return rows.assign(reason=rows["reason"].mask(good & ~met, UNSEEN))


def number_patients(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose patients have a number within this run in place of the practice's own.

    ``NOBODY`` where there is none. The practice's numbers end here.
    """
    number, own = pd.factorize(rows["patient"])
    blank = np.flatnonzero(own == "")
    number[np.isin(number, blank)] = NOBODY
    return rows.assign(patient=number.astype("int64"))


def count_alike(rows: pd.DataFrame) -> int:
    """How many patient numbers share name and birth date with one before them.

    Such two are most likely one person whom the system holds twice. Rows without a name or a
    birth date say nothing.
    """
    if "patient_name" not in rows:
        return 0
    known = (rows["fate"] == "") & rows["birth_date"].notna() & (rows["patient"] != NOBODY)
    known &= rows["patient_name"].fillna("") != ""
    told = rows.loc[known, ["patient", "patient_name", "birth_date"]]
    name, names = pd.factorize(told["patient_name"])
    birth = pd.factorize(told["birth_date"])[0].astype("int64")
    person, people = pd.factorize(birth * max(len(names), 1) + name)
    numbers = count_distinct(person, told["patient"].to_numpy(), size=len(people))
    return int((numbers - 1).sum())


def _is_empty(column: pd.Series) -> pd.Series:
    """Whether a cell says nothing."""
    return column.isna() | (column == "") if column.dtype == "str" else column.isna()


def _one_per_patient(listed: pd.DataFrame) -> pd.DataFrame:
    """Per patient, of each column the last thing said."""
    columns = [c for c in (*FACTS, *SOURCES, "birth_date") if c in listed]
    told = listed[["patient", *columns]].replace("", None)
    return told.groupby("patient").last()


def _order(rows: pd.DataFrame) -> pd.Series:
    """First day known of a row."""
    days = [c for c in ("received", "created", "evaluated", "visit") if c in rows]
    return rows[days].min(axis="columns")
