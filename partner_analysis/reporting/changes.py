"""What is different from the report of the date before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.reporting.numbers import day_text, interval_text, list_text, short_name
from partner_analysis.reporting.phrases import is_answered
from partner_analysis.reporting.reasons import movement_reason

WORTH_TELLING: Final = 0.1
NOTHING: Final = "No standing changed, and no number moved by more than a tenth."
FIRST: Final = "This is the first report. From the next one on, this says what changed and why."


def changes_sentence(
    standings: Mapping[str, str],
    previous: Mapping[str, str] | None,
    *,
    names: Mapping[str, str] | None = None,
    previous_as_of: pd.Timestamp | None = None,
) -> str:
    """Say whose standing changed since the last report, who is new and who is gone.

    Parameters
    ----------
    standings, previous
        What is declared by partnership id, now and in the last report (None = this is the first).
    names
        Name by partnership id, for both.
    previous_as_of
        The date at which the last report's data were cut.
    """
    if previous is None:
        return "This is the first report."

    told = standing_changes(standings, previous, names=names, previous_as_of=previous_as_of)
    return told[0] if told else "Since the last report no standing changed."


def standing_changes(
    standings: Mapping[str, str],
    previous: Mapping[str, str],
    *,
    names: Mapping[str, str] | None = None,
    previous_as_of: pd.Timestamp | None = None,
    reviewed: Mapping[str, pd.Timestamp] | None = None,
) -> list[str]:
    """Give one sentence about all standings that changed, and at which review; none = none did."""

    def name(identifier: str) -> str:
        return short_name((names or {}).get(identifier, identifier), most=45)

    def at_review(identifier: str) -> str:
        day = (reviewed or {}).get(identifier)
        return f" at its review of {day_text(day)}" if day is not None else ""

    parts = [
        f'{name(key)} went from "{previous[key]}" to "{standing}"{at_review(key)}'
        for key, standing in standings.items()
        if key in previous and previous[key] != standing
    ]
    for here, there, what in ((standings, previous, "new"), (previous, standings, "gone")):
        others = [name(key) for key in here if key not in there]
        if others:
            parts.append(f"{list_text(others)} {'is' if len(others) == 1 else 'are'} {what}")
    since = f" ({day_text(previous_as_of)})" if previous_as_of is not None else ""
    return [f"Since the last report{since}: {'; '.join(parts)}."] if parts else []


def reviews_held(
    standings: Mapping[str, Standing],
    previous: Mapping[str, str],
    names: Mapping[str, str],
    *,
    after: pd.Timestamp,
) -> list[str]:
    """Give one sentence about those reviewed between two reports whose standing stayed."""
    held = [
        f"{short_name(names.get(key, key), most=45)} ({standing.standing})"
        for key, standing in standings.items()
        if standing.reviewed_on > after and previous.get(key) == standing.standing
    ]
    return (
        [f"Reviewed since the last report, with the same standing: {list_text(held)}."]
        if held
        else []
    )


def movements(now: Mapping[str, Effect], before: Mapping[str, Effect]) -> list[str]:
    """Give one sentence for each answer of both reports that moved by more than a tenth."""
    said = []
    for key in sorted(set(now) & set(before), key=lambda key: now[key].name.casefold()):
        ours, theirs = now[key], before[key]
        if not (is_answered(ours) and is_answered(theirs) and _has_moved(ours, theirs)):
            continue
        sentence = (
            f"{short_name(ours.name, most=45)}: {interval_text(theirs.per_month)} a month before, "
            f"{interval_text(ours.per_month)} now."
        )
        said.append(f"{sentence} {movement_reason(ours, theirs)}")
    return said


def beginnings(
    starts: Mapping[str, pd.Timestamp],
    names: Mapping[str, str],
    *,
    after: pd.Timestamp,
    until: pd.Timestamp,
) -> list[str]:
    """Give one sentence for each partnership that began between two reports."""
    return [
        f"{short_name(names[key], most=45)} began on {day_text(day)}."
        for key, day in sorted(starts.items(), key=lambda item: item[1])
        if after < day <= until
    ]


def _has_moved(ours: Effect, theirs: Effect) -> bool:
    """Whether the estimate or an end moved by more than a tenth of what it was before."""
    old, new = theirs.per_month, ours.per_month
    scale = max(abs(old.estimate), (old.high - old.low) / 2)
    pairs = zip((old.estimate, old.low, old.high), (new.estimate, new.low, new.high), strict=True)
    return any(a != b and not abs(a - b) <= WORTH_TELLING * scale for a, b in pairs)
