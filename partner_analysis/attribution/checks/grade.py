"""One grade of evidence for one answer, by rules that can be read aloud."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.checks.sensitivity import AS_BEFORE, ENOUGH_E_VALUE
from partner_analysis.tables import Interval

GRADES: Final = ("none", "weak", "moderate", "strong")
WITHOUT_FINDING: Final = ("data not fit", "too early", "too small to tell")
ESSENTIAL: Final = ("pre-trend", "placebo clinics", "placebo date")
CONTROL: Final = "negative control"
ENOUGH_COMPARISON: Final = 4
NARROW_PERCENT: Final = 25.0
USEFUL_PERCENT: Final = 50.0

OWN_RULES: Final = ("parallel trends", "hidden causes", "smallest change")

Limit = tuple[str, str]


def grade_of(
    *,
    verdict: str,
    method: str,
    percent: Interval,
    checks: pd.DataFrame,
    n_comparison: int,
    breakdown: float,
    e_value_limit: float,
) -> str:
    """The grade of evidence: "strong", "moderate", "weak" or "none".

    It says how well founded the answer is, not how large the effect: "no clear change" is
    strongly founded where the interval leaves no room for a change worth having. Every answer
    begins as strong; each rule that applies is a ceiling, and the lowest ceiling is the grade.
    So a check that turns out worse can never raise it.

    1. *none*: there is no number, or the verdict is "data not fit", "too early" or "too small
       to tell".
    2. At most *weak*: a check failed; or two or more warned (parallel trends, hidden causes and
       smallest change apart, which rules 2 and 3 weigh by their size); or there is no comparison
       (method "series") and no negative control that passed; or the verdict is "no clear change"
       and the interval reaches beyond 50 percent up or down.
    3. At most *moderate*: a check warned; or there is no comparison; or fewer than four
       comparison cells; or pre-trend, placebo clinics or placebo date could not be checked; or
       the verdict is "more" or "fewer" and would fall if trends had parted as much as before
       the start (breakdown below 1), or before a hidden cause of strength 1.25 (E-value of the
       near limit); or it is "no clear change" and the interval reaches beyond 25 percent.
    4. *strong*: everything else.

    Parameters
    ----------
    verdict, method, percent
        As in ``Effect``; ``percent`` in percent of what was expected.
    checks
        One row per check, with ``check`` and ``result``; a negative control named beforehand
        is the row "negative control".
    n_comparison
        Comparison cells behind the expectation.
    breakdown
        Of the relative-magnitude bounds; NaN where it could not be asked.
    e_value_limit
        E-value of the near limit; NaN where unknown.
    """
    limits = limits_on_grade(
        verdict=verdict,
        method=method,
        percent=percent,
        checks=checks,
        n_comparison=n_comparison,
        breakdown=breakdown,
        e_value_limit=e_value_limit,
    )
    return min((grade for grade, _ in limits), key=GRADES.index, default="strong")


def limits_on_grade(
    *,
    verdict: str,
    method: str,
    percent: Interval,
    checks: pd.DataFrame,
    n_comparison: int,
    breakdown: float,
    e_value_limit: float,
) -> list[Limit]:
    """Why the evidence is not graded higher: ceiling and reason, lowest ceiling first.

    Arguments as of ``grade_of``. Empty where the evidence is strong.
    """
    if verdict in WITHOUT_FINDING or method == "none":
        return [("none", "There is no answer to grade.")]
    found = verdict in ("more", "fewer")
    limits = [
        *_limits_of_checks(checks, has_comparison=method != "series"),
        *_limits_of_comparison(method, n_comparison, checks),
        *(_limits_of_finding(breakdown, e_value_limit) if found else _limits_of_width(percent)),
    ]
    return sorted(limits, key=lambda limit: GRADES.index(limit[0]))


def _limits_of_checks(checks: pd.DataFrame, *, has_comparison: bool) -> list[Limit]:
    results = dict(zip(checks["check"], checks["result"], strict=True))
    failed = [check for check, result in results.items() if result == "fail"]
    warned = [c for c, result in results.items() if result == "warn" and c not in OWN_RULES]
    missing = [c for c in ESSENTIAL if results.get(c, "not possible") == "not possible"]
    limits: list[Limit] = []
    if failed:
        limits.append(("weak", f"Failed: {', '.join(failed)}."))
    if warned:
        limits.append(("weak" if len(warned) > 1 else "moderate", f"Warned: {', '.join(warned)}."))
    if missing and has_comparison:
        limits.append(("moderate", f"Could not be checked: {', '.join(missing)}."))
    return limits


def _limits_of_comparison(method: str, n_comparison: int, checks: pd.DataFrame) -> list[Limit]:
    control = checks.loc[checks["check"] == CONTROL, "result"]
    if method == "series" and len(control) and (control == "pass").all():
        return [("moderate", "No comparison but a negative control.")]
    if method == "series":
        return [("weak", "No comparison: anything else that changed is in the number.")]
    if n_comparison < ENOUGH_COMPARISON:
        return [("moderate", "Fewer than four comparison cells.")]
    return []


def _limits_of_finding(breakdown: float, e_value_limit: float) -> list[Limit]:
    limits: list[Limit] = []
    if not breakdown >= AS_BEFORE:
        limits.append(("moderate", "Would fall if trends had parted as much as before the start."))
    if not e_value_limit >= ENOUGH_E_VALUE:
        limits.append(("moderate", "A slight hidden cause could explain it."))
    return limits


def _limits_of_width(percent: Interval) -> list[Limit]:
    reach = float(np.max([-percent.low, percent.high]))  # a missing end is an open one
    if not reach <= USEFUL_PERCENT:
        return [("weak", "The interval leaves room for a change of more than 50 percent.")]
    if reach > NARROW_PERCENT:
        return [("moderate", "The interval leaves room for a change of more than 25 percent.")]
    return []
