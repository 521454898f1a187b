"""Would the answer survive a doubter? Each check has a question, a result and a sentence.

Placebo units see the same window without a partnership (placebo in space); a pretend start in
the pre-period sees no partnership either (placebo in time); the pre-trend and leaving out one
comparison clinic at a time ask whether the comparison can be trusted.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from partner_analysis.attribution.effect import (
    PLACEBO_COLUMNS,
    empty_table,
)
from partner_analysis.attribution.fits import fit_unit
from partner_analysis.attribution.panel import ENOUGH_CELLS, Panel
from partner_analysis.attribution.posterior import Posterior
from partner_analysis.attribution.shocks import (
    CLINIC_DRIFT,
    LINE,
    UnitSeries,
    kernel,
    only_before,
)
from partner_analysis.attribution.units import placebo_units
from partner_analysis.attribution.windows import expect

ENOUGH_BLOCKS = 9
SETTINGS_APART = 8
MOST_SEEN = 100.0
MOST_LEFT_OUT = 24

Check = tuple[str, str, str, str]


def check_rows(panel: Panel, posterior: Posterior, placebos: pd.DataFrame) -> list[Check]:
    """Name, question, result and sentence of each check of the comparison.

    ``placebos`` is the table of them, the partnership's own row last.
    """
    return [
        _comparison_check(panel, posterior),
        _pretrend_check(posterior),
        _placebo_unit_check(placebos),
        _placebo_date_check(posterior),
        _leave_one_out_check(panel, posterior),
    ]


def table_of_placebos(
    panel: Panel, posterior: Posterior, alike: Posterior, identifier: str
) -> pd.DataFrame:
    """One row per comparison unit seen through the same window, and the partnership's own.

    ``percent`` is observed against expected, ``score`` the distance from no change in standard
    errors of that unit; the partnership's by ``alike``, with the pace that placebo units are given.
    """
    if posterior.window.route == "series":
        return empty_table(PLACEBO_COLUMNS)
    placebos = placebo_units(panel, posterior.window)
    if not placebos:
        return empty_table(PLACEBO_COLUMNS)
    rows = [(unit.name, *_contrast(posterior, unit)) for unit in placebos]
    rows.append((identifier, *_own_contrast(posterior, alike)))
    table = pd.DataFrame(rows, columns=list(PLACEBO_COLUMNS)).astype(PLACEBO_COLUMNS)
    return table[np.isfinite(table["score"])].reset_index(drop=True)


def _own_contrast(posterior: Posterior, alike: Posterior) -> tuple[float, float]:
    """Percent and score of the partnership, by the pace that placebo units are given."""
    variance = float(np.var(np.log(alike.without))) + 1 / (alike.expected + 0.5)
    score = np.log((posterior.observed + 0.5) / (alike.expected + 0.5)) / np.sqrt(variance)
    return 100 * (posterior.observed / max(posterior.expected, 1e-9) - 1), float(score)


def _contrast(
    posterior: Posterior, unit: UnitSeries, *, own_pace: bool = False
) -> tuple[float, float]:
    """Percent and score of one unit, its window not used to predict it."""
    hidden = unit.target > 0
    seen = only_before(unit, hidden)
    left = [seen.known[unit.channel == each].sum() for each in np.unique(unit.channel)]
    if min(left) < 3 or not hidden.any():
        return np.nan, np.nan
    seen = replace(seen, target=np.where(hidden, unit.expected, 0.0))
    sizes = posterior.sizes[1::SETTINGS_APART].copy()
    if not own_pace:
        sizes[:, LINE] = sizes[:, CLINIC_DRIFT]
    fit = fit_unit(seen, sizes)
    variance = fit.variance.mean() + fit.mean.var()
    came = float(unit.observed[hidden].sum())
    expected = float(seen.target.sum() * np.exp(fit.mean.mean()))
    noise = 1 / (expected + 0.5)
    score = np.log((came + 0.5) / (expected + 0.5)) / np.sqrt(variance + noise)
    return 100 * (came / expected - 1), float(score)


def _comparison_check(panel: Panel, posterior: Posterior) -> Check:
    question = "Are there enough comparison groups that no partnership touches?"
    window = posterior.window
    if window.route == "series":
        return "comparison cells", question, "not possible", "There is none; its own past serves."
    number = int(panel.pooled[0].serving(window.left_out, window.when).sum())
    result = "pass" if number >= ENOUGH_CELLS else "warn"
    patients = window.comparison[window.active].max(initial=0.0)
    detail = f"{number} groups, with at most {patients:,.0f} new patients a period between them."
    return "comparison cells", question, result, detail


def _pretrend_check(posterior: Posterior) -> Check:
    question = "Did it move with the comparison before the start?"
    slopes = [
        _slope_before(posterior, unit, before)
        for unit in posterior.units
        if len(np.unique(unit.years[before := _judged_before(unit)])) >= ENOUGH_BLOCKS
    ]
    if not slopes:
        return "pre-trend", question, "not possible", "Too few months before the start."
    slope, spread = np.array(slopes).T
    score = float((slope / spread).sum() / np.sqrt(len(slopes)))
    result = "warn" if abs(score) > ndtri(0.975) else "pass"
    seen = 100 * np.expm1((ndtri(0.975) + ndtri(0.8)) / np.sqrt((1 / spread**2).sum()))
    missed = "even a doubling" if seen > MOST_SEEN else f"one of less than {seen:.0f} percent"
    detail = (
        "It drifted away from the comparison before the start; the interval allows for that."
        if result == "warn"
        else f"No drift away from the comparison beyond chance; {missed} a year could well have "
        "gone unseen."
    )
    return "pre-trend", question, result, detail


def _judged_before(unit: UnitSeries) -> np.ndarray:
    """Where the judged channels of a unit are known to be untouched."""
    judged = np.isin(unit.channel, np.unique(unit.channel[unit.target > 0]))
    return unit.known & (unit.design.sum(axis=1) == 0) & judged


def _slope_before(
    posterior: Posterior, unit: UnitSeries, before: np.ndarray
) -> tuple[float, float]:
    """Yearly slope of log observed over expected before the start, and its standard error.

    By generalised least squares, with shocks that fade and drift as the other clinics' do.
    """
    sizes = posterior.sizes[1::SETTINGS_APART].copy()
    sizes[:, LINE] = sizes[:, CLINIC_DRIFT]
    response, noise = unit.response
    place = before[unit.known]
    covariance = kernel(unit, sizes).mean(axis=0)[np.ix_(before, before)] + np.diag(noise[place])
    levels = unit.levels[before]
    design = np.column_stack([levels[:, levels.any(axis=0)], unit.years[before]])
    weighted = np.linalg.solve(covariance, design)
    spread = np.linalg.inv(design.T @ weighted)
    slope = spread @ weighted.T @ response[place]
    return float(slope[-1]), float(np.sqrt(spread[-1, -1]))


def _placebo_unit_check(placebos: pd.DataFrame) -> Check:
    question = "Did comparison clinics move as much without a partnership?"
    if len(placebos) < 4:
        return "placebo clinics", question, "not possible", "Fewer than three to compare with."
    *scores, own = placebos["score"].abs()
    as_far = int((np.array(scores) >= own).sum())
    share = (1 + as_far) / (1 + len(scores))
    wild = float((np.array(scores) > ndtri(0.975)).mean())
    result = "warn" if wild > 0.2 else "pass"
    detail = (
        f"{as_far} of {len(scores)} moved at least as far as this one for their size "
        f"(randomisation p = {share:.2f}; with so many it can be no less than "
        f"{1 / (1 + len(scores)):.2f})."
    )
    return "placebo clinics", question, result, detail


def _placebo_date_check(posterior: Posterior) -> Check:
    question = "Would an ordinary date before the start look like an effect?"
    scores = []
    for unit in posterior.units:
        known = _judged_before(unit)
        times = np.unique(unit.years[known])
        if len(times) < ENOUGH_BLOCKS:
            continue
        pretend = known & (unit.years >= times[-max(len(times) // 3, 3)])
        target = np.where(pretend, unit.expected, 0.0)
        scores.append(_contrast(posterior, replace(unit, target=target), own_pace=True)[1])
    if not scores:
        return "placebo date", question, "not possible", "Too few months before the start."
    score = float(np.sum(scores) / np.sqrt(len(scores)))
    result = "warn" if abs(score) > ndtri(0.975) else "pass"
    found = "an effect was found" if result == "warn" else "no effect was found"
    return (
        "placebo date",
        question,
        result,
        f"With a made-up start two thirds into the time before, {found}.",
    )


def _leave_one_out_check(panel: Panel, posterior: Posterior) -> Check:
    question = "Does the answer hang on one comparison clinic?"
    window = posterior.window
    if window.route == "series":
        return "leave one clinic out", question, "not possible", "There is no comparison."
    judged = window.active.any(axis=1)
    rows, active, known = window.rows[judged], window.active[judged], window.known[judged]
    when, common = window.when, panel.pooled[0]
    lent = common.weights(window.left_out, when)
    weight = np.bincount(panel.cells.clinic, lent, len(panel.cells.clinics))
    shifts, needed = [], []
    for clinic in np.argsort(-weight, kind="stable")[: min((weight > 0).sum(), MOST_LEFT_OUT)]:
        left_out = window.left_out | (panel.cells.clinic == clinic)
        due = expect(panel, rows, left_out, window.route, when)
        both = (due.pattern > 0) & (window.pattern[judged] > 0)
        needed += [panel.cells.clinics[clinic]] if (active & ~both).any() else []
        ratio = np.divide(
            due.pattern, window.pattern[judged], out=np.zeros_like(due.pattern), where=both
        )
        base = window.expected[judged]
        after, earlier = ((base * ratio)[part & both].sum() for part in (active, known))
        if after > 0 and earlier > 0:
            now, then = (base[part & both].sum() for part in (active, known))
            shifts.append(100 * ((now / then) / (after / earlier) - 1))
    if needed:
        detail = f"Without {', '.join(needed[:3])} nothing could be compared in part of its time."
        return "leave one clinic out", question, "warn", detail
    if len(shifts) < 2:
        return "leave one clinic out", question, "not possible", "There is only one to leave out."
    low, high = min(shifts), max(shifts)
    sd = 100 * float(np.std(np.log(posterior.without)))
    result = "warn" if max(abs(low), abs(high)) > 1.96 * sd else "pass"
    span = f"{low:+.0f} to {high:+.0f}".replace("-", "\N{MINUS SIGN}")
    detail = f"Leaving out any one clinic changes what the comparison says by {span} percent."
    return "leave one clinic out", question, result, detail
