"""An edition: all that one published report is made from, and those published before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import partner_analysis
from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting import kept
from partner_analysis.reporting.numbers import day_text, short_name
from partner_analysis.reporting.pages import Frame
from partner_analysis.reporting.running.lastgood import LastGood, editions
from partner_analysis.reporting.study import Study

# Labels of the notebooks that run once; no partnership can have the first two as its id.
LABELS: Final = ("all exports", "all counts", "portfolio", "where-next")


@dataclass(frozen=True)
class Edition:
    """All that one published report is made from.

    Attributes
    ----------
    study
        The practice at its date, with the tables of the run.
    effects
        By partnership id; those that failed are missing.
    executed
        Executed notebooks by label: one of ``LABELS``, or a partnership id.
    failed
        What went wrong, by label.
    carried
        Pages of partnerships that this run left as they were, by id.
    stale
        The last good page of those that failed, by label.
    """

    study: Study
    effects: Mapping[str, Effect]
    executed: Mapping[str, Path]
    failed: Mapping[str, str] = field(default_factory=dict)
    carried: Mapping[str, Path] = field(default_factory=dict)
    stale: Mapping[str, LastGood] = field(default_factory=dict)

    @property
    def as_of(self) -> str:
        """Date of the data, which names the folder."""
        return f"{self.study.as_of:%Y-%m-%d}"

    @property
    def folder(self) -> Path:
        """Where this edition is published."""
        return kept.reports_folder(self.study.practice) / self.as_of


def previous_edition(edition: Edition) -> Path | None:
    """The published report of the date before, if there is one."""
    before = [path for path in editions(edition.folder.parent) if path.name < edition.as_of]
    return before[-1] if before else None


def names_of(edition: Edition) -> dict[str, str]:
    """Name by partnership id, of all that the register lists."""
    return edition.study.names


def frame_of(edition: Edition, title: str, page: str) -> Frame:
    """What stands around one page of the edition."""
    practice = edition.study.practice
    return Frame(
        title=title,
        practice=practice.name,
        as_of=day_text(edition.study.as_of),
        version=partner_analysis.__version__,
        made_up=practice.made_up,
        here=f"{page}.html",
        partners=_pages_of(edition.study.names),
    )


def _pages_of(names: Mapping[str, str]) -> dict[str, str]:
    """The page of each partnership by its name, as long as tables show it; of equal names none."""
    shown = [(short_name(name), f"{key}.html") for key, name in names.items()]
    called = [name for name, _ in shown]
    return {name: page for name, page in shown if called.count(name) == 1}
