"""Did new kinds of patients come? Kinds of those who named a partner beside those of the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from partner_analysis.attribution.alike import FEWEST
from partner_analysis.attribution.care import TOO_FEW, new_patients_of, rows_of
from partner_analysis.attribution.standardise import difference_of, wilson
from partner_analysis.tables import require_columns

INTENDED, PERSONA, FIRST_TIME, AREA = "intended personas", "persona", "first time", "ZIP3"
OTHER_AREAS: Final = "other areas"
HIDDEN_AREA: Final = "000"
FEWEST_OF_AREA: Final = 10
NEEDED: Final = (
    "clinic", "persona", "zip3", "patient_key", "new_patient", "counted_on", "partnership_id",
)  # fmt: skip


def compare_kinds(
    episodes: pd.DataFrame,
    partnerships: pd.DataFrame,
    partnership_id: str,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Kinds of patients who named a partner beside those of all others, as they are.

    Nothing is standardised: whether other kinds come is the question.

    Parameters
    ----------
    episodes
        One row per episode, as cleaning makes them; ``first_time`` may be missing.
    partnerships
        The register.
    partnership_id
        Whose patients: new patients of its clinics while it ran.
    level
        Level at which all intervals of one ``kind`` hold together (Bonferroni).

    Returns
    -------
    DataFrame
        One row per kind and group: kind ("intended personas", "persona", "first time", "ZIP3"),
        group, named, of_named, others, of_others (counted), share_named, share_others,
        difference, low, high, note, level. NaN where fewer than 10 of either are known. Intervals:
        Newcombe (1998), "Interval estimation for the difference between independent
        proportions". Areas with fewer than 10 patients are one; "000" is not an area.

    Raises
    ------
    InputError
        If the register does not list the partnership, or columns are missing.
    """
    require_columns(episodes, NEEDED, "episodes")
    rows = rows_of(partnerships, partnership_id)
    people = new_patients_of(episodes, rows, partnership_id)
    table = [
        _share_row(kind, group, people["is_named"], belongs, level=1 - (1 - level) / count)
        for kind, group, belongs, count in _groups(people, rows)
    ]
    columns = ["kind", "group", "named", "of_named", "others", "of_others", "share_named",
               "share_others", "difference", "low", "high", "note"]  # fmt: skip
    return pd.DataFrame(table, columns=columns).assign(level=level)


def _groups(people: pd.DataFrame, rows: pd.DataFrame) -> Iterator[tuple[str, str, pd.Series, int]]:
    """Kind, group, who is in it (NaN = not known), and how many groups the kind has."""
    aimed = sorted({name for listed in rows["personas"] for name in listed})
    if aimed and all(len(listed) for listed in rows["personas"]):
        yield INTENDED, ", ".join(aimed), people["persona"].isin(aimed).astype("float64"), 1
    yield from _each(PERSONA, people["persona"].astype("str"))
    if "first_time" in people and people["first_time"].notna().any():
        yield FIRST_TIME, "first time in physical therapy", people["first_time"], 1
    areas = people["zip3"].fillna("").astype("str")
    areas = areas.mask(areas.isin(["", HIDDEN_AREA]))
    small = areas.map(areas.value_counts()) < FEWEST_OF_AREA
    yield from _each(AREA, areas.mask(small & areas.notna(), OTHER_AREAS))


def _each(kind: str, groups: pd.Series) -> Iterator[tuple[str, str, pd.Series, int]]:
    """Every group of one kind, the largest first."""
    sizes = groups.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    for group in sizes.index:
        yield (
            kind,
            str(group),
            (groups == group).astype("float64").where(groups.notna()),
            len(sizes),
        )


def _share_row(
    kind: str, group: str, is_named: pd.Series, belongs: pd.Series, *, level: float
) -> dict[str, object]:
    """How many of those who named it, and of the others, are of one group."""
    known = belongs.notna()
    mine, theirs = belongs[known & is_named], belongs[known & ~is_named]
    row = {
        "kind": kind, "group": group, "named": int(mine.sum()), "of_named": len(mine),
        "others": int(theirs.sum()), "of_others": len(theirs), "note": "",
    }  # fmt: skip
    if min(len(mine), len(theirs)) < FEWEST:
        return row | {"note": TOO_FEW}
    one, two = (wilson(float(g.mean()), len(g), level=level) for g in (mine, theirs))
    found = difference_of(one, two)
    return row | {
        "share_named": one.estimate, "share_others": two.estimate,
        "difference": found.estimate, "low": found.low, "high": found.high,
    }  # fmt: skip
