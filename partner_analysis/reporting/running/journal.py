"""The log of runs: one JSON line for each event, without any value of the data."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from partner_analysis import storage

LOG: Final = "runs.jsonl"
MOST_BYTES: Final = 1_000_000
KEPT_LOGS: Final = 5


class Journal:
    """Adds events to the log of a practice; a log that cannot be written stops no run.

    Parameters
    ----------
    folder
        The private folder of the practice.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOG
        self.run = f"{now():%Y%m%dT%H%M%S}-{os.getpid()}"

    def note(self, event: str, **values: Any) -> None:
        """Add one event to the log."""
        said = {"at": f"{now().isoformat(timespec='seconds')}", "run": self.run, "event": event}
        with suppress(OSError):
            storage.make_way(self.path, most_bytes=MOST_BYTES, keep=KEPT_LOGS)
            line = json.dumps({**said, **values}, ensure_ascii=False, default=str)
            storage.append_line(line, self.path, private=True)


def now() -> datetime:
    """The time of the clock, with its distance from Greenwich."""
    return datetime.now().astimezone()


def read_events(folder: Path) -> list[dict[str, Any]]:
    """Events of the log and of the one before it, the oldest first; torn lines are left out."""
    return [event for name in (f"{LOG}.1", LOG) for event in _events_of(folder / name)]


def _events_of(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    for line in storage.read_text(path).splitlines():
        with suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict) and {"at", "run", "event"} <= set(event):
                yield event
