"""How far back the data reach, and how many counted as new had been there before them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

DAYS_PER_MONTH: Final = 30.4375
JUDGED: Final = 12  # last months in which returning patients are looked for
FEWEST: Final = 50


def history_table(episodes: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per length of history: how many counted as new would have been there before.

    Of the evaluations of the last twelve months it is known who had one before, as far as the
    data reach. Had the data begun k months before each of them, those whose last evaluation lies
    further back would have passed for new. The first months of the data have as little history.

    Parameters
    ----------
    episodes
        One row per episode: patient_key, evaluated (days; NaT = not known).
    as_of
        Last day of the data.

    Returns
    -------
    DataFrame
        months (of history), counted (as new), returning (of them, known from longer history),
        overcount (their share). No rows where the data are shorter than 18 months, or hold fewer
        than 50 evaluations in the last twelve.
    """
    seen = episodes.loc[episodes["evaluated"].notna(), ["patient_key", "evaluated"]]
    seen = seen.sort_values(["patient_key", "evaluated"], kind="stable")
    seen["evaluated"] = pd.to_datetime(seen["evaluated"])  # a practice with counts has no rows
    before = seen["evaluated"].groupby(seen["patient_key"]).shift()
    gaps = ((seen["evaluated"] - before).dt.days / DAYS_PER_MONTH).fillna(np.inf)
    span = (as_of - seen["evaluated"].min()).days / DAYS_PER_MONTH if len(seen) else 0.0
    recent = gaps[seen["evaluated"] > as_of - pd.DateOffset(months=JUDGED)].to_numpy()
    lengths = np.arange(1, max(int(span) - JUDGED, 0) + 1)
    if span < JUDGED + 6 or len(recent) < FEWEST:
        lengths = lengths[:0]
    ordered = np.sort(recent)
    counted = len(ordered) - np.searchsorted(ordered, lengths, side="right")
    returning = counted - int(np.isinf(ordered).sum())
    share = returning / np.maximum(counted, 1)
    return pd.DataFrame(
        {"months": lengths, "counted": counted, "returning": returning, "overcount": share}
    )
