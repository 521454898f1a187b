"""Units put together: the sum that was to be expected of all of them, at every setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Floats
from partner_analysis.attribution.courses import Course, courses_of
from partner_analysis.attribution.draws import Mixture, normalised
from partner_analysis.attribution.fits import Fit
from partner_analysis.attribution.shocks import UnitSeries
from partner_analysis.attribution.small_counts import sampling
from partner_analysis.attribution.windows import Window

EFFECT_PRIOR_SD: Final = 1.5
DRAWN: Final = 8


@dataclass(frozen=True)
class JointEffects:
    """Joint effects on the log scale, at every grid point: mean (G, q) and covariance (G, q, q)."""

    mean: Floats
    covariance: Floats
    log_likelihood: Floats

    @classmethod
    def of(cls, fits: list[Fit], effects: int) -> JointEffects:
        """What all units together say of each effect that is modelled jointly."""
        information = np.sum([fit.information for fit in fits], axis=0)
        score = np.sum([fit.score for fit in fits], axis=0)
        precision = information + np.eye(effects) / EFFECT_PRIOR_SD**2
        covariance = np.linalg.inv(precision)
        mean = np.einsum("gqr,gr->gq", covariance, score)
        log_determinant = np.linalg.slogdet(precision)[1] + 2 * effects * np.log(EFFECT_PRIOR_SD)
        gain = 0.5 * np.einsum("gq,gq->g", score, mean) - 0.5 * log_determinant
        return cls(mean, covariance, gain)


def log_sum(
    window: Window,
    units: tuple[UnitSeries, ...],
    fits: list[Fit],
    joint: JointEffects,
    log_weight: Floats,
    bent: Floats,
) -> Mixture:
    """The log of what was to be expected of all units, a mixture over all settings.

    ``bent`` is how much the log of each unit's sum exceeds the average of its logs.
    """
    target = np.array([unit.target.sum() for unit in units])
    pulls = np.array([fit.pull for fit in fits])
    shocks = np.array([fit.mean for fit in fits])
    shocks = shocks + np.einsum("ugq,gq->ug", pulls, joint.mean) + bent[:, None]
    sums = target[:, None] * np.exp(np.clip(shocks, -30, 30))
    total = np.maximum(sums.sum(axis=0), 1e-300)
    share = sums / total
    pull = np.einsum("ug,ugq->gq", share, pulls)
    variance = _variance_of_sum(window, units, share, np.array([f.variance for f in fits]))
    variance += np.einsum("gq,gqr,gr->g", pull, joint.covariance, pull)
    return Mixture(log_weight, np.log(total), variance)


@dataclass(frozen=True)
class Combined:
    """All units of a window together: log expected sum at every setting, and their courses."""

    log_expected: Mixture
    expected: float
    courses: tuple[Course, ...]

    @classmethod
    def of(
        cls,
        window: Window,
        units: tuple[UnitSeries, ...],
        fits: list[Fit],
        joint: JointEffects,
        log_weight: Floats,
        courses: Sequence[Course],
    ) -> Combined:
        """The sum and the courses that add up to it."""
        bent = np.array([_bend(u, c) for u, c in zip(units, courses, strict=True)])
        found = log_sum(window, units, fits, joint, log_weight, bent)
        expected = float(np.exp(found.centre))
        drawn = sum(
            float(unit.target @ np.exp(np.clip(course.mean, -30, 30)))
            for unit, course in zip(units, courses, strict=True)
        )
        shift = np.log(expected / drawn) if drawn > 0 else 0.0
        return cls(
            log_expected=found,
            expected=expected if drawn > 0 else 0.0,
            courses=tuple(replace(course, mean=course.mean + shift) for course in courses),
        )


def courses_with_joint(
    units: Sequence[UnitSeries], sizes: Floats, log_weight: Floats, joint: JointEffects
) -> list[Course]:
    """Courses of units alike but for what is asked of them, joint effects put in.

    Averaged over settings at even steps of weight.
    """
    weight = normalised(log_weight)
    steps = (np.arange(DRAWN) + 0.5) / DRAWN
    picked, times = np.unique(np.searchsorted(np.cumsum(weight), steps), return_counts=True)
    drawn = courses_of(units, sizes[np.minimum(picked, len(sizes) - 1)], times / DRAWN)
    mean, covariance = weight @ joint.mean, np.einsum("g,gqr->qr", weight, joint.covariance)
    return [
        replace(
            course,
            mean=course.mean + course.pull @ mean,
            work_out=partial(_with_pull, course, covariance),
        )
        for course in drawn
    ]


def _with_pull(course: Course, covariance: Floats) -> Floats:
    """The variance of a course, that of joint effects put in."""
    return course.variance + ((course.pull @ covariance) * course.pull).sum(axis=1)


def _bend(unit: UnitSeries, course: Course) -> float:
    """How much the log of a sum exceeds the average of the logs, over the target."""
    if unit.target.sum() <= 0:
        return 0.0
    mean = np.clip(course.mean, -30, 30)
    return float(np.log(unit.weight @ np.exp(mean)) - unit.weight @ mean)


def _variance_of_sum(
    window: Window, units: tuple[UnitSeries, ...], share: Floats, variances: Floats
) -> Floats:
    """Variance of the log of the units' sum: units of one clinic move together."""
    clinics = {unit.name for unit in units}
    variance = np.zeros(share.shape[1])
    for clinic in sorted(clinics):
        mine = [k for k, unit in enumerate(units) if unit.name == clinic]
        variance += (share[mine] * np.sqrt(np.maximum(variances[mine], 0))).sum(axis=0) ** 2
    return variance + _shared_variance(window, units, share, variances)


def _shared_variance(
    window: Window, units: tuple[UnitSeries, ...], share: Floats, variances: Floats
) -> Floats:
    """What all units of a window have in common: the comparison's own shocks and counts."""
    apart = 1 - (share**2).sum(axis=0)
    common = window.concentration / (1 + window.concentration)
    return apart * common * (share * variances).sum(axis=0) + apart * sum(sampling(units))
