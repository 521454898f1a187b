"""What a window's data say of the counts that would have come without a partnership."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Literal

import numpy as np
from scipy.special import logsumexp

from partner_analysis.attribution.cells import Floats
from partner_analysis.attribution.courses import Course, course_of
from partner_analysis.attribution.draws import (
    Mixture,
    draws_of_difference,
    draws_of_small_counts,
)
from partner_analysis.attribution.joint import FEW
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.shocks import (
    CELL_DRIFT,
    CLINIC_DRIFT,
    LINE,
    Fit,
    UnitSeries,
    fit_unit,
)
from partner_analysis.attribution.small_counts import (
    contrast_variance,
    growth_of,
    sampling,
    with_common_levels,
)
from partner_analysis.attribution.units import series_of_units
from partner_analysis.attribution.variability import (
    FEW_SETTINGS,
    LARGE,
    SETTINGS,
    Variability,
    learn_variability,
    no_variability,
)
from partner_analysis.attribution.windows import Window, patients_before

EFFECT_PRIOR_SD: Final = 1.5
DRAWN: Final = 8
ANY_PACE, USUAL_PACE = 0.5, 0.05
Pace = Literal["its own", "like the others", "any"]


@dataclass(frozen=True)
class Posterior:
    """Expected counts of a window at every setting, and the draws made of them.

    ``sizes`` (G, 8) and ``log_weight`` (G) are the settings; ``courses`` hold each unit's shocks
    block by block, the joint effects of other partnerships included; ``came`` and ``without`` are
    draws of the sums over the window.
    """

    window: Window
    units: tuple[UnitSeries, ...]
    inside: tuple[np.ndarray, ...]
    sizes: Floats
    log_weight: Floats
    courses: tuple[Course, ...]
    observed: float
    expected: float
    came: Floats = field(repr=False)
    without: Floats = field(repr=False)
    small: bool = False

    @property
    def weight(self) -> Floats:
        """Weights of the settings that add up to 1."""
        return np.exp(self.log_weight - logsumexp(self.log_weight))


def weigh(
    panel: Panel, window: Window, *, pace: Pace = "its own", settings: int = SETTINGS
) -> Posterior:
    """The posterior of a window: alone in its cells, or beside others modelled jointly.

    ``pace`` chooses the prior of the clinic's own yearly growth beyond the others': "its own" is
    heavy-tailed around theirs, "like the others" normal with their spread (5 percent a year where
    there are none to learn from), "any" all but flat. ``settings`` says how many sizes of shocks
    are tried: for a check few will do, and for a unit so large that each costs much.
    """
    before = patients_before(panel, window)
    small = before < FEW and window.design.shape[2] == 1
    if small:
        window = with_common_levels(panel, window)
    found = series_of_units(panel, window)
    units = tuple(unit for _, unit in found)
    if small and pace == "its own":
        pace = "like the others"  # a handful of patients teaches no pace
    large = max(len(unit.years) for unit in units) >= LARGE
    settings = min(settings, FEW_SETTINGS) if large else settings
    own_pace = window.apart and pace == "its own"
    sizes = settings_of(panel, window, own_pace=own_pace, settings=settings)
    if pace == "any":
        sizes[:, LINE] = ANY_PACE
    elif pace == "like the others" and window.apart:
        sizes[:, LINE] = np.maximum(sizes[:, CLINIC_DRIFT], sizes[:, CELL_DRIFT])
    elif pace == "like the others":
        sizes[:, CELL_DRIFT] = USUAL_PACE
    fits = [fit_unit(unit, sizes) for unit in units]
    joint = _Joint.of(fits, window.design.shape[2])
    log_weight = sum(fit.log_likelihood for fit in fits) + joint.log_likelihood
    observed = float(panel.cells.observed[window.rows][window.active].sum())
    combined = _Combined.of(window, units, fits, joint, log_weight, sizes)
    expected = combined.expected
    if small:
        variance = contrast_variance(units, sizes)
        noise = replace(combined.log_expected, mean=np.zeros(len(sizes)), variance=variance)
        earlier, growth = growth_of(panel, window)
        expected = float(growth @ earlier)
        came, without = draws_of_small_counts(observed, earlier, growth, noise)
    else:
        came, without = draws_of_difference(observed, combined.log_expected)
    return Posterior(
        window=window,
        units=units,
        inside=tuple(inside for inside, _ in found),
        sizes=sizes,
        log_weight=log_weight,
        courses=combined.courses,
        observed=observed,
        expected=float(expected),
        came=came,
        without=without,
        small=small,
    )


def variability_of(panel: Panel, route: str) -> Variability:
    """What the practice's untouched counts say of the sizes of shocks, learnt once for a route."""
    if route not in panel.learnt:
        if route == "series":
            panel.learnt[route] = no_variability("season of a series")
        else:
            comparisons = panel.by_persona if route == "clinics" else panel.pooled
            panel.learnt[route] = learn_variability(panel, comparisons, personas=route == "others")
    found: Variability = panel.learnt[route]
    return found


