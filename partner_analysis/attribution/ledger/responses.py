"""How many patients came after activities of each kind: hints, not findings; never a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partner_analysis.attribution.effect import Effect, empty_table
from partner_analysis.attribution.ledger.costs import may_be_priced
from partner_analysis.attribution.ledger.kinds import kind_of
from partner_analysis.tables import require_columns

DAYS_BEFORE: Final = 56
DAYS_AFTER: Final = 28
FEWEST_ACTIVITIES: Final = 3
SHUFFLES: Final = 1999
SEED: Final = 1936  # so that the same input gives the same output
RESPONSE_COLUMNS: Final = {
    "kind": "str",
    "activities": "int64",
    "left_out": "int64",
    "observed": "float64",
    "percent": "float64",
    "low": "float64",
    "high": "float64",
    "p_value": "float64",
}

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Places:
    """Where in one partnership's run activities can be looked at: sums of both windows.

    All arrays are (T, 2): by the period of an activity, and whether that period is skipped since
    the activity was within it. NaN where a window is not wholly known and active.
    """

    start: NDArray[np.datetime64]
    came: Floats
    came_before: Floats
    due: Floats
    due_before: Floats

    @property
    def open(self) -> NDArray[np.bool_]:
        """Periods at which both windows are there."""
        known: NDArray[np.bool_] = np.isfinite(self.came) & (self.due > 0) & (self.due_before > 0)
        return known


def estimate_responses(
    effects: Mapping[str, Effect],
    activities: pd.DataFrame,
    partnerships: pd.DataFrame,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """New patients in the four weeks after activities of a kind, against the eight before.

    Parameters
    ----------
    effects
        By partnership id; each tells what came to the cells it reaches, and what was to be
        expected there, period by period.
    activities
        One row per activity: ``partnership_id``, ``date``, ``kind``.
    partnerships
        The register: what it does not call no provider is left out.
    level
        Of the intervals.

    Returns
    -------
    DataFrame
        One row per kind, by name, pooled over all partnerships: ``kind``; ``activities`` that
        could be looked at and ``left_out``; ``observed`` new patients in the weeks after them;
        ``percent`` above or below what these weeks would have had if they had been like those
        before, season and other clinics considered, with ``low``, ``high`` and ``p_value``. Of
        kinds with fewer than three activities only the first three columns are given.

    Notes
    -----
    Rate ratio pooled after Mantel and Haenszel, half a patient added on either side; p-value and
    interval by moving the activities to other weeks of the same partnerships (Fisher 1935, The
    Design of Experiments). Activities are left out where either window is not wholly inside the
    run of the partnership: what follows a launch cannot be told from the launch.
    """
    require_columns(activities, ("partnership_id", "date", "kind"), "activities")
    places = {
        key: _places_of(effect.periods)
        for key, effect in effects.items()
        if len(effect.periods) and may_be_priced(effect, partnerships)
    }
    mine = activities.loc[activities["partnership_id"].isin(places)]
    kinds = pd.Series([kind_of(text) for text in mine["kind"]], mine.index, dtype="str")
    rows = [_respond(kind, rows, places, level) for kind, rows in mine.groupby(kinds)]
    table = pd.DataFrame(rows, columns=list(RESPONSE_COLUMNS))
    return table.astype(RESPONSE_COLUMNS) if rows else empty_table(RESPONSE_COLUMNS)


def _respond(
    kind: object, activities: pd.DataFrame, places: Mapping[str, _Places], level: float
) -> tuple[object, ...]:
    """One row of the responses."""
    rng = np.random.default_rng(SEED)
    found, moved, number = np.zeros(3), np.zeros((3, SHUFFLES)), 0
    for key, rows in activities.groupby("partnership_id"):
        place = places[str(key)]
        for period, skipped in _spots(place, pd.to_datetime(rows["date"])):
            choices = np.flatnonzero(place.open[:, skipped])
            found += _sums(place, np.array([period]), skipped)[:, 0]
            moved += _sums(place, rng.choice(choices, size=SHUFFLES), skipped)
            number += 1
    left_out = len(activities) - number
    if number < FEWEST_ACTIVITIES:
        return (kind, number, left_out, *[np.nan] * 5)
    ratio = float(_log_ratio(found[1:2], found[2:])[0])
    others = _log_ratio(moved[1], moved[2])
    ends = np.quantile(others, [0.5 + level / 2, 0.5 - level / 2])
    far, near = max(float(ends[0]), 0.0), min(float(ends[1]), 0.0)
    fewer = min(int((others >= ratio).sum()), int((others <= ratio).sum()))
    percents = [100 * float(np.expm1(end)) for end in (ratio, ratio - far, ratio - near)]
    return (
        kind, number, left_out, float(found[0]), *percents,
        min(1.0, 2 * (fewer + 1) / (SHUFFLES + 1)),
    )  # fmt: skip


def _sums(place: _Places, periods: NDArray[np.int64], skipped: int) -> Floats:
    """What came after, and the two parts of the pooled ratio: (3, n)."""
    came, before = place.came[periods, skipped], place.came_before[periods, skipped]
    due, due_before = place.due[periods, skipped], place.due_before[periods, skipped]
    both = due + due_before
    return np.stack([came, came * due_before / both, before * due / both])


def _log_ratio(after: Floats, before: Floats) -> Floats:
    return np.log(after + 0.5) - np.log(before + 0.5)


def _spots(place: _Places, days: pd.Series) -> list[tuple[int, int]]:
    """Periods of the activities that can be looked at, and 1 if the day was within the period."""
    found = []
    for day in days.to_numpy(dtype="datetime64[ns]"):
        period = int(np.searchsorted(place.start, day, side="right")) - 1
        skipped = int(place.start[period] < day)
        if period >= 0 and place.open[period, skipped]:
            found.append((period, skipped))
    return found


def _places_of(periods: pd.DataFrame) -> _Places:
    """Sums of both windows around every period of a partnership."""
    days = float(periods["days"].median())
    after = max(1, round(DAYS_AFTER / days))
    before = max(1, round(DAYS_BEFORE / days))
    known = periods["active"].to_numpy(dtype=bool) & periods["expected"].notna().to_numpy()
    gaps = periods["period"].diff().dt.days.to_numpy() > 1.5 * days
    known &= ~gaps
    sums = {}
    for column in ("observed", "expected"):
        amounts = np.where(known, periods[column].to_numpy(dtype=float), np.nan)
        ahead = [_window_sums(amounts, range(skip, skip + after)) for skip in (0, 1)]
        behind = _window_sums(amounts, range(-before, 0))
        sums[column] = np.stack(ahead, axis=1), np.stack([behind, behind], axis=1)
    came, came_before = sums["observed"]
    due, due_before = sums["expected"]
    whole = np.isfinite(came_before) & np.isfinite(due_before)
    start = periods["period"].to_numpy(dtype="datetime64[ns]")
    return _Places(start, np.where(whole, came, np.nan), came_before, due, due_before)


def _window_sums(amounts: Floats, steps: range) -> Floats:
    """Sums over some steps from each period; NaN where any of them is not known."""
    count = len(amounts)
    wide = np.concatenate([np.full(count, np.nan), amounts, np.full(count, np.nan)])
    at = np.arange(count, 2 * count)
    sums: Floats = sum((wide[at + step] for step in steps), np.zeros(count))
    return sums
