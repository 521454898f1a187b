"""How a run ended: in the log, and to whoever wants to be told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from partner_analysis import storage
from partner_analysis.practice import Practice
from partner_analysis.reporting import kept
from partner_analysis.reporting.running.journal import Journal
from partner_analysis.reporting.running.notify import Summary, send
from partner_analysis.reporting.running.stopping import Stopped
from partner_analysis.tables import InputError

Tell = Callable[[int, int, str, float], None]
Foresee = Callable[[float], None]


@dataclass(frozen=True)
class RunRecord:
    """What a run did.

    Attributes
    ----------
    as_of
        Last day of the data used.
    index
        The published index page; None if nothing was published.
    problems
        One sentence for each register row and notebook that failed.
    unchanged
        Whether nothing had changed since the last run, so that its report stands as it is.
    failed
        Labels of the notebooks that failed.
    stale
        Day of making of each page that could not be made anew and stands as it was, by label.
    """

    as_of: str
    index: Path | None
    problems: tuple[str, ...]
    unchanged: bool = False
    failed: tuple[str, ...] = ()
    stale: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Told:
    """A run under way: its log, and its record once there is one."""

    journal: Journal
    record: RunRecord = field(default_factory=lambda: RunRecord("", None, ()))


@contextmanager
def recorded(practice: Practice) -> Iterator[Told]:
    """Write down how a run ended, and tell whom the practice names; whatever it was.

    A log that cannot be written and a message that cannot be sent fail no run.
    """
    told, start = Told(Journal(kept.processed_folder(practice))), time.monotonic()
    try:
        yield told
    except storage.LockedError:
        told.journal.note("locked")
        raise
    except BaseException as error:
        outcome, said = _why(error)
        _end(practice, told, start, outcome, said=said, quiet=type(error) is KeyboardInterrupt)
        raise
    _end(practice, told, start, _outcome(told.record), quiet=False)


def _end(
    practice: Practice, told: Told, start: float, outcome: str, *, quiet: bool, said: str = ""
) -> None:
    """Write down the end of a run and send its summary."""
    record, journal = told.record, told.journal
    seconds = round(time.monotonic() - start, 1)
    values: dict[str, Any] = {"outcome": outcome, "seconds": seconds, "as_of": record.as_of}
    values |= {"failed": list(record.failed), "stale": dict(record.stale), "message": said}
    values["register"] = len(record.problems) - len(record.failed)
    journal.note("ended", **values)
    if practice.notify is None or quiet:
        return
    summary = summarise(practice, record, outcome=outcome, said=said, log=journal.path)
    problem = send(practice.notify, summary, folder=practice.folder)
    if problem:
        journal.note("not told", message=problem)


def summarise(
    practice: Practice, record: RunRecord, *, outcome: str, said: str, log: Path
) -> Summary:
    """What is told of a run: names of reports and files, and nothing of the data."""
    of_register = len(record.problems) > len(record.failed) and not record.unchanged
    failed = bool(record.failed) or of_register or outcome not in ("published", "unchanged")
    lines = [f"Practice: {practice.name} ({practice.slug}).", f"Outcome: {outcome}."]
    lines += [said] if said else []
    if record.failed:
        lines.append(f"Could not be made: {', '.join(record.failed)}.")
    if record.stale:
        older = (f"{label} (of {day})" for label, day in record.stale.items())
        lines.append(f"Older pages stand in their place: {', '.join(older)}.")
    if len(record.problems) > len(record.failed):
        lines.append("The register of partnerships has rows that cannot be used.")
    if record.index is not None:
        lines.append(f"Report on data as of {record.as_of}: {record.index}")
    lines.append(f"Log: {log}")
    word = f"{outcome}, {len(record.failed)} failed" if record.failed else outcome
    subject = f"partner-analysis {practice.slug}: {word}"
    return Summary(subject, tuple(lines), failed=failed, changed=outcome != "unchanged")


def _outcome(record: RunRecord) -> str:
    """How a run ended that was not stopped."""
    if record.unchanged:
        return "unchanged"
    return "published" if record.index is not None else "nothing published"


def _why(error: BaseException) -> tuple[str, str]:
    """How a run ended that was stopped, and why; the text of unknown errors may show a patient."""
    if isinstance(error, Stopped | KeyboardInterrupt):
        return "stopped", "Stopped from outside; the last reports stand as they were."
    if isinstance(error, InputError):
        return "refused", str(error)
    if isinstance(error, OSError):
        said = error.strerror or type(error).__name__
        return "disk", f"The file system refused it ({said}); the last reports stand as they were."
    return "unforeseen", f"Something went wrong that nobody foresaw ({type(error).__name__})."
