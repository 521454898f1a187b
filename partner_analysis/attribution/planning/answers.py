"""What the formula and the past say of one design, review by review or month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.outlook import POWER
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.planning.ahead import looks_at
from partner_analysis.attribution.planning.backtests import (
    Stretch,
    Trial,
    count_apart,
    run_trial,
    share_of,
    stretches,
)
from partner_analysis.attribution.planning.designs import Design
from partner_analysis.attribution.planning.looks import monthly_levels
from partner_analysis.attribution.planning.noticing import (
    Look,
    chance_at,
    limits,
    noticed_by,
    smallest_change,
)
from partner_analysis.attribution.reviews.known import PracticeTables
from partner_analysis.attribution.reviews.spending import planned_months, review_levels
from partner_analysis.tables import DAYS_PER_MONTH

MONTHLY_TRIALS: Final = 6

Row = dict[str, object]


@dataclass(frozen=True)
class Asked:
    """What is to be noticed, until when, and how sure one has to be."""

    percent: float
    per_month: float
    months: int
    level: float

    def change(self, look: Look) -> float:
        """The stated effect as a share of what a look expects; at least -1."""
        if np.isfinite(self.percent):
            return self.percent / 100
        month = look.expected * DAYS_PER_MONTH / max(look.days, 1.0)
        return max(self.per_month / month, -1.0) if month > 0 else float("nan")

    @property
    def reviews(self) -> dict[int, float]:
        """Level by month of the planned reviews within the months."""
        planned = planned_months(self.months)
        levels = dict(zip(planned, review_levels(planned, self.level), strict=True))
        return {month: one for month, one in levels.items() if month <= self.months}


class Formula:
    """Chances by the estimator's own account, for every look of one design."""

    def __init__(
        self, looks: Mapping[int, Look], levels: Mapping[int, float], level: float
    ) -> None:
        self.looks = looks
        self.bounds = {month: limits(look, levels[month]) for month, look in looks.items()}
        self.once = {month: limits(look, level) for month, look in looks.items()}

    def by(self, month: int, change: float) -> float:
        """Chance of having noticed at any look up to a month."""
        times = [m for m in self.looks if m <= month]
        alone = [chance_at(self.looks[m], self.bounds[m], change) for m in times]
        return noticed_by(alone, [self.looks[m].information for m in times])[-1]

    def at(self, month: int, change: float) -> float:
        """Chance of noticing at one look at the usual level."""
        return chance_at(self.looks[month], self.once[month], change)

    def answer(self, month: int, asked: Asked) -> Row:
        """What is to be said of one month."""
        look = self.looks[month]
        change = asked.change(look)
        expected = look.expected * DAYS_PER_MONTH / look.days
        smallest = smallest_change(lambda size: self.by(month, size), POWER)
        return {
            "is_compared": look.is_compared,
            "expected": expected,
            "percent": 100 * change,
            "chance": self.by(month, change),
            "chance_once": self.at(month, change),
            "smallest": 100 * smallest,
            "smallest_month": smallest * expected,
            "smallest_once": 100 * smallest_change(lambda size: self.at(month, size), POWER),
        }


@dataclass(frozen=True)
class Past:
    """The practice's own past, with what was tried in it; a stretch is tried once for all."""

    practice: PracticeTables
    panel: Panel
    kept: dict[tuple[object, ...], Trial] = field(default_factory=dict, repr=False)

    def trials(
        self,
        design: Design,
        levels: Mapping[int, float],
        level: float,
        *,
        months: Sequence[int],
        most: int | None = None,
    ) -> list[Trial]:
        """What a design would have looked like wherever it can be tried for so many months."""
        tried = stretches(self.practice, self.panel, design, months)[:most]
        return [self._trial(stretch, levels, level) for stretch in tried]

    def _trial(self, stretch: Stretch, levels: Mapping[int, float], level: float) -> Trial:
        where = (stretch.design.waves, stretch.design.personas)
        key = (*where, stretch.start, stretch.months, tuple(levels.items()))
        if key not in self.kept:
            self.kept[key] = run_trial(self.practice, stretch, levels, level)
        return self.kept[key]


def review_rows(
    past: Past | None,
    ahead: PracticeTables,
    design: Design,
    asked: Asked,
    start: pd.Timestamp,
    *,
    before: Panel | None = None,
) -> list[Row]:
    """One row per planned review of one design; without a past, the formula alone."""
    levels = asked.reviews
    looks = looks_at(ahead, design, start, list(levels), before=before)
    trials: list[Trial] = []
    if past is not None and looks:
        trials = past.trials(design, levels, asked.level, months=list(levels))
    formula = Formula(looks, levels, asked.level)
    return [
        {
            "design": design.name,
            "clinics": len(design.clinics),
            "months": month,
            **formula.answer(month, asked),
            **_from_past(trials, past, month, asked.change(look)),
        }
        for month, look in looks.items()
    ]


def monthly_rows(
    past: Past | None,
    ahead: PracticeTables,
    design: Design,
    asked: Asked,
    start: pd.Timestamp,
    *,
    before: Panel | None = None,
) -> list[Row]:
    """One row per month for somebody who looks every month."""
    levels = monthly_levels(asked.months, asked.level)
    looks = looks_at(ahead, design, start, list(levels), before=before)
    formula = Formula(looks, levels, asked.level)
    trials: list[Trial] = []
    if past is not None:
        trials = past.trials(
            design, levels, asked.level, months=[asked.months], most=MONTHLY_TRIALS
        )
    rows: list[Row] = []
    for month, look in looks.items():
        change = asked.change(look)
        fewer, more = formula.bounds[month]
        said = [trial.noticed(change)[month] for trial in trials if month in trial.looks]
        limit = more if change >= 0 else fewer
        rows.append(
            {
                "month": month,
                "level": levels[month],
                "limit": 100 * (limit / look.expected - 1),
                "chance": formula.by(month, change),
                "tried_chance": float(np.mean(said)) if said else np.nan,
            }
        )
    return rows


def _from_past(trials: Sequence[Trial], past: Past | None, month: int, change: float) -> Row:
    """What plantings in the past say of one month."""
    reached = [trial for trial in trials if month in trial.looks]
    stretched = [trial.stretch._replace(months=month) for trial in reached]
    apart = 0 if past is None else count_apart(past.panel, stretched)
    share = share_of([trial.noticed(change)[month] for trial in reached], apart)
    found: Row = {"tried": len(reached), "apart": apart}
    found |= {"tried_chance": share.estimate, "tried_low": share.low, "tried_high": share.high}
    if not reached:
        return found | dict.fromkeys(("tried_foreseen", "tried_once", "tried_smallest"), np.nan)

    def mean(size: float) -> float:
        return float(np.mean([trial.noticed(size)[month] for trial in reached]))

    return found | {
        "tried_foreseen": float(np.mean([trial.foreseen(change)[month] for trial in reached])),
        "tried_once": float(np.mean([trial.noticed_once(change)[month] for trial in reached])),
        "tried_smallest": 100 * smallest_change(mean, POWER),
    }
