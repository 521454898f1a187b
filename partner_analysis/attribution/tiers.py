"""Sent by a physician, and won by a partner? The two tiers of a source, side by side.

Who referred a patient to physical therapy at all is the first tier, why they chose this practice
the second. A patient whom a physician sent may have come because of a partner: both count.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.tables import InputError, as_names, require_columns

TIERS: Final = ("a physician sent them", "no physician sent them", "not written down")
NEEDED: Final = (
    "clinic",
    "new_patient",
    "counted_on",
    "partnership_id",
    "also_named",
    "first_tier",
)


def count_tiers(
    episodes: pd.DataFrame, partnerships: pd.DataFrame, partnership_id: str
) -> pd.DataFrame:
    """New patients of a partnership's clinics since its start by both tiers of their source.

    Parameters
    ----------
    episodes
        One row per episode with ``clinic``, ``new_patient``, ``counted_on``, ``partnership_id``,
        ``also_named`` and ``first_tier``. The person ends here.
    partnerships
        The register.

    Returns
    -------
    DataFrame
        One row per first tier, always the same three: tier, named (of them, who named the partner
        as well), others. All rows and columns add up to the new patients.

    Raises
    ------
    InputError
        For an id that the register does not list.

    Notes
    -----
    The tiered categorisation of Collie and Wick, as Decoteau tells it in Impact, the magazine of
    private practices in physical therapy.
    """
    require_columns(episodes, NEEDED, "episodes")
    rows = partnerships.loc[partnerships["partnership_id"] == partnership_id]
    if rows.empty:
        raise InputError(f"partnerships: there is no partnership_id {partnership_id!r}.")
    new = episodes.loc[episodes["new_patient"].astype("bool")]
    clinics = [as_names(names) for names in rows["clinics"]]
    here = pd.Series(True, index=new.index)
    if all(clinics):
        here = new["clinic"].isin([name for names in clinics for name in names])
    new = new.loc[here & (new["counted_on"] >= rows["start_date"].min())]
    also = new["also_named"].fillna("").str.split(";")
    named = (new["partnership_id"] == partnership_id) | also.map(lambda ids: partnership_id in ids)
    tier = pd.Series(TIERS[1], index=new.index, dtype="str")
    tier = tier.mask(new["first_tier"] == "physician", TIERS[0])
    tier = tier.mask(new["first_tier"] == "unknown", TIERS[2])
    counted = pd.crosstab(tier, named.astype("bool")).reindex(
        index=list(TIERS), columns=[True, False], fill_value=0
    )
    columns = {"named": counted[True].to_numpy(), "others": counted[False].to_numpy()}
    return pd.DataFrame({"tier": list(TIERS), **columns})
