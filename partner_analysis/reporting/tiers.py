"""Sent by a physician and won by a partner, in a sentence and a table."""

from __future__ import annotations

import pandas as pd

from partner_analysis.reporting.html import NOTHING, Shown, html_table
from partner_analysis.reporting.numbers import number_text, short_name

ALL_OF_THEM = (
    "New patients of every kind at its clinics since it began, with those of weeks that are not "
    "complete yet (counted); so they can be more than in the estimate."
)


def tiers_title(tiers: pd.DataFrame, name: str) -> str:
    """Say how many of those who named the partner a physician had sent, as a title."""
    numbers = (tiers["named"].iloc[0], tiers["named"].sum())
    sent, all_named = (number_text(n, digits=0) for n in numbers)
    were = "was" if sent == "1" else "were"
    return f"{sent} of {all_named} who named {short_name(name, most=45)} {were} sent by a physician"


def tiers_table(tiers: pd.DataFrame | None, name: str) -> Shown:
    """Give both tiers of the source side by side; nothing where nobody named the partner."""
    if tiers is None or not tiers["named"].sum():
        return NOTHING
    rows = [
        (row.tier, number_text(row.named, digits=0), number_text(row.others, digits=0))
        for row in tiers.itertuples()
    ]
    heads = ["who sent them to physical therapy?", "named the partner", "did not"]
    return html_table(
        heads, rows, ("text", "number", "number"),
        title=tiers_title(tiers, name), note=ALL_OF_THEM,
    )  # fmt: skip
