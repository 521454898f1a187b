"""Any export as sheets of text, by what a file holds rather than by what its name promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import pandas as pd

from partner_analysis.files.delimited import read_delimited
from partner_analysis.files.dumps import read_dump
from partner_analysis.files.encodings import decode, find_encoding
from partner_analysis.files.limits import GIB, LARGEST_FILE, LARGEST_JSON
from partner_analysis.files.opening import open_file, spell
from partner_analysis.files.workbooks import read_workbook
from partner_analysis.tables import DataError

WORKBOOKS: Final = (".xlsx", ".xlsm")
TEXTS: Final = (".csv", ".txt", ".tsv", ".xls")
DUMPS: Final = (".json", ".jsonl", ".ndjson")
EPOCH: Final = "1899-12-30"
_OLD: Final = (
    "is a workbook of the old kind (.xls), or has a password. Save it as .xlsx without one."
)
_ZIP: Final = b"PK\x03\x04"
_SIGNS: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLD),
    (b"%PDF", "is a PDF document. Export the table as .csv or .xlsx."),
    (b"\x89PNG", "is a picture. Export the table as .csv or .xlsx."),
    (b"\xff\xd8\xff", "is a picture. Export the table as .csv or .xlsx."),
    (b"GIF8", "is a picture. Export the table as .csv or .xlsx."),
    (b"\x1f\x8b", "is compressed (gzip). Unpack it and name the file inside."),
    (b"7z\xbc\xaf", "is compressed (7z). Unpack it and name the file inside."),
    (b"Rar!", "is compressed (rar). Unpack it and name the file inside."),
    (b"PAR1", "is a parquet table. Export as .csv or .xlsx."),
    (b"SQLite format 3", "is a database. Export the table as .csv or .xlsx."),
    (b"{\\rtf", "is a text document (rtf). Export the table as .csv or .xlsx."),
)  # fmt: skip
_PAGES: Final = (
    b"<!doctype",
    b"<html",
    b"<?xml",
    b"<table",
    b"<head",
    b"<body",
    b"<meta",
    b"<style",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of an export: its name ("" where the file has but one without a name), its cells.

    ``grid`` has one row per row of the file that holds any text; columns 0, 1, 2 ...; the index
    ``line`` is the line number in the file, from 1. All cells are trimmed text, empty ones ``""``.
    """

    name: str
    grid: pd.DataFrame

    @property
    def epoch(self) -> str:
        """Day 0 of serial numbers: a workbook of an old Mac counts from 1904."""
        return str(self.grid.attrs.get("epoch", EPOCH))


def iterate_sheets(path: Path) -> Iterator[Sheet]:
    """Sheets of a file, in order, those without text left out; see ``storage.read_sheets``."""
    path = Path(path)
    name = spell(path)
    found = 0
    with open_file(path) as stream:
        try:
            for title, grid in _choose(stream, path.suffix.lower(), name):
                if len(grid):
                    found += 1
                    yield Sheet(title, grid)
        except OSError as error:
            raise DataError(
                f"{name}: cannot be read ({error.strerror}). Copy it to this computer."
            ) from None
    if not found:
        raise DataError(f"{name}: the file is empty. Export it again.")


def _choose(stream: BinaryIO, suffix: str, name: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Names and grids, read in the way that the file's content asks for."""
    if suffix not in (*WORKBOOKS, *TEXTS, *DUMPS):
        raise DataError(
            f"{name}: {spell(Path(suffix)) if suffix else 'a file without ending'} cannot be read. "
            "Export as .csv or .xlsx."
        )
    size = stream.seek(0, 2)
    stream.seek(0)
    head = stream.read(512)
    stream.seek(0)
    _refuse_disguise(head, name)
    if size > LARGEST_FILE or (suffix in DUMPS and size > LARGEST_JSON):
        raise DataError(
            f"{name}: has {size / GIB:,.1f} GB, more than is read of one file. Export fewer years "
            "at once, as .csv."
        )
    if head.startswith(_ZIP) or suffix in WORKBOOKS:
        return read_workbook(stream, name)
    if suffix in DUMPS:
        encoding = find_encoding(stream)
        raw = stream.read()
        return read_dump(raw, decode(raw, encoding), name)
    return iter([("", read_delimited(stream, name))])


def _refuse_disguise(head: bytes, name: str) -> None:
    """Refuse documents, pictures, archives and web pages, whatever their name says."""
    for sign, says in _SIGNS:
        if head.startswith(sign):
            raise DataError(f"{name}: {says}")
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith(_PAGES):
        raise DataError(
            f"{name}: is a web page or XML, whatever its name says. Open it in Excel and save it "
            "as .xlsx, or export as .csv."
        )
