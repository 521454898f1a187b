"""Sent by a physician and won by a partner, in a sentence and a table."""

from __future__ import annotations

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting.html import NOTHING, Shown, html_table
from partner_analysis.reporting.numbers import day_text, number_text, short_name

ALL_OF_THEM = "New patients of every kind at its clinics since it began, counted."


def tiers_title(tiers: pd.DataFrame, name: str) -> str:
    """Say how many of those who named the partner a physician had sent, as a title."""
    numbers = (tiers["named"].iloc[0], tiers["named"].sum())
    sent, all_named = (number_text(n, digits=0) for n in numbers)
    were = "was" if sent == "1" else "were"
    return f"{sent} of {all_named} who named {short_name(name, most=45)} {were} sent by a physician"


def counts_sentence(tiers: pd.DataFrame | None, effect: Effect) -> str:
    """Say why more named the partner here than in the estimate; nothing where nobody did.

    The estimate rests on the kinds of patient it is meant for, in complete periods; whom its
    patients named and how they fared is asked of all who named it at its clinics.
    """
    if tiers is None or not tiers["named"].sum() or effect.named is None:
        return ""
    everyone, counted = int(tiers["named"].sum()), int(effect.named)
    if everyone == counted:
        return f"The same {counted:,} who named it are counted here and above."
    last = "" if pd.isna(effect.last_day) else f", up to {day_text(effect.last_day)}"
    return (
        f"Here and below {everyone:,} are counted as naming it, not {counted:,} as above: those "
        f"are only of the kinds of patient it is meant for, in complete periods{last}; here every "
        "kind and the latest days are in. The page on data quality counts all clinics and "
        "times, so a third number stands there."
    )


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
