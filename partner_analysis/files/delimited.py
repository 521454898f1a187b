"""Delimited text to a grid: regular stretches by Arrow, all else record by record."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import numpy as np
import pandas as pd

from partner_analysis.files.delimiters import find_delimiter, stated_delimiter
from partner_analysis.files.encodings import (
    count_lines,
    find_encoding,
    read_blocks,
    refuse_long_lines,
)
from partner_analysis.files.limits import BLOCK, HEAD, LARGEST_GRID, MOST_LINES
from partner_analysis.files.pieces import Piece, grid_of, merge, piece_of_columns, piece_of_rows
from partner_analysis.files.regular import read_regular
from partner_analysis.tables import DataError

_END: Final = "\x02end\x02"


@dataclass(frozen=True, slots=True)
class _Long:
    """Record of several lines: its first line, its lines and cells, most marks in a later line."""

    line: int
    lines: int
    cells: int
    marks: int


@dataclass(slots=True)
class _Reading:
    """What is known of a file so far: its pieces, how wide rows are, which took several lines."""

    name: str
    mark: str
    careful: bool
    line: int = 1
    bytes: int = 0
    pieces: list[Piece] = field(default_factory=list)
    widths: Counter[int] = field(default_factory=Counter)
    long: list[_Long] = field(default_factory=list)


def read_delimited(
    stream: BinaryIO, name: str, *, size: int = BLOCK, careful: bool = False
) -> pd.DataFrame:
    """Grid of a delimited text; its encoding and delimiter are found.

    Parameters
    ----------
    stream
        The open file, at its start.
    name
        What messages call it.
    size
        Bytes read at once.
    careful
        Whether every record is read on its own; slower, and the grid is the same.

    Returns
    -------
    DataFrame
        One row per record that holds text, as ``storage.read_sheets`` describes it.

    Raises
    ------
    DataError
        If a quotation mark is not closed, or closes so late that it took whole rows with it (the
        message has the line where it opens); if a line is too long or has too many cells; if the
        content is no text.
    """
    encoding = find_encoding(stream)
    head, _ = next(read_blocks(stream, encoding, HEAD), (b"", True))
    _refuse_binary(head, name)
    stream.seek(0)
    text = head.decode().removeprefix("\ufeff")
    reading = _Reading(name, find_delimiter(text), careful)
    left = b""
    for block, last in read_blocks(stream, encoding, size):
        if reading.line == 1 and not left:
            block = _without_marks(block)
        block = left + block
        refuse_long_lines(block, reading.line, name)
        left = _take(reading, block, last=last)
    _refuse_swallowed(reading)
    return grid_of([piece for piece in reading.pieces if len(piece.lines)])


def _take(reading: _Reading, block: bytes, *, last: bool) -> bytes:
    """Read a block; what is left of it is a record that ends in the next."""
    regular = None if reading.careful else read_regular(block, reading.mark)
    if regular is None:
        return _take_carefully(reading, block, last=last)
    starts, odd = regular.starts, np.asarray(regular.odd, dtype="int64")
    takes, lines = np.diff(starts), reading.line + starts[:-1]
    cells = np.full(len(lines), len(regular.columns))
    cells[odd] = [len(row) for row in regular.rows]
    piece = merge(
        piece_of_columns(regular.columns, np.delete(lines, odd)),
        piece_of_rows(regular.rows, lines[odd].tolist(), reading.name),
    )
    _note_widths(reading, piece, lines, takes, cells)
    _note_long(reading, block, starts, cells)
    _keep(reading, piece)
    reading.line += int(starts[-1])
    return b""


def _take_carefully(reading: _Reading, block: bytes, *, last: bool) -> bytes:
    """Read a block record by record."""
    text = block.decode()
    reader = csv.reader(io.StringIO(text + _END, newline=""), delimiter=reading.mark)
    rows: list[list[str]] = []
    starts, start = [], 0
    try:
        for row in reader:
            rows.append(row)
            starts.append(start)
            start = reader.line_num
    except csv.Error as error:
        line = reading.line + start
        refuse = _too_large if "field limit" in str(error) else _unclosed
        raise refuse(reading.name, line) from None
    closed = rows.pop() == [_END]
    end = starts[-1]
    places, cells = np.asarray(starts), np.asarray([len(row) for row in rows], dtype="int64")
    lines = reading.line + places[:-1]
    piece = piece_of_rows(rows, lines.tolist(), reading.name)
    _note_widths(reading, piece, lines, np.diff(places), cells)
    _note_long(reading, block, places, cells)
    _keep(reading, piece)
    reading.line += end
    if closed:
        return b""
    if last or count_lines(block) - end > MOST_LINES:
        raise _unclosed(reading.name, reading.line)
    return b"".join(block.splitlines(keepends=True)[end:])


def _keep(reading: _Reading, piece: Piece) -> None:
    """Keep a piece while all of them fit in memory."""
    reading.pieces.append(piece)
    reading.bytes += sum(column.nbytes for column in piece.columns)
    if reading.bytes > LARGEST_GRID:
        raise DataError(
            f"{reading.name}: has more cells than are held in memory. Export fewer years or "
            "columns at once."
        )


def _note_widths(
    reading: _Reading, piece: Piece, lines: np.ndarray, takes: np.ndarray, cells: np.ndarray
) -> None:
    """Keep how many cells the records of one line have that hold text."""
    single = cells[(takes == 1) & np.isin(lines, piece.lines, assume_unique=True)]
    widths, counts = np.unique(single, return_counts=True)
    reading.widths.update(dict(zip(widths.tolist(), counts.tolist(), strict=True)))


def _note_long(reading: _Reading, block: bytes, starts: np.ndarray, cells: np.ndarray) -> None:
    """Keep which records took several lines."""
    long = np.flatnonzero(np.diff(starts) > 1).tolist()
    lines = block.splitlines() if long else []
    mark = reading.mark.encode()
    for place in long:
        first, after = int(starts[place]), int(starts[place + 1])
        marks = max(line.count(mark) for line in lines[first + 1 : after])
        reading.long.append(_Long(reading.line + first, after - first, int(cells[place]), marks))


def _refuse_swallowed(reading: _Reading) -> None:
    """Refuse records over several lines that look like rows run together, not like one note."""
    counted = [(count, width) for width, count in reading.widths.items() if count and width > 1]
    usual = max(counted, default=(0, 0))[1]
    for record in reading.long:
        whole_row = record.marks >= max(usual - 1, 2)
        shifted = usual > 0 and record.cells != usual
        if record.lines > MOST_LINES or whole_row or shifted:
            raise _unclosed(reading.name, record.line)


def _refuse_binary(head: bytes, name: str) -> None:
    """Refuse what holds too many control characters to be text."""
    control = head.translate(None, bytes(range(32, 256)) + b"\t\n\r\f\v")
    if len(control) > len(head) / 50:
        raise DataError(f"{name}: is no text. Export it again as .csv or .xlsx.")


def _without_marks(block: bytes) -> bytes:
    """Return the first block without a byte-order mark and without a line that states ``sep=``."""
    block = block.removeprefix("\ufeff".encode())
    first = block.splitlines(keepends=True)[0] if block[:6].lower().lstrip(b'"') else b""
    if stated_delimiter(first[:20].decode(errors="replace")):
        return block[len(first.rstrip(b"\r\n")) :]
    return block


def _too_large(name: str, line: int) -> DataError:
    return DataError(
        f"{name}: line {line:,} has a cell of more than {csv.field_size_limit():,} characters; "
        "either a quotation mark opens there and is closed much later, or the cell holds a "
        "document. Correct that row, or leave that column out of the export."
    )


def _unclosed(name: str, line: int) -> DataError:
    return DataError(
        f"{name}: a quotation mark opens in line {line:,} and is not closed there, so that the "
        "rows after it would be read as one cell. Remove or close it, or export as .xlsx."
    )
