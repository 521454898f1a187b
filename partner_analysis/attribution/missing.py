"""Periods in which a clinic seems to be missing from the data, not empty."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

NEIGHBOURS: Final = 13
FEWEST: Final = 5
DISPERSION: Final = 1.5  # variance of counts as a multiple of their mean
BY_LUCK: Final = 0.01


def missing_periods(counts: pd.DataFrame) -> pd.DataFrame:
    """Clinics and periods without a new patient where luck alone would not leave none.

    A period without anybody is compared with the median of the twelve around it. With counts half
    as variable again as Poisson counts (negative binomial), such a zero must be so unlikely that
    all cells of the practice together would show one in fewer than 1 of 100 practices.

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
    usual = wide.rolling(NEIGHBOURS, center=True, min_periods=FEWEST).median()
    odds = np.exp(-usual * np.log(DISPERSION) / (DISPERSION - 1))
    empty = (wide == 0) & (odds * wide.notna().to_numpy().sum() < BY_LUCK)
    table = usual.where(empty).melt(ignore_index=False, value_name="usual").dropna().reset_index()
    return table.sort_values(["clinic", "period"], ignore_index=True)[["clinic", "period", "usual"]]
