"""How many named the partner (counted) beside how many came because of it (estimated)."""

from __future__ import annotations

import math
from typing import Final

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.named.reconcile import READINGS, Reconciliation
from partner_analysis.reporting.numbers import (
    count_text,
    interval_text,
    level_text,
    number_text,
    short_name,
    span_words,
)
from partner_analysis.reporting.phrases import is_answered, total_phrase, verdict_of

WHY_NO_NUMBER: Final = {
    "too early": "it is too early",
    "too small to tell": "the numbers are too small",
    "data not fit": "the data cannot tell",
}
WHY_THEY_DIFFER: Final = (
    "The two differ because some who named it would have come anyway, and some who came because "
    "of it did not say so."
)
READING_WORDS: Final = dict(
    zip(
        READINGS,
        (
            "More named it than came because of it, so some who named it would have come anyway.",
            "Fewer named it than came because of it, so some who came because of it did not say "
            "so.",
            "The two do not contradict each other, but cannot tell how many who named it would "
            "have come anyway.",
        ),
        strict=True,
    )
)


def named_title(effect: Effect) -> str:
    """Give what was counted and what was estimated, as a title."""
    named = effect.named
    who = "None" if named == 0 else number_text(named or 0, digits=0)
    counted = "Who named it was not counted" if named is None else f"{who} named it (counted)"
    if not is_answered(effect):
        return f"{counted}; no number is estimated"
    return f"{counted}; {span_words(effect.total, 0)} than expected (estimated)"


def named_sentence(effect: Effect) -> str:
    """Put people who named the partner (counted) beside the effect (estimated), and say why.

    With a reconciliation, also how many named it for each extra patient, and what that says.
    """
    name = short_name(effect.name)
    if effect.named is None:
        counted = f"How many new patients named {name} at the desk was not counted."
    else:
        who = count_text(effect.named, "new patient")
        counted = f"{who[0].upper()}{who[1:]} named {name} at the desk (counted)."
    if not is_answered(effect):
        because = WHY_NO_NUMBER[verdict_of(effect)]
        return f"{counted} No number is given for how many came because of it: {because}."
    together = ", with these partnerships together" if effect.bundle[1:] else ""
    estimated = f"In all{together}, {total_phrase(effect)}."
    if effect.named is None:
        return f"{counted} {estimated}"
    if effect.reconciliation is None:
        return f"{counted} {estimated} {WHY_THEY_DIFFER}"
    reading = READING_WORDS[effect.reconciliation.reading]
    ratio = _ratio_words(effect.reconciliation, level_text(effect.level))
    return f"{counted} {estimated} {ratio}{reading}"


def blend_sentence(effect: Effect) -> str:
    """Give the estimate from counts and named referrals together; nothing where there is none.

    It is always said to be both, and never stands in the place of the answer.
    """
    if effect.blended is None or not is_answered(effect):
        return ""
    return (
        f"Counts and named referrals together: {span_words(effect.blended, 0)} new patients in "
        f"all than expected (estimated, {level_text(effect.level)} interval). How patients name "
        "partners is learnt from the other partnerships; the answer above rests on counts alone."
    )


def _ratio_words(found: Reconciliation, level: str) -> str:
    """Give how many named it for every ten extra patients, with its interval."""
    ratio = found.ratio
    if not ratio.is_number:
        return ""
    if math.isnan(ratio.estimate):
        least = number_text(10 * ratio.low, digits=0)
        return (
            f"For every 10 extra patients, if there were any, {least} or more named it "
            f"({level} interval). "
        )
    size, span = interval_text(ratio.scaled(10), 0)[:-1].split(" (")
    return f"For every 10 extra patients about {size} named it ({level} interval {span}). "
