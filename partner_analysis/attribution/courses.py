"""The course of a clinic's shocks block by block, averaged over all settings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from partner_analysis.attribution.cells import Floats
from partner_analysis.attribution.shocks import UnitSeries, deviations_of, kernel


@dataclass(frozen=True)
class Course:
    """One unit block by block: ``mean`` and ``variance`` (n) of its shock, ``pull`` (n, q)."""

    mean: Floats
    variance: Floats
    pull: Floats


def course_of(unit: UnitSeries, sizes: Floats, weight: Floats) -> Course:
    """A unit's shocks block by block, averaged over settings with the given weights."""
    known = unit.known
    response, noise = unit.response
    within, across, target = deviations_of(unit, deviations=True)
    base = kernel(unit, sizes)
    seen = (base + within)[:, known][:, :, known] + np.diag(noise)
    free = np.column_stack([unit.levels[known], unit.design[known], response])
    toward = (base + across)[:, :, known]
    both = np.concatenate(
        [np.broadcast_to(free, (len(seen), *free.shape)), toward.transpose(0, 2, 1)], axis=2
    )
    solved = np.linalg.solve(seen, both)
    count = unit.levels.shape[1]
    gram = free.T @ solved
    carried = toward @ solved
    inverse = np.linalg.inv(gram[:, :count, :count])
    missed = unit.levels - carried[:, :, :count]
    last = free.shape[1]
    predicted = carried[:, :, count:last] + missed @ inverse @ gram[:, :count, count:last]
    left = np.diagonal(base + target, axis1=1, axis2=2) - np.einsum(
        "gbc,gcb->gb", toward, solved[:, :, last:]
    )
    left = left + np.einsum("gbl,glm,gbm->gb", missed, inverse, missed)
    mean = predicted[:, :, -1]
    middle: Floats = weight @ mean
    return Course(
        mean=middle,
        variance=np.maximum(weight @ (left + mean**2) - middle**2, 0),
        pull=unit.target_design - np.einsum("g,gbq->bq", weight, predicted[:, :, :-1]),
    )
