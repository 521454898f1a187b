"""Rows that a later or equal row replaces: double imports, newer copies, removed records."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

NOT_CONTENT: Final = ("file", "sheet", "line", "block", "fate", "reason", "modified")
NEW, CHANGED, REMOVED = "1", "2", "3"


def supersede(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows, of which those that another replaces are marked.

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
        The same rows, ``fate`` "superseded" where another row stands in its place.
    """
    for kind in rows["kind"].unique() if "key" in rows else ():
        rows["fate"] = rows["fate"].mask(_older_copies(rows, kind), "superseded")
    rows["fate"] = rows["fate"].mask(_repeats(rows), "superseded")
    return rows.drop(columns=[c for c in ("key", "change", "modified") if c in rows])


def _older_copies(rows: pd.DataFrame, kind: str) -> pd.Series:
    """Whether a row of a kind has a newer copy, or is one that was removed in the end."""
    order = rows.loc[(rows["kind"] == kind) & (rows["fate"] == "") & (rows["key"].fillna("") != "")]
    if "modified" in order:
        order = order.assign(modified=order["modified"].fillna(""))
    by = [c for c in ("key", "modified", "file", "sheet", "line") if c in order]
    order = order.sort_values(by, kind="stable")
    older = order.duplicated("key", keep="last")
    if "change" in order:
        older |= order["change"].fillna("") == REMOVED
    return older.reindex(rows.index, fill_value=False).astype("bool")


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
    data = np.flatnonzero(rows["fate"] == "")
    alike = data[pd.Series(mixed[data]).duplicated(keep=False).to_numpy()]
    again = np.zeros(len(rows), dtype=bool)
    again[alike] = rows[content].iloc[alike].duplicated().to_numpy()
    return pd.Series(again, index=rows.index)
