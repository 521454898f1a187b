"""The process that runs a notebook's cells: an IPython shell that sends what a kernel sends."""

from __future__ import annotations

import asyncio
import builtins
import getpass
import io
import os
import random
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection
from types import SimpleNamespace
from typing import Any, Final, NoReturn

import numpy as np
from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.async_helpers import _asyncio_runner
from IPython.core.error import StdinNotImplementedError
from jupyter_client.session import Session, json_packer
from traitlets.config import Config

from partner_analysis.reporting.notebooks.processes import end_with

INTERVAL: Final = 0.2  # seconds after which a kernel sends what was printed
QUIET: Final = Config({"HistoryManager": {"enabled": False}})


def run_cells(pipe: Connection, *, folder: str, parent: int) -> NoReturn:
    """Run cells as they come through the pipe until an empty one; this process ends there."""
    code = 1
    try:
        end_with(parent)
        _start_afresh(folder)
        asyncio.run(_serve(pipe))
        code = 0
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code)


def _start_afresh(folder: str) -> None:
    """Take back what a copy shares with others: chance, the folder, the input."""
    random.seed()
    np.random.seed()  # noqa: NPY002 - notebooks may use the shared state; it must differ
    if folder:
        os.chdir(folder)
    if "" not in sys.path:
        sys.path.insert(0, "")
    nothing, end = os.pipe()
    os.close(end)
    os.dup2(nothing, 0)
    asyncio.set_event_loop(None)
    builtins.input = _refuse
    getpass.getpass = _refuse  # type: ignore[assignment]


def _refuse(prompt: object = "", *_: object) -> NoReturn:
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


async def _serve(pipe: Connection) -> None:
    """Run what comes, inside a running event loop as in a kernel."""
    wire = Wire(pipe)
    sys.stdout, sys.stderr = wire.stdout, wire.stderr
    shell = open_shell(wire)
    come = asyncio.Event()
    asyncio.get_running_loop().add_reader(pipe.fileno(), come.set)
    while True:
        while not pipe.poll(0):
            come.clear()
            await come.wait()
        source = pipe.recv_bytes().decode("utf-8", "surrogatepass")
        reply = await run_cell(shell, source) if source else {"status": "ok"}
        wire.flush()
        wire.send(None, "execute_reply", reply)
        if shell.exit_now or not source:
            return


def open_shell(wire: Wire) -> ZMQInteractiveShell:
    """The shell of a kernel, connected to the wire in place of the kernel's sockets."""
    shell = ZMQInteractiveShell.instance(
        config=QUIET,
        compiler_class=XCachingCompiler,
        kernel=SimpleNamespace(eventloop=None),
        user_ns={},
    )
    for sender in (shell.displayhook, shell.display_pub):
        sender.session = wire
    shell.displayhook.topic = b"execute_result"
    shell.run_line_magic("load_ext", "storemagic")
    return shell


async def run_cell(shell: ZMQInteractiveShell, source: str) -> dict[str, Any]:
    """The kernel's reply to one cell: ``status``, ``execution_count`` and, of an error, its name.

    The same steps as in ``ipykernel.ipkernel.IPythonKernel.do_execute``.
    """
    transformed, failed = source, None
    try:
        transformed = shell.transform_cell(source)
    except Exception:
        failed = sys.exc_info()
    given: Any = {"transformed_cell": transformed, "preprocessing_exc_tuple": failed}
    if shell.loop_runner is _asyncio_runner and shell.should_run_async(source, **given):
        shell._last_traceback, shell._last_traceback_during_displayhook = None, False
        result = None
        try:
            result = await asyncio.ensure_future(
                shell.run_cell_async(source, store_history=True, **given)
            )
        finally:
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
    else:
        result = shell.run_cell(source, store_history=True)
    shell.payload_manager.clear_payload()  # type: ignore[union-attr]
    return _reply(shell, result)


def _reply(shell: ZMQInteractiveShell, result: Any) -> dict[str, Any]:
    """What a kernel replies after a cell."""
    count = {"execution_count": shell.execution_count - 1}
    if result.success and not getattr(shell, "_last_traceback_during_displayhook", False):
        return count | {"status": "ok"}
    error = result.error_before_exec or result.error_in_exec
    return count | {
        "status": "error",
        "traceback": shell._last_traceback or [],
        "ename": type(error).__name__,
        "evalue": str(error),
    }


class Wire(Session):
    """Sends messages through a pipe, where a kernel has sockets."""

    def __init__(self, pipe: Connection) -> None:
        super().__init__()
        self.pipe = pipe
        self.sending = threading.RLock()
        self.stdout, self.stderr = Printed(self, "stdout", 1), Printed(self, "stderr", 2)

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *_: Any, **__: Any) -> None:
        """Send one message; where it goes to and what it answers is known."""
        if isinstance(msg_or_type, dict):
            msg_or_type, content = msg_or_type["msg_type"], msg_or_type["content"]
        message = {
            "header": {"msg_type": msg_or_type},
            "msg_type": msg_or_type,
            "parent_header": {},
            "content": content,
        }
        with self.sending:
            self.pipe.send_bytes(json_packer(message))

    def flush(self) -> None:
        """Send what was printed."""
        self.stdout.flush()
        self.stderr.flush()


class Printed(io.TextIOBase):
    """A text stream whose content is sent: at once when flushed, or after a short while."""

    encoding = "UTF-8"

    def __init__(self, wire: Wire, name: str, number: int) -> None:
        self.name, self._wire, self._number = name, wire, number
        self._parts: list[str] = []
        self._since = 0.0
        self._owner = os.getpid()
        self._file = os.memfd_create(name)  # others print into it by the number of the file
        self._taken = 0
        os.dup2(self._file, number)

    def write(self, text: str) -> int:
        """Keep the text until it is sent."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() != self._owner:  # a child of a cell: the owner takes it from the file
            os.write(self._number, text.encode("utf-8", "replace"))
            return len(text)
        if self._parts and time.monotonic() - self._since > INTERVAL:
            self._wire.stdout.flush()
            self._wire.stderr.flush()
        if not self._parts:
            self._since = time.monotonic()
        self._parts.append(text)
        return len(text)

    def flush(self) -> None:
        """Send what was written, by Python and by others into the same file."""
        if os.getpid() != self._owner:
            return
        self._take()
        text, self._parts = "".join(self._parts), []
        if text:
            self._wire.send(None, "stream", {"name": self.name, "text": text})

    def _take(self) -> None:
        """Add what others have printed into the file."""
        (sys.__stdout__ if self._number == 1 else sys.__stderr__).flush()  # type: ignore[union-attr]
        found = os.pread(self._file, os.fstat(self._file).st_size - self._taken, self._taken)
        self._taken += len(found)
        if found:
            self._parts.append(found.decode("utf-8", "replace"))

    def fileno(self) -> int:
        """The number of the file that others print into."""
        return self._number

    def writable(self) -> bool:
        """Whether it can be written to: yes."""
        return True

    def isatty(self) -> bool:
        """Whether a person sits before it: no."""
        return False
