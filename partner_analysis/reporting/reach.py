"""Which partners reach the patients they were meant for, in words."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from partner_analysis.attribution.reach import FOR_ALL, MISSES, NOT_CLEAR, REACHES
from partner_analysis.reporting.care import level_of
from partner_analysis.reporting.html import NOTHING, Shown, html_table
from partner_analysis.reporting.long_lists import left_out_text, lines_of, names_text, shown_of
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    interval_text,
    list_text,
    short_name,
    span_text,
)
from partner_analysis.tables import Interval

FROM_COUNTS: Final = "Whom partners reach is not known from counts alone."
MOST_NAMED: Final = 3
APART_FIRST: Final = "first those that are clearly apart"
NOT_EFFECT: Final = (
    "This counts whom patients named and what kind of patient they are. It does not say how many "
    "came because of a partner."
)
NOTE: Final = (
    "New patients of its clinics while it ran, each once. Ordinary: of those there who did not "
    "name it. Partners stand by name, and where one is a provider that is said; none is ranked."
)


def reach_title(reach: pd.DataFrame | None) -> str:
    """Give the finding: who clearly reaches more of them than come anyway, and who does not."""
    told = _told(reach)
    if told.empty:
        return "Whether partners reach whom they are meant for cannot be told yet"
    there = [short_name(n, most=45) for n in told.loc[told["finding"] == REACHES, "name"]]
    if not there:
        return "No partner clearly reaches more of those it is meant for than come anyway"
    if len(there) > MOST_NAMED:
        return (
            f"{len(there)} of {len(told)} partners reach clearly more of those they are meant for"
        )
    verb, who = ("reaches", "it is") if len(there) == 1 else ("reach", "they are")
    return f"{list_text(there)} {verb} clearly more of those {who} meant for than come anyway"


def reach_sentences(reach: pd.DataFrame | None) -> list[str]:
    """Say of each partner which share of those who named it are of its kinds of patient.

    Parameters
    ----------
    reach
        From ``compare_reach``; None for a practice with counts only.
    """
    if reach is None:
        return [FROM_COUNTS]
    told = _told(reach)
    said = []
    for finding, words in (
        (REACHES, "Clearly more of those it is meant for than come anyway"),
        (MISSES, "Clearly fewer of them than come anyway"),
    ):
        rows = told.loc[told["finding"] == finding]
        if len(rows):
            told_rows = [_row_said(row) for row in rows.itertuples()]
            listed = lines_of(told_rows, of=len(reach), rest="see the table")
            said.append(f"{words}: {'; '.join(listed)}.")
    unclear = told.loc[told["finding"] == NOT_CLEAR, "name"]
    if len(unclear):
        names = names_text([short_name(name, most=45) for name in unclear], of=len(reach))
        said.append(f"No clear difference from those who come anyway: {names}.")
    for_all = reach.loc[reach["finding"] == FOR_ALL, "name"]
    open_ones = reach.loc[reach["share"].isna() & (reach["finding"] != FOR_ALL)]
    why = [
        f"{short_name(row.name, most=45)}: {row.finding}."
        for row in open_ones.itertuples(index=False)
    ]
    said += lines_of(why, of=len(reach), rest="reach.csv, a file of this report, says why not.")
    if len(for_all):
        names = names_text([short_name(name, most=45) for name in for_all], of=len(reach))
        said.append(f"Meant for every kind of patient, so not asked: {names}.")
    return [*said, NOT_EFFECT]


def reach_alt(reach: pd.DataFrame | None) -> str:
    """Give the same for those who cannot see the picture."""
    return f"{reach_title(reach)}. {' '.join(reach_sentences(reach))}"


def reach_table(reach: pd.DataFrame | None) -> Shown:
    """Give every partner by name: share of its kinds among those who named it, and ordinarily."""
    if reach is None or reach.empty:
        return NOTHING
    rows = [
        (
            called(row),
            list_text(list(row.intended)) or "all patients",
            NOT_APPLICABLE if pd.isna(row.share) else _share_text(row),
            f"{row.named:,} of {row.of_named:,}",
            NOT_APPLICABLE if pd.isna(row.share) else
            f"{100 * row.share_others:.0f}% ({row.others:,} of {row.of_others:,})",
            row.finding if pd.isna(row.difference) else f"{row.finding} ({_gap_text(row)})",
        )
        for row in shown_of(list(reach.itertuples()), first=place_of)
    ]  # fmt: skip
    heads = ["partner", "meant for", "of those who named it", "counted", "ordinarily there",
             f"finding (difference, {level_of(reach)} intervals for all rows at once)"]  # fmt: skip
    kinds = ("text", "text", "number", "number", "number", "text")
    note = f"{NOTE} {NOT_EFFECT} {left_out_text(len(reach), 'reach.csv', which=APART_FIRST)}"
    return html_table(heads, rows, kinds, title=reach_title(reach), note=note.strip())


def place_of(row: Any) -> int:
    """Give which partners stand on the page where not all can: clearly apart, told, the rest."""
    return 0 if row.finding in (REACHES, MISSES) else 1 if row.finding == NOT_CLEAR else 2


def called(row: Any) -> str:
    """Give a partner's name, and that it is a provider."""
    return f"{short_name(row.name, most=45)}{' (provider)' if row.provider else ''}"


def _row_said(row: Any) -> str:
    return (
        f"{called(row)} ({list_text(list(row.intended))}), {_share_text(row)} of {row.of_named} "
        f"who named it, ordinarily {100 * row.share_others:.0f}%"
    )


def _share_text(row: Any) -> str:
    span = Interval(row.share, row.share_low, row.share_high).scaled(100)
    return interval_text(span, 0, unit="%")


def _gap_text(row: Any) -> str:
    span = Interval(row.difference, row.low, row.high).scaled(100)
    return span_text(span, 0, unit="%")


def _told(reach: pd.DataFrame | None) -> pd.DataFrame:
    if reach is None:
        return pd.DataFrame(columns=["finding", "name"])
    return reach.loc[reach["share"].notna()]
