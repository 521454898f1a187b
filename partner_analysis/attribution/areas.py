"""Communities (ZIP3) from which fewer come than from their neighbours. The person ends here."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import binom

from partner_analysis.attribution.growth import held_together
from partner_analysis.attribution.standardise import wilson
from partner_analysis.tables import require_columns

HIDDEN: Final = "000"
FEWEST: Final = 20
MONTHS: Final = 12
THIN: Final = "thin: fewer for its people than its neighbours"
FEWER: Final = "fewer than its neighbours; how many live there is not known"
NOT_FEWER: Final = "not clearly fewer"
TOO_FEW: Final = "cannot tell: fewer than 20 patients with its neighbours"
NO_NEIGHBOUR: Final = "cannot tell: no neighbour that the clinic serves"
NOT_AN_AREA: Final = "not an area"
AREA_COLUMNS: Final = (
    "clinic", "zip3", "name", "new_patients", "neighbours", "of_neighbours", "ratio", "low", "high",
    "finding", "level",
)  # fmt: skip


def count_areas(episodes: pd.DataFrame, *, last_day: object) -> pd.DataFrame:
    """New patients of the last 12 months per clinic and ZIP3. The person ends here.

    Parameters
    ----------
    episodes
        One row per episode: clinic, zip3, new_patient, counted_on.
    last_day
        Last day that is counted.

    Returns
    -------
    DataFrame
        One row per clinic and zip3 from which anybody came: clinic, zip3 ("" = not known,
        "000" = areas too small to be shown), new_patients.
    """
    require_columns(episodes, ("clinic", "zip3", "new_patient", "counted_on"), "episodes")
    last = pd.Timestamp(last_day)
    days = episodes["counted_on"]
    kept = episodes["new_patient"].astype("bool") & (days <= last)
    kept &= days > last - pd.DateOffset(months=MONTHS)
    new = episodes.loc[kept, ["clinic"]].assign(zip3=episodes["zip3"].fillna("").astype("str"))
    return new.groupby(["clinic", "zip3"]).size().rename("new_patients").reset_index()


def compare_areas(
    areas: pd.DataFrame, *, populations: pd.DataFrame | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Each ZIP3 of a clinic beside the numerically adjacent ones that the same clinic serves.

    Without populations an area cannot be called thin for certain: fewer may live there.

    Parameters
    ----------
    areas
        From ``count_areas``.
    populations
        One row per area: ``zip3``, ``people``, optionally ``name``. Then patients per person are
        compared.
    level
        Level of the intervals; 1 - level is the false discovery rate over all areas.

    Returns
    -------
    DataFrame
        One row per clinic and zip3: clinic, zip3, name ("" = none), new_patients, neighbours
        (tuple), of_neighbours (patients from them), ratio (to what the neighbours' average would
        give), low, high, finding, level. "000" and "" are kept as rows that are "not an area".
    """
    people = dict[str, float]()
    if populations is not None:
        people = dict(zip(populations["zip3"].astype("str"), populations["people"], strict=True))
    rows = [
        _compared(clinic, own, people, level) for clinic, own in areas.groupby("clinic", sort=True)
    ]
    if not rows:
        return pd.DataFrame(columns=list(AREA_COLUMNS))
    table = pd.concat(rows, ignore_index=True)
    told = table["p_value"].notna().to_numpy()
    fewer = np.zeros(len(table), dtype=bool)
    fewer[told] = held_together(table.loc[told, "p_value"].to_numpy(), rate=1 - level)
    fewer &= (table["high"] < 1).to_numpy()
    said = np.where(table["has_people"], THIN, FEWER)
    table["finding"] = table["finding"].mask(told, NOT_FEWER).mask(fewer, pd.Series(said))
    names = _names(populations)
    table["name"] = [names.get(zip3, "") for zip3 in table["zip3"]]
    return table.assign(level=level)[list(AREA_COLUMNS)]


def _names(populations: pd.DataFrame | None) -> dict[str, str]:
    """What the practice calls each area; empty where it says nothing."""
    if populations is None or "name" not in populations:
        return {}
    return dict(zip(populations["zip3"].astype("str"), populations["name"], strict=True))


def _compared(
    clinic: str, own: pd.DataFrame, people: dict[str, float], level: float
) -> pd.DataFrame:
    """The areas of one clinic."""
    came = dict(zip(own["zip3"], own["new_patients"], strict=True))
    rows = [_one(zip3, came, people, level) for zip3 in sorted(came)]
    return pd.DataFrame(rows).assign(clinic=clinic)


def _one(
    zip3: str, came: dict[str, int], people: dict[str, float], level: float
) -> dict[str, object]:
    """One area beside its neighbours."""
    is_area = zip3.isdecimal() and zip3 != HIDDEN
    near = (f"{int(zip3) + step:03d}" for step in (-1, 1)) if is_area else ()
    neighbours = tuple(name for name in near if name in came and name != HIDDEN)
    mine, theirs = int(came[zip3]), sum(int(came[name]) for name in neighbours)
    row: dict[str, object] = {
        "zip3": zip3, "new_patients": mine, "neighbours": neighbours, "of_neighbours": theirs,
        "ratio": np.nan, "low": np.nan, "high": np.nan, "p_value": np.nan, "has_people": False,
    }  # fmt: skip
    if not is_area:
        return row | {"finding": NOT_AN_AREA}
    if not neighbours:
        return row | {"finding": NO_NEIGHBOUR}
    if mine + theirs < FEWEST:
        return row | {"finding": TOO_FEW}
    has_people = all(people.get(name, 0) > 0 for name in (zip3, *neighbours))
    weights = [people[name] if has_people else 1.0 for name in (zip3, *neighbours)]
    ratio_of = sum(weights[1:]) / weights[0]
    share = wilson(mine / (mine + theirs), mine + theirs, level=level)
    ends = (share.estimate, share.low, share.high)
    ratio, low, high = (
        float("inf") if part >= 1 else part / (1 - part) * ratio_of for part in ends
    )
    by_chance = binom.cdf(mine, mine + theirs, 1 / (1 + ratio_of))
    return row | {
        "ratio": ratio, "low": low, "high": high, "p_value": min(1.0, 2 * float(by_chance)),
        "has_people": has_people, "finding": "",
    }  # fmt: skip
