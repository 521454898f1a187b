"""What old runs leave is removed by rule: editions, failed notebooks, earlier work."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.practice import Practice
from partner_analysis.reporting import kept
from partner_analysis.reporting.running.lastgood import editions
from partner_analysis.reporting.running.work import remove_old_work
from partner_analysis.upkeep import ReportsKept

KEPT_WORK: Final = 2
FAILED_DAYS: Final = 90
DAY: Final = 86_400.0


def tidy(practice: Practice, *, spare: str = "") -> list[str]:
    """Dates of the editions that were removed; failed notebooks and earlier work go as well.

    ``spare`` is an edition that stays whatever its age: the one that was asked for.
    """
    remove_old_work(practice, keep=KEPT_WORK)
    _remove_old_failures(kept.processed_folder(practice) / "failed")
    old = too_old(editions(kept.reports_folder(practice)), practice.reports)
    gone = [edition for edition in old if edition.name != spare]
    for edition in gone:
        storage.retire(edition)
    return [edition.name for edition in gone]


def too_old(found: list[Path], rule: ReportsKept) -> list[Path]:
    """Editions that are neither among the newest nor young, the oldest first.

    Age is in days of data before the newest edition, so that no clock removes a report.
    """
    if not found:
        return []
    newest = pd.Timestamp(found[-1].name)
    return [
        edition
        for edition in found[: -rule.keep]
        if (newest - pd.Timestamp(edition.name)).days > rule.keep_days
    ]


def _remove_old_failures(folder: Path) -> None:
    """Remove failed notebooks that nobody has looked into for long: they may show a patient."""
    now = pd.Timestamp.now().timestamp()
    for private in folder.glob("*"):
        if now - private.stat().st_mtime > FAILED_DAYS * DAY:
            storage.remove_folder(private)
