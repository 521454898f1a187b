"""Workbooks as Excel shows them, beside what openpyxl reads of the same file."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_analysis import storage
from partner_analysis.files.numbers import Kind, kind_of_format, moment_text, number_text
from partner_analysis.files.workbooks import read_workbook
from partner_analysis.tables import DataError

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.floats(-1e6, 1e6).map(lambda number: round(number, 4)),
    st.datetimes(datetime(1900, 3, 1), datetime(2100, 1, 1)).map(
        lambda t: t.replace(microsecond=0)
    ),
    st.dates(date(1900, 3, 1), date(2100, 1, 1)),
    TEXTS.filter(lambda text: not text.startswith("=") and "_x" not in text),
)


def saved(rows: list[list[object]]) -> io.BytesIO:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return number_text(repr(value))
    return str(value).strip()


@given(st.lists(st.lists(VALUES, min_size=1, max_size=4), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_cells_are_those_that_were_written(rows: list[list[object]]) -> None:
    texts = [[shown(value) for value in row] for row in rows]
    filled = {line: row for line, row in enumerate(texts, start=1) if any(row)}
    grids = [grid for _, grid in read_workbook(saved(rows), "a.xlsx")]
    assert len(grids) == bool(filled)
    for grid in grids:
        assert grid.index.tolist() == list(filled)
        for line, row in filled.items():
            assert "".join(row) == "".join(grid.loc[line])
            assert [cell for cell in row if cell] == [cell for cell in grid.loc[line] if cell]


def test_every_sheet_that_holds_anything_is_read_hidden_ones_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("hidden").sheet_state = "veryHidden"
    book["hidden"]["C5"] = "x"
    book.create_sheet("Jan & Feb").append(["a", 1])
    book.create_chartsheet("chart")
    book.save(tmp_path / "a.xlsx")
    sheets = storage.read_sheets(tmp_path / "a.xlsx")
    assert [sheet.name for sheet in sheets] == ["hidden", "Jan & Feb"]
    assert sheets[0].grid.loc[5].tolist() == ["", "", "x"]
    assert storage.read_grid(tmp_path / "a.xlsx").equals(sheets[0].grid)


def test_what_excel_shows_is_what_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["merged", None, 123456789012345678, 0.1 + 0.2, 1e15, 999_999_999_999_999])
    sheet.append([time(10, 30), timedelta(hours=26), 0.25, True, "#N/A", datetime(2024, 3, 5, 9)])
    sheet.merge_cells("A1:B1")
    sheet["C2"].number_format = "0%"
    book.save(tmp_path / "a.xlsx")
    grid = storage.read_grid(tmp_path / "a.xlsx")
    assert grid.loc[1].tolist() == ["merged", "", "1.23456789012346E+17", "0.3", "1E+15", "9" * 15]
    assert grid.loc[2].tolist() == [
        "10:30:00", "26:00:00", "0.25", "TRUE", "#N/A", "2024-03-05 09:00:00",
    ]  # fmt: skip


def test_days_counted_from_1904_are_the_same_days(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append([date(2024, 3, 5)])
    book.save(tmp_path / "a.xlsx")
    assert storage.read_grid(tmp_path / "a.xlsx").loc[1, 0] == "2024-03-05"


@pytest.mark.parametrize(
    ("number", "code", "kind"),
    [
        (0, "", Kind.NUMBER), (14, "", Kind.MOMENT), (22, "", Kind.MOMENT), (46, "", Kind.DURATION),
        (164, "[$-409]mmm d, yyyy;@", Kind.MOMENT), (165, "[h]:mm", Kind.DURATION),
        (166, '#,##0 "visits"', Kind.NUMBER), (167, "[Red]0.00", Kind.NUMBER),
        (168, r"0\d", Kind.NUMBER), (169, "General", Kind.NUMBER), (9, "", Kind.NUMBER),
    ],
)  # fmt: skip
def test_a_format_tells_dates_from_numbers(number: int, code: str, kind: Kind) -> None:
    assert kind_of_format(number, code) is kind


def test_a_day_that_no_calendar_has_stays_a_number() -> None:
    assert moment_text("-5", from_1904=False) == "-5"
    assert moment_text("1e300", from_1904=False) == "1E+300"
    assert moment_text("1", from_1904=False) == "1900-01-01"


def test_a_prefix_and_missing_references_are_understood(tmp_path: Path) -> None:
    with zipfile.ZipFile(saved([["x"]])) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/worksheets/sheet1.xml"] = (
        b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<x:sheetData><x:row><x:c><x:v>1</x:v></x:c><x:c/><x:c t='inlineStr'><x:is><x:r><x:t>a"
        b"</x:t></x:r><x:r><x:t>b</x:t></x:r><x:rPh><x:t>z</x:t></x:rPh></x:is></x:c></x:row>"
        b"</x:sheetData></x:worksheet>"
    )
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    assert storage.read_grid(tmp_path / "a.xlsx").loc[1].tolist() == ["1", "", "ab"]


def test_texts_that_cells_share_are_found(tmp_path: Path) -> None:
    stream = saved([["x", 1], [2, "y"]])
    with zipfile.ZipFile(stream) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    relations, sheet = "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"
    parts[relations] = parts[relations].replace(
        b"</R", b'<Relationship Id="s" Type="x/sharedStrings" Target="sharedStrings.xml"/></R'
    )
    parts[sheet] = (
        b'<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>0</v></c>'
        b'<c r="C1" t="str"><f>A1&amp;"&lt;"</f><v>a&lt;b</v></c></row></sheetData></worksheet>'
    )
    parts["xl/sharedStrings.xml"] = (
        b"<sst><si><t>a_x000A_b &amp; c</t></si><si><r><t>one </t></r><r><rPr/><t>two</t></r>"
        b"<rPh><t>spoken</t></rPh></si></sst>"
    )
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    assert storage.read_grid(tmp_path / "a.xlsx").loc[1].tolist() == ["one two", "a\nb & c", "a<b"]


def test_a_far_cell_costs_nothing_and_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = 1, 2
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match=r"line 1,048,576 has 16,384 cells"):
        storage.read_grid(tmp_path / "a.xlsx")
