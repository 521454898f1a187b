"""Rows of an export that hold no data: totals, subtotals and headings of groups."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from partner_analysis.cleaning.distinct import on_distinct
from partner_analysis.columns import Export

DAYS: Final = ("received", "created", "evaluated", "discharged", "visited")
BARE: Final = re.compile(r"^\W*(?:(?:grand|sub|report)[\s-]*)?totals?\W*$|^totals?\s*[:=(]", re.I)
TITLE: Final = "(title above the table)"
_TOTAL: Final = re.compile(
    r"^\W*(?:(?:grand|sub|report|clinic)[\s-]*)?(?:totals?|sum|count|average|avg|records?)"
    r"\b\s*(?:$|[:=(\d])"
    r"|\b(?:sub|grand)?[\s-]?totals?\W*$|^\d+ (?:records?|rows?|patients?|referrals?)$",
    re.IGNORECASE,
)


def is_total(grid: pd.DataFrame, rows: pd.DataFrame, export: Export) -> pd.Series:
    """Whether a row is a total, a subtotal or the heading of a group."""
    undated = pd.Series(True, index=rows.index)
    group = is_heading(grid, rows, export)
    if export.columns.theirs.get("source") == (TITLE,):
        return group | _any_says_total(grid, rows.index)
    if export.kind in ("counts", "tallies"):
        said = group
        for column in (c for c in ("unit", "date", "source", "source_type") if c in rows):
            said |= on_distinct(rows[column], lambda text: bool(BARE.match(text)), dtype="bool")
        return said
    for column in (c for c in DAYS if c in rows):
        undated &= rows[column] == ""
    nobody = undated & (rows["patient"] == "")
    if export.kind == "patients":
        return group | (nobody & _any_says_total(grid.loc[nobody], rows.index))
    said = undated & _says_total(rows["patient"].where(undated, ""))
    return said | group | _any_says_total(grid.loc[nobody], rows.index)


def is_heading(grid: pd.DataFrame, rows: pd.DataFrame, export: Export) -> pd.Series:
    """Whether a row has one filled cell only, as the heading of a group has."""
    undated = pd.Series(True, index=rows.index)
    if export.kind in ("referrals", "visits"):
        for column in (c for c in DAYS if c in rows):
            undated &= rows[column] == ""
        undated |= rows["patient"] == ""
    heading = _one_cell(grid, undated) & (len(export.columns.theirs) > 2)
    if export.kind in ("counts", "tallies") and "date" in rows:
        heading &= rows["date"] == ""
    return heading


def _one_cell(grid: pd.DataFrame, asked: pd.Series) -> pd.Series:
    """Whether a line has one filled cell, of the lines that are asked about."""
    some = grid.loc[asked]
    filled = pd.Series(0, index=some.index)
    for _, column in some.items():
        filled += column != ""
    return (filled == 1).reindex(grid.index, fill_value=False).astype("bool")


def _any_says_total(lines: pd.DataFrame, index: pd.Index) -> pd.Series:
    """Whether any cell of these lines is that of a total; False for all other lines."""
    worded = pd.Series(False, index=lines.index)
    for _, column in lines.items():
        worded |= _says_total(column)
    return worded.reindex(index, fill_value=False)


def _says_total(texts: pd.Series) -> pd.Series:
    """Whether a cell is that of a total."""
    return on_distinct(texts, lambda text: bool(_TOTAL.search(text)), dtype="bool")


def stated_totals(lines: pd.DataFrame, index: pd.Index) -> pd.Series:
    """The one whole number in each total row that names a total; NaN elsewhere."""
    stated = pd.Series(float("nan"), index=index)
    for line, cells in lines.iterrows():
        text = " ".join(cell for cell in cells if cell)
        numbers = re.findall(r"(?<![\d.$])\d[\d,]*(?![\d.%])", text)
        if len(numbers) == 1 and any(_TOTAL.search(cell) for cell in cells):
            stated.loc[line] = float(numbers[0].replace(",", ""))
    return stated
