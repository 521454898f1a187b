"""What would have to be true for the answer to be wrong? Checks on arrays and intervals alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.checks.event_study import EventStudy
from partner_analysis.attribution.checks.honest import Kind, breakdown, honest_bounds
from partner_analysis.tables import Interval

Check = tuple[str, str, str, str]

RELATIVE_BOUNDS: Final = (0.0, 0.5, 1.0, 1.5, 2.0)
SMOOTH_BOUNDS: Final = (0.0, 0.01, 0.02, 0.05, 0.1)
AS_BEFORE: Final = 1.0
MOST_LOG: Final = 50.0
ENOUGH_E_VALUE: Final = 1.25
UNINFORMATIVE: Final = (-50.0, 100.0)
STRETCHES: Final = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}


@dataclass(frozen=True)
class TrendSensitivity:
    """How far the trends may have parted before the answer falls.

    Attributes
    ----------
    relative
        Largest multiple of the largest change before the start at which the finding stands;
        0 where it never stands, NaN where it could not be asked.
    smooth
        The same in changes of growth (log points) from one stretch to the next.
    bounds
        One row per ``kind`` and ``bound``: ``low`` and ``high`` of the effect in percent.
    check
        Name, question, result and sentence.
    """

    relative: float
    smooth: float
    bounds: pd.DataFrame
    check: Check


def assess_trends(
    study: EventStudy | None, *, found: bool, level: float = 0.95
) -> TrendSensitivity:
    """Breakdown values, intervals and the check for one partnership.

    ``found`` says whether the verdict is a change ("more" or "fewer"). Where it is not, there is
    nothing to break; the question is then whether the interval still says something.
    """
    name, question = "parallel trends", "How far could trends have parted before the answer falls?"
    if study is None:
        empty = pd.DataFrame({c: pd.Series(dtype="float64") for c in ("bound", "low", "high")})
        empty.insert(0, "kind", pd.Series(dtype="str"))
        detail = "Too few months before the start to see how far trends part by themselves."
        return TrendSensitivity(np.nan, np.nan, empty, (name, question, "not possible", detail))
    bounds = pd.concat(
        [
            _percent_bounds(study, "relative", RELATIVE_BOUNDS, level),
            _percent_bounds(study, "smooth", SMOOTH_BOUNDS, level),
        ],
        ignore_index=True,
    )
    if not found:
        check = (name, question, *_words_without_finding(bounds))
        return TrendSensitivity(np.nan, np.nan, bounds, check)
    relative = breakdown(*study.ratios, weights=study.weights, kind="relative", level=level)
    smooth = breakdown(*study.ratios, weights=study.weights, kind="smooth", level=level)
    result = "pass" if relative >= AS_BEFORE else "warn"
    detail = f"{_words_relative(relative, study.months)} {_words_smooth(smooth, study.months)}"
    return TrendSensitivity(relative, smooth, bounds, (name, question, result, detail))


def _percent_bounds(
    study: EventStudy, kind: Kind, sizes: tuple[float, ...], level: float
) -> pd.DataFrame:
    """Bounds of the effect in percent."""
    found = honest_bounds(
        *study.ratios, weights=study.weights, kind=kind, bounds=sizes, level=level
    )
    low, high = (100 * np.expm1(np.minimum(found[end], MOST_LOG)) for end in ("low", "high"))
    return pd.DataFrame({"kind": kind, "bound": found["bound"], "low": low, "high": high})


def _words_without_finding(bounds: pd.DataFrame) -> tuple[str, str]:
    """Result and sentence where there is no finding that could break."""
    row = bounds[(bounds["kind"] == "relative") & (bounds["bound"] == AS_BEFORE)].iloc[0]
    says_much = row["low"] >= UNINFORMATIVE[0] and row["high"] <= UNINFORMATIVE[1]
    span = f"{_signed(row['low'])} to {_signed(row['high'])} percent"
    parted = "Had trends parted after the start by as much as their largest swing before it,"
    if says_much:
        return "pass", f"{parted} {span} would still fit."
    change = "doubling" if row["high"] > UNINFORMATIVE[1] else "halving"
    nothing = "There is no finding that could fall."
    return "not possible", f"{nothing} {parted} even a {change} could not be ruled out."


def _words_relative(value: float, months: int) -> str:
    stretch = _stretch(months)
    if value == 0:
        return (
            f"Against the last {stretch} before the start alone the finding does not stand, so it "
            "leans on all of the time before; a small parting of trends could explain it."
        )
    return (
        f"The finding stands as long as trends parted, from one {stretch} to the next, "
        f"{_times(value)} times as far as they ever did before the start."
    )


def _words_smooth(value: float, months: int) -> str:
    if value == 0:
        return (
            "The drift that the counts before the start leave possible, carried on in a straight "
            "line, could explain it."
        )
    return (
        "If the drift before the start had gone on, it would stand as long as the difference in "
        f"growth changed by no more than {100 * value:.1f} percentage points from one "
        f"{_stretch(months)} to the next."
    )


def _stretch(months: int) -> str:
    return STRETCHES.get(months, f"stretch of {months} months")


def _times(value: float) -> str:
    """Rounded down, so that the words never promise more than the number."""
    return f"no more than {np.floor(10 * value) / 10:.1f}" if value >= 0.1 else "less than 0.1"


def _signed(value: float) -> str:
    return f"{value:+,.0f}".replace("-", "\N{MINUS SIGN}")


def e_value(ratio: Interval) -> tuple[float, float]:
    """E-values of the estimate and of the near limit of a ratio of observed to expected.

    How strongly (as a ratio) a hidden cause would have to go with both the partnership and new
    patients to explain the estimate away, and to bring the interval to no change: 1 where it
    holds no change already. NaN where the estimate, or the interval, is not known.

    Source: VanderWeele and Ding (2017), Sensitivity analysis in observational research:
    introducing the E-value, Annals of Internal Medicine 167(4).

    Examples
    --------
    >>> [round(value, 3) for value in e_value(Interval(0.80, 0.71, 0.91))]
    [1.809, 1.429]
    """
    if ratio.low > 1:
        near = ratio.low
    elif ratio.high < 1:
        near = ratio.high
    else:
        near = 1.0 if ratio.is_number else np.nan
    return _e_value(ratio.estimate), _e_value(near)


def _e_value(ratio: float) -> float:
    if np.isnan(ratio) or ratio <= 0:
        return float("nan") if np.isnan(ratio) else float("inf")
    above = max(ratio, 1 / ratio)
    return float(above + np.sqrt(above * (above - 1)))


def e_value_check(ratio: Interval, *, found: bool) -> Check:
    """The check of hidden causes: passes where the near limit's E-value is at least 1.25."""
    name, question = "hidden causes", "How strong would a hidden cause have to be?"
    if not found or not ratio.is_number:
        return name, question, "not possible", "There is no finding that one could explain away."
    estimate, limit = e_value(ratio)
    result = "pass" if limit >= ENOUGH_E_VALUE else "warn"
    whole = (
        "To explain all of it away, it would have to go with the partnership and with new "
        f"patients by a factor of {estimate:.1f} each; "
        if np.isfinite(estimate)
        else ""
    )
    detail = (
        f"{whole}{limit:.2f} would be enough for the interval to reach no change (E-values). One "
        "that began just as the partnership did need only do as much as the effect itself."
    )
    return name, question, result, detail[0].upper() + detail[1:]
