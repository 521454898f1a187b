"""Episodes to the partners that their source texts name."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.cleaning.distinct import count_distinct, spread
from partner_analysis.cleaning.register.register import Register
from partner_analysis.cleaning.sources.decisions import spell_out
from partner_analysis.cleaning.sources.matches import match_distinct

FOUND: Final = {"partnership_id": "str", "label": "str", "rule": "str", "score": "float64",
                "state": "str", "also_named": "str"}  # fmt: skip
NOBODY: Final = pd.DataFrame(
    {"partnership_id": [], "name": [], "aliases": [], "kind": []}, dtype=object
)
WHEN: Final = ("evaluated", "received", "created", "first_visit")


def name_partners(
    episodes: pd.DataFrame, register: Register, *, name_words: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """Episodes with the partner that their source text names first, and how it was found.

    Parameters
    ----------
    episodes
        One row per episode: patient, source_type, source, source_note, and its days.
    register
        Names, aliases and decisions.
    name_words
        Words of the patients' names: from them follows what was shown of a text.

    Returns
    -------
    DataFrame
        The same rows with ``source`` (text that was read), partnership_id (the first named),
        also_named (the others), label, rule, score and state, and ``first_tier``: what the type
        chosen from a list says by itself (physician, internet ... or unknown).
    """
    texts = _source_texts(episodes)
    decided = spell_out(register.decisions, _patients(texts, episodes), name_words=name_words)
    codes, matches = match_distinct(texts, register.names, dates=_days(episodes), decisions=decided)
    named = matches["partnership_id"].notna()
    ordered = matches.loc[np.argsort(~named.to_numpy(), kind="stable")]
    firsts = ordered.drop_duplicates("text").set_index("text").sort_index()
    others = matches.loc[named]
    others = others.loc[others.duplicated("text")]
    also = others.groupby("text")["partnership_id"].agg(";".join)
    firsts["also_named"] = also.reindex(firsts.index).fillna("")
    columns = {
        name: spread(firsts[name].tolist(), codes, index=episodes.index, dtype=dtype)
        for name, dtype in FOUND.items()
    }
    columns["first_tier"] = _first_tier(episodes["source_type"])
    return episodes.assign(source=texts, **columns)


def _first_tier(types: pd.Series) -> pd.Series:
    """Kind of source that the chosen type means by itself, whatever the text beside it says."""
    codes, matches = match_distinct(types, NOBODY)
    firsts = matches.drop_duplicates("text").set_index("text").sort_index()
    labels = firsts["label"].replace("missing", "unknown").tolist()
    return spread(labels, codes, index=types.index, dtype="str")


def _source_texts(episodes: pd.DataFrame) -> pd.Series:
    """Text that says where a patient came from: source and note, or else the type chosen."""
    source, note = episodes["source"], episodes["source_note"]
    texts = source.mask(source == "", note)
    both = (source != "") & (note != "")
    if both.any():
        texts = texts.mask(both, source + " / " + note)
    return texts.mask(texts == "", episodes["source_type"])


def _days(episodes: pd.DataFrame) -> pd.Series:
    """Day from which an episode's source is to be understood."""
    days = episodes[WHEN[0]]
    for column in WHEN[1:]:
        days = days.fillna(episodes[column])
    return days


def _patients(texts: pd.Series, episodes: pd.DataFrame) -> dict[str, int]:
    """How many patients have each text."""
    codes, distinct = pd.factorize(texts)
    patient = pd.factorize(episodes["patient"])[0]
    counted = count_distinct(codes, patient, size=len(distinct))
    return dict(zip(distinct, counted.tolist(), strict=True))
