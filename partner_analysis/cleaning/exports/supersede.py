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
    content = [c for c in rows.columns if c not in NOT_CONTENT]
    again = _repeats(rows.loc[rows["fate"] == "", content])
    rows["fate"] = rows["fate"].mask(
        again.reindex(rows.index, fill_value=False).astype("bool"), "superseded"
    )
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


def _repeats(content: pd.DataFrame) -> pd.Series:
    """Whether an equal row stands before a row."""
    mixed = np.zeros(len(content), dtype="uint64")
    for name in content:
        codes = pd.factorize(content[name])[0].astype("uint64")
        mixed = (mixed ^ codes) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    alike = pd.Series(mixed, index=content.index).duplicated(keep=False)
    return content.loc[alike].duplicated().reindex(content.index, fill_value=False)
