"""Rows that a later or equal row replaces: double imports, newer copies, removed records."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

NOT_CONTENT: Final = ("file", "sheet", "line", "block", "fate", "reason", "modified", "export")
NEW, CHANGED, REMOVED = "1", "2", "3"


def supersede(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows, of which those that another replaces are marked; equal ones apart from older copies.

    Of rows with one ``key`` of an export only the one modified last counts, else the last one;
    if that one says "removed" (``change`` 3), none does. Of equal rows the first counts, whatever
    file it stands in.

    Parameters
    ----------
    rows
        As ``read_rows`` gives them, file by file.

    Returns
    -------
    DataFrame
        The same rows, ``fate`` "superseded" where a newer copy that differs stands in its place,
        "repeated" where the same row does.
    """
    for block in rows["export"].unique() if "key" in rows else ():
        older = _older_copies(rows, block)
        again = _equals_a_later(rows, block, older)
        rows["fate"] = rows["fate"].mask(older, "superseded").mask(again, "repeated")
    rows["fate"] = rows["fate"].mask(_repeats(rows), "repeated")
    return rows.drop(columns=[c for c in ("key", "change", "modified", "export") if c in rows])


def _older_copies(rows: pd.DataFrame, block: int) -> pd.Series:
    """Whether a row of an export has a newer copy, or is one that was removed in the end."""
    keyed = (rows["export"] == block) & (rows["fate"] == "") & (rows["key"].fillna("") != "")
    order = rows.loc[keyed]
    if "change" in order:
        order = order.assign(change=order["change"].fillna("").map(_plain_change))
    if "modified" in order:
        order = order.assign(modified=order["modified"].fillna(pd.Timestamp.min))
    order = order.assign(file=order["file"].map(natural_key))
    by = [c for c in ("key", "modified", "file", "sheet", "line") if c in order]
    if "modified" in by and "change" in order:
        by.insert(by.index("modified") + 1, "change")
    order = order.sort_values(by, kind="stable")
    older = order.duplicated("key", keep="last")
    if "change" in order:
        older |= order["change"] == REMOVED
    return older.reindex(rows.index, fill_value=False).astype("bool")


def _equals_a_later(rows: pd.DataFrame, block: int, older: pd.Series) -> pd.Series:
    """Whether an older copy is equal to another row of its key, so that nothing of it changed."""
    keys = rows.loc[older, "key"]
    alike = rows.loc[(rows["export"] == block) & rows["key"].isin(keys) & (rows["fate"] == "")]
    content = [c for c in rows.columns if c not in {*NOT_CONTENT} - {"modified"}]
    again = alike[content].duplicated(keep=False)
    return older & again.reindex(rows.index, fill_value=False)


def _plain_change(text: str) -> str:
    """A change as 1, 2 or 3, however a spreadsheet or a person wrote it."""
    low = text.strip().casefold().removesuffix(".0").lstrip("0")
    return {"removed": REMOVED, "deleted": REMOVED, "modified": CHANGED, "new": NEW}.get(low, low)


def natural_key(name: str) -> str:
    """Name of a file by which ``day-2`` comes before ``day-10``.

    >>> natural_key("day-2.csv") < natural_key("day-10.csv")
    True
    """
    return re.sub(r"\d+", lambda digits: digits.group().zfill(12), name)


def _repeats(rows: pd.DataFrame) -> pd.Series:
    """Whether an equal row of data stands before a row.

    Only rows that agree in patient (or, without one, in all texts) and in days are compared.
    """
    content = [c for c in rows.columns if c not in NOT_CONTENT]
    telling = [c for c in content if c == "patient" or rows[c].dtype != "str"]
    mixed = np.zeros(len(rows), dtype="uint64")
    for name in telling if "patient" in content else content:
        values = rows[name]
        codes = values.to_numpy("int64") if values.dtype.kind == "M" else pd.factorize(values)[0]
        mixed = (mixed ^ codes.astype("uint64")) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    data = np.flatnonzero((rows["fate"] == "") & (rows["kind"] != "tallies"))
    alike = data[pd.Series(mixed[data]).duplicated(keep=False).to_numpy()]
    again = np.zeros(len(rows), dtype=bool)
    again[alike] = rows[content].iloc[alike].duplicated().to_numpy()
    return pd.Series(again, index=rows.index)
