"""What could have been seen, and from when more could be said."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import ndtri

from partner_analysis.attribution.cells import Floats
from partner_analysis.attribution.effect import (
    AHEAD_COLUMNS,
    empty_table,
    is_too_early,
    months_later,
)
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import Posterior
from partner_analysis.attribution.shocks import UnitSeries, kernel
from partner_analysis.tables import DAYS_PER_MONTH, Interval

WORTH_SEEING: Final = 0.25
POWER: Final = 0.8
MOST_MONTHS: Final = 36
VISIBLE_PERCENT: Final = 50.0
FEWEST_FOR_SHARE: Final = 1.0  # a month: of fewer a percentage misleads
MORE_MONTHS: Final = (0, 3, 6, 12)
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
    months_now = days / DAYS_PER_MONTH
    first = int(np.ceil(months_now))
    if first > MOST_MONTHS:
        return pd.NaT
    reach = _reach(posterior)
    rate = posterior.expected / months_now
    actual = np.var(np.log(posterior.without)) + 1 / posterior.expected
    excess = actual / (reach[first] + 1 / (rate * first))
    for months in range(first + 1, len(reach)):
        if excess * (reach[months] + 1 / (rate * months)) <= _wanted(posterior, level):
            return _after(panel, began, months * DAYS_PER_MONTH)
    return pd.NaT


def narrowing(
    panel: Panel, posterior: Posterior, rows: pd.DataFrame, per_month: Interval, level: float
) -> pd.DataFrame:
    """How wide the interval of the effect a month would be after further months: ``Effect.ahead``.

    At the pace so far, starting from today's uncertainty, as ``tell_from``; nothing is claimed
    about where the interval would lie.
    """
    when = np.flatnonzero(posterior.window.active.any(axis=0))
    months_now = float(panel.cells.length[when].sum()) / DAYS_PER_MONTH
    width = per_month.high - per_month.low
    if not rows["end_date"].isna().any() or posterior.expected <= 0 or not np.isfinite(width):
        return empty_table(AHEAD_COLUMNS)
    reach = _reach(posterior, most=int(np.ceil(months_now)) + MORE_MONTHS[-1])
    reach[0] = reach[1]
    z = ndtri(0.5 + level / 2)

    def spread(months: float) -> float:
        shocks = np.interp(months, np.arange(len(reach)), reach)
        sd = np.sqrt(shocks + months_now / (posterior.expected * months))
        return float(np.sinh(z * sd))

    today = spread(months_now)
    ahead = [(more, width * spread(months_now + more) / today) for more in MORE_MONTHS]
    return pd.DataFrame(ahead, columns=list(AHEAD_COLUMNS)).astype(AHEAD_COLUMNS)


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


def _wanted(posterior: Posterior, level: float) -> float:
    """Variance of the log ratio at which the interval of such a change lies clear of zero."""
    ratio = max(posterior.observed, 0.5) / posterior.expected
    change = max(np.log1p(WORTH_SEEING), abs(np.log(ratio)))
    return float((change / ndtri(0.5 + level / 2)) ** 2)


def _reach(posterior: Posterior, *, most: int = MOST_MONTHS) -> Floats:
    """Variance that shocks and the past leave in the log ratio after so many months."""
    size = posterior.sizes[[int(posterior.weight.argmax())]]
    share = np.array([unit.target.sum() for unit in posterior.units])
    variance = np.zeros(most + 1)
    for unit, part in zip(posterior.units, share / share.sum(), strict=True):
        if part == 0:
            continue
        judged = unit.channel == unit.channel[int(unit.target.argmax())]
        past = unit.years[unit.known & judged]
        first = unit.years[unit.target > 0].min()
        years = np.concatenate([past, first + np.arange(most) / 12])
        between = kernel(_one_channel(unit, years), size)[0]
        before = np.where(np.arange(len(years)) < len(past), -1 / max(len(past), 1), 0.0)
        for months in range(1, most + 1):
            weight = before.copy()
            weight[len(past) : len(past) + months] = 1 / months
            variance[months] += part**2 * float(weight @ between @ weight)
        variance += part**2 / max(unit.observed[judged].sum(), 1.0)
    return variance


def _one_channel(unit: UnitSeries, years: Floats) -> UnitSeries:
    """The judged channel of a unit at other times."""
    return replace(
        unit,
        years=years,
        channel=np.zeros(len(years), dtype=np.int64),
        unevenness=np.full(len(years), unit.unevenness[int(unit.target.argmax())]),
        causes=np.zeros((len(years), 0)),
        shared=np.zeros((len(years), 0)),
    )


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
