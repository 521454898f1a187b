"""How many will come: the predictive distribution of counts over periods not yet counted.

The series is expected at its usual rate, times shocks that fade, drift and recur with the year
(``shocks``), growth at a pace of its own, known causes, and a step for each partnership that
begins or ends. Sizes of shocks are a mixture over 128 settings weighted by how well each explains
the past of the series, as in the effect's own route without comparison; the pace has the prior of
a judged clinic (``variability.own_line``), since what lies ahead is where it shows. Counts are
Poisson around that.

Source: Zeger (1988), A regression model for time series of counts; Gelman and others (2013),
Bayesian Data Analysis, chapter 6, on predictive distributions.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.special import ndtri
from scipy.stats import poisson

from partner_analysis.attribution.cells import Bools, Floats, Ints
from partner_analysis.attribution.courses import course_of
from partner_analysis.attribution.draws import (
    DRAWS,
    Mixture,
    amount_draws,
    interval_of,
    lattice,
)
from partner_analysis.attribution.fits import fit_unit
from partner_analysis.attribution.goals.series import GoalSeries
from partner_analysis.attribution.joint import FEW
from partner_analysis.attribution.outlook import POWER
from partner_analysis.attribution.shocks import UnitSeries
from partner_analysis.attribution.small_counts import contrast_variance
from partner_analysis.attribution.sums import DRAWN
from partner_analysis.attribution.variability import no_variability
from partner_analysis.attribution.windows import ENOUGH_BEFORE
from partner_analysis.tables import Interval

STEP_SD: Final = 0.4


@dataclass(frozen=True)
class Forecast:
    """How many come over some periods: ``means`` are draws of the expected number."""

    means: Floats

    @property
    def expected(self) -> float:
        """The expected number of new patients."""
        return float(self.means.mean())

    def chance_of(self, least: float) -> float:
        """Probability that at least so many come; more than 0 also where it is a fraction."""
        if least <= 0:
            return 1.0
        return float(poisson.sf(np.ceil(least - 1e-9) - 1, self.means).mean())

    @cached_property
    def counts(self) -> Floats:
        """Draws of the number of new patients."""
        return poisson.ppf(lattice(len(self.means), 3)[1], self.means).astype(float)

    def interval(self, level: float) -> Interval:
        """Interval of the number of new patients."""
        return interval_of(self.counts, float(np.median(self.counts)), level)

    def usual(self, level: float) -> Interval:
        """Interval of the expected number."""
        return interval_of(self.means, self.expected, level)


def visible(expected: float, without: Floats, level: float) -> float:
    """New patients beyond the expected that would be noticed with 80 percent chance.

    As ``outlook.smallest_visible``: from what is not known of the expected number and from the
    Poisson noise of the count. NaN where nobody is expected.
    """
    if expected <= 0:
        return float("nan")
    sd = np.sqrt(np.var(np.log(np.maximum(without, 1e-9))) + 1 / expected)
    return float(expected * (np.exp((ndtri(0.5 + level / 2) + ndtri(POWER)) * sd) - 1))


def can_learn(series: GoalSeries, learnt: Bools) -> bool:
    """Whether there are enough known periods to expect anything from."""
    return int((learnt & series.known & (series.exposure > 0)).sum()) >= ENOUGH_BEFORE


def forecast(
    series: GoalSeries, learnt: Bools, target: Bools, *, steps: Collection[str] = ()
) -> Forecast:
    """How many will come in the periods of ``target``, from those of ``learnt``.

    ``steps`` are the partnerships whose beginnings and ends may have changed the level, by a
    factor of about 1.5 up or down (normal, sd 0.4 of the log): the data say by how much.
    """
    if not series.exposure[target].sum() > 0:
        return Forecast(np.zeros(DRAWS))
    learnt = learnt & series.known & (series.exposure > 0)
    unit = _unit(series, learnt, target, steps)
    points = lattice(DRAWS, 3)
    came, due = float(unit.observed.sum()), float(unit.expected.sum())
    sizes = no_variability("season of a series").settings(
        np.zeros(0, dtype=np.int64), own_pace=came >= FEW, years=unit.years
    )
    if came < FEW:
        noise = Mixture(
            np.zeros(len(sizes)), np.zeros(len(sizes)), contrast_variance((unit,), sizes)
        )
        rate = amount_draws(came, points[0]) / due
        return Forecast(rate * unit.target.sum() * np.exp(noise.quantiles(points[2])))
    fit = fit_unit(unit, sizes)
    log_mean = np.log(unit.target.sum()) + fit.mean
    mixture = Mixture(fit.log_likelihood, log_mean, fit.variance)
    bent = _bend(unit, sizes, mixture.weight)
    return Forecast(np.exp(np.clip(mixture.quantiles(points[0]) + bent, -30, 30)))


def _unit(series: GoalSeries, learnt: Bools, target: Bools, steps: Collection[str]) -> UnitSeries:
    """The series over stretches of about a month that never mix past, future and steps."""
    columns = [series.steps[key] * STEP_SD for key in sorted(steps) if key in series.steps]
    used = learnt | target
    causes = np.column_stack([series.causes, *columns])
    apart = np.column_stack([series.block, target, *(column > 0 for column in columns)])[used]
    block = np.unique(apart, axis=0, return_inverse=True)[1].reshape(-1)
    exposure = series.exposure[used]
    due = _sums(np.where(learnt[used], exposure, 0.0), block)
    ahead = _sums(np.where(target[used], exposure, 0.0), block)
    came = _sums(np.where(learnt[used], series.observed[used], 0.0), block)
    total = _sums(exposure, block)
    squares = _sums(exposure**2 * series.uneven[used], block) * series.scatter
    weight = np.maximum(total, 1e-300)
    weighted = [_sums(column * exposure, block) / weight for column in causes[used].T]
    none = np.zeros((len(total), 0))
    return UnitSeries(
        name="goal",
        member=np.zeros(1, dtype=np.int64),
        years=_sums(series.years[used], block) / np.bincount(block),
        channel=np.zeros(len(total), dtype=np.int64),
        kind=np.zeros(len(total), dtype=np.int64),
        observed=came,
        expected=due,
        target=ahead,
        spread=np.zeros(len(total)),
        scatter=squares / weight**2,
        target_scatter=float(squares[ahead > 0].sum() / ahead.sum() ** 2),
        unevenness=np.ones(len(total)),
        design=none,
        target_design=none,
        causes=np.column_stack([none, *weighted]),
        shared=none,
    )


def _bend(unit: UnitSeries, sizes: Floats, weight: Floats) -> float:
    """How much the log of a sum exceeds the average of the logs, over the target."""
    steps = (np.arange(DRAWN) + 0.5) / DRAWN
    picked: Ints = np.minimum(np.searchsorted(np.cumsum(weight), steps), len(sizes) - 1)
    course = course_of(unit, sizes[picked], np.full(DRAWN, 1 / DRAWN))
    mean = np.clip(course.mean, -30, 30)
    return float(np.log(unit.weight @ np.exp(mean)) - unit.weight @ mean)


def _sums(values: Floats, block: Ints) -> Floats:
    return np.bincount(block, weights=values).astype(np.float64)
