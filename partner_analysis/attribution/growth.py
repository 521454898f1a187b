"""Growth of each clinic and persona over a year, with its interval and chance among all of them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t

from partner_analysis.attribution.cells import Bools, Cells, Floats

DAYS_A_YEAR: Final = 365.25
QUARTERS: Final = 4
FEWEST: Final = 20  # patients in both years, below which growth cannot be told
LASTING: Final = 2.0  # see growth_of
KNOWN_SHARE: Final = 0.9  # of the days of either year
TOO_FEW: Final = "cannot tell: fewer than 20 patients in two years"
SHORT: Final = "cannot tell: less than two years of counts"

Ints = NDArray[np.int64]


def growth_of(cells: Cells, level: float) -> pd.DataFrame:
    """Counts of the last two years and growth with its interval, per cell.

    The total of the last 12 months given both years is taken as binomial, widened by how much
    quarters of one cell stray from one another beyond that (quasi-likelihood; McCullagh and
    Nelder 1989, "Generalized linear models"), twice: with shocks that keep two thirds a month,
    a year's total strays twice as much beyond chance as its quarters show. A cell is growing
    where the interval excludes none and its p-value holds among all cells.

    Parameters
    ----------
    cells
        The counts as a matrix.
    level
        Level of the intervals; 1 - level is the false discovery rate.

    Returns
    -------
    DataFrame
        One row per cell: clinic, persona, a_month, last_year, year_before, note, growth, low,
        high (shares a year; infinite where nobody came before, NaN where it cannot be told),
        is_growing.
    """
    middle = cells.day + cells.length / 2
    before_end = cells.day[-1] + cells.length[-1] - middle
    quarter = np.floor(before_end / (DAYS_A_YEAR / QUARTERS)).astype(np.int64)
    came, open_days, share = _by_quarter(cells, quarter)
    one, two = slice(0, QUARTERS), slice(QUARTERS, 2 * QUARTERS)
    last, before = came[:, one].sum(axis=1), came[:, two].sum(axis=1)
    months = share[:, one].sum(axis=1) * 12 / QUARTERS
    table = pd.DataFrame(
        {
            "clinic": [cells.clinics[code] for code in cells.clinic],
            "persona": [cells.personas[code] for code in cells.persona],
            "a_month": np.divide(last, months, out=np.zeros(len(last)), where=months > 0),
            "last_year": last.astype(np.int64),
            "year_before": before.astype(np.int64),
        }
    )
    known = np.minimum(share[:, one].mean(axis=1), share[:, two].mean(axis=1)) >= KNOWN_SHARE
    enough = last + before >= FEWEST
    told = known & enough
    table["note"] = np.where(~known, SHORT, np.where(~enough, TOO_FEW, ""))
    excess, freedom = _excess(came[told], open_days[told])
    growth = _growth(
        last, before, open_days[:, one].sum(axis=1), open_days[:, two].sum(axis=1),
        excess=excess, freedom=freedom, level=level,
    )  # fmt: skip
    grows = np.zeros(len(table), dtype=bool)
    grows[told] = held_together(growth["p_value"][told], rate=1 - level)
    for column in ("growth", "low", "high"):
        table[column] = np.where(told, growth[column], np.nan)
    return table.assign(is_growing=grows & (table["low"] > 0))


def _by_quarter(cells: Cells, quarter: Ints) -> tuple[Floats, Floats, Floats]:
    """Patients, exposure and known share of the days of each quarter, the last first: (n, 8)."""
    came, exposure, share = (np.zeros((len(cells.clinic), 2 * QUARTERS)) for _ in range(3))
    for place in range(2 * QUARTERS):
        here = quarter == place
        if not here.any():
            continue
        came[:, place] = cells.observed[:, here].sum(axis=1)
        exposure[:, place] = cells.exposure[:, here].sum(axis=1)
        days = cells.length[here]
        known = (cells.usable[:, here] * days).sum(axis=1)
        share[:, place] = known / max(float(days.sum()), 0.85 * DAYS_A_YEAR / QUARTERS)
    return came, exposure, share


def _excess(came: Floats, exposure: Floats) -> tuple[float, int]:
    """How much quarters stray from their year's ratio beyond chance (at least 1), and freedom."""
    if not len(came):
        return 1.0, 1
    last, before = came[:, :QUARTERS], came[:, QUARTERS:]
    open_last, open_before = exposure[:, :QUARTERS], exposure[:, QUARTERS:]
    ratio = (last.sum(axis=1) + 0.5) / (before.sum(axis=1) + 0.5)
    ratio *= open_before.sum(axis=1) / open_last.sum(axis=1)
    both = last + before
    odds = ratio[:, None] * np.divide(
        open_last, open_before, out=np.ones_like(open_last), where=open_before > 0
    )
    share = odds / (1 + odds)
    spread = both * share * (1 - share)
    squares = np.divide(
        (last - both * share) ** 2, spread, out=np.zeros_like(spread), where=spread > 0
    )
    freedom = max(int((spread > 0).sum() - len(came)), 1)
    beyond = max(0.0, float(squares.sum()) / freedom - 1)
    return 1 + LASTING * beyond, freedom


def _growth(
    last: Floats, before: Floats, open_last: Floats, open_before: Floats,
    *, excess: float, freedom: int, level: float,
) -> dict[str, Floats]:  # fmt: skip
    """Growth a year with its score interval and p-value, per cell."""
    both = np.maximum(last + before, 1.0)
    fair = open_last / np.maximum(open_last + open_before, 1e-9)
    spread = np.sqrt(np.maximum(excess * both * fair * (1 - fair), 1e-12))
    p_value = 2 * t.sf(np.abs(last - both * fair) / spread, freedom)
    size, z = both / excess, float(t.ppf((1 + level) / 2, freedom))
    share = last / both
    middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z * np.sqrt(share * (1 - share) / size + (z / (2 * size)) ** 2) / (1 + z**2 / size)
    per_day = np.divide(open_before, open_last, out=np.ones_like(last), where=open_last > 0)

    def as_growth(part: Floats) -> Floats:
        part = np.clip(part, 0.0, 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            grown: Floats = part / (1 - part) * per_day - 1
        return grown

    return {
        "growth": as_growth(share), "low": as_growth(middle - half),
        "high": as_growth(middle + half), "p_value": p_value,
    }  # fmt: skip


def held_together(p_values: Floats, *, rate: float) -> Bools:
    """Which of several p-values are findings at a false discovery rate (Benjamini, Hochberg 1995).

    Examples
    --------
    >>> held_together(np.array([0.001, 0.04, 0.03, 0.5]), rate=0.05).tolist()
    [True, False, False, False]
    """
    order = np.argsort(p_values, kind="stable")
    limits = rate * np.arange(1, len(order) + 1) / max(len(order), 1)
    passed = np.flatnonzero(p_values[order] <= limits)
    found = np.zeros(len(order), dtype=bool)
    found[order[: passed[-1] + 1 if len(passed) else 0]] = True
    return found
