"""Observed and expected by month since the start: how the effect grew, and when trends parted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partner_analysis.attribution.cells import Floats
from partner_analysis.attribution.checks.event_study import EventStudy, event_study, log_ratios
from partner_analysis.attribution.effect import EVENT_COLUMNS, empty_table
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import Posterior


def months_since_start(
    panel: Panel, posterior: Posterior
) -> tuple[pd.DataFrame, EventStudy | None]:
    """One row per month since the start, and the same in stretches for ``assess_trends``.

    Expected by the comparison alone, so that trends which parted before the start show.
    """
    window, cells, block = posterior.window, panel.cells, panel.cells.blocks
    judged = window.active.any(axis=1)
    began = int(window.active.any(axis=0).argmax())
    seen = (window.known | window.active)[judged]
    seen &= (window.design[judged].sum(axis=2) == 0) | window.active[judged]
    expected = np.where(seen, window.expected[judged], 0.0)
    observed = np.where(seen & (expected > 0), cells.observed[window.rows[judged]], 0.0)
    came, due = (_by_block(values.sum(axis=0), block) for values in (observed, expected))
    first = int(block[began])
    if began and block[began - 1] == first:
        early = np.arange(len(block)) < began
        came -= _by_block(np.where(early, observed.sum(axis=0), 0.0), block) * (
            np.arange(len(came)) == first
        )
        due -= _by_block(np.where(early, expected.sum(axis=0), 0.0), block) * (
            np.arange(len(due)) == first
        )
    last = int(block[np.flatnonzero(window.active.any(axis=0))[-1]]) + 1
    due = np.where(due > 0, due, np.nan)
    if not (due[:first] > 0).any():
        return empty_table(EVENT_COLUMNS), None
    noise = np.diag(_noise(posterior, len(due)))[:last, :last]
    given = (np.where(np.isnan(due), np.nan, came)[:last], due[:last], noise, first)
    table = log_ratios(*given).astype(EVENT_COLUMNS)
    return table, event_study(*given)


def _noise(posterior: Posterior, blocks: int) -> Floats:
    """Variance that comparison and scatter add to the log of each month's expected sum."""
    variance, weight = np.zeros(blocks), np.zeros(blocks)
    for unit in posterior.units:
        judged = np.isin(unit.channel, np.unique(unit.channel[unit.target > 0]))
        amount = np.maximum(unit.expected, unit.target) * judged
        month = np.arange(len(amount)) % blocks
        variance += np.bincount(month, amount**2 * (unit.spread + unit.scatter), blocks)
        weight += np.bincount(month, amount, blocks)
    return np.divide(variance, weight**2, out=np.zeros(blocks), where=weight > 0)


def _by_block(values: Floats, block: np.ndarray) -> Floats:
    return np.bincount(block, weights=values, minlength=int(block[-1]) + 1).astype(np.float64)
