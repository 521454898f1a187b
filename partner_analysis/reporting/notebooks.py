"""Runs notebooks, each in a kernel of its own: the only door to papermill."""

from __future__ import annotations

import difflib
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import papermill
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from partner_analysis.tables import SettingsError

CELL_SECONDS: Final = 300
SAFE_ERRORS: Final = frozenset({"InputError", "SettingsError", "DataError"})
# Messages to and from a kernel hold a practice's tables, so they are encrypted even on loopback.
ENCRYPTED: Final = Config({"KernelManager": {"transport_encryption": "auto"}})


@dataclass(frozen=True)
class Job:
    """One notebook to run: where it is, where the executed copy goes, its parameters."""

    label: str
    notebook: Path
    output: Path
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of one notebook.

    Attributes
    ----------
    job
        The job as it was given.
    seconds
        Wall time.
    problem
        Empty if the notebook ran to its end; otherwise one sentence without any value of the
        data.
    private
        The whole traceback. It may show a patient and stays in a private folder.
    """

    job: Job
    seconds: float
    problem: str = ""
    private: str = field(default="", repr=False)

    @property
    def succeeded(self) -> bool:
        """Whether every cell ran."""
        return not self.problem


def declared_parameters(notebook: Path) -> tuple[str, ...]:
    """Names in the notebook's parameters cell, in their order."""
    return tuple(papermill.inspect_notebook(_path(notebook)))


def check_parameters(notebook: Path, parameters: Iterable[str]) -> None:
    """Refuse a parameter that the notebook does not have.

    Raises
    ------
    SettingsError
        Naming the parameter, those that there are, and the nearest one.
    """
    declared = declared_parameters(notebook)
    for name in parameters:
        if name in declared:
            continue
        near = difflib.get_close_matches(name, declared, n=1)
        hint = f' Did you mean "{near[0]}"?' if near else ""
        raise SettingsError(
            f'{notebook.name} has no parameter "{name}". '
            f"It takes {', '.join(declared) or 'none'}.{hint}"
        )


def run_notebook(job: Job, *, cell_seconds: int = CELL_SECONDS) -> Outcome:
    """The outcome of one notebook, run from top to bottom in a fresh kernel.

    The outcome is decided by the exception alone: after a killed kernel or a timeout the saved
    notebook calls all its cells completed.

    Parameters
    ----------
    job
        What to run. The kernel works in the notebook's folder, as in JupyterLab.
    cell_seconds
        Limit for each cell.
    """
    start = time.monotonic()
    loop = ensure_event_loop()  # of this thread; nobody else would close it
    try:
        papermill.execute_notebook(
            _path(job.notebook),
            _path(job.output),
            parameters=dict(job.parameters),
            progress_bar=False,
            log_output=False,
            execution_timeout=cell_seconds,
            resources={"metadata": {"path": str(job.notebook.parent)}},
            config=ENCRYPTED,
            extra_arguments=["--log-level=CRITICAL"],
        )
    except Exception as error:
        seconds = time.monotonic() - start
        return Outcome(job, seconds, _problem(error), "".join(traceback.format_exception(error)))
    finally:
        loop.close()
    return Outcome(job, time.monotonic() - start)


def run_notebooks(
    jobs: Sequence[Job],
    *,
    at_once: int = 2,
    cell_seconds: int = CELL_SECONDS,
    tell: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """The outcomes of all jobs, in the order of the jobs; one that fails stops no other.

    Raises
    ------
    SettingsError
        If any job has an unknown parameter; then none has run.
    """
    for job in jobs:
        check_parameters(job.notebook, job.parameters)
    outcomes = {}
    pool = ThreadPoolExecutor(max_workers=at_once)
    try:
        running = [pool.submit(run_notebook, job, cell_seconds=cell_seconds) for job in jobs]
        for finished in as_completed(running):
            outcome = finished.result()
            outcomes[outcome.job.label] = outcome
            tell(outcome)
    finally:
        pool.shutdown(cancel_futures=True)
    return [outcomes[job.label] for job in jobs]


def _problem(error: Exception) -> str:
    """One sentence on what went wrong; the text of unknown errors may show a patient."""
    if isinstance(error, PapermillExecutionError):
        if error.ename in SAFE_ERRORS:
            return str(error.evalue)
        return f"A cell stopped with {error.ename}."
    if isinstance(error, CellTimeoutError):
        return "A cell took longer than it may."
    if isinstance(error, DeadKernelError):
        return "The process that ran it died (out of memory, or ended from outside)."
    return f"It could not be run: {type(error).__name__}."


def _path(path: Path) -> str:
    """The path as papermill wants it: it fills in {names}, so braces are doubled."""
    return str(path).replace("{", "{{").replace("}", "}}")
