"""Stretches of a text in which each line is one record, read by Arrow many lines at once."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from partner_analysis.files.encodings import count_lines, has_long_line
from partner_analysis.files.limits import HEAD, MOST_CELLS
from partner_analysis.files.pieces import TEXT

_END: Final = "\x02end\x02"


@dataclass(frozen=True, slots=True)
class Regular:
    """Lines of a block: the columns of those of one width, and the others as rows of cells.

    ``odd`` has the place of each other line, from 0.
    """

    lines: int
    columns: list[pa.Array]
    odd: list[int]
    rows: list[list[str]]


def read_regular(block: bytes, mark: str) -> Regular | None:
    """Lines of a block, or None where they have to be read record by record.

    That is so where a record takes several lines, a quotation mark is not closed, or a cell may be
    longer than ``csv.field_size_limit()``. The proof that no record takes two lines: every record
    takes at least one, and there are as many records as lines.
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
    lines = count_lines(block)
    rows = _split(others, mark)
    if rows is None or table.num_rows + len(others) != lines or _runs_on(table):
        return None
    return Regular(lines, _whole(table), [place for place, _ in others], rows)


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
