"""Stretches of a file as columns of text, and the grid they make together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from partner_analysis.files.limits import LARGEST_UNPACKED, MOST_CELLS
from partner_analysis.tables import DataError

TEXT: Final = pa.large_string()


@dataclass(frozen=True, slots=True)
class Piece:
    """Filled rows in order: the line of each (from 1), and the trimmed cells column by column."""

    lines: np.ndarray
    columns: list[pa.Array]


def piece_of_rows(rows: Sequence[Sequence[str]], lines: Sequence[int], name: str) -> Piece:
    """Return rows of cells as a piece; short rows are filled up, rows without text left out.

    Raises
    ------
    DataError
        If a row has more than ``MOST_CELLS`` cells, or all cells together too much text.
    """
    kept = [place for place, row in enumerate(rows) if any(map(str.strip, row))]
    if len(kept) < len(rows):
        rows, lines = [rows[place] for place in kept], [lines[place] for place in kept]
    widest = max(range(len(rows)), key=lambda place: len(rows[place]), default=None)
    if widest is not None and len(rows[widest]) > MOST_CELLS:
        raise too_wide(name, lines[widest], len(rows[widest]))
    by_column = list(zip_longest(*rows, fillvalue=""))
    if sum(sum(map(len, column)) for column in by_column) > LARGEST_UNPACKED:
        raise DataError(
            f"{name}: holds more than {LARGEST_UNPACKED:,} letters. Export fewer years at once."
        )
    columns = [_trimmed(pa.array(column, TEXT)) for column in by_column]
    return Piece(np.asarray(lines, dtype="int64"), columns)


def piece_of_columns(columns: list[pa.Array], lines: np.ndarray) -> Piece:
    """Return columns as a piece: trimmed, and without the rows that hold no text."""
    trimmed = [_trimmed(column) for column in columns]
    filled = _filled(trimmed)
    if filled is None:
        return Piece(lines, trimmed)
    kept = [column.filter(filled) for column in trimmed]
    lines = lines[filled.to_numpy(zero_copy_only=False)]
    return Piece(lines, kept if len(lines) else [])


def merge(one: Piece, other: Piece) -> Piece:
    """Return the rows of two pieces as one, in the order of their lines."""
    if not len(other.lines):
        return one
    lines = np.concatenate([one.lines, other.lines])
    order = np.argsort(lines, kind="stable")
    columns = [
        pa.concat_arrays([
            column_of(one, place, _empty(len(one.lines))),
            column_of(other, place, _empty(len(other.lines))),
        ]).take(pa.array(order))
        for place in range(max(len(one.columns), len(other.columns)))
    ]  # fmt: skip
    return Piece(lines[order], columns)


def grid_of(pieces: list[Piece]) -> pd.DataFrame:
    """Return pieces, in order, as one grid.

    Returns
    -------
    DataFrame
        One row per filled row; columns 0, 1, 2 ... of text; the index ``line`` as in the pieces.
    """
    width = max((len(piece.columns) for piece in pieces), default=0)
    empties = [_empty(len(piece.lines)) for piece in pieces]
    text = pd.StringDtype(storage="pyarrow", na_value=np.nan)
    columns = {
        place: text.__from_arrow__(
            pa.chunked_array(
                [column_of(p, place, empty) for p, empty in zip(pieces, empties, strict=True)],
                TEXT,
            )
        )
        for place in range(width)
    }
    lines = np.concatenate([piece.lines for piece in pieces] or [np.empty(0, "int64")])
    grid = pd.DataFrame(columns, index=pd.Index(lines, name="line"), copy=False)
    grid.columns = pd.RangeIndex(width)
    return grid


def column_of(piece: Piece, place: int, empty: pa.Array) -> pa.Array:
    """Return a column of a piece, or the empty one beyond its last."""
    return piece.columns[place] if place < len(piece.columns) else empty


def too_wide(name: str, line: int, cells: int) -> DataError:
    """Return the refusal of a line with more cells than any table has."""
    return DataError(
        f"{name}: line {line:,} has {cells:,} cells, and more than {MOST_CELLS:,} are not read. "
        "Delete what stands right of the table, or export fewer columns."
    )


def _trimmed(column: pa.Array) -> pa.Array:
    """Return a column without white space around its cells."""
    return pc.utf8_trim_whitespace(column)


def _filled(columns: list[pa.Array]) -> pa.Array | None:
    """Whether a row holds any text; None where all do."""
    empty = None
    for column in columns:
        blank = pc.equal(pc.binary_length(column), 0)
        empty = blank if empty is None else pc.and_(empty, blank)
        if not pc.any(empty).as_py():
            return None
    return None if empty is None else pc.invert(empty)


def _empty(rows: int) -> pa.Array:
    """Return a column of so many empty cells."""
    offsets = pa.py_buffer(bytes(8 * (rows + 1)))
    return pa.LargeStringArray.from_buffers(rows, offsets, pa.py_buffer(b""))
