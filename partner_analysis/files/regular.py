"""Stretches of a text whose quotation marks are in order, read by Arrow many lines at once."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from partner_analysis.files.encodings import count_lines, has_long_line
from partner_analysis.files.limits import HEAD, MOST_CELLS
from partner_analysis.files.pieces import TEXT

_END: Final = "\x02end\x02"


@dataclass(frozen=True, slots=True)
class Regular:
    """Records of a block: the columns of those of one width, and the others as rows of cells.

    ``odd`` has the place of each other among all records, from 0; ``starts`` the place of the line
    on which each record begins, and after them the number of lines.
    """

    columns: list[pa.Array]
    odd: list[int]
    rows: list[list[str]]
    starts: np.ndarray


def read_regular(block: bytes, mark: str) -> Regular | None:
    """Records of a block, or None where they have to be read one by one.

    That is so where a quotation mark is not closed, or a cell may be longer than
    ``csv.field_size_limit()``. The proof that the places of all records are known: each takes one
    line and one more for every line end within its cells, and together they take all lines.
    """
    width = _usual_width(block, mark)
    if width > MOST_CELLS or has_long_line(block, csv.field_size_limit()):
        return None
    others: list[tuple[int, str]] = []

    def put_aside(row: pa_csv.InvalidRow) -> str:
        others.append((row.number - 1, row.text))
        return "skip"

    names = [str(place) for place in range(width)]
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(block),
            read_options=pa_csv.ReadOptions(
                use_threads=False, block_size=len(block) + 1, column_names=names
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=mark, ignore_empty_lines=False, invalid_row_handler=put_aside
            ),
            convert_options=pa_csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, TEXT),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    rows = _split(others, mark)
    if rows is None:
        return None
    starts = _starts(table, others, block)
    if starts is None:
        return None
    return Regular(_whole(table), [place for place, _ in others], rows, starts)


def _starts(table: pa.Table, others: list[tuple[int, str]], block: bytes) -> np.ndarray | None:
    """Place of each record's first line; None where records and lines do not add up."""
    lines, records = count_lines(block), table.num_rows + len(others)
    if records == lines:
        return None if _runs_on(table) else np.arange(lines + 1)
    takes = np.ones(records, dtype="int64")
    odd = np.asarray([place for place, _ in others], dtype="int64")
    takes[odd] += np.asarray([count_lines(text.encode()) for _, text in others], dtype="int64")
    within = np.ones(records, dtype=bool)
    within[odd] = False
    takes[within] += _line_ends(table, returns=b"\r" in block)
    return np.append(0, np.cumsum(takes)) if takes.sum() == lines else None


def _line_ends(table: pa.Table, *, returns: bool) -> np.ndarray:
    """Line ends within the cells of each row; returns: whether some may be carriage returns."""
    ends = np.zeros(table.num_rows, dtype="int64")
    signs = (("\n", 1), ("\r", 1), ("\r\n", -1)) if returns else (("\n", 1),)
    for column in _whole(table):
        for sign, weight in signs:
            ends += weight * pc.count_substring(column, sign).to_numpy(zero_copy_only=False)
    return ends


def _whole(table: pa.Table) -> list[pa.Array]:
    """Columns of a table, each in one stretch."""
    return [c.chunk(0) if c.num_chunks == 1 else c.combine_chunks() for c in table.columns]


def _usual_width(block: bytes, mark: str) -> int:
    """Return the number of cells that most of the first lines have."""
    sample = block[: block.rfind(b"\n", 0, HEAD) + 1] or block[:HEAD]
    try:
        rows = list(csv.reader(sample.decode(errors="replace").splitlines(), delimiter=mark))
    except csv.Error:
        return 1
    widths = Counter(len(row) for row in rows if row)
    return widths.most_common(1)[0][0] if widths else 1


def _split(others: list[tuple[int, str]], mark: str) -> list[list[str]] | None:
    """Return the cells of lines put aside; None where a quotation mark is not closed in one."""
    try:
        rows = list(csv.reader([*(text for _, text in others), _END], delimiter=mark))
    except csv.Error:
        return None
    return rows[:-1] if len(rows) == len(others) + 1 and rows[-1] == [_END] else None


def _runs_on(table: pa.Table) -> bool:
    """Whether the last record holds the line end that should close it."""
    if not table.num_rows:
        return False
    last = table.slice(table.num_rows - 1).to_pylist()[0]
    return any("\n" in cell or "\r" in cell for cell in last.values())
