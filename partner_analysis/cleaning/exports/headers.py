"""Where the header of an export stands, how often it is repeated, and which columns it names."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from partner_analysis.cleaning.plain import plain
from partner_analysis.tables import DataError

TELLING: Final = ("patient", "visited", "evaluated", "unit", "date", "count")
MOST_NAMED: Final = 5  # columns in one sentence
SEARCHED: Final = 200  # first lines in which a header may be spelt in any way


@dataclass(frozen=True)
class Header:
    """One header row: its line, the first line of its titles, and the place of each column.

    ``title`` is the only text in the line above it, ``last`` the last place that has a name.
    """

    line: int
    above: int
    title: str
    places: Mapping[str, int]
    last: int


def find_headers(
    grid: pd.DataFrame,
    theirs: Mapping[str, tuple[str, ...]],
    *,
    optional: frozenset[str],
    name: str,
) -> list[Header]:
    """Header rows of a sheet, first to last; an empty list where it has none of the columns.

    Parameters
    ----------
    grid
        One row per line, as ``storage.read_sheets`` gives it.
    theirs
        Names that a column may have, by ours.
    optional
        Ours that a header may lack.
    name
        What messages call the sheet.

    Raises
    ------
    DataError
        If a header lacks a column that is needed, with the nearest it has, or has one twice.
    """
    wanted = {plain(their): ours for ours, names in theirs.items() for their in names}
    needed = sum(ours not in optional for ours in theirs)
    least = max(min(2, len(theirs)), needed if optional else (needed + 1) // 2)
    found = _likely_lines(grid, wanted, least=least)
    if not found:
        return []
    headers: list[Header] = []
    best = max(found.values())
    for line in found:
        cells, above, title = _cells_of(grid, line, wanted)
        if found[line] == best or headers:
            _refuse_twice(cells, wanted, name, grid.loc[line])
        places = _places(cells, theirs, name, line)
        lacking = [names[0] for ours, names in theirs.items() if ours not in {*places, *optional}]
        if lacking:
            if found[line] == best and not headers:
                _refuse_header(name, line, lacking, grid.loc[line].tolist())
            continue
        last = max(place for place, cell in enumerate(cells) if cell)
        headers.append(Header(line, above, title, places, last))
    return headers


def _likely_lines(grid: pd.DataFrame, wanted: Mapping[str, str], *, least: int) -> dict[int, int]:
    """Lines that name enough of our columns, and how many."""
    start = grid.head(SEARCHED)
    folded = start.apply(lambda column: column.str.split().str.join(" ").str.casefold())
    counts = folded.isin(set(wanted)).sum(axis="columns")
    found = {int(line): int(counts[line]) for line in counts.index[counts >= least]}
    spellings = {cell for line in found for cell in grid.loc[line] if plain(cell) in wanted}
    rest = grid.iloc[SEARCHED:]
    if spellings and len(rest):
        named = grid.loc[next(iter(found))]
        first = next(place for place in grid if named[place] in spellings)
        again = rest.loc[rest[first].isin(spellings)]  # a header has a name there in any order
        hits = again.isin(spellings).sum(axis="columns")
        found |= {int(line): int(hits[line]) for line in hits.index[hits >= least]}
    return found


def _cells_of(
    grid: pd.DataFrame, line: int, wanted: Mapping[str, str]
) -> tuple[list[str], int, str]:
    """Names in a header row, the first line that belongs to it, and the title above it.

    Names that stand above empty cells of the row (merged ones) are among them.
    """
    cells = [plain(cell) for cell in grid.loc[line]]
    place = grid.index.get_loc(line)
    if place == 0:
        return cells, line, ""
    before = grid.iloc[place - 1]
    filled = [cell for cell in before if cell]
    if len(filled) == 1 and plain(filled[0]) not in wanted:
        return cells, int(grid.index[place - 1]), filled[0]
    above = [plain(cell) for cell in before]
    joined = [cell or (up if up in wanted else "") for cell, up in zip(cells, above, strict=True)]
    return joined, int(grid.index[place - 1]) if joined != cells else line, ""


def _places(
    cells: list[str], theirs: Mapping[str, tuple[str, ...]], name: str, line: int
) -> dict[str, int]:
    """Place of each of our columns in a header: of the first of its names that is there."""
    places = {}
    for ours, names in theirs.items():
        here = list(dict.fromkeys(plain(their) for their in names if plain(their) in cells))
        if len(here) > 1 and ours in TELLING:
            raise DataError(
                f'{name}: both "{here[0]}" and "{here[1]}" may be {ours} (line {line}). Name the '
                "one that is, under [exports.columns] in practice.toml."
            )
        if here:
            places[ours] = cells.index(here[0])
    return places


def _refuse_twice(cells: list[str], wanted: Mapping[str, str], name: str, row: pd.Series) -> None:
    """Refuse a header in which a column of ours stands twice."""
    for cell in dict.fromkeys(cells):
        if cell in wanted and cells.count(cell) > 1:
            spelt = next((text for text in row if plain(text) == cell), cell)
            raise DataError(
                f'{name}: two columns are named "{spelt}" (line {row.name}). '
                "Export again with one of them, or rename the other."
            )


def _refuse_header(name: str, line: int, lacking: list[str], cells: list[str]) -> None:
    """Say which declared columns a header row lacks, and the nearest it has."""
    near = difflib.get_close_matches(lacking[0], [cell for cell in cells if cell], n=1, cutoff=0.7)
    hint = f' It has "{near[0]}".' if near else ""
    raise DataError(
        f"{name}: the header (line {line}) lacks {', '.join(lacking)}.{hint} Export again with "
        "it, or correct [exports.columns] in practice.toml."
    )


def refuse_no_header(
    name: str,
    theirs: Mapping[str, tuple[str, ...]],
    optional: frozenset[str],
    grids: Sequence[pd.DataFrame],
) -> DataError:
    """What to say of a file in which no line is the header: what is lacking, and where least is."""
    needed = {ours: names for ours, names in theirs.items() if ours not in optional} or theirs
    line, lacking = 0, list(needed)
    for grid in grids:
        for place, row in grid.head(SEARCHED).iterrows():
            cells = {plain(cell) for cell in row}
            here = [o for o, names in needed.items() if not cells & {plain(n) for n in names}]
            if len(here) < len(lacking):
                line, lacking = int(str(place)), here
    names = list(dict.fromkeys(needed[ours][0] for ours in lacking))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    listed = f"{', '.join(names[:MOST_NAMED])}{more}"
    said = f"No line holds the columns {listed}"
    if line:
        said = (
            f"The nearest is line {line}, which lacks {listed}"
            if names
            else (f"Line {line} has the columns that are needed, but not enough of the others")
        )
    return DataError(
        f"{name}: header not found. {said}. Export again with such columns, or correct "
        "[exports.columns] in practice.toml: `partner-analysis map FILE` reads the file and "
        "proposes them."
    )
