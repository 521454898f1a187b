"""Rows of one patient to episodes: where one begins, and what its rows say together."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.cleaning.distinct import on_distinct
from partner_analysis.cleaning.episodes.cases import further_cases, number_cases

STANDING: Final = {"finalized": 0, "scheduled": 1, "": 2, "no show": 3, "cancelled": 4}
TEXTS: Final = (
    "clinic", "source_type", "source", "source_note", "sex", "zip", "diagnosis", "region",
    "payer", "tag",
)  # fmt: skip
ENDS: Final = ("received", "created", "evaluated", "visited_on", "discharged")
FIRSTS: Final = {"received": "received", "created": "created", "evaluated": "evaluated_on",
                 "free_evaluated": "free_on", "first_visit": "visited_on"}  # fmt: skip
FIRST_NUMBERS: Final = ("age", "planned_visits", "outcome_change", "recommend", "first_time")
NOT_SAID: Final = ("file", "line")
MOST_DAYS: Final = 1_000_000  # since 1970: more than any day read
NEVER: Final = np.iinfo("int64").min


def fold_rows(rows: pd.DataFrame, *, gap_days: int, by_case: bool = False) -> pd.DataFrame:
    """One row per episode: what its rows say, the first finalised evaluation before all.

    A row of a patient opens a new episode if it begins more than the gap after the last day known
    of all rows before it, or if it is a finalised evaluation after a discharge that
    ended the evaluation before it.

    Parameters
    ----------
    rows
        One row per usable row of an export, as ``read_exports`` gives them.
    gap_days
        Longest gap within one episode, in days.
    by_case
        Whether each case has a row of its own, under the number of the episode in which it
        begins. An episode of which no row names a case is one row then too.

    Returns
    -------
    DataFrame
        One row per episode (or case): patient, episode (number, by patient and beginning), the
        texts (each the first that is filled in), age, status, received, created, evaluated,
        free_evaluated, first_visit, finalized, discharged, visits, planned_visits,
        outcome_change, recommend, first_time (NaN = not known), file and line of its first row,
        and further_cases (days on which cases beside the first were created; "" by case).
        ``visits`` is what a row says, at most, or in a list of visits the days on which one
        took place. The order of the rows given does not matter.
    """
    known = _Known.of(rows)
    order = _by_patient(rows, known)
    episode = _number_episodes(known.take(order), gap_days)
    number = np.arange(1, episode.max(initial=0) + 1)
    further = further_cases(rows, order, episode, 0 if by_case else len(number))
    if by_case:
        case = number_cases(rows["case"].iloc[order], known.patient[order], episode)
        number = episode[np.unique(case, return_index=True)[1]]
        episode = case
    within = _by_standing(known.take(order), episode)
    order, episode = order[within], episode[within]
    starts = np.flatnonzero(np.r_[True, episode[1:] != episode[:-1]][: len(episode)])
    first = rows[["patient", "file", "line", "finalized", "status"]].iloc[order[starts]]
    episodes = first.reset_index(drop=True).assign(age=np.nan)
    for column in (*TEXTS, *FIRST_NUMBERS):
        episodes[column] = _first_known(rows[column], order, episode, len(starts))
    for column, source in FIRSTS.items():
        episodes[column] = _extreme(rows[source], order, starts, np.fmin)
    episodes["discharged"] = _extreme(rows["discharged"], order, starts, np.fmax)
    episodes["visits"] = _visits(rows, order, episode, starts)
    took_place = episodes["evaluated"].notna() | episodes["free_evaluated"].notna()
    status = episodes["status"].mask(took_place, "finalized")
    further = further.reindex(episodes.index, fill_value="")
    return episodes.assign(status=status, episode=number, further_cases=further)


@dataclass(frozen=True)
class _Known:
    """What decides where an episode begins, per row: numbers, days since 1970."""

    patient: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    evaluated: np.ndarray
    discharged: np.ndarray
    standing: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame) -> _Known:
        """These of a table of rows."""
        ends = _numbers(rows["begins"])
        for column in ENDS:
            ends = np.maximum(ends, _numbers(rows[column]))
        standing = on_distinct(rows["status"], lambda said: STANDING.get(said, 2), dtype="int64")
        return cls(
            patient=pd.factorize(rows["patient"])[0],
            begins=_numbers(rows["begins"]),
            ends=ends,
            evaluated=_numbers(rows["evaluated_on"]),
            discharged=_numbers(rows["discharged"]),
            standing=standing.mask(rows["evaluated_on"].notna(), 0).to_numpy(),
        )

    def take(self, order: np.ndarray) -> _Known:
        """The same in another order."""
        return _Known(*(getattr(self, each.name)[order] for each in fields(self)))


def _by_patient(rows: pd.DataFrame, known: _Known) -> np.ndarray:
    """Order of rows by patient and beginning; of those that tie, by all that they say."""
    order = np.lexsort((known.begins, known.patient))
    patient, begins = known.patient[order], known.begins[order]
    same = (patient[1:] == patient[:-1]) & (begins[1:] == begins[:-1])
    tied = np.flatnonzero(np.r_[False, same] | np.r_[same, False][: len(order)])
    if len(tied):
        content = [c for c in rows.columns if c not in NOT_SAID]
        alike = rows[content].iloc[order[tied]]
        ranks = [pd.factorize(alike[c], sort=True)[0] for c in reversed(content)]
        order[tied] = order[tied][np.lexsort((*ranks, begins[tied], patient[tied]))]
    return order


def _number_episodes(known: _Known, gap_days: int) -> np.ndarray:
    """Number of the episode of each row, rising, of rows in order."""
    patient = known.patient
    new_patient = np.r_[True, patient[1:] != patient[:-1]][: len(patient)]
    late = known.begins > _so_far(known.ends, patient) + gap_days
    discharged = _so_far(known.discharged, patient)
    seen = _so_far(known.evaluated, patient)
    anew = (discharged > NEVER) & (known.evaluated > discharged)
    anew &= (seen > NEVER) & (known.evaluated > seen) & (discharged >= seen)
    return np.cumsum(new_patient | late | anew)


def _so_far(days: np.ndarray, patient: np.ndarray) -> np.ndarray:
    """Latest day of the rows of one patient before each row; ``NEVER`` where there is none."""
    running = pd.Series(days).groupby(patient, sort=False).cummax().to_numpy()
    before = np.r_[NEVER, running[:-1]][: len(days)]
    before[np.r_[True, patient[1:] != patient[:-1]][: len(days)]] = NEVER
    return before


def _by_standing(known: _Known, episode: np.ndarray) -> np.ndarray:
    """Order of rows within episodes: finalised evaluations first, then by day."""
    evaluated = np.where(known.evaluated == NEVER, np.iinfo("int64").max, known.evaluated)
    by = (known.begins, evaluated, known.standing, episode)
    if (episode[1:] < episode[:-1]).any():
        return np.lexsort(by)
    order = np.arange(len(episode))  # in order already, but for rows that share an episode
    same = episode[1:] == episode[:-1]
    shared = np.flatnonzero(np.r_[False, same] | np.r_[same, False][: len(order)])
    order[shared] = shared[np.lexsort([values[shared] for values in by])]
    return order


def _first_known(values: pd.Series, order: np.ndarray, episode: np.ndarray, size: int) -> pd.Series:
    """First value that is known per episode; ``""`` or NaN where none is."""
    text = values.dtype == "str"
    known = (values != "" if text else values.notna()).to_numpy()
    if not known.any():
        return (
            pd.Series(["" if text else np.nan], dtype=values.dtype)
            .take(np.zeros(size, int))
            .reset_index(drop=True)
        )
    rows = np.flatnonzero(known[order])
    numbers = episode[rows]
    first = rows[np.r_[True, numbers[1:] != numbers[:-1]][: len(rows)]]
    place = np.zeros(size, dtype="int64")
    place[episode[first] - 1] = order[first]
    found = np.zeros(size, dtype=bool)
    found[episode[first] - 1] = True
    given = values.take(place).reset_index(drop=True)
    return given.where(pd.Series(found), "" if text else np.nan)


def _extreme(
    days: pd.Series, order: np.ndarray, starts: np.ndarray, function: np.ufunc
) -> pd.Series:
    """First or last day per episode; NaT where none is known."""
    values = days.to_numpy(dtype="datetime64[us]")[order]
    if len(values) == 0:
        return days.reset_index(drop=True)
    return pd.Series(function.reduceat(values, starts), dtype="datetime64[us]")


def _visits(
    rows: pd.DataFrame, order: np.ndarray, episode: np.ndarray, starts: np.ndarray
) -> np.ndarray:
    """Visits of each episode: days on which one took place, else what its rows say at most."""
    said = rows["visits"].to_numpy("float64")[order]
    most = np.fmax.reduceat(said, starts) if len(said) else said
    arrived = _numbers(rows["arrived_on"])[order]
    listed = arrived > NEVER
    days = np.unique((episode[listed] - 1) * MOST_DAYS + arrived[listed])
    counted = np.bincount(days // MOST_DAYS, minlength=len(starts)).astype("float64")
    return np.where(counted > 0, counted, most)


def _numbers(days: pd.Series) -> np.ndarray:
    """Days as whole numbers since 1970; ``NEVER`` where they are not known."""
    return days.to_numpy(dtype="datetime64[D]").astype("int64").copy()
