"""Where else to look for a partner: who comes where, who is growing, and where nobody runs."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t

from partner_analysis.attribution.cells import Bools, Cells, Floats, arrange_cells
from partner_analysis.tables import check_counts, check_partnerships

DAYS_A_YEAR: Final = 365.25
QUARTERS: Final = 4
FEWEST: Final = 20  # patients in both years, below which growth cannot be told
LASTING: Final = 2.0  # see find_gaps
KNOWN_SHARE: Final = 0.9  # of the days of either year
NO_FINDINGS: Final = "cannot tell: fewer than 20 patients in two years"
SHORT: Final = "cannot tell: less than two years of counts"
GAP_COLUMNS: Final = (
    "clinic", "persona", "partners", "kinds", "a_month", "last_year", "year_before", "growth",
    "low", "high", "is_growing", "worked", "worked_at", "elsewhere", "elsewhere_at",
    "growing_part", "size_part", "worked_part", "need", "rank", "note", "level",
)  # fmt: skip

Ints = NDArray[np.int64]


def find_gaps(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    *,
    effects_by_kind: pd.DataFrame | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Every clinic and persona: who runs there, how many come, growth, and need in open parts.

    Growth is that of the last 12 months over the 12 before. Its interval takes the total of the
    first given both as binomial, widened by how much quarters of one cell stray from one another
    beyond that (quasi-likelihood; McCullagh and Nelder 1989, "Generalized linear models"), twice:
    with shocks that keep two thirds a month, a year's total strays twice as much beyond chance
    as its quarters show. A
    cell is growing where the interval excludes none and its p-value holds among all cells
    (Benjamini and Hochberg 1995, "Controlling the false discovery rate").

    Parameters
    ----------
    counts
        One row per clinic, persona and period.
    partnerships
        The register. Physicians and other providers count as cover, but are never proposed:
        only partners whose ``provider`` is no are.
    effects_by_kind
        One row per kind of partner: ``kind``, ``ratio``, ``low``, ``high`` (of new patients with
        the partner to those without); a kind has worked where ``low`` is above 1.
    level
        Level of the intervals; 1 - level is the false discovery rate.

    Returns
    -------
    DataFrame
        One row per clinic and persona: clinic, persona, partners and kinds (tuples, of those
        running on the last day), a_month (new patients a month in the last 12), last_year,
        year_before (counts), growth, low, high (shares a year; NaN where it cannot be told, see
        note), is_growing, worked and worked_at (kinds that worked for this persona at other
        clinics, and where), elsewhere and elsewhere_at (kinds that run or ran for it there,
        of which that is not known), the parts of need from 0 to 1 (growing_part, size_part:
        a_month over the largest, worked_part), need (their sum; 0 where a partner runs), rank
        (1 = most need; NaN where a partner runs or nobody came), note, level.

    Raises
    ------
    InputError
        For counts or a register that are not as described.
    """
    cells = arrange_cells(check_counts(counts))
    register = check_partnerships(partnerships)
    table = _rates(cells, level)
    last = cells.periods[-1] + pd.Timedelta(days=int(cells.length[-1]) - 1)
    running = register.loc[(register["start_date"] <= last) & ~(register["end_date"] < last)]
    covers = [_covering(running, row.clinic, row.persona) for row in table.itertuples()]
    proposed = _proposed(register, last=last)
    known = _known_to_work(effects_by_kind)
    works = proposed["kind"].isin(known)
    worked, tried = (
        [_at_others(rows, row.clinic, row.persona) for row in table.itertuples()]
        for rows in (proposed.loc[works], proposed.loc[~works])
    )
    table["partners"] = _tuples([cover["name"] for cover in covers])
    table["kinds"] = _tuples([cover["kind"] for cover in covers])
    table["worked"] = _tuples([found["kind"] for found in worked])
    table["worked_at"] = _tuples([found["at"] for found in worked])
    table["elsewhere"] = _tuples([found["kind"] for found in tried])
    table["elsewhere_at"] = _tuples([found["at"] for found in tried])
    return _ranked(table).assign(level=level)[list(GAP_COLUMNS)]


# ------------------------------------------------------------------ counts
def _rates(cells: Cells, level: float) -> pd.DataFrame:
    """Counts of both years and growth with its interval, per cell."""
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
    table["note"] = np.where(~known, SHORT, np.where(~enough, NO_FINDINGS, ""))
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
        with np.errstate(divide="ignore"):
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


# ------------------------------------------------------------------ partners
def _covering(rows: pd.DataFrame, clinic: str, persona: str) -> pd.DataFrame:
    """Rows of the register that are for one clinic and persona."""
    reached = [
        (not row.clinics or clinic in row.clinics) and (not row.personas or persona in row.personas)
        for row in rows.itertuples()
    ]
    return rows.loc[reached].drop_duplicates("partnership_id")


def _known_to_work(effects_by_kind: pd.DataFrame | None) -> list[str]:
    """Kinds whose effect, pooled over partnerships, is surely above none."""
    if effects_by_kind is None or effects_by_kind.empty:
        return []
    return list(effects_by_kind.loc[effects_by_kind["low"] > 1, "kind"])


def _proposed(register: pd.DataFrame, *, last: pd.Timestamp) -> pd.DataFrame:
    """Partnerships that run or ran, without providers, who are never proposed."""
    given = register["provider"] if "provider" in register else pd.Series("", register.index)
    is_other = given.map(lambda said: said is False or said == "no").astype("bool")
    return register.loc[is_other & (register["kind"] != "") & (register["start_date"] <= last)]


def _at_others(rows: pd.DataFrame, clinic: str, persona: str) -> pd.DataFrame:
    """Kinds of partner for a persona at other clinics, and at which: kind, at."""
    found: dict[str, list[str]] = {}
    for row in rows.itertuples():
        others = [name for name in row.clinics if name != clinic]
        if others and (not row.personas or persona in row.personas):
            found.setdefault(row.kind, []).extend(others)
    places = [", ".join(dict.fromkeys(at)) for at in found.values()]
    return pd.DataFrame({"kind": list(found), "at": places}, dtype="str")


def _tuples(columns: list[pd.Series]) -> pd.Series:
    """One tuple of texts per row."""
    return pd.Series([tuple(str(v) for v in column) for column in columns], dtype=object)


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the parts of need, their sum and the place of each cell without a partner."""
    largest = float(table["a_month"].max()) if len(table) else 0.0
    table["growing_part"] = table["is_growing"].astype("float64")
    table["size_part"] = table["a_month"] / largest if largest > 0 else 0.0
    table["worked_part"] = (table["worked"].map(len) > 0).astype("float64")
    free = table["partners"].map(len) == 0
    parts = table[["growing_part", "size_part", "worked_part"]].sum(axis="columns")
    table["need"] = parts.where(free, 0.0)
    order = table.loc[free & (table["a_month"] > 0)].sort_values(
        ["need", "clinic", "persona"], ascending=[False, True, True], kind="stable"
    )
    table["rank"] = pd.Series(np.arange(1.0, len(order) + 1), index=order.index)
    return table.sort_values(["rank", "clinic", "persona"], kind="stable", ignore_index=True)
