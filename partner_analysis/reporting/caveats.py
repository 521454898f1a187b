"""What could mislead a reader of one effect, in sentences."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.reporting.evidence import luck_sentence, told_checks
from partner_analysis.reporting.numbers import list_text, number_text, short_name
from partner_analysis.reporting.phrases import NOTE_WORDS, is_answered
from partner_analysis.reporting.wording import effect_sentence

BESIDE: Final = re.compile(r"It shares clinics and periods with ([^;]+); their effects are .*")


def caveats(
    effect: Effect,
    *,
    names: Mapping[str, str] | None = None,
    standing: Standing | None = None,
) -> list[str]:
    """List what could mislead, the most important first, one sentence each.

    ``names`` gives the name of each partnership id, for notes about others; with ``standing``
    the last one says what a review is.
    """
    return [
        *_caveats(effect, names or {}, standing),
        *([review_caveat(effect)] if standing else []),
    ]


def review_caveat(effect: Effect) -> str:
    """Say when reviews are, what they guard against and what they cost."""
    chance = number_text(100 * (1 - effect.level), digits=0)
    return (
        "A partnership is reviewed 3, 6 and 12 months after its start, then yearly, with the "
        "counts up to that day. A review asks for more certainty than a single look, so that "
        f"one which changes nothing is ever called more or fewer in about {chance} cases of 100; "
        "for that, a real change is found later or less often. Corrected counts or dates "
        "may change old reviews."
    )


def _caveats(effect: Effect, names: Mapping[str, str], standing: Standing | None) -> list[str]:
    answer = effect_sentence(effect)
    checks = told_checks(effect, standing)
    said = [
        f"{row.question} {row.detail}".strip()
        for result in ("fail", "warn")
        for row in checks[checks["result"] == result].itertuples()
    ]
    notes = [note for note in effect.notes if note.split(";")[0].rstrip(".") not in answer]
    said += [note_in_words(note, names) for note in notes]
    if not is_answered(effect):
        return said
    said += [part for part in (effect.capacity, luck_sentence(effect)) if part]
    if math.isfinite(effect.total.estimate) and not effect.percent.is_number:
        said.append("Nobody was expected without the partnership, so there is no percentage.")
    if len(effect.comparison):
        said.append(
            "Anything else that began in the same clinics at about the same time, and not in the "
            "comparison groups, counts as the partnership's doing."
        )
    said.append("Patients who would otherwise have come to another clinic of yours count as extra.")
    said.append("This is one practice over one stretch of time; next year may differ.")
    return said


def note_in_words(note: str, names: Mapping[str, str]) -> str:
    """Give a note of the estimate as a reader says it: names for ids, groups for cells."""

    def called(identifier: str) -> str:
        return short_name(names.get(identifier, identifier), most=45)

    beside = BESIDE.fullmatch(note)
    if beside:
        others = [called(identifier) for identifier in beside.group(1).split(", ")]
        told = "the two are" if len(others) == 1 else "they are"
        return (
            f"{list_text(others)} ran in the same clinics at the same time; {told} told apart "
            "only by their different dates."
        )
    for ours, theirs in NOTE_WORDS.items():
        note = note.replace(ours, theirs)
    if not names:
        return note
    known = "|".join(re.escape(key) for key in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])({known})(?![\w-])", lambda found: called(found[1]), note)
