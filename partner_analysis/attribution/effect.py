"""One partnership's estimated effect: the result that every report reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partner_analysis.attribution.named.reconcile import Reconciliation
from partner_analysis.tables import NO_NUMBER, Interval

TOO_EARLY_DAYS: Final = 91.0
TOO_WIDE_PERCENT: Final = 100.0


PERIOD_COLUMNS: Final = {
    "period": "datetime64[ns]",
    "observed": "float64",
    "expected": "float64",
    "expected_low": "float64",
    "expected_high": "float64",
    "active": "bool",
    "days": "int64",
}
CHECK_COLUMNS: Final = {"check": "str", "question": "str", "result": "str", "detail": "str"}
COMPARISON_COLUMNS: Final = {
    "clinic": "str",
    "persona": "str",
    "periods": "int64",
    "new_patients": "float64",
}
PRIOR_COLUMNS: Final = {
    "prior": "str",
    "estimate": "float64",
    "low": "float64",
    "high": "float64",
}
MOVED_COLUMNS: Final = {
    "where": "str",
    "estimate": "float64",
    "low": "float64",
    "high": "float64",
    "note": "str",
}
EVENT_COLUMNS: Final = {"month": "int64", "log_ratio": "float64", "variance": "float64"}
COURSE_COLUMNS: Final = {
    "first_month": "int64",
    "last_month": "int64",
    "estimate": "float64",
    "low": "float64",
    "high": "float64",
}
AHEAD_COLUMNS: Final = {"more_months": "int64", "width": "float64"}
BOUND_COLUMNS: Final = {"kind": "str", "bound": "float64", "low": "float64", "high": "float64"}
PLACEBO_COLUMNS: Final = {"unit": "str", "percent": "float64", "score": "float64"}


def empty_table(columns: dict[str, str]) -> pd.DataFrame:
    """A table without rows, its columns typed."""
    return _empty(tuple(columns.items())).copy()


@cache
def _empty(columns: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns})


@dataclass(frozen=True)
class Effect:
    """What one partnership changed, with its interval and the record behind it.

    Attributes
    ----------
    partnership_id, name, kind
        As in the register.
    total, per_month, percent
        Extra new patients over all active cells and complete periods; the same per month
        of activity; and as a percentage of what was expected. Each an ``Interval``.
    verdict
        "more", "fewer", "no clear change", "too early", "too small to tell" or "data not fit".
    p_value
        Two-sided, from the same draws as the interval; NaN where there is no number.
    method
        "panel", "series" or "none".
    level
        Of all intervals, 0.95 by default.
    n_pre, n_post
        Usable periods before, and active complete periods.
    n_cells
        Active cells and periods that the number stands for.
    judged_share
        Share of the patients expected of the partnership up to ``last_day`` that these cells and
        periods stand for; 1 where all of them could be judged.
    named
        Whole new patients who named the partner in the active window (counted, not estimated);
        None where no named counts were given.
    notes
        Sentences that a reader should know about this estimate.
    bundle
        Ids of all partnerships that this number is for where the data cannot tell them apart
        (this one included); empty otherwise.
    periods
        One row per period: ``period``, ``observed``, ``expected``, ``expected_low``,
        ``expected_high``, ``active``, ``days`` (length of the period).
    checks
        One row per check: ``check``, ``question``, ``result``, ``detail``.
    comparison
        One row per comparison cell: ``clinic``, ``persona``, ``periods``, ``new_patients``.
    placebos
        One row per placebo: ``unit``, ``percent``, ``score`` (distance from no change in
        standard errors); the partnership's own row has ``unit`` equal to its id.
    observed, expected
        Sums over the active window; NaN where there is no number.
    active_days
        Days of the active complete periods.
    first_day, last_day
        First and last day of the active complete periods; NaT where there is none.
    end_day
        Last day of the partnership by the register; NaT while any part of it has no end.
    tell_from
        The date from which more could be said, at the pace so far; NaT where not foreseeable,
        and without checks.
    smallest_visible
        Extra new patients a month that would have been seen with 80 percent chance.
    grade, grade_limits
        How well founded the answer is: "strong", "moderate", "weak" or "none", and the reasons
        why it is not graded higher (docs/method.md has the rules).
    control
        Percent beyond what its negative-control persona, named beforehand in the register, went
        through at the same clinics; None where none was named.
    at_least, capacity
        Whether demand may have been larger because the clinic was full, and the sentence on it;
        empty where no open slots were given.
    blended
        Extra new patients in total, counts and named referrals combined; None unless named
        counts were given for at least five partnerships (only from ``estimate_effects``).
    reconciliation
        Named (counted) beside estimated, their ratio and its reading; None without named counts.
    together, together_with
        Extra new patients in total of this partnership and of those that share its cells while
        it runs, as one number from one model, and their ids; None and empty where none does.
    priors
        One row per prior of the clinic's own growth: ``prior``, ``estimate``, ``low``, ``high``
        (total). The first is the one used.
    moved
        One row per place where its patients may have come from ("other kinds of patient",
        "neighbouring clinics" or "other clinics") and per whole that holds both ("whole clinic",
        "with the neighbouring clinics" or "with the other clinics"): ``where``, ``estimate``,
        ``low``, ``high`` (change in total over the same window) and ``note``.
    event_study
        One row per month: ``month`` since the start (negative before), ``log_ratio`` of observed
        to expected by the comparison alone, and its ``variance``.
    trend_bounds
        One row per ``kind`` ("relative", "smooth") and ``bound`` of how far trends may have
        parted: ``low`` and ``high`` of the effect in percent.
    course
        One row per stretch of months since the start ("first_month" to "last_month", counted
        from 1): ``estimate``, ``low``, ``high`` of the effect a month in it alone.
    ahead
        One row per number of further months: the ``width`` that the interval of the effect a
        month would have then, at the pace so far; the first is today's. Empty once it has ended.
    draws
        What came, and what would have come, over the window: (2, n); None without a number.
    """

    partnership_id: str
    name: str
    kind: str
    total: Interval
    per_month: Interval
    percent: Interval
    verdict: str
    p_value: float
    method: str
    level: float
    n_pre: int
    n_post: int
    named: float | None
    notes: tuple[str, ...]
    bundle: tuple[str, ...]
    periods: pd.DataFrame = field(repr=False)
    checks: pd.DataFrame = field(repr=False)
    comparison: pd.DataFrame = field(repr=False)
    placebos: pd.DataFrame = field(repr=False)
    observed: float
    expected: float
    active_days: float
    first_day: pd.Timestamp
    last_day: pd.Timestamp
    tell_from: pd.Timestamp
    smallest_visible: float
    grade: str = "none"
    grade_limits: tuple[str, ...] = ()
    n_cells: int = 0
    judged_share: float = 1.0
    control: Interval | None = None
    at_least: bool = False
    capacity: str = ""
    blended: Interval | None = None
    reconciliation: Reconciliation | None = None
    together: Interval | None = None
    together_with: tuple[str, ...] = ()
    priors: pd.DataFrame = field(default_factory=lambda: empty_table(PRIOR_COLUMNS), repr=False)
    moved: pd.DataFrame = field(default_factory=lambda: empty_table(MOVED_COLUMNS), repr=False)
    event_study: pd.DataFrame = field(
        default_factory=lambda: empty_table(EVENT_COLUMNS), repr=False
    )
    trend_bounds: pd.DataFrame = field(
        default_factory=lambda: empty_table(BOUND_COLUMNS), repr=False
    )
    course: pd.DataFrame = field(default_factory=lambda: empty_table(COURSE_COLUMNS), repr=False)
    ahead: pd.DataFrame = field(default_factory=lambda: empty_table(AHEAD_COLUMNS), repr=False)
    draws: NDArray[np.float64] | None = field(default=None, repr=False)
    end_day: pd.Timestamp = pd.NaT

    def cost_per_extra_patient(self, cost: float) -> Interval:
        """What one extra new patient cost, from the same interval as ``total``.

        ``cost`` is what the partnership cost over the active window. There is no upper end where
        nobody extra may have come, and no number at all where certainly nobody did.
        """
        if not self.total.high > 0:
            return NO_NUMBER
        if self.total.low <= 0:
            return Interval(np.nan, cost / self.total.high, np.inf)
        ends = (self.total.estimate, self.total.high, self.total.low)
        return Interval(*(cost / extra for extra in ends))


def months_later(day: pd.Timestamp, months: int) -> pd.Timestamp:
    """The same day some calendar months later."""
    return day + pd.DateOffset(months=months)


def is_too_early(first_day: pd.Timestamp, active_days: float) -> bool:
    """Whether it was active for less than three months: three of the calendar, or 91 days."""
    three_months = (months_later(first_day, 3) - first_day).days
    return active_days < min(three_months, TOO_EARLY_DAYS)


def judge(total: Interval, percent: Interval, *, too_early: bool) -> str:
    """The verdict on a number that could be made: the first of five that holds.

    "data not fit" is decided before there is a number. An interval of the percentage that is
    open, or missing because nobody came before, reaches beyond any limit.
    """
    if too_early:
        return "too early"
    includes_zero = not (total.low > 0 or total.high < 0)
    if includes_zero and not percent.high <= TOO_WIDE_PERCENT:
        return "too small to tell"
    if total.low > 0:
        return "more"
    return "fewer" if total.high < 0 else "no clear change"


def without_number(
    *,
    partnership_id: str,
    name: str,
    kind: str,
    level: float,
    note: str,
    verdict: str = "data not fit",
    end_day: pd.Timestamp = pd.NaT,
) -> Effect:
    """An effect that says why there is no number, with every table there and empty."""
    return Effect(
        partnership_id=partnership_id,
        name=name,
        kind=kind,
        total=NO_NUMBER,
        per_month=NO_NUMBER,
        percent=NO_NUMBER,
        verdict=verdict,
        p_value=np.nan,
        method="none",
        level=level,
        n_pre=0,
        n_post=0,
        named=None,
        notes=(note,),
        bundle=(),
        periods=empty_table(PERIOD_COLUMNS),
        checks=empty_table(CHECK_COLUMNS),
        comparison=empty_table(COMPARISON_COLUMNS),
        placebos=empty_table(PLACEBO_COLUMNS),
        observed=np.nan,
        expected=np.nan,
        active_days=0.0,
        first_day=pd.NaT,
        last_day=pd.NaT,
        tell_from=pd.NaT,
        smallest_visible=np.nan,
        end_day=end_day,
    )
