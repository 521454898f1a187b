"""Tells somebody how a run ended: a command that reads the summary, or local mail."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from partner_analysis.upkeep import Notify

MOST_SECONDS: Final = 60.0
SENDMAIL: Final = ("/usr/sbin/sendmail", "/usr/lib/sendmail")


@dataclass(frozen=True)
class Summary:
    """What is told of a run: a subject, lines, whether it failed, whether anything is new."""

    subject: str
    lines: tuple[str, ...]
    failed: bool
    changed: bool

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines) + "\n"


def send(notify: Notify, summary: Summary, *, folder: Path, seconds: float = MOST_SECONDS) -> str:
    """Why the summary could not be told; "" if it was, or if nobody wants it.

    The command works in the practice's folder, is given the summary on its standard input, and
    in its environment ``PARTNER_ANALYSIS_SUBJECT`` and ``PARTNER_ANALYSIS_FAILED`` ("yes" or
    "no"). What takes longer than a minute is ended.
    """
    wanted = {"always": True, "failure": summary.failed, "change": summary.changed}
    if not wanted[notify.on]:
        return ""
    said = []
    if notify.command:
        said.append(_tell(notify.command, summary.text, summary, folder, seconds))
    if notify.mail:
        mail = EmailMessage()
        mail["To"], mail["Subject"] = notify.mail, summary.subject
        mail.set_content(summary.text)
        said.append(_tell([_sendmail(), "-t", "-oi"], mail.as_string(), summary, folder, seconds))
    return " ".join(filter(None, said))


def _tell(command: Sequence[str], text: str, summary: Summary, folder: Path, seconds: float) -> str:
    """Run one command with a text to read; why it failed."""
    name = Path(command[0]).name
    told = {
        "PARTNER_ANALYSIS_SUBJECT": summary.subject,
        "PARTNER_ANALYSIS_FAILED": "yes" if summary.failed else "no",
    }
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=folder, env={**os.environ, **told}, start_new_session=True,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        return f"{name}: cannot be started ({getattr(error, 'strerror', '') or 'no such name'})."
    try:
        process.communicate(text.encode(), timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return f"{name}: did not end in {seconds:.0f} seconds, and was ended."
    except OSError:  # it did not read to the end; what it returns counts
        process.wait()
    return f"{name}: ended with code {process.returncode}." if process.returncode else ""


def _sendmail() -> str:
    return next((place for place in SENDMAIL if Path(place).exists()), "sendmail")
