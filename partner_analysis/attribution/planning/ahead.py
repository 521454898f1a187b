"""A planned partnership seen from the future: the practice goes on as in the year before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.effect import months_later
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.planning.designs import PLANNED, Design
from partner_analysis.attribution.planning.noticing import Look, look_at
from partner_analysis.attribution.reviews.known import (
    PracticeTables,
    complete_from,
    first_day_after,
    step_of,
)

YEAR: Final = 365.25
WHERE: Final = ["clinic", "persona"]


def practice_ahead(practice: PracticeTables, months: int) -> PracticeTables:
    """The practice with so many more months of counts, each cell's as a year before.

    They stand for what the comparison will see, with its usual noise; what the planned cells
    themselves will count is left open. A cell that did not exist a year before goes on as in its
    last period, and where history is shorter than a year it is repeated.
    """
    last = practice.periods[-1]
    step = step_of(practice.periods)
    end = months_later(last + step, months) + step
    ahead = pd.date_range(last, end, freq=step)[1:]
    tables = {day: rows for day, rows in practice.counts.groupby("period")}
    copies = [practice.counts]
    for number, day in enumerate(ahead):
        copies.append(_copied(tables, practice.periods, number).assign(period=day))
    counts = pd.concat(copies, ignore_index=True)
    counts["period"] = counts["period"].astype(practice.counts["period"].dtype)
    counts = counts.sort_values([*WHERE, "period"], kind="stable", ignore_index=True)
    return practice._replace(counts=counts, periods=practice.periods.append(ahead))


def _copied(
    tables: dict[pd.Timestamp, pd.DataFrame], periods: pd.DatetimeIndex, number: int
) -> pd.DataFrame:
    """Rows for the period so many after the last: those of a year before."""
    typical = float(np.median(np.diff(periods.to_numpy()) / np.timedelta64(1, "D")))
    year = min(max(round(YEAR / typical), 1), len(periods))
    source = tables[periods[len(periods) - year + number % year]]
    latest = tables[periods[-1]]
    known = pd.MultiIndex.from_frame(source[WHERE])
    new = ~pd.MultiIndex.from_frame(latest[WHERE]).isin(known)
    return pd.concat([source, latest[new]], ignore_index=True) if new.any() else source


def with_design(practice: PracticeTables, design: Design, start: pd.Timestamp) -> PracticeTables:
    """The practice with a planned partnership in its register."""
    filled = design.register(start).reindex(columns=practice.partnerships.columns)
    for column in ("end_date", "signed_date"):
        filled[column] = pd.NaT
    for column, value in (("name", PLANNED), ("kind", ""), ("negative_control", "")):
        filled[column] = value
    filled["neighbours"] = [()] * len(filled)
    filled = filled[list(practice.partnerships.columns)]
    types = practice.partnerships.dtypes
    if practice.partnerships.empty:
        return practice._replace(partnerships=filled.astype(types, errors="ignore"))
    joined = pd.concat([practice.partnerships, filled.astype(types)], ignore_index=True)
    return practice._replace(partnerships=joined)


def looks_at(
    practice: PracticeTables,
    design: Design,
    start: pd.Timestamp,
    months: Sequence[int],
    *,
    before: Panel | None = None,
) -> dict[int, Look]:
    """What is known at looks so many months after a start, without those that have no number.

    ``before`` are the counts that came, where ``practice`` is one ahead: a year that repeats the
    last one would teach that clinics hardly stray.
    """
    given = with_design(practice, design, start)
    found = {}
    for number in months:
        day = complete_from(practice.periods, months_later(start, number))
        if day > first_day_after(practice.periods):
            break
        look = look_at(given.known_on(day), PLANNED, number, before=before)
        if look is not None:
            found[number] = look
    return found
