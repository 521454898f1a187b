"""Where in a text a partner may be meant: exact spans, near spans, physicians."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from partner_analysis.cleaning.sources.aliases import Form, Partners, Person
from partner_analysis.cleaning.sources.texts import (
    CREDENTIALS,
    LABEL_OF,
    LINKS,
    ORGANISATIONS,
    TITLES,
    Words,
)

SCORES: Final = {"normalised": 98.0, "short name": 90.0, "initials": 80.0}
SHORTEST: Final = 8  # letters; shorter names are never matched by likeness
MOST_EDITS: Final = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A partner that words ``start`` to ``end`` of a text may mean."""

    start: int
    end: int
    partner: int
    rule: str
    score: float
    form: Form | None
    doubt: str = ""
    note: str = ""

    @property
    def weight(self) -> tuple[float, float]:
        """Order in which candidates are taken: the most words, then the best score."""
        return (self.end - self.start) * (self.score / 100) ** 4, self.score


class Finder:
    """Finds candidates in texts; likeness is worked out for all texts at once."""

    def __init__(self, partners: Partners, texts: Iterable[Words]) -> None:
        self.partners = partners
        self.by_first: dict[str, list[Form]] = defaultdict(list)
        self.by_set: dict[frozenset[str], list[Form]] = defaultdict(list)
        for form in partners.forms:
            self.by_first[form.words[0]].append(form)
            if form.rule == "normalised" and len(form.words) > 1:
                self.by_set[frozenset(form.words)].append(form)
        self.near = _near_forms(partners.forms, texts)

    def find(self, words: Words) -> list[Candidate]:
        """All candidates in one text, the weightiest first."""
        found = [*self._exact(words), *self._alike(words), *_physicians(self.partners, words)]
        return sorted(found, key=lambda c: (*(-w for w in c.weight), c.start, c.partner))

    def _exact(self, words: Words) -> Iterator[Candidate]:
        """Spans that are a form word by word; a whole text also in another order."""
        size = len(words.words)
        for form in self.by_set.get(frozenset(words.words), ()):
            if len(form.words) == size and form.words != words.words:
                yield Candidate(0, size, form.partner, form.rule, 96.0, form)
        for start, word in enumerate(words.words):
            for form in self.by_first.get(word, ()):
                end = start + len(form.words)
                if words.words[start:end] == form.words and _stands(form, words, start, end):
                    doubt = _doubt(form, words, start, end)
                    yield Candidate(
                        start, end, form.partner, form.rule, SCORES[form.rule], form, doubt
                    )

    def _alike(self, words: Words) -> Iterator[Candidate]:
        """Spans that are nearly a form."""
        for start, end in _windows(words, self.near.sizes):
            span = words.words[start:end]
            for form, edits in self.near.forms.get("".join(span), ()):
                if span != form.words and _plausible(span, form.words, edits):
                    if len(form.words) == 1 and not _whole_part(words, start, end):
                        continue
                    score = round(92.0 * (1 - edits / len(form.joined)), 1)
                    rule = "fuzzy" if edits else "normalised"
                    doubt = _doubt(form, words, start, end)
                    yield Candidate(start, end, form.partner, rule, score, form, doubt)


@dataclass(frozen=True)
class _Near:
    """Forms near each joined span, and how many words such spans have."""

    forms: dict[str, list[tuple[Form, int]]]
    sizes: range


def _near_forms(forms: Sequence[Form], texts: Iterable[Words]) -> _Near:
    """Forms within a few edits of the spans that occur in the texts."""
    able = [
        form
        for form in forms
        if len(form.joined) >= SHORTEST and not form.is_generic and form.rule != "initials"
    ]
    if not able:
        return _Near({}, range(0))
    sizes = range(1, max(len(form.words) for form in able) + 2)
    shortest = min(len(form.joined) for form in able) - MOST_EDITS
    longest = max(len(form.joined) for form in able) + MOST_EDITS
    spans = {
        span
        for words in texts
        for start, end in _windows(words, sizes)
        if shortest <= len(span := "".join(words.words[start:end])) <= longest
    }
    near: dict[str, list[tuple[Form, int]]] = defaultdict(list)
    listed, names = sorted(spans), [form.joined for form in able]
    allowed = np.array([_edits_allowed(name) for name in names])
    for offset in range(0, len(listed), 20_000):
        some = listed[offset : offset + 20_000]
        edits = process.cdist(
            some, names, scorer=OSA.distance, score_cutoff=MOST_EDITS, dtype=np.int32
        )
        for row, column in np.argwhere(edits <= allowed):
            near[some[row]].append((able[column], int(edits[row, column])))
    return _Near(dict(near), sizes)


