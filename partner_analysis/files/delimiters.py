"""Which character parts the cells of a text, told by how evenly it cuts the first lines."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import Final

USUAL: Final = ",\t;|"
UNUSUAL: Final = "^~:"
FIRST_LINES: Final = 50
_STATED: Final = re.compile(r'\ufeff?"?sep=([,\t;|^~: ])"?[ ,\t;|]*', re.IGNORECASE)


def stated_delimiter(line: str) -> str:
    """Delimiter that a line like ``sep=;`` states, as Excel reads it; or nothing.

    >>> stated_delimiter("sep=;")
    ';'
    """
    found = _STATED.fullmatch(line.rstrip())
    return found[1] if found else ""


def find_delimiter(text: str) -> str:
    r"""Delimiter that cuts most of the first lines into equally many cells; comma if in doubt.

    Of two that cut equally many lines, the one that gives more cells. Characters that prose holds
    too (``^``, ``~``, ``:``) only where no usual one parts the lines, and they part every line
    into as many cells as the first, in each of which a header's letters stand.

    >>> find_delimiter("Clinic;Share\nWarwick;1,5\nCranston;2,5")
    ';'
    """
    lines = [line for line in re.split(r"\r\n|\n|\r", text) if line.strip()][:FIRST_LINES]
    stated = stated_delimiter(lines[0]) if lines else ""
    if stated:
        return stated
    best = max(USUAL, key=lambda mark: _evenness(lines, mark))
    if _evenness(lines, best)[0] <= len(lines) / 2:
        return next((mark for mark in UNUSUAL if _parts_all(lines, mark)), best)
    return best


def _evenness(lines: list[str], mark: str) -> tuple[int, int]:
    """Most lines that have equally many cells (two or more), and that number of cells."""
    widths = Counter(len(row) for row in _rows(lines, mark))
    del widths[1]
    return max(((count, width) for width, count in widths.items()), default=(0, 0))


def _parts_all(lines: list[str], mark: str) -> bool:
    """Whether a mark cuts three lines or more, and each of them, into as many cells as a header."""
    rows = _rows(lines, mark)
    if len(rows) < 3 or len(rows[0]) < 3 or {len(row) for row in rows} != {len(rows[0])}:
        return False
    return all(any(letter.isalpha() for letter in cell) for cell in rows[0])


def _rows(lines: list[str], mark: str) -> list[list[str]]:
    """Cells of the lines; none where they cannot be parted."""
    try:
        return [row for row in csv.reader(lines, delimiter=mark) if row]
    except csv.Error:
        return []
