"""The table of an unknown sheet: the line of its header, and the rows below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from partner_analysis.cleaning.exports.headers import SEARCHED
from partner_analysis.cleaning.mapping.shapes import is_a_name
from partner_analysis.cleaning.plain import plain

LOOKED_AT: Final = 20_000  # rows, evenly spread, from which evidence is taken
FOLLOWING: Final = 3  # rows below a header that should have its shape


@dataclass(frozen=True)
class Table:
    """Header and rows of one sheet.

    Attributes
    ----------
    line
        Line of the header in the file.
    header
        Its cells; "" where a column has no name.
    rows
        Cells of the rows that were looked at, one column per place.
    whole
        Cells of all rows below the header.
    repeated
        How often the same header stands below it again.
    titles
        Texts that stand alone in a line.
    """

    line: int
    header: list[str]
    rows: pd.DataFrame
    whole: pd.DataFrame
    repeated: int
    titles: frozenset[str]

    @property
    def below(self) -> int:
        """How many rows stand below the header."""
        return len(self.whole)


def find_line(grid: pd.DataFrame) -> int | None:
    """Line of the header; None where no line looks like one.

    Of the first lines, the one with most different names that are neither numbers nor dates, and
    with rows of its shape below. A row of data is none: its words stand in its columns again.
    """
    start = grid.head(SEARCHED)
    best, found = 0.0, None
    for place in range(len(start)):
        score = _score(start, place)
        if score > best:
            best, found = score, int(start.index[place])
    return found


def cut_table(grid: pd.DataFrame, line: int) -> Table:
    """The table below a header line."""
    header = [" ".join(cell.split()) for cell in grid.loc[line]]
    below = grid.loc[line + 1 :]
    filled = (below != "").sum(axis="columns")
    again = pd.Series(True, index=below.index)
    for place, cell in enumerate(grid.loc[line]):
        again &= below[place] == cell
    rows = below.loc[(filled > 1) & ~again]
    step = max(1, -(-len(rows) // LOOKED_AT))
    alone = (grid != "").sum(axis="columns") == 1
    titles = frozenset(plain(" ".join(cells)) for cells in grid.loc[alone].head(1000).to_numpy())
    return Table(line, header, rows.iloc[::step], rows, int(again.sum()), titles)


def _score(start: pd.DataFrame, place: int) -> float:
    """How much a line looks like a header: its different names, less what is none; 0 if not."""
    cells = start.iloc[place]
    filled = [at for at, cell in enumerate(cells) if cell]
    names = [at for at in filled if is_a_name(cells.iloc[at])]
    distinct = len({plain(cells.iloc[at]) for at in names})
    if len(filled) < 2 or distinct < 2 or len(names) < 0.7 * len(filled):
        return 0.0
    below = start.iloc[place + 1 :]
    shaped = [
        len([at for at in filled if row.iloc[at]]) >= max(2, len(filled) * 0.4)
        for _, row in below.head(FOLLOWING * 2).iterrows()
    ]
    if not any(shaped) or _recurs(cells, below, names):
        return 0.0
    return distinct - 2.0 * (len(filled) - distinct)


def _recurs(cells: pd.Series, below: pd.DataFrame, names: list[int]) -> bool:
    """Whether words of a line stand in their columns again, other than as the whole line."""
    same = (below.iloc[:, names] == cells.iloc[names]).sum(axis="columns")
    others = below.loc[same < max(2, len(names) * 0.6)]
    again = sum(bool((others.iloc[:, at] == cells.iloc[at]).any()) for at in names)
    return again >= max(1, len(names) / 4)
