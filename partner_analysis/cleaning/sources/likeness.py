"""Words that are nearly a partner's name: slips of the pen told from names of somebody else."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from partner_analysis.cleaning.sources.forms import Form
from partner_analysis.cleaning.sources.texts import GENERIC, ORGANISATIONS, OTHER_PLACE, Words

SHORTEST: Final = 8  # letters; shorter names are never matched by likeness
MOST_EDITS: Final = 3
SHORT_WORD: Final = 4
LONG_WORD: Final = 8
VOWELS: Final = frozenset("aeiouy")
KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SOUNDS: Final = tuple(frozenset(pair) for pair in ("ck", "cs", "sz", "dt", "bp", "fv", "gj", "mn"))
DIRECTIONS: Final = tuple(sorted(OTHER_PLACE, key=len, reverse=True))
AT_ONCE: Final = 20_000
_LETTERS: Final = re.compile(r"\D+")


@dataclass(frozen=True)
class Near:
    """Forms near each joined span, with the edits between, and the lengths of such spans."""

    forms: dict[str, list[tuple[Form, int]]]
    most_words: int
    longest: int


def near_forms(forms: Sequence[Form], texts: Iterable[Words]) -> Near:
    """Forms within a few edits of the spans that occur in the texts.

    Parameters
    ----------
    forms
        Of all partners; short, generic and initial forms are left out.
    texts
        The texts as words. Spans are compared with the forms of about their length only.
    """
    able: dict[int, list[Form]] = defaultdict(list)
    for form in forms:
        if len(form.joined) >= SHORTEST and not form.is_generic and form.rule != "initials":
            able[len(form.joined)].append(form)
    if not able:
        return Near({}, 0, 0)
    most_words = max(len(form.words) for same in able.values() for form in same) + 1
    longest = max(able) + MOST_EDITS
    by_length: dict[int, set[str]] = defaultdict(set)
    for words in texts:
        for _, _, span in windows(words, most_words=most_words, longest=longest):
            by_length[len(span)].add(span)
    near: dict[str, list[tuple[Form, int]]] = defaultdict(list)
    for length, spans in by_length.items():
        close = [form for size in able for form in able[size] if _in_reach(length, size)]
        if close:
            _compare(sorted(spans), close, near)
    return Near(dict(near), most_words, longest)


def windows(words: Words, *, most_words: int, longest: int) -> Iterator[tuple[int, int, str]]:
    """Spans of words in one part of the text: first word, end, and the words written as one."""
    for start, part in enumerate(words.parts):
        span = ""
        for end in range(start, min(start + most_words, len(words.words))):
            if words.parts[end] != part:
                break
            span += words.words[end]
            if len(span) > longest:
                break
            if len(span) >= SHORTEST - 1:
                yield start, end + 1, span


def edits_allowed(length: int) -> int:
    """How many wrong letters a name of this length may have.

    Examples
    --------
    >>> [edits_allowed(length) for length in (8, 12, 18, 40)]
    [1, 2, 3, 3]
    """
    return min(MOST_EDITS, length // 6 if length >= 12 else 1)


def _in_reach(span: int, form: int) -> bool:
    """Whether a span of this length can be near a form of that length."""
    return abs(span - form) <= edits_allowed(form)


def _compare(spans: list[str], forms: list[Form], near: dict[str, list[tuple[Form, int]]]) -> None:
    """Add the forms near each span."""
    names = [form.joined for form in forms]
    allowed = np.array([edits_allowed(len(name)) for name in names], dtype=np.uint8)
    most = int(allowed.max())
    for offset in range(0, len(spans), AT_ONCE):
        some = spans[offset : offset + AT_ONCE]
        edits = process.cdist(
            some, names, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8, workers=-1
        )
        for row, column in zip(*np.nonzero(edits <= allowed), strict=True):
            near[some[row]].append((forms[column], int(edits[row, column])))


# ------------------------------------------------------------------ slips
def judge_slip(typed: Sequence[str], wanted: Sequence[str], *, edits: int) -> str:
    """How a difference looks: "slip", "doubtful", or "other" for the name of somebody else.

    Parameters
    ----------
    typed, wanted
        Words of the text and of the name.
    edits
        Between the two, each written as one word.

    Examples
    --------
    >>> judge_slip(["harber", "run"], ["harbor", "run"], edits=1)
    'slip'
    >>> judge_slip(["westside", "yoga"], ["eastside", "yoga"], edits=2)
    'other'
    """
    if edits == 0:
        return "slip"
    if _digits(typed) != _digits(wanted):
        return "other"
    if len(typed) != len(wanted):
        return _judge_division("".join(typed), "".join(wanted), edits)
    grades = {
        _judge_word(one, other) for one, other in zip(typed, wanted, strict=True) if one != other
    }
    return next((grade for grade in ("other", "doubtful") if grade in grades), "slip")


def _judge_division(typed: str, wanted: str, edits: int) -> str:
    """Judgement of a name divided into other words, such as ``"Iron Works"``."""
    if edits > max(1, edits_allowed(len(wanted)) - 1):
        return "other"
    return "slip" if edits <= 1 and typed[0] == wanted[0] else "doubtful"


def _judge_word(typed: str, wanted: str) -> str:
    """Judgement of one word that differs."""
    if wanted in GENERIC and len(typed) > 2 and wanted.startswith(typed):
        return "slip"
    short = min(len(typed), len(wanted)) <= SHORT_WORD
    edits = OSA.distance(typed, wanted)
    if edits > (1 if short else 2) or (short and typed[0] != wanted[0]):
        return "other"
    if _is_another_word(typed, wanted):
        return "other"
    if sorted(typed) == sorted(wanted) and not short:
        return "slip"
    if _direction(typed) != _direction(wanted):
        return "doubtful"
    if typed[0] != wanted[0] and sorted(typed[:2]) != sorted(wanted[:2]):
        return "doubtful"
    if edits == 1:
        return "slip" if _is_usual(typed, wanted, short=short) else "doubtful"
    usual = len(wanted) >= LONG_WORD or wanted in GENERIC or _skeleton(typed) == _skeleton(wanted)
    return "slip" if usual else "doubtful"


def _is_another_word(typed: str, wanted: str) -> bool:
    """Whether the typed word is one that stands for itself: another direction, another trade."""
    directions = {_direction(typed), _direction(wanted)} - {""}
    if len(directions) > 1:
        return True
    plural = typed + "s" == wanted or wanted + "s" == typed
    return typed in GENERIC | ORGANISATIONS and not plural


def _is_usual(typed: str, wanted: str, *, short: bool) -> bool:
    """Whether one wrong letter is one that people leave out, double, exchange or mishear."""
    if len(typed) != len(wanted):
        safe = wanted in GENERIC or len(wanted) > SHORT_WORD
        return safe or undoubled(typed) == undoubled(wanted)
    if sorted(typed) == sorted(wanted):
        return wanted in GENERIC
    one, other = next(pair for pair in zip(typed, wanted, strict=True) if pair[0] != pair[1])
    if one in VOWELS and other in VOWELS:
        return not short or wanted in GENERIC
    if short:
        return False
    return len(wanted) >= LONG_WORD or wanted in GENERIC or _is_misheard_or_mistyped(one, other)


def _is_misheard_or_mistyped(one: str, other: str) -> bool:
    """Whether two letters sound alike or are neighbours on the keyboard."""
    if frozenset((one, other)) in SOUNDS:
        return True
    return any(
        row.find(one) >= 0 and row.find(other) >= 0 and abs(row.find(one) - row.find(other)) == 1
        for row in KEYS
    )


def _digits(words: Sequence[str]) -> str:
    """All digits in order."""
    return _LETTERS.sub("", "".join(words))


def _direction(word: str) -> str:
    """The direction or age with which a word begins, if any."""
    return next((d for d in DIRECTIONS if word.startswith(d) and len(d) > 2), "")


def _skeleton(word: str) -> str:
    """The consonants of a word, doubled ones once."""
    return undoubled(word[0] + "".join(mark for mark in word[1:] if mark not in VOWELS))


def undoubled(word: str) -> str:
    """A word with doubled letters written once."""
    return "".join(mark for place, mark in enumerate(word) if not place or word[place - 1] != mark)
