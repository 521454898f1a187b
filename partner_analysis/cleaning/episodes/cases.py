"""Cases within episodes: which rows are of one case, and when further ones were created."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

CREATED: Final = ["case", "created", "received", "evaluated_on"]


def number_cases(cases: pd.Series, patient: np.ndarray, episode: np.ndarray) -> np.ndarray:
    """Number of the case of each row, rising with its first row, of rows in order.

    Parameters
    ----------
    cases
        The practice's own number of each row's case; "" where none is said. A row without one
        belongs to the first case of its episode; where no row of an episode has one, the episode
        is the case.
    patient, episode
        Numbers of both, per row.
    """
    own = pd.Series(pd.factorize(cases)[0], dtype="float64").mask((cases == "").to_numpy())
    own = own.fillna(own.groupby(episode).transform("first"))
    unknown = own.isna().to_numpy()
    whose = np.where(unknown, episode, patient)
    return pd.DataFrame({"unknown": unknown, "whose": whose, "case": own.fillna(-1)}).groupby(
        ["unknown", "whose", "case"], sort=False
    ).ngroup().to_numpy() + 1  # fmt: skip


def further_cases(
    rows: pd.DataFrame, order: np.ndarray, episode: np.ndarray, size: int
) -> pd.Series:
    """Days on which cases of an episode beside its first one were created, such as "2024-03-04".

    Parameters
    ----------
    rows
        One row per row: case, created, received, evaluated_on.
    order
        Positions of the rows, episode by episode.
    episode
        Number of each row's episode, from 1, in that order.
    size
        How many episodes there are.

    Returns
    -------
    Series
        One text per episode, days separated by ``;``; "" where at most one case is known.
    """
    nothing = pd.Series([""], dtype="str").take(np.zeros(size, dtype="int64"))
    nothing = nothing.reset_index(drop=True)
    if not size or not (rows["case"] != "").any():
        return nothing
    several = _episodes_with_several(rows["case"].iloc[order], episode)
    table = rows[CREATED].iloc[order[several]].assign(episode=episode[several] - 1)
    days = table.loc[table["case"] != ""].groupby(["episode", "case"]).min()
    day = days["created"].fillna(days["received"]).fillna(days["evaluated_on"]).dropna()
    day = day.droplevel("case").rename("day").reset_index().sort_values(["episode", "day"])
    later = day.loc[day.duplicated("episode")]
    said, whose = later["day"].dt.strftime("%Y-%m-%d").tolist(), later["episode"].to_numpy()
    ends = [*np.flatnonzero(np.diff(whose)) + 1, len(whose)] if len(whose) else []
    texts = [";".join(said[a:b]) for a, b in pairwise([0, *ends])]
    nothing.iloc[pd.unique(whose)] = texts
    return nothing


def _episodes_with_several(cases: pd.Series, episode: np.ndarray) -> np.ndarray:
    """Positions of the rows of episodes whose rows do not all say the same of their case."""
    same = episode[1:] == episode[:-1]
    before, after = (part.reset_index(drop=True) for part in (cases.iloc[:-1], cases.iloc[1:]))
    differ = same & (before != after).to_numpy()
    found = np.zeros(int(episode.max(initial=0)) + 1, dtype=bool)
    found[episode[1:][differ]] = True
    return np.flatnonzero(found[episode])
