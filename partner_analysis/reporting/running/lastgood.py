"""The last good page of each report: kept where a new one could not be made, and marked so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.reporting.numbers import day_text
from partner_analysis.tables import DataError

DATED: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
MADE, AS_IT_WAS, STALE, NOT_MADE = "made", "as it was", "stale", "not made"
HEAD_ENDS: Final = "</header>\n"
BANNER: Final = re.compile(r'<p class="made-up stale".*?</p>\n', re.DOTALL)


@dataclass(frozen=True)
class LastGood:
    """A page that was made before: where it stands, when it was made, and on which data."""

    page: Path
    made_on: str
    as_of: str

    def words(self, *, today: pd.Timestamp) -> str:
        """What its reader has to know, in one sentence."""
        return (
            f"This page is of {_day(self.made_on)}, on data as of {_day(self.as_of)}; "
            f"it could not be made anew on {day_text(today)}."
        )

    @property
    def entry(self) -> dict[str, str]:
        """What the manifest of an edition says of it."""
        return {"state": STALE, "made_on": self.made_on, "as_of": self.as_of}


def editions(folder: Path) -> list[Path]:
    """Published reports in a practice's folder, the oldest first."""
    return sorted(path for path in folder.glob("*") if DATED.fullmatch(path.name))


def last_good(folder: Path, label: str, *, as_of: str) -> LastGood | None:
    """The last page of a label that was made on data up to a day; None if there is none."""
    for edition in reversed(editions(folder)):
        entry = pages_of(edition).get(label, {})
        made = entry.get("state", NOT_MADE) != NOT_MADE and (edition / f"{label}.html").exists()
        if edition.name <= as_of and made:
            return LastGood(edition / f"{label}.html", entry["made_on"], entry["as_of"])
    return None


def pages_of(edition: Path) -> dict[str, dict[str, str]]:
    """State, day of making and day of the data of every page of an edition, by label."""
    manifest = manifest_of(edition)
    if "pages" in manifest:
        return dict(manifest["pages"])
    made_on = str(manifest.get("began", ""))[:10]
    return {
        label: {
            "state": MADE if entry.get("outcome") == "done" else NOT_MADE,
            "made_on": made_on,
            "as_of": edition.name,
        }
        for label, entry in manifest.get("notebooks", {}).items()
        if made_on
    }


def manifest_of(edition: Path) -> dict[str, Any]:
    """The manifest of an edition; empty where there is none that can be read."""
    try:
        found = storage.read_json(edition / "manifest.json")
    except DataError:
        return {}
    return found if isinstance(found, dict) else {}


def fingerprints_of(edition: Path) -> dict[str, str]:
    """SHA-256 of every file of an edition by its place, its manifest left out."""
    files = (path for path in sorted(edition.rglob("*.*")) if path.is_file())
    prints = {path.relative_to(edition).as_posix(): storage.fingerprint(path) for path in files}
    return {name: found for name, found in prints.items() if name != "manifest.json"}


def is_whole(edition: Path) -> bool:
    """Whether every file of an edition is as it was when it was published."""
    files = manifest_of(edition).get("files", {})
    return bool(files) and all(
        (edition / name).is_file() and storage.fingerprint(edition / name) == known
        for name, known in files.items()
    )


def stale_pages(edition: Path) -> Mapping[str, str]:
    """Day of making of every page that could not be made anew, by label."""
    pages = pages_of(edition).items()
    return {label: entry["made_on"] for label, entry in pages if entry["state"] == STALE}


def with_banner(page: str, words: str) -> str:
    """The page with a banner at the end of its head, in place of any that it had."""
    banner = f'<p class="made-up stale" role="note"><strong>{escape(words)}</strong></p>\n'
    return BANNER.sub("", page).replace(HEAD_ENDS, banner + HEAD_ENDS, 1)


def _day(text: str) -> str:
    return day_text(pd.Timestamp(text))
