"""Dates cut off from all others by a long gap: mistyped years, which would stretch the data."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

FEWEST_DAYS: Final = 20
USUAL_GAPS: Final = 12


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
    tally = _tally(days)
    rows = int(tally[1].sum())
    few = _beyond(days, tally, most_rows=max(2, rows // 1000), gap_days=21, after_days=42)
    one = _beyond(days, tally, most_rows=1, gap_days=21, after_days=28)
    return few | one | _beyond(days, tally, most_rows=max(1, rows // 100), gap_days=180)


def beyond_a_gap(
    days: pd.Series, *, most_rows: int, gap_days: int, after_days: int = 0
) -> pd.Series:
    """Whether a day lies before or after a gap with at most so many rows on its side.

    ``after_days`` is the shortest such gap at the end, where it is longer than elsewhere.
    """
    limits = {"most_rows": most_rows, "gap_days": gap_days, "after_days": after_days}
    return _beyond(days, _tally(days), **limits)


def _tally(days: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The different days in order, and how many rows have each."""
    known = days.dropna().to_numpy(dtype="datetime64[D]").astype("int64")
    if not len(known):
        return known.astype("datetime64[D]"), known
    first = known.min()
    rows = np.bincount(known - first)
    different = np.flatnonzero(rows)
    return (different + first).astype("datetime64[D]"), rows[different]


def _beyond(
    days: pd.Series,
    tally: tuple[np.ndarray, np.ndarray],
    *,
    most_rows: int,
    gap_days: int,
    after_days: int = 0,
) -> pd.Series:
    """The same as ``beyond_a_gap``, of days whose tally is known."""
    different, rows = tally
    nothing = pd.Series(False, index=days.index)
    if len(different) < FEWEST_DAYS:
        return nothing
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
    if len(early) + len(late) == 0:
        return nothing
    return (days < pd.Timestamp(first)) | (days > pd.Timestamp(last))


def _usual_gap(different: np.ndarray) -> float:
    """Days between two neighbouring days, on average, without the outer twentieths."""
    outer = len(different) // FEWEST_DAYS
    inner = different[outer : len(different) - outer]
    return float((inner[-1] - inner[0]).astype("int64") / (len(inner) - 1))
