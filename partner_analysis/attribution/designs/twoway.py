"""Difference-in-differences on levels, for starts at one time or at several.

Clinic and period effects are fitted on untreated cells and periods only and carried to the
treated ones; with one common start and no gaps this is the classical difference of differences.

Source: Borusyak, Jaravel and Spiess (2024), Revisiting event-study designs: robust and efficient
estimation, Review of Economic Studies 91(6).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from partner_analysis.attribution.cells import Bools, Floats, Ints
from partner_analysis.attribution.designs.blocks import Outcomes

MOST_GROUPS: Final = 40


def impute(observed: Floats, known: Bools) -> Floats:
    """What two-way effects fitted where ``known`` say everywhere; NaN where they say nothing.

    Parameters
    ----------
    observed, known
        (N, T): the outcome, and which of it to fit. A cell and a period can be put together only
        if a chain of known cells and periods links them.
    """
    count = known.sum(axis=1)
    seen = np.where(known, observed, 0.0)
    mean = np.divide(seen.sum(axis=1), count, out=np.zeros(len(seen)), where=count > 0)
    share = known / np.maximum(count, 1)[:, None]
    system = np.diag(known.sum(axis=0)) - share.T @ known
    moved = np.where(known, observed - mean[:, None], 0.0).sum(axis=0)
    period = np.linalg.lstsq(system, moved, rcond=1e-10)[0]
    level = mean - share @ period
    return np.where(_linked(known), level[:, None] + period, np.nan)


def _linked(known: Bools) -> Bools:
    """Whether a cell and a period are linked by a chain of known cells and periods."""
    cell, period = np.nonzero(known)
    size = sum(known.shape)
    links = coo_array((np.ones(len(cell)), (cell, period + len(known))), shape=(size, size))
    group = connected_components(links, directed=False)[1]
    return np.equal.outer(group[: len(known)], group[len(known) :])


def level_differences(outcomes: Outcomes, *, skipped: Ints | None = None) -> Floats:
    """Observed less imputed for each judged cell and period; NaN elsewhere and where unknown.

    Each persona is compared with the same persona at other clinics, or with all cells where
    fewer than two others serve.

    Parameters
    ----------
    outcomes
        As one partnership sees them.
    skipped
        Codes of clinics to leave out.
    """
    cells = outcomes.cells
    stays = np.ones(len(cells.clinic), bool) if skipped is None else ~np.isin(cells.clinic, skipped)
    judged = outcomes.judged & stays[:, None]
    known = (outcomes.free | outcomes.before) & stays[:, None]
    found = np.full(judged.shape, np.nan)
    for persona in np.unique(cells.persona[judged.any(axis=1)]):
        same = cells.persona == persona
        here = same & judged.any(axis=1)
        group = same if _others(known, here, same, judged) >= 2 else np.ones(len(same), dtype=bool)
        expected = np.full(judged.shape, np.nan)
        expected[group] = impute(cells.observed[group], known[group])
        found[here] = np.where(judged[here], (cells.observed - expected)[here], np.nan)
    return found


def _others(known: Bools, here: Bools, same: Bools, judged: Bools) -> int:
    """Cells of this persona, its own treated cells left out, that are known while it runs."""
    when = judged[here].any(axis=0)
    return int(known[same & ~here][:, when].any(axis=1).sum())


def jackknife_spread(outcomes: Outcomes) -> tuple[float, int]:
    """Standard error of the mean difference from leaving out clinics in turn, and its groups.

    For practices in which every clinic is treated sooner or later, so that none serves as a
    placebo. (NaN, 0) where an answer hangs on one clinic.
    """
    cells = outcomes.cells
    serving = (outcomes.judged | outcomes.free | outcomes.before).any(axis=1)
    clinics = np.unique(cells.clinic[serving])
    groups = min(len(clinics), MOST_GROUPS)
    found = [
        level_differences(outcomes, skipped=clinics[np.arange(len(clinics)) % groups == group])
        for group in range(groups)
    ]
    if groups < 3 or not all(np.isfinite(differences).any() for differences in found):
        return np.nan, 0
    means = np.array([np.nanmean(differences) for differences in found])
    return float(np.sqrt((groups - 1) * means.var())), groups
