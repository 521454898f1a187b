"""Cases within episodes: which rows are of one case, and when further ones were created."""

from __future__ import annotations

import numpy as np
import pandas as pd


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


def further_cases(rows: pd.DataFrame, episode: np.ndarray, size: int) -> pd.Series:
    """Days on which cases of an episode beside its first one were created, such as "2024-03-04".

    Parameters
    ----------
    rows
        One row per row in order: case, created, received, evaluated_on.
    episode
        Number of each row's episode, from 1.
    size
        How many episodes there are.

    Returns
    -------
    Series
        One text per episode, days separated by ``;``; "" where at most one case is known.
    """
    table = rows.assign(episode=episode).loc[(rows["case"] != "").to_numpy()]
    several = table.groupby("episode")["case"].transform("nunique") > 1
    days = table.loc[several].groupby(["episode", "case"]).min()
    day = days["created"].fillna(days["received"]).fillna(days["evaluated_on"]).dropna()
    day = day.droplevel("case").rename("day").reset_index().sort_values(["episode", "day"])
    later = day.loc[day.duplicated("episode")]
    said = later["day"].dt.strftime("%Y-%m-%d").groupby(later["episode"]).agg(";".join)
    return said.reindex(np.arange(1, size + 1), fill_value="").astype("str").reset_index(drop=True)
