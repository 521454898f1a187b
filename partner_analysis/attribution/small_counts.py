"""Where few came before: two sums of counts compared, and what a contrast of sums is unsure of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from partner_analysis.attribution.cells import Floats, Ints
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.shocks import (
    UnitSeries,
    combine,
    parts_toward,
    weights_of,
)
from partner_analysis.attribution.windows import Window


def sampling(units: tuple[UnitSeries, ...]) -> list[float]:
    """Variance that the comparison's counts add after and before the start."""
    learnt = [np.where(with_target(unit), unit.expected, 0.0) for unit in units]
    whole = sum(unit.target.sum() for unit in units), sum(each.sum() for each in learnt)
    spread = [0.0, 0.0]
    for unit, before in zip(units, learnt, strict=True):
        for k, amounts in enumerate((unit.target, before)):
            share = amounts / max(whole[k], 1e-300)
            spread[k] += float(np.sqrt(share**2 @ unit.spread))
    return [*(value**2 for value in spread), _uncertain_course(units)]


def _uncertain_course(units: tuple[UnitSeries, ...]) -> float:
    """Variance that the personas' own courses add, alike in all units."""
    course = np.zeros(units[0].shared.shape[1])
    whole = max(sum(float(unit.target.sum()) for unit in units), 1e-300)
    for unit in units:
        learnt = np.where(with_target(unit), unit.expected, 0.0)
        contrast = unit.weight - learnt / max(learnt.sum(), 1e-300)
        course += unit.target.sum() / whole * (contrast @ unit.shared)
    return float(course @ course)


def with_common_levels(panel: Panel, window: Window) -> Window:
    """The judged cells of a window alone, those of one course at one level.

    Each by itself has too few patients; cells that are known and active at other times keep a
    level of their own, or the difference between them would pass for an effect.
    """
    judged = window.active.any(axis=1)
    rows = {
        name: getattr(window, name)[judged]
        for name in ("rows", "active", "known", "design", "beside", "pattern", "comparison")
    }
    alone = replace(window, level=window.level[judged], **rows)
    group = alike(alone)
    before, due = _sums_before(panel, alone)
    level = (before + 0.5 / len(before)) / np.maximum(due, 1e-300)
    return replace(alone, level=level[group])


def alike(window: Window) -> Ints:
    """Group of each cell of a window: those known and active at the same times are one."""
    course = np.concatenate([window.known, window.active], axis=1)
    return np.unique(course, axis=0, return_inverse=True)[1].reshape(-1)


def rates_before(panel: Panel, window: Window) -> Floats:
    """Patients per unit of pattern before the start, of each cell's group."""
    before, due = _sums_before(panel, window)
    rate: Floats = (before / np.maximum(due, 1e-300))[alike(window)]
    return rate


def _sums_before(panel: Panel, window: Window) -> tuple[Floats, Floats]:
    """Of each group of cells: who came while known, and the sum of the pattern then."""
    group = alike(window)
    came = np.where(window.known, panel.cells.observed[window.rows], 0.0).sum(axis=1)
    due = np.where(window.known, window.pattern, 0.0).sum(axis=1)
    return np.bincount(group, came).astype(float), np.bincount(group, due).astype(float)


def contrast_variance(units: tuple[UnitSeries, ...], sizes: Floats) -> Floats:
    """Variance of the log ratio of window to past, own counts aside, at every grid point."""
    variance = np.zeros(len(sizes))
    targets = np.array([unit.target.sum() for unit in units])
    share = targets / targets.sum() if targets.sum() > 0 else np.full(len(units), 1 / len(units))
    for unit, part in zip(units, share, strict=True):
        learnt = np.where(with_target(unit), unit.expected, 0.0)
        contrast = unit.weight - learnt / max(learnt.sum(), 1e-300)
        felt = contrast @ unit.causes, contrast @ unit.shared
        always = sum(float(each @ each) for each in felt)
        moved = combine(weights_of(sizes), parts_toward(unit, contrast) @ contrast) + always
        variance += part**2 * moved
    return variance + sum(sampling(units))


def with_target(unit: UnitSeries) -> np.ndarray:
    """Channels that hold anything of the target."""
    held: np.ndarray = np.bincount(unit.channel, unit.target)[unit.channel] > 0
    return held


def growth_of(panel: Panel, window: Window) -> tuple[Floats, Floats]:
    """Of each group: who came before, and how many times as many were to be expected since."""
    before, due = _sums_before(panel, window)
    after = np.bincount(alike(window), np.where(window.active, window.pattern, 0.0).sum(axis=1))
    return before, after / np.maximum(due, 1e-300)
