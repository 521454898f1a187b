"""What the practice decided about single source texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from partner_analysis.cleaning.register.lists import read_list, refuse_lines, type_days
from partner_analysis.cleaning.sources.masking import ELLIPSIS, MASKED, is_telling, shown_forms
from partner_analysis.cleaning.sources.texts import LABELS, plain_words
from partner_analysis.practice import Practice
from partner_analysis.tables import DataError, some_rows

NOBODY: Final = "nobody"
KINDS: Final = (*LABELS, NOBODY)
MOST_IDS: Final = 8  # of partners, in one sentence
FIRST_DAY: Final = pd.Timestamp("1800-01-01")
LAST_DAY: Final = pd.Timestamp("2250-12-31")


@dataclass(frozen=True, slots=True)
class Decision:
    """What one text means, between two days; ``masked`` if it was decided as masked."""

    means: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    masked: bool

    def holds(self, day: Any) -> bool:
        """Whether it holds on a day; an unknown day says nothing against it."""
        if day is None or pd.isna(day):
            return True
        begun = self.start is None or day >= self.start
        return begun and (self.end is None or day <= self.end)


def read_decisions(practice: Practice, ids: set[str]) -> pd.DataFrame:
    """The practice's table of decisions, checked.

    Parameters
    ----------
    ids
        All partnerships of the register.

    Returns
    -------
    DataFrame
        One row per line: ``text``, ``means`` ("" = not answered yet), ``from``, ``to``,
        ``decided_on``, ``note``, ``line``. No rows where the practice has no such table.

    Raises
    ------
    DataError
        With lines and the cure: for a row without a text, a meaning that is no partnership and
        no kind of source, a masked text that may stand for many, dates that are none, and one
        text that was decided in two ways.
    """
    return check_decisions(read_list(practice, "decisions"), ids, practice.tables.decisions)


def check_decisions(rows: pd.DataFrame, ids: set[str], where: str | None) -> pd.DataFrame:
    """Rows of a table of decisions with typed days; what cannot be used is refused.

    Raises
    ------
    DataError
        As ``read_decisions``.
    """
    rows = rows.copy()
    means = rows["means"].str.split().str.join(" ")
    kinds = means.str.casefold()
    rows["means"] = means.where(means.isin(ids) | ~kinds.isin(KINDS), kinds)
    answered = rows["means"] != ""
    refuse_lines(where, rows, rows["text"] == "", "have no text", "Write it, or delete the row.")
    known = ids | set(KINDS)
    listed = sorted(ids)
    more = f" and {len(listed) - MOST_IDS} more" if len(listed) > MOST_IDS else ""
    some = f" ({', '.join(listed[:MOST_IDS])}{more})" if listed else ""
    cure = f"Write a partnership_id of the register{some}, or one of: {', '.join(KINDS)}."
    unknown = answered & ~rows["means"].isin(known)
    refuse_lines(where, rows, unknown, "mean something that is not known", cure)
    veiled = answered & rows["text"].map(_stands_for_many).astype("bool")
    veiled &= rows["means"].isin(ids) | (rows["text"] == MASKED)
    cure = "Write the text as it stands in the export: its file and line are in the note."
    refuse_lines(where, rows, veiled, "decide a masked text that may stand for many", cure)
    type_days(where, rows, "from", "to")
    backwards = rows["to"] < rows["from"]
    refuse_lines(where, rows, backwards, "end before they start", "Correct from or to.")
    _refuse_contradictions(rows.loc[answered], where)
    return rows


def _stands_for_many(text: str) -> bool:
    """Whether a masked text has no word left that tells one organisation."""
    return text == MASKED or (ELLIPSIS in text and not is_telling(text))


def _refuse_contradictions(rows: pd.DataFrame, where: str | None) -> None:
    """Refuse one text that means two things on one day."""
    spans = rows.assign(
        key=rows["text"].map(text_key),
        start=rows["from"].fillna(FIRST_DAY),
        end=rows["to"].fillna(LAST_DAY),
    )
    for _, same in spans.sort_values(["key", "start"], kind="stable").groupby("key"):
        for place in range(1, len(same)):
            one, before = same.iloc[place], same.iloc[:place]
            other = before.loc[(before["end"] >= one["start"]) & (before["means"] != one["means"])]
            if len(other):
                lines = some_rows(sorted({*other["line"], one["line"]})).replace("row", "line", 1)
                raise DataError(
                    f"{where}: one text is decided in two ways ({lines}). Keep one of them, or "
                    "give each its own from and to."
                )


def text_key(text: str) -> str:
    """Text by which decisions are compared: a masked one as shown, others as plain words."""
    return " ".join(text.split()) if _is_masked(text) else plain_words(text)


def _is_masked(text: str) -> bool:
    """Whether a text is shown in part only."""
    return ELLIPSIS in text or text == MASKED


# ------------------------------------------------------------------ which texts they concern
def spell_out(
    decisions: pd.DataFrame | None,
    patients: Mapping[str, int],
    *,
    name_words: frozenset[str] = frozenset(),
) -> dict[str, list[Decision]]:
    """Decisions by the plain words of each text that they concern.

    Parameters
    ----------
    decisions
        One row per decision with ``text`` and ``means``; rows without a meaning are skipped.
    patients
        How many patients have each text, as typed: from this follows what was shown of it.
    name_words
        Words of the patients' names.
    """
    found: dict[str, list[Decision]] = {}
    veiled: dict[str, list[Decision]] = {}
    for text, decision in _decisions(decisions):
        into = veiled if decision.masked else found
        into.setdefault(text_key(text), []).append(decision)
    if not veiled:
        return found
    often: dict[str, int] = {}
    for typed, number in patients.items():
        words = plain_words(typed)
        often[words] = often.get(words, 0) + number
    for words, number in often.items():
        forms = shown_forms(words, patients=number, name_words=name_words)
        shown = next((form for form in forms if form in veiled), None)
        if shown is not None:
            found[words] = [*found.get(words, []), *veiled[shown]]
    return found


def _decisions(table: pd.DataFrame | None) -> Iterator[tuple[str, Decision]]:
    """Text and decision of each answered row."""
    if table is None:
        return
    for row in table.to_dict("records"):
        if row["means"]:
            start, end = (_day(row.get(name)) for name in ("from", "to"))
            text = str(row["text"])
            yield text, Decision(str(row["means"]), start, end, _is_masked(text))


def _day(value: Any) -> pd.Timestamp | None:
    """A day, or nothing where it is open."""
    return None if value is None or value == "" or pd.isna(value) else pd.Timestamp(value)
