"""Tables as an Excel workbook in which no cell is a formula, a link or a number that is none."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import pandas as pd

WIDEST: Final = 60
NARROWEST: Final = 9
LONGEST_TITLE: Final = 31  # of a sheet, by Excel's own limit
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def workbook_bytes(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Content of a workbook: one sheet per table, in order, its first row the column names.

    A text stays a text, marked so that a spreadsheet never calculates it, whatever it begins
    with; a number without an end is the text "no end", a missing value an empty cell.
    """
    from openpyxl import Workbook  # half a megabyte, and only a published report writes one
    from openpyxl.styles import Font

    book = Workbook()
    book.remove(book.active)
    book.properties.creator = "partner-analysis"
    book.properties.created = EPOCH
    for title, table in tables.items():
        sheet = book.create_sheet(title[:LONGEST_TITLE])
        rows = [list(table.columns), *table.astype(object).to_numpy().tolist()]
        for place, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                _write(sheet.cell(place, column), value)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for column in sheet.columns:
            longest = max(len(str(cell.value or "")) for cell in column)
            letter = column[0].column_letter
            sheet.column_dimensions[letter].width = min(WIDEST, max(NARROWEST, longest + 2))
        sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write(cell: Any, value: object) -> None:
    """Put one value into a cell, as what it is and nothing else."""
    if isinstance(value, float) and math.isinf(value):
        value = "no end"
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return
    if isinstance(value, str):
        if not value:
            return
        cell.value = "".join(sign for sign in value if sign.isprintable() or sign in "\n\t")
        cell.data_type = "s"
        cell.quotePrefix = True
    elif isinstance(value, pd.Timestamp):
        cell.value = value.to_pydatetime()
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, bool | int | float | date):
        cell.value = value
    else:
        _write(cell, value.item() if hasattr(value, "item") else str(value))
