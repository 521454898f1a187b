"""How the estimates of several partnerships move together when the data happen to differ.

Two estimates err together for two reasons. Partnerships at the same clinic share its shocks, and
where they share cells what is credited to the one is taken from the other: both are read off the
information of the model that holds the two side by side. Partnerships at different clinics share
the comparison: if it happened to be low in the months after both began, both look good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Floats
from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.fits import fit_unit
from partner_analysis.attribution.joint import Group, choose_window, joint_window
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import settings_of
from partner_analysis.attribution.units import series_of_units
from partner_analysis.attribution.windows import Window

LEAST_EIGENVALUE: Final = 1e-6


def correlate_estimates(
    panel: Panel, groups: Sequence[Group], effects: Mapping[str, Effect], *, method: str = "auto"
) -> Floats:
    """The correlation matrix of some estimates, in the order given: (K, K), positive definite.

    Parameters
    ----------
    panel
        All cells and partnerships of the practice.
    groups
        What each estimate is for: the ids of one partnership, or of a bundle.
    effects
        The estimates, by partnership id, with their draws.
    method
        As the effects were estimated by.
    """
    windows = [choose_window(_seen_by(panel, group), group[0], method) for group in groups]
    clinics = [_clinics_of(panel, window) for window in windows]
    owed = [_owed_to_comparison(panel, window, effects[group[0]])
            for window, group in zip(windows, groups, strict=True)]  # fmt: skip
    matrix = np.eye(len(groups))
    for first, second in combinations(range(len(groups)), 2):
        if clinics[first] & clinics[second]:
            found = _side_by_side(panel, groups[first], groups[second], method)
        else:
            found = float(owed[first] @ owed[second])
        matrix[first, second] = matrix[second, first] = found
    return _positive_definite(matrix)


def _seen_by(panel: Panel, group: Group) -> Panel:
    """The panel on which a group is estimated: without those that ran everywhere at once."""
    return panel if set(group) & set(panel.wide) else panel.narrow


def _clinics_of(panel: Panel, window: Window) -> set[int]:
    """The clinics of which a window judges cells."""
    return set(panel.cells.clinic[window.rows[window.active.any(axis=1)]].tolist())


def _side_by_side(panel: Panel, one: Group, other: Group, method: str) -> float:
    """Correlation of two log effects in the model that holds both, at a typical setting."""
    seen = _seen_by(panel, (*one, *other))
    if not {*one, *other} <= set(seen.touches):
        return 0.0
    window = joint_window(seen, (one, other), method)
    typical = settings_of(seen, window, own_pace=window.apart).mean(axis=0, keepdims=True)
    units = series_of_units(seen, window)
    fits = [fit_unit(unit, typical, deviations=False) for _, unit in units]
    if not fits:
        return 0.0
    information = np.sum([fit.information[0] for fit in fits], axis=0)
    if not (np.diag(information) > 0).all():
        return 0.0
    covariance = np.linalg.pinv(information, hermitian=True)
    scale = float(np.sqrt(covariance[0, 0] * covariance[1, 1]))
    return float(np.clip(covariance[0, 1] / scale, -1.0, 1.0)) if scale > 0 else 0.0


def _owed_to_comparison(panel: Panel, window: Window, effect: Effect) -> Floats:
    """What of an estimate's error is the comparison's, by block: (B).

    The product of two of them is the correlation of estimates at different clinics, whose
    expectations rest on the same comparison.
    """
    contrast = _contrast(panel, window)
    size = float(np.linalg.norm(contrast))
    if window.route == "series" or size <= 0:
        return np.zeros(len(contrast))
    common = window.concentration / (1 + window.concentration)
    owed: Floats = contrast / size * np.sqrt(common * _share_of_expected(effect))
    return owed


def _contrast(panel: Panel, window: Window) -> Floats:
    """How each block enters an estimate: its share of the window less its share of the past."""
    judged = window.active.any(axis=1)
    block = panel.cells.blocks
    before = window.known & (window.design[:, :, 0] == 0)
    sums = [
        np.bincount(block, np.where(when, window.expected, 0.0)[judged].sum(axis=0))
        for when in (window.active, before)
    ]
    shares = [part / part.sum() if part.sum() > 0 else part for part in sums]
    difference: Floats = shares[0] - shares[1]
    return difference


def _share_of_expected(effect: Effect) -> float:
    """How much of an estimate's variance is that of what was to be expected."""
    if effect.draws is None:
        return 0.0
    came, without = np.var(effect.draws, axis=1)
    return float(without / (came + without)) if came + without > 0 else 0.0


def _positive_definite(matrix: Floats) -> Floats:
    """The nearest correlation matrix by its eigenvalues; pairs alone need not give one."""
    values, vectors = np.linalg.eigh(matrix)
    if values.min(initial=1.0) >= LEAST_EIGENVALUE:
        return matrix
    mended = (vectors * np.maximum(values, LEAST_EIGENVALUE)) @ vectors.T
    scale = np.sqrt(np.diag(mended))
    nearest: Floats = mended / np.outer(scale, scale)
    return nearest
