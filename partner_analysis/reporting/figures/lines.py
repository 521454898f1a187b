"""Periods gathered into four-week means, so that a line shows level rather than noise."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

ENOUGH_TO_GATHER: Final = 26
GATHERED_DAYS: Final = 28


def gather(periods: pd.DataFrame, *, columns: list[str]) -> tuple[pd.DataFrame, int]:
    """Give means of consecutive periods, never mixing active and other ones.

    Parameters
    ----------
    periods
        One row per period: ``period``, ``days``, ``active`` and the columns to average.
    columns
        What to average.

    Returns
    -------
    tuple
        One row per block: ``middle`` (its middle day), ``run`` (which stretch of equal
        ``active`` it belongs to) and the means; and how many periods one block holds.
        Blocks are counted away from the first change; one less than half full is left out.
    """
    rows = periods.sort_values("period", ignore_index=True)
    size = _block_size(rows)
    run = (rows["active"] != rows["active"].shift()).cumsum() - 1
    place = rows.groupby(run).cumcount()
    length = rows.groupby(run)["period"].transform("size")
    is_first = (run == 0) & (run.max() > 0)
    place = place.where(~is_first, length - 1 - place)
    block = (place // size).where(~is_first, -(place // size))
    middle = rows["period"] + pd.to_timedelta(rows["days"] / 2, unit="D")
    blocks = (
        rows.assign(run=run, block=block, middle=middle, length=length)
        .groupby(["run", "block"], as_index=False)
        .agg(
            {
                "middle": "mean",
                "length": "first",
                "period": "size",
                **dict.fromkeys(columns, "mean"),
            }
        )
    )
    full = blocks["period"] >= np.minimum(blocks["length"], np.ceil(size / 2))
    return blocks.loc[full, ["middle", "run", *columns]].reset_index(drop=True), size


def _block_size(periods: pd.DataFrame) -> int:
    if len(periods) < ENOUGH_TO_GATHER:
        return 1
    return max(1, round(GATHERED_DAYS / float(periods["days"].median())))
