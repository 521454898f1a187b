"""Cells of one sheet of a workbook, row by row, as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from zipfile import ZipFile

import pandas as pd

from partner_analysis.files.limits import LARGEST_UNPACKED, LAST_ROW, MOST_CELLS
from partner_analysis.files.numbers import Kind, duration_text, moment_text, number_text
from partner_analysis.files.packages import Attributes, plain_text, read_xml
from partner_analysis.files.pieces import Piece, grid_of, piece_of_rows, too_wide
from partner_analysis.tables import DataError

_AT_ONCE: Final = 500_000  # cells held before they become a piece


@dataclass(frozen=True, slots=True)
class Formats:
    """What cells refer to: shared texts, what styles make of numbers, the first day."""

    strings: list[str]
    kinds: list[Kind]
    from_1904: bool
    texts: dict[tuple[str | None, str], str] = field(default_factory=dict)

    def text_of(self, style: str | None, written: str) -> str:
        """Text of a number in a style (None: as it stands)."""
        place = int(style) if style else 0
        kind = self.kinds[place] if 0 <= place < len(self.kinds) else Kind.NUMBER
        if kind is Kind.NUMBER:
            return number_text(written)
        known = self.texts.get((style, written))
        if known is None:
            if kind is Kind.DURATION:
                known = duration_text(written)
            else:
                known = moment_text(written, from_1904=self.from_1904)
            self.texts[style, written] = known
        return known


class _Rows:
    """Rows of a sheet as they are read, put into pieces many at a time."""

    __slots__ = (
        "c", "cell", "cells", "columns", "formats", "heard", "letters", "line", "lines", "name",
        "pieces", "place", "r", "row", "rows", "spoken", "t", "v", "written",
    )  # fmt: skip

    def __init__(self, formats: Formats, name: str) -> None:
        self.formats, self.name = formats, name
        self.rows: list[list[str]] = []
        self.lines: list[int] = []
        self.pieces: list[Piece] = []
        self.cells = self.letters = self.line = self.place = 0
        self.row: list[str] = []
        self.columns: dict[str, int] = {}
        self.cell: Attributes = {}
        self.heard: list[str] = []
        self.written = self.c = self.v = self.t = self.r = ""
        self.spoken = False

    def begin(self, tag: str, given: Attributes) -> None:
        """Take note of what begins: a cell, its value, a row, a text within the cell."""
        if tag == self.c:
            self.cell, self.written = given, ""
        elif tag in (self.v, self.t):
            self.heard.clear()
        elif tag == self.r:
            self._begin_row(given)
        elif not self.c:
            prefix = tag[: tag.rfind(":") + 1]
            self.c, self.v, self.t, self.r = (prefix + name for name in ("c", "v", "t", "row"))
        elif tag.endswith("rPh"):
            self.spoken = True

    def finish(self, tag: str) -> None:
        """Keep what ends."""
        if tag == self.v:
            self.written = "".join(self.heard)
        elif tag == self.c:
            self._keep_cell()
        elif tag == self.t and not self.spoken:
            self.written += "".join(self.heard)
        elif tag == self.r:
            self._finish_row()
        elif tag.endswith("rPh"):
            self.spoken = False

    def flush(self) -> None:
        """Make a piece of the rows so far."""
        piece = piece_of_rows(self.rows, self.lines, self.name)
        self.letters += sum(column.nbytes for column in piece.columns)
        if self.letters > LARGEST_UNPACKED:
            raise DataError(f"{self.name}: holds too much text. Export fewer years at once.")
        self.pieces.append(piece)
        self.rows, self.lines, self.cells = [], [], 0

    def _begin_row(self, given: Attributes) -> None:
        line = int(given["r"]) if "r" in given else self.line + 1
        if not self.line < line <= LAST_ROW:
            raise ValueError("rows out of order")
        self.line, self.row, self.place = line, [], 0

    def _finish_row(self) -> None:
        if self.row:
            self.rows.append(self.row)
            self.lines.append(self.line)
            self.cells += len(self.row)
            if self.cells > _AT_ONCE:
                self.flush()

    def _keep_cell(self) -> None:
        reference = self.cell.get("r")
        if reference is not None:
            letters = reference.rstrip("0123456789")
            place = self.columns.get(letters)
            self.place = self._column(letters) if place is None else place
        if self.written:
            row, text = self.row, self._text(self.written)
            if self.place < len(row):
                row[self.place] = text
            else:
                row.extend([""] * (self.place - len(row)))
                row.append(text)
        self.place += 1

    def _text(self, written: str) -> str:
        kind = self.cell.get("t", "n")
        if kind == "s":
            place = int(written)
            if place < 0:
                raise ValueError("no such text")
            return self.formats.strings[place]
        if kind == "n":
            return self.formats.text_of(self.cell.get("s"), written)
        if kind == "b":
            return "TRUE" if written == "1" else "FALSE"
        if kind == "d":
            return written.replace("T", " ").removesuffix(" 00:00:00")
        return plain_text(written)

    def _column(self, letters: str) -> int:
        """Place of a column by its letters, from 0."""
        if not 1 <= len(letters) <= 3 or not (letters.isascii() and letters.isupper()):
            raise ValueError("no such column")
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        if number > MOST_CELLS:
            raise too_wide(self.name, self.line, number)
        self.columns[letters] = number - 1
        return number - 1


def read_cells(package: ZipFile, part: str, formats: Formats, name: str) -> pd.DataFrame:
    """Grid of a sheet, as ``storage.read_sheets`` describes it; without rows where it is empty.

    Raises
    ------
    DataError
        If a row has more cells, or the sheet more text, than any table.
    """
    rows = _Rows(formats, name)
    read_xml(package, part, rows.begin, rows.finish, rows.heard.append)
    rows.flush()
    return grid_of([piece for piece in rows.pieces if len(piece.lines)])
