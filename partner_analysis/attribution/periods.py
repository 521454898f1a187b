"""Observed and expected, period by period: the table that the main picture is drawn from."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from partner_analysis.attribution.cells import Bools, Floats
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import Posterior
from partner_analysis.attribution.small_counts import rates_before


def period_table(panel: Panel, posterior: Posterior, level: float) -> pd.DataFrame:
    """One row per period: observed, expected with the bounds of its mean, and whether active.

    Sums run over the judged cells that are known in the period. ``expected`` is missing where
    nothing can be said: no comparison, or another partnership at work that is not modelled.
    """
    window, cells = posterior.window, panel.cells
    usable = _judged_and_known(panel, posterior)
    expected, variance = _expected_by_period(panel, posterior)
    if window.design.shape[2] == 1:
        blurred = panel.touched_by_others(window.rows, window.judged) & usable
        expected = np.where(blurred.any(axis=0), np.nan, expected)
    expected = np.where((usable & (window.expected > 0)).any(axis=0), expected, np.nan)
    reach = np.exp(ndtri(0.5 + level / 2) * np.sqrt(variance))
    observed = np.where(usable, cells.observed[window.rows], 0.0).sum(axis=0)
    return pd.DataFrame(
        {
            "period": cells.periods,
            "observed": np.where(usable.any(axis=0), observed, np.nan),
            "expected": expected,
            "expected_low": expected / reach,
            "expected_high": expected * reach,
            "active": window.active.any(axis=0),
            "days": cells.length,
        }
    )


def _judged_and_known(panel: Panel, posterior: Posterior) -> Bools:
    """Known periods of the judged cells; those of others modelled beside are left out."""
    window = posterior.window
    return panel.cells.usable[window.rows] & np.any(window.active, axis=1, keepdims=True)


def _expected_by_period(panel: Panel, posterior: Posterior) -> tuple[Floats, Floats]:
    """Expected sum per period and the variance of its logarithm."""
    window = posterior.window
    block = panel.cells.blocks
    usable = _judged_and_known(panel, posterior)
    sums = np.zeros(len(block))
    spread = np.zeros(len(block))  # what channels do not know they share in good part
    for unit, course, inside in zip(
        posterior.units, posterior.courses, posterior.inside, strict=True
    ):
        for channel in np.unique(unit.channel):
            rows = inside[unit.member == channel]
            base = np.where(usable[rows], window.expected[rows], 0.0).sum(axis=0)
            mine = unit.channel == channel
            part = base * np.exp(course.mean[mine][block])
            sums += part
            spread += part * np.sqrt(course.variance[mine][block])
    variance = np.divide(spread, sums, out=np.zeros_like(sums), where=sums > 0) ** 2
    if not posterior.small:
        return sums, variance
    pattern = np.where(usable, window.pattern, 0.0)
    drawn = float(np.var(np.log(posterior.without)))
    return rates_before(panel, window) @ pattern, np.full(len(block), drawn)
