"""Possible partners of the practice, checked at the file door."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.cleaning.plain import plain
from partner_analysis.cleaning.register.clinics import clinic_names
from partner_analysis.cleaning.register.lists import read_list, refuse_lines, split_names
from partner_analysis.cleaning.register.partnerships import PROVIDER
from partner_analysis.practice import Practice
from partner_analysis.tables import PARTNERSHIP_ID

SCORES: Final = ("values", "trust", "complementary", "reach", "willingness")
MOST: Final = 5.0


def read_candidates(practice: Practice, clinics: pd.DataFrame) -> pd.DataFrame:
    """Possible partners with what is known of them, checked.

    Parameters
    ----------
    practice
        Its settings; ``tables.candidates`` says where the table is.
    clinics
        One row per clinic, whose aliases are turned into its name.

    Returns
    -------
    DataFrame
        One row per candidate: candidate_id, name, kind, personas and clinics (tuples; empty =
        all), values, trust, complementary, reach, willingness (0 to 5; NaN = not known), benefit,
        we_give, they_give, shared_goals (texts), provider. No rows where there is no such table.

    Raises
    ------
    DataError
        For an id that could not name a page or is repeated, a missing name, and a score that is
        not 0 to 5.
    """
    rows, where = read_list(practice, "candidates"), practice.tables.candidates
    odd = ~rows["candidate_id"].str.fullmatch(PARTNERSHIP_ID.pattern)
    cure = "Use small letters, digits and hyphens, such as bay-cyclery."
    refuse_lines(where, rows, odd, "have a candidate_id that cannot name a page", cure)
    twice = rows["candidate_id"].duplicated(keep=False)
    refuse_lines(where, rows, twice, "repeat a candidate_id", "Rename one.")
    refuse_lines(where, rows, rows["name"] == "", "have no name", "Name the candidate.")
    for column in SCORES:
        scores = pd.to_numeric(rows[column], errors="coerce").astype("float64")
        wrong = (rows[column] != "") & ~scores.between(0, MOST)
        cure = "Write a number from 0 to 5, and nothing where it is not known."
        refuse_lines(where, rows, wrong, f"have a {column} that is no score", cure)
        rows[column] = scores
    known = clinic_names(clinics)
    for column in ("personas", "clinics"):
        names = [split_names(text) for text in rows[column]]
        if column == "clinics":
            names = [tuple(known.get(plain(name), name) for name in each) for each in names]
        rows[column] = pd.Series(names, index=rows.index, dtype=object)
    word = rows["provider"].str.casefold()
    wrong = (word != "") & ~word.isin(PROVIDER)
    refuse_lines(where, rows, wrong, "have a provider that is neither yes nor no", "Write one.")
    rows["provider"] = pd.Series(
        [PROVIDER.get(w, True) for w in word], index=rows.index, dtype=bool
    )
    return rows.drop(columns="line").reset_index(drop=True)
