"""The keeper of one notebook: gives it to papermill and says what became of it.

It also keeps a calculation, which needs neither papermill nor cells.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping
from typing import Any, Final

import nbformat
import papermill
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_notebook
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from partner_analysis.reporting import fragments
from partner_analysis.reporting.notebooks.engine import COPIES, CopiedEngine
from partner_analysis.reporting.notebooks.jobs import DIED, Calculation, Engine, Job, Piece
from partner_analysis.reporting.notebooks.pictures import shortfall

SAFE_ERRORS: Final = frozenset({"InputError", "SettingsError", "DataError"})
# Messages to and from a kernel hold a practice's tables, so they are encrypted even on loopback.
ENCRYPTED: Final = Config({"KernelManager": {"transport_encryption": "auto"}})

Answer = tuple[str, str]
"""The problem in one sentence, and the whole traceback."""


def get_ready() -> None:
    """Read once what checks the form of every notebook, and what turns one into HTML."""
    nbformat.validate(new_notebook())
    fragments.get_ready()


def keep(job: Piece, engine: Engine, environment: Mapping[str, str]) -> Answer:
    """What became of one piece of work, done by this process, which is to do nothing else."""
    os.environ.clear()
    os.environ.update(environment)
    return work_out(job) if isinstance(job, Calculation) else run_notebook(job, engine)


def work_out(calculation: Calculation) -> Answer:
    """What became of a calculation."""
    try:
        calculation.work(**calculation.parameters)
    except Exception as error:
        return _problem(error), "".join(traceback.format_exception(error))
    return "", ""


def run_notebook(job: Job, engine: Engine) -> Answer:
    """What became of a notebook, run from top to bottom in its own folder.

    It is decided by the exception, by the cells that were never run and by the pictures that are
    missing: after a killed kernel the saved notebook calls all its cells completed. What a whole
    one shows is left beside it as HTML.
    """
    loop = ensure_event_loop()
    try:
        cells = _execute(job, engine).cells
        missing = shortfall(cells)
        if not missing:
            fragments.keep_fragment(cells, job.output)
    except Exception as error:
        return _problem(error), "".join(traceback.format_exception(error))
    finally:
        loop.close()
    return missing, ""


def _execute(job: Job, engine: Engine, *, attempts: int = 3) -> Any:
    """The executed notebook; a kernel that did not come up is started once more.

    Kernels choose free ports some time before they take them, so two that start together may
    choose the same.
    """
    try:
        return papermill.execute_notebook(
            _path(job.notebook),
            _path(job.output),
            parameters=dict(job.parameters),
            progress_bar=False,
            log_output=False,
            resources={"metadata": {"path": str(job.notebook.parent)}},
            **_of(engine),
        )
    except DeadKernelError:
        raise
    except RuntimeError:
        if attempts == 1:
            raise
        return _execute(job, engine, attempts=attempts - 1)


def _of(engine: Engine) -> dict[str, Any]:
    """What papermill is told of an engine."""
    kernel = {"config": ENCRYPTED, "extra_arguments": ["--log-level=CRITICAL"]}
    if engine == "plain":
        return kernel
    papermill_engines.register(COPIES, CopiedEngine)  # also where the package is not installed
    return kernel | {"engine_name": COPIES}


def _problem(error: Exception) -> str:
    """One sentence on what went wrong; the text of unknown errors may show a patient."""
    if isinstance(error, PapermillExecutionError):
        if error.ename in SAFE_ERRORS:
            return str(error.evalue)
        if error.ename == "MemoryError":
            return "It needed more memory than there is."
        return f"A cell stopped with {error.ename}."
    if isinstance(error, DeadKernelError):
        return DIED
    if type(error).__name__ in SAFE_ERRORS:
        return str(error)
    return f"It could not be run: {type(error).__name__}."


def _path(path: os.PathLike[str]) -> str:
    """The path as papermill wants it: it fills in {names}, so braces are doubled."""
    return str(path).replace("{", "{{").replace("}", "}}")
