"""Episodes to counts: new patients per clinic, persona and period. The person ends here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.tables import InputError, require_columns

WEEKDAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def count_new_patients(
    episodes: pd.DataFrame,
    *,
    period: str,
    week_starts: str = "monday",
    clinics: pd.DataFrame | Sequence[str] | None = None,
    personas: Sequence[str] | None = None,
    first_day: object = None,
    last_day: object = None,
) -> pd.DataFrame:
    """New patients per clinic, persona and period, with a zero where nobody came.

    Parameters
    ----------
    episodes
        One row per episode with ``clinic``, ``persona``, ``new_patient`` and ``counted_on``, and
        optionally ``label`` (of the referral source; "unknown" for none).
    period
        "week" or "month".
    week_starts
        Weekday on which a week begins.
    clinics
        One row per clinic with ``clinic``, ``opened`` and ``closed`` (missing: open since its
        first new patient, and still) and optionally ``weekdays`` on which it is open (tuple, 0 =
        Monday; empty = all), or names only; default: those of the episodes.
    personas
        All personas; default: those of the episodes.
    first_day, last_day
        First and last day of the window; default: the first day of the first period with a
        new patient, and the last day on which one came. Only periods that lie in it from
        their first day to their last are counted.

    Returns
    -------
    DataFrame
        One row per clinic, persona and period in which the clinic was open: period (its first
        day), clinic, persona, new_patients, open_days (fewer than the period has where the
        clinic opened or closed in it, or is not open on every weekday). ``new_patients`` add up
        to those of the episodes in the window. With ``label`` in the episodes also
        unknown_source, how many of them came without a known source.

    Examples
    --------
    >>> days = pd.to_datetime(["2024-01-01", "2024-01-16"])
    >>> seen = pd.DataFrame({"clinic": "Warwick", "persona": "runner", "counted_on": days})
    >>> counts = count_new_patients(seen.assign(new_patient=True), period="week")
    >>> counts["new_patients"].tolist()
    [1, 0]
    """
    require_columns(episodes, ("clinic", "persona", "new_patient", "counted_on"), "episodes")
    grid = _open_cells(
        episodes,
        period=period,
        week_starts=week_starts,
        clinics=clinics,
        personas=personas,
        window=(first_day, last_day),
    )
    new = episodes.loc[episodes["new_patient"].astype("bool")]
    new = new.assign(period=_periods(new["counted_on"], period, week_starts))
    keys = ["clinic", "persona", "period"]
    tally = new.groupby(keys, observed=True).size()
    counts = grid.join(tally.rename("new_patients"), on=keys)
    counts["new_patients"] = counts["new_patients"].fillna(0).astype("int64")
    columns = ["period", "clinic", "persona", "new_patients", "open_days"]
    if "label" not in new:
        return counts[columns]
    unknown = new.loc[new["label"] == "unknown"].groupby(keys, observed=True).size()
    counts = counts.join(unknown.rename("unknown_source"), on=keys)
    counts["unknown_source"] = counts["unknown_source"].fillna(0).astype("int64")
    return counts[[*columns, "unknown_source"]]


def count_named(
    episodes: pd.DataFrame, *, counts: pd.DataFrame, period: str, week_starts: str = "monday"
) -> pd.DataFrame:
    """New patients who named a partner, per clinic, persona, period and partnership.

    Parameters
    ----------
    episodes
        One row per episode with ``partnership_id`` (missing = named nobody) and optionally
        ``also_named`` (further partners, separated by ";").
    counts
        From ``count_new_patients``: only its cells are counted.
    period, week_starts
        As for ``counts``.

    Returns
    -------
    DataFrame
        One row per clinic, persona, period and partnership somebody named: period, clinic,
        persona, partnership_id, named. Never more than ``new_patients`` of that cell.
    """
    keys = ["clinic", "persona", "period"]
    somebody = episodes["partnership_id"].notna()
    if "also_named" in episodes:
        somebody |= episodes["also_named"] != ""
    new = episodes.loc[somebody & episodes["new_patient"].astype("bool")]
    first = new["partnership_id"].astype("str").where(new["partnership_id"].notna(), "")
    further = new.get("also_named", "")
    new = new.assign(
        period=_periods(new["counted_on"], period, week_starts),
        partnership_id=(first + ";" + further).str.split(";"),
    )
    each = new[[*keys, "partnership_id"]].explode("partnership_id")
    each = each.loc[each["partnership_id"] != ""]
    tally = each.groupby([*keys, "partnership_id"], observed=True).size().rename("named")
    named = tally.reset_index().merge(counts[keys], on=keys)
    named = named.sort_values([*keys, "partnership_id"], ignore_index=True)
    return named[["period", "clinic", "persona", "partnership_id", "named"]]


def complete_until(
    as_of: object, *, complete_days: int, period: str, week_starts: str = "monday"
) -> pd.Timestamp:
    """Last day of the last period that is complete: it ended ``complete_days`` before as_of.

    Examples
    --------
    >>> complete_until("2025-12-31", complete_days=21, period="month").date()
    datetime.date(2025, 11, 30)
    """
    last = pd.Timestamp(as_of) - pd.Timedelta(days=complete_days)
    begun = _periods(pd.Series([last + pd.Timedelta(days=1)]), period, week_starts).iloc[0]
    return begun - pd.Timedelta(days=1)


def _frequency(period: str, week_starts: str) -> str:
    """Name that pandas has for a period: ``"W-SUN"`` ends on Sunday."""
    if period == "month":
        return "M"
    if period != "week" or week_starts not in NAMES:
        raise InputError(
            "counts: period is week or month, and week_starts a weekday in small letters."
        )
    return f"W-{WEEKDAYS[NAMES.index(week_starts) - 1]}"


def _periods(days: pd.Series, period: str, week_starts: str) -> pd.Series:
    """First day of the period in which each day lies."""
    frequency = _frequency(period, week_starts)
    days = pd.to_datetime(days)
    return days.dt.to_period(frequency).dt.start_time.astype("datetime64[us]")


def _open_cells(
    episodes: pd.DataFrame,
    *,
    period: str,
    week_starts: str,
    clinics: pd.DataFrame | Sequence[str] | None,
    personas: Sequence[str] | None,
    window: tuple[object, object],
) -> pd.DataFrame:
    """Every clinic, persona and whole period in which the clinic was open, sorted."""
    opening = _opening(episodes, clinics, period=period, week_starts=week_starts)
    names = sorted(personas if personas is not None else episodes["persona"].unique())
    days = episodes["counted_on"].dropna()
    begun = _periods(days, period, week_starts).min()
    first = pd.Timestamp(window[0]) if window[0] is not None else begun
    last = pd.Timestamp(window[1]) if window[1] is not None else days.max()
    cells = ["period", "clinic", "persona"]
    if pd.isna(first) or pd.isna(last):
        types = {"period": "datetime64[us]", "clinic": "str", "persona": "str"}
        return pd.DataFrame(columns=[*cells, "open_days"]).astype({**types, "open_days": "int64"})
    spans = pd.period_range(first, last, freq=_frequency(period, week_starts))
    table = pd.DataFrame({"period": spans.start_time, "ends": spans.end_time.normalize()})
    table = table.loc[(table["period"] >= first) & (table["ends"] <= last)]
    table = table.astype({"period": "datetime64[us]"})
    grid = opening.merge(pd.DataFrame({"persona": names}, dtype="str"), how="cross")
    grid = grid.merge(table, how="cross")
    begins = grid["period"].where(grid["period"] >= grid["opened"], grid["opened"])
    ends = grid["ends"].mask(grid["ends"] > grid["closed"], grid["closed"])
    grid["open_days"] = (ends - begins).dt.days + 1
    grid["open_days"] = _days_open(grid, begins, ends)
    kept = grid.loc[grid["open_days"] > 0, [*cells, "open_days"]]
    return kept.sort_values(["clinic", "persona", "period"], ignore_index=True)


def _days_open(grid: pd.DataFrame, begins: pd.Series, ends: pd.Series) -> pd.Series:
    """Days of each cell on which its clinic is open: those of its weekdays, at least one."""
    days = grid["open_days"].copy()
    for weekdays in grid["weekdays"].unique():
        if not weekdays:
            continue
        here = (grid["weekdays"] == weekdays) & (days > 0)
        mask = [day in weekdays for day in range(7)]
        first, after = (
            moments[here].to_numpy(dtype="datetime64[D]")
            for moments in (begins, ends + pd.Timedelta(days=1))
        )
        days[here] = np.maximum(np.busday_count(first, after, weekmask=mask), 1)
    return days


def _opening(
    episodes: pd.DataFrame,
    clinics: pd.DataFrame | Sequence[str] | None,
    *,
    period: str,
    week_starts: str,
) -> pd.DataFrame:
    """One row per clinic: clinic, opened, closed, stretched to hold all its new patients."""
    new = episodes.loc[episodes["new_patient"].astype("bool")]
    seen = new.groupby("clinic")["counted_on"].agg(["min", "max"])
    if isinstance(clinics, pd.DataFrame):
        opening = clinics.reindex(columns=["clinic", "opened", "closed", "weekdays"])
    else:
        names = sorted(seen.index) if clinics is None else list(clinics)
        opening = pd.DataFrame({"clinic": names, "opened": pd.NaT, "closed": pd.NaT})
    given = opening["weekdays"] if "weekdays" in opening else [()] * len(opening)
    weekdays = [days if isinstance(days, tuple) else () for days in given]
    opening["weekdays"] = pd.Series(weekdays, index=opening.index, dtype=object)
    seen = seen.reindex(opening["clinic"]).astype("datetime64[us]").set_index(opening.index)
    first, last = _periods(seen["min"], period, week_starts), seen["max"]
    opened, closed = (pd.to_datetime(opening[column]) for column in ("opened", "closed"))
    early, late = opened.isna() | (first < opened), closed.notna() & (last > closed)
    opening = opening.assign(opened=opened.mask(early, first), closed=closed.mask(late, last))
    return opening.loc[opening["opened"].notna()]
