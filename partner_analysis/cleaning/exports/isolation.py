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
    """
    rows = int(days.notna().sum())
    few = beyond_a_gap(days, most_rows=max(2, rows // 1000), gap_days=21)
    return few | beyond_a_gap(days, most_rows=max(1, rows // 100), gap_days=180)


def beyond_a_gap(days: pd.Series, *, most_rows: int, gap_days: int) -> pd.Series:
    """Whether a day lies before or after a gap with at most so many rows on its side."""
    known = np.sort(days.dropna().to_numpy(dtype="datetime64[D]"))
    different = np.unique(known)
    if len(different) < FEWEST_DAYS:
        return pd.Series(False, index=days.index)
    long = np.diff(different).astype("int64") > max(gap_days, USUAL_GAPS * _usual_gap(different))
    before = np.searchsorted(known, different[1:])
    first, last = different[0], different[-1]
    early = np.flatnonzero(long & (before <= most_rows))
    if len(early):
        first = different[early[-1] + 1]
    late = np.flatnonzero(long & (len(known) - before <= most_rows))
    if len(late):
        last = different[late[0]]
    return (days < pd.Timestamp(first)) | (days > pd.Timestamp(last))


def _usual_gap(different: np.ndarray) -> float:
    """Days between two neighbouring days, on average, without the outer twentieths."""
    outer = len(different) // FEWEST_DAYS
    inner = different[outer : len(different) - outer]
    return float((inner[-1] - inner[0]).astype("int64") / (len(inner) - 1))
