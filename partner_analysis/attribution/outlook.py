"""What could have been seen, and from when more could be said."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.special import ndtri

from partner_analysis.attribution.effect import (
    AHEAD_COLUMNS,
    empty_table,
    is_too_early,
    months_later,
)
from partner_analysis.attribution.foreseen import draws_later
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import Posterior
from partner_analysis.tables import DAYS_PER_MONTH, Interval

WORTH_SEEING: Final = 0.25
POWER: Final = 0.8
MOST_MONTHS: Final = 36
VISIBLE_PERCENT: Final = 50.0
FEWEST_FOR_SHARE: Final = 1.0  # a month: of fewer a percentage misleads
MORE_MONTHS: Final = (0, 3, 6, 12)
LOOKED_AT: Final = (1.0, 9.0, 36.0)  # more months
NARROWER: Final = 0.95  # of today's width: less than that is hardly narrower

Check = tuple[str, str, str, str]


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
    panel: Panel, posterior: Posterior, rows: pd.DataFrame, total: Interval, level: float
) -> pd.Timestamp:
    """The day after the last period that must be complete before more can be said.

    For a partnership that runs and is undecided: three months of activity, or as many months as
    it takes until a change as large as the one estimated, or by a quarter if that is more, lies
    clear of zero, at the pace so far and starting from today's uncertainty. NaT where three years
    would not be enough, or waiting is in vain.
    """
    when = np.flatnonzero(posterior.window.active.any(axis=0))
    began = panel.cells.periods[when[0]]
    days = float(panel.cells.length[when].sum())
    running = bool(rows["end_date"].isna().any())
    if is_too_early(began, days) and running:
        return _after(panel, began, (months_later(began, 3) - began).days)
    if total.low > 0 or total.high < 0 or not running or posterior.expected <= 0:
        return pd.NaT
    months = _months_until_clear(panel, posterior, days / DAYS_PER_MONTH, level)
    return pd.NaT if months is None else _after(panel, began, np.ceil(months) * DAYS_PER_MONTH)


def _months_until_clear(
    panel: Panel, posterior: Posterior, so_far: float, level: float
) -> float | None:
    """Months since the start, at least one from now, until the change looked for is clear of zero.

    Read off three times to come: the low end grows about as one over the root of the months.
    """
    ratio = max(posterior.observed, 0.5) / posterior.expected
    change = max(np.log1p(WORTH_SEEING), abs(np.log(ratio)))
    if so_far + 1 > MOST_MONTHS:
        return None
    roots, lows = [], []
    for months in sorted({min(so_far + more, MOST_MONTHS) for more in LOOKED_AT}):
        came, without = draws_later(panel, posterior, months - so_far, ratio=float(np.exp(change)))
        roots.append(-1 / np.sqrt(months))
        lows.append(float(np.quantile(came - without, (1 - level) / 2) / without.mean()))
        if lows[-1] > 0:
            return float(np.interp(0.0, lows[-2:], roots[-2:]) ** -2)
    return None


def narrowing(
    panel: Panel, posterior: Posterior, rows: pd.DataFrame, per_month: Interval, level: float
) -> pd.DataFrame:
    """How wide the interval of the effect a month would be after further months: ``Effect.ahead``.

    At the pace so far, as ``tell_from``; nothing is claimed about where the interval would lie.
    See ``foreseen``.
    """
    when = np.flatnonzero(posterior.window.active.any(axis=0))
    days = float(panel.cells.length[when].sum())
    width = per_month.high - per_month.low
    if not rows["end_date"].isna().any() or posterior.expected <= 0 or not np.isfinite(width):
        return empty_table(AHEAD_COLUMNS)
    now = days / DAYS_PER_MONTH
    foreseen = {more: _width(panel, posterior, more, level) / (now + more) for more in MORE_MONTHS}
    ahead = [(more, width * one / foreseen[0]) for more, one in foreseen.items()]
    return pd.DataFrame(ahead, columns=list(AHEAD_COLUMNS)).astype(AHEAD_COLUMNS)


def _width(panel: Panel, posterior: Posterior, more: float, level: float) -> float:
    """Width of the interval of the total after more months, at the pace so far."""
    ratio = posterior.observed / posterior.expected
    came, without = draws_later(panel, posterior, more, ratio=ratio)
    low, high = np.quantile(came - without, [(1 - level) / 2, (1 + level) / 2])
    return float(high - low)


def waiting_narrows(ahead: pd.DataFrame) -> bool | None:
    """Whether the interval is foreseen to be clearly narrower within a year; None if not foreseen.

    Examples
    --------
    >>> waiting_narrows(pd.DataFrame({"more_months": [0, 3, 6, 12], "width": [6.0, 6, 5.9, 5.8]}))
    False
    """
    later = ahead.loc[ahead["more_months"] > 0, "width"]
    if later.empty:
        return None
    today = ahead.loc[ahead["more_months"] == 0, "width"].iloc[0]
    return bool(later.min() <= NARROWER * today)


def _after(panel: Panel, began: pd.Timestamp, days: float) -> pd.Timestamp:
    """The first day on which whole periods of so many days have passed since the start."""
    length = int(np.median(panel.cells.length))
    return began + pd.Timedelta(days=int(np.ceil(days / length)) * length)


def visible_check(smallest: float, expected: float, days: float) -> Check:
    """The check of size: passes where a change of 50 percent would have been seen.

    ``smallest`` is in new patients a month, ``expected`` the sum over so many active ``days``.
    """
    name, question = "smallest change", "How small a change could have been seen?"
    if not np.isfinite(smallest):
        return name, question, "not possible", "It cannot be told how small a change could be seen."
    month = expected * DAYS_PER_MONTH / days
    detail = (
        f"A change of {plain(smallest)} new patients a month would have been seen in 4 of 5 cases"
    )
    if not month > 0:
        return name, question, "pass", f"{detail}; nobody was expected."
    share = 100 * smallest / month
    result = "pass" if share <= VISIBLE_PERCENT else "warn"
    beside = f"{share:,.0f} percent of the {plain(month)} expected"
    if month < FEWEST_FOR_SHARE:
        beside = f"where {plain(month)} a month were expected"
    return name, question, result, f"{detail}, {beside}."


def plain(value: float) -> str:
    """A number to a tenth, with a true minus sign."""
    return f"{value:,.1f}".replace("-", "\N{MINUS SIGN}")
