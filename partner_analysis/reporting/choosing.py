"""Possible partners in words and as a table: places only as far as the scores tell."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.reporting.html import Shown, html_table
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    count_text,
    list_text,
    number_text,
    short_name,
)
from partner_analysis.reporting.pool import range_text

PART_WORDS: Final = {
    "values": "values",
    "trust": "trust",
    "complementary": "services",
    "reach": "reach",
    "willingness": "willingness",
}
NOTE: Final = (
    "Scores 0 to 5, weighted as the practice's settings say. A score that is not known makes a "
    "range, from the lowest to the highest that is possible. Physicians and other providers are "
    "scored on values, trust and complementary services alone, and not ranked. Elsewhere: where "
    "one more partner of the kind is to be expected, in percent of expected new patients."
)


def choosing_title(scored: pd.DataFrame) -> str:
    """The finding: who comes first, as far as the scores that are known can tell."""
    ranked = scored.loc[~scored["provider"]]
    if ranked.empty:
        return "There is no candidate to rank"
    able = ranked.loc[ranked["first"] == 1, "name"].map(short_name).tolist()
    if len(able) == 1:
        left = ranked["unknown"].map(len).sum() > 0
        return f"{able[0]} scores highest{', whatever is not known yet' if left else ''}"
    if len(able) == len(ranked):
        return f"Which of the {len(ranked)} candidates scores highest cannot be told yet"
    return f"{list_text(able)} may score highest; the others cannot"


def choosing_sentence(scored: pd.DataFrame) -> str:
    """Who may come first, and which scores would decide it."""
    ranked = scored.loc[~scored["provider"]]
    said = f"{choosing_title(scored)}."
    rivals = ranked.loc[(ranked["first"] == 1) & (ranked["last"] > 1)]
    missing = [
        f"{list_text([PART_WORDS[p] for p in row.unknown])} of {short_name(str(row.called))}"
        for row in rivals.rename(columns={"name": "called"}).itertuples()
        if row.unknown
    ]
    if missing:
        said += f" To tell, find out: {'; '.join(missing)}."
    elif len(rivals) > 1:
        said += " Their scores are equal; talk to each."
    away = int(scored["provider"].sum())
    if away:
        verb = "is" if away == 1 else "are"
        said += (
            f" {count_text(away, 'provider').capitalize()} {verb} listed apart, without a place: "
            "what somebody could send is no reason to choose a provider."
        )
    return said


def scorecard_table(scored: pd.DataFrame) -> Shown:
    """Give one row per candidate: place, score, gap it would fill, what its kind brought."""
    rows = [
        (
            short_name(str(row.called)),
            short_name(str(row.kind)) or NOT_APPLICABLE,
            place_text(row.first, row.last),
            score_text(row.low, row.high),
            list_text([PART_WORDS[part] for part in row.unknown]) or "none",
            "; ".join(_place_of(gap) for gap in row.gaps) or "none known",
            _elsewhere(row),
        )
        for row in scored.rename(columns={"name": "called"}).itertuples()
    ]
    heads = ["candidate", "kind", "place", "score of 5", "not known", "gap filled", "elsewhere"]
    kinds = ("text", "text", "number", "number", "text", "text", "text")
    return html_table(heads, rows, kinds, title=choosing_title(scored), note=NOTE)


def score_text(low: float, high: float) -> str:
    """A score, or the range that unknown parts leave.

    >>> score_text(3.6, 3.6), score_text(2.4, 4.1)
    ('3.6', '2.4 to 4.1')
    """
    ends = [number_text(end, digits=1) for end in (low, high)]
    return ends[0] if low == high else f"{ends[0]} to {ends[1]}"


def place_text(first: float, last: float) -> str:
    """A place, the places that are possible, or that there is none.

    >>> place_text(1, 1), place_text(1, 3), place_text(float("nan"), float("nan"))
    ('1', '1 to 3', 'not ranked')
    """
    if pd.isna(first):
        return "not ranked"
    return f"{first:.0f}" if first == last else f"{first:.0f} to {last:.0f}"


def _place_of(gap: str) -> str:
    """Who and where of a gap, without its reasons, which stand in the table of gaps."""
    return short_name(gap.partition(": ")[0], most=45)


def _elsewhere(row: object) -> str:
    provider, percent = row.provider, row.elsewhere  # type: ignore[attr-defined]
    if provider:
        return "not compared"
    if not percent.is_number:
        return "not known"
    return f"{range_text(percent)} ({count_text(row.practices, 'practice')})"  # type: ignore[attr-defined]
