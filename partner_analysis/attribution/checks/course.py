"""How the effect came: the same estimate for stretches of months since the start."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.draws import interval_of
from partner_analysis.attribution.effect import COURSE_COLUMNS, empty_table
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import Posterior, weigh_parts
from partner_analysis.tables import DAYS_PER_MONTH

STRETCHES: Final = (0, 3, 6, 12, 24, 36, 1200)  # months since the start
LEAST_DAYS: Final = 60.0


def course_since_start(panel: Panel, posterior: Posterior, level: float) -> pd.DataFrame:
    """One row per stretch of months since the start, as ``Effect.course``.

    Each is judged as the whole is, from the same past, so the stretches hold together; one of
    less than two months is left out.
    """
    window = posterior.window
    when = np.flatnonzero(window.active.any(axis=0))
    since = (panel.cells.day - panel.cells.day[when[0]]) / DAYS_PER_MONTH
    stretches, parts = [], []
    for first, end in pairwise(STRETCHES):
        part = (since >= first) & (since < end)
        if panel.cells.length[part & window.when].sum() >= LEAST_DAYS:
            stretches.append((first, end))
            parts.append(part)
    found = []
    for (first, end), one in zip(stretches, weigh_parts(panel, posterior, parts), strict=True):
        judged = one.window.when
        days = float(panel.cells.length[judged].sum())
        drawn = interval_of(one.came - one.without, one.observed - one.expected, level).scaled(
            DAYS_PER_MONTH / days
        )
        until = since[judged] + panel.cells.length[judged] / DAYS_PER_MONTH
        last = min(end, int(np.ceil(until.max() - 0.1)))
        found.append((first + 1, last, drawn.estimate, drawn.low, drawn.high))
    if not found:
        return empty_table(COURSE_COLUMNS)
    return pd.DataFrame(found, columns=list(COURSE_COLUMNS)).astype(COURSE_COLUMNS)
