"""Excel workbooks (.xlsx, .xlsm) to grids: every sheet, hidden ones too, as Excel shows cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final
from zipfile import ZipFile

import pandas as pd

from partner_analysis.files.numbers import Kind, kind_of_format
from partner_analysis.files.packages import (
    DAMAGED,
    Attributes,
    damaged,
    local,
    open_package,
    plain_text,
    read_xml,
    related,
)
from partner_analysis.files.sheet_cells import Formats, read_cells
from partner_analysis.tables import DataError

_COVERS: Final = {
    "xl/workbook.bin": "is a binary workbook (.xlsb). Open it in Excel and save it as .xlsx.",
    "mimetype": "is an OpenDocument file. Open it in Excel or Calc and save it as .xlsx.",
    "word/document.xml": "is a Word document. Export the table as .csv or .xlsx.",
}


@dataclass(slots=True)
class _Book:
    """What the parts of a workbook say of it: names and ids of its sheets, first day."""

    sheets: list[tuple[str, str]] = field(default_factory=list)
    from_1904: bool = False


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
    with open_package(stream, name) as package:
        try:
            yield from _read_sheets(package, name)
        except DataError:
            raise
        except DAMAGED:
            raise damaged(name) from None


def _read_sheets(package: ZipFile, name: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and grid of each sheet; any of ``DAMAGED`` for a broken part."""
    parts = set(package.namelist())
    for cover, says in _COVERS.items():
        if cover in parts:
            raise DataError(f"{name}: {says}")
    if "[Content_Types].xml" not in parts:
        raise DataError(f"{name}: is a zip archive. Unpack it and name the file inside.")
    start = [part for kind, part in related(package, "").values() if kind == "officeDocument"]
    relations = related(package, start[0])
    by_kind = dict(relations.values())
    book = _read_book(package, start[0])
    styles, strings = by_kind.get("styles", ""), by_kind.get("sharedStrings", "")
    formats = Formats(
        _read_strings(package, strings) if strings in parts else [],
        _read_kinds(package, styles) if styles in parts else [],
        book.from_1904,
    )
    for title, identity in book.sheets:
        kind, part = relations[identity]
        if kind == "worksheet":
            grid = read_cells(package, part, formats, name)
            if len(grid):
                yield title, grid


def _read_book(package: ZipFile, part: str) -> _Book:
    """Sheets of a workbook in order, and whether its days are counted from 1904."""
    book = _Book()

    def begin(tag: str, given: Attributes) -> None:
        if local(tag) == "sheet":
            identity = next(value for key, value in given.items() if key.endswith(":id"))
            book.sheets.append((given["name"], identity))
        elif local(tag) == "workbookPr":
            book.from_1904 = given.get("date1904", "0") in ("1", "true")

    read_xml(package, part, begin)
    return book


def _read_kinds(package: ZipFile, part: str) -> list[Kind]:
    """What each cell style makes of a number."""
    codes: dict[int, str] = {}
    kinds: list[Kind] = []
    inside: list[str] = []

    def begin(tag: str, given: Attributes) -> None:
        tag = local(tag)
        if tag == "numFmt" and "cellXfs" not in inside:
            codes[int(given["numFmtId"])] = given.get("formatCode", "")
        elif tag == "cellXfs":
            inside.append(tag)
        elif tag == "xf" and inside:
            number = int(given.get("numFmtId", "0"))
            kinds.append(kind_of_format(number, codes.get(number, "")))

    def finish(tag: str) -> None:
        if local(tag) == "cellXfs":
            inside.clear()

    read_xml(package, part, begin, finish)
    return kinds


class _Strings:
    """Texts that cells share, as they are read; what only tells how to pronounce is left out."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.heard: list[str] = []
        self.parts: list[str] = []
        self.spoken = False

    def begin(self, tag: str, _: Attributes) -> None:
        """Take note of a text, or a part of one, that begins."""
        tag = local(tag)
        if tag == "t":
            self.heard.clear()
        elif tag == "si":
            self.parts.clear()
        elif tag == "rPh":
            self.spoken = True

    def finish(self, tag: str) -> None:
        """Keep a text, or a part of one, that ends."""
        tag = local(tag)
        if tag == "t" and not self.spoken:
            self.parts.extend(self.heard)
        elif tag == "rPh":
            self.spoken = False
        elif tag == "si":
            self.done.append(plain_text("".join(self.parts)))


def _read_strings(package: ZipFile, part: str) -> list[str]:
    """Texts that cells share, in the order by which cells refer to them."""
    strings = _Strings()
    read_xml(package, part, strings.begin, strings.finish, strings.heard.append)
    return strings.done
