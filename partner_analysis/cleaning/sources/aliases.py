"""The register of partners as forms to look for: names, aliases, short names, physicians."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from partner_analysis.cleaning.sources.texts import (
    CREDENTIALS,
    GENERIC,
    ORGANISATIONS,
    PLACE_ENDINGS,
    TITLES,
    repaired,
    split_words,
)
from partner_analysis.tables import InputError, require_columns


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which a partner is written."""

    partner: int
    text: str
    words: tuple[str, ...]
    rule: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    acronym: bool = False

    @property
    def joined(self) -> str:
        """The words written as one."""
        return "".join(self.words)

    @property
    def is_generic(self) -> bool:
        """Whether all its words are ones that any organisation may use."""
        return all(word in GENERIC for word in self.words)

    def holds(self, day: pd.Timestamp | None) -> bool:
        """Whether the form was in use on a day; an unknown day says nothing against it."""
        if day is None or pd.isna(day):
            return True
        begun = self.start is None or day >= self.start
        return begun and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Person:
    """A physician among the partners."""

    partner: int
    first: str
    last: str
    credentials: frozenset[str]


@dataclass(frozen=True)
class Partners:
    """All partners of a register with their forms and physicians."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    forms: tuple[Form, ...]
    people: tuple[Person, ...]


def read_partners(register: pd.DataFrame) -> Partners:
    """Partners of a register with all forms to look for.

    Raises
    ------
    InputError
        If a column is missing, or an alias is neither a text nor (text, from, to).
    """
    require_columns(register, ("partnership_id", "name"), "register")
    table = register.reset_index(drop=True)
    forms: list[Form] = []
    people: list[Person] = []
    for partner, row in enumerate(table.to_dict("records")):
        listed = [(str(row["name"]), None, None, True), *_aliases(row.get("aliases"))]
        for text, start, end, own in listed:
            forms.extend(_forms(partner, text, start, end, own=own))
            people.extend(_people(partner, text, str(row.get("kind") or "")))
    blank = pd.Series("", index=table.index)
    addresses = table.get("address", blank).fillna("").astype("str")
    return Partners(
        ids=tuple(table["partnership_id"].astype("str")),
        names=tuple(table["name"].astype("str")),
        addresses=tuple(addresses),
        forms=tuple(dict.fromkeys(forms)),
        people=_merged(people),
    )


def _aliases(given: Any) -> Iterator[tuple[str, Any, Any, bool]]:
    """Aliases as text, first day, last day."""
    if given is None or (not isinstance(given, str) and not isinstance(given, Iterable)):
        return
    for alias in [given] if isinstance(given, str) else given:
        if isinstance(alias, str):
            yield alias, None, None, False
            continue
        try:
            text, start, end = alias
        except (TypeError, ValueError):
            raise InputError("register: an alias is a text, or (text, from, to).") from None
        yield str(text), _day(start), _day(end), False


def _day(value: Any) -> pd.Timestamp | None:
    """Day of a dated alias; nothing where it is open."""
    if value is None or value == "" or pd.isna(value):
        return None
    try:
        return pd.Timestamp(value)
    except (ValueError, TypeError):
        raise InputError("register: an alias has a from or to that is not a date.") from None


def _forms(partner: int, text: str, start: Any, end: Any, *, own: bool) -> Iterator[Form]:
    """A name or alias as it stands, its short name, and initials with the last word."""
    words = split_words(text).words
    if not words:
        return
    tidy = repaired(text)
    acronym = len(words) == 1 and len(tidy) <= 5 and tidy.isupper()
    yield Form(partner, tidy.casefold(), words, "normalised", start, end, acronym)
    if words[0] in TITLES or not own:
        return
    short = words[:-1]
    if words[-1] in GENERIC | ORGANISATIONS and _is_telling(short):
        yield Form(partner, "", short, "short name", start, end)
    if len(words) >= 3:
        initials = "".join(word[0] for word in words[:-1])
        yield Form(partner, "", (initials, words[-1]), "initials", start, end)


def _merged(people: list[Person]) -> tuple[Person, ...]:
    """Each physician once, with all credentials the register writes."""
    known: dict[tuple[int, str, str], frozenset[str]] = {}
    for one in people:
        key = (one.partner, one.first, one.last)
        known[key] = known.get(key, frozenset()) | one.credentials
    return tuple(Person(*key, credentials) for key, credentials in known.items())


def _is_telling(words: tuple[str, ...]) -> bool:
    """Whether a name without its last word still tells the partner."""
    if not words or all(word in GENERIC for word in words):
        return False
    if words[-1] in ("street", "road", "avenue"):
        return False
    if len(words) == 1:
        return len(words[0]) >= 7 and not words[0].endswith(PLACE_ENDINGS)
    return True


def _people(partner: int, text: str, kind: str) -> Iterator[Person]:
    """A physician in a name such as ``"Dr. Anita Patel"`` or ``"PATEL, ANITA MD"``."""
    for piece in re.split(r"[;/]|\s-\s", text):
        words = split_words(piece)
        credentials = frozenset(words.words) & CREDENTIALS
        titled = "dr" in words.words or bool(credentials)
        bare = len(words.words) == 2 and not set(words.words) & (GENERIC | ORGANISATIONS)
        if not titled and not ("physician" in kind.casefold() and bare):
            continue
        named = [
            (word, part)
            for word, part in zip(words.words, words.parts, strict=True)
            if word not in CREDENTIALS | TITLES
        ]
        if named and named[0][1] == words.parts[0]:
            own = [word for word, part in named if part == named[0][1]]
            rest = [word for word, part in named if part != named[0][1]]
            if len(own) == 1 and rest:
                own = [rest[0], own[0]]  # last name first
            if len(own) == 2:
                yield Person(partner, own[0], own[1], credentials)
