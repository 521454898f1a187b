"""What is due: reviews and talks of now and of the next thirty days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.reporting.numbers import day_text, list_text, short_name

SOON_DAYS: Final = 30


def decisions_due(
    standings: Mapping[str, Standing],
    alliances: pd.DataFrame,
    names: Mapping[str, str],
    *,
    as_of: pd.Timestamp,
) -> list[tuple[str, str, str]]:
    """Give what is due as (partnership id, name, what and when), the most pressing first.

    Parameters
    ----------
    standings
        What is declared, by partnership id, with the date of the next review.
    alliances
        As ``list_alliances`` gives them: a talk is due, long overdue or soon due.
    names
        Name by partnership id.
    as_of
        Day of the report.
    """
    found: list[tuple[pd.Timestamp, str, str]] = []
    for key, standing in standings.items():
        day = standing.next_review
        if pd.isna(day) or day > as_of + pd.Timedelta(days=SOON_DAYS):
            continue
        what = f"review on {day_text(day)}"
        if day <= as_of:
            what = f"review of {day_text(day)}, held as soon as the counts up to it are complete"
        found.append((day, key, what))
    for row in alliances.loc[alliances["talk"].isin(["due", "soon"])].itertuples():
        late = row.review_date <= as_of
        what = f"talk {'due since' if late else 'agreed for'} {day_text(row.review_date)}"
        found.append((row.review_date, str(row.partnership_id), what))
    return [
        (key, short_name(names.get(key, key), most=45), what)
        for _, key, what in sorted(found, key=lambda each: each[:2])
    ]


def nothing_due_sentence(
    standings: Mapping[str, Standing], names: Mapping[str, str], *, as_of: pd.Timestamp
) -> str:
    """Say that nothing is due soon, and which review is the next."""
    days = {
        key: standing.next_review
        for key, standing in standings.items()
        if pd.notna(standing.next_review) and standing.next_review > as_of
    }
    if not days:
        return "No review is planned."
    first = min(days.values())
    whose = [short_name(names.get(key, key), most=45) for key, day in days.items() if day == first]
    return (
        f"Nothing is due within {SOON_DAYS} days. The next review is that of {list_text(whose)}, "
        f"on {day_text(first)}."
    )
