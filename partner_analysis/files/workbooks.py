"""Excel workbooks (.xlsx, .xlsm) to grids: every sheet, hidden ones too, by openpyxl."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO, Final
from zipfile import BadZipFile, ZipFile

import openpyxl
import pandas as pd

from partner_analysis.files.limits import (
    LARGEST_UNPACKED,
    LAST_ROW,
    MIB,
    MOST_CELLS,
    MOST_PACKED,
    MOST_PARTS,
    SMALL_UNPACKED,
)
from partner_analysis.files.pieces import Piece, grid_of, piece_of_rows, too_wide
from partner_analysis.tables import DataError

DAMAGED: Final = (
    BadZipFile, zlib.error, EOFError, SyntaxError, LookupError, ValueError, TypeError,
    AttributeError, RuntimeError, NotImplementedError, OverflowError, OSError,
)  # fmt: skip
EXACT: Final = 10**15  # from here on a spreadsheet has rounded what was typed
AT_ONCE: Final = 500_000  # cells held before they become a piece
COVERS: Final = {
    "xl/workbook.bin": "is a binary workbook (.xlsb). Open it in Excel and save it as .xlsx.",
    "mimetype": "is an OpenDocument file. Open it in Excel or Calc and save it as .xlsx.",
    "word/document.xml": "is a Word document. Export the table as .csv or .xlsx.",
}


def read_workbook(stream: BinaryIO, name: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and grid of each sheet that holds anything, in the workbook's order.

    Parameters
    ----------
    stream
        The open file.
    name
        What messages call it.

    Raises
    ------
    DataError
        If it is damaged, is no workbook, needs a password, or is larger than any of exports.
    """
    _refuse_packages(stream, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            for sheet in (s for s in book.worksheets if hasattr(s, "reset_dimensions")):
                sheet.reset_dimensions()  # what a file says of its own size may be wrong
                grid = _read_sheet(sheet, name)
                grid.attrs["epoch"] = f"{book.epoch:%Y-%m-%d}"
                if len(grid):
                    yield sheet.title, grid
    except DataError:
        raise
    except DAMAGED:
        raise _damaged(name) from None


def _refuse_packages(stream: BinaryIO, name: str) -> None:
    """Refuse what is no workbook, or would unpack to more than any, before it is unpacked."""
    try:
        package = ZipFile(stream)
        parts = package.infolist()
        _refuse_size(parts, name)
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                _refuse_doctype(package, part, name)
    except DataError:
        raise
    except DAMAGED:
        raise _damaged(name) from None
    names = {part.filename for part in parts}
    for cover, says in COVERS.items():
        if cover in names:
            raise DataError(f"{name}: {says}")
    if "[Content_Types].xml" not in names:
        raise DataError(f"{name}: is a zip archive. Unpack it and name the file inside.")
    stream.seek(0)


def _refuse_size(parts: list[Any], name: str) -> None:
    """Refuse a package that needs a password, or would unpack to more than any workbook."""
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    too_tight = unpacked > SMALL_UNPACKED and unpacked > MOST_PACKED * packed
    if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED or too_tight:
        raise DataError(
            f"{name}: would unpack to {unpacked / MIB:,.0f} MB in {len(parts):,} parts, which no "
            "workbook of exports does. Export again, as .csv if it is that large."
        )
    if any(part.flag_bits & 0x1 for part in parts):
        raise DataError(f"{name}: needs a password. Save it without one.")


def _refuse_doctype(package: ZipFile, part: Any, name: str) -> None:
    """Refuse a document type, which no workbook declares and entity bombs need."""
    with package.open(part) as content:
        if b"<!DOCTYPE" in content.read(MIB):
            raise _damaged(name)


def _damaged(name: str) -> DataError:
    return DataError(
        f"{name}: cannot be opened as an Excel workbook. Open it in Excel and save it again as "
        ".xlsx or .csv."
    )


def _read_sheet(sheet: Any, name: str) -> pd.DataFrame:
    """Grid of a sheet, as ``storage.read_sheets`` describes it; without rows where it is empty."""
    pieces: list[Piece] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    letters = cells = 0
    for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if line > LAST_ROW:
            raise ValueError("more rows than a sheet has")
        if len(values) > MOST_CELLS:
            raise too_wide(name, line, len(values))
        row = [_cell_text(value) for value in values]
        if not any(row):
            continue
        rows.append(row)
        lines.append(line)
        cells += len(row)
        letters += sum(map(len, row))
        if letters > LARGEST_UNPACKED:
            raise DataError(
                f"{name}: holds {letters / MIB:,.0f} million letters. Export fewer years at once."
            )
        if cells > AT_ONCE:
            pieces.append(piece_of_rows(rows, lines, name))
            rows, lines, cells = [], [], 0
    pieces.append(piece_of_rows(rows, lines, name))
    return grid_of([piece for piece in pieces if len(piece.lines)])


def _cell_text(value: object) -> str:
    """Cell of a workbook as text: days as ISO, whole numbers without a point.

    A number that a spreadsheet has rounded stands in scientific form, as it shows it.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return str(value.date() if value.time() == time() else value.replace(microsecond=0))
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


def number_text(value: float) -> str:
    """Number as a spreadsheet shows it: whole without a point, at most 15 digits."""
    if abs(value) >= EXACT:
        digits, power = f"{value:.14E}".split("E")
        return f"{digits.rstrip('0').rstrip('.')}E{power}"
    return str(int(value)) if float(value).is_integer() else f"{value:.15G}"