def _edits_allowed(joined: str) -> int:
    """How many wrong letters a name of this length may have."""
    return min(MOST_EDITS, len(joined) // 6 if len(joined) >= 12 else 1)


def _windows(words: Words, sizes: range) -> Iterator[tuple[int, int]]:
    """Spans of words that lie in one part of the text."""
    for start in range(len(words.words)):
        for size in sizes:
            end = start + size
            if end > len(words.words) or words.parts[end - 1] != words.parts[start]:
                break
            yield start, end


def _plausible(span: tuple[str, ...], wanted: tuple[str, ...], edits: int) -> bool:
    """Whether the difference looks like a slip and not like another name."""
    if [w for w in span if w.isdigit()] != [w for w in wanted if w.isdigit()]:
        return False
    if len(span) != len(wanted):
        return edits <= max(1, _edits_allowed("".join(wanted)) - 1)
    for one, other in zip(span, wanted, strict=True):
        if one == other:
            continue
        short = min(len(one), len(other)) <= 4
        if (short and one[0] != other[0]) or OSA.distance(one, other) > (1 if short else 2):
            return False
        if one in ORGANISATIONS and other in ORGANISATIONS:
            return False
    return True


def _whole_part(words: Words, start: int, end: int) -> bool:
    """Whether the span is all that its part of the text holds."""
    before = start == 0 or words.parts[start - 1] != words.parts[start] or words.joined[start]
    after = end == len(words.words) or words.parts[end] != words.parts[end - 1] or words.joined[end]
    return before and after


def _stands(form: Form, words: Words, start: int, end: int) -> bool:
    """Whether a form may be found here at all."""
    if form.rule == "initials" or form.is_generic:
        return _whole_part(words, start, end)
    if form.acronym:
        return words.shouted[start] or _whole_part(words, start, end)
    return True


def _doubt(form: Form, words: Words, start: int, end: int) -> str:
    """Why a span may mean somebody else: the words beside it."""
    before, after = _beside(words, start, end)
    part_of_name = form.rule == "short name" or len(form.words) < 3
    if part_of_name and any(w in ORGANISATIONS and w not in form.words for w in after):
        return "another organisation may be meant"
    if len(form.words) > 1 or form.acronym:
        return ""
    if before in TITLES:
        return "a person may be meant"
    if (before and not _is_link(before)) or (after and not _is_link(after[0])):
        return "a single word beside others"
    return ""


def _beside(words: Words, start: int, end: int) -> tuple[str, list[str]]:
    """The word before a span, and those after it up to one that ends a name."""
    before = ""
    if start and words.parts[start - 1] == words.parts[start] and not words.joined[start]:
        before = words.words[start - 1]
    after: list[str] = []
    for place in range(end, len(words.words)):
        word = words.words[place]
        if words.parts[place] != words.parts[start] or words.joined[place] or word in LINKS:
            break
        after.append(word)
    return before, after


def _is_link(word: str) -> bool:
    """Whether a word beside a name says nothing about who is meant."""
    return word in LINKS or word in LABEL_OF or word.isdigit() or len(word) == 1


def _physicians(partners: Partners, words: Words) -> Iterator[Candidate]:
    """Physicians named with a title, a first name or an initial."""
    last_names: dict[str, list[Person]] = defaultdict(list)
    for person in partners.people:
        last_names[person.last].append(person)
    for place, word in enumerate(words.words):
        known = last_names.get(word, [])
        for person in known:
            rivals = {other.partner for other in known}
            candidate = _physician(person, words, place, alone=len(rivals) == 1)
            if candidate:
                yield candidate


def _physician(person: Person, words: Words, place: int, *, alone: bool) -> Candidate | None:
    """The physician at one place of a text, if what stands around allows it."""
    around = range(max(0, place - 3), min(len(words.words), place + 4))
    here = [words.words[i] for i in around if abs(words.parts[i] - words.parts[place]) <= 1]
    before = words.words[place - 1] if place else ""
    after = words.words[place + 1] if place + 1 < len(words.words) else ""
    titled = "dr" in here or bool({w for w in here if w in CREDENTIALS})
    given = [w for w in (before, after) if w and w not in TITLES | CREDENTIALS]
    same_part = place > 0 and words.parts[place - 1] == words.parts[place]
    score = 0.0
    if person.first in given:
        score = 97.0
    elif titled and any(w == person.first[0] for w in given):
        score = 94.0
    elif titled and not (same_part and before and not _is_link(before) and before not in TITLES):
        score = 90.0 if not any(len(w) == 1 for w in given) else 0.0
    if not score:
        return None
    written = {w for w in here if w in CREDENTIALS and w != "do"} | (
        {"do"} if "do" in here and words.shouted[words.words.index("do")] else set()
    )
    differs = bool(person.credentials and written and not person.credentials & written)
    note = "the credential differs" if differs else ""
    doubt = "" if alone or score > 90 else "several physicians of this name"
    start = place - 1 if before == "dr" or before[:1] == person.first[0] else place
    return Candidate(start, place + 1, person.partner, "physician", score, None, doubt, note)
