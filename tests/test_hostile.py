"""Broken and hostile files: a grid, or a refusal that says what to do; never anything else."""

import io
import json
import os
import random
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_analysis import storage
from partner_analysis.files import limits
from partner_analysis.files.sheets import Sheet
from partner_analysis.tables import DataError

SECRET = "Fauxname"
CURES = (
    "Export", "Save", "Open", "Put", "Unpack", "Remove", "Delete", "Close", "Split", "Name",
    "Correct", "Copy", "or export",
)  # fmt: skip
SPREADSHEET = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
TYPES = "[Content_Types].xml"
OVERRIDE = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
    b'officedocument.spreadsheetml.sharedStrings+xml"/>'
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
    )
    + b"]>"
)  # fmt: skip


def good_parts() -> dict[str, bytes]:
    book = openpyxl.Workbook()
    for number in range(50):
        book.active.append([SECRET, number, f"text {number}"])
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as package:
        return share_strings({name: package.read(name) for name in package.namelist()})


def share_strings(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Return the parts with texts in a part of their own, where Excel puts them."""
    texts = re.findall(rb"<is><t>(.*?)</t></is>", parts[SHEET])
    numbers = iter(range(len(texts)))
    cells = re.sub(rb"<is><t>.*?</t></is>", lambda _: b"<v>%d</v>" % next(numbers), parts[SHEET])
    strings = b"".join(b"<si><t>%s</t></si>" % text for text in texts)
    relation = b'<Relationship Id="s" Type="x/sharedStrings" Target="sharedStrings.xml"/></R'
    return {
        **parts,
        SHEET: cells.replace(b'"inlineStr"', b'"s"'),
        STRINGS: b"<sst %s>%s</sst>" % (SPREADSHEET, strings),
        RELATIONS: parts[RELATIONS].replace(b"</R", relation),
        TYPES: parts[TYPES].replace(b"</T", OVERRIDE + b"</T"),
    }


def pack(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return stream.getvalue()


def with_rows(rows: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    sheet = b"<worksheet %s><sheetData>%s</sheetData>%s</worksheet>" % (SPREADSHEET, rows, after)
    return pack({**good_parts(), SHEET: before + sheet})


def with_part(name: str, content: bytes) -> bytes:
    return pack({**good_parts(), name: content})


def cell(reference: str, value: str, kind: str = "n") -> bytes:
    line = re.sub(r"\D", "", reference) or "1"
    return f'<row r="{line}"><c r="{reference}" t="{kind}"><v>{value}</v></c></row>'.encode()


def zip_of_lies() -> bytes:
    """Return a workbook whose directory understates what a part unpacks to."""
    sheet = good_parts()[SHEET] + b" " * 9_000_000
    content = with_part(SHEET, sheet)
    return content.replace(len(sheet).to_bytes(4, "little"), (9).to_bytes(4, "little"))


def noise(size: int) -> bytes:
    return random.Random(5).randbytes(size)


ROWS = b"id,name,on\n" + b"".join(b"%d,%s,01/02/2024\n" % (n, SECRET.encode()) for n in range(200))
GOOD = pack(good_parts())
HTML = b"<html><body><table><tr><td>" + SECRET.encode() + b"</td></tr></table></body></html>"
DEEP = b"<a>" * 200_000
CORPUS: dict[str, tuple[str, bytes | Callable[[], bytes]]] = {
    "empty": ("a.csv", b""),
    "empty workbook file": ("a.xlsx", b""),
    "empty json": ("a.json", b""),
    "only blank lines": ("a.csv", b"\n\r\n\r\n\n , ,\n"),
    "only a byte-order mark": ("a.csv", b"\xef\xbb\xbf"),
    "only a utf-16 mark": ("a.csv", b"\xff\xfe"),
    "only NUL bytes": ("a.csv", bytes(100_000)),
    "header only": ("a.csv", b"id,name,on\n"),
    "one column": ("a.csv", b"name\nFauxname\nStorey\n"),
    "200 columns": ("a.csv", (",".join(map(str, range(200))) + "\n").encode() * 50),
    "10,000 columns": ("a.csv", (",".join(map(str, range(10_000))) + "\n").encode() * 5),
    "100,000 columns once": ("a.csv", ROWS + b"," * 100_000 + b"x\n"),
    "cut in a row": ("a.csv", ROWS[:-9]),
    "cut in a quotation": ("a.csv", ROWS + b'1,"Fauxname'),
    "cut in a letter": ("a.csv", ROWS + "1,Fauxnamé".encode()[:-1]),
    "cut in utf-16": ("a.csv", ROWS.decode().encode("utf-16")[:-1]),
    "quotation never closed near the top": ("a.csv", b'id,"name\n' + ROWS * 200),
    "quotation marks only": ("a.csv", b'"' * 100_001),
    "quotation marks everywhere": ("a.csv", b'"a"b"",c"",""\n' * 5_000),
    "delimiters only": ("a.csv", b",,,,;;;;\t\t||\n" * 1_000),
    "mixed line ends": ("a.csv", b"a,b\r1,2\n3,4\r\n5,6\n\r7,8"),
    "separator lines of unicode": ("a.csv", "a,b\n1,x\u2028y\x85z\x1c\n".encode() * 50),
    "mixed encodings": ("a.csv", "a,é\n".encode() + "b,é\u2019\n".encode("cp1252") * 9),
    "utf-8 mark before cp1252": ("a.csv", b"\xef\xbb\xbfa,\xe9\nb,\x92\n"),
    "surrogates in utf-8": ("a.csv", b"a,b\n\xed\xa0\x80,2\n"),
    "overlong utf-8": ("a.csv", b"a,b\n\xc0\xaf,2\n"),
    "NUL bytes between letters": ("a.csv", ROWS.replace(b"Faux", b"Fa\0ux")),
    "NUL bytes at the end": ("a.csv", ROWS + bytes(5_000)),
    "escape sequences": ("a.csv", b"a,b\n\x1b[2J\x1b]0;x\x07,2\n" * 20),
    "right-to-left override": ("a.csv", "a,b\n\u202egnp,2\n".encode()),
    "noise as csv": ("a.csv", noise(200_000)),
    "noise as xlsx": ("a.xlsx", noise(200_000)),
    "noise as json": ("a.json", noise(20_000)),
    "noise of high bytes": ("a.csv", bytes(byte | 0x80 for byte in noise(50_000))),
    "formulas": ("a.csv", b"id,name\n=cmd|' /C calc'!A0,+1+1\n-1,@SUM(A1)\n"),
    "a line of 2 MB": ("a.csv", ROWS + b"x" * 2_000_000 + b"\n"),
    "a cell of 200 KB": ("a.csv", ROWS + b'1,"' + b"x" * 200_000 + b'",2\n'),
    "pdf as csv": ("a.csv", b"%PDF-1.7\n" + noise(1_000)),
    "png as xlsx": ("a.xlsx", b"\x89PNG\r\n\x1a\n" + noise(1_000)),
    "jpeg as csv": ("a.csv", b"\xff\xd8\xff\xe0" + noise(1_000)),
    "html as csv": ("a.csv", b"\xef\xbb\xbf\n" + HTML),
    "html as xls": ("a.xls", HTML),
    "html as xlsx": ("a.xlsx", HTML),
    "html in utf-16": ("a.xls", HTML.decode().encode("utf-16")),
    "text as xls": ("a.xls", b"id\tname\n1\tFauxname\n"),
    "text as xlsx": ("a.xlsx", ROWS),
    "xlsx as csv": ("a.csv", GOOD),
    "old workbook": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise(5_000)),
    "workbook with a password": ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000)),
    "gzip as csv": ("a.csv", b"\x1f\x8b\x08\x00" + noise(500)),
    "zip of a csv": ("a.xlsx", pack({"a.csv": ROWS})),
    "zip of nothing": ("a.xlsx", pack({})),
    "document as xlsx": ("a.xlsx", pack({"[Content_Types].xml": b"", "word/document.xml": b""})),
    "binary workbook": ("a.xlsx", pack({"[Content_Types].xml": b"<a/>", "xl/workbook.bin": b""})),
    "open document": ("a.xlsx", pack({"mimetype": b"application/vnd.oasis", "content.xml": b""})),
    "workbook cut in half": ("a.xlsx", GOOD[: len(GOOD) // 2]),
    "workbook without its end": ("a.xlsx", GOOD[:-10]),
    "workbook with noise inside": ("a.xlsx", GOOD[:900] + noise(200) + GOOD[1_100:]),
    "workbook of lies": ("a.xlsx", zip_of_lies()),
    "no relations": ("a.xlsx", with_part("_rels/.rels", b"<a/>")),
    "sheets outside": ("a.xlsx", with_part(RELATIONS,
        b'<R><Relationship Id="rId1" Type="x/worksheet" Target="../../../../etc/passwd"/></R>')),
    "sheet cut in half": ("a.xlsx", with_part(SHEET, good_parts()[SHEET][:1_500])),
    "sheet is noise": ("a.xlsx", with_part(SHEET, noise(3_000))),
    "sheet is empty": ("a.xlsx", with_part(SHEET, b"")),
    "strings are missing": ("a.xlsx", with_part(STRINGS, b"<sst/>")),
    "styles are broken": ("a.xlsx", with_part("xl/styles.xml",
        b"<styleSheet><cellXfs><xf numFmtId='x'/></cellXfs></styleSheet>")),
    "deep xml": ("a.xlsx", with_part(SHEET, DEEP)),
    "entities in a sheet": ("a.xlsx", with_rows(b'<row><c t="str"><v>&m;</v></c></row>', LAUGHS)),
    "entities in strings": ("a.xlsx", with_part(STRINGS,
        LAUGHS + b"<sst><si><t>&m;</t></si></sst>")),
    "a file by entity": ("a.xlsx", with_rows(b'<row><c t="str"><v>&x;</v></c></row>',
        b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>')),
    "no such string": ("a.xlsx", with_rows(cell("A1", "999999", "s"))),
    "a negative string": ("a.xlsx", with_rows(cell("A1", "-1", "s"))),
    "a far cell": ("a.xlsx", with_rows(cell("A1", "1") + cell("XFD1048576", "2"))),
    "beyond the last row": ("a.xlsx", with_rows(cell("A4294967295", "1"))),
    "beyond the last column": ("a.xlsx", with_rows(cell("ZZZZZZZ1", "1"))),
    "rows in no order": ("a.xlsx", with_rows(cell("A5", "1") + cell("A2", "1"))),
    "numbers that are none": ("a.xlsx", with_rows(cell("A1", "NaN") + cell("A2", "1e999"))),
    "a number of many digits": ("a.xlsx", with_rows(cell("A1", "9" * 100_000))),
    "merged to the end": ("a.xlsx", with_rows(cell("A1", "1"),
        after=b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
    "json cut": ("a.json", b'[{"id": 1, "name": "Fauxname"}, {"id"'),
    "json without end": ("a.json", b"[" * 500_000),
    "json deep objects": ("a.json", b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    "json of a giant number": ("a.json", b'[{"id": ' + b"9" * 1_000_000 + b"}]"),
    "json of numbers": ("a.json", b"[1, 2, 3]"),
    "json of one text": ("a.json", b'"Fauxname"'),
    "json of many names": ("a.json", json.dumps([{str(n): n} for n in range(5_000)]).encode()),
    "json with a lone surrogate": ("a.json", b'[{"name": "\\ud800"}]'),
    "json of empty objects": ("a.json", b"[{}, {}]"),
    "csv as json": ("a.json", ROWS),
    "no ending": ("a", ROWS),
    "another ending": ("a.docx", ROWS),
}  # fmt: skip


def read_or_refuse(path: Path) -> tuple[Sheet, ...] | str:
    """Sheets, or the words of the refusal; both are looked at."""
    before = sorted(path.parent.iterdir())
    try:
        sheets = storage.read_sheets(path)
    except DataError as error:
        says = str(error)
        assert SECRET not in says
        assert "\n" not in says
        assert says.endswith(".")
        assert any(re.search(rf"[.,:] {cure}\b", says) for cure in CURES), says
        return says
    finally:
        assert sorted(path.parent.iterdir()) == before
    assert sheets
    for sheet in sheets:
        assert len(sheet.grid)
        assert sheet.grid.index.is_monotonic_increasing and sheet.grid.index[0] >= 1
        assert sheet.grid.columns.tolist() == list(range(sheet.grid.shape[1]))
    return sheets


@pytest.mark.parametrize("case", CORPUS)
def test_a_broken_file_is_a_grid_or_refused(tmp_path: Path, case: str) -> None:
    name, content = CORPUS[case]
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content())
    begun = time.perf_counter()
    read_or_refuse(tmp_path / name)
    assert time.perf_counter() - begun < 10


READABLE = {
    "header only", "one column", "200 columns", "cut in a row", "cut in a letter", "cut in utf-16",
    "mixed line ends", "mixed encodings", "NUL bytes between letters", "NUL bytes at the end",
    "formulas", "text as xls", "xlsx as csv", "merged to the end", "utf-8 mark before cp1252",
}  # fmt: skip
REFUSED = {
    "empty", "only blank lines", "noise as csv", "noise as xlsx", "a line of 2 MB", "a far cell",
    "workbook cut in half", "sheet cut in half", "entities in a sheet", "a file by entity",
    "10,000 columns", "100,000 columns once", "json of a giant number", "cut in a quotation",
    "workbook of lies", "sheets outside", "text as xlsx",
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(READABLE | REFUSED))
def test_what_can_be_read_is_and_the_rest_is_not(tmp_path: Path, case: str) -> None:
    name, content = CORPUS[case]
    (tmp_path / name).write_bytes(content)
    assert isinstance(read_or_refuse(tmp_path / name), str) == (case in REFUSED)


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx", "a.json", "a.xls"]))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_grid_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / name).write_bytes(content)
    read_or_refuse(folder / name)


@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=9)
)
@settings(max_examples=150, deadline=None)
def test_a_workbook_with_wrong_bytes_is_a_grid_or_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(GOOD)
    for place, byte in changes:
        content[place] = byte
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "a.xlsx").write_bytes(bytes(content))
    read_or_refuse(folder / "a.xlsx")


XML = good_parts()[SHEET]


PUT = st.sampled_from(
    [b"", b"<", b'"', b"<row>", b"</row>", b"<c/>", b"<v>9</v>", b"&#0;", b"\xff"]
)


@given(st.integers(0, len(XML)), st.integers(0, 60), PUT)
@settings(max_examples=150, deadline=None)
def test_a_sheet_with_wrong_xml_is_a_grid_or_refused(
    tmp_path_factory: pytest.TempPathFactory, start: int, cut: int, put: bytes
) -> None:
    folder = tmp_path_factory.mktemp("xml")
    (folder / "a.xlsx").write_bytes(with_part(SHEET, XML[:start] + put + XML[start + cut :]))
    read_or_refuse(folder / "a.xlsx")


# ------------------------------------------------------------------ places that are no files
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")
def test_a_folder_pipe_device_loop_or_missing_file_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nothing")
    for name in ("folder.csv", "pipe.csv", "loop.csv", "zero.csv", "gone.csv", "missing.csv"):
        assert isinstance(read_or_refuse(tmp_path / name), str)
        with pytest.raises(DataError):
            storage.read_bytes(tmp_path / name)
    with pytest.raises(DataError, match="no such file"):
        storage.find_files(tmp_path, "*.csv")


def test_names_with_line_ends_codes_or_dots_are_spelt(tmp_path: Path) -> None:
    for name in ("a\nb.csv", "a\x1b[2Jb.csv", "\u202evsc.csv", "-rf.csv", "%s{}.csv", "a;b.csv"):
        (tmp_path / name).write_bytes(b"")
        says = read_or_refuse(tmp_path / name)
        assert isinstance(says, str) and says.isprintable()
    (tmp_path / "in").mkdir()
    (tmp_path / "a.csv").write_bytes(ROWS)
    assert len(storage.read_grid(tmp_path / "in" / ".." / "a.csv")) == 201
    with pytest.raises(DataError, match=r"no name can|no such file"):
        storage.read_sheets(Path("a\0b.csv"))
    with pytest.raises(DataError, match="cannot be opened"):
        storage.read_sheets(tmp_path / ("x" * 300 + ".csv"))


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(ROWS)
    (tmp_path / "a.csv").chmod(0)
    assert isinstance(read_or_refuse(tmp_path / "a.csv"), str)


# ------------------------------------------------------------------ time and memory, bounded
CHILD = """
import sys, time
from pathlib import Path
from partner_analysis import storage
from partner_analysis.tables import DataError
def peak():  # ru_maxrss would know the parent's too
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
base = peak()
begun = time.perf_counter()
try:
    storage.read_sheets(Path(sys.argv[1]))
    print("read")
except DataError as error:
    print(error)
print(round(time.perf_counter() - begun, 2))
print(peak() - base)
"""


def measured(path: Path) -> tuple[str, float, int]:
    """What another process says, its seconds, and the megabytes that reading took."""
    run = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    says, seconds, megabytes = run.stdout.strip().split("\n")
    return says, float(seconds), int(megabytes)


def sparse(path: Path, size: int, start: bytes = b"") -> Path:
    with path.open("wb") as stream:
        stream.write(start)
        stream.truncate(size)
    return path


def one_line(path: Path, size: int) -> Path:
    with path.open("wb") as stream:
        for _ in range(size // limits.MIB):
            stream.write(b"x" * limits.MIB)
    return path


def bomb(path: Path, parts: dict[str, int]) -> Path:
    """Write a workbook with parts of so many megabytes of spaces."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, content in good_parts().items():
            if name not in parts:
                package.writestr(name, content)
        for name, megabytes in parts.items():
            with package.open(name, "w", force_zip64=True) as part:
                for _ in range(megabytes):
                    part.write(b" " * limits.MIB)
    return path


def brackets(path: Path) -> Path:
    path.write_bytes(b"[]," * 30_000_000)
    return path


def repeated_text(path: Path) -> Path:
    """Write a small workbook in which one long text stands in very many cells."""
    strings = (
        b"<sst %s><si><t>" % SPREADSHEET + noise(250_000).hex().encode() * 4 + b"</t></si></sst>"
    )
    rows = b"".join(b'<row><c t="s"><v>0</v></c></row>' for _ in range(100_000))
    sheet = b"<worksheet %s><sheetData>" % SPREADSHEET + rows + b"</sheetData></worksheet>"
    path.write_bytes(pack({**good_parts(), SHEET: sheet, STRINGS: strings}))
    return path


HEAVY: dict[str, tuple[str, Callable[[Path], Path], str, int]] = {
    "1 GB of nothing": ("a.csv", lambda p: sparse(p, limits.GIB), "empty", 300),
    "1 GB of nothing after rows": ("a.csv", lambda p: sparse(p, limits.GIB, ROWS), "read", 300),
    "300 MB in one line": ("a.csv", lambda p: one_line(p, 300 * limits.MIB), "1 is longer", 300),
    "5 GB": ("a.csv", lambda p: sparse(p, 5 * limits.GIB, ROWS), "more than is read", 100),
    "5 GB workbook": ("a.xlsx", lambda p: sparse(p, 5 * limits.GIB, b"PK\3\4"), "is read", 100),
    "1 GB json": ("a.json", lambda p: sparse(p, limits.GIB, b"["), "more than is read", 100),
    "json of brackets": ("a.json", brackets, "values", 300),
    "sheet bomb": ("a.xlsx", lambda p: bomb(p, {SHEET: 300}), "would unpack", 200),
    "media bomb": ("a.xlsx", lambda p: bomb(p, {"xl/media/a": 100}), "would unpack", 200),
    "one text in many cells": ("a.xlsx", repeated_text, "letters", 300),
}  # fmt: skip


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the kernel keeps no peak")
@pytest.mark.parametrize("case", HEAVY)
def test_time_and_memory_stay_bounded(tmp_path: Path, case: str) -> None:
    name, make, says, most = HEAVY[case]
    said, seconds, megabytes = measured(make(tmp_path / name))
    (tmp_path / name).unlink()
    assert says in said
    assert seconds < 15
    assert megabytes < most
