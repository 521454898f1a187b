"""Parts of a workbook file: unpacked within bounds, and its XML read without entities."""

from __future__ import annotations

import posixpath
import re
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, Final
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from partner_analysis.files.limits import (
    LARGEST_UNPACKED,
    MIB,
    MOST_PACKED,
    MOST_PARTS,
    SMALL_UNPACKED,
)
from partner_analysis.tables import DataError

DAMAGED: Final = (
    BadZipFile, zlib.error, EOFError, expat.ExpatError, LookupError, ValueError, OSError,
    RuntimeError, NotImplementedError, OverflowError,
)  # fmt: skip
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
Attributes = dict[str, str]


def damaged(name: str) -> DataError:
    """Return the refusal of a workbook that cannot be read."""
    return DataError(
        f"{name}: cannot be opened as an Excel workbook. Open it in Excel and save it again as "
        ".xlsx or .csv."
    )


def open_package(stream: BinaryIO, name: str) -> ZipFile:
    """Open the zip file that a workbook is, after a look at what it would unpack to.

    Raises
    ------
    DataError
        If it is damaged, needs a password, or would unpack to more than any workbook.
    """
    try:
        package = ZipFile(stream)
    except DAMAGED:
        raise damaged(name) from None
    parts = package.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if (
        len(parts) > MOST_PARTS
        or unpacked > LARGEST_UNPACKED
        or (unpacked > SMALL_UNPACKED and unpacked > MOST_PACKED * packed)
    ):
        raise DataError(
            f"{name}: would unpack to {unpacked / MIB:,.0f} MB in {len(parts):,} parts, which no "
            "workbook of exports does. Export again, as .csv if it is that large."
        )
    if any(part.flag_bits & 0x1 for part in parts):
        raise DataError(f"{name}: needs a password. Save it without one.")
    return package


def read_xml(
    package: ZipFile,
    part: str,
    begin: Callable[[str, Attributes], object],
    finish: Callable[[str], object] | None = None,
    text: Callable[[str], object] | None = None,
) -> None:
    """Read a part, calling back where an element begins, where it ends, and with its text.

    Raises
    ------
    ValueError
        If it declares a document type, which no workbook does and entity bombs need.
    KeyError, ExpatError and the other ``DAMAGED``
        If it is missing or broken.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.CharacterDataHandler = text
    with package.open(part) as content:
        while chunk := content.read(MIB):
            parser.Parse(chunk, False)
    parser.Parse(b"", True)


def local(tag: str) -> str:
    """Name of an element or attribute without its prefix."""
    return tag.rpartition(":")[2]


def related(package: ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Parts that a part refers to: by id, the kind of relation and the name of the part."""
    folder, file = posixpath.split(part)
    found: dict[str, tuple[str, str]] = {}

    def begin(tag: str, given: Attributes) -> None:
        if local(tag) == "Relationship" and given.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, given["Target"]))
            found[given["Id"]] = (given["Type"].rpartition("/")[2], target.lstrip("/"))

    read_xml(package, posixpath.join(folder, "_rels", f"{file}.rels"), begin)
    return found


def plain_text(text: str) -> str:
    r"""Text of a cell, with what Excel writes as a code put back.

    >>> plain_text("two_x000A_lines")
    'two\nlines'
    """
    return _ESCAPED.sub(lambda found: _letter(found[1]), text) if "_x" in text else text


def _letter(code: str) -> str:
    """Character of a hexadecimal code; what is no character of its own becomes a replacement."""
    number = int(code, 16)
    return "\ufffd" if 0xD800 <= number <= 0xDFFF else chr(number)


def _refuse_doctype(*_: Any) -> None:
    raise ValueError("a document type")
