"""A process that does one piece of work and sends back what came of it."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe, connection, get_context
from typing import Any, NoReturn

from partner_analysis.reporting.notebooks.processes import (
    adopt_orphans,
    end_all_below,
    end_with,
    why_no_copy,
)

BROKEN = "the process ended before it could say what came of its work"


class Child:
    """A copy of this process that does some work; a new process where copying is not safe.

    It is a session of its own, ends when this process ends, and leaves nothing behind.
    """

    def __init__(self, work: Callable[..., object], *given: Any) -> None:
        self.answers, theirs = Pipe(duplex=False)
        call = (os.getpid(), theirs, work, *given)
        self._process: Any
        if why_no_copy():
            self._process = get_context("spawn").Process(target=_work, args=call)
            self._process.start()
        else:
            self._process = _Copy(*call)
        theirs.close()

    def is_there(self) -> bool:
        """Whether it still works."""
        return bool(self._process.is_alive())

    def end_below(self) -> None:
        """End all that it has started, which it will notice."""
        end_all_below(self._process.pid)

    def end(self) -> None:
        """End it with all that it has started."""
        self.end_below()
        self._process.kill()

    def answer(self) -> Any:
        """What came of its work; then it is gone.

        Raises
        ------
        EOFError
            If it ended before it could say so.
        """
        try:
            return self.answers.recv()
        except OSError:
            raise EOFError(BROKEN) from None
        finally:
            self.answers.close()
            while self.is_there():
                time.sleep(0.001)


class _Copy:
    """A copy of this process, as ``multiprocessing.Process`` has it."""

    def __init__(self, *call: Any) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            _work(*call)
        self._runs = True

    def is_alive(self) -> bool:
        if self._runs:
            self._runs = os.waitpid(self.pid, os.WNOHANG)[0] == 0
        return self._runs

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def _work(
    parent: int, answers: connection.Connection, work: Callable[..., object], *given: Any
) -> NoReturn:
    """Work, and say what came of it; the process ends there."""
    try:
        if hasattr(os, "setsid"):
            os.setsid()
        adopt_orphans()
        end_with(parent)
        answer = work(*given)
        end_all_below(os.getpid())
        answers.send(answer)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)
