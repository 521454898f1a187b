"""One export file: its header found, totals set aside, its dates and counts read as such."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis import storage
from partner_analysis.practice import CountExport, ReferralExport
from partner_analysis.tables import DataError

MISSING: Final = frozenset(
    {"", "(unassigned)", "unassigned", "none", "n/a", "na", "n.a.", "nan", "null", "nil",
     "unknown", "(unknown)", "(blank)", "not recorded", "-", "--", "?", "??", "tbd", "."}
)  # fmt: skip
DATES: Final = ("received", "created", "evaluated", "discharged")
MOST: Final = 1_000_000
CURE: Final = "Export again with such dates, or set date_format in practice.toml."
_TOTAL: Final = re.compile(
    r"^\W*(?:(?:grand|sub|report|clinic)[\s-]*)?(?:totals?|sum|count|average|avg|records?)"
    r"\b\s*(?:$|[:=(\d])"
    r"|\b(?:sub|grand)?[\s-]?totals?\W*$|^\d+ (?:records?|rows?|patients?|referrals?)$",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Text in small letters with single spaces, for comparing names."""
    return " ".join(text.split()).casefold()


def read_rows(path: Path, name: str, export: ReferralExport | CountExport) -> pd.DataFrame:
    """Return all rows of a file under our column names.

    Parameters
    ----------
    path, name
        The file, and how messages call it.
    export
        Which columns it has and how dates are written.

    Returns
    -------
    DataFrame
        One row per non-empty line: our columns, ``file``, ``line``, ``fate`` ("" for data,
        "totals_and_headers" for the rest), ``reason`` ("" where all can be read) and ``raw``
        (the declared cells as one text, to find duplicates).

    Raises
    ------
    DataError
        For a header not found, two columns of one name, mostly unreadable dates, and counts
        that are negative, fractional or no numbers.
    """
    grid = storage.read_grid(path)
    theirs = {ours: their for ours, their in export.columns.model_dump().items() if their}
    headers = _find_headers(grid, theirs, name)
    fate = pd.Series("", index=grid.index, dtype="str")
    fate.loc[: next(iter(headers))] = "header"
    parts, lines = [], list(headers)
    for line, end in zip(lines, [*lines[1:], None], strict=True):
        block = grid.loc[line:end] if end is None else grid.loc[line : end - 1]
        taken = {ours: block[column] for ours, column in headers[line].items()}
        wide = _runs_over(block, int(np.flatnonzero(grid.loc[line] != "").max()))
        parts.append(pd.DataFrame(taken, index=block.index).assign(wide=wide))
        fate.loc[line] = "header"
    typed = pd.concat(parts)
    wide = typed.pop("wide").reindex(grid.index, fill_value=False).astype("bool")
    typed = typed.reindex(grid.index, fill_value="")
    missing = MISSING | {plain(text) for text in export.missing}
    for column in typed:
        typed[column] = typed[column].mask(_missing(typed[column], missing), "")
    fate = fate.mask((fate == "") & _is_total(grid, typed), "total")
    fate = fate.mask(fate != "", "totals_and_headers")
    reason = pd.Series("", index=grid.index, dtype="str").mask(
        wide & (fate == ""), "more cells than the header has"
    )
    typed = typed.assign(file=name, line=grid.index, fate=fate, reason=reason)
    return _parse(typed, export, iso=path.suffix.lower().startswith(".xls"), name=name)


def _missing(texts: pd.Series, missing: frozenset[str]) -> pd.Series:
    """Whether a cell says that nothing was filled in."""
    return texts.str.casefold().str.split().str.join(" ").isin(missing)


def _find_headers(
    grid: pd.DataFrame, theirs: Mapping[str, str], name: str
) -> dict[int, dict[str, int]]:
    """Line of each header row, with the position of every declared column in it."""
    wanted = {ours: plain(their) for ours, their in theirs.items()}
    folded = grid.apply(lambda column: column.str.casefold().str.split().str.join(" "))
    hits = folded.isin(set(wanted.values()))
    counts = hits.sum(axis="columns")
    headers: dict[int, dict[str, int]] = {}
    best = int(counts.max())
    for line in counts.index[(counts >= max(2, len(set(wanted.values())) / 2))]:
        cells = folded.loc[line].tolist()
        for ours, their in wanted.items():
            if cells.count(their) > 1 and (counts[line] == best or headers):
                raise DataError(
                    f'{name}: two columns are named "{theirs[ours]}" (line {line}). '
                    "Export again with one of them, or rename the other."
                )
        lacking = [theirs[ours] for ours, their in wanted.items() if their not in cells]
        if lacking:
            if counts[line] == best and not headers:
                _refuse_header(name, int(line), lacking, grid.loc[line].tolist())
            continue
        headers[int(line)] = {ours: cells.index(their) for ours, their in wanted.items()}
    if not headers:
        raise DataError(
            f"{name}: header not found. No line holds the columns "
            f"{', '.join(dict.fromkeys(theirs.values()))}. Export again with them, or correct "
            "[exports.columns] in practice.toml."
        )
    return headers


def _refuse_header(name: str, line: int, lacking: list[str], cells: list[str]) -> None:
    """Say which declared columns a header row lacks, and the nearest it has."""
    near = difflib.get_close_matches(lacking[0], [cell for cell in cells if cell], n=1, cutoff=0.7)
    hint = f' It has "{near[0]}".' if near else ""
    raise DataError(
        f"{name}: the header (line {line}) lacks {', '.join(lacking)}.{hint} Export again with "
        "it, or correct [exports.columns] in practice.toml."
    )


