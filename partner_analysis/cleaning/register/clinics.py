"""The clinics of a practice: its table of them, and rows that belong to none."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from partner_analysis.cleaning.exports.grids import plain
from partner_analysis.cleaning.register.lists import read_list, refuse_lines, split_names, type_days
from partner_analysis.cleaning.sources.texts import split_words
from partner_analysis.practice import Practice

LONGEST: Final = 60
FEWEST_ROWS: Final = 5
NO_NAME: Final = r"[\r\n]|\d{5,}"


def read_clinics(practice: Practice) -> pd.DataFrame:
    """Clinics with their other spellings and the days they opened and closed, checked.

    Returns
    -------
    DataFrame
        One row per clinic: clinic, alias (tuple of spellings), opened, closed. No rows where
        the practice has no such table.

    Raises
    ------
    DataError
        For a row without a clinic, two clinics that share a name or a spelling, dates that are
        none, and a clinic that closes before it opens.
    """
    rows, where = read_list(practice, "clinics"), practice.tables.clinics
    refuse_lines(where, rows, rows["clinic"] == "", "have no clinic", "Name it.")
    twice = rows["clinic"].map(plain).duplicated(keep=False)
    refuse_lines(where, rows, twice, "repeat a clinic", "Keep one row for each.")
    type_days(where, rows, "opened", "closed")
    wrong = rows["closed"] < rows["opened"]
    refuse_lines(where, rows, wrong, "close before they open", "Correct opened or closed.")
    rows["alias"] = pd.Series(
        [split_names(text) for text in rows["alias"]], index=rows.index, dtype=object
    )
    shared = _shares_a_spelling(rows)
    refuse_lines(
        where, rows, shared, "share a spelling with another clinic", "Give it to one of them."
    )
    return rows.drop(columns="line").reset_index(drop=True)


def clinic_names(clinics: pd.DataFrame) -> dict[str, str]:
    """Clinic by each of its spellings in small letters, from the clinics table."""
    names: dict[str, str] = {}
    for row in clinics.itertuples():
        for spelling in (row.clinic, *row.alias):
            names[plain(spelling)] = row.clinic
    return names


def clinic_faults(
    rows: pd.DataFrame,
    clinics: pd.DataFrame,
    practice: Practice,
    *,
    name_words: frozenset[str] = frozenset(),
) -> dict[str, pd.Series]:
    """Rows whose clinic cannot be right, by reason.

    Parameters
    ----------
    rows
        One row per row of an export: ``clinic``, ``first_seen`` and ``last_seen`` (the days
        between which the clinic has to have been open).
    clinics
        From ``read_clinics``. Where it has rows, it lists all clinics there are.
    name_words
        Words of the patients' names: a clinic that hardly occurs is no clinic if it has no other.
    """
    texts = rows["clinic"].map(plain)
    if clinics.empty:
        often = texts.map(texts.value_counts()) >= FEWEST_ROWS
        of_a_person = texts.map(lambda text: _has_no_other(text, name_words)).astype("bool")
        odd = looks_like_no_name(rows["clinic"]) | (of_a_person & ~often)
        return {"clinic does not look like the name of one": odd}
    names = texts.map(clinic_names(clinics))
    dates = clinics.set_index("clinic")
    opened, closed = (names.map(dates[column]) for column in ("opened", "closed"))
    table = Path(str(practice.tables.clinics)).name
    return {
        f"clinic is not in {table}": (texts != "") & names.isna(),
        "before its clinic opened": rows["last_seen"] < opened,
        "after its clinic closed": rows["first_seen"] > closed,
    }


def looks_like_no_name(texts: pd.Series) -> pd.Series:
    """Whether a text has a line break or a long number, or is too long for a name."""
    return texts.str.contains(NO_NAME) | (texts.str.len() > LONGEST)


def _has_no_other(text: str, name_words: frozenset[str]) -> bool:
    """Whether a text has words, and all of them are words of patients' names."""
    words = set(split_words(text).words)
    return bool(words) and words <= name_words


def _shares_a_spelling(clinics: pd.DataFrame) -> pd.Series:
    """Whether a clinic has a name or spelling that another one has too."""
    spellings = [
        (place, plain(spelling))
        for place, row in zip(clinics.index, clinics.itertuples(), strict=True)
        for spelling in {row.clinic, *row.alias}
    ]
    listed = pd.DataFrame(spellings, columns=["place", "spelling"]).drop_duplicates()
    shared = listed.loc[listed["spelling"].duplicated(keep=False), "place"]
    return pd.Series(clinics.index.isin(shared), index=clinics.index)
