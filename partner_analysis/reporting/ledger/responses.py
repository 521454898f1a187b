"""How many patients came after each kind of activity, in words: hints, not findings."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.attribution.ledger.responses import FEWEST_ACTIVITIES, estimate_responses
from partner_analysis.reporting.html import NOTHING, Shown, html_table
from partner_analysis.reporting.numbers import (
    count_text,
    interval_text,
    level_text,
    list_text,
    number_text,
)
from partner_analysis.reporting.study import Study
from partner_analysis.tables import Interval

HINTS: Final = "Hints, not findings"


def responses_of(study: Study) -> pd.DataFrame:
    """How many came after each kind of activity, pooled over all that are no providers."""
    return estimate_responses(
        study.effects, study.activities, study.partnerships, level=study.practice.level
    )


def response_sentence(responses: pd.DataFrame, *, level: float) -> str:
    """Say after which kinds of activity more or fewer came; always as a hint."""
    told = responses.loc[responses["percent"].notna()]
    if responses.empty:
        return ""
    if told.empty:
        return (
            f"{HINTS}: no kind of activity was held {FEWEST_ACTIVITIES} times in weeks that can be "
            "compared, so nothing can be said of any."
        )
    more = told.loc[told["low"] > 0, "kind"].tolist()
    fewer = told.loc[told["high"] < 0, "kind"].tolist()
    found = [
        f"{word} patients came after activities of the kind {list_text(kinds)}"
        for word, kinds in (("more", more), ("fewer", fewer))
        if kinds
    ] or ["after no kind of activity did clearly more or fewer patients come"]
    odds = number_text(1 / (1 - level), digits=0)
    return (
        f"{HINTS}: {' and '.join(found)} than in the weeks before. Of kinds that change nothing, "
        f"about 1 in {odds} would still look as if it did, by luck; "
        f"{count_text(len(told), 'kind')} could be looked at."
    )


def response_table(responses: pd.DataFrame, *, level: float) -> Shown:
    """Give what came in the four weeks after activities of each kind, by name of the kind."""
    if responses.empty:
        return NOTHING
    rows = [
        (
            str(row.kind),
            number_text(row.activities, digits=0),
            number_text(row.observed, digits=0) if pd.notna(row.percent) else "too few to say",
            interval_text(Interval(row.percent, row.low, row.high), 0, unit="%")
            if pd.notna(row.percent)
            else "too few to say",
        )
        for row in responses.itertuples()
    ]
    heads = ["kind of activity", "activities", "came in the four weeks after (counted)"]
    heads.append(f"against the eight weeks before ({level_text(level)} interval)")
    left_out = int(responses["left_out"].sum())
    note = (
        "Exploratory. New patients whom the partnership reaches, season and other "
        "clinics considered; the interval comes from moving the activities to other weeks. "
        f"Fewer than {FEWEST_ACTIVITIES} activities of a kind are too few to say."
    )
    if left_out:
        verb = "is" if left_out == 1 else "are"
        note += (
            f" {count_text(left_out, 'activity').capitalize()} {verb} left out, too near a start, "
            "an end or the last complete week."
        )
    title = f"{HINTS}: what came after each kind of activity"
    return html_table(heads, rows, ("text", "number", "number", "number"), title=title, note=note)
