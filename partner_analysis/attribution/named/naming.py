"""Where a partner could be named though it was not active: what teaches how often it is by chance.

The counts do not say when a partner could be named: a label is often added to the intake form on
the day the partnership starts, and before it a zero would say nothing. So a clinic counts as a
place where a partner could be named from its first naming there to its last, and both ends are
left out: between them patients name it at their ordinary rate, whereas a stretch chosen because
it holds a naming would make that rate look higher. (The times between the first and the last
event of a Poisson process are again one, whatever its rate.)
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.cells import WASH_OUT_DAYS
from partner_analysis.tables import ONE_PERSONA

EXPOSURE_COLUMNS: Final = ("partnership_id", "could_name_patients", "named_when_inactive")


def count_named_when_inactive(
    counts: pd.DataFrame, partnerships: pd.DataFrame, named: pd.DataFrame
) -> pd.DataFrame:
    """One row per partnership: who could have named it while it was not active, and who did.

    Parameters
    ----------
    counts, partnerships, named
        As ``tables.check_counts``, ``check_partnerships`` and ``check_named`` return them.

    Returns
    -------
    DataFrame
        ``partnership_id``, ``could_name_patients`` and ``named_when_inactive`` (new patients, over
        all periods), sorted by id. Only the partnership's own clinics and personas count, only in
        whole periods in which it had not yet begun (nor been signed, where ``signed_date`` is
        given) or had ended at least 91 days before, and only after its first and before its last
        naming at that clinic. 0 and 0 where there was none of these. Without personas in
        ``named``, whole clinics count.
    """
    if set(named["persona"]) == {ONE_PERSONA}:
        counts = _whole_clinics(counts)
    counts = counts.assign(ends=counts["period"].map(_ends(counts["period"])))
    named = named[named["named"] > 0]
    places = counts.groupby("clinic").indices
    namings = dict(iter(named.groupby("partnership_id")))
    rows = []
    for identifier, stretches in partnerships.groupby("partnership_id", sort=True):
        mine = namings.get(identifier)
        spots = None if mine is None else _idle_spots(counts, places, stretches, mine)
        if mine is None or spots is None:
            rows.append((identifier, 0.0, 0.0))
            continue
        on_those = spots.merge(mine, on=["clinic", "persona", "period"])
        rows.append((identifier, spots["new_patients"].sum(), on_those["named"].sum()))
    return pd.DataFrame(rows, columns=list(EXPOSURE_COLUMNS)).astype({"partnership_id": "str"})


def _idle_spots(
    counts: pd.DataFrame,
    places: dict[str, np.ndarray],
    stretches: pd.DataFrame,
    mine: pd.DataFrame,
) -> pd.DataFrame | None:
    """Counts in which one partner could be named though inactive; None where there are none."""
    span = mine.groupby("clinic")["period"].agg(first_named="min", last_named="max")
    begins, over = _begins(stretches), _over(stretches)
    outside = (span["first_named"] < begins.max()) | (span["last_named"] >= over.min())
    span = span[outside & span.index.isin(places)]
    if span.empty:
        return None
    spots = counts.iloc[np.concatenate([places[clinic] for clinic in span.index])]
    spots = spots.merge(span, left_on="clinic", right_index=True)
    between = (spots["period"] > spots["first_named"]) & (spots["period"] < spots["last_named"])
    spots = spots[between & spots["new_patients"].notna()]
    own, idle = np.zeros(len(spots), dtype=bool), np.ones(len(spots), dtype=bool)
    for stretch, start, end in zip(stretches.itertuples(), begins, over, strict=True):
        covered = _covered(spots["clinic"], stretch.clinics) & _covered(
            spots["persona"], stretch.personas
        )
        own |= covered
        idle &= ~(covered & (spots["ends"] > start) & (spots["period"] < end)).to_numpy()
    return spots[own & idle]


def _begins(stretches: pd.DataFrame) -> pd.Series:
    """From when a stretch may be felt: its start, or its signing where that is earlier."""
    if "signed_date" not in stretches:
        return stretches["start_date"]
    return stretches[["start_date", "signed_date"]].min(axis=1)


def _over(stretches: pd.DataFrame) -> pd.Series:
    """From when a stretch is no longer felt; far in the future while it runs."""
    over = stretches["end_date"] + pd.Timedelta(days=1 + WASH_OUT_DAYS)
    return over.fillna(pd.Timestamp("2262-01-01"))


def _covered(names: pd.Series, wanted: tuple[str, ...]) -> np.ndarray:
    """Which names are meant; nothing wanted means all, and a whole clinic is every persona."""
    if not wanted or (names == ONE_PERSONA).all():
        return np.ones(len(names), dtype=bool)
    return names.isin(wanted).to_numpy()


def _whole_clinics(counts: pd.DataFrame) -> pd.DataFrame:
    """One row per clinic and period; unknown where any of its cells is."""
    known = counts.assign(unknown=counts["new_patients"].isna())
    sums = known.groupby(["clinic", "period"], as_index=False)[["new_patients", "unknown"]].sum()
    sums["new_patients"] = sums["new_patients"].mask(sums["unknown"] > 0)
    return sums.drop(columns="unknown").assign(persona=ONE_PERSONA)


def _ends(periods: pd.Series) -> pd.Series:
    """First day after each period: that of the next, or as far on as usual."""
    days = pd.Series(periods.drop_duplicates().sort_values().to_numpy())
    usual = days.diff().median() if len(days) > 1 else pd.Timedelta(days=31)
    return days.shift(-1).fillna(days + usual).set_axis(days)
