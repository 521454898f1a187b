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

from partner_analysis.attribution.shocks import (
    Floats,
    Ints,
    UnitSeries,
    combine,
    parts_toward,
    weights_of,
)

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


def at_settings(fit: Fit, picked: Ints) -> Fit:
    """The fit at some of its settings."""
    return Fit(*(each[picked] for each in _fields_of(fit)))


def _fields_of(fit: Fit) -> list[Floats]:
    return list(vars(fit).values())


def fit_unit(unit: UnitSeries, sizes: Floats, *, deviations: bool = True) -> Fit:
    """One unit at every setting, its levels free and joint effects left open.

    A partnership that is modelled jointly need not do the same in every unit and at all times:
    its log effect here may differ from its mean (by an sd of 0.4 for the one that is judged, so
    that other units say little of it, and of 0.2 for the others) and wander around that
    (sd 0.25, a year's memory), unless ``deviations`` are turned off.
    """
    return fit_targets([unit], sizes, deviations=deviations)[0]


def fit_targets(
    units: Sequence[UnitSeries], sizes: Floats, *, deviations: bool = True
) -> list[Fit]:
    """Fits of units that are one and the same but for what is asked of them: see ``asked``.

    What is known is factorised once for all of them.
    """
    past = _Past.of(units[0], deviations=deviations)
    asked = [_Asked.of(unit, past.rows, deviations=deviations) for unit in units]
    step = max(1, AT_A_TIME // len(past.rows) ** 2)
    mix = weights_of(sizes)
    parts = [_fit(past, asked, mix[at : at + step]) for at in range(0, len(mix), step)]
    return [Fit.joined(each) for each in zip(*parts, strict=True)]


@dataclass(frozen=True)
class _Past:
    """What is known of a unit, whatever is asked of it: c blocks.

    ``parts`` (parts, c, c) and ``fixed`` (c, c) add up to its covariance; ``free`` (c, f) are its
    levels, the joint effects and the response.
    """

    rows: Ints
    parts: Floats
    fixed: Floats
    free: Floats
    levels: int

    @classmethod
    def of(cls, unit: UnitSeries, *, deviations: bool) -> _Past:
        rows = np.flatnonzero(unit.known)
        response, noise = unit.response
        levels, design = unit.levels[rows], unit.design[rows]
        fixed = unit.always_known + np.diag(noise)
        if deviations and (unit.design > 0).any():
            fixed += _deviations(unit.years[rows], unit.years[rows], design, design)
        free = np.column_stack([levels, design, response])
        return cls(rows, unit.parts_known, fixed, free, levels.shape[1])


@dataclass(frozen=True)
class _Asked:
    """What is asked of a unit: its shock averaged over the target.

    ``toward`` (parts, c) and ``fixed`` (c) add up to its covariance with what is known, ``spread``
    (parts) and ``most`` to its variance; ``level`` and ``design`` are its shares of the free ones.
    """

    toward: Floats
    fixed: Floats
    spread: Floats
    most: float
    level: Floats
    design: Floats
    scatter: float

    @classmethod
    def of(cls, unit: UnitSeries, rows: Ints, *, deviations: bool) -> _Asked:
        at = np.flatnonzero(unit.target > 0)
        weight, years = unit.weight[at], unit.years
        felt = np.hstack([unit.causes, unit.shared])
        mine = weight @ felt[at]
        fixed, most = felt[rows] @ mine, float(mine @ mine)
        if deviations and (unit.design > 0).any():
            here = unit.target_design[at]
            fixed += weight @ _deviations(years[at], years[rows], here, unit.design[rows])
            most += float(weight @ _deviations(years[at], years[at], here, here) @ weight)
        toward = parts_toward(unit, unit.weight)
        return cls(
            toward=toward[:, rows],
            fixed=fixed,
            spread=toward[:, at] @ weight,
            most=most,
            level=weight @ unit.levels[at],
            design=weight @ unit.target_design[at],
            scatter=unit.target_scatter,
        )


def _fit(past: _Past, asked: Sequence[_Asked], mix: Floats) -> list[Fit]:
    """One unit at some settings, for everything that is asked of it."""
    seen = combine(mix, past.parts)
    seen += past.fixed
    toward = np.stack([combine(mix, each.toward) + each.fixed for each in asked], axis=1)
    log_determinant, gram = _whitened(seen, past.free, toward)
    count, free = past.levels, past.free.shape[1]
    inverse = np.linalg.inv(gram[:, :count, :count])
    by_level = inverse @ gram[:, :count, count:free]
    rest = gram[:, count:free, count:free] - gram[:, count:free, :count] @ by_level
    determinants = log_determinant - np.linalg.slogdet(inverse)[1]
    found = []
    for at, each in enumerate(asked, free):
        missed = each.level - gram[:, at, :count]
        predicted = gram[:, at, count:free] + np.einsum("gl,glz->gz", missed, by_level)
        left = combine(mix, each.spread) + each.most - gram[:, at, at]
        left += np.einsum("gl,glm,gm->g", missed, inverse, missed)
        found.append(
            Fit(
                log_likelihood=-0.5 * (determinants + rest[:, -1, -1]),
                mean=predicted[:, -1],
                variance=np.maximum(left, 0) + each.scatter,
                information=rest[:, :-1, :-1],
                score=rest[:, :-1, -1],
                pull=each.design - predicted[:, :-1],
            )
        )
    return found


def _whitened(seen: Floats, free: Floats, toward: Floats) -> tuple[Floats, Floats]:
    """Log determinant of each covariance, and all products of its whitened columns.

    The Cholesky factor of a covariance bordered by its columns holds the whitened columns, so
    that one factorisation does it all.
    """
    size, after = seen.shape[1], seen.shape[1] + free.shape[1]
    whole = after + toward.shape[1]
    bordered = np.zeros((len(seen), whole, whole))
    bordered[:, :size, :size] = seen
    bordered[:, size:after, :size] = free.T
    bordered[:, after:, :size] = toward
    border_of = np.arange(size, whole)
    bordered[:, border_of, border_of] = AUXILIARY
    factor = np.linalg.cholesky(bordered)
    border: Floats = factor[:, size:, :size]
    own = np.diagonal(factor[:, :size, :size], axis1=1, axis2=2)
    return 2 * np.log(own).sum(axis=1), border @ border.transpose(0, 2, 1)


def deviations_of(unit: UnitSeries, design: Floats, other: Floats) -> Floats:
    """Covariance of what jointly modelled effects do in a unit beyond their means: (n, n)."""
    if not (unit.design > 0).any():
        return np.zeros((len(design), len(other)))
    return _deviations(unit.years, unit.years, design, other)


def _deviations(years: Floats, others: Floats, design: Floats, other: Floats) -> Floats:
    here = np.full(design.shape[1], OTHERS_HERE**2)
    here[0] = OWN_HERE**2
    course = IN_TIME**2 * np.exp(-np.abs(years[:, None] - others[None, :]))
    return (design * here) @ other.T + course * (design @ other.T)
