"""What the name of a column says: its words written out, and which of ours they fit."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from partner_analysis.cleaning.mapping.vocabulary import (
    HARD,
    NEUTRAL,
    SHORT,
    SOFT,
    TINY,
    UNLESS,
    UNREAD,
)
from partner_analysis.cleaning.plain import plain
from partner_analysis.profile import list_profiles

STRONG: Final = 3.0
ALIAS: Final = 4.0
WEAK: Final = 1.5
FAINT: Final = 0.8
GENERIC: Final = ("episode-list", "visit-list", "counts-only", "merged-patients")


@lru_cache(maxsize=4096)
def words_of(header: str) -> tuple[str, ...]:
    """Words of a column's name, short forms written out.

    Examples
    --------
    >>> words_of("PT_ACCT_NO"), words_of("D.O.B."), words_of("startTime")
    (('patient', 'account', 'number'), ('birth', 'date'), ('start', 'time'))
    >>> words_of("REFERRALSOURCE"), words_of("notes")
    (('referral', 'source'), ('notes',))
    """
    text = re.sub(r"\b((?:[A-Za-z]\.){2,})", lambda m: m[0].replace(".", ""), header)
    if not re.search(r"[\s_]", text):
        text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    text = re.sub(r"(?i)\bd/c\b", "discharge", text)
    words = re.findall(r"[^\W\d_]+\d*|#|%|\d+", text.casefold().replace("_", " "))
    if words and words[0] == "#":
        words = [*words[1:], "#"]
    parts = (part for word in words for part in _parts_of(word))
    return tuple(word for short in parts for word in SHORT.get(short, short).split())


@lru_cache(maxsize=65536)
def strength_of(header: str, ours: str) -> float:
    """How surely the name of a column is that of one of ours; 0 = says nothing of it.

    A "referral source" is faintly a type, since some systems name the source itself a contact.
    """
    if plain(header) in _aliases().get(ours, frozenset()):
        return ALIAS
    words = set(words_of(header))
    if words & set(UNLESS.get(ours, "").split()):
        return 0.0
    if any(words >= set(pattern.split()) for pattern in HARD.get(ours, ())):
        return STRONG
    neutral = set(NEUTRAL.split())
    hints = (set(pattern.split()) for pattern in SOFT.get(ours, ()))
    if any(words >= hint and words - hint <= neutral for hint in hints):
        return WEAK
    return FAINT if words == {"referral", "source"} and ours == "source_type" else 0.0


def why_unread(header: str) -> str:
    """What a column seems to hold that is never read; "" where its name does not say so."""
    words = words_of(header)
    if strength_of(header, "source_note") or strength_of(header, "note_type"):
        return ""
    if strength_of(header, "finalized") or strength_of(header, "patient") >= STRONG:
        return ""
    return next((UNREAD[word] for word in words if word in UNREAD), "")


@lru_cache(maxsize=4096)
def _parts_of(word: str) -> tuple[str, ...]:
    """Known words that are written as one; the word itself where it is known, or no such row."""
    known = _known_words()
    if word in known or len(word) < 5:
        return (word,)
    ways: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(end):
            before, part = ways[start], word[start:end]
            if before is None or not (part in TINY or (len(part) > 2 and part in known)):
                continue
            now, best = (*before, part), ways[end]
            if best is None or len(now) < len(best):
                ways[end] = now
    return ways[-1] or (word,)


@lru_cache(maxsize=1)
def _known_words() -> frozenset[str]:
    """All words that the vocabulary names."""
    patterns = [text for table in (HARD, SOFT) for texts in table.values() for text in texts]
    patterns += [*UNLESS.values(), NEUTRAL, *SHORT.values(), *SHORT, *UNREAD]
    return frozenset(word for text in patterns for word in text.split())


@lru_cache(maxsize=1)
def _aliases() -> dict[str, frozenset[str]]:
    """Names in the profiles that hold for any system, by ours."""
    known: dict[str, frozenset[str]] = {}
    for profile in list_profiles():
        if profile.name in GENERIC:
            for ours, names in profile.columns.items():
                known[ours] = known.get(ours, frozenset()) | {plain(name) for name in names}
    return known
