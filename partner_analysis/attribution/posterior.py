"""What a window's data say of the counts that would have come without a partnership."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np

from partner_analysis.attribution.cells import Bools, Floats, Ints
from partner_analysis.attribution.courses import Course
from partner_analysis.attribution.draws import (
    draws_of_difference,
    draws_of_small_counts,
    lattice,
    normalised,
)
from partner_analysis.attribution.fits import Fit, fit_targets, fit_unit
from partner_analysis.attribution.joint import FEW
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.shocks import (
    CELL_DRIFT,
    CELL_MEMORY,
    CELL_SD,
    CLINIC_DRIFT,
    CLINIC_MEMORY,
    CLINIC_SD,
    LINE,
    UnitSeries,
)
from partner_analysis.attribution.small_counts import (
    contrast_variance,
    growth_of,
    with_common_levels,
)
from partner_analysis.attribution.sums import Combined, JointEffects, courses_with_joint
from partner_analysis.attribution.units import ask_unit, past_of, series_of_units
from partner_analysis.attribution.variability import (
    FEW_SETTINGS,
    LARGE,
    SETTINGS,
    Variability,
    learn_variability,
    no_variability,
)
from partner_analysis.attribution.windows import Window, patients_before

ANY_PACE, USUAL_PACE = 0.5, 0.05
OWN_SIZES: Final = (CELL_SD, CELL_DRIFT)
COMMON_SIZES: Final = ((CLINIC_SD,), (CLINIC_DRIFT, LINE))
Pace = Literal["its own", "like the others", "any"]


@dataclass(frozen=True)
class Posterior:
    """Expected counts of a window at every setting, and the draws made of them.

    ``sizes`` (G, 8) and ``log_weight`` (G) are the settings, ``fits`` each unit's at them;
    ``courses`` hold each unit's shocks block by block, the joint effects of other partnerships
    included; ``came`` and ``without`` are draws of the sums over the window.
    """

    window: Window
    units: tuple[UnitSeries, ...]
    inside: tuple[Ints, ...]
    sizes: Floats
    log_weight: Floats
    courses: tuple[Course, ...]
    fits: tuple[Fit, ...]
    observed: float
    expected: float
    came: Floats = field(repr=False)
    without: Floats = field(repr=False)
    small: bool = False

    @property
    def weight(self) -> Floats:
        """Weights of the settings that add up to 1."""
        return normalised(self.log_weight)


@dataclass(frozen=True)
class Units:
    """The series of a window, and the positions in it that each is of."""

    series: tuple[UnitSeries, ...]
    inside: tuple[Ints, ...]

    @classmethod
    def of(cls, panel: Panel, window: Window) -> Units:
        """Those of a window that something is known of."""
        found = series_of_units(panel, window)
        return cls(tuple(unit for _, unit in found), tuple(inside for inside, _ in found))


def weigh(
    panel: Panel, window: Window, *, pace: Pace = "its own", settings: int = SETTINGS
) -> Posterior:
    """The posterior of a window: alone in its cells, or beside others modelled jointly.

    ``pace`` chooses the prior of the clinic's own yearly growth beyond the others': "its own" is
    heavy-tailed around theirs, "like the others" normal with their spread (5 percent a year where
    there are none to learn from), "any" all but flat. ``settings`` says how many sizes of shocks
    are tried: for a check few will do, and for a unit so large that each costs much.
    """
    small = is_small(panel, window)
    if small:
        window = with_common_levels(panel, window)
    units = Units.of(panel, window)
    if small and pace == "its own":
        pace = "like the others"  # a handful of patients teaches no pace
    return _weighed(panel, window, units, pace, settings, small=small)


def weigh_anew(panel: Panel, posterior: Posterior, pace: Pace) -> Posterior:
    """The posterior of the same window by another pace."""
    units = Units(posterior.units, posterior.inside)
    return _weighed(panel, posterior.window, units, pace, SETTINGS, small=posterior.small)


def weigh_parts(panel: Panel, posterior: Posterior, parts: Sequence[Bools]) -> list[Posterior]:
    """The posteriors of parts of a window's time (T), at few settings.

    Those that learn from the same past share it: it is weighed once for all of them.
    """
    whole = posterior.window
    windows = [replace(whole, active=whole.active & part) for part in parts]
    found: dict[int, Posterior] = {}
    groups: dict[bytes, list[int]] = {}
    for number, window in enumerate(windows):
        if posterior.small or is_small(panel, window):
            found[number] = weigh(panel, window, settings=FEW_SETTINGS)
        else:
            groups.setdefault(past_of(panel, window), []).append(number)
    own = past_of(panel, whole)
    for past, numbers in groups.items():
        alike = [windows[number] for number in numbers]
        units = Units(posterior.units, posterior.inside)
        if past != own:
            judged = np.any([window.active for window in alike], axis=0)
            units = Units.of(panel, replace(whole, active=judged))
        found |= zip(numbers, _weigh_together(panel, units, alike), strict=True)
    return [found[number] for number in range(len(windows))]


def _weigh_together(panel: Panel, units: Units, windows: Sequence[Window]) -> list[Posterior]:
    """The posteriors of windows that learn from the same past."""
    sizes = _sizes(panel, windows[0], units.series, "its own", FEW_SETTINGS)
    asked = [
        [ask_unit(panel, window, unit, inside) for window in windows]
        for unit, inside in zip(units.series, units.inside, strict=True)
    ]
    fits = [fit_targets(each, sizes) for each in asked]
    joint, log_weight = _joint([each[0] for each in fits], windows[0])
    courses = [courses_with_joint(each, sizes, log_weight, joint) for each in asked]
    by_window = [list(zip(*each, strict=True)) for each in (asked, fits, courses)]
    return [
        _posterior(panel, window, Units(series, units.inside), sizes, list(fit), list(course))
        for window, series, fit, course in zip(windows, *by_window, strict=True)
    ]


def is_small(panel: Panel, window: Window) -> bool:
    """Whether so few came before that two sums of counts are compared."""
    return patients_before(panel, window) < FEW and window.design.shape[2] == 1


def _weighed(
    panel: Panel, window: Window, units: Units, pace: Pace, settings: int, *, small: bool
) -> Posterior:
    """The posterior of a window whose series are arranged already."""
    sizes = _sizes(panel, window, units.series, pace, settings)
    fits = [fit_unit(unit, sizes) for unit in units.series]
    joint, log_weight = _joint(fits, window)
    courses = [courses_with_joint([unit], sizes, log_weight, joint)[0] for unit in units.series]
    return _posterior(panel, window, units, sizes, fits, courses, small=small)


def _sizes(
    panel: Panel, window: Window, units: Sequence[UnitSeries], pace: Pace, settings: int
) -> Floats:
    """Sizes of shocks for a window by a prior of its pace: (G, 8)."""
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
    return partly_common(sizes) if window.route == "series" else sizes


def _joint(fits: list[Fit], window: Window) -> tuple[JointEffects, Floats]:
    """Joint effects, and the log weight of every setting."""
    joint = JointEffects.of(fits, window.design.shape[2])
    return joint, sum(fit.log_likelihood for fit in fits) + joint.log_likelihood


def _posterior(
    panel: Panel,
    window: Window,
    units: Units,
    sizes: Floats,
    fits: list[Fit],
    courses: list[Course],
    *,
    small: bool = False,
) -> Posterior:
    """The posterior of a window from the fits and courses of its units."""
    joint, log_weight = _joint(fits, window)
    observed = float(panel.cells.observed[window.rows][window.active].sum())
    combined = Combined.of(window, units.series, fits, joint, log_weight, courses)
    expected = combined.expected
    if small:
        variance = contrast_variance(units.series, sizes)
        noise = replace(combined.log_expected, mean=np.zeros(len(sizes)), variance=variance)
        earlier, growth = growth_of(panel, window)
        expected = float(growth @ earlier)
        came, without = draws_of_small_counts(observed, earlier, growth, noise)
    else:
        came, without = draws_of_difference(observed, combined.log_expected)
    return Posterior(
        window=window,
        units=units.series,
        inside=units.inside,
        sizes=sizes,
        log_weight=log_weight,
        courses=combined.courses,
        fits=tuple(fits),
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
    learnt = variability_of(panel, window.route)
    return learnt.settings(own, own_pace=own_pace, years=cells.block_years, settings=settings)


def partly_common(sizes: Floats) -> Floats:
    """The same sizes, a share of each shock's variance felt by all channels of a series at once.

    Where nothing is left to compare with, clinics that began at different times still share what
    moves the practice. How much is anybody's guess before their own past is weighed: all shares
    are equally likely, and one channel alone moves as much as it did.
    """
    found = sizes.copy()
    for points, own, common in zip(
        lattice(len(sizes), 3)[1:], OWN_SIZES, COMMON_SIZES, strict=True
    ):
        for k in common:
            found[:, k] = np.hypot(sizes[:, k], np.sqrt(points) * sizes[:, own])
        found[:, own] *= np.sqrt(1 - points)
    found[:, CLINIC_MEMORY] = sizes[:, CELL_MEMORY]
    return found
