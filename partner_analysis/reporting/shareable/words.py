"""Sentences of pages for others: what was found, how, and what it is not."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd

from partner_analysis.attribution.alike import FEWEST as FEWEST_CARED
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.reporting.numbers import (
    count_text,
    day_text,
    level_text,
    list_text,
    month_text,
    number_text,
)
from partner_analysis.reporting.phrases import ANSWERED
from partner_analysis.reporting.shareable.effects import ToldEffect

ENOUGH_CARED: Final = 3 * FEWEST_CARED
CHANGE_WORDS: Final = {
    "more": "more new patients came than would be expected without the partnership",
    "fewer": "fewer new patients came than would be expected without the partnership",
    "no clear change": "there was no clear change in how many new patients came",
    "too early": "it was too early to tell whether more new patients came",
    "too small to tell": "the numbers were too small to tell whether more new patients came",
    "data not fit": "the data could not tell whether more new patients came",
}
SUPPRESSED: Final = (
    'Counts of 1 to 10 are shown as "<11", and a count from which one of them could be worked '
    "out is not shown. Counts are told by quarter, or by year where quarters are too small."
)
WEEKS: Final = "A week belongs to the quarter in which it begins."
FIXED: Final = (
    "What has been told once is not changed by later corrections, so that two pages can be laid "
    "side by side."
)
NOT_WHY: Final = (
    "This is an estimate beside similar patients elsewhere. Something else that began in the same "
    "clinics at the same time would count as the partnership's doing."
)
INTERVAL: Final = (
    "The interval is the range of changes that fit the data. It is made wide, so that it seldom "
    "misses the true change."
)
CARE_ONLY: Final = (
    "How many people one side sends the other is not counted for this page, is compared with "
    "nothing, and decides nothing."
)


# ------------------------------------------------------------------ the answer
def answer_words(told: ToldEffect | None, standing: Standing | None) -> str:
    """Give what the last review says, or when there will be one."""
    if told is None:
        day = pd.NaT if standing is None else standing.next_review
        when = f"; the first review is on {day_text(day)}" if pd.notna(day) else ""
        return f"Whether more new patients came cannot be told yet{when}."
    said = f"At the review of {day_text(pd.Timestamp(told.review))}, {CHANGE_WORDS[told.verdict]}"
    percent = told.percent
    if not percent.is_number:
        return f"{said}."
    level = level_text(told.level)
    span = _span(percent.low, percent.high)
    if told.verdict == "no clear change":
        return f"{said}: the data fit anything from {span} than expected ({level} interval)."
    return f"{said}: about {_size(percent.estimate)} ({level} interval {span})."


def uncertainty_words(told: ToldEffect | None) -> list[str]:
    """Say how sure the answer is, what it could have missed, and why a number is missing."""
    if told is None:
        return ["Between reviews nothing is called a success or a failure."]
    said = [INTERVAL if told.percent.is_number else _why_no_number(told)]
    if math.isfinite(told.visible):
        said.append(
            f"A change smaller than about {number_text(told.visible, digits=0)}% could easily have "
            "been missed."
        )
    else:
        said.append("How small a change could have been seen is not told, for the same reason.")
    if told.together:
        said.append(
            "Another activity ran in the same places at the same time. The data cannot tell the "
            "two apart, so that the answer is for both together."
        )
    return said


def _why_no_number(told: ToldEffect) -> str:
    if told.verdict not in ANSWERED:
        return "Such an answer has no number; more months would help."
    if told.hides_provider:
        return (
            "No number is told with it, since it could not be told apart from that of an activity "
            "of which none is told."
        )
    return (
        "The numbers are too small, or too uncertain, to be told without pointing at single "
        "people. More months would help."
    )


def _span(low: float, high: float) -> str:
    """Give an interval of percentages, each end rounded: "5% fewer to 92% more"."""
    ends = [round(low), round(high)]
    if min(ends) >= 0 and ends[1] > 0:
        return f"{ends[0]}% to {ends[1]}% more"
    if max(ends) <= 0 and ends[0] < 0:
        return f"{-ends[1]}% to {-ends[0]}% fewer"
    return f"{_size(low)} to {_size(high)}"


def _size(percent: float) -> str:
    shown = round(percent)
    if shown == 0:
        return "no change"
    return f"{abs(shown):,}% {'more' if shown > 0 else 'fewer'}"


# ------------------------------------------------------------------ method, dates, care
def method_words(told: ToldEffect | None) -> list[str]:
    """Say with what it was compared, how, and when reviews are held."""
    said = [
        "A partnership is reviewed 3, 6 and 12 months after its start, then yearly. A review asks "
        "for more certainty than a single look, since several looks give chance more occasions.",
    ]
    if told is None or told.method == "none":
        return said
    if told.method == "panel":
        where = f" ({list_text(told.clinics)})" if told.clinics else ""
        what = f"new patients at clinics and of kinds that no partnership reached{where}"
        how = "what would have come is worked out from how many came there"
    else:
        what = "their own past, since nothing else can be compared"
        how = "what would have come is worked out from the time before"
    months = [month_text(pd.Timestamp(month)) for month in (told.first, told.last)]
    return [
        f"Compared are new patients whom the partnership is for with {what}, over {months[0]} to "
        f"{months[1]} ({how}). Percentages are rounded.",
        *said,
        NOT_WHY,
    ]


def talk_words(
    review_date: pd.Timestamp, standing: Standing | None, *, as_of: pd.Timestamp, silent: bool
) -> list[str]:
    """Say when both sides meant to talk again, and when the numbers are reviewed next."""
    if pd.isna(review_date):
        said = ["No date is agreed yet on which both sides review the agreement: agree on one."]
    elif review_date > as_of:
        said = [f"The agreement is to be reviewed on {day_text(review_date)}."]
    else:
        said = ["The review of the agreement is due."]
    if not silent and standing is not None and pd.notna(standing.next_review):
        said.append(f"The numbers are reviewed next on {day_text(standing.next_review)}.")
    return said


def benefit_words(care: pd.DataFrame | None) -> list[str]:
    """Say in which measures care of the partner's patients clearly differed; no number of them."""
    if care is None:
        return ["How patients were cared for is not known from these data."]
    enough = care["difference"].notna()
    enough &= (care["n_partner"] >= ENOUGH_CARED) & (care["n_others"] >= ENOUGH_CARED)
    asked = care.loc[enough]
    if asked.empty:
        return ["How care went cannot be compared yet."]
    said = []
    alone = ~asked["is_clear"] & ((asked["low"] > 0) | (asked["high"] < 0))
    for words, chosen in (
        ("Clearly higher than for similar patients", asked["is_clear"] & (asked["difference"] > 0)),
        ("Clearly lower than for similar patients", asked["is_clear"] & (asked["difference"] < 0)),
        ("No clear difference from similar patients", ~asked["is_clear"] & ~alone),
        ("Different when looked at alone, which among several measures can be chance", alone),
    ):
        said += _measures_said(words, asked.loc[chosen])
    said += _measures_said(
        "Known of too few patients to be told here", care.loc[care["difference"].notna() & ~enough]
    )
    return [*said, "This does not say that the partnership is why."]


