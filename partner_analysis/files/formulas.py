"""Tables that a spreadsheet program may open: no cell of them is taken for a formula."""

from __future__ import annotations

from typing import Final

import pandas as pd

STARTS: Final = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_NUMBER: Final = r"[+-]?(?:\d+(?:,\d{3})*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?%?"


def guard_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with an apostrophe before texts that a spreadsheet would calculate.

    Those are cells and column names that begin with ``= + - @``, their full-width forms, a tab or
    a line end, also after spaces; a plain number such as -12.5 stays as it is.

    >>> guard_formulas(pd.DataFrame({"a": ["=1+1", "-12.5"]}))["a"].tolist()
    ["'=1+1", '-12.5']
    """
    guarded = table.copy()
    guarded.columns = pd.Index(_guard(pd.Series(table.columns, dtype="object")).tolist())
    for place in range(table.shape[1]):
        column = table.iloc[:, place]
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
            continue
        guarded.isetitem(place, _guard(column.astype("object")))
    return guarded


def _guard(cells: pd.Series) -> pd.Series:
    """Return cells with an apostrophe before texts that would be calculated; one kind of line end.

    A lone carriage return would be written without quotation marks and begin a new row.
    """
    is_text = cells.map(lambda cell: isinstance(cell, str)).astype("bool")
    texts = cells.where(is_text, "").astype("str").str.replace(r"\r\n?", "\n", regex=True)
    starts = texts.str.lstrip(" \u00a0\u3000\ufeff\u200b\0").str[:1].isin(list(STARTS))
    risky = starts & ~texts.str.fullmatch(_NUMBER)
    return cells.mask(is_text, texts).mask(risky, "'" + texts)
