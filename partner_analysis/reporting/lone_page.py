"""A page by itself: one notebook run outside the nightly run, for somebody who asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import partner_analysis
from partner_analysis import storage
from partner_analysis.reporting import kept
from partner_analysis.reporting.notebooks import Job, run_notebooks
from partner_analysis.reporting.numbers import day_text
from partner_analysis.reporting.pages import Frame, notebook_page
from partner_analysis.reporting.running.execution import find_notebooks
from partner_analysis.reporting.study import Study
from partner_analysis.tables import SettingsError


def write_lone_page(
    study: Study,
    name: str,
    *,
    place: str,
    title: str,
    parameters: Mapping[str, object],
    leave: Callable[[Path], None] | None = None,
) -> Path:
    """Run one notebook and leave its page in ``reports/<practice>/<place>.html``.

    Parameters
    ----------
    study
        The practice; its date is that of the page.
    name
        File name of the notebook.
    place
        Path of the page below the practice's reports, without its ending.
    title
        Of the page.
    parameters
        Of the notebook, beside ``practice``, ``as_of`` and ``tables``.
    leave
        Leaves, in the private folder that it is given, tables for the notebook to read.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    SettingsError
        If the notebook is not there, or did not run to its end; then no page changes.
    LockedError
        If a page of the same kind is being made.
    """
    notebook = find_notebooks(study.practice) / name
    if not notebook.exists():
        raise SettingsError(f"{notebook}: no such file. Copy it from partner_analysis.")
    folder = kept.processed_folder(study.practice) / place.split("/")[0]
    page = kept.reports_folder(study.practice) / f"{place}.html"
    as_of = f"{study.as_of:%Y-%m-%d}"
    given = {"practice": str(study.practice.path), "as_of": as_of, **parameters}
    frame = Frame(
        title=title,
        practice=study.practice.name,
        as_of=day_text(study.as_of),
        version=partner_analysis.__version__,
        made_up=study.practice.made_up,
        here=page.name,
        links=(),
    )
    with storage.locked(folder):
        staging = storage.make_staging(folder, private=True)
        try:
            if leave is not None:
                leave(staging)
                given["tables"] = str(staging)
            job = Job(page.stem, notebook, staging / name, given)
            [outcome] = run_notebooks([job])
            if not outcome.succeeded:
                raise SettingsError(f"{name}: {outcome.problem}")
            return storage.write_text(notebook_page([job.output], frame=frame), page)
        finally:
            storage.remove_folder(staging)
