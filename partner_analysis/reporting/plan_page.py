"""The page of a plan: its notebook run by itself, outside the nightly run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import partner_analysis
from partner_analysis import storage
from partner_analysis.reporting import kept
from partner_analysis.reporting.notebooks import Job, run_notebooks
from partner_analysis.reporting.numbers import day_text
from partner_analysis.reporting.pages import Frame, notebook_page
from partner_analysis.reporting.running.execution import find_notebooks
from partner_analysis.reporting.study import Study
from partner_analysis.tables import SettingsError

NOTEBOOK: Final = "05-plan.ipynb"
TITLE: Final = "Would we notice? What would it take?"


def write_plan_page(study: Study, parameters: Mapping[str, object]) -> Path:
    """Run the notebook of plans and leave its page in ``reports/<practice>/plan``.

    Parameters
    ----------
    study
        The practice; its date is that of the page.
    parameters
        Of the notebook, beside ``practice`` and ``as_of``.

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
    notebook = find_notebooks(study.practice) / NOTEBOOK
    if not notebook.exists():
        raise SettingsError(f"{notebook}: no such file. Copy it from partner_analysis.")
    folder = kept.processed_folder(study.practice) / "plan"
    final = kept.reports_folder(study.practice) / "plan" / "index.html"
    as_of = f"{study.as_of:%Y-%m-%d}"
    given = {"practice": str(study.practice.path), "as_of": as_of, **parameters}
    with storage.locked(folder):
        staging = storage.make_staging(folder, private=True)
        try:
            job = Job("plan", notebook, staging / NOTEBOOK, given)
            [outcome] = run_notebooks([job])
            if not outcome.succeeded:
                raise SettingsError(f"{NOTEBOOK}: {outcome.problem}")
            return storage.write_text(notebook_page([job.output], frame=_frame(study)), final)
        finally:
            storage.remove_folder(staging)


def _frame(study: Study) -> Frame:
    return Frame(
        title=TITLE,
        practice=study.practice.name,
        as_of=day_text(study.as_of),
        version=partner_analysis.__version__,
        made_up=study.practice.made_up,
        here="index.html",
        links=(),
    )
