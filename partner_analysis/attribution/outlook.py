"""What could have been seen, and from when more could be said."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.special import ndtri

from partner_analysis.attribution.effect import TOO_EARLY_DAYS
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import Posterior
from partner_analysis.attribution.shocks import kernel
from partner_analysis.tables import DAYS_PER_MONTH, Interval

WORTH_SEEING: Final = 0.25
POWER: Final = 0.8
MOST_MONTHS: Final = 36


def smallest_visible(posterior: Posterior, days: float, level: float) -> float:
    """Extra new patients a month that would have been seen with 80 percent chance.

    From the same variance as the interval: the expected sum's own uncertainty and the Poisson
    noise of the window.
    """
    if posterior.expected <= 0 or days <= 0:
        return float("nan")
    sd = np.sqrt(np.var(np.log(posterior.without)) + 1 / posterior.expected)
    reach = np.exp((ndtri(0.5 + level / 2) + ndtri(POWER)) * sd) - 1
    return float(posterior.expected * reach * DAYS_PER_MONTH / days)


def tell_from(
    panel: Panel, posterior: Posterior, rows: pd.DataFrame, total: Interval
) -> pd.Timestamp:
    """The date from which more could be said; NaT where waiting does not help.

    For a partnership that runs and is undecided: when it will have run for three months, or
    when a change by a quarter would be seen with 80 percent chance at the pace so far.
    """
    when = np.flatnonzero(posterior.window.active.any(axis=0))
    began = panel.cells.periods[when[0]]
    days = float(panel.cells.length[when].sum())
    decided = total.low > 0 or total.high < 0
    if days < TOO_EARLY_DAYS:
        return began + pd.Timedelta(days=int(np.ceil(TOO_EARLY_DAYS)) + 1)
    if decided or rows["end_date"].notna().all() or posterior.expected <= 0:
        return pd.NaT
    months_now = days / DAYS_PER_MONTH
    for months in range(int(np.ceil(months_now)) + 1, MOST_MONTHS + 1):
        if _variance_after(posterior, months, days) <= _wanted():
            return began + pd.DateOffset(months=months)
    return pd.NaT


def _wanted() -> float:
    """Variance of the log ratio at which a change by a quarter is seen with 80 percent chance."""
    return float((np.log1p(WORTH_SEEING) / (ndtri(0.975) + ndtri(POWER))) ** 2)


def _variance_after(posterior: Posterior, months: int, days: float) -> float:
    """Variance of the log ratio once the window has grown to so many months."""
    size = posterior.sizes[[int(posterior.weight.argmax())]]
    rate = posterior.expected / (days / DAYS_PER_MONTH)
    share = np.array([unit.target.sum() for unit in posterior.units])
    share = share / share.sum()
    variance = 1 / (rate * months)
    for unit, part in zip(posterior.units, share, strict=True):
        if part == 0:
            continue
        past = unit.years[unit.known]
        first = unit.years[unit.target > 0].min()
        ahead = first + np.arange(months) / 12
        weight = np.concatenate([np.full(months, 1 / months), np.full(len(past), -1 / len(past))])
        between = kernel(np.concatenate([ahead, past]), size)[0]
        variance += part**2 * unit.scale * float(weight @ between @ weight)
        variance += part**2 / max(unit.observed.sum(), 1.0)
    return variance