def _is_total(grid: pd.DataFrame, typed: pd.DataFrame) -> pd.Series:
    """Whether a row is a total, a subtotal or the heading of a group."""
    filled = (grid != "").sum(axis="columns")
    group = (filled == 1) & (typed.shape[1] > 2)
    if "unit" in typed:
        return _says_total(typed["unit"]) | _says_total(typed["date"]) | group
    undated = (typed[[c for c in DATES if c in typed]] == "").all(axis="columns")
    nobody = undated & (typed["patient"] == "")
    worded = pd.Series(False, index=grid.index)
    for column in grid:
        worded.loc[nobody] |= _says_total(grid.loc[nobody, column])
    return worded | (undated & _says_total(typed["patient"])) | group


def _says_total(texts: pd.Series) -> pd.Series:
    """Whether a cell is that of a total."""
    distinct = {text: bool(_TOTAL.search(text)) for text in texts.unique()}
    return texts.map(distinct).astype("bool")


def _parse(
    typed: pd.DataFrame, export: ReferralExport | CountExport, *, iso: bool, name: str
) -> pd.DataFrame:
    """Dates and counts as such, with ``reason`` for what cannot be read."""
    cells = typed.drop(columns=["file", "line", "fate", "reason"])
    typed["raw"] = ["\x1f".join(row) for row in cells.itertuples(index=False, name=None)]
    rows = (typed["fate"] == "") & (typed["reason"] == "")
    for column in [c for c in (*DATES, "birth_date", "date") if c in typed]:
        text = typed[column].where(rows, "")
        days = _to_days(text, export.date_format, iso=iso)
        wrong = (text != "") & days.isna()
        if wrong.any():
            _refuse_format(text, wrong, name, column, export)
        if column != "birth_date":
            typed["reason"] = typed["reason"].mask(
                wrong & (typed["reason"] == ""), f"{column} is not a date as {export.date_format}"
            )
        typed[column] = days
    if isinstance(export, CountExport):
        typed["date_is"] = export.date_is
        for column in [c for c in ("count", "open_days", "open_slots") if c in typed]:
            typed[column] = _to_numbers(typed.loc[rows, column], column, name)
    return typed.reset_index(drop=True)


def _to_days(text: pd.Series, date_format: str, *, iso: bool) -> pd.Series:
    """Midnight timestamps; NaT where the text does not fit."""
    days = pd.to_datetime(text, format=date_format, errors="coerce")
    if iso:
        other = pd.to_datetime(text.str[:10], format="%Y-%m-%d", errors="coerce")
        days = days.fillna(other)
    if days.dt.tz is not None:
        days = days.dt.tz_localize(None)
    return days.dt.normalize().astype("datetime64[us]")


def _refuse_format(
    text: pd.Series,
    wrong: pd.Series,
    name: str,
    column: str,
    export: ReferralExport | CountExport,
) -> None:
    """Refuse a file of which more than a few dates do not fit; a few are rejected row by row.

    Where day and month stand in both orders, those that fit may be misread too, so that hardly
    any are enough.
    """
    bad, total = int(wrong.sum()), int((text != "").sum())
    other = _exchanged(export.date_format)
    turned = _to_days(text[wrong], other, iso=False).notna().sum() if other else 0
    mixed = turned >= 2 and turned >= bad / 2
    many = bad > total / 2 or (bad >= 3 and bad >= total / 100 and column != "birth_date")
    if not (mixed or many):
        return
    theirs, first = getattr(export.columns, column), wrong.index[wrong][0]
    raise DataError(
        f'{name}: {bad:,} of {total:,} dates in "{theirs}" are not written as '
        f"{export.date_format} (first at line {first}). "
        + (_cure_order(text, int(turned), str(other)) if mixed else CURE)
    )


def _cure_order(text: pd.Series, turned: int, other: str) -> str:
    """What to do where dates fit with day and month exchanged: all of them, or only some."""
    if _to_days(text[text != ""], other, iso=False).notna().all():
        return f"All of them fit {other}: set date_format in practice.toml to that."
    return (
        f"{turned:,} of them fit with day and month exchanged, so that others may be misread: "
        "export again with all dates in one order."
    )


def _exchanged(date_format: str) -> str | None:
    """Date format with day and month in the other order; None where it names either by word."""
    if "%d" not in date_format or "%m" not in date_format:
        return None
    return date_format.replace("%d", "%\0").replace("%m", "%d").replace("%\0", "%m")


def _runs_over(block: pd.DataFrame, last: int) -> pd.Series:
    """Whether a row has cells beyond the last one of the header; not where most rows do."""
    wide = (block.loc[:, last + 1 :] != "").any(axis="columns")
    return wide & (wide.sum() < len(block) / 2)


def _to_numbers(text: pd.Series, column: str, name: str) -> pd.Series:
    """Counts as floats, empty = unknown; anything else that is no count is refused."""
    plain_text = text.str.replace(r"(?<=\d),(?=\d{3}\b)", "", regex=True)
    numbers = pd.to_numeric(plain_text, errors="coerce").astype("float64")
    numbers = numbers.replace([np.inf, -np.inf], np.nan)
    faults = [((text != "") & numbers.isna(), "is not a number"), (numbers < 0, "is negative")]
    faults.append((numbers > MOST, f"is above {MOST:,}"))
    if column == "count":
        faults.append((numbers.notna() & (numbers % 1 != 0), "is not a whole number"))
    article = "a" if column == "count" else "an"
    for wrong, what in faults:
        if wrong.any():
            raise DataError(
                f"{name}: {int(wrong.sum()):,} of {len(text):,} rows have {article} {column} that "
                f"{what} (first at line {text.index[wrong][0]}). Correct them; leave unknown "
                "counts empty."
            )
    return numbers
