"""The register of partners as forms to look for: names, aliases, short names, physicians."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from partner_analysis.cleaning.sources.forms import Form, Person
from partner_analysis.cleaning.sources.texts import (
    CREDENTIALS,
    GENERIC,
    ORGANISATIONS,
    PLACE_ENDINGS,
    PLACE_WORDS,
    STATES,
    TITLES,
    repaired,
    split_words,
)
from partner_analysis.tables import InputError, require_columns

LONG_ENOUGH: Final = 5
TRADES: Final = ("works", "fit", "gym", "club", "shop", "lab", "barn", "flow", "house", "zone")


@dataclass(frozen=True)
class Partners:
    """All partners of a register with their forms and physicians.

    ``known`` holds all words of each partner's names, ``addresses`` those of its address.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    addresses: tuple[frozenset[str], ...]
    forms: tuple[Form, ...]
    people: tuple[Person, ...]
    known: dict[int, frozenset[str]]


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
    forms = _doubt_shared(dict.fromkeys(forms))
    known = {
        partner: frozenset(word for form in forms if form.partner == partner for word in form.words)
        for partner in range(len(table))
    }
    return Partners(
        ids=tuple(table["partnership_id"].astype("str")),
        names=tuple(table["name"].astype("str")),
        addresses=tuple(frozenset(split_words(address).words) for address in addresses),
        forms=tuple(forms),
        people=_merged(people),
        known=known,
    )


def _doubt_shared(forms: Iterable[Form]) -> list[Form]:
    """Forms in which a short name that stands in the name of another partner too is doubtful."""
    forms = list(forms)
    owners: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for form in forms:
        for start in range(len(form.words)):
            for end in range(start + 1, len(form.words) + 1):
                owners[form.words[start:end]].add(form.partner)
    return [
        replace(form, doubt="several partners share these words")
        if form.rule == "short name" and len(owners[form.words]) > 1
        else form
        for form in forms
    ]


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
    is_whole = bool(short) and short[-1] in ORGANISATIONS - GENERIC
    if words[-1] in GENERIC | ORGANISATIONS and _is_telling(short) and not is_whole:
        yield Form(partner, "", short, "short name", start, end, doubt=_doubt_short(short))
    initials = "".join(word[0] for word in words[:-1])
    if len(initials) >= 2 and initials not in STATES:
        yield Form(partner, "", (initials, words[-1]), "initials", start, end)


def _merged(people: list[Person]) -> tuple[Person, ...]:
    """Each physician once, with all credentials the register writes."""
    known: dict[tuple[int, str, str], frozenset[str]] = {}
    for one in people:
        key = (one.partner, one.first, one.last)
        known[key] = known.get(key, frozenset()) | one.credentials
    return tuple(Person(*key, credentials) for key, credentials in known.items())


def _is_telling(words: tuple[str, ...]) -> bool:
    """Whether a name without its last word still tells something."""
    if not words or all(word in GENERIC for word in words):
        return False
    return len(words) > 1 or len(words[0]) >= LONG_ENOUGH


def _doubt_short(words: tuple[str, ...]) -> str:
    """Why a short name may mean a place or a person; nothing where it hardly can."""
    if words[-1] in PLACE_WORDS:
        return "a place may be meant"
    if len(words) == 1 and (words[0].endswith(PLACE_ENDINGS) or not words[0].endswith(TRADES)):
        return "a place or a person may be meant"
    return ""


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
        if {word for word, _ in named} & (GENERIC | ORGANISATIONS) and "dr" not in words.words:
            continue
        if named and named[0][1] == words.parts[0]:
            own = [word for word, part in named if part == named[0][1]]
            rest = [word for word, part in named if part != named[0][1]]
            if len(own) == 1 and rest:
                own = [rest[0], own[0]]  # last name first
            if len(own) == 2:
                yield Person(partner, own[0], own[1], credentials)
