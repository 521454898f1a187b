"""The course of a clinic's shocks block by block, averaged over all settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

from partner_analysis.attribution.cells import Floats
from partner_analysis.attribution.fits import deviations_of
from partner_analysis.attribution.shocks import (
    UnitSeries,
    combine,
    kernel,
    parts_between,
    weights_of,
)


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
    return courses_of([unit], sizes, weight)[0]


def courses_of(units: Sequence[UnitSeries], sizes: Floats, weight: Floats) -> list[Course]:
    """Courses of units that are one and the same but for what is asked of them."""
    given = _Given.of(units[0], sizes)
    solved = np.linalg.solve(given.seen, given.free).astype(np.float64, copy=False)
    carried = given.base @ solved
    found = []
    for unit in units:
        moved = (unit.always - units[0].always)[:, unit.known]
        predicted, _ = given.predicted(solved, carried + (moved + _across(unit)) @ solved)
        mean = predicted[:, :, -1]
        found.append(
            Course(
                mean=weight @ mean,
                pull=unit.target_design - np.einsum("g,gbq->bq", weight, predicted[:, :, :-1]),
                work_out=partial(_variance, unit, sizes, weight, mean),
            )
        )
    return found


def _variance(unit: UnitSeries, sizes: Floats, weight: Floats, mean: Floats) -> Floats:
    """Variance of the course, within settings and between them."""
    given = _Given.of(unit, sizes)
    across = given.base + _across(unit)
    both = np.concatenate(
        [
            np.broadcast_to(given.free, (len(sizes), *given.free.shape)),
            across.transpose(0, 2, 1),
        ],
        axis=2,
    )
    solved: Floats = np.linalg.solve(given.seen, both)
    last = given.free.shape[1]
    _, missed = given.predicted(solved[:, :, :last], across @ solved[:, :, :last])
    within = np.diagonal(deviations_of(unit, unit.target_design, unit.target_design))
    own = np.diagonal(kernel(unit, sizes), axis1=1, axis2=2) + within
    left = own - np.einsum("gbc,gcb->gb", across, solved[:, :, last:])
    left = left + missed
    return np.maximum(weight @ (left + mean**2) - (weight @ mean) ** 2, 0)


def _across(unit: UnitSeries) -> Floats:
    """What joint effects add to the covariance of every block with those that are known: (n, c)."""
    return deviations_of(unit, unit.target_design, unit.design)[:, unit.known]


@dataclass(frozen=True)
class _Given:
    """What is seen of a unit at some settings: n blocks, of which c are known."""

    unit: UnitSeries
    seen: Floats  # (G, c, c)
    base: Floats  # (G, n, c)
    free: Floats  # (c, levels + joint effects + 1)

    @classmethod
    def of(cls, unit: UnitSeries, sizes: Floats) -> _Given:
        known = np.flatnonzero(unit.known)
        every = np.arange(len(unit.years))
        response, noise = unit.response
        base = combine(weights_of(sizes), parts_between(unit, every, known)) + unit.always[:, known]
        within = deviations_of(unit, unit.design, unit.design)[np.ix_(known, known)]
        return cls(
            unit=unit,
            seen=base[:, known] + (within + np.diag(noise)),
            base=base,
            free=np.column_stack([unit.levels[known], unit.design[known], response]),
        )

    def predicted(self, solved: Floats, carried: Floats) -> tuple[Floats, Floats]:
        """Joint effects and shocks in each block, and what the free levels add to their variance.

        ``solved`` are the free columns, each solved for at every setting (G, c, free), and
        ``carried`` what that says of every block.
        """
        count = self.unit.levels.shape[1]
        gram = self.free.T @ solved
        inverse = np.linalg.inv(gram[:, :count, :count])
        missed = self.unit.levels - carried[:, :, :count]
        found = carried[:, :, count:] + missed @ inverse @ gram[:, :count, count:]
        return found, np.einsum("gbl,glm,gbm->gb", missed, inverse, missed)
