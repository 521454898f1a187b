"""How much hangs on one source of new patients."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd
from scipy.stats import binomtest

from partner_analysis.tables import NO_NUMBER, Interval, require_columns

PROVIDERS: Final = "physicians and other providers"
UNKNOWN: Final = ("unknown", "missing")
YEAR: Final = pd.DateOffset(months=12)


@dataclass(frozen=True)
class Concentration:
    """Where the new patients of a year say they came from.

    Attributes
    ----------
    sources
        One row per source: ``source``, ``new_patients``, ``share`` of those whose source is
        known, the largest first. All providers are one source.
    known, unknown
        New patients of the year with and without a known source.
    largest_share
        Share of the largest source, with its interval (Clopper and Pearson 1934). It may be a
        kind of source, as providers, the internet and word of mouth are: many, not one.
    single, single_share
        The largest that is one: a partner of the register who is no provider, and its share with
        its interval; "" where nobody named any.
    first_day, last_day
        The year.
    """

    sources: pd.DataFrame
    known: int
    unknown: int
    largest_share: Interval
    single: str
    single_share: Interval
    first_day: pd.Timestamp
    last_day: pd.Timestamp


def concentration_of(
    episodes: pd.DataFrame,
    *,
    last_day: pd.Timestamp,
    names: Mapping[str, str],
    providers: Collection[str] = frozenset(),
    level: float = 0.95,
) -> Concentration:
    """How the new patients of the last year divide over the sources that they name.

    Parameters
    ----------
    episodes
        One row per episode with ``new_patient``, ``counted_on``, ``label`` and
        ``partnership_id``. The person ends here.
    last_day
        Last day of the last complete period.
    names
        Name by partnership id.
    providers
        Ids of partnerships with physicians and others who can refer; they and the label
        "physician" are one source, so that no provider is counted by itself.
    """
    require_columns(episodes, ("new_patient", "counted_on", "label", "partnership_id"), "episodes")
    first_day = last_day - YEAR + pd.Timedelta(days=1)
    new = episodes.loc[episodes["new_patient"].astype("bool")]
    new = new.loc[new["counted_on"].between(first_day, last_day)]
    partner = new["partnership_id"].map(dict(names))
    source = partner.where(partner.notna(), new["label"]).astype("str")
    is_provider = new["partnership_id"].isin(providers) | (new["label"] == "physician")
    source = source.mask(is_provider, PROVIDERS)
    said = source[~new["label"].isin(UNKNOWN) | new["partnership_id"].notna()]
    counted = said.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    known = int(counted.sum())
    one = partner[partner.notna() & ~is_provider].value_counts().sort_index()
    one = one.sort_values(ascending=False, kind="stable")
    shares = counted / max(known, 1)
    return Concentration(
        sources=pd.DataFrame(
            {"source": counted.index.astype("str"), "new_patients": counted.to_numpy(),
             "share": shares.to_numpy()}
        ),
        known=known,
        unknown=len(new) - known,
        largest_share=_share(int(counted.iloc[0]), known, level) if known else NO_NUMBER,
        single=str(one.index[0]) if len(one) else "",
        single_share=_share(int(one.iloc[0]), known, level) if len(one) else NO_NUMBER,
        first_day=first_day,
        last_day=last_day,
    )  # fmt: skip


def _share(part: int, whole: int, level: float) -> Interval:
    exact = binomtest(part, whole).proportion_ci(level, "exact")
    return Interval(part / whole, float(exact.low), float(exact.high))
