"""Lists of a chain: what of them stands on a page, and where the whole list does.

Up to forty rows nothing is left out. Beyond, a page shows those that an owner asks for first, says
how many it leaves out, and names the file of the report that holds them all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from partner_analysis.reporting.numbers import count_text, list_text

MOST_ROWS: Final = 40
MOST_DRAWN: Final = 24  # of more rows than 40, in a picture
MOST_NAMED: Final = 8
Row = TypeVar("Row")


def shown_of(
    rows: Sequence[Row], *, first: Callable[[Row], int] | None = None, most: int = MOST_ROWS
) -> list[Row]:
    """The rows that a page shows, in their order: all up to 40, else the first ``most``.

    With ``first`` those with the lowest number, as long as there is room.

    Examples
    --------
    >>> len(shown_of(range(40))), shown_of(range(99), first=lambda row: row < 59)[0]
    (40, 59)
    """
    if len(rows) <= MOST_ROWS:
        return list(rows)
    if first is None:
        return list(rows[:most])
    rank = [first(row) for row in rows]
    places = sorted(range(len(rows)), key=rank.__getitem__)[:most]
    return [rows[place] for place in sorted(places)]


def ends_of(rows: Sequence[Row], *, most: int = MOST_ROWS) -> list[Row]:
    """The rows of an order that a page shows: all up to 40, else the first and the last half."""
    if len(rows) <= MOST_ROWS:
        return list(rows)
    half = most // 2
    return [*rows[:half], *rows[-half:]]


def left_out_text(rows: int, file: str, *, which: str = "", most: int = MOST_ROWS) -> str:
    """Say how many rows are shown and where all are; nothing where all are shown.

    Examples
    --------
    >>> left_out_text(200, "reach.csv", which="those clearly apart first")
    'Shown are 40 of 200, those clearly apart first; reach.csv, a file of this report, has all.'
    """
    if rows <= MOST_ROWS:
        return ""
    named = f", {which}" if which else ""
    return f"Shown are {most} of {rows:,}{named}; {file}, a file of this report, has all."


def named_of(names: Sequence[str], *, of: int) -> list[str]:
    """The names that a sentence gives: all of up to forty partners, else the first eight."""
    few = of <= MOST_ROWS or len(names) <= MOST_NAMED + 1
    return list(names if few else names[:MOST_NAMED])


def names_text(names: Sequence[str], *, of: int) -> str:
    """Give names as one phrase; of more than 40 partners the first eight and how many others.

    Examples
    --------
    >>> names_text(list("abcdefghijk"), of=200)
    'a, b, c, d, e, f, g, h and 3 others'
    """
    named = named_of(names, of=of)
    left = len(names) - len(named)
    return list_text([*named, count_text(left, "other")] if left else named)


def lines_of(lines: Sequence[str], *, of: int, rest: str) -> list[str]:
    """Give sentences; of more than 40 partners the first eight, and ``rest`` of so many others."""
    if of <= MOST_ROWS or len(lines) <= MOST_NAMED + 1:
        return list(lines)
    others = count_text(len(lines) - MOST_NAMED, "other")
    return [*lines[:MOST_NAMED], f"{others[0].upper()}{others[1:]}: {rest}"]
