"""What a doubter would ask of one estimate, put together: checks, other answers, a grade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from partner_analysis.attribution.checks.afterwards import after_end_checks
from partner_analysis.attribution.checks.alternatives import (
    choices_check,
    counted_otherwise,
    cut_otherwise,
    priors_table,
    together,
)
from partner_analysis.attribution.checks.comparison import check_rows, table_of_placebos
from partner_analysis.attribution.checks.course import course_since_start
from partner_analysis.attribution.checks.elsewhere import against_control, where_they_came_from
from partner_analysis.attribution.checks.grade import grade_of, limits_on_grade
from partner_analysis.attribution.checks.months import months_since_start
from partner_analysis.attribution.checks.recording import recording_check
from partner_analysis.attribution.checks.sensitivity import (
    assess_trends,
    e_value,
    e_value_check,
)
from partner_analysis.attribution.effect import CHECK_COLUMNS, Effect
from partner_analysis.attribution.outlook import narrowing, visible_check
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import Posterior
from partner_analysis.tables import DAYS_PER_MONTH, Interval

NEAR_DAYS = 3 * DAYS_PER_MONTH


def examine(
    effect: Effect,
    panel: Panel,
    posterior: Posterior,
    alike: Posterior,
    rows: pd.DataFrame,
    *,
    method: str,
    recounted: Mapping[str, Panel],
) -> Effect:
    """The effect with its checks and its grade of evidence.

    ``checks`` has one row per check: ``check``, ``question``, ``result`` ("pass", "warn", "fail"
    or "not possible") and ``detail``. ``recounted`` are panels of the same practice by other
    definitions of a new patient, ``alike`` is the posterior by a pace like the others'.
    """
    window, level = posterior.window, effect.level
    found = effect.verdict in ("more", "fewer")
    placebos = table_of_placebos(panel, posterior, alike, effect.partnership_id)
    months, study = months_since_start(panel, posterior)
    trends = assess_trends(study, found=found, level=level)
    control, control_check = against_control(panel, rows, method=method, level=level)
    ratio = Interval(*(1 + end / 100 for end in _ends(effect.percent)))
    choices = cut_otherwise(panel, posterior, level) | counted_otherwise(
        recounted, effect.partnership_id, method=method, level=level
    )
    joint = together(panel, window, method=method, level=level)
    listed = [
        *check_rows(panel, posterior, placebos),
        control_check,
        trends.check,
        e_value_check(ratio, found=found),
        choices_check(effect.per_month, choices),
        _recording(panel, posterior),
        *after_end_checks(panel, window, brought=effect.per_month, level=level),
        visible_check(effect.smallest_visible, effect.expected, effect.active_days),
    ]
    checks = pd.DataFrame(listed, columns=list(CHECK_COLUMNS)).astype(CHECK_COLUMNS)
    about = {
        "verdict": effect.verdict,
        "method": effect.method,
        "percent": effect.percent,
        "checks": checks,
        "n_comparison": len(effect.comparison),
        "breakdown": trends.relative,
        "e_value_limit": e_value(ratio)[1] if ratio.is_number else np.nan,
    }
    return replace(
        effect,
        checks=checks,
        placebos=placebos,
        control=control,
        together=joint,
        together_with=() if joint is None else window.members[len(window.judged) :],
        event_study=months,
        trend_bounds=trends.bounds,
        grade=grade_of(**about),
        grade_limits=tuple(reason for _, reason in limits_on_grade(**about)),
    )


def look_beside(
    effect: Effect,
    panel: Panel,
    posterior: Posterior,
    alike: Posterior,
    rows: pd.DataFrame,
    *,
    method: str,
) -> Effect:
    """The effect with what stands beside its checks, and which none of them needs.

    Other paces, where its patients may have come from, how it came, and what waiting would bring.
    """
    total, level = effect.total, effect.level
    return replace(
        effect,
        priors=priors_table(panel, posterior, alike, total, level),
        moved=where_they_came_from(panel, rows, total, method=method, level=level),
        course=course_since_start(panel, posterior, level),
        ahead=narrowing(panel, posterior, rows, effect.per_month, level),
    )


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


def _recording(panel: Panel, posterior: Posterior) -> tuple[str, str, str, str]:
    """The check of recording at the judged clinics."""
    cells, window = panel.cells, posterior.window
    judged = window.rows[window.active.any(axis=1)]
    start = int(window.active.any(axis=0).argmax())
    clinics = np.unique(cells.clinic[judged])
    rows = np.isin(cells.clinic, clinics)
    unknown = np.full(len(cells.day), np.nan)
    if cells.unknown is not None:
        unknown = np.where(cells.usable[rows], cells.unknown[rows], 0.0).sum(axis=0)
    return recording_check(
        np.where(cells.usable[rows], cells.observed[rows], 0.0).sum(axis=0),
        unknown,
        start,
        near=max(1, round(NEAR_DAYS / float(np.median(cells.length)))),
        declared=_declared(panel, clinics),
    )


def _declared(panel: Panel, clinics: np.ndarray) -> list[int]:
    """Periods in which a change of recording was declared for any of some clinics."""
    if panel.events is None:
        return []
    names = {panel.cells.clinics[c] for c in clinics}
    changes = panel.events[panel.events["kind"] == "recording"]
    days = [
        row.start_date
        for row in changes.itertuples()
        if not row.clinics or names & set(row.clinics)
    ]
    return [int(panel.cells.periods.searchsorted(day, side="right")) - 1 for day in days]
