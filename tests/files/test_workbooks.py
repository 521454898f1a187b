"""Workbooks come as Excel shows them."""

import io
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart, Reference

from partner_analysis import storage
from partner_analysis.files.workbooks import number_text, read_workbook
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
        return number_text(value)
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
    chart = BarChart()
    chart.add_data(Reference(book["Jan & Feb"], min_col=2, min_row=1))
    book.create_chartsheet("chart").add_chart(chart)
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


def test_a_far_cell_costs_nothing_and_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = 1, 2
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match=r"line 1,048,576 has 16,384 cells"):
        storage.read_grid(tmp_path / "a.xlsx")
