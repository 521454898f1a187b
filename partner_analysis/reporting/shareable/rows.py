"""Sentences about counts that are told, by quarter or year."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.reporting.disclosure import COUNT, FEW, WITHHELD, told_text
from partner_analysis.reporting.numbers import month_text
from partner_analysis.reporting.shareable.counts import QUARTERS_A_YEAR, Row

QUARTERS: Final = ("January to March", "April to June", "July to September", "October to December")


def period_text(period: str) -> str:
    """Give a quarter or a year in words.

    >>> period_text("2024Q2"), period_text("2024")
    ('2024, April to June', '2024')
    """
    year, _, quarter = period.partition("Q")
    return f"{year}, {QUARTERS[int(quarter) - 1]}" if quarter else year


def rows_sentence(rows: list[Row], whom: str) -> str:
    """Say of whom the counts are, and what there is to read."""
    if not rows:
        return f"New patients {whom}, are counted by full quarters or years; none can be told yet."
    return f"Counted are new patients {whom}, whatever brought them."


def no_full_year_words(start: pd.Timestamp) -> str:
    """Say why no picture is drawn: none of it would be a year with the partnership."""
    return (
        f"The partnership began in {month_text(start)}, so counts from before it are among these: "
        "no full year with it can be told yet."
    )


def has_full_year(rows: list[Row], start: pd.Timestamp) -> bool:
    """Whether a whole year with the partnership is among the counts that are told.

    >>> has_full_year([Row("2024", 40, "count")], pd.Timestamp("2024-11-18"))
    False
    """
    told = [r.period for r in rows if r.answer == COUNT and pd.Period(r.period).start_time >= start]
    return any("Q" not in period for period in told) or len(told) >= QUARTERS_A_YEAR


def rows_title(rows: list[Row], what: str) -> str:
    """Give the counts that are told as a finding.

    >>> rows_title([Row("2024Q1", 40, "count"), Row("2024Q2", 52, "count")], "new patients")
    'Between 40 and 52 new patients a quarter'
    """
    told = [row for row in rows if row.answer == COUNT]
    if not told:
        return f"Too few {what} for a count that may be told"
    grains = {"quarter" if "Q" in row.period else "year" for row in told}
    grain = grains.pop() if len(grains) == 1 else "quarter or year"
    if len(told) == 1:
        return f"{told[0].text} {what} in {period_text(told[0].period)}"
    low, high = (told_text(end(row.new_patients for row in told), COUNT) for end in (min, max))
    span = low if low == high else f"Between {low} and {high}"
    return f"{span} {what} a {grain}"


def rows_alt(rows: list[Row], what: str) -> str:
    """Give all counts as one sentence, for those who cannot see them drawn."""
    words = {FEW: "fewer than 11", WITHHELD: "not shown"}
    said = [f"{period_text(row.period)}: {words.get(row.answer) or row.text}" for row in rows]
    return f"{what[0].upper()}{what[1:]}. {'; '.join(said)}."
