"""Which words an unknown file has for states and kinds of visits, and what they are taken for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import pandas as pd

from partner_analysis.cleaning.exports.referrals import STATUSES, name_words
from partner_analysis.cleaning.mapping.propose import Proposal
from partner_analysis.cleaning.mapping.shapes import LONGEST_NAME, visit_kind
from partner_analysis.cleaning.plain import MISSING, plain
from partner_analysis.cleaning.sources.masking import masked_text
from partner_analysis.cleaning.sources.texts import plain_words

LABELLED: Final = ("status", "visit_type", "note_type")
MOST: Final = 25  # values shown of one column
UNKNOWN: Final = "not known"
EVALUATION: Final = "an evaluation"
KINDS_OF_VISITS: Final = frozenset({
    "pt", "ot", "st", "slp", "physical", "occupational", "speech", "hand", "pelvic", "health",
    "sports", "vestibular", "ortho", "orthopedic", "neuro", "pediatric", "adult", "new", "patient",
    "client", "first", "long", "short", "extended", "online", "virtual", "home", "wellness", "dry",
    "needling", "min", "mins", "minutes", "hour", "hours", "and", "or", "with", "for", "up",
    "follow", "visits", "note", "daily", "plan", "of", "care",
})  # fmt: skip
MEANT: Final = {"finalized": "arrived"}


@dataclass(frozen=True)
class Label:
    """A value of a column of labels, how many rows have it, and what it is taken for."""

    text: str
    rows: int
    means: str


@dataclass(frozen=True)
class Labels:
    """Values of one column, most frequent first; those that may be of patients are only counted."""

    ours: str
    shown: tuple[Label, ...]
    hidden: int
    hidden_rows: int

    @property
    def evaluations(self) -> tuple[str, ...]:
        """Values taken for initial evaluations."""
        return tuple(label.text for label in self.shown if label.means == EVALUATION)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Values that say nothing yet."""
        return tuple(label.text for label in self.shown if label.means == UNKNOWN)


def find_labels(proposal: Proposal) -> tuple[Labels, ...]:
    """Words of the columns of states and kinds of visits, with what each is taken for.

    A value is shown if it is a word known for a state or a kind of visit, or would be shown among
    the sources: many patients have it, and nothing in it is a number, a title or a patient's name.
    """
    return tuple(
        _labels_of(proposal, ours)
        for ours in LABELLED
        if ours in proposal.columns and proposal.columns[ours].contents.filled
    )


def _labels_of(proposal: Proposal, ours: str) -> Labels:
    """Words of one column."""
    texts = proposal.table.whole[proposal.columns[ours].place]
    texts = texts[[plain(text) not in MISSING for text in texts]]
    names = _words_of_names(proposal)
    patient = proposal.columns.get("patient")
    rows = texts.value_counts()
    patients = rows
    if patient is not None:
        ids = proposal.table.whole[patient.place].loc[texts.index]
        patients = ids.groupby(texts).nunique().reindex(rows.index)
    may = [
        _is_a_label(ours, str(text), patients=int(patients[text]), names=names)
        for text in rows.index
    ]
    found = [
        Label(str(text), int(number), _meaning(proposal, ours, str(text)))
        for text, number in rows[may].head(MOST).items()
    ]
    shown = sum(label.rows for label in found)
    return Labels(ours, tuple(found), len(rows) - len(found), int(rows.sum()) - shown)


def _words_of_names(proposal: Proposal) -> frozenset[str]:
    """Words of the names in every column that seems to hold a person's."""
    named = [
        column
        for column in proposal.every
        if "name" in plain(column.header) and column.contents.share("words") >= 0.8
    ]
    ours = (*LABELLED, "clinic", "treatment_clinic", "source", "source_type", "payer")
    others = {proposal.columns[name].place for name in ours if name in proposal.columns}
    named = [column for column in named if column.place not in others]
    tables = [proposal.table.whole[column.place].rename("patient_name") for column in named]
    return frozenset().union(*(name_words(pd.DataFrame(texts).assign(fate="")) for texts in tables))


def _is_a_label(ours: str, text: str, *, patients: int, names: frozenset[str]) -> bool:
    """Whether a value is clearly a label and no text about a patient."""
    if len(text) > LONGEST_NAME or not text.isprintable() or re.search(r"\d{3}", text):
        return False
    words = plain_words(text)
    if set(words.split()) & names:
        return False
    if ours == "status" and _state(text):
        return True
    without_length = re.sub(r"\b\d{1,2}(?= ?(?:m(?:in)?s?|minutes?|h|hours?)?\b)", "", words)
    if visit_kind(text) and all(_known(word) for word in without_length.split()):
        return True
    shown = masked_text(" ".join(without_length.split()), patients=patients, name_words=names)
    return shown == " ".join(without_length.split())


def _known(word: str) -> bool:
    """Whether a word is one that kinds of visits are named with."""
    return bool(visit_kind(word)) or word in KINDS_OF_VISITS


def _state(text: str) -> str:
    """A state in our words; "" where it is none that is known."""
    return STATUSES.get(" ".join(re.split(r"[\s_-]+", text.casefold())).strip(), "")


def _meaning(proposal: Proposal, ours: str, text: str) -> str:
    """What a value is taken for: by the profile found, else by its words."""
    export = proposal.recognised.profile.export if proposal.recognised else {}
    if ours == "status":
        own = {plain(theirs): state for theirs, state in export.get("statuses", {}).items()}
        state = own.get(plain(text), _state(text))
        return MEANT.get(state, state) or UNKNOWN
    told = export.get("evaluations")
    if told:
        is_one = plain(text) in {plain(str(each)) for each in told}
    else:
        is_one = visit_kind(text) == "evaluation"
    return EVALUATION if is_one else "no evaluation"
