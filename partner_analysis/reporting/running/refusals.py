"""A run that came to nothing: the last good pages say so, until a run ends well."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.faults import call_settings
from partner_analysis.reporting.numbers import day_text
from partner_analysis.reporting.running import lastgood
from partner_analysis.reporting.running.journal import Journal, now
from partner_analysis.tables import InputError

KEY: Final = "refused"
MARK: Final = re.compile(r'<div class="made-up refused".*?</div>\n', re.DOTALL)
LONGEST: Final = 400  # characters of a reason
SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


@dataclass(frozen=True)
class Refusal:
    """Runs in a row that made no report: the days of the first and the last, and why the last."""

    first: str
    last: str
    ended: str
    reason: str

    def again(self, before: Refusal | None) -> Refusal:
        """The same, counted from the first of those before it."""
        return self if before is None else Refusal(before.first, self.last, self.ended, self.reason)

    @property
    def words(self) -> str:
        """Which runs made no report, without a full stop."""
        last = f"the run of {_day(self.last)} {self.ended}"
        if self.first == self.last:
            return last[0].upper() + last[1:]
        return f"No run since {_day(self.first)} has made a report; {last}"

    def mark(self, as_of: str, *, overview: bool) -> str:
        """What stands above a page: the overview says why, the others lead to it."""
        known = "These are the last good pages" if overview else "This page is of the last good"
        head = f"{known}{'' if overview else ' report'}, on data as of {_day(as_of)}."
        why = f": {escape(self.reason)}" if overview else (
            '. <a href="index.html">The overview says why</a>.'
        )  # fmt: skip
        body = f"<strong>{head}</strong> {escape(self.words)}{why}"
        return f'<div class="made-up refused" role="note"><p>{body}</p></div>\n'


@contextmanager
def marking(folder: Path, settings: Path, *, as_of: str = "") -> Iterator[None]:
    """Mark the last good pages of a practice if what is done within comes to nothing.

    A run stopped from outside marks nothing, nor one that was asked for wrongly; and a mark that
    cannot be made hides no reason.

    Parameters
    ----------
    folder
        Of the practice's reports.
    settings
        The practice's settings file.
    as_of
        The last day of the data that was asked for; "" for the newest.
    """
    try:
        yield
    except Exception as error:
        asked_wrongly = isinstance(error, InputError) and str(error).startswith("--")
        if not asked_wrongly:
            with suppress(Exception):
                mark_refused(folder, refusal_of(error, settings), as_of=as_of)
        raise


@contextmanager
def marking_settings(path: Path) -> Iterator[None]:
    """Mark the last good pages that a settings file has made, if it can no longer be read."""
    try:
        yield
    except InputError as error:
        for folder in sorted((path.parent / "reports").glob("*")):
            found = lastgood.editions(folder)
            if not found or path.name not in lastgood.manifest_of(found[-1]).get("inputs", {}):
                continue
            private = path.parent / "data" / "processed" / folder.name
            with suppress(Exception), storage.locked(private):
                Journal(private).note("settings refused", message=str(error))
                mark_refused(folder, refusal_of(error, path))
        raise


def refusal_of(error: Exception, settings: Path = Path("practice.toml")) -> Refusal:
    """How a run of today ended, and why; the text of unknown errors may show a patient."""
    day = f"{now():%Y-%m-%d}"
    if isinstance(error, InputError):
        return Refusal(day, day, "was refused", _in_short(call_settings(str(error), settings)))
    if isinstance(error, OSError):
        said = f"the file system refused it ({error.strerror or type(error).__name__})."
        return Refusal(day, day, "could not write its files", said)
    said = f"something went wrong that nobody foresaw ({type(error).__name__})."
    return Refusal(day, day, "broke off", said)


def refusal_on(edition: Path) -> Refusal | None:
    """What an edition says of runs after it that made no report; None where it says nothing."""
    found = lastgood.manifest_of(edition).get(KEY)
    return Refusal(**found) if found else None


def mark_refused(folder: Path, refusal: Refusal, *, as_of: str = "") -> None:
    """Have the newest report up to a day say that a run after it made none; one mark for many."""
    found = [one for one in lastgood.editions(folder) if not as_of or one.name <= as_of]
    if not found:
        return
    edition = found[-1]
    before = refusal_on(edition)
    told = refusal.again(before)
    if told == before:
        return

    def mark(page: str, name: str) -> str:
        above = told.mark(edition.name, overview=name == "index.html")
        return without_mark(page).replace(lastgood.HEAD_ENDS, above + lastgood.HEAD_ENDS, 1)

    _rewrite(edition, mark, told)


def clear_refused(folder: Path, *, until: str) -> None:
    """Take the mark off every report up to a day, since a run with that day's data ended well."""
    for edition in lastgood.editions(folder):
        if edition.name <= until and refusal_on(edition) is not None:
            _rewrite(edition, lambda page, name: without_mark(page), None)


def without_mark(page: str) -> str:
    """The page as it was before it was marked."""
    return MARK.sub("", page)


# ------------------------------------------------------------------ steps
def _rewrite(edition: Path, change: Callable[[str, str], str], refusal: Refusal | None) -> None:
    """Publish an edition with its pages changed; what somebody has damaged stays known as such."""
    staging = storage.make_staging(edition.parent)
    try:
        copy = storage.copy_folder(edition, staging / edition.name)
        manifest = lastgood.manifest_of(copy)
        files: dict[str, Any] = dict(manifest.get("files", {}))
        for page in sorted(copy.glob("*.html")):
            whole = files.get(page.name) == storage.fingerprint(page)
            text = storage.read_bytes(page).decode("utf-8")
            storage.write_text(change(text, page.name), page)
            if whole:
                files[page.name] = storage.fingerprint(page)
        told = {name: value for name, value in manifest.items() if name != KEY} | {"files": files}
        if refusal is not None:
            told[KEY] = asdict(refusal)
        storage.write_json(told, copy / "manifest.json")
        storage.publish(copy, edition)
    finally:
        storage.remove_folder(staging)


def _in_short(text: str) -> str:
    """As many whole sentences of a text as there is room for; never none."""
    sentences = SENTENCE.split(" ".join(text.split()))
    said = sentences[0]
    for sentence in sentences[1:]:
        if len(said) + len(sentence) >= LONGEST:
            return f"{said} The log of runs has the rest."
        said = f"{said} {sentence}"
    return said


def _day(text: str) -> str:
    return day_text(pd.Timestamp(text))
