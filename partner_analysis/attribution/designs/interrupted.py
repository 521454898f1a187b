"""Interrupted time series: the treated clinics against their own past, by segmented regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Bools, Floats
from partner_analysis.attribution.designs.blocks import Outcomes, Unit, places, treated_units
from partner_analysis.attribution.designs.segmented import (
    Step,
    half_width,
    segmented_linear,
    segmented_poisson,
)
from partner_analysis.tables import NO_NUMBER, Interval

ENOUGH_BEFORE: Final = 6
YEARS_FOR_SEASON: Final = 1.9
LONGEST_SEASONAL_PERIOD: Final = 100
PATIENTS_FOR_SEASON: Final = 70  # ten for each coefficient
WIDEST_FACTOR: Final = 100.0


@dataclass(frozen=True)
class Series:
    """One treated clinic over its periods (T): the sum over its personas, and when it ran."""

    outcome: Floats
    exposure: Floats
    needed: Bools
    active: Bools
    cells: int

    @property
    def has_both(self) -> bool:
        """Whether anybody came before, and after."""
        return self.outcome[self.active].sum() > 0 and self.outcome[~self.active].sum() > 0


def interrupted_series(outcomes: Outcomes) -> tuple[Interval, int, bool]:
    """Mean change per treated cell and period, their number, and whether season was allowed for.

    Each treated clinic has a regression of its own; their errors are added up period by period,
    so that a shock to all of them counts as one. No number (three NaN, 0) where fewer than six
    periods before the start are known, or too few came before or after it to say the ratio
    within a factor of 100.
    """
    units = treated_units(outcomes, fewest_before=ENOUGH_BEFORE)
    listed = _usable_series(outcomes, units)
    if not listed:
        return NO_NUMBER, 0, False
    season = all(_is_seasonal(outcomes, series) for series in listed)
    fit = _counts_change if outcomes.is_count else _linear_change
    total = fit(listed, outcomes.cells.years, 2 if season else 0)
    if not total.is_number:
        return NO_NUMBER, 0, season
    cells = sum(series.cells for series in listed)
    return total.scaled(1 / cells), cells, season


def _usable_series(outcomes: Outcomes, units: list[Unit]) -> list[Series]:
    """The clinics' series; for counts, those with none before or none after are pooled first."""
    listed = [_series(outcomes, [unit]) for unit in units]
    if not outcomes.is_count or all(series.has_both for series in listed):
        return listed
    alike: dict[tuple[bytes, bytes], list[Unit]] = {}
    for unit in units:
        alike.setdefault(unit[2:], []).append(unit)
    pooled = [_series(outcomes, members) for members in alike.values()]
    return [series for series in pooled if series.has_both]


def _series(outcomes: Outcomes, units: list[Unit]) -> Series:
    """The sum of units that are known in the same periods."""
    place = places(outcomes.cells)
    rows = np.concatenate([place[clinic, list(personas)] for clinic, personas, *_ in units])
    active, before = (np.frombuffer(part, dtype=bool) for part in units[0][2:])
    needed = active | before
    return Series(
        outcome=outcomes.cells.observed[rows].sum(axis=0)[needed],
        exposure=outcomes.cells.exposure[rows].sum(axis=0)[needed],
        needed=needed,
        active=active[needed],
        cells=int(len(rows) * active.sum()),
    )


def _is_seasonal(outcomes: Outcomes, series: Series) -> bool:
    """Whether its past is long enough, and its periods short enough, to know a season from."""
    years = outcomes.cells.years[series.needed][~series.active]
    short = np.median(outcomes.cells.length) <= LONGEST_SEASONAL_PERIOD
    many = not outcomes.is_count or series.outcome[~series.active].sum() >= PATIENTS_FOR_SEASON
    long = np.ptp(years) >= YEARS_FOR_SEASON and len(years) >= 3 * ENOUGH_BEFORE
    return bool(short and many and long)


def _counts_change(listed: list[Series], years: Floats, harmonics: int) -> Interval:
    """Total extra counts: what came less what the regressions expect without the step."""
    came = [float(series.outcome[series.active].sum()) for series in listed]
    steps = [
        segmented_poisson(
            series.outcome,
            exposure=series.exposure,
            years=years[series.needed],
            active=series.active,
            harmonics=harmonics,
        )
        for series in listed
    ]
    expected = np.array(came) * np.exp([-step.estimate for step in steps])
    reach = _reach(listed, steps, expected / expected.sum(), least_dispersion=1.0)
    if not reach < np.log(WIDEST_FACTOR):
        return NO_NUMBER
    spread = expected.sum() * np.exp(reach * np.array([1.0, 0.0, -1.0]))
    low, estimate, high = sum(came) - spread
    return Interval(float(estimate), float(low), float(high))


def _linear_change(listed: list[Series], years: Floats, harmonics: int) -> Interval:
    """Total change of any outcome: the steps times the cells and periods that they last."""
    steps = [
        segmented_linear(
            series.outcome,
            years=years[series.needed],
            active=series.active,
            harmonics=harmonics,
        )
        for series in listed
    ]
    lasts = np.array([float(series.active.sum()) for series in listed])
    estimate = float(lasts @ [step.estimate for step in steps])
    reach = _reach(listed, steps, lasts, least_dispersion=0.0)
    return Interval(estimate, estimate - reach, estimate + reach)


def _reach(
    listed: list[Series], steps: list[Step], weights: Floats, *, least_dispersion: float
) -> float:
    """Half of the interval of the weighted sum of steps, errors added up period by period."""
    influence = np.zeros(len(listed[0].needed))
    plain = 0.0
    for weight, series, step in zip(weights, listed, steps, strict=True):
        influence[series.needed] += weight * step.influence
        plain += float(weight**2 * max(step.dispersion, least_dispersion) * step.curvature)
    used = np.any([series.needed for series in listed], axis=0)
    return half_width(
        influence[used], spare=min(step.spare for step in steps), plain_variance=plain
    )
