"""Counts of all clinics together that stand among those of each: totals, not one more clinic."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from partner_analysis.cleaning.plain import plain

ALL: Final = re.compile(
    r"\W*(?:all|total|overall|combined|(?:whole )?(?:practice|company)(?:[ -]?wide)?)"
    r"(?: (?:our |the )?(?:clinics?|locations?|sites?|offices?|units?|branches|practices?|of us))?"
    r"(?: (?:together|combined|total))?\W*"
)
FEWEST: Final = 8  # periods in which a sum that holds each time is no chance


def mark_wholes(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of counts, of which those of all clinics together are marked as totals.

    A clinic is all of them together if its name says so ("All clinics"), or if its count is the
    sum of those of at least two others in every period that has all of them, at least 8. A
    practice that has no other clinic beside such a name is counted as one.

    Parameters
    ----------
    rows
        One row per line of a counts export: clinic, persona, period, new_patients (NaN =
        unknown), fate, reason, stated.

    Returns
    -------
    DataFrame
        The same rows: ``fate`` "totals_and_headers" and ``stated`` for a total, and ``whole``, the
        sum of the other clinics in its period (NaN elsewhere).
    """
    data = (rows["fate"] == "") & (rows["reason"] == "")
    good = rows.loc[data]
    names = good["clinic"].unique()
    said = [name for name in names if ALL.fullmatch(plain(name))]
    if len(said) == len(names):
        return rows
    found = said or [name for name in names if len(names) > 2 and _is_the_sum(good, name)]
    total = data & rows["clinic"].isin(found[: len(said) or 1])
    if not total.any():
        return rows
    by = ["persona", "period"]
    others = rows.loc[data & ~total].groupby(by)["new_patients"].sum()
    whole = rows[by].merge(others.rename("whole"), how="left", left_on=by, right_index=True)
    return rows.assign(
        fate=rows["fate"].mask(total, "totals_and_headers"),
        stated=rows["stated"].mask(total, rows["new_patients"]),
        whole=whole["whole"].fillna(0).where(total),
    )


def _is_the_sum(good: pd.DataFrame, name: str) -> bool:
    """Whether a clinic's count is that of all others together, again and again."""
    wide = good.pivot_table(
        index=["persona", "period"], columns="clinic", values="new_patients", aggfunc="sum"
    ).dropna()
    others = wide.drop(columns=name)
    wide = wide.loc[(others > 0).sum(axis="columns") > 1]
    return len(wide) >= FEWEST and bool(
        (others.sum(axis="columns") == wide[name])[wide.index].all()
    )
