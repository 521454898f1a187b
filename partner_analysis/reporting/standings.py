"""The words of a standing: what is declared of a partnership, and today's picture under it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.reviews.held import WATCHING, Standing
from partner_analysis.reporting.numbers import (
    amount_text,
    count_text,
    day_text,
    ends,
    level_text,
    list_text,
    number_text,
    shared_digits,
    short_name,
    span_text,
    span_words,
)
from partner_analysis.reporting.phrases import (
    CHANGES,
    expected_text,
    has_ended,
    is_answered,
    rate_phrase,
    verdict_of,
)
from partner_analysis.reporting.wording import (
    effect_alt,
    effect_sentence,
    effect_title,
    look_again_sentence,
)
from partner_analysis.tables import Interval

WITHOUT_NUMBER: Final = {
    "too early": "less than three months of it could be judged, which is too early",
    "too small to tell": "the numbers are too small to tell",
    "data not fit": "the data cannot answer",
}
WHY_REVIEWS: Final = (
    "Judged at every report, a partnership would sooner or later seem to have changed something "
    "by chance, so this is declared only at a review."
)


def standing_title(effect: Effect, standing: Standing | None = None) -> str:
    """Give what is declared as a title: the finding of the last review, or when the first is."""
    if standing is None:
        return effect_title(effect)
    if standing.standing != WATCHING:
        return effect_title(effect, verdict=standing.standing)
    title = f"Watching {short_name(effect.name, most=45)}"
    if pd.isna(standing.next_review):
        return title
    return f"{title}: first review on {day_text(standing.next_review)}"


def standing_sentence(
    effect: Effect, standing: Standing | None = None, *, names: Mapping[str, str] | None = None
) -> str:
    """Give what is declared, since when, how sure, and until when; the first words of a page.

    Without a standing (a fault in the register) the sentence of the effect. ``names`` gives the
    name of each partnership id, for those that the data cannot tell from this one.
    """
    if standing is None:
        return effect_sentence(effect)
    if standing.standing == WATCHING:
        return _watching(standing)
    review = standing.reviews.iloc[-1]
    said = [
        f"Reviewed on {day_text(review['review'])}, {review['months']} months after the start: "
        f"{_finding(review)}.",
        _bundle_words(effect, review["bundle"], names or {}),
        _change_words(standing.reviews),
        _until_words(effect, standing),
    ]
    return " ".join(part for part in said if part)


def picture_sentence(effect: Effect, standing: Standing | None) -> str:
    """Give today's number under the last standing, and why it may look otherwise.

    Nothing where there is no standing: the effect's own sentence is then the answer.
    """
    if standing is None:
        return ""
    if is_answered(effect):
        return f"{_so_far(effect, standing)} {_otherwise(effect, standing)}".strip()
    if standing.standing == WATCHING:
        return ""
    if verdict_of(effect) == standing.standing == "too small to tell":
        return look_again_sentence(effect)
    return effect_sentence(effect)


def numbers_title(effect: Effect, standing: Standing | None) -> str:
    """Give what came and what was expected as a title, or what is declared without a number."""
    if not is_answered(effect):
        return standing_title(effect, standing)
    came = count_text(effect.observed, "new patient")
    return f"{came[0].upper()}{came[1:]} came; expected without it: {expected_text(effect)}"


def standing_alt(effect: Effect, standing: Standing | None) -> str:
    """Give what is declared and what the picture shows, for those who cannot see it."""
    if standing is None:
        return effect_alt(effect)
    said = [standing_sentence(effect, standing), picture_sentence(effect, standing)]
    if is_answered(effect):
        said.append(
            f"Observed {amount_text(effect.observed)}, expected {amount_text(effect.expected)}, "
            f"from {day_text(effect.first_day)} to {day_text(effect.last_day)}."
        )
    return " ".join(part for part in said if part)


def review_words(effect: Effect, standing: Standing | None) -> str:
    """Say below a picture what of it has been judged."""
    if standing is None:
        return ""
    if standing.standing == WATCHING:
        if pd.isna(standing.next_review):
            return "Watching: not judged yet."
        return f"Watching: not judged before {day_text(standing.next_review)}."
    if all_reviewed(effect, standing):
        return "Reviewed with all counts shown."
    if pd.isna(standing.next_review):
        return f"Last reviewed on {day_text(standing.reviewed_on)}; the partnership has ended."
    return (
        f"Standing of {day_text(standing.reviewed_on)}; later counts are shown and not yet judged."
    )


def all_reviewed(effect: Effect, standing: Standing) -> bool:
    """Whether the last review had every period that the effect rests on."""
    if effect.periods.empty or pd.isna(standing.reviewed_on):
        return False
    last = effect.periods.sort_values("period").iloc[-1]
    return bool(last["period"] + pd.Timedelta(days=int(last["days"])) <= standing.reviewed_on)


def first_review_sentence(standing: Standing | None) -> str:
    """Say when the first review of one that has not begun will be."""
    if standing is None or pd.isna(standing.next_review):
        return ""
    return f"Its first review is of {day_text(standing.next_review)}."


def reviewed_text(standing: Standing | None) -> str:
    """Give when it was last reviewed, or when it first will be, for a cell of a table."""
    if standing is None or (pd.isna(standing.reviewed_on) and pd.isna(standing.next_review)):
        return "not reviewed"
    if pd.isna(standing.reviewed_on):
        return f"first on {day_text(standing.next_review)}"
    return day_text(standing.reviewed_on)


def rate_sentence(effect: Effect) -> str:
    """Give the effect a month so far with its interval; nothing where no number can be used."""
    if not is_answered(effect):
        return ""
    when = "While it ran" if has_ended(effect) else f"So far, to {day_text(effect.last_day)}"
    if verdict_of(effect) != "no clear change":
        return f"{when}: {rate_phrase(effect)}."
    return (
        f"{when}: {span_words(effect.per_month)} new patients a month than expected "
        f"({level_text(effect.level)} interval)."
    )


def interval_words(level: float) -> str:
    """Say once what the intervals of a report are."""
    return (
        f"{level_text(level)}: such an interval holds the true number in about "
        f"{number_text(100 * level, digits=0)} of 100 cases. A review interval is wider, since "
        "looking at every review gives chance more occasions; each page lists its level."
    )


def _watching(standing: Standing) -> str:
    if pd.isna(standing.next_review):
        return "Watching: no review is planned, and nothing is declared."
    return (
        f"Watching until its first review, of {day_text(standing.next_review)}. Until then "
        "nothing is declared, whatever the picture shows."
    )


def _finding(review: pd.Series[Any]) -> str:
    """Give the verdict of one review with its number, in words."""
    verdict = str(review["verdict"])
    total = Interval(review["estimate"], review["low"], review["high"])
    if verdict == "too small to tell" and total.is_number:
        span = span_words(total, 0)
        return f"{WITHOUT_NUMBER[verdict]}; they fit anything from {span} in all (review interval)"
    if verdict in WITHOUT_NUMBER:
        return WITHOUT_NUMBER[verdict]
    if verdict not in CHANGES:
        span = span_words(total, 0)
        return f"no clear change; the data fit anything from {span} in all (review interval)"
    if verdict == "fewer":
        total = Interval(-total.estimate, -total.high, -total.low)
    digits = shared_digits((total.estimate, *ends(total)), digits=0)
    is_open = math.isinf(ends(total)[1])
    number = f"at least {number_text(total.low, digits=digits)}"
    if not math.isnan(total.estimate):
        number = number_text(total.estimate, digits=digits)
    span = "with no far end" if is_open else span_text(total, digits)
    if verdict == "fewer" and not is_open:
        span += " fewer"
    return f"{verdict} new patients than expected, {number} in all (review interval {span})"


def _bundle_words(effect: Effect, bundle: tuple[str, ...], names: Mapping[str, str]) -> str:
    others = [
        short_name(names.get(key, key), most=45) for key in bundle if key != effect.partnership_id
    ]
    if not others:
        return ""
    both = "both" if len(others) == 1 else "all"
    return (
        f"The data could not tell it from {list_text(others)}; the number is for {both} together."
    )


def _change_words(reviews: pd.DataFrame) -> str:
    """Say what the last review changed, where a finding was made, taken back or turned."""
    if len(reviews) < 2:
        return ""
    before, now = reviews["verdict"].iloc[-2], reviews["verdict"].iloc[-1]
    day = day_text(reviews["review"].iloc[-2])
    if before == now or not {before, now} & set(CHANGES):
        return ""
    if before not in CHANGES:
        earlier = WITHOUT_NUMBER.get(before, "there was no clear change").replace(" are ", " were ")
        return f"At the review before, of {day}, {earlier.replace('cannot', 'could not')}."
    if now in CHANGES:
        return f"At the review before, of {day}, it was: {before}."
    why = "" if now == "data not fit" else ": with the later counts the data fit no change as well"
    return f"This takes back the finding of {day} ({before}){why}."


def _until_words(effect: Effect, standing: Standing) -> str:
    """Say until when a standing holds."""
    if pd.isna(standing.next_review):
        return "The partnership has ended and this was its last review; it stands."
    until = day_text(standing.next_review)
    if has_ended(effect):
        return f"The partnership has ended; this stands until its next review, of {until}."
    return f"This stands until the next review, of {until}."


def _so_far(effect: Effect, standing: Standing) -> str:
    """Give today's number a month, said to be a picture between reviews."""
    when = "While it ran, up to" if has_ended(effect) else "So far, up to"
    number = rate_phrase(effect)
    if verdict_of(effect) == "no clear change":
        number = (
            f"the data fit anything from {span_words(effect.per_month)} new patients a month than "
            f"expected ({level_text(effect.level)} interval)"
        )
    end = "; a picture, not a finding."
    if all_reviewed(effect, standing):
        end = "."
    elif standing.standing in CHANGES:
        end = "; what came since the review is not judged yet."
    return f"{when} {day_text(effect.last_day)}: {number}{end}"


def _otherwise(effect: Effect, standing: Standing) -> str:
    """Say why the picture may look otherwise than the standing; nothing where they agree."""
    now = verdict_of(effect)
    if now == standing.standing:
        return ""
    if now in CHANGES:
        alone = f'Judged by today\'s counts alone it would read "{now}".'
        if all_reviewed(effect, standing):
            return f"{alone} A review asks for more certainty than a single look."
        return f"{alone} {WHY_REVIEWS}"
    if standing.standing not in CHANGES:
        return ""
    decides = "" if pd.isna(standing.next_review) else "; the next review decides"
    return f"With the counts since the review the answer would be less clear{decides}."
