"""Rows of one patient to episodes: where one begins, and what its rows say together."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.cleaning.distinct import on_distinct

STANDING: Final = {"finalized": 0, "scheduled": 1, "": 2, "no show": 3, "cancelled": 4}
TEXTS: Final = (
    "clinic", "source_type", "source", "source_note", "sex", "zip", "diagnosis", "region",
    "payer", "tag",
)  # fmt: skip
ENDS: Final = ("received", "created", "evaluated", "visited_on", "discharged")
FIRSTS: Final = {"received": "received", "created": "created", "evaluated": "evaluated_on",
                 "free_evaluated": "free_on", "first_visit": "visited_on"}  # fmt: skip
DAY: Final = np.timedelta64(1, "D")
NEVER: Final = np.iinfo("int64").min


def fold_rows(rows: pd.DataFrame, *, gap_days: int) -> pd.DataFrame:
    """One row per episode: what its rows say, the first finalised evaluation before all.

    A row of a patient opens a new episode if it begins more than the gap after the last day known
    of all rows before it, or if it is a finalised evaluation after a discharge.

    Parameters
    ----------
    rows
        One row per usable row of an export, as ``read_exports`` gives them.
    gap_days
        Longest gap within one episode, in days.

    Returns
    -------
    DataFrame
        One row per episode: patient, episode (number, by patient and beginning), the texts (each
        the first that is filled in), age, status, received, created, evaluated, free_evaluated,
        first_visit, finalized, discharged, file and line of its first row. The order of the rows
        given does not matter.
    """
    rows = _in_order(rows)
    episode = _number_episodes(rows, gap_days)
    order = _by_standing(rows, episode)
    rows, episode = rows.iloc[order].reset_index(drop=True), episode[order]
    starts = np.flatnonzero(np.r_[True, episode[1:] != episode[:-1]])
    episodes = rows.loc[starts, ["patient", "file", "line", "finalized"]].reset_index(drop=True)
    episodes["age"] = _first_known(rows["age"], episode, len(starts))
    for column in TEXTS:
        episodes[column] = _first_filled(rows[column], episode, len(starts))
    for column, source in FIRSTS.items():
        episodes[column] = _extreme(rows[source], starts, np.fmin)
    episodes["discharged"] = _extreme(rows["discharged"], starts, np.fmax)
    status = rows["status"].iloc[starts].reset_index(drop=True)
    took_place = episodes["evaluated"].notna() | episodes["free_evaluated"].notna()
    episodes["status"] = status.mask(took_place, "finalized")
    return episodes.assign(episode=np.arange(1, len(starts) + 1))


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by patient and beginning; those that tie, by all that they say."""
    code, _ = pd.factorize(rows["patient"], sort=True)
    begins = _numbers(rows["begins"])
    order = np.lexsort((begins, code))
    code, begins = code[order], begins[order]
    same = np.r_[False, (code[1:] == code[:-1]) & (begins[1:] == begins[:-1])]
    tied = np.flatnonzero(same | np.r_[same[1:], False])
    if len(tied):
        content = [c for c in rows.columns if c not in ("file", "sheet", "line", "block", "stated")]
        alike = rows.iloc[order[tied]]
        ranks = [pd.factorize(alike[c], sort=True)[0] for c in reversed(content)]
        order[tied] = order[tied][np.lexsort((*ranks, begins[tied], code[tied]))]
    return rows.iloc[order].reset_index(drop=True)


def _number_episodes(rows: pd.DataFrame, gap_days: int) -> np.ndarray:
    """Number of the episode of each row, rising."""
    patient = pd.factorize(rows["patient"])[0]
    new_patient = np.r_[True, patient[1:] != patient[:-1]][: len(patient)]
    begins = _numbers(rows["begins"])
    last = _so_far(_latest(rows, ENDS), patient)
    late = begins > last + gap_days
    after_discharge = _so_far(_numbers(rows["discharged"]), patient)
    seen = _so_far(_numbers(rows["evaluated_on"]), patient)
    again = _numbers(rows["evaluated_on"])
    anew = (after_discharge > NEVER) & (again > after_discharge) & (again > seen) & (seen > NEVER)
    return np.cumsum(new_patient | late | anew)


def _latest(rows: pd.DataFrame, columns: tuple[str, ...]) -> np.ndarray:
    """Latest day of each row, as days since 1970."""
    days = _numbers(rows["begins"])
    for column in columns:
        days = np.maximum(days, _numbers(rows[column]))
    return days


def _so_far(days: np.ndarray, patient: np.ndarray) -> np.ndarray:
    """Latest day of the rows of one patient before each row; ``NEVER`` where there is none."""
    running = pd.Series(days).groupby(patient, sort=False).cummax().to_numpy()
    before = np.r_[NEVER, running[:-1]][: len(days)]
    first = np.r_[True, patient[1:] != patient[:-1]][: len(days)]
    before[first] = NEVER
    return before


def _by_standing(rows: pd.DataFrame, episode: np.ndarray) -> np.ndarray:
    """Order of rows within episodes: finalised evaluations first, then by day."""
    standing = on_distinct(rows["status"], lambda said: STANDING.get(said, 2), dtype="int64")
    standing = standing.mask(rows["evaluated_on"].notna(), 0).to_numpy()
    evaluated = _numbers(rows["evaluated_on"])
    evaluated[evaluated == NEVER] = np.iinfo("int64").max
    return np.lexsort((_numbers(rows["begins"]), evaluated, standing, episode))


def _first_filled(texts: pd.Series, episode: np.ndarray, size: int) -> pd.Series:
    """First text that is filled in per episode, ``""`` where none is."""
    filled = np.flatnonzero((texts != "").to_numpy())
    numbers = episode[filled]
    first = filled[np.r_[True, numbers[1:] != numbers[:-1]][: len(filled)]]
    place = np.full(size, -1)
    place[episode[first] - 1] = first
    known = texts.take(np.maximum(place, 0)).reset_index(drop=True)
    return known.mask(pd.Series(place < 0), "").astype("str")


def _first_known(numbers: pd.Series, episode: np.ndarray, size: int) -> np.ndarray:
    """First number that is known per episode, NaN where none is."""
    known = np.flatnonzero(numbers.notna().to_numpy())
    first = known[np.r_[True, episode[known][1:] != episode[known][:-1]][: len(known)]]
    given = np.full(size, np.nan)
    given[episode[first] - 1] = numbers.to_numpy()[first]
    return given


def _extreme(days: pd.Series, starts: np.ndarray, function: np.ufunc) -> pd.Series:
    """First or last day per episode; NaT where none is known."""
    values = days.to_numpy(dtype="datetime64[us]")
    if len(values) == 0:
        return days.reset_index(drop=True)
    return pd.Series(function.reduceat(values, starts), dtype="datetime64[us]")


def _numbers(days: pd.Series) -> np.ndarray:
    """Days as whole numbers since 1970; ``NEVER`` where they are not known."""
    return days.to_numpy(dtype="datetime64[D]").astype("int64").copy()
