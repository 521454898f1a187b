"""One unit at every setting of its shocks: how likely its own past is, and what is to be expected.

Levels are free, joint effects are left open, and one factorisation of each covariance does it all
(restricted likelihood; Patterson and Thompson 1971, Recovery of inter-block information when block
sizes are unequal).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from partner_analysis.attribution.shocks import Bools, Floats, UnitSeries, kernel

OWN_HERE, OTHERS_HERE, IN_TIME = 0.4, 0.2, 0.25
AUXILIARY: Final = 1e12
AT_A_TIME: Final = 2**18  # numbers worked on at once: more do not fit the memory near the processor


@dataclass(frozen=True)
class Fit:
    """One unit at every setting: its likelihood and what it says of its target.

    ``log_likelihood`` (G); ``mean`` and ``variance`` (G) of the shock averaged over the target;
    ``information`` (G, q, q) and ``score`` (G, q) on the joint effects; ``pull`` (G, q) how a
    joint effect, once known, moves the prediction over the target.
    """

    log_likelihood: Floats
    mean: Floats
    variance: Floats
    information: Floats
    score: Floats
    pull: Floats

    @classmethod
    def joined(cls, fits: Sequence[Fit]) -> Fit:
        """One fit of the settings of several."""
        return cls(*(np.concatenate(each) for each in zip(*map(_fields_of, fits), strict=True)))


def _fields_of(fit: Fit) -> list[Floats]:
    return list(vars(fit).values())


def fit_unit(unit: UnitSeries, sizes: Floats, *, deviations: bool = True) -> Fit:
    """One unit at every setting, its levels free and joint effects left open.

    A partnership that is modelled jointly need not do the same in every unit and at all times:
    its log effect here may differ from its mean (by an sd of 0.4 for the one that is judged, so
    that other units say little of it, and of 0.2 for the others) and wander around that
    (sd 0.25, a year's memory), unless ``deviations`` are turned off.
    """
    beside = deviations_of(unit, deviations=deviations)
    step = max(1, AT_A_TIME // len(unit.years) ** 2)
    parts = [sizes[at : at + step] for at in range(0, len(sizes), step)]
    return Fit.joined([_fit(unit, part, *beside) for part in parts])


def _fit(unit: UnitSeries, sizes: Floats, within: Floats, across: Floats, target: Floats) -> Fit:
    """One unit at some settings, with what joint effects do in it beyond their means."""
    known, weight, levels = unit.known, unit.weight, unit.levels
    response, noise = unit.response
    free = np.column_stack([levels[known], unit.design[known], response])
    base = kernel(unit, sizes)
    carried = base @ weight
    toward = (carried + weight @ across)[:, known]
    spread = carried @ weight + weight @ target @ weight
    seen = at_known(base, known)
    seen += within[np.ix_(known, known)] + np.diag(noise)
    log_determinant, gram = _whitened(seen, free, toward)
    count = levels.shape[1]
    inverse = np.linalg.inv(gram[:, :count, :count])
    missed = weight @ levels - gram[:, -1, :count]
    by_level = inverse @ gram[:, :count, count:-1]
    rest = gram[:, count:-1, count:-1] - gram[:, count:-1, :count] @ by_level
    predicted = gram[:, -1, count:-1] + np.einsum("gl,glz->gz", missed, by_level)
    left = spread - gram[:, -1, -1]
    left += np.einsum("gl,glm,gm->g", missed, inverse, missed)
    determinants = log_determinant - np.linalg.slogdet(inverse)[1]
    return Fit(
        log_likelihood=-0.5 * (determinants + rest[:, -1, -1]),
        mean=predicted[:, -1],
        variance=np.maximum(left, 0) + unit.target_scatter,
        information=rest[:, :-1, :-1],
        score=rest[:, :-1, -1],
        pull=weight @ unit.target_design - predicted[:, :-1],
    )


def at_known(covariances: Floats, known: Bools) -> Floats:
    """Rows and columns of some matrices of which something is known."""
    at = np.flatnonzero(known)
    return covariances.take(at, axis=1).take(at, axis=2)


def _whitened(seen: Floats, free: Floats, toward: Floats) -> tuple[Floats, Floats]:
    """Log determinant of each covariance, and all products of its whitened columns.

    The Cholesky factor of a covariance bordered by its columns holds the whitened columns, so
    that one factorisation does it all.
    """
    size, columns = seen.shape[1], free.shape[1] + 1
    bordered = np.zeros((len(seen), size + columns, size + columns))
    bordered[:, :size, :size] = seen
    bordered[:, size:-1, :size] = free.T
    bordered[:, -1, :size] = toward
    border_of = np.arange(size, size + columns)
    bordered[:, border_of, border_of] = AUXILIARY
    factor = np.linalg.cholesky(bordered)
    border: Floats = factor[:, size:, :size]
    own = np.diagonal(factor[:, :size, :size], axis1=1, axis2=2)
    return 2 * np.log(own).sum(axis=1), border @ border.transpose(0, 2, 1)


def deviations_of(unit: UnitSeries, *, deviations: bool) -> tuple[Floats, Floats, Floats]:
    """What jointly modelled effects do here beyond their means: seen, across, over the target."""
    none = np.zeros((len(unit.years), len(unit.years)))
    if not deviations or not (unit.design > 0).any():
        return none, none, none
    return (
        _deviations(unit.years, unit.design, unit.design),
        _deviations(unit.years, unit.target_design, unit.design),
        _deviations(unit.years, unit.target_design, unit.target_design),
    )


def _deviations(years: Floats, design: Floats, other: Floats) -> Floats:
    here = np.full(design.shape[1], OTHERS_HERE**2)
    here[0] = OWN_HERE**2
    course = IN_TIME**2 * np.exp(-np.abs(years[:, None] - years[None, :]))
    return (design * here) @ other.T + course * (design @ other.T)
