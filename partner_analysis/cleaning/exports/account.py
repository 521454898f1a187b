"""The account of every row: what became of it, file by file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.cleaning.exports.supersede import natural_key

FATES: Final = ("used", "rejected", "totals_and_headers", "superseded")


def account_rows(*tables: pd.DataFrame) -> pd.DataFrame:
    """One row per file: how many rows it had and what became of them.

    Parameters
    ----------
    tables
        One row per row of a file, with ``file`` and ``fate`` ("" = used).

    Returns
    -------
    DataFrame
        file, raw_rows, used, rejected, totals_and_headers, superseded; ``raw_rows`` is the sum
        of the others. Of those superseded, ``repeated`` are equal to the row in their place.
    """
    fates = pd.concat([table[["file", "fate"]] for table in tables], ignore_index=True)
    file, files = pd.factorize(fates["file"], sort=True)
    fate, known = pd.factorize(fates["fate"])
    tally = np.bincount(file * len(known) + fate, minlength=len(files) * len(known))
    index = pd.Index(files, name="file")
    sizes = pd.DataFrame(tally.reshape(len(files), len(known)), index=index, columns=known)
    account = sizes.rename(columns={"": "used"}).reindex(columns=list(FATES), fill_value=0)
    account = account.astype("int64")
    repeated = sizes.get("repeated", pd.Series(0, index=index)).astype("int64")
    account["superseded"] += repeated
    account.insert(0, "raw_rows", account.sum(axis="columns"))
    account["repeated"] = repeated
    account.columns.name = None
    return account.reset_index()


def add_accounts(accounts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One account of rows that were accounted for in parts."""
    together = pd.concat(accounts, ignore_index=True)
    return together.groupby("file", sort=True).sum().reset_index().astype({"file": "str"})


def rejected_in(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per rejected row: file, sheet, line, kind, reason."""
    columns = ["file", "sheet", "line", "kind", "reason"]
    rejected = rows.loc[rows["fate"] == "rejected"].reindex(columns=columns)
    return rejected.astype({"line": "int64", "reason": "str"})  # a table without rows has no types


def list_rejected(tables: Sequence[pd.DataFrame], tallies: pd.DataFrame) -> pd.DataFrame:
    """One row per rejected row, in the order of files and lines: file (and sheet), line, reason.

    Those of tallies come last.
    """
    table = pd.concat(tables, ignore_index=True)
    table = table.assign(place=table["file"].map(natural_key).astype("str"))
    table = table.sort_values(["place", "kind", "sheet", "line"], kind="stable")
    table = pd.concat([table.drop(columns="place"), rejected_in(tallies)])
    number = table["sheet"].astype("int64").astype("str")
    later = (", sheet " + number).mask(number == "0", "")
    table = table.assign(file=table["file"] + later)
    return table[["file", "line", "reason"]].reset_index(drop=True)


def compare_totals(*tables: pd.DataFrame) -> pd.DataFrame:
    """One row per total that a file states, with what was read above it.

    Parameters
    ----------
    tables
        One row per row of a file: ``file``, ``sheet``, ``line``, ``fate``, ``stated`` (the number
        in a total row; NaN in all others); of a tally ``patients``; of counts ``new_patients``
        and ``whole`` (what a total of one period is to be compared with).

    Returns
    -------
    DataFrame
        file, line, stated, counted (rows of data, or patients, since the total before it; of all
        rows above where that fits better; of its period) and agrees.
    """
    found = [_totals_of(t) for t in tables if "stated" in t and t["stated"].notna().any()]
    columns = ["file", "line", "stated", "counted", "agrees"]
    return pd.concat(found or [pd.DataFrame(columns=columns)], ignore_index=True)[columns]


def _totals_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Totals of one kind of rows, each beside what stands above it."""
    rows = rows.sort_values(["file", "sheet", "line"], kind="stable")
    data = (rows["fate"] != "totals_and_headers").astype("float64")
    amounts = next((rows[c] for c in ("patients", "new_patients") if c in rows), None)
    weight = data if amounts is None else amounts.fillna(0) * data
    by = [rows["file"], rows["sheet"]]
    above = weight.groupby(by).cumsum()
    ends = (rows["fate"] == "totals_and_headers").astype("int64")
    stretch = ends.groupby(by).cumsum() - ends
    since = weight.groupby([*by, stretch]).cumsum()
    totals = rows.loc[rows["stated"].notna(), ["file", "line", "stated"]]
    near = since.reindex(totals.index)
    whole = above.reindex(totals.index)
    counted = near.mask((near != totals["stated"]) & (whole == totals["stated"]), whole)
    last = ~totals.duplicated("file", keep="last")
    counted = counted.mask(last & (counted != totals["stated"]), whole)
    if "whole" in rows:
        counted = rows["whole"].reindex(totals.index).fillna(counted)
    agrees = counted == totals["stated"]
    return totals.assign(counted=counted.astype("int64"), agrees=agrees)
