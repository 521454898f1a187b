"""Whether a planned partnership would be noticed, when, and by which design soonest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.outlook import POWER
from partner_analysis.attribution.panel import arrange_panel
from partner_analysis.attribution.planning.ahead import practice_ahead
from partner_analysis.attribution.planning.answers import (
    Asked,
    Past,
    monthly_rows,
    review_rows,
)
from partner_analysis.attribution.planning.designs import Design, sensible_designs, within_reach
from partner_analysis.attribution.reviews.known import (
    PracticeTables,
    first_day_after,
    practice_of,
)
from partner_analysis.attribution.windows import ENOUGH_BEFORE
from partner_analysis.tables import InputError

LONGEST: Final = 36
LEAST_DAYS: Final = 180
ANSWER_COLUMNS: Final = {
    "design": "str",
    "clinics": "int64",
    "is_compared": "bool",
    "months": "int64",
    "expected": "float64",
    "percent": "float64",
    "chance": "float64",
    "chance_once": "float64",
    "smallest": "float64",
    "smallest_month": "float64",
    "smallest_once": "float64",
    "tried": "int64",
    "apart": "int64",
    "tried_chance": "float64",
    "tried_low": "float64",
    "tried_high": "float64",
    "tried_foreseen": "float64",
    "tried_once": "float64",
    "tried_smallest": "float64",
}
LOOK_COLUMNS: Final = {
    "month": "int64",
    "level": "float64",
    "limit": "float64",
    "chance": "float64",
    "tried_chance": "float64",
}


@dataclass(frozen=True)
class Plan:
    """What would have to happen for a planned partnership to be noticed.

    Attributes
    ----------
    percent, per_month
        The stated effect: a percentage of what comes anyway at its clinics, or so many more (or
        fewer) new patients a month in all. One of the two is NaN.
    start
        The start that was assumed: the first day after the counts.
    months
        Months after the start within which it is to be noticed.
    designs
        Designs that were compared, by name.
    answers
        One row per design and planned review: whether it ``is_compared`` with other cells,
        ``expected`` new patients a month without it,
        ``percent`` (the stated effect there), ``chance`` of having been declared by then at a
        planned review, ``chance_once`` at a single look then, ``smallest`` effect in percent and
        ``smallest_month`` in new patients a month with 80 percent chance (``smallest_once`` at a
        single look); from the past: ``tried`` stretches, ``apart`` of which share no count,
        ``tried_chance`` with ``tried_low`` and ``tried_high`` (95%), ``tried_foreseen`` (what the
        formula gives for the same stretches), ``tried_once``,
        ``tried_smallest``. NaN where it cannot be told.
    best, best_months
        The design that reaches 80 percent soonest (then: fewest clinics), and by when; where none
        does, the nearest, and NaN.
    looks
        One row per month for that design if somebody looks every month: ``level`` of the interval,
        ``limit`` (percent more than expected from which it is called more; less, for a stated
        decrease), ``chance`` of having noticed by then and the same from the past.
    why_not
        Why nothing can be told, and what it would take; empty where something can.
    clinics_left_out
        Clinics of a large chain that were not needed for the comparison.
    """

    percent: float
    per_month: float
    start: pd.Timestamp
    months: int
    level: float
    designs: Mapping[str, Design]
    answers: pd.DataFrame = field(repr=False)
    best: str
    best_months: float
    looks: pd.DataFrame = field(repr=False)
    why_not: str = ""
    clinics_left_out: int = 0

    @property
    def is_reached(self) -> bool:
        """Whether any design reaches 80 percent within the months."""
        return bool(np.isfinite(self.best_months))


def plan_partnership(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    *,
    clinics: Sequence[str] = (),
    personas: Sequence[str] = (),
    percent: float = float("nan"),
    per_month: float = float("nan"),
    months: int = 12,
    events: pd.DataFrame | None = None,
    holidays: str = "US",
    level: float = 0.95,
    backtests: bool = True,
) -> Plan:
    """Whether an effect would be noticed, by design and month, and when to look.

    Parameters
    ----------
    counts, partnerships, events, holidays, level
        As for ``review_partnership``.
    clinics, personas
        Those that could take part; none named means all.
    percent, per_month
        The effect to be noticed, in percent at each clinic or in new patients a month in all;
        negative for fewer. One of them; neither means 25 percent.
    months
        Until when it is to be noticed: 3 to 36.
    backtests
        Whether to plant effects in the past as well; without, only the formula answers.

    Raises
    ------
    InputError
        For tables that break their contract, unknown clinics or personas, an effect of nothing
        or of fewer than nobody, both kinds of effect, and months out of range.

    Notes
    -----
    The formula is the estimator's own: the interval that it would give after so many months,
    against what may come by its own account (``noticing``). The back-tests are ``backtests``.
    """
    _check_asked(percent, per_month, months)
    percent = 25.0 if np.isnan(percent) and np.isnan(per_month) else percent
    practice = practice_of(counts, partnerships, None, events, holidays, "auto", level)
    designs = sensible_designs(practice.counts, clinics=clinics, personas=personas)
    kept = within_reach(practice.counts, clinics)
    left_out = practice.counts["clinic"].nunique() - kept["clinic"].nunique()
    if left_out:
        listed = set(kept["clinic"])
        designs = sensible_designs(
            kept, clinics=[c for c in clinics if c in listed], personas=personas
        )
        practice = practice._replace(counts=kept)
    asked = Asked(percent, per_month, months, level)
    start = first_day_after(practice.periods)
    ahead = practice_ahead(practice, months)
    given = (practice.partnerships, practice.events, practice.holidays)
    before = arrange_panel(practice.counts, *given)
    past = Past(practice, before) if backtests else None
    tried = designs if (start - practice.periods[0]).days >= LEAST_DAYS else []
    rows = [
        row
        for design in tried
        for row in review_rows(past, ahead, design, asked, start, before=before)
    ]
    answers = pd.DataFrame(rows, columns=list(ANSWER_COLUMNS)).astype(ANSWER_COLUMNS)
    named = {design.name: design for design in designs}
    best, when = best_design(answers)
    monthly = monthly_rows(past, ahead, named[best], asked, start, before=before) if best else []
    looks = pd.DataFrame(monthly, columns=list(LOOK_COLUMNS)).astype(LOOK_COLUMNS)
    return Plan(
        percent=percent,
        per_month=per_month,
        start=start,
        months=months,
        level=level,
        designs=named,
        answers=answers,
        best=best,
        best_months=when,
        looks=looks,
        why_not="" if best else _why_not(practice),
        clinics_left_out=left_out,
    )


def best_design(answers: pd.DataFrame) -> tuple[str, float]:
    """The design that reaches 80 percent soonest, and by when; else the nearest, and NaN.

    A chance that the past contradicts does not count: there the interval lies below 80 percent
    and below what the formula gives for the same stretches.
    """
    if answers.empty:
        return "", float("nan")
    foreseen = answers["tried_foreseen"].fillna(0.0).clip(upper=POWER)
    believed = (answers["chance"] >= POWER) & (answers["tried_high"] >= foreseen)
    order = ["months", "clinics", "chance"]
    reached = answers[believed].sort_values(order, ascending=[True, True, False], kind="stable")
    if len(reached):
        return str(reached["design"].iloc[0]), float(reached["months"].iloc[0])
    last = answers[answers["months"] == answers["months"].max()]
    nearest = last.sort_values(["chance", "clinics"], ascending=[False, True], kind="stable")
    return str(nearest["design"].iloc[0]), float("nan")


def _why_not(practice: PracticeTables) -> str:
    """Why no design has a number, and what it would take."""
    return (
        f"The counts hold {len(practice.periods)} periods; planning needs half a year of them, and "
        f"{ENOUGH_BEFORE} before the start in which nothing else began at the clinics. Plan again "
        "when they are there; a whole year, and clinics that stay as they are, tell much more."
    )


def _check_asked(percent: float, per_month: float, months: int) -> None:
    if np.isfinite(percent) and np.isfinite(per_month):
        raise InputError("percent, per_month: both are given. State the effect in one of them.")
    for name, value in (("percent", percent), ("per_month", per_month)):
        if np.isinf(value) or value == 0:
            raise InputError(f"{name}: {value:g} is no effect to notice. Give a size, such as 15.")
    if percent < -100:
        raise InputError("percent: fewer than nobody cannot come. Give -100 or more.")
    if not 3 <= months <= LONGEST or months != int(months):
        raise InputError(f"months: {months!r} cannot be planned. Give 3 to {LONGEST}.")
