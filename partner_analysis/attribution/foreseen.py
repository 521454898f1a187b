"""What the same estimate would know after more months, if all goes on as of late.

Nothing is simulated: what was to be expected is a mixture over settings whose variances depend on
when counts are known, and hardly on what they are. So the series are made longer and the mixture
is asked again. Settings keep their weights: what more counts will teach of them is not known yet.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Bools, Floats, Ints
from partner_analysis.attribution.draws import (
    Mixture,
    draws_of_difference,
    draws_of_small_counts,
)
from partner_analysis.attribution.fits import at_settings, fit_unit
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import Posterior
from partner_analysis.attribution.shocks import UnitSeries, only_before
from partner_analysis.attribution.small_counts import contrast_variance, growth_of
from partner_analysis.attribution.sums import JointEffects, log_sum

RECENT: Final = 12
SETTINGS: Final = 32
AMOUNTS: Final = ("observed", "expected", "target")
NOISE: Final = ("spread", "scatter")
AS_LAST: Final = ("channel", "kind", "unevenness", "design", "target_design")
AS_A_YEAR_BEFORE: Final = ("causes", "shared")


def draws_later(
    panel: Panel, posterior: Posterior, months: float, *, ratio: float
) -> tuple[Floats, Floats]:
    """Draws of what came with and would have come without, after so many more months.

    ``ratio`` is how many times as many came as were to be expected, then. Of the settings 32 at
    even steps of weight are asked, which tells widths of one month from another's within a percent.
    """
    picked, level = _some_settings(posterior)
    sizes = posterior.sizes[picked]
    units = tuple(longer(unit, months) if months else unit for unit in posterior.units)
    if posterior.small:
        return _draws_of_few(panel, posterior, units, sizes, level, ratio)
    fits = (
        [fit_unit(unit, sizes) for unit in units]
        if months
        else [at_settings(fit, picked) for fit in posterior.fits]
    )
    joint = JointEffects.of(fits, posterior.window.design.shape[2])
    found = log_sum(posterior.window, units, fits, joint, level, np.zeros(len(units)))
    return draws_of_difference(ratio * float(np.exp(found.centre)), found)


def _some_settings(posterior: Posterior) -> tuple[Ints, Floats]:
    """Settings at 32 even steps of weight, each once, and their log weights."""
    steps = (np.arange(SETTINGS) + 0.5) / SETTINGS
    last = len(posterior.sizes) - 1
    at = np.minimum(np.searchsorted(np.cumsum(posterior.weight), steps), last)
    picked, times = np.unique(at, return_counts=True)
    return picked, np.log(times / SETTINGS)


def _draws_of_few(
    panel: Panel,
    posterior: Posterior,
    units: tuple[UnitSeries, ...],
    sizes: Floats,
    level: Floats,
    ratio: float,
) -> tuple[Floats, Floats]:
    """The same where few came before: the window grows, the time before it does not."""
    sums = [sum(float(unit.target.sum()) for unit in some) for some in (posterior.units, units)]
    earlier, growth = growth_of(panel, posterior.window)
    growth = growth * (sums[1] / max(sums[0], 1e-300))
    noise = Mixture(level, np.zeros(len(sizes)), contrast_variance(units, sizes))
    return draws_of_small_counts(ratio * float(growth @ earlier), earlier, growth, noise)


def weighed_until(posterior: Posterior, years: float) -> tuple[float, Floats]:
    """The expected number and draws of it, settings weighed by what came up to a time alone.

    For counts that are only supposed from then on: one year that repeats the last would else
    teach that a series hardly strays. ``years`` is that time, as in ``UnitSeries.years``.
    """
    units, sizes = posterior.units, posterior.sizes
    past = [fit_unit(only_before(unit, unit.years > years), sizes) for unit in units]
    fits = list(posterior.fits)
    effects = posterior.window.design.shape[2]
    level = sum(fit.log_likelihood for fit in past) + JointEffects.of(past, effects).log_likelihood
    joint = JointEffects.of(fits, effects)
    found = log_sum(posterior.window, units, fits, joint, level, np.zeros(len(units)))
    return float(np.exp(found.centre)), draws_of_difference(posterior.observed, found)[1]


def longer(unit: UnitSeries, months: float) -> UnitSeries:
    """A unit with so many more months, in which its channels go on as of late.

    What is judged goes on being judged, and what is known (sibling personas, cells whose partners
    are modelled jointly) goes on being known: so many a block as in the last year.
    """
    own = [np.flatnonzero(unit.channel == channel) for channel in np.unique(unit.channel)]
    listed = [_channel_longer(unit, rows, months / 12) for rows in own]
    joined = {name: np.concatenate([each[name] for each in listed]) for name in listed[0]}
    grown = replace(unit, **joined)  # type: ignore[arg-type]
    today, later = (max(float(one.weight @ one.weight), 1e-300) for one in (unit, grown))
    return replace(grown, target_scatter=unit.target_scatter * later / today)


def _channel_longer(unit: UnitSeries, rows: Ints, more_years: float) -> dict[str, Floats]:
    """One channel's blocks, and after them those to come."""
    years = unit.years[rows]
    step = float(np.ptp(years)) / (len(rows) - 1) if len(rows) > 1 else 1 / 12
    number = max(int(np.ceil(more_years / step - 1e-9)), 1)
    part = np.ones(number)
    part[-1] = more_years / step - (number - 1)
    last = rows[[-2 if len(rows) > 1 else -1] * number]
    year = max(round(1 / step), 1)
    before = rows[np.maximum(len(rows) - year + np.arange(number) % year, 0)]
    known, judged = unit.expected[rows] > 0, unit.target[rows] > 0
    live = {"observed": known, "expected": known, "target": judged}
    ahead = {name: getattr(unit, name)[last] for name in AS_LAST}
    ahead |= {name: getattr(unit, name)[before] for name in AS_A_YEAR_BEFORE}
    for name in AMOUNTS:
        ahead[name] = part * _late(getattr(unit, name)[rows], live[name]) * live[name][-2:].any()
    for name in NOISE:
        ahead[name] = np.full(number, _late(getattr(unit, name)[rows], known | judged))
    ahead["years"] = years[-1] + step * np.arange(1, number + 1)
    return {name: np.concatenate([getattr(unit, name)[rows], ahead[name]]) for name in ahead}


def _late(values: Floats, live: Bools) -> float:
    """The mean of some values over the last year of a stretch; its ends may be parts of a block."""
    inside = np.flatnonzero(live)
    whole = inside[1:-1] if len(inside) > 3 else inside
    return float(values[whole[-RECENT:]].mean()) if len(whole) else 0.0
