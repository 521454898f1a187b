"""How far to trust an answer, in sentences: its grade, its trends, what moved, what was full."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.reviews.held import WATCHING, Standing
from partner_analysis.reporting.numbers import (
    interval_text,
    level_text,
    list_text,
    number_text,
    short_name,
    span_words,
)
from partner_analysis.reporting.phrases import (
    NOTE_WORDS,
    VERDICT_WORDS,
    is_answered,
    verdict_of,
)

TRENDS: Final = "parallel trends"
PRE_TREND: Final = "pre-trend"
OF_THE_ANSWER: Final = (  # these checks tell the answer, or hold against it
    "other choices", "placebo clinics", "negative control", "parallel trends", "hidden causes",
    "after the end",
)  # fmt: skip
LIMIT_WORDS: Final = {
    "Warned: ": "Checks that ask for care: ",
    "Failed: ": "Checks that speak against it: ",
    "Would fall if trends": "The finding would fall if trends",
}
CHECK_WORDS: Final = {
    "other choices": "how patients and time were cut",
    "pre-trend": "moves before the start",
    "parallel trends": "how far trends could have parted",
    "placebo clinics": "clinics without it",
    "placebo date": "a made-up start",
    "leave one clinic out": "each comparison clinic left out",
    "negative control": "patients it cannot reach",
    "hidden causes": "a hidden cause",
    "recording": "how sources are written down",
}
TREND_TITLES: Final = {
    "pass": "No drift before the start beyond chance",
    "warn": "Before the start it had already parted from the comparison",
    "fail": "Before the start it had already parted from the comparison",
    "not possible": "Too little is known before the start to see whether it had parted",
}


def grade_sentence(effect: Effect) -> str:
    """Give the grade of evidence with its reasons in one line; nothing where there is no answer."""
    if effect.grade == "none" or not is_answered(effect):
        return ""
    if not effect.grade_limits:
        return f"Evidence: {effect.grade}. No rule limits it."
    reasons = " ".join(_in_words(reason) for reason in effect.grade_limits)
    return f"Evidence: {effect.grade}. {reasons}"


def told_checks(effect: Effect, standing: Standing | None = None) -> pd.DataFrame:
    """Give the checks as they may be told: those of the answer only where there is an answer.

    Before the first review, and where the verdict has no number, their result is that verdict
    ("too early") and their detail empty, so that no number is read before its time.
    """
    checks = effect.checks.copy()
    watching = standing is not None and standing.standing == WATCHING
    if is_answered(effect) and not watching:
        return checks
    kept_back = checks["check"].isin(OF_THE_ANSWER)
    why = "too early" if is_answered(effect) else VERDICT_WORDS[verdict_of(effect)].lower()
    checks["result"] = checks["result"].mask(kept_back, why)
    checks["detail"] = checks["detail"].mask(kept_back, "")
    return checks


def control_sentence(effect: Effect) -> str:
    """Give the change beyond that of the patients named beforehand as out of reach, if any."""
    if effect.control is None or not effect.control.is_number or not is_answered(effect):
        return ""
    return (
        "Compared with patients at the same clinics whom it cannot reach (the negative control "
        f"named in the register), the change is {interval_text(effect.control, 0, unit='%')}; in "
        f"brackets the {level_text(effect.level)} interval."
    )


def together_sentence(effect: Effect, names: Mapping[str, str]) -> str:
    """Give the total with the partnerships that share its cells; nothing where none does."""
    if effect.together is None or not is_answered(effect):
        return ""
    others = [short_name(names.get(key, key), most=45) for key in effect.together_with]
    return (
        f"Together with {list_text(others)}, which ran in some of the same clinics for the same "
        f"patients: {span_words(effect.together, 0)} new patients in all than expected without any "
        f"of them ({level_text(effect.level)} interval). The single numbers need not add up to it."
    )


def together_short(effect: Effect, names: Mapping[str, str]) -> str:
    """Give the same in one line beside the single answer; nothing where none shares its cells."""
    if effect.together is None or not is_answered(effect):
        return ""
    others = [short_name(names.get(key, key), most=45) for key in effect.together_with]
    return (
        f"Together with {list_text(others)}: {span_words(effect.together, 0)} new patients in all "
        f"than expected ({level_text(effect.level)} interval)."
    )


def priors_title(effect: Effect) -> str:
    """Give the total under other assumptions about how the clinic grows, as a title."""
    if len(effect.priors) < 2 or not is_answered(effect):
        return ""
    used, *others = effect.priors["estimate"]
    ends = (number_text(end, digits=0) for end in (min(others), max(others)))
    span = " to ".join(dict.fromkeys(ends))
    here = number_text(used, digits=0)
    if span == here:
        return f"With other assumptions on growth the total would be {here} as well"
    return f"With other assumptions on growth the total would be {span}; here it is {here}"


def trends_title(effect: Effect) -> str:
    """Say whether it had parted from the comparison before the start, as a title."""
    return TREND_TITLES.get(_check(effect, PRE_TREND)[0], TREND_TITLES["not possible"])


def trends_sentence(effect: Effect) -> str:
    """Say whether it had parted before the start, then how far it could have since.

    Nothing without an answer.
    """
    said = [_check(effect, name)[1] for name in (PRE_TREND, TRENDS)]
    return " ".join(filter(None, said)) if is_answered(effect) else ""


def trends_alt(effect: Effect) -> str:
    """Give the same with the size of the months, for those who cannot see them."""
    return f"{trends_title(effect)}. {trends_sentence(effect)}".strip()


def luck_sentence(effect: Effect) -> str:
    """Say why more can have come by it than came at all; nothing where the range stays below.

    The range is of the average over such times, not of what chance made of this one.
    """
    if not is_answered(effect) or not effect.observed + 0.5 < effect.total.high < math.inf:
        return ""
    return (
        "The range is of what would come on average in such a time; luck makes the count of one "
        "time more or less, so its upper end can be above the "
        f"{number_text(effect.observed, digits=0)} that came."
    )


def demand_text(effect: Effect) -> str:
    """Give the number for demand where the clinic was full: "at least 37 (10 to 64)"."""
    return f"at least {interval_text(effect.total, 0)}" if effect.at_least else ""


def _check(effect: Effect, name: str) -> tuple[str, str]:
    """Result and detail of one check; empty where it was not made."""
    rows = effect.checks.loc[effect.checks["check"] == name]
    return (str(rows["result"].iloc[0]), str(rows["detail"].iloc[0])) if len(rows) else ("", "")


def _in_words(reason: str) -> str:
    checks = CHECK_WORDS if reason.startswith(("Warned: ", "Failed: ")) else {}
    for ours, theirs in (checks | NOTE_WORDS | LIMIT_WORDS).items():
        reason = reason.replace(ours, theirs)
    return reason
