"""Kinds of referral source that a text names besides partners: internet, word of mouth ..."""

from __future__ import annotations

from dataclasses import dataclass

from partner_analysis.cleaning.sources.texts import (
    CREDENTIALS,
    GENERIC,
    LABEL_OF,
    LABEL_PAIRS,
    Words,
)

WHOLE_TEXT = {
    ("patient",): "word of mouth", ("current", "patient"): "word of mouth",
    ("existing", "patient"): "returning",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """A kind of source, and the word at which it stands."""

    start: int
    name: str


def find_labels(words: Words, covered: set[int]) -> list[Label]:
    """Kinds of source named outside the words that name a partner, each once, in order."""
    whole = WHOLE_TEXT.get(words.words)
    if whole and not covered:
        return [Label(0, whole)]
    found: dict[str, int] = {}
    for place in range(len(words.words)):
        label = None if place in covered or words.negated[place] else _label_at(words, place)
        if label:
            found.setdefault(label, place)
    if len(found) > 1 or covered:
        for weak in ("physician", "advertising", "other"):
            if covered or weak != "physician":
                found.pop(weak, None)
    return [Label(place, name) for name, place in found.items()]


def _label_at(words: Words, place: int) -> str | None:
    """The kind of source that the word at one place means, if any."""
    word = words.words[place]
    after = words.words[place + 1] if place + 1 < len(words.words) else ""
    label = LABEL_PAIRS.get((word, after)) or LABEL_OF.get(word)
    if word in CREDENTIALS and words.shouted[place] and place:
        label = "physician"
    return None if label is None or _is_other(word, after, label, words) else label


def _is_other(word: str, after: str, label: str, words: Words) -> bool:
    """Whether a word does not mean its kind of source here."""
    if label == "physician":
        return after in GENERIC or (word == "dr" and not after)
    return label in ("other", "self") and len(words.words) > 2
