"""One export file: its header found, totals set aside, its cells read as what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.cleaning.exports.cells import (
    all_missing,
    blank_missing,
    says_yes,
    tidy_ids,
    to_amounts,
    to_counts,
    to_moments,
)
from partner_analysis.cleaning.exports.dates import NO_ZONES, DatesRead, Source, Zones, read_days
from partner_analysis.cleaning.exports.headers import Header, find_headers, refuse_no_header
from partner_analysis.cleaning.exports.totals import TITLE, is_heading, is_total, stated_totals
from partner_analysis.columns import Export, ReferralExport, VisitExport

DATES: Final = ("received", "created", "evaluated", "discharged")
DAYS: Final = (*DATES, "visited", "finalized", "birth_date", "date")
FLAGS: Final = ("arrived", "cancelled", "no_show", "deleted")
IDS: Final = ("patient", "case", "merged_into", "key")
COUNTS: Final = ("count", "open_days", "open_slots", "patients", "cases")


@dataclass(frozen=True)
class FileRows:
    """What one file holds.

    Attributes
    ----------
    rows
        One row per non-empty line: our columns, ``kind`` (of the export), ``file``, ``sheet``,
        ``line``, ``block`` (the title above its table), ``fate`` ("" for data,
        "totals_and_headers" for the rest), ``reason`` ("" where all can be read) and ``stated``
        (the number in a total row).
    header
        Line of its first header.
    columns
        Name in the file of each of our columns that it has.
    dates
        How its dates could be read, by column and sheet.
    headings
        Lines of data with one filled cell, which are taken for headings of groups.
    """

    rows: pd.DataFrame
    header: int
    columns: Mapping[str, str]
    dates: list[DatesRead]
    headings: list[int]


def read_rows(path: Path, name: str, export: Export, *, zones: Zones = NO_ZONES) -> FileRows:
    """Return all rows of a file under our column names.

    Parameters
    ----------
    path, name
        The file, and how messages call it.
    export
        Which columns it has and how dates are written.
    zones
        Where days begin, for times in another zone.

    Returns
    -------
    FileRows

    Raises
    ------
    DataError
        For a header not found, two columns of one name, mostly unreadable dates, numbers that a
        spreadsheet has rounded, and counts that are negative, fractional or no numbers.
    """
    theirs = {k: names for k, names in export.columns.theirs.items() if names != (TITLE,)}
    parts: list[pd.DataFrame] = []
    optional = frozenset(export.optional)
    sheets = storage.read_sheets(path)
    dates: list[DatesRead] = []
    headings: list[int] = []
    first: tuple[int, dict[str, str]] | None = None
    for number, sheet in enumerate(sheets, start=1):
        called = f"{name}, sheet {number}" if sheet.name and number > 1 else name
        headers = find_headers(sheet.grid, theirs, optional=optional, name=called)
        if headers and first is None:
            first = headers[0].line, _names_in(sheet.grid, headers[0])
        rows = _cut_out(sheet.grid, headers)
        if headers:
            names = _names_in(sheet.grid, headers[0])
            source = Source(called, names, zones, sheet.epoch, dates, headings)
            rows = _typed(rows, sheet.grid, export, source)
        else:
            rows = _untyped(rows)
        parts.append(rows.assign(file=name, sheet=number if number > 1 else 0, line=rows.index))
    if first is None:
        raise refuse_no_header(name, theirs, optional, [sheet.grid for sheet in sheets])
    rows = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    return FileRows(rows.assign(kind=export.kind).reset_index(drop=True), *first, dates, headings)


def _names_in(grid: pd.DataFrame, header: Header) -> dict[str, str]:
    """Name in the file of each column that a header has."""
    cells = grid.loc[header.above : header.line]
    return {
        ours: next((cell for cell in reversed(cells[place].tolist()) if cell), "")
        for ours, place in header.places.items()
    }


def _cut_out(grid: pd.DataFrame, headers: list[Header]) -> pd.DataFrame:
    """Declared cells of every line, with ``fate``, ``wide`` (runs over) and ``block``."""
    blank = {"wide": False, "block": "", "fate": "header"}
    if not headers:
        return pd.DataFrame(blank, index=grid.index)
    parts = [grid.loc[: headers[0].above - 1].iloc[:, :0]]
    ends = [*(header.above for header in headers[1:]), None]
    for header, end in zip(headers, ends, strict=True):
        lines = grid.loc[header.above : end - 1 if end is not None else None]
        part = lines.iloc[:, list(header.places.values())].set_axis(list(header.places), axis=1)
        wide = _runs_over(lines, header.last)
        heads = lines.index <= header.line
        parts.append(part.assign(wide=wide, block=header.title, fate=""))
        parts[-1]["fate"] = parts[-1]["fate"].astype("str").mask(heads, "header")
    rows = pd.concat(parts) if len(parts) > 2 or len(parts[0]) else parts[1]
    found = dict.fromkeys(ours for header in headers for ours in header.places)
    for column in (*found, "block", "fate"):
        given = rows[column] if column in rows else pd.Series("", index=rows.index)
        rows[column] = given.astype("str").fillna("header" if column == "fate" else "")
    rows["wide"] = rows["wide"].fillna(False).astype("bool")
    return rows


def _untyped(rows: pd.DataFrame) -> pd.DataFrame:
    """Lines of a sheet without a header: all of them are titles and notes."""
    return rows[["fate", "block"]].assign(fate="totals_and_headers", reason="", stated=float("nan"))


def _runs_over(lines: pd.DataFrame, last: int) -> pd.Series:
    """Whether a line has cells beyond the last one of its header; not where most lines do."""
    beyond = lines.iloc[:, last + 1 :]
    wide = pd.Series(False, index=lines.index)
    for _, column in beyond.items():
        wide |= column != ""
    return wide & (wide.sum() < len(lines) / 2)


# ------------------------------------------------------------------ meaning
def _typed(rows: pd.DataFrame, grid: pd.DataFrame, export: Export, source: Source) -> pd.DataFrame:
    """Cells as what they mean, with ``reason`` for what cannot be read."""
    missing = all_missing(export.missing)
    for column in export.columns.theirs:
        if column in rows:
            rows[column] = blank_missing(rows[column], missing)
    total = (rows["fate"] == "") & is_total(grid, rows, export)
    source.headings.extend(rows.index[total & is_heading(grid, rows, export)])
    if export.kind == "tallies" and "patients" in rows:
        counted = rows["patients"].where(total, "").str.replace(",", "")
        rows["stated"] = pd.to_numeric(counted, errors="coerce").astype("float64")
    else:
        rows["stated"] = stated_totals(grid.loc[total], rows.index)
    rows["fate"] = rows["fate"].mask(total | (rows["fate"] != ""), "totals_and_headers")
    data = rows["fate"] == ""
    wide = rows.pop("wide") & data
    rows["reason"] = pd.Series("", index=rows.index, dtype="str").mask(
        wide, "more cells than the header has"
    )
    if isinstance(export, ReferralExport | VisitExport) and export.one_clinic:
        given = rows["clinic"] if "clinic" in rows else pd.Series("", index=rows.index)
        rows["clinic"] = given.astype("str").mask(given == "", export.one_clinic)
    rows = _read_ids(rows, source)
    if "modified" in rows:
        rows["modified"] = to_moments(rows["modified"], export.date_format)
    for column in (c for c in DAYS if c in rows):
        rows = read_days(rows, column, export, source)
    return _read_amounts(rows, export, source.name)


def _read_ids(rows: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Rows with the numbers of patients, cases and records, and clinics known by a number."""
    for column in (c for c in (*IDS, "clinic", "visit_type") if c in rows):
        texts = rows[column].where(rows["fate"] == "", "")
        if column in IDS or texts.str.startswith("http").any():
            header = source.columns.get(column, column)
            rows[column] = tidy_ids(texts, name=source.name, header=header)
    return rows


def _read_amounts(rows: pd.DataFrame, export: Export, name: str) -> pd.DataFrame:
    """Rows with flags, amounts and counts as such."""
    data = rows["fate"] == ""
    ticks = export.columns.theirs.get("source") == (TITLE,)
    for column in (c for c in FLAGS if c in rows):
        rows[column] = says_yes(rows[column])
    for column in (c for c in COUNTS if c in rows):
        if ticks:
            rows[column] = says_yes(rows[column]).astype("float64").where(data)
            continue
        whole = not column.startswith("open")
        rows[column] = to_counts(rows.loc[data, column], column=column, name=name, whole=whole)
    if "charge" in rows:
        rows["charge"] = to_amounts(rows["charge"])
    return rows
