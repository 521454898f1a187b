"""What no partnership touches: the comparisons fitted on it, and how far its counts scatter."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np

from partner_analysis.attribution.cells import Bools, Cells
from partner_analysis.attribution.comparison import Comparison, by_stretch, fit_comparison

LEAST_SCATTER: Final = 100.0


@dataclass(frozen=True)
class Untouched:
    """The known cells and periods that no partnership touches: ``mask`` (N, T).

    ``learnt`` keeps what was learnt once of how far clinics stray.
    """

    cells: Cells
    mask: Bools = field(repr=False)
    learnt: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def by_persona(self) -> tuple[Comparison, ...]:
        """One comparison for each persona, in the order of ``cells.personas``."""
        personas = range(len(self.cells.personas))
        rows = [np.flatnonzero(self.cells.persona == persona) for persona in personas]
        return tuple(fit_comparison(self.cells, self.mask, each) for each in rows)

    @cached_property
    def pooled(self) -> tuple[Comparison, ...]:
        """One comparison for all cells together."""
        everything = np.arange(len(self.cells.persona))
        return (fit_comparison(self.cells, self.mask, everything),)

    @property
    def restlessness(self) -> float:
        """Variance of what moves one cell in one period beyond Poisson noise and the month.

        From untouched cells, by moments: how far their counts scatter around their own month's
        mean, less what Poisson counts would (over-dispersion as in a negative binomial). 0 where
        periods are as long as a month, or counts scatter less than Poisson.
        """
        scattered, by_chance, squares = self._scatter
        return max((scattered - by_chance) / squares, 0.0) if squares > 1e-9 else 0.0

    @property
    def evenness(self) -> float:
        """How far counts scatter within their month, by chance alone 1; 1 where few can tell."""
        scattered, by_chance, squares = self._scatter
        return scattered / by_chance if squares > 1e-9 and by_chance > LEAST_SCATTER else 1.0

    @cached_property
    def _scatter(self) -> tuple[float, float, float]:
        """Sums of squares within months, of what Poisson counts would give, and of the means."""
        block = self.cells.blocks
        scattered, by_chance, squares = 0.0, 0.0, 0.0
        for each in self.by_persona:
            mask = self.mask[each.rows]
            fitted = np.where(mask, each.level[:, None] * each.pattern, 0.0)
            came = np.where(mask, self.cells.observed[each.rows], 0.0)
            due = by_stretch(fitted, block)
            ratio = np.divide(by_stretch(came, block), due, out=np.zeros_like(due), where=due > 0)
            part = np.divide(fitted, due[:, block], out=np.zeros_like(fitted), where=fitted > 0)
            mean = fitted * ratio[:, block]
            own = np.divide(
                fitted,
                by_stretch(fitted, each.stretch).sum(axis=0)[each.stretch],
                out=np.zeros_like(fitted),
                where=fitted > 0,
            )
            free = (1 - part) * (1 - own)
            scattered += float(((came - mean) ** 2).sum())
            by_chance += float((mean * free).sum())
            squares += float((fitted**2 * free).sum())
        return scattered, by_chance, squares
