"""Dates cut off from all others by a long gap: mistyped years, which would stretch the data."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

FEWEST_DAYS: Final = 20
USUAL_GAPS: Final = 12


Tally = tuple[np.ndarray, np.ndarray]
Span = tuple[pd.Timestamp, pd.Timestamp]
"""First and last day that are not far from the others; NaT where nothing can be said."""


def far_from_others(days: pd.Series) -> pd.Series:
    """Whether a day lies beyond a long gap, with hardly any other day on its side of it.

    Parameters
    ----------
    days
        One day per row; missing ones are far from nothing.

    Returns
    -------
    Series
        True where at most two rows (or 1 in 1,000) are cut off from the rest by more than 21
        days, or one row (or 1 in 100) by more than 180 days; in sparse data by 12 times the
        usual distance between two days. Never where fewer than 20 days differ.

        After the last other day more is allowed, since patients come back after a closure and
        the newest days are the fewest: two rows may follow within 42 days, one row, which may
        be mistyped by a month, within 28. When a file was last changed is not asked: a copy is
        changed when it is made, and the same rows must give the same answer.
    """
    return outside(days, usual_span(tally_days(days)))


def usual_span(tally: Tally) -> Span:
    """First and last day that are not far from the others, of days that are counted."""
    rows = int(tally[1].sum())
    spans = [
        span_within(tally, most_rows=max(2, rows // 1000), gap_days=21, after_days=42),
        span_within(tally, most_rows=1, gap_days=21, after_days=28),
        span_within(tally, most_rows=max(1, rows // 100), gap_days=180),
    ]
    return max(first for first, _ in spans), min(last for _, last in spans)


def outside(days: pd.Series, span: Span) -> pd.Series:
    """Whether a day lies before or after a span."""
    return (days < span[0]) | (days > span[1])


def tally_days(days: pd.Series, rows: pd.Series | None = None) -> Tally:
    """The different days in order, and how many rows have each; one each unless told."""
    known = days.notna()
    given = days[known].to_numpy(dtype="datetime64[D]").astype("int64")
    if not len(given):
        return given.astype("datetime64[D]"), given
    first = given.min()
    weights = None if rows is None else rows[known].to_numpy()
    tally = np.bincount(given - first, weights=weights).astype("int64")
    different = np.flatnonzero(tally)
    return (different + first).astype("datetime64[D]"), tally[different]


def span_within(tally: Tally, *, most_rows: int, gap_days: int, after_days: int = 0) -> Span:
    """First and last day without those beyond a gap with at most so many rows on its side.

    ``after_days`` is the shortest such gap at the end, where it is longer than elsewhere.
    """
    different, rows = tally
    if len(different) < FEWEST_DAYS:
        return pd.NaT, pd.NaT
    shortest = max(gap_days, USUAL_GAPS * _usual_gap(different))
    gaps = np.diff(different).astype("int64")
    before = np.cumsum(rows)[:-1]
    first, last = different[0], different[-1]
    early = np.flatnonzero((gaps > shortest) & (before <= most_rows))
    if len(early):
        first = different[early[-1] + 1]
    ended = gaps > max(shortest, after_days)
    late = np.flatnonzero(ended & (rows.sum() - before <= most_rows))
    if len(late):
        last = different[late[0]]
    return pd.Timestamp(first), pd.Timestamp(last)


def _usual_gap(different: np.ndarray) -> float:
    """Days between two neighbouring days, on average, without the outer twentieths."""
    outer = len(different) // FEWEST_DAYS
    inner = different[outer : len(different) - outer]
    return float((inner[-1] - inner[0]).astype("int64") / (len(inner) - 1))
