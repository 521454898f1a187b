"""The plan for one practice, from what somebody asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partner_analysis import storage
from partner_analysis.attribution.planning.plan import Plan, plan_partnership
from partner_analysis.reporting import kept
from partner_analysis.reporting.planning.left import leave_plan, left_plan

if TYPE_CHECKING:
    from partner_analysis.reporting.study import Study


def plan_study(
    study: Study,
    *,
    clinics: str | Sequence[str] = "",
    personas: str | Sequence[str] = "",
    percent: float = 0.0,
    per_month: float = 0.0,
    months: int = 12,
    backtests: bool = True,
) -> Plan:
    """The plan for one practice; see ``plan_partnership``.

    ``clinics`` and ``personas`` are names, or one text with semicolons between them; an effect
    of 0 is one that is not stated. A plan that was left beside the study's tables for the same
    question is that plan.
    """
    asked = _asked(clinics, personas, percent, per_month, months, backtests)
    before = left_plan(asked, study.tables)
    if before is not None:
        return before
    stated = {name: asked[name] or float("nan") for name in ("percent", "per_month")}
    return plan_partnership(
        study.counts,
        study.partnerships,
        events=study.practice.events_table,
        holidays=study.practice.holidays,
        level=study.practice.level,
        **{**asked, **stated},
    )


def leave_for_page(study: Study, plan: Plan, question: Mapping[str, Any], *, folder: Path) -> None:
    """Leave a plan and the tables behind it, so that the page's notebook makes none of it anew.

    ``question`` is what ``plan_study`` was asked for this plan.
    """
    kept.write_cleaned(study.cleaned, folder)
    storage.write_table(study.counts, folder / "counts.parquet")
    leave_plan(plan, _asked(**question), folder)


def _asked(
    clinics: str | Sequence[str] = "",
    personas: str | Sequence[str] = "",
    percent: float = 0.0,
    per_month: float = 0.0,
    months: int = 12,
    backtests: bool = True,
) -> dict[str, Any]:
    """A question to ``plan_study`` in one form, however it was written."""
    return {
        "clinics": _names(clinics),
        "personas": _names(personas),
        "percent": percent,
        "per_month": per_month,
        "months": months,
        "backtests": backtests,
    }


def _names(asked: str | Sequence[str]) -> list[str]:
    parts = asked.split(";") if isinstance(asked, str) else asked
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))
