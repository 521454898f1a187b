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


def zero_led_lengths(ids: pd.Series) -> frozenset[int]:
    """Lengths of the patient numbers with leading zeros."""
    led = ids[ids.str.startswith("0") & ids.str.isdecimal()]
    return frozenset(led.str.len().astype("int64"))


def pad_ids(rows: pd.DataFrame, lengths: frozenset[int]) -> pd.DataFrame:
    """Rows whose patient numbers have the leading zeros that a spreadsheet took from some.

    Only where all numbers with leading zeros have one length, and the padded number is among
    them: then it is the same patient. ``lengths`` are those of all rows of the practice.
    """
    if len(lengths) != 1:
        return rows
    ids, (size,) = rows["patient"], lengths
    known = set(ids[ids.str.startswith("0") & ids.str.isdecimal()])
    columns = [c for c in ("patient", "merged_into") if c in rows]
    return rows.assign(**{c: _padded(rows[c].fillna(""), known, size) for c in columns})


def _padded(ids: pd.Series, known: set[str], size: int) -> pd.Series:
    """Numbers, with leading zeros where a number with them is known."""
    short = ids.str.isdecimal() & (ids.str.len() < size) & (ids != "")
    padded = ids.where(short, "").str.zfill(size)
    return ids.mask(short & padded.isin(known), padded)


def join_merged(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows under one number, wherever a list says that patients were merged.

    All that are linked are one patient, be it by a chain, in a circle, or twice with others.
    Few practices have such a list, so that scipy is loaded here only.
    """
    if "merged_into" not in rows:
        return rows
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    told = rows.loc[(rows["fate"] == "") & (rows["merged_into"].fillna("") != "")]
    if told.empty:
        return rows.drop(columns="merged_into")
    number, ids = pd.factorize(pd.concat([told["patient"], told["merged_into"]]))
    links = (np.ones(len(told)), (number[: len(told)], number[len(told) :]))
    _, groups = connected_components(coo_array(links, shape=(len(ids), len(ids))), directed=False)
    first = pd.Series(ids).groupby(groups).min()
    stays = pd.Series(first.loc[groups].to_numpy(), index=ids)
    changed = rows["patient"].isin(stays.index)
    one = rows["patient"].mask(changed, rows["patient"].map(stays).astype("str"))
    return rows.assign(patient=one).drop(columns="merged_into")


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
    dated = ~listed & (rows["fate"] == "") & (rows["reason"] == "")
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
    some = ~listed & (rows["fate"] == "")
    met = rows["patient"].isin(set(rows.loc[some, "patient"]))
    return rows.assign(reason=rows["reason"].mask(good & ~met, UNSEEN))


def number_patients(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose patients have a number within this run in place of the practice's own.

    ``NOBODY`` where there is none. The practice's numbers end here.
    """
    number, own = pd.factorize(rows["patient"])
    blank = np.flatnonzero(own == "")
    number[np.isin(number, blank)] = NOBODY
    return rows.assign(patient=number.astype("int64"))


def people_of(rows: pd.DataFrame) -> tuple[int, np.ndarray]:
    """How many patient numbers have a name and birth date, and a mark of each such person.

    Two numbers of one person are most likely held twice by the system. Rows without a name or a
    birth date say nothing. A person with two numbers counts twice in the first.
    """
    if "patient_name" not in rows:
        return 0, np.empty(0, dtype="uint64")
    known = (rows["fate"] == "") & rows["birth_date"].notna() & (rows["patient"] != NOBODY)
    known &= rows["patient_name"].fillna("") != ""
    told = rows.loc[known, ["patient", "patient_name", "birth_date"]]
    name, names = pd.factorize(told["patient_name"])
    birth = told["birth_date"].to_numpy("datetime64[D]").astype("uint64")
    marks = pd.util.hash_array(names.to_numpy(dtype=object), categorize=False)
    person, people = pd.factorize(marks[name] ^ (birth * np.uint64(0x9E3779B97F4A7C15)))
    numbers = count_distinct(person, told["patient"].to_numpy(), size=len(people))
    return int(numbers.sum()), people


def _is_empty(column: pd.Series) -> pd.Series:
    """Whether a cell says nothing."""
    return column.isna() | (column == "") if column.dtype == "str" else column.isna()


def _one_per_patient(listed: pd.DataFrame) -> pd.DataFrame:
    """Per patient, of each column one thing said, whatever the order of the rows."""
    columns = [c for c in (*FACTS, *SOURCES, "birth_date") if c in listed]
    told = listed[["patient", *columns]].replace("", None).sort_values(columns, kind="stable")
    return told.groupby("patient").last()


def _order(rows: pd.DataFrame) -> pd.Series:
    """First day known of a row."""
    days = [c for c in ("received", "created", "evaluated", "visit") if c in rows]
    return rows[days].min(axis="columns")
