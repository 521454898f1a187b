"""How each persona moves apart from all of them together: seasons, fashions, slow change.

Period effects of all cells together rest on many patients, those of one persona on few. So the
period effects are common, and each persona departs from them smoothly: as strongly as personas are
seen to depart, and known as well as its own counts at the comparison clinics tell (kriging;
Robinson 1991, That BLUP is a good thing: the estimation of random effects).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Bools, Floats
from partner_analysis.attribution.comparison import Comparison
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.shocks import kernel_parts
from partner_analysis.attribution.variability import learn_variability

NEGLIGIBLE: Final = 1e-3
MOST_KEPT: Final = 4


@dataclass(frozen=True)
class Departures:
    """Log departures of personas from the common period effects.

    ``mean`` is (personas, B); ``roots`` (B, k) per persona are factors of the covariance of what
    is not known of it.
    """

    mean: Floats
    roots: tuple[Floats, ...]


@dataclass(frozen=True)
class PersonaSums:
    """Untouched sums over blocks, per row of the common comparison, and how personas stray."""

    came: Floats
    stood: Floats
    squares: Floats
    kernel: Floats


def departures_of(panel: Panel, left_out: Bools) -> Departures:
    """How personas depart at the clinics that are not left out; the last answers are kept."""
    kept: deque[tuple[bytes, Departures]] = panel.learnt.setdefault(
        "departures", deque(maxlen=MOST_KEPT)
    )
    asked = left_out.tobytes()
    for before, found in kept:
        if before == asked:
            return found
    kept.append((asked, _departures(panel, left_out)))
    return kept[-1][1]


def _departures(panel: Panel, left_out: Bools) -> Departures:
    sums, cells = _sums_of(panel), panel.cells
    kept = ~left_out[panel.pooled[0].rows]
    persona = cells.persona[panel.pooled[0].rows][kept]
    groups = (persona == np.arange(len(cells.personas))[:, None]).astype(float)
    came, stood, squares = (
        groups @ values[kept] for values in (sums.came, sums.stood, sums.squares)
    )
    whole = np.maximum(stood.sum(axis=0), 1e-300)
    due = stood * (came.sum(axis=0) / whole)
    share = stood / whole
    found = [
        _krige(came[p], due[p], share[p], panel.restlessness * squares[p], sums.kernel)
        for p in range(len(groups))
    ]
    return Departures(np.array([mean for mean, _ in found]), tuple(root for _, root in found))


def _krige(
    came: Floats, due: Floats, share: Floats, squares: Floats, kernel: Floats
) -> tuple[Floats, Floats]:
    """One persona's departures: their mean, and a factor of what remains unknown."""
    known = due > 0
    if not known.any():
        return np.zeros(len(due)), _root(kernel)
    scatter = squares[known] / due[known] ** 2
    noise = (1 - share[known]) / due[known] + scatter
    seen = np.log((came[known] + 0.5) / (due[known] + 0.5))
    inverse = np.linalg.inv(kernel[np.ix_(known, known)] + np.diag(noise))
    middle = (inverse @ seen).sum() / inverse.sum()
    toward = kernel[:, known] @ inverse
    return toward @ (seen - middle), _root(kernel - toward @ kernel[known])


def _root(covariance: Floats) -> Floats:
    """A factor of a covariance, without what is too small to matter."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    kept = values > NEGLIGIBLE * max(values.max(), 1e-12)
    return vectors[:, kept] * np.sqrt(values[kept])


def _sums_of(panel: Panel) -> PersonaSums:
    """What ``departures_of`` needs of a panel, computed once."""
    if "personas" not in panel.learnt:
        common = panel.pooled[0]
        came, stood, squares = block_sums(panel, common)
        learnt = learn_variability(panel, panel.pooled, personas=True)
        parts = kernel_parts(panel.cells.block_years)
        kernel = np.tensordot(learnt.typical(), parts, 1)
        panel.learnt["personas"] = PersonaSums(came, stood, squares, kernel)
    found: PersonaSums = panel.learnt["personas"]
    return found


def block_sums(panel: Panel, comparison: Comparison) -> tuple[Floats, Floats, Floats]:
    """Untouched observed, fitted and squared fitted of a comparison's rows, summed over blocks."""
    mask = panel.untouched[comparison.rows]
    due = np.where(mask, comparison.level[:, None] * comparison.pattern, 0.0)
    came = np.where(mask & (due > 0), panel.cells.observed[comparison.rows], 0.0)
    starts = panel.cells.block_starts
    came, stood, squares = (np.add.reduceat(v, starts, axis=1) for v in (came, due, due**2))
    return came, stood, squares
