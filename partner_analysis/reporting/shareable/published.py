"""The ledger of what has been told to others: quarters counted once, and every answer given.

A quarter is counted when it is complete and then never again, so that all pages, however late
they are made, tell sums of the same cells. Corrections of a quarter that was told come too late
for it; otherwise the difference of two pages would be a count of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.reviews.known import step_of
from partner_analysis.practice import Practice
from partner_analysis.reporting.kept import processed_folder

LEDGER_FILE: Final = "published.json"


class Question(NamedTuple):
    """A count that somebody may read: of a quarter ("2024Q1") or a year, () meaning all."""

    period: str
    clinics: tuple[str, ...]
    personas: tuple[str, ...]


class Cell(NamedTuple):
    """The finest count that is kept."""

    quarter: str
    clinic: str
    persona: str


@dataclass
class Published:
    """What has been counted for others, and what they have been told.

    Attributes
    ----------
    cells
        New patients by quarter, clinic and persona, counted when the quarter was complete.
    named
        New patients who named a partner, by quarter and partnership id.
    answers
        Answer by question: see ``disclosure.disclose``.
    named_answers
        Answer by year and partnership id.
    effects
        What was told of an effect, by partnership id and date of its review.
    """

    cells: dict[Cell, int] = field(default_factory=dict)
    named: dict[tuple[str, str], int] = field(default_factory=dict)
    answers: dict[Question, str] = field(default_factory=dict)
    named_answers: dict[tuple[str, str], str] = field(default_factory=dict)
    effects: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @property
    def quarters(self) -> list[str]:
        """Quarters that have been counted, in their order."""
        return sorted({cell.quarter for cell in self.cells})

    def quarters_of(self, year: str) -> list[str]:
        """Those of one year."""
        return [quarter for quarter in self.quarters if quarter[:4] == year]

    def inside(self, question: Question) -> list[Cell]:
        """Cells that a question adds up."""
        return [
            cell
            for cell in self.cells
            if cell.quarter.startswith(question.period)
            and (not question.clinics or cell.clinic in question.clinics)
            and (not question.personas or cell.persona in question.personas)
        ]

    def count(self, question: Question) -> int:
        """New patients that a question asks for."""
        return sum(self.cells[cell] for cell in self.inside(question))


def read_published(practice: Practice) -> Published:
    """The ledger of a practice; empty before anything was told."""
    path = processed_folder(practice) / LEDGER_FILE
    if not path.exists():
        return Published()
    kept = storage.read_json(path)
    return Published(
        cells={Cell(*key): count for *key, count in kept["cells"]},
        named={(quarter, key): count for quarter, key, count in kept["named"]},
        answers={
            Question(period, tuple(clinics), tuple(personas)): answer
            for period, clinics, personas, answer in kept["answers"]
        },
        named_answers={(year, key): answer for year, key, answer in kept["named_answers"]},
        effects=kept["effects"],
    )


def write_published(published: Published, practice: Practice) -> None:
    """Keep the ledger in the practice's private folder."""
    content = {
        "cells": [[*cell, count] for cell, count in published.cells.items()],
        "named": [[*key, count] for key, count in published.named.items()],
        "answers": [[*question, answer] for question, answer in published.answers.items()],
        "named_answers": [[*key, answer] for key, answer in published.named_answers.items()],
        "effects": published.effects,
    }
    storage.write_json(content, processed_folder(practice) / LEDGER_FILE, private=True)


def close_quarters(
    published: Published,
    counts: pd.DataFrame,
    named: pd.DataFrame | None,
    *,
    partners: Iterable[str],
) -> None:
    """Count every complete quarter that has not been counted yet; those that have stay.

    A week belongs to the quarter in which it begins.

    Parameters
    ----------
    published
        The ledger, which is added to.
    counts, named
        Of complete periods: one row per clinic, persona and period (and partnership).
    partners
        Partnership ids whose named counts are kept, none of them named being 0.
    """
    already = set(published.quarters)
    for quarter in _whole_quarters(counts):
        name = str(quarter)
        if name in already:
            continue
        sums = _in_quarter(counts, quarter).groupby(["clinic", "persona"])["new_patients"].sum()
        for (clinic, persona), count in sums.items():
            published.cells[Cell(name, str(clinic), str(persona))] = int(count)
        if named is not None:
            by_partner = _in_quarter(named, quarter).groupby("partnership_id")["named"].sum()
            for key in partners:
                published.named[name, key] = int(by_partner.get(key, 0))


def _whole_quarters(counts: pd.DataFrame) -> list[pd.Period]:
    """Quarters of which the counts hold every period that begins in them."""
    periods = pd.DatetimeIndex(counts["period"].drop_duplicates().sort_values())
    if periods.empty:
        return []
    before, after = periods[0] - step_of(periods), periods[-1] + step_of(periods)
    quarters = periods.to_period("Q").unique()
    return [q for q in quarters if before < q.start_time and after > q.end_time]


def _in_quarter(table: pd.DataFrame, quarter: pd.Period) -> pd.DataFrame:
    return table.loc[table["period"].dt.to_period("Q") == quarter]


def kept_named(published: Published, key: str, year: str) -> int | None:
    """New patients who named a partner in a year; None where not every quarter was counted."""
    quarters = published.quarters_of(year)
    counts: Mapping[tuple[str, str], int] = published.named
    if len(quarters) < 4 or any((quarter, key) not in counts for quarter in quarters):
        return None
    return sum(counts[quarter, key] for quarter in quarters)
