"""Stretches in which a clinic seems to be missing from the data, not empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

NEIGHBOURS: Final = 13  # periods on each side with which an empty stretch is compared
FEWEST: Final = 5
DISPERSION: Final = 1.5  # variance of counts as a multiple of their mean
BY_LUCK: Final = 0.01


def missing_periods(counts: pd.DataFrame) -> pd.DataFrame:
    """Clinics and periods without a new patient where luck alone would not leave none.

    A stretch of periods without anybody is compared with the mean of the periods around it. With
    counts half as variable again as Poisson counts (negative binomial), such a stretch must be so
    unlikely that all of a practice together would show one in fewer than 1 of 100 practices.

    Parameters
    ----------
    counts
        One row per clinic, persona and period: ``period``, ``clinic``, ``new_patients``.

    Returns
    -------
    DataFrame
        One row per such clinic and period: clinic, period, usual (patients in the periods around
        it), sorted by clinic and period.
    """
    known = counts.loc[counts["new_patients"].notna()]
    wide = known.pivot_table(
        index="period", columns="clinic", values="new_patients", aggfunc="sum", observed=True
    )
    needed = np.log(wide.notna().to_numpy().sum() / BY_LUCK)
    found = [
        (clinic, wide.index[place], usual)
        for clinic in wide
        for run, usual in _empty_stretches(wide[clinic].to_numpy(dtype="float64"), needed)
        for place in run
    ]
    table = pd.DataFrame(found, columns=["clinic", "period", "usual"])
    return table.astype({"clinic": "str"}).sort_values(["clinic", "period"], ignore_index=True)


def _empty_stretches(came: np.ndarray, needed: float) -> Iterator[tuple[np.ndarray, float]]:
    """Places of each stretch too long for luck, and what is usual around it."""
    per_patient = np.log(DISPERSION) / (DISPERSION - 1)
    empty = came == 0
    edges = np.flatnonzero(np.diff(np.r_[False, empty, False]))
    highest = np.nanmax(came) if np.isfinite(came).any() else 0.0
    for start, end in edges.reshape(-1, 2):
        if per_patient * highest * (end - start) < needed:
            continue
        around = np.r_[came[max(start - NEIGHBOURS, 0) : start], came[end : end + NEIGHBOURS]]
        around = around[np.isfinite(around)]
        usual = float(around.mean()) if len(around) >= FEWEST else 0.0
        if per_patient * usual * (end - start) > needed:
            yield np.arange(start, end), usual
