"""How long it takes until something is known: from referral to visit, from visit to entry."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

SHARE: Final = 0.98
FEWEST: Final = 100
SETTLED: Final = 60  # days after which an evaluation that is ever entered has been
SHORTEST, LONGEST, USUAL = 7, 60, 21
SPIKE: Final = 3.0


def unknown_referral_days(episodes: pd.DataFrame) -> pd.Series:
    """Whether the day of a referral was filled in by the system and says nothing.

    Systems write the day on which the case was made where nobody knew better. A referral on the
    very day of its case is therefore unknown; where cases have no day, one on the very day of
    its evaluation is, if these are three times as many as those one day before it.

    Parameters
    ----------
    episodes
        One row per episode: received, created, evaluated (days; NaT = not known).
    """
    received = episodes["received"]
    same_case = received.notna() & (received == episodes["created"])
    lag = (episodes["evaluated"] - received).dt.days
    no_case = received.notna() & episodes["created"].isna() & (lag == 0)
    spike = int(no_case.sum()) >= max(SPIKE * int((lag == 1).sum()), 10)
    return same_case | (no_case & spike)


def referral_lags(episodes: pd.DataFrame) -> pd.Series:
    """Days from referral to evaluation, of new patients for whom both are known and in order."""
    new = episodes.loc[episodes["new_patient"].astype("bool")]
    lags = (new["evaluated"] - new["received"]).dt.days
    return lags[lags >= 0].astype("int64").reset_index(drop=True)


def entry_delay(episodes: pd.DataFrame, *, as_of: pd.Timestamp) -> int | None:
    """Days after which 98 in 100 evaluations are entered as finalised; None if it cannot be told.

    Of evaluations in the year that ended 60 days before ``as_of``, so that late entries are in.

    Parameters
    ----------
    episodes
        One row per episode: evaluated, finalized (days; NaT = not known).
    as_of
        Last day of the data.
    """
    last = as_of - pd.Timedelta(days=SETTLED)
    settled = episodes["evaluated"].between(last - pd.Timedelta(days=365), last)
    delays = (episodes["finalized"] - episodes["evaluated"]).dt.days.loc[settled]
    known = np.sort(delays[delays >= 0].to_numpy())
    if len(known) < FEWEST:
        return None
    return int(known[int(np.ceil(SHARE * len(known))) - 1])


def days_until_complete(stated: int | str, delay: int | None) -> int:
    """Days after the end of a period until it counts as complete.

    As stated in practice.toml; if that says "estimated", the estimated delay of entries between
    7 and 60 days, and 21 where it cannot be told.
    """
    if stated != "estimated":
        return int(stated)
    return USUAL if delay is None else int(np.clip(delay, SHORTEST, LONGEST))
