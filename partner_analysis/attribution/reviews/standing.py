"""What a report declares of a partnership: the verdict at its last planned review.

A verdict read off every month would sooner or later call chance an effect. So each partnership is
judged on planned dates only, each time with the counts known by then and at a level that makes
all reviews together err no more often than one look would.
"""

from __future__ import annotations

import pandas as pd

from partner_analysis.attribution.effect import Effect, empty_table
from partner_analysis.attribution.estimate import estimate_effect
from partner_analysis.attribution.reviews.held import REVIEW_COLUMNS, WATCHING, Standing
from partner_analysis.attribution.reviews.known import (
    PracticeTables,
    first_day_after,
    is_over,
    planned_reviews,
    practice_of,
)
from partner_analysis.tables import InputError


def review_partnership(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    partnership_id: str,
    *,
    named: pd.DataFrame | None = None,
    events: pd.DataFrame | None = None,
    holidays: str = "US",
    method: str = "auto",
    level: float = 0.95,
) -> Standing:
    """What is to be declared of one partnership: the verdict at its last planned review.

    Reviews are planned 3, 6 and 12 months after its first start, then yearly. Each is held on
    the first day on which every period begun before its date is complete, with the counts of
    those periods only and with the register as it was known then: what began later is left out,
    an end that was to come is not known. So a later run on more counts gives the same review to
    the last digit. Corrections to counts or register of before a review do change it, as they
    should.

    A partnership that has ended is reviewed on, as planned, until its wash-out of 91 days is
    over: the first review after that is the last, unless it starts again. Its date is not moved
    to the end, because an end may be a reaction to what was seen.

    Parameters
    ----------
    counts, partnerships, partnership_id, named, method
        As for ``estimate_effect``. Only complete periods belong into the counts.
    events
        Declared shocks and changes in recording, as for ``estimate_effect``.
    holidays
        Whose public holidays, as for ``estimate_effect``.
    level
        Of all reviews together: with 0.95, a partnership that changes nothing is ever called
        more or fewer with a chance of 5 percent. See ``spending.review_levels``.

    Raises
    ------
    InputError
        For tables that break their contract, an unknown id, method or level.

    Notes
    -----
    Error spending after Lan and DeMets (1983); the price is that one review needs a larger
    effect than a single look would (docs/method.md has the figures).

    Examples
    --------
    >>> weeks = pd.date_range("2024-01-01", periods=60, freq="W-MON")
    >>> keys = [(week, clinic) for clinic in "ABCDE" for week in weeks]
    >>> counts = pd.DataFrame(keys, columns=["period", "clinic"]).assign(new_patients=8)
    >>> gym = {"partnership_id": "gym", "start_date": "2024-11-04", "clinics": ["A"]}
    >>> review_partnership(counts, pd.DataFrame([gym]), "gym").standing
    'no clear change'
    """
    practice = practice_of(counts, partnerships, named, events, holidays, method, level)
    known = practice.partnerships["partnership_id"]
    if not (known == partnership_id).any():
        listed = ", ".join(sorted(set(known))[:8]) or "none"
        raise InputError(
            f"partnerships: there is no partnership_id {partnership_id!r}. The table has {listed}."
        )
    return _review(practice, partnership_id)


def review_partnerships(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    *,
    named: pd.DataFrame | None = None,
    events: pd.DataFrame | None = None,
    holidays: str = "US",
    method: str = "auto",
    level: float = 0.95,
) -> dict[str, Standing]:
    """What is to be declared of every partnership, by id; see ``review_partnership``."""
    practice = practice_of(counts, partnerships, named, events, holidays, method, level)
    ids = practice.partnerships["partnership_id"].drop_duplicates()
    return {str(key): _review(practice, str(key)) for key in sorted(ids)}


def _review(practice: PracticeTables, identifier: str) -> Standing:
    """Hold every review that is due, and find the date of the next."""
    reached = first_day_after(practice.periods)
    held: list[dict[str, object]] = []
    previous = next_review = pd.NaT
    for day, months, level in planned_reviews(practice, identifier, reached):
        known = practice.known_on(day)
        if is_over(known.partnerships, identifier, previous):
            continue
        if day > reached:
            next_review = day
            break
        if len(known.periods):
            about = {"review": day, "months": months, "level": level}
            held.append(about | _judge(known, identifier, level))
            previous = day
    reviews = pd.DataFrame(held).astype(REVIEW_COLUMNS) if held else empty_table(REVIEW_COLUMNS)
    return Standing(
        partnership_id=identifier,
        standing=str(held[-1]["verdict"]) if held else WATCHING,
        reviewed_on=previous,
        next_review=next_review,
        reviews=reviews,
    )


def effect_at_review(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    partnership_id: str,
    *,
    review: pd.Timestamp,
    level: float,
    events: pd.DataFrame | None = None,
    holidays: str = "US",
) -> Effect:
    """The estimate that a review rests on, with its draws, from what was known on its day.

    Parameters
    ----------
    counts, partnerships, partnership_id, events, holidays
        As for ``review_partnership``.
    review, level
        Of the row of ``Standing.reviews``: its date, and the level of its interval.
    """
    practice = practice_of(counts, partnerships, None, events, holidays, "auto", level)
    return _estimated(practice.known_on(review), partnership_id, level)


def _judge(known: PracticeTables, identifier: str, level: float) -> dict[str, object]:
    """The verdict and its number, from what was known at a review."""
    effect = _estimated(known, identifier, level)
    total = effect.total
    return {
        "verdict": effect.verdict,
        "estimate": total.estimate,
        "low": total.low,
        "high": total.high,
        "bundle": effect.bundle,
    }


def _estimated(known: PracticeTables, identifier: str, level: float) -> Effect:
    """The estimate from what was known at a review."""
    return estimate_effect(
        known.counts,
        known.partnerships,
        identifier,
        named=known.named,
        events=known.events,
        holidays=known.holidays,
        method=known.method,
        level=level,
        checks=False,
    )
