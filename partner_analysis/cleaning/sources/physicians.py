"""Physicians named in a text by title, first name or initial, in either order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from partner_analysis.cleaning.sources.forms import Candidate, Person
from partner_analysis.cleaning.sources.texts import (
    CREDENTIALS,
    GENERIC,
    LABEL_OF,
    LINKS,
    ORGANISATIONS,
    TITLES,
    Words,
)


def people_by_name(people: Iterable[Person]) -> dict[str, list[Person]]:
    """Physicians by their last name."""
    by_name: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        by_name[person.last].append(person)
    return dict(by_name)


def find_physicians(
    words: Words, people: Mapping[str, Sequence[Person]], known: Mapping[int, frozenset[str]]
) -> Iterator[Candidate]:
    """Physicians named with a title, a first name or an initial.

    Parameters
    ----------
    words
        One text.
    people
        From ``people_by_name``.
    known
        Words that say nothing against each partner: those of its names, and of places.
    """
    if people.keys().isdisjoint(words.words):
        return
    for place, word in enumerate(words.words):
        same_name = people.get(word, ())
        alone = len({person.partner for person in same_name}) == 1
        for person in same_name:
            candidate = _physician(person, words, place, known[person.partner], alone=alone)
            if candidate:
                yield candidate


def _physician(
    person: Person, words: Words, place: int, known: frozenset[str], *, alone: bool
) -> Candidate | None:
    """The physician at one place of a text, if what stands around allows it."""
    around = range(max(0, place - 3), min(len(words.words), place + 4))
    here = [words.words[i] for i in around if abs(words.parts[i] - words.parts[place]) <= 1]
    before = words.words[place - 1] if place else ""
    after = words.words[place + 1] if place + 1 < len(words.words) else ""
    titled = "dr" in here or any(w in CREDENTIALS for w in here)
    given = [w for w in (before, after) if w and w not in TITLES | CREDENTIALS]
    other = _other_name(words, place, known)
    doubt = "" if alone else "several physicians of this name"
    if person.first in given:
        score, doubt = 97.0, ""
    elif titled and any(w == person.first[0] for w in given):
        score, doubt = 94.0, ""
    elif titled and not any(len(w) == 1 for w in given) and other != "first name":
        score = 90.0
        doubt = other or doubt
    else:
        return None
    note = "the credential differs" if _credential_differs(person, here, words) else ""
    start = place - 1 if before == "dr" or before[:1] == person.first[0] else place
    return Candidate(start, place + 1, person.partner, "physician", score, None, doubt, note)


def _other_name(words: Words, place: int, known: frozenset[str]) -> str:
    """What a word beside the last name says: another first name, perhaps one, or nothing."""
    part = words.parts[place]
    if place and words.parts[place - 1] == part and not words.joined[place]:
        before = words.words[place - 1]
        if len(before) > 1 and _is_name(before, frozenset()):
            return "first name"
    if place + 1 == len(words.words) or words.joined[place + 1]:
        return ""
    after, gap = words.words[place + 1], words.parts[place + 1] - part
    if gap > 1 or len(after) < 3 or not _is_name(after, known):
        return ""
    last_first = place + 2 < len(words.words) and words.words[place + 2] in CREDENTIALS
    return "first name" if last_first else "another name stands beside it"


def _is_name(word: str, known: frozenset[str]) -> bool:
    """Whether a word may be somebody's name."""
    plain = word in LINKS or word in LABEL_OF or word in GENERIC or word in ORGANISATIONS
    sayable = plain or word in CREDENTIALS or word in TITLES or word in known
    return word.isalpha() and not sayable


def _credential_differs(person: Person, here: Sequence[str], words: Words) -> bool:
    """Whether the text writes a credential that the register does not; "do" only in capitals."""
    shouted = "do" in here and words.shouted[words.words.index("do")]
    written = {w for w in here if w in CREDENTIALS and (w != "do" or shouted)}
    return bool(person.credentials and written and not person.credentials & written)
