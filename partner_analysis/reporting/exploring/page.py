"""The page of a view that somebody kept."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Final

from partner_analysis.reporting.exploring.view import Choices
from partner_analysis.reporting.lone_page import write_lone_page
from partner_analysis.reporting.study import Study

NOTEBOOK: Final = "08-view.ipynb"
TITLE: Final = "What do other choices show?"


def write_view_page(study: Study, choices: Choices, *, name: str) -> Path:
    """Run the notebook of views and leave its page in ``reports/<practice>/views``.

    It stands beside the reports, since a view is nobody's declared answer.

    Raises
    ------
    SettingsError
        If the notebook is not there, or did not run to its end.
    LockedError
        If another view is being made.
    """
    return write_lone_page(
        study, NOTEBOOK, place=f"views/{name}", title=TITLE, parameters=asdict(choices)
    )
