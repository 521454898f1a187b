"""Parts of sentences about one effect, shared by sentences, titles and figures."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.reviews.held import WATCHING, Standing
from partner_analysis.reporting.numbers import (
    amount_text,
    ends,
    interval_text,
    level_text,
    list_text,
    month_text,
    more_or_fewer,
    number_text,
    shared_digits,
    short_name,
    span_text,
    span_words,
)
from partner_analysis.tables import Interval

ANSWERED: Final = ("more", "fewer", "no clear change")
LEAST_PRE: Final = 6
FEWEST_FOR_PERCENT: Final = 10
CHANGES: Final = ("more", "fewer")
VERDICT_WORDS: Final = {
    "more": "More than expected",
    "fewer": "Fewer than expected",
    "no clear change": "No clear change",
    "too early": "Too early",
    "too small to tell": "Too small to tell",
    "data not fit": "Data not fit",
    WATCHING: "Watching",
}
NOTE_WORDS: Final = {
    "comparison cells": "comparison groups",
    "No comparison cell exists": "There is no comparison group",
    "all other cells": "all other clinics and kinds of patient",
    "the same personas at other clinics": "the same kind of patient at other clinics",
}


def verdict_of(effect: Effect) -> str:
    """Give the verdict; one that needs a number and has none is "data not fit"."""
    if effect.verdict in ANSWERED and not effect.per_month.is_number:
        return "data not fit"
    return effect.verdict


def is_answered(effect: Effect) -> bool:
    """Whether the verdict comes with a number that a reader may use."""
    return verdict_of(effect) in ANSWERED


def declared_of(effect: Effect, standing: Standing | None) -> str:
    """Give what is declared: the standing, and the verdict of one that no review can judge."""
    return verdict_of(effect) if standing is None else standing.standing


def has_ended(effect: Effect) -> bool:
    """Whether the data go on after the last day that the register has of it."""
    if effect.periods.empty or pd.isna(effect.end_day):
        return False
    return bool(effect.periods["period"].max() > effect.end_day)


def stops_early(effect: Effect) -> bool:
    """Whether it runs on, or ran on, after the last period that could be judged."""
    if effect.periods.empty or pd.isna(effect.last_day) or has_ended(effect):
        return False
    return bool(effect.periods["period"].max() > effect.last_day)


def lacks_history(effect: Effect) -> bool:
    """Whether there is no number because too few periods come before the start."""
    if verdict_of(effect) != "data not fit":
        return False
    return 0 < effect.n_pre < LEAST_PRE or (effect.n_pre == 0 and not effect.notes)


def period_word(periods: pd.DataFrame) -> str:
    """Give what one period is called: "day", "week", "month", "quarter" or "period"."""
    if periods.empty or "days" not in periods:
        return "period"
    days = float(periods["days"].median())
    words = {"day": (1, 1), "week": (7, 7), "month": (28, 31), "quarter": (89, 92)}
    return next((word for word, (low, high) in words.items() if low <= days <= high), "period")


def partners_of(effect: Effect) -> list[str]:
    """Give the partner's name, then the ids of those that the data cannot tell from it."""
    others = [other for other in effect.bundle if other != effect.partnership_id]
    return [short_name(effect.name), *(short_name(other, most=45) for other in others)]


def while_phrase(effect: Effect) -> str:
    """Give the time of the answer: "Since the partnership with X began in March 2024"."""
    partners = partners_of(effect)
    whom = f"partnership{'s' if len(partners) > 1 else ''} with {list_text(partners)}"
    if pd.isna(effect.first_day):
        return f"During the {whom}"
    if not has_ended(effect):
        return f"Since the {whom} began in {month_text(effect.first_day)}"
    first, last = month_text(effect.first_day), month_text(effect.last_day)
    span = f"in {first}" if first == last else f"from {first} to {last}"
    return f"While the {whom} ran, {span}"


def rate_phrase(effect: Effect) -> str:
    """Give "3.1 more new patients a month than expected (95% interval 0.8 to 5.4)"."""
    size, span = _size_and_span(effect, effect.per_month, digits=1)
    return f"{size} a month than expected ({level_text(effect.level)} interval {span})"


def total_phrase(effect: Effect) -> str:
    """Give "there were an estimated 37 more new patients than expected (95% interval 10 to 64)"."""
    level = level_text(effect.level)
    if effect.verdict == "no clear change":
        span = span_words(effect.total, 0)
        return f"the data fit anything from {span} than expected (estimated, {level} interval)"
    size, span = _size_and_span(effect, effect.total, digits=0)
    were = "was" if size.endswith("patient") else "were"
    if math.isnan(effect.total.estimate):
        return f"there {were} {size} than expected (estimated, {level} interval {span})"
    return f"there {were} an estimated {size} than expected ({level} interval {span})"


def expected_text(effect: Effect) -> str:
    """Give what was expected; its interval is what came less that of the difference."""
    low, high = (effect.observed - effect.total.high, effect.observed - effect.total.low)
    if not effect.total.is_number or not all(map(math.isfinite, (effect.expected, low, high))):
        return amount_text(effect.expected)
    digits = 0 if effect.expected >= 10 else 1
    return interval_text(Interval(effect.expected, max(0.0, low), high), digits)


def percent_text(effect: Effect) -> str:
    """Give the difference in percent; not where so few were expected that it means nothing."""
    if effect.total.is_number and effect.expected < FEWEST_FOR_PERCENT:
        were = "was" if amount_text(effect.expected) == "1" else "were"
        return f"not given: only {amount_text(effect.expected)} {were} expected"
    return interval_text(effect.percent, 0, unit="%")


def _size_and_span(effect: Effect, interval: Interval, *, digits: int) -> tuple[str, str]:
    """Give size and ends of a difference told from zero, in the verdict's own direction."""
    word = verdict_of(effect)
    if word == "fewer":
        interval = Interval(-interval.estimate, -interval.high, -interval.low)
    digits = shared_digits((interval.estimate, *ends(interval)), digits=digits)
    if math.isnan(interval.estimate):
        size = f"at least {number_text(interval.low, digits=digits)} {word}"
    else:
        size = more_or_fewer(interval.estimate, digits=digits).rsplit(" ", 1)[0] + f" {word}"
    noun = "new patient" if size == f"1 {word}" else "new patients"
    if math.isinf(ends(interval)[1]):
        return f"{size} {noun}", f"with no {'lower' if word == 'fewer' else 'upper'} end"
    span = span_text(interval, digits) + (" fewer" if word == "fewer" else "")
    return f"{size} {noun}", span
