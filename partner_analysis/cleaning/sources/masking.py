"""Source texts shown without anything personal."""

from __future__ import annotations

from typing import Final

from partner_analysis.cleaning.sources.texts import (
    GENERIC,
    LABEL_OF,
    LINKS,
    ORGANISATIONS,
    TITLES,
)

MASKED: Final = "(personal-looking text)"
ELLIPSIS: Final = "…"
FEWEST: Final = 3
FEWEST_BARE: Final = 5  # of a text without a word that organisations use: it may be a person
PERSONAL: Final = frozenset(
    {"dob", "born", "pain", "her", "his", "mother", "father", "sister", "brother", "wife",
     "husband", "son", "daughter"}
)  # fmt: skip


def masked_text(text: str, *, patients: int, name_words: frozenset[str] = frozenset()) -> str:
    """Return a text with all that looks personal masked.

    A text is shown whole if at least three patients have it (five, without a word that
    organisations use), and no title, number, word about a person or of a patient's name stands in
    it. Of
    others only the words around one that organisations use are shown; of a text that one patient
    has, only that word.

    Examples
    --------
    >>> masked_text("mary jones dob 4 2 61 sent by ocean gym", patients=2)
    '… ocean gym'
    >>> masked_text("mary jones", patients=1)
    '(personal-looking text)'
    """
    words = text.split()
    ends = [place for place, word in enumerate(words) if word in ORGANISATIONS]
    personal = any(_about_a_person(word) for word in words)
    personal |= bool(name_words & set(words))
    if patients >= (FEWEST if ends else FEWEST_BARE) and not personal and len(words) <= 5:
        return text
    if not ends:
        return MASKED
    start = ends[-1]
    while (
        patients > 1
        and start > 0
        and ends[-1] - start < 2
        and not _ends_name(words[start - 1])
        and words[start - 1] not in name_words
    ):
        start -= 1
    kept = " ".join(words[start : ends[-1] + 1])
    before, after = ELLIPSIS if start else "", ELLIPSIS if ends[-1] + 1 < len(words) else ""
    return " ".join(filter(None, (before, kept, after)))


def shown_forms(
    text: str, *, patients: int, name_words: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Masked forms in which a text is shown or was while fewer patients had it, fullest first.

    Forms that more than this text may have meant are left out once it is shown more fully.

    Examples
    --------
    >>> shown_forms("noon walk at ocean gym by the sea", patients=2)
    ('… ocean gym …',)
    >>> shown_forms("noon walk", patients=2)
    ('(personal-looking text)',)
    """
    most = max(1, min(patients, FEWEST_BARE))
    forms = [
        masked_text(text, patients=number, name_words=name_words) for number in range(most, 0, -1)
    ]
    return tuple(dict.fromkeys([forms[0], *(form for form in forms if is_telling(form))]))


def is_telling(shown: str) -> bool:
    """Whether a masked text still holds a word that not every organisation may use."""
    words = shown.replace(ELLIPSIS, " ").split()
    return shown != MASKED and any(word not in GENERIC | ORGANISATIONS for word in words)


def _about_a_person(word: str) -> bool:
    """Whether a word is a title, a number or one about a person."""
    return word in PERSONAL | TITLES or any(mark.isdigit() for mark in word)


def _ends_name(word: str) -> bool:
    """Whether a word cannot belong to the name of an organisation."""
    known = word in LINKS or word in LABEL_OF or word in PERSONAL | TITLES
    return known or not word.isalpha()