def _measures_said(words: str, rows: pd.DataFrame) -> list[str]:
    """Name measures behind what is said of them; nothing where there are none."""
    names = [str(name).split(" (")[0] for name in rows["measure"]]
    return [f"{words}: {list_text(names)}."] if names else []


def about_words(
    *, as_of: pd.Timestamp, until: pd.Timestamp, definition: str, by_week: bool, has_counts: bool
) -> list[str]:
    """Say what a page rests on: whom it counts, until when, what is hidden and fixed."""
    said = [
        f"A new patient is {definition}. Data as of {day_text(as_of)}, complete until "
        f"{day_text(until)}.",
    ]
    if not has_counts:
        return said
    return [*said, f"{SUPPRESSED} {WEEKS}" if by_week else SUPPRESSED, FIXED]


def verdicts_words(told: list[ToldEffect], *, waiting: int, providers: int) -> str:
    """Give how many partnerships were judged how, without a name."""
    if not told:
        return "No partnership has been reviewed yet."
    words = {"more": "more", "fewer": "fewer", "no clear change": "no clear change in"}
    said = [
        f"{count_text(n, 'partnership')} with {word} new patients than expected".replace(
            "no clear change in new patients than expected", "no clear change in new patients"
        )
        for verdict, word in words.items()
        if (n := sum(one.verdict == verdict for one in told))
    ]
    rest = waiting + sum(one.verdict not in words for one in told)
    if rest:
        said.append(f"{count_text(rest, 'partnership')} of which it cannot be told yet")
    more = (
        f" {count_text(providers, 'partnership')} with providers who can refer "
        if providers
        else ""
    )
    verb = "is" if providers == 1 else "are"
    care = (
        f"{more}{verb} about care and {verb} not judged by numbers on this page."
        if providers
        else ""
    )
    return f"The last reviews find {list_text(said)}.{care}"
