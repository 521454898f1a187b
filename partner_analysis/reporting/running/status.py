"""What a practice's runs have come to, in five lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Final

from partner_analysis import storage
from partner_analysis.practice import Practice, load_practice
from partner_analysis.reporting import kept
from partner_analysis.reporting.counted import find_upwards
from partner_analysis.reporting.numbers import list_text
from partner_analysis.reporting.running.journal import LOG, now, read_events
from partner_analysis.reporting.running.lastgood import editions, stale_pages
from partner_analysis.reporting.running.refusals import refusal_on

Event = Mapping[str, Any]
GOOD: Final = ("published", "unchanged")
RUNS: Final = 8  # so many of the last runs tell how often they come
EVEN: Final = 0.2  # share of the usual time between two by which all may differ
WORDS: Final[dict[str, str]] = {
    "published": "published the report on data as of {as_of}",
    "unchanged": "found nothing changed",
    "nothing published": "published nothing",
    "refused": "was refused: {message}",
    "disk": "could not write: {message}",
    "stopped": "was stopped from outside",
    "unforeseen": "broke off: {message}",
}


@dataclass(frozen=True)
class Status:
    """What the runs have come to: five lines, and whether all is well."""

    lines: tuple[str, ...]
    good: bool


def status_of(practice: str | Path, *, at: datetime | None = None) -> Status:
    """The state of a practice's runs, from its log and its newest report.

    Parameters
    ----------
    practice
        Its settings file.
    at
        The time at which it is asked; default: the clock.

    Returns
    -------
    Status
        What ran last, what failed, what is stale, when the next is expected, where to look.
        All is well if the last run ended well, no page is stale, and none is overdue.
    """
    settings = load_practice(find_upwards(Path(practice).expanduser()))
    folder, at = kept.processed_folder(settings), at or now()
    events = read_events(folder)
    ended = [event for event in events if event["event"] == "ended"]
    last, runs_well = _last_line(events, running=storage.is_locked(folder))
    failed = ended[-1].get("failed", []) if ended else []
    stale = _stale(settings)
    following, overdue = _next_line(events, at)
    lines = (
        f"Last run: {last}",
        f"Failed: {list_text(failed) if failed else 'nothing'}.",
        f"Stale: {list_text(stale) if stale else 'nothing'}.",
        f"Next run: {following}",
        f"Where to look: {_places(settings, failed)}",
    )
    return Status(lines, good=runs_well and not failed and not stale and not overdue)


def _last_line(events: Sequence[Event], *, running: bool) -> tuple[str, bool]:
    """What ran last, and whether that is well."""
    began = [event for event in events if event["event"] == "began"]
    if not began:
        return "none yet.", False
    start = f"began on {_when(began[-1]['at'])}"
    ended = [e for e in events if e["event"] == "ended"]
    end = next((e for e in reversed(ended) if e["run"] == began[-1]["run"]), None)
    if end is None and running:
        return f"is under way; it {start}.", _ended_well(ended)
    if end is None:
        return f"{start} and did not end: it was killed, or the machine stopped.", False
    words = WORDS.get(str(end["outcome"]), "ended").format_map({"as_of": "", "message": "", **end})
    return f"{start}, took {end['seconds']:.0f} s and {words.rstrip('.')}.", _ended_well([end])


def _ended_well(ended: Sequence[Event]) -> bool:
    """Whether the last run that ended did so well; also where none has ended."""
    return not ended or ended[-1]["outcome"] in GOOD


def _stale(settings: Practice) -> list[str]:
    """Pages of the newest report that could not be made anew, with their days."""
    found = editions(kept.reports_folder(settings))
    if not found:
        return []
    refused = refusal_on(found[-1])
    said = [f"{label} (of {day})" for label, day in stale_pages(found[-1]).items()]
    if refused is None:
        return said
    return [f"every page (data as of {found[-1].name}; no report since {refused.first})", *said]


def _next_line(events: Sequence[Event], at: datetime) -> tuple[str, bool]:
    """When the next run is expected, by how the last ones came, and whether it is overdue."""
    times = [datetime.fromisoformat(e["at"]) for e in events if e["event"] == "began"][-RUNS:]
    gaps = [(b - a).total_seconds() for a, b in pairwise(times)]
    usual = median(gaps) if len(gaps) >= 3 else 0.0
    if usual < 60 or any(abs(gap - usual) > EVEN * usual for gap in gaps):
        return "not known; the last runs came at no regular time.", False
    expected = times[-1] + timedelta(seconds=usual)
    said = f"expected on {_when(expected.isoformat())}, since they came every {_every(usual)}"
    overdue = at > expected + timedelta(seconds=usual / 2)
    return f"{said}{'; it is overdue' if overdue else ''}.", overdue


def _every(seconds: float) -> str:
    """A time between two runs in words."""
    for unit, size in (("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0)):
        if seconds >= 0.9 * size:
            many = round(seconds / size, 1)
            return f"{many:g} {unit}s" if many != 1 else unit
    return f"{seconds:.0f} seconds"


def _when(at: str) -> str:
    """A time of the log as day and minute."""
    return f"{datetime.fromisoformat(at):%Y-%m-%d at %H:%M}"


def _places(settings: Practice, failed: Sequence[str]) -> str:
    """Report, log and, where something failed, the private folder that says why."""
    folder, reports = kept.processed_folder(settings), kept.reports_folder(settings)
    private = f"; {folder / 'failed'} (private: it may show a patient)" if failed else ""
    return f"{reports / 'latest' / 'index.html'}; {folder / LOG}{private}"
