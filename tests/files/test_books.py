"""A table written for a spreadsheet holds texts and numbers, and nothing that calculates."""

import io
import math

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_analysis.files.books import workbook_bytes

RISKY = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "http://x"]


def opened(table: pd.DataFrame) -> openpyxl.worksheet.worksheet.Worksheet:
    content = workbook_bytes({"a": table})
    return openpyxl.load_workbook(io.BytesIO(content))["a"]


@pytest.mark.parametrize("text", RISKY)
def test_a_text_is_never_a_formula_nor_a_link(text):
    sheet = opened(pd.DataFrame({text: [text]}))
    for cell in (sheet["A1"], sheet["A2"]):
        assert cell.data_type == "s"
        assert cell.quotePrefix
        assert cell.hyperlink is None


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=40))
def test_any_text_can_be_written(text):
    cell = opened(pd.DataFrame({"name": [text]}))["A2"]
    assert cell.data_type != "f"
    assert cell.hyperlink is None


def test_numbers_dates_and_what_is_missing():
    table = pd.DataFrame(
        {
            "number": [2.5, math.nan, math.inf],
            "day": pd.to_datetime(["2025-03-03", None, None]),
            "is_new": [True, False, True],
        }
    )
    rows = [[cell.value for cell in row] for row in opened(table).iter_rows(min_row=2)]
    assert rows[0] == [2.5, pd.Timestamp("2025-03-03"), True]
    assert [row[0] for row in rows[1:]] == [None, "no end"]
    assert rows[1][1] is None


def test_a_table_without_rows_has_its_column_names():
    sheet = opened(pd.DataFrame({"goal": []}))
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["goal"]]
