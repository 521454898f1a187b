"""The plan for one practice, from what somebody asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from partner_analysis.attribution.planning.plan import Plan, plan_partnership

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
    of 0 is one that is not stated.
    """
    return plan_partnership(
        study.counts,
        study.partnerships,
        clinics=_names(clinics),
        personas=_names(personas),
        percent=percent or float("nan"),
        per_month=per_month or float("nan"),
        months=months,
        events=study.practice.events_table,
        holidays=study.practice.holidays,
        level=study.practice.level,
        backtests=backtests,
    )


def _names(asked: str | Sequence[str]) -> tuple[str, ...]:
    parts = asked.split(";") if isinstance(asked, str) else asked
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
