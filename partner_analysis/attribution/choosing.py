"""Possible partners scored by the practice's own weights, with what is not known left open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.together.kinds import broad_kind, is_provider
from partner_analysis.attribution.together.pool import PooledKind
from partner_analysis.tables import NO_NUMBER, InputError, as_names, require_columns

PARTS: Final = ("values", "trust", "complementary", "reach", "willingness")
PROVIDER_PARTS: Final = ("values", "trust", "complementary")
MOST_SCORE: Final = 5.0
CANDIDATE_COLUMNS: Final = ("candidate_id", "name", "kind", "personas", "clinics", "provider")
GAP_COLUMNS: Final = ("persona", "clinic", "reason")
NOBODY_ELSE: Final[Mapping[str, PooledKind]] = {}


def score_parts(candidates: pd.DataFrame, *, weights: Mapping[str, float]) -> pd.DataFrame:
    """One row per candidate and part of its score, in the order of the table.

    Parameters
    ----------
    candidates
        One row per candidate: ``candidate_id``, ``kind``, ``provider`` and a column for each
        part, 0 to 5, NaN = not known.
    weights
        How much each part weighs.

    Returns
    -------
    DataFrame
        ``candidate_id``, ``part``, ``share`` (of the weight; the parts of a candidate add up to
        1), ``score`` (NaN = not known). For a provider values, trust and complementary services
        only: how many it could send, or would, is no reason to choose it. Parts without weight
        are left out.

    Raises
    ------
    InputError
        If a weight is negative, no part has any, or a score is not 0 to 5.
    """
    require_columns(candidates, (*CANDIDATE_COLUMNS, *PARTS), "candidates")
    _refuse_weights(weights)
    scores = candidates[list(PARTS)].astype("float64")
    if ((scores < 0) | (scores > MOST_SCORE)).any(axis=None):
        raise InputError("candidates: a score is not 0 to 5. Leave what is not known empty.")
    rows = []
    for position, provider in enumerate(_providers(candidates)):
        parts = [p for p in (PROVIDER_PARTS if provider else PARTS) if weights.get(p, 0) > 0]
        whole = sum(weights[part] for part in parts)
        identifier = str(candidates["candidate_id"].iloc[position])
        rows += [
            (identifier, p, weights[p] / whole, float(scores[p].iloc[position])) for p in parts
        ]
    return pd.DataFrame(rows, columns=["candidate_id", "part", "share", "score"])


def score_candidates(
    candidates: pd.DataFrame,
    *,
    weights: Mapping[str, float],
    gaps: pd.DataFrame | None = None,
    pooled: Mapping[str, PooledKind] = NOBODY_ELSE,
) -> pd.DataFrame:
    """One row per candidate: its score as a range, the gap it would fill, what its kind brought.

    Parameters
    ----------
    candidates, weights
        As for ``score_parts``.
    gaps
        One row per gap: ``persona``, ``clinic`` (empty or "all" = any), ``reason``.
    pooled
        What partners of each kind brought in other practices, from ``pool_effects``.

    Returns
    -------
    DataFrame
        ``candidate_id``, ``name``, ``kind``, ``provider``; ``low`` and ``high``: the lowest and
        the highest possible weighted mean of its scores, 0 to 5, equal where all are known;
        ``unknown`` (tuple of parts); ``first`` and ``last``: the places it may take, NaN for a
        provider, which has none; ``gaps`` (tuple of texts); ``elsewhere``: percent that one more
        partner of its kind is to be expected to bring, an ``Interval`` (no number for a provider
        and where it is not known), and ``practices`` behind it. Sorted by place and name,
        providers last.
    """
    parts = score_parts(candidates, weights=weights)
    scored = candidates[["candidate_id", "name", "kind"]].reset_index(drop=True)
    scored["provider"] = _providers(candidates)
    by = parts.assign(
        low=parts["share"] * parts["score"].fillna(0.0),
        high=parts["share"] * parts["score"].fillna(MOST_SCORE),
        unknown=[(p,) if np.isnan(s) else () for p, s in zip(parts.part, parts.score, strict=True)],
    ).groupby("candidate_id")
    sums = by[["low", "high"]].sum().reindex(scored["candidate_id"]).round(9)
    scored["low"], scored["high"] = sums["low"].to_numpy(), sums["high"].to_numpy()
    unknown = by["unknown"].sum()
    scored["unknown"] = [unknown[key] for key in scored["candidate_id"]]
    scored["first"], scored["last"] = _places(scored)
    scored["gaps"] = pd.Series(_gaps_filled(candidates, scored["provider"], gaps), dtype=object)
    found = [
        None if row.provider else pooled.get(broad_kind(str(row.kind)))
        for row in scored.itertuples()
    ]
    told = [NO_NUMBER if each is None else each.prediction_percent for each in found]
    scored["elsewhere"] = pd.Series(told, dtype=object)
    scored["practices"] = [0 if each is None else each.practices for each in found]
    order = ["provider", "first", "last", "name"]
    return scored.sort_values(order, kind="stable", ignore_index=True)


def _providers(candidates: pd.DataFrame) -> list[bool]:
    """Whether each is a provider: declared so, or of a kind that can only be one."""
    pairs = zip(candidates["provider"], candidates["kind"], strict=True)
    return [bool(declared) or is_provider(str(kind)) for declared, kind in pairs]


def _refuse_weights(weights: Mapping[str, float]) -> None:
    given = [float(weights.get(part, 0.0)) for part in PARTS]
    own = sum(float(weights.get(part, 0.0)) for part in PROVIDER_PARTS)
    if not (np.isfinite(given).all() and min(given) >= 0 and own > 0):
        raise InputError(
            "scorecard: weights are numbers from 0, and values, trust or complementary has one "
            "above 0. Correct [scorecard] in practice.toml."
        )


def _places(scored: pd.DataFrame) -> tuple[list[float], list[float]]:
    """First and last place that each may take, whatever the unknown scores are."""
    low, high = scored["low"].to_numpy(), scored["high"].to_numpy()
    ranked = ~scored["provider"].to_numpy(bool)
    first = [1.0 + float((low[ranked] > end).sum()) for end in high]
    last = [float((high[ranked] >= end).sum()) for end in low]
    first, last = (np.where(ranked, places, np.nan).tolist() for places in (first, last))
    return first, last


def _gaps_filled(
    candidates: pd.DataFrame, providers: pd.Series, gaps: pd.DataFrame | None
) -> list[tuple[str, ...]]:
    """What each candidate would fill; of a provider, where only, since reasons may be volumes."""
    if gaps is None or gaps.empty:
        return [()] * len(candidates)
    require_columns(gaps, GAP_COLUMNS, "gaps")
    told = []
    for row, provider in zip(candidates.itertuples(), providers, strict=True):
        fits = [
            gap
            for gap in gaps.itertuples()
            if _meets(gap.persona, row.personas) and _meets(gap.clinic, row.clinics)
        ]
        places = [f"{gap.persona or 'all'} at {gap.clinic or 'all clinics'}" for gap in fits]
        reasons = [f"{p}: {gap.reason}" for p, gap in zip(places, fits, strict=True)]
        told.append(tuple(places if provider else reasons))
    return told


def _meets(name: object, names: object) -> bool:
    own = as_names(names)
    return not own or str(name) in ("", "all") or str(name) in own
