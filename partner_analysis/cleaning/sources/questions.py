"""Questions about source texts that only the practice can answer, in its table of decisions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.cleaning.episodes.clean import clean_episodes
from partner_analysis.cleaning.exports.reading import read_exports
from partner_analysis.cleaning.register.lists import read_list
from partner_analysis.cleaning.register.register import read_register
from partner_analysis.cleaning.sources.decisions import KINDS, text_key
from partner_analysis.cleaning.sources.masking import MASKED
from partner_analysis.fields import so_many
from partner_analysis.practice import Practice, load_practice
from partner_analysis.small_tables import EMPTY_TABLES
from partner_analysis.tables import SettingsError

MOST_SHOWN: Final = 5


def ask_questions(path: str | Path) -> list[str]:
    """Sentences on the questions now in the table of decisions, and how to answer them.

    Adds a row without a meaning for each text that is not surely understood and was not asked
    about yet. Rows that are there stay as they are.

    Parameters
    ----------
    path
        The practice.toml, or its folder.

    Raises
    ------
    SettingsError
        If the practice has no table of decisions, or one that is no CSV file, or counts only.
    DataError
        As ``read_exports`` and ``read_register``.
    """
    practice = load_practice(path)
    table = _table_of(practice)
    if not table.exists():
        storage.write_text(",".join(EMPTY_TABLES["decisions"]) + "\n", table, private=True)
    register = read_register(practice)
    review = clean_episodes(read_exports(practice), practice, register).unmatched
    before = read_list(practice, "decisions")
    after = add_questions(before, review)
    new = len(after) - len(before)
    if new:
        storage.write_csv(after, table, private=True)
    return _told(new, int((after["means"] == "").sum()), review, str(table))


def _table_of(practice: Practice) -> Path:
    """The file of decisions."""
    given = practice.tables.decisions
    if not practice.has_episodes:
        raise SettingsError(
            f"{practice.path}: the exports are counts, so there is no source text to decide on. "
            "Nothing needs to be done."
        )
    if given is None:
        raise SettingsError(
            f"{practice.path}: [tables] names no decisions. Add a line such as "
            'decisions = "data/raw/my-practice/source-decisions.csv".'
        )
    if Path(given).suffix.lower() != ".csv":
        raise SettingsError(
            f"{practice.path}: decisions is {given}, to which nothing can be added. Save it as "
            ".csv and name that file."
        )
    return practice.folder / given


def _told(new: int, waiting: int, review: pd.DataFrame, table: str) -> list[str]:
    """What was asked, in sentences."""
    said = [f"{new:,} new texts to decide; {waiting:,} in {table} wait for an answer."]
    if waiting:
        said.append(
            "Write into the column means a partnership_id of the register, or one of: "
            f"{', '.join(KINDS)}. Then run again."
        )
    masked = review.loc[review["text"] == MASKED]
    if len(masked):
        places = [where for where in masked["where"] if where][:MOST_SHOWN]
        first = f" (first: {'; '.join(places)})" if places else ""
        said.append(
            f"{so_many(len(masked), 'more text', 'look personal')}, so not shown{first}. Look in "
            f"your own system, and add a row with the text to {table} for any that is a partner."
        )
    return said


def add_questions(decisions: pd.DataFrame, review: pd.DataFrame) -> pd.DataFrame:
    """Table of decisions with a row to answer for each text of the review list that is new.

    Parameters
    ----------
    decisions
        Rows of the file as they are, answered or not; they come first, as they were.
    review
        From ``list_review``. Texts that are masked throughout are left out, since an answer
        could not say which of them it means.

    Returns
    -------
    DataFrame
        One row per decision or question: text, means, from, to, decided_on, note. A question
        has no ``means``, and its note tells patients, nearest partners, and where to look.
    """
    columns = list(EMPTY_TABLES["decisions"])
    asked = set(decisions["text"].map(text_key)) if len(decisions) else set()
    rows = [
        dict.fromkeys(columns, "") | {"text": row["text"], "note": _question(row)}
        for row in review.to_dict("records")
        if row["text"] != MASKED and text_key(row["text"]) not in asked
    ]
    questions = pd.DataFrame(rows, columns=columns, dtype="str")
    return pd.concat([decisions[columns], questions], ignore_index=True).astype("str")


def _question(row: Mapping[str, Any]) -> str:
    """Patients, nearest partners, and where to look, in one line."""
    nearest = [row[f"{place}_candidate"] for place in ("first", "second", "third")]
    near = ", ".join(filter(None, nearest))
    number = int(row["patients"])
    said = [f"{number:,} patient{'s' if number > 1 else ''}"]
    said += [f"perhaps {near}"] if near else []
    said += [f"first in {row['where']}"] if row["where"] else []
    return "; ".join(said)
