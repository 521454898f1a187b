"""A papermill engine that runs the cells in a copy of this process: nothing is loaded again.

It stands beside papermill's own under ``papermill.engine`` in the entry points, which papermill
reads while it is loaded: so papermill is loaded before this module, never by it. Where the process
cannot be copied safely a new kernel is started instead, and the log says why.
"""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from multiprocessing import Pipe
from typing import Any, Final

from ipykernel.ipkernel import IPythonKernel
from jupyter_core.utils import run_sync
from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.log import logger

from partner_analysis.reporting.notebooks.cells import run_cells
from partner_analysis.reporting.notebooks.processes import end_all_below, why_no_copy

COPIES: Final = "partner-analysis"
LOOK: Final = 0.25  # seconds between two looks whether the cells still run


class CopiedEngine(NBClientEngine):
    """Runs a notebook's cells in a copy of this process, and saves the notebook at its end."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **kwargs: Any
    ) -> Any:
        """The executed notebook, as papermill's own engine gives it."""
        reason = why_no_copy() or _foreign(nb_man.nb)
        if reason:
            logger.warning("A new kernel is started, which takes longer: %s.", reason)
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        nb_man.output_path, kept = None, nb_man.output_path  # not saved before and after each cell
        try:
            given = {name: kwargs[name] for name in ("resources",) if name in kwargs}
            return CopyClient(nb_man, log=logger, kernel_name=kernel_name, **given).execute()
        finally:
            nb_man.output_path = kept


class CopyClient(PapermillNotebookClient):
    """Gives cells to a copy of this process and takes what a kernel would send."""

    def execute(self, **_: Any) -> Any:
        """The executed notebook."""
        self.reset_execution_trackers()
        folder = self.resources.get("metadata", {}).get("path", "")
        self.copy = Copy(folder)
        try:
            self.papermill_execute_cells()
            self.copy.say_goodbye()
            self.nb.metadata["language_info"] = dict(IPythonKernel.language_info)
        finally:
            self.copy.end()
        return self.nb

    def execute_cell(self, cell: Any, cell_index: int, **_: Any) -> Any:
        """One cell, run, with its outputs.

        Raises
        ------
        CellExecutionError
            If it stopped with an error.
        DeadKernelError
            If the process that ran it ended.
        """
        skipped = self.skip_cells_with_tag in cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or skipped:
            return cell
        self.code_cells_executed += 1
        cell.outputs = []
        self.clear_before_next_output = False
        self.copy.send(cell.source)
        while (message := self.copy.receive())["msg_type"] != "execute_reply":
            self.process_message(message, cell, cell_index)
        cell.execution_count = message["content"]["execution_count"]
        if message["content"]["status"] == "error":
            run_sync(self._check_raise_for_error)(cell, cell_index, message)
        return cell


class Copy:
    """A copy of this process that runs cells in a folder until it is told to end."""

    def __init__(self, folder: str) -> None:
        self._pipe, theirs = Pipe()
        parent = os.getpid()
        self._process = os.fork()
        if self._process == 0:
            self._pipe.close()
            run_cells(theirs, folder=folder, parent=parent)
        theirs.close()
        self._status: int | None = None

    def send(self, source: str) -> None:
        """Ask for a cell to be run."""
        try:
            self._pipe.send_bytes(source.encode("utf-8", "surrogatepass"))
        except OSError:
            self._wait(0)
            raise self._died() from None

    def receive(self) -> dict[str, Any]:
        """The next message, as a kernel sends it.

        Raises
        ------
        DeadKernelError
            If the copy has ended.
        """
        try:
            while not self._pipe.poll(LOOK):
                # its own children may hold the other end of the pipe, so its end is looked for
                if self._wait(os.WNOHANG) and not self._pipe.poll(0):
                    raise self._died()
            return dict(json.loads(self._pipe.recv_bytes()))
        except (EOFError, OSError):
            self._wait(0)
            raise self._died() from None

    def say_goodbye(self) -> None:
        """Make sure that the copy is still there after the last cell."""
        self.send("")
        self.receive()

    def end(self) -> None:
        """End the copy with everything that its cells have started."""
        if self._status is None:
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
            self._wait(0)
        end_all_below(os.getpid())
        self._pipe.close()

    def _wait(self, options: int) -> bool:
        """Whether the copy has ended."""
        if self._status is None:
            found, status = os.waitpid(self._process, options)
            self._status = os.waitstatus_to_exitcode(status) if found else None
        return self._status is not None

    def _died(self) -> DeadKernelError:
        return DeadKernelError(f"The process of the cells ended with code {self._status}.")


def _foreign(notebook: Any) -> str:
    """Why a notebook's language needs a kernel of its own; empty for Python."""
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    return "" if language == "python" else f"its language is {language}"
