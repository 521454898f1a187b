"""The clinics of a practice: its table of them, and rows that belong to none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from zoneinfo import available_timezones

import pandas as pd

from partner_analysis.cleaning.distinct import on_distinct
from partner_analysis.cleaning.plain import plain
from partner_analysis.cleaning.register.lists import read_list, refuse_lines, split_names, type_days
from partner_analysis.cleaning.sources.texts import split_words
from partner_analysis.practice import Practice

LONGEST: Final = 60
FEWEST_ROWS: Final = 5
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NO_NAME: Final = r"[\r\n]|\d{5,}"


def read_clinics(practice: Practice) -> pd.DataFrame:
    """Clinics with their other spellings and the days they opened and closed, checked.

    Returns
    -------
    DataFrame
        One row per clinic: clinic, alias (tuple of spellings), opened, closed, open_days (tuple
        of weekdays, 0 = Monday; empty = every day), merged_into ("" or a clinic of the table),
        time_zone. No rows where the practice has no such table.

    Raises
    ------
    DataError
        For a row without a clinic, two clinics that share a name or a spelling, dates that are
        none, a clinic that closes before it opens, weekdays and time zones that are none, and a
        clinic merged into one that is not listed or is merged itself.
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
    rows["open_days"] = _weekdays(where, rows)
    _refuse_mergers(where, rows)
    strange = (rows["time_zone"] != "") & ~rows["time_zone"].isin(available_timezones())
    cure = "Write one such as America/New_York, or nothing for that of the practice."
    refuse_lines(where, rows, strange, "have a time_zone that is not known", cure)
    return rows.drop(columns="line").reset_index(drop=True)


def _weekdays(where: str | None, rows: pd.DataFrame) -> pd.Series:
    """Weekdays on which each clinic is open; empty = every day."""
    listed = [tuple(plain(day)[:3] for day in split_names(text)) for text in rows["open_days"]]
    wrong = pd.Series([not set(days) <= set(WEEKDAYS) for days in listed], index=rows.index)
    cure = "Write days such as mon;tue;wed;thu;fri."
    refuse_lines(where, rows, wrong, "have open_days that are no weekdays", cure)
    numbers = [tuple(sorted({WEEKDAYS.index(day) for day in days})) for days in listed]
    return pd.Series(numbers, index=rows.index, dtype=object)


def _refuse_mergers(where: str | None, rows: pd.DataFrame) -> None:
    """Refuse a clinic merged into one that is not in the table, or that was merged as well."""
    stays = set(rows.loc[rows["merged_into"] == "", "clinic"].map(plain))
    wrong = (rows["merged_into"] != "") & ~rows["merged_into"].map(plain).isin(stays)
    cure = "Name the clinic that stays as the table does."
    refuse_lines(where, rows, wrong, "are merged into a clinic that does not stay", cure)


def clinic_names(clinics: pd.DataFrame) -> dict[str, str]:
    """Clinic by each of its spellings in small letters, from the clinics table.

    A clinic that was merged into another counts as that one from the beginning, so that the
    merger makes no jump.
    """
    listed = {plain(clinic): clinic for clinic in clinics["clinic"]}
    names: dict[str, str] = {}
    for row in clinics.itertuples():
        stays = listed[plain(row.merged_into)] if row.merged_into else row.clinic
        for spelling in (row.clinic, *row.alias):
            names[plain(spelling)] = stays
    return names


def own_names(clinics: pd.DataFrame) -> dict[str, str]:
    """Clinic of the table by each of its spellings, merged or not."""
    return {
        plain(spelling): row.clinic
        for row in clinics.itertuples()
        for spelling in (row.clinic, *row.alias)
    }


def clinic_faults(
    rows: pd.DataFrame,
    clinics: pd.DataFrame,
    practice: Practice,
    *,
    name_words: frozenset[str] = frozenset(),
    often: pd.Series | None = None,
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
    often
        Rows by name of the clinic in small letters; default: those of ``rows``.
    """
    texts = on_distinct(rows["clinic"], plain)
    if clinics.empty:
        counted = texts.value_counts() if often is None else often
        is_frequent = texts.map(counted) >= FEWEST_ROWS
        of_a_person = on_distinct(
            texts, lambda text: _names_a_patient(text, name_words), dtype="bool"
        )
        odd = looks_like_no_name(rows["clinic"]) | (of_a_person & ~is_frequent)
        return {"clinic does not look like the name of one": odd}
    places = {clinic: place for place, clinic in enumerate(clinics["clinic"])}
    known = own_names(clinics)
    place = on_distinct(texts, lambda text: places.get(known.get(text, ""), -1), dtype="int64")
    dates = clinics[["opened", "closed"]].reindex([*range(len(clinics)), -1])
    opened, closed = (dates[column].iloc[place.to_numpy()].set_axis(rows.index) for column in dates)
    table = Path(str(practice.tables.clinics)).name
    return {
        f"clinic is not in {table}": (texts != "") & (place < 0),
        "before its clinic opened": rows["last_seen"] < opened,
        "after its clinic closed": rows["first_seen"] > closed,
    }


def looks_like_no_name(texts: pd.Series) -> pd.Series:
    """Whether a text has a line break or a long number, or is too long for a name."""
    pattern = re.compile(NO_NAME)
    return on_distinct(
        texts, lambda text: bool(pattern.search(text)) or len(text) > LONGEST, dtype="bool"
    )


def _names_a_patient(text: str, name_words: frozenset[str]) -> bool:
    """Whether a word of a patient's name stands in a text."""
    words = set(split_words(text).words)
    return bool(words & name_words)


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