def settings_of(
    panel: Panel, window: Window, *, own_pace: bool, settings: int = SETTINGS
) -> Floats:
    """Sizes of shocks for a window, learnt without the clinics (or personas) that it judges."""
    cells = panel.cells
    judged = window.rows[window.active.any(axis=1)]
    own = np.unique((cells.clinic if window.apart else cells.persona)[judged])
    block = cells.blocks
    years = np.bincount(block, cells.years) / np.bincount(block)
    learnt = variability_of(panel, window.route)
    return learnt.settings(own, own_pace=own_pace, years=years, settings=settings)


@dataclass(frozen=True)
class _Joint:
    """Joint effects on the log scale, at every grid point: mean (G, q) and covariance (G, q, q)."""

    mean: Floats
    covariance: Floats
    log_likelihood: Floats

    @classmethod
    def of(cls, fits: list[Fit], effects: int) -> _Joint:
        information = np.sum([fit.information for fit in fits], axis=0)
        score = np.sum([fit.score for fit in fits], axis=0)
        precision = information + np.eye(effects) / EFFECT_PRIOR_SD**2
        covariance = np.linalg.inv(precision)
        mean = np.einsum("gqr,gr->gq", covariance, score)
        log_determinant = np.linalg.slogdet(precision)[1] + 2 * effects * np.log(EFFECT_PRIOR_SD)
        gain = 0.5 * np.einsum("gq,gq->g", score, mean) - 0.5 * log_determinant
        return cls(mean, covariance, gain)


@dataclass(frozen=True)
class _Combined:
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
        joint: _Joint,
        log_weight: Floats,
        sizes: Floats,
    ) -> _Combined:
        weight = np.exp(log_weight - logsumexp(log_weight))
        courses = [_with_joint(unit, sizes, weight, joint) for unit in units]
        target = np.array([unit.target.sum() for unit in units])
        bent = np.array([_bend(u, c) for u, c in zip(units, courses, strict=True)])
        pulls = np.array([fit.pull for fit in fits])
        shocks = np.array([fit.mean for fit in fits])
        shocks = shocks + np.einsum("ugq,gq->ug", pulls, joint.mean) + bent[:, None]
        sums = target[:, None] * np.exp(np.clip(shocks, -30, 30))
        total = np.maximum(sums.sum(axis=0), 1e-300)
        share = sums / total
        pull = np.einsum("ug,ugq->gq", share, pulls)
        variance = _variance_of_sum(window, units, share, np.array([f.variance for f in fits]))
        variance += np.einsum("gq,gqr,gr->g", pull, joint.covariance, pull)
        expected = float(np.exp(weight @ np.log(total)))
        drawn = sum(
            float(unit.target @ np.exp(np.clip(course.mean, -30, 30)))
            for unit, course in zip(units, courses, strict=True)
        )
        shift = np.log(expected / drawn) if drawn > 0 else 0.0
        return cls(
            log_expected=Mixture(log_weight, np.log(total), variance),
            expected=expected if drawn > 0 else 0.0,
            courses=tuple(replace(course, mean=course.mean + shift) for course in courses),
        )


def _with_joint(unit: UnitSeries, sizes: Floats, weight: Floats, joint: _Joint) -> Course:
    """A unit's course, averaged over settings at even steps of weight, joint effects put in."""
    steps = (np.arange(DRAWN) + 0.5) / DRAWN
    picked, times = np.unique(np.searchsorted(np.cumsum(weight), steps), return_counts=True)
    course = course_of(unit, sizes[np.minimum(picked, len(sizes) - 1)], times / DRAWN)
    mean, covariance = weight @ joint.mean, np.einsum("g,gqr->qr", weight, joint.covariance)
    return replace(
        course,
        mean=course.mean + course.pull @ mean,
        work_out=partial(_with_pull, course, covariance),
    )


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
