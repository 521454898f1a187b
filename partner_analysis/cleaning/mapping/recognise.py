"""Which profile an unknown file fits: the one most of whose columns stand in one of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from partner_analysis.cleaning.exports.grids import TITLE
from partner_analysis.cleaning.exports.headers import SEARCHED
from partner_analysis.cleaning.mapping.names import GENERIC, STRONG, strength_of
from partner_analysis.cleaning.mapping.table import Table, cut_table
from partner_analysis.cleaning.plain import plain
from partner_analysis.profile import Profile

LEAST: Final = 2
WHOLE: Final = 0.75
DATES: Final = ("received", "created", "evaluated")
ONE_OF: Final = {
    "referrals": (("patient",), DATES),
    "visits": (("patient",), ("visited",)),
    "patients": (("patient",),),
    "counts": (("unit",), ("date",), ("count",)),
    "tallies": (("source",), ("patients", "cases")),
}


@dataclass(frozen=True)
class Recognised:
    """A profile that fits, its table, the place of each column found, and how clearly."""

    profile: Profile
    table: Table
    places: dict[str, int]
    marks: int

    @property
    def score(self) -> tuple[bool, int, bool, float]:
        """Named and nearly whole; columns found with other marks; named; share of its columns."""
        share = len(self.places) / max(1, len(self.profile.columns))
        named = self.profile.name not in GENERIC
        whole = named and len(self.places) >= 3 and share >= WHOLE
        return whole, len(self.places) + self.marks, named, share


def recognise(grid: pd.DataFrame, profiles: Sequence[Profile]) -> Recognised | None:
    """The profile that a sheet fits best, if one does.

    A profile fits where one line holds at least two of its columns, or one with another mark (its
    states below, its tables' titles), half of all it names or of all that the line does, and those
    without which it cannot be read; one that counts does not where a patient's number stands. Of
    several, one of a named system with three columns and three quarters of all comes first; then
    the one with most; of equals one of a named system; then the one of which more is there. None
    where two are still equal.
    """
    cells = {int(line): [plain(c) for c in row] for line, row in grid.head(SEARCHED).T.items()}
    found = [fit for profile in profiles if (fit := _fit(grid, cells, profile)) is not None]
    found.sort(key=lambda fit: fit.score, reverse=True)
    if not found or (len(found) > 1 and found[0].score == found[1].score):
        return None
    return found[0]


def _fit(grid: pd.DataFrame, cells: dict[int, list[str]], profile: Profile) -> Recognised | None:
    """Where a profile fits a sheet; None where it does not."""
    named = {ours: names for ours, names in profile.columns.items() if names != (TITLE,)}
    best: tuple[int, dict[str, int]] = (0, {})
    for line, row in cells.items():
        places = {
            ours: row.index(plain(name))
            for ours, names in reversed(named.items())
            for name in reversed(names)
            if plain(name) in row
        }
        if len(places) > len(best[1]):
            best = line, places
    line, places = best
    filled = sum(map(bool, cells[line])) if places else 0
    most = min(len(named), filled)
    if not places or len(places) * 2 < most or not _can_be_read(profile, places):
        return None
    counts = profile.export["kind"] in ("counts", "tallies")
    if counts and any(strength_of(cell, "patient") >= STRONG for cell in cells[line]):
        return None
    table = cut_table(grid, line)
    fit = Recognised(profile, table, places, _marks(profile, table, places))
    return fit if fit.score[1] >= LEAST else None


def _can_be_read(profile: Profile, places: dict[str, int]) -> bool:
    """Whether what a profile needs is there, or is what it asks for."""
    titled = {ours for ours, names in profile.columns.items() if names == (TITLE,)}
    known = {*places, *profile.ask, *titled}
    one_of = ONE_OF[str(profile.export["kind"])]
    return all(known & set(names) for names in one_of)


def _marks(profile: Profile, table: Table, places: dict[str, int]) -> int:
    """How many marks other than column names fit: states, titles of tables."""
    states = {plain(word) for word in profile.export.get("statuses", {})}
    blocks = {plain(block) for block in profile.export.get("blocks", ())}
    marks = 0
    if states and "status" in places:
        texts = table.rows[places["status"]]
        filled = texts[texts != ""]
        marks += bool(len(filled) and filled.map(plain).isin(states).mean() >= 0.8)
    marks += bool(blocks & table.titles)
    titled = (TITLE,) in profile.columns.values()
    return marks + bool(titled and table.repeated and table.titles)
