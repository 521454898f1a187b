"""What others are told of an effect: the last review's, coarse, and never changed afterwards."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import pandas as pd
from scipy.special import ndtri

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.attribution.reviews.standing import effect_at_review
from partner_analysis.attribution.together.shared import log_ratio
from partner_analysis.reporting.phrases import ANSWERED, verdict_of
from partner_analysis.reporting.shareable.published import Published
from partner_analysis.reporting.study import Study
from partner_analysis.tables import DAYS_PER_MONTH, Interval

VISIBLE_STEP: Final = 5.0


@dataclass(frozen=True)
class ToldEffect:
    """What may be told of a partnership at one review.

    Attributes
    ----------
    review
        Its date, as YYYY-MM-DD.
    level
        Of the interval.
    verdict
        As declared, or "no clear change" where rounding hides the difference.
    ratio, error
        Log of observed to expected in steps of 0.05, and its standard error rounded up to 0.02;
        NaN where there is no number to tell (see ``together.shared``).
    visible
        Smallest change in percent that would have been noticed, rounded up to 5; NaN = unknown.
    first, last
        First and last month counted, as YYYY-MM.
    together
        Whether the number is for this partnership and another activity that cannot be told apart.
    hides_provider
        Whether that other is a provider's, so that no number is told.
    method
        "panel", "series" or "none".
    clinics
        Clinics with comparison cells.
    """

    review: str
    level: float
    verdict: str
    ratio: float
    error: float
    visible: float
    first: str
    last: str
    together: bool
    hides_provider: bool
    method: str
    clinics: tuple[str, ...]

    @property
    def percent(self) -> Interval:
        """More (or fewer, below 0) than expected, in percent; not a number where none is told."""
        if math.isnan(self.ratio):
            return Interval(math.nan, math.nan, math.nan)
        half = float(ndtri(0.5 + self.level / 2)) * self.error
        low, high = (_percent(self.ratio + end) for end in (-half, half))
        if self.verdict == "no clear change":
            low, high = min(low, 0.0), max(high, 0.0)
        return Interval(_percent(self.ratio), low, high)


def told_effect(
    published: Published, study: Study, partnership_id: str, *, silent: Collection[str]
) -> ToldEffect | None:
    """What is told of a partnership's last review, noted in the ledger; None before the first.

    None too of the silent ones, providers, of whom no number of patients is told to anybody.
    """
    standing = study.standings.get(partnership_id)
    if partnership_id in silent or standing is None or pd.isna(standing.reviewed_on):
        return None
    noted = published.effects.setdefault(partnership_id, {})
    day = f"{standing.reviewed_on:%Y-%m-%d}"
    if day not in noted:
        noted[day] = _as_record(_last_review(study, standing, silent))
    return _from_record(noted[day])


def tell_effect(
    effect: Effect, *, review: pd.Timestamp, level: float, silent: Collection[str]
) -> ToldEffect:
    """What may be told of an estimate: no number below 30 expected, nor with a provider's."""
    ratio, error = log_ratio(replace(effect, bundle=()))
    verdict, hides_provider = verdict_of(effect), bool(set(effect.bundle) & set(silent))
    visible = math.nan if math.isnan(ratio) or hides_provider else _visible(effect)
    if verdict not in ANSWERED or hides_provider:
        ratio = error = math.nan
    counted = pd.notna(effect.first_day)
    told = ToldEffect(
        review=f"{review:%Y-%m-%d}",
        level=level,
        verdict=verdict,
        ratio=ratio,
        error=error,
        visible=visible,
        first=f"{effect.first_day:%Y-%m}" if counted else "",
        last=f"{effect.last_day:%Y-%m}" if counted else "",
        together=len(effect.bundle) > 1,
        hides_provider=hides_provider,
        method=effect.method,
        clinics=tuple(sorted(set(effect.comparison["clinic"]))),
    )
    ends = told.percent
    is_hidden = verdict in ("more", "fewer") and ends.low <= 0 <= ends.high
    return replace(told, verdict="no clear change") if is_hidden else told


def _last_review(study: Study, standing: Standing, silent: Collection[str]) -> ToldEffect:
    """What may be told of the review that is declared."""
    level = float(standing.reviews["level"].iloc[-1])
    effect = effect_at_review(
        study.counts,
        study.partnerships,
        standing.partnership_id,
        review=standing.reviewed_on,
        level=level,
        events=study.practice.events_table,
        holidays=study.practice.holidays,
    )
    return tell_effect(effect, review=standing.reviewed_on, level=level, silent=silent)


def _visible(effect: Effect) -> float:
    """Smallest change that would have been noticed, in percent of what was expected."""
    monthly = effect.expected / effect.active_days * DAYS_PER_MONTH
    share = 100 * effect.smallest_visible / monthly
    return math.ceil(share / VISIBLE_STEP) * VISIBLE_STEP if math.isfinite(share) else math.nan


def _percent(ratio: float) -> float:
    return 100 * math.expm1(ratio)


def _as_record(told: ToldEffect) -> dict[str, object]:
    """For a JSON file, in which there is no NaN."""
    return {
        key: None if isinstance(value, float) and math.isnan(value) else value
        for key, value in asdict(told).items()
    }


def _from_record(record: dict[str, Any]) -> ToldEffect:
    given: dict[str, Any] = {k: math.nan if v is None else v for k, v in record.items()}
    return ToldEffect(**given | {"clinics": tuple(given["clinics"])})
