"""Every sentence with a number in it: plain text, made from results, never by hand."""

from __future__ import annotations

import math

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting.changes import changes_sentence
from partner_analysis.reporting.named import named_sentence, named_title
from partner_analysis.reporting.numbers import (
    amount_text,
    count_text,
    day_text,
    level_text,
    list_text,
    month_text,
    number_text,
    short_name,
    span_words,
)
from partner_analysis.reporting.overview import (
    cleaning_sentence,
    completeness_sentence,
    counts_sentence,
    counts_title,
    portfolio_sentence,
    portfolio_title,
)
from partner_analysis.reporting.phrases import (
    LEAST_PRE,
    has_ended,
    is_answered,
    lacks_history,
    partners_of,
    period_word,
    rate_phrase,
    verdict_of,
    while_phrase,
)
from partner_analysis.reporting.placebos import placebo_sentence, placebo_title

__all__ = [
    "changes_sentence",
    "cleaning_sentence",
    "completeness_sentence",
    "counts_sentence",
    "counts_title",
    "effect_alt",
    "effect_sentence",
    "effect_title",
    "look_again_sentence",
    "named_sentence",
    "named_title",
    "placebo_sentence",
    "placebo_title",
    "portfolio_sentence",
    "portfolio_title",
    "visible_sentence",
]


def effect_title(effect: Effect, *, verdict: str = "") -> str:
    """Give the finding as a title of about ten words; it says what the sentence says.

    ``verdict`` is the one declared, where that is not the effect's own.
    """
    name = short_name(effect.name, most=45)
    others = len(partners_of(effect)) - 1
    if others:
        name += f" and {count_text(others, 'other partner')}"
    titles = {
        "more": f"More new patients than expected with {name}",
        "fewer": f"Fewer new patients than expected with {name}",
        "no clear change": f"No clear change in new patients with {name}",
        "too early": f"Too early to judge {name}",
        "too small to tell": f"Numbers too small to judge {name}",
        "data not fit": f"The data cannot answer for {name}",
    }
    return titles[verdict or verdict_of(effect)]


def effect_sentence(effect: Effect) -> str:
    """Give the answer with its interval, or why there is no number and from when there may be.

    A verdict without a number ("too early", "too small to tell", "data not fit") gives none here.
    """
    answers = {
        "more": _clear,
        "fewer": _clear,
        "no clear change": _unclear,
        "too early": _too_early,
        "too small to tell": _too_small,
        "data not fit": _not_fit,
    }
    sentence = answers[verdict_of(effect)](effect)
    together = len(partners_of(effect))
    if together > 1 and is_answered(effect):
        sentence += (
            " The data cannot tell these partnerships apart, so the number is for "
            f"{'both' if together == 2 else 'all'} together."
        )
    return sentence


def short_answer(effect: Effect) -> str:
    """Give the answer without the partner's name before it, for a place that has its name."""
    sentence = effect_sentence(effect).removeprefix(f"{while_phrase(effect)}, ")
    return sentence[0].upper() + sentence[1:]


def effect_alt(effect: Effect) -> str:
    """Give the answer with what came and what was expected, for those who cannot see it."""
    if not is_answered(effect):
        return effect_sentence(effect)
    return (
        f"{effect_sentence(effect)} Observed {amount_text(effect.observed)}, expected "
        f"{amount_text(effect.expected)}, from {day_text(effect.first_day)} to "
        f"{day_text(effect.last_day)}."
    )


def look_again_sentence(effect: Effect) -> str:
    """Say from which date more could be said, or why no date can be given."""
    if verdict_of(effect) in ("more", "fewer"):
        if has_ended(effect):
            return "The partnership has ended, so this is its final account."
        until = f" up to {day_text(effect.last_day)}" if pd.notna(effect.last_day) else " so far"
        return f"This answer is for the time{until}; later reports may change it."
    if lacks_history(effect):
        return "Exports that reach further back would help."
    if has_ended(effect):
        return "The partnership has ended, so waiting will not tell more."
    if pd.notna(effect.tell_from):
        return f"A clearer answer is not likely before {month_text(effect.tell_from)}."
    if verdict_of(effect) == "data not fit":
        return "Waiting alone will not change this."
    if effect.checks.empty:
        return ""  # nobody asked when more can be told
    return "At this pace even three years would not be enough to tell."


def visible_sentence(effect: Effect) -> str:
    """Say how small an effect these data could have shown."""
    if not math.isfinite(effect.smallest_visible) or verdict_of(effect) == "data not fit":
        return "How small an effect could be seen here cannot be said."
    return (
        f"With these data, a change of {number_text(effect.smallest_visible)} new patients a month "
        "would be noticed four times in five; a smaller one could easily be missed."
    )


def _clear(effect: Effect) -> str:
    sentence = f"{while_phrase(effect)}, the practice saw {rate_phrase(effect)}."
    failed = int((effect.checks["result"] == "fail").sum()) if len(effect.checks) else 0
    if failed:
        verb = "speaks" if failed == 1 else "speak"
        sentence += f" But {count_text(failed, 'check')} {verb} against this number."
    return sentence


def _unclear(effect: Effect) -> str:
    seen = "there was" if has_ended(effect) else "there has been"
    return (
        f"{while_phrase(effect)}, {seen} no clear change: the data fit anything from "
        f"{span_words(effect.per_month)} new patients a month than expected "
        f"({level_text(effect.level)} interval). {look_again_sentence(effect)}"
    ).strip()


def _too_early(effect: Effect) -> str:
    if effect.n_post == 0 and effect.notes:
        return effect.notes[0]
    whom = list_text(partners_of(effect))
    word = period_word(effect.periods)
    so_far = count_text(effect.n_post, f"complete {word}")
    if has_ended(effect):
        return (
            f"{whom} cannot be judged: the partnership ran for {so_far}, and an answer needs "
            "at least 3 months."
        )
    when = "once there are 3 months of complete data"
    if pd.notna(effect.tell_from):
        when = f"in a report made from {day_text(effect.tell_from)} on, once the {word}s up to "
        when += "then are complete"
    return (
        f"It is too early to judge {whom}: there {'is' if effect.n_post == 1 else 'are'} {so_far} "
        f"of data so far, and an answer needs at least 3 months. It can be judged {when}."
    )


def _too_small(effect: Effect) -> str:
    fit = "no change at all and twice as many new patients"
    if not effect.percent.is_number:
        fit = "no change at all and a large one"
    return (
        f"The numbers are too small to tell what {list_text(partners_of(effect))} changed: the "
        f"data fit both {fit}. {look_again_sentence(effect)}"
    ).strip()


def _not_fit(effect: Effect) -> str:
    if lacks_history(effect):
        before = count_text(effect.n_pre, f"usable {period_word(effect.periods)}")
        verb = "is" if effect.n_pre == 1 else "are"
        reason = f"There {verb} {before} before it began, and at least {LEAST_PRE} are needed"
    elif effect.notes:
        reason = effect.notes[0].rstrip(".")
    else:
        reason = "No clinic that it reached can be compared with one that it did not"
    return (
        f"The data cannot say what {short_name(effect.name)} changed. {reason}. "
        f"{look_again_sentence(effect)}"
    )
