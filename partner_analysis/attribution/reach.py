"""Which partners reach the patients they were meant for? All of them beside one another.

By name, never by size: the question is whom each reaches. The person ends here.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.alike import FEWEST
from partner_analysis.attribution.care import new_patients_of
from partner_analysis.attribution.standardise import difference_of, wilson
from partner_analysis.tables import check_partnerships, require_columns

FOR_ALL: Final = "meant for every kind of patient"
NOBODY: Final = "nobody named it"
REACHES, NOT_CLEAR, MISSES = "reaches them", "no clear difference", "reaches others"
NEEDED: Final = (
    "clinic", "persona", "patient_key", "new_patient", "counted_on", "partnership_id",
)  # fmt: skip
REACH_COLUMNS: Final = (
    "partnership_id", "name", "provider", "intended", "named", "of_named", "others", "of_others",
    "share", "share_low", "share_high", "share_others", "difference", "low", "high", "finding",
    "level",
)  # fmt: skip


def compare_reach(
    episodes: pd.DataFrame, partnerships: pd.DataFrame, *, level: float = 0.95
) -> pd.DataFrame:
    """Of those who named each partner, how many are of the kinds it is meant for.

    Beside it stands the ordinary share: that of the other new patients of the same clinics while
    it ran. Nothing is standardised, since the mix is the question, and nothing is ranked.

    Parameters
    ----------
    episodes
        One row per episode, as cleaning makes them.
    partnerships
        The register.
    level
        Level at which the intervals of all partners hold together (Bonferroni).

    Returns
    -------
    DataFrame
        One row per partnership that has begun, by name: partnership_id, name, provider, intended
        (tuple of kinds; empty = all), named and of_named (of those who named it, and of whom it is
        asked), others and of_others, share, share_low, share_high, share_others (0 to 1),
        difference (share less share_others), low, high, finding ("reaches them": the interval of
        the difference lies above 0; "reaches others": below; "no clear difference"; or why it
        cannot be told), level. NaN where fewer than 10 of either are known. Intervals: Wilson,
        and Newcombe (1998), "Interval estimation for the difference between independent
        proportions".

    Raises
    ------
    InputError
        For a register that is not as described, or missing columns.
    """
    require_columns(episodes, NEEDED, "episodes")
    register = check_partnerships(partnerships)
    near = _Near(episodes)
    counted = [
        _counted(near, rows, str(key))
        for key, rows in register.groupby("partnership_id", sort=False)
    ]
    told = sum(not row["finding"] for row in counted)
    strict = 1 - (1 - level) / max(told, 1)
    table = pd.DataFrame([_row(row, strict) for row in counted], columns=list(REACH_COLUMNS[:-1]))
    order = table["name"].str.casefold().sort_values(kind="stable").index
    return table.loc[order].reset_index(drop=True).assign(level=level)


class _Near:
    """The new patients of each clinic, so that each partner reads those of its own alone."""

    def __init__(self, episodes: pd.DataFrame) -> None:
        columns = [name for name in (*NEEDED, "also_named") if name in episodes]
        self._new = episodes.loc[episodes["new_patient"].astype("bool"), columns]
        self._at = self._new.groupby("clinic").indices

    def of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """New patients of the clinics of some rows of the register, in the order given."""
        clinics = set().union(*rows["clinics"])
        if not all(rows["clinics"]):
            return self._new
        found = [self._at[name] for name in clinics if name in self._at]
        return self._new.iloc[np.sort(np.concatenate(found)) if found else []]


def _counted(near: _Near, rows: pd.DataFrame, key: str) -> dict[str, object]:
    """How many there are of each, and why nothing can be compared ("" where it can)."""
    people = new_patients_of(near.of(rows), rows, key)
    intended = () if not all(rows["personas"]) else tuple(sorted(set().union(*rows["personas"])))
    meant, own = people["persona"].isin(intended), people["is_named"].astype("bool")
    of_named, of_others = int(own.sum()), int((~own).sum())
    why = ""
    if not intended:
        why = FOR_ALL
    elif not of_named:
        why = NOBODY
    elif of_named < FEWEST or of_others < FEWEST:
        fewer = "named it" if of_named < FEWEST else "others came"
        why = f"cannot tell: only {min(of_named, of_others)} {fewer}, it takes {FEWEST}"
    return {
        "partnership_id": key, "name": str(rows["name"].iloc[0]),
        "provider": bool(rows["provider"].any()) if "provider" in rows else True,
        "intended": intended, "named": int((meant & own).sum()), "of_named": of_named,
        "others": int((meant & ~own).sum()), "of_others": of_others, "finding": why,
    }  # fmt: skip


def _row(counted: dict[str, object], level: float) -> dict[str, object]:
    """The shares of one partner with their intervals, where they can be told."""
    if counted["finding"]:
        return counted
    named, of_named, others, of_others = (
        float(str(counted[name])) for name in ("named", "of_named", "others", "of_others")
    )
    own = wilson(named / of_named, of_named, level=level)
    ordinary = wilson(others / of_others, of_others, level=level)
    gap = difference_of(own, ordinary)
    finding = REACHES if gap.low > 0 else MISSES if gap.high < 0 else NOT_CLEAR
    return counted | {
        "share": own.estimate, "share_low": own.low, "share_high": own.high,
        "share_others": ordinary.estimate, "difference": gap.estimate, "low": gap.low,
        "high": gap.high, "finding": finding,
    }  # fmt: skip
