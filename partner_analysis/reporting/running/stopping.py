"""Stops a run from outside: at once, with every process that it has started."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, Final

from partner_analysis import storage
from partner_analysis.tables import DataError

SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)
)
PAUSE: Final = 0.05
LIMIT: Final = 30.0


class Stopped(KeyboardInterrupt):
    """A signal has asked the run to end.

    ``code`` is what a shell expects: 128 and the number of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.code = 128 + number


class Stopping:
    """While it is entered, a signal ends the run and all processes below it.

    The first signal raises ``Stopped`` where the run is; further ones are ignored, so that the
    way out is not cut short. Outside the main thread nothing is done.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._out = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Stopping:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._stop) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        self._out.set()
        if self._thread is not None:
            self._thread.join()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, _: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        self._thread = threading.Thread(target=self._end_all, daemon=True)
        self._thread.start()
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise Stopped(number)

    def _end_all(self) -> None:
        """End processes below this one until the run is out, since one may start another."""
        for _ in range(int(LIMIT / PAUSE)):
            for process in descendants(os.getpid()):
                with suppress(OSError):
                    os.kill(process, signal.SIGKILL)
            if self._out.wait(PAUSE):
                return


def descendants(process: int) -> list[int]:
    """Ids of all processes below one, where the system lists them (Linux); else none."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(DataError, ValueError, IndexError):  # it has ended meanwhile
            stat = storage.read_bytes(entry / "stat")
            parents[int(entry.name)] = int(stat.rsplit(b")", 1)[1].split()[1])
    found, below = [], [process]
    while below:
        below = [child for child, parent in parents.items() if parent in below]
        found += below
    return found
