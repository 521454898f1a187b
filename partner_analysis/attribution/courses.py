"""The course of a clinic's shocks block by block, averaged over all settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

from partner_analysis.attribution.cells import Floats
from partner_analysis.attribution.shocks import UnitSeries, at_known, deviations_of, kernel


@dataclass(frozen=True)
class Course:
    """One unit block by block: ``mean`` and ``variance`` (n) of its shock, ``pull`` (n, q).

    Few ask for the variance, which costs far more than the rest: it is worked out when asked for.
    """

    mean: Floats
    pull: Floats
    work_out: Callable[[], Floats] = field(repr=False)

    @cached_property
    def variance(self) -> Floats:
        """Variance of the shock in each block: (n)."""
        return self.work_out()


def course_of(unit: UnitSeries, sizes: Floats, weight: Floats) -> Course:
    """A unit's shocks block by block, averaged over settings with the given weights."""
    given = _Given.of(unit, sizes)
    solved = np.linalg.solve(given.seen, given.free).astype(np.float64, copy=False)
    predicted, _ = given.predicted(solved)
    mean = predicted[:, :, -1]
    return Course(
        mean=weight @ mean,
        pull=unit.target_design - np.einsum("g,gbq->bq", weight, predicted[:, :, :-1]),
        work_out=partial(_variance, unit, sizes, weight, mean),
    )


def _variance(unit: UnitSeries, sizes: Floats, weight: Floats, mean: Floats) -> Floats:
    """Variance of the course, within settings and between them."""
    given = _Given.of(unit, sizes)
    both = np.concatenate(
        [np.broadcast_to(given.free, (len(sizes), *given.free.shape)), given.across], axis=2
    )
    solved: Floats = np.linalg.solve(given.seen, both)
    last = given.free.shape[1]
    _, missed = given.predicted(solved[:, :, :last])
    left = given.own - np.einsum("gcb,gcb->gb", given.across, solved[:, :, last:])
    left = left + missed
    return np.maximum(weight @ (left + mean**2) - (weight @ mean) ** 2, 0)


@dataclass(frozen=True)
class _Given:
    """What is seen of a unit at some settings: n blocks, of which c are known."""

    unit: UnitSeries
    seen: Floats  # (G, c, c)
    across: Floats  # (G, c, n)
    own: Floats  # (G, n)
    free: Floats  # (c, levels + joint effects + 1)

    @classmethod
    def of(cls, unit: UnitSeries, sizes: Floats) -> _Given:
        known = unit.known
        response, noise = unit.response
        within, across, target = deviations_of(unit, deviations=True)
        base = kernel(unit, sizes)
        return cls(
            unit=unit,
            seen=at_known(base, known) + (within[np.ix_(known, known)] + np.diag(noise)),
            across=(base + across)[:, :, known].transpose(0, 2, 1),
            own=np.diagonal(base + target, axis1=1, axis2=2),
            free=np.column_stack([unit.levels[known], unit.design[known], response]),
        )

    def predicted(self, solved: Floats) -> tuple[Floats, Floats]:
        """Joint effects and shocks in each block, and what the free levels add to their variance.

        ``solved`` are the free columns, each solved for at every setting: (G, c, free).
        """
        count = self.unit.levels.shape[1]
        gram = self.free.T @ solved
        carried = self.across.transpose(0, 2, 1) @ solved
        inverse = np.linalg.inv(gram[:, :count, :count])
        missed = self.unit.levels - carried[:, :, :count]
        found = carried[:, :, count:] + missed @ inverse @ gram[:, :count, count:]
        return found, np.einsum("gbl,glm,gbm->gb", missed, inverse, missed)
