"""Numbers about the care of a case: read, and taken as unknown where they cannot be right."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.cleaning.exports.cells import NO, YES

RANGES: Final = {
    "visits": (0.0, 500.0),
    "planned_visits": (0.0, 500.0),
    "outcome_change": (-1e6, 1e6),
    "recommend": (0.0, 10.0),
}
MEASURES: Final = (*RANGES, "first_time")
WORDS: Final = {
    "visits": "visits",
    "planned_visits": "planned visits",
    "outcome_change": "outcome change",
    "recommend": "recommend",
    "first_time": "first time",
}


def read_measures(rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Rows with their numbers about care as floats, and a sentence about those left out.

    Parameters
    ----------
    rows
        One row per line of a file, as ``read_rows`` gives them; measures as typed.

    Returns
    -------
    tuple of DataFrame and str
        The same rows; NaN where nothing is said, where a cell holds no number, and where visits
        are below 0 or above 500 or a recommendation is not from 0 to 10. ``first_time`` is 1 for
        yes, 0 for no. The sentence is "" where nothing was left out.
    """
    data = rows["fate"] == ""
    told = []
    for column in (c for c in MEASURES if c in rows):
        texts = rows[column].where(data, "").astype("str")
        numbers = _yes_or_no(texts) if column == "first_time" else _numbers(texts, column)
        odd = int(((texts != "") & numbers.isna()).sum())
        if odd:
            told.append(f"{odd:,} in {WORDS[column]}")
        rows = rows.assign(**{column: numbers})
    if not told:
        return rows, ""
    return rows, f"; cells out of range or no number, taken as unknown: {', '.join(told)}"


def _numbers(texts: pd.Series, column: str) -> pd.Series:
    """Numbers within the range of a measure; NaN for all else."""
    low, high = RANGES[column]
    plain_text = texts.str.replace("\N{MINUS SIGN}", "-").str.replace(
        r",(?=\d{3}\b)", "", regex=True
    )
    numbers = pd.to_numeric(plain_text, errors="coerce").astype("float64")
    return numbers.where(numbers.between(low, high))


def _yes_or_no(texts: pd.Series) -> pd.Series:
    """1 for a yes, 0 for a no, NaN for all else."""
    low = texts.str.casefold()
    said = np.where(low.isin(YES), 1.0, np.where(low.isin(NO - {""}), 0.0, np.nan))
    return pd.Series(said, index=texts.index, dtype="float64")
