"""The page of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from partner_analysis.attribution.planning.plan import Plan
from partner_analysis.reporting.lone_page import write_lone_page
from partner_analysis.reporting.planning.asked import leave_for_page
from partner_analysis.reporting.study import Study

NOTEBOOK: Final = "05-plan.ipynb"
TITLE: Final = "Would we notice? What would it take?"


def write_plan_page(study: Study, plan: Plan, asked: Mapping[str, Any]) -> Path:
    """Run the notebook of plans and leave its page in ``reports/<practice>/plan``.

    Parameters
    ----------
    study
        The practice; its date is that of the page.
    plan
        Its plan, which the page shows.
    asked
        What ``plan_study`` was asked for it; so are the parameters of the notebook.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    SettingsError
        If the notebook is not there, or did not run to its end.
    LockedError
        If another plan is being made.
    """
    leave = partial(_leave, study, plan, asked)
    return write_lone_page(
        study, NOTEBOOK, place="plan/index", title=TITLE, parameters=asked, leave=leave
    )


def _leave(study: Study, plan: Plan, asked: Mapping[str, Any], folder: Path) -> None:
    """Leave the plan, and what it was made from, for the notebook."""
    leave_for_page(study, plan, asked, folder=folder)
