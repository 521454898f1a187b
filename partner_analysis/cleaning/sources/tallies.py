"""What the practice's system counted by source itself, under the partners it names."""

from __future__ import annotations

import pandas as pd

from partner_analysis.cleaning.register.register import Register
from partner_analysis.cleaning.sources.matches import match_sources


def name_tallies(tallies: pd.DataFrame, register: Register) -> pd.DataFrame:
    """One row per file and partner or kind of source that a system counted.

    Parameters
    ----------
    tallies
        One row per source: file, source_type, source, clinic, patients, cases.
    register
        Its names are those that are looked for.

    Returns
    -------
    DataFrame
        file, partnership_id (missing if none), label, patients, cases, sorted by file and label.
        The texts themselves are gone.
    """
    columns = ["file", "partnership_id", "label", "patients", "cases"]
    if tallies.empty:
        return pd.DataFrame(columns=columns)
    texts = tallies["source"].mask(tallies["source"] == "", tallies["source_type"])
    matches = match_sources(texts, register.names)
    partners = matches.loc[matches["partnership_id"].notna()]
    first = pd.concat([partners, matches]).drop_duplicates("text").set_index("text")
    named = tallies.reset_index(drop=True).join(first[["partnership_id", "label"]])
    amounts = named[["patients", "cases"]].astype("float64")
    sums = named.assign(**amounts).groupby(
        ["file", "partnership_id", "label"], dropna=False, as_index=False
    )  # fmt: skip
    table = sums[["patients", "cases"]].sum(min_count=1)
    return table.sort_values(["file", "label"], ignore_index=True)[columns]
