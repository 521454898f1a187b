"""What one source text names as rows of the table of matches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from partner_analysis.cleaning.sources.aliases import Partners
from partner_analysis.cleaning.sources.choosing import Found
from partner_analysis.cleaning.sources.decisions import Decision
from partner_analysis.cleaning.sources.forms import Candidate
from partner_analysis.cleaning.sources.texts import LINKS, Words, split_words

_BRANCH: Final = re.compile(r"#\s?\d{1,2}\b")
_PLACE: Final = re.compile(r"(?:\s[-\u2013\u2014]\s|\()\s*([A-Za-z]+(?: [A-Za-z]+)?)\s*(?:\)|$)")


class Row(NamedTuple):
    """One row of matches, with what is not said left empty."""

    partnership_id: str | None = None
    label: str = "unknown"
    order: int = 1
    location: str = ""
    rule: str = "none"
    score: float = 0.0
    state: str = "unmatched"
    note: str = ""


@dataclass(frozen=True, slots=True)
class SourceText:
    """A source text with what is known of it."""

    tidy: str
    words: Words
    day: Any
    town: frozenset[str]


def decided_row(decision: Decision, partners: Partners) -> Row:
    """The row of a text about which the practice decided."""
    known = {identifier: place for place, identifier in enumerate(partners.ids)}
    if decision.means in known:
        name = partners.names[known[decision.means]]
        return Row(decision.means, name, rule="decided", score=100.0, state="matched")
    return Row(label=decision.means, rule="decided", score=100.0)


def rows_of(found: Found, one: SourceText, partners: Partners) -> list[Row]:
    """One row per partner and kind of source that the text names, in order."""
    placed = [(label.start, Row(label=label.name, rule="general")) for label in found.labels]
    if any(label.name == "returning" for label in found.labels):
        if found.taken:
            found.notes.append("a partner is named, but for an earlier episode")
    else:
        location = _location(one, found.taken)
        placed += [(c.start, _partner_row(c, partners, location)) for c in found.taken]
    if "event" in one.words.words or "events" in one.words.words:
        found.notes.append("event")
    if found.doubtful and not found.taken:
        placed.append((min(c.start for c in found.doubtful), _doubtful_row(found, partners)))
    placed.sort(key=lambda pair: pair[0])
    note = "; ".join(dict.fromkeys(found.notes))
    return [
        row._replace(order=order, note=row.note or note)
        for order, (_, row) in enumerate(placed or [(0, Row())], start=1)
    ]


def _partner_row(candidate: Candidate, partners: Partners, location: str) -> Row:
    """The row of a partner that is named."""
    return Row(
        partnership_id=partners.ids[candidate.partner],
        label=partners.names[candidate.partner],
        location=location,
        rule=candidate.rule,
        score=candidate.score,
        state="matched",
        note=candidate.note,
    )


def _doubtful_row(found: Found, partners: Partners) -> Row:
    """The row of a text for a human to judge, with the partners that may be meant."""
    ids = sorted({partners.ids[c.partner] for c in found.doubtful})
    score = max(c.score for c in found.doubtful)
    note = f"{found.doubtful[0].doubt}: {', '.join(ids)}"
    return Row(rule="review", score=score, state="ambiguous", note=note)


def _location(one: SourceText, taken: list[Candidate]) -> str:
    """Branch of the partner: ``#2``, or one or two plain words after a dash or in brackets."""
    if len(taken) != 1:
        return ""
    branch, piece = _BRANCH.search(one.tidy), _PLACE.search(one.tidy)
    place = ""
    if piece:
        parts = split_words(piece.group(1)).words
        inside = set(one.words.words[taken[0].start : taken[0].end])
        if not set(parts) & (LINKS | inside):
            place = piece.group(1)
    return " ".join(filter(None, [branch.group().replace(" ", "") if branch else "", place]))
