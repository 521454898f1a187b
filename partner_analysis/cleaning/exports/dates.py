"""Days of an export: read in its formats, refused where day and month stand in two orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.cleaning.distinct import on_distinct
from partner_analysis.cleaning.exports.cells import exchanged, to_days
from partner_analysis.cleaning.plain import plain
from partner_analysis.columns import Export
from partner_analysis.tables import DataError

LENIENT: Final = frozenset({"birth_date", "finalized", "discharged"})
CURE: Final = "Export again with such dates, or set date_format in practice.toml."
ISO: Final = r"\d{4}-\d{2}-\d{2}"
FIRST_ROWS: Final = 1_000  # most files tell in these
MONTHS: Final = 12  # a number up to it may be a month or a day
EACH: Final = 4  # different dates of either kind from which on chance is no explanation
ENOUGH: Final = 3
MANY_DAYS: Final = 30
SOME_DAYS: Final = 10
HAPPENED: Final = ("received", "created", "evaluated", "visit")


@dataclass(frozen=True)
class Zones:
    """Time zone of the practice, and of clinics that have another; "" where none is said."""

    own: str = ""
    of_clinic: Mapping[str, str] = field(default_factory=dict)


NO_ZONES: Final = Zones()


@dataclass(frozen=True)
class DatesRead:
    """How many dates a column of a sheet holds, and how many are not as the export writes them.

    ``turned`` of these fit with day and month exchanged; ``first`` is the line of the first.
    """

    name: str
    column: str
    theirs: str
    total: int
    wrong: int
    turned: int
    first: int


@dataclass(frozen=True)
class Source:
    """What messages call a sheet and its columns, where its days begin, and what day 0 is.

    ``dates`` takes up what was read of each column of dates, ``headings`` the lines with one
    filled cell.
    """

    name: str
    columns: Mapping[str, str]
    zones: Zones
    epoch: str
    dates: list[DatesRead] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)


def read_days(rows: pd.DataFrame, column: str, export: Export, source: Source) -> pd.DataFrame:
    """Rows with the days of one column; a few that cannot be read are rejected row by row."""
    texts = rows[column].where((rows["fate"] == "") & (rows["reason"] == ""), "")
    born = column == "birth_date"
    zone, own = export.time_zone, source.zones.own
    formats, epoch = export.date_format, source.epoch
    days = to_days(texts, formats, zone=zone, own=own, born=born, epoch=epoch)
    if export.time_zone and "clinic" in rows:
        for clinic, zone in source.zones.of_clinic.items():
            there = on_distinct(rows["clinic"], plain) == clinic
            local = to_days(texts[there], formats, zone=export.time_zone, own=zone, epoch=epoch)
            days = days.mask(there, local)
    wrong = (texts != "") & days.isna()
    read = _count_dates(texts, wrong, column, export, source)
    source.dates.append(read)
    _refuse_format(read, texts, export)
    _refuse_half_turned(texts, days, column, source)
    if column not in LENIENT:
        said = f"{column} is not a date as {' or '.join(export.date_format)}"
        rows["reason"] = rows["reason"].mask(wrong & (rows["reason"] == ""), said)
    rows[column] = days
    return rows


def _count_dates(
    texts: pd.Series, wrong: pd.Series, column: str, export: Export, source: Source
) -> DatesRead:
    """How many dates of a column there are, and how many do not fit."""
    other = None if export.time_zone else exchanged(export.date_format[0])
    bad = int(wrong.sum())
    return DatesRead(
        name=source.name,
        column=column,
        theirs=source.columns.get(column, column),
        total=int((texts != "").sum()),
        wrong=bad,
        turned=int(to_days(texts[wrong], [other]).notna().sum()) if bad and other else 0,
        first=int(wrong.idxmax()) if bad else 0,
    )


def _refuse_format(read: DatesRead, texts: pd.Series, export: Export) -> None:
    """Refuse a sheet of which most dates do not fit, or in which days and months change places.

    Where day and month stand in both orders, those that fit may be misread too, so that hardly
    any are enough.
    """
    mixed = read.turned >= 2 and read.turned >= read.wrong / 2
    if not mixed and not (read.wrong >= ENOUGH and read.wrong > read.total / 2):
        return
    other = str(exchanged(export.date_format[0]))
    raise _not_as_written([read], export, _cure_order(texts, read.turned, other) if mixed else CURE)


def refuse_dates(read: list[DatesRead], export: Export) -> None:
    """Refuse an export of which more than a few dates do not fit, be it one file or many.

    Parameters
    ----------
    read
        One per column and sheet of all its files: an export that comes in many small files may
        have as many dates that cannot be read as the same rows in one file.
    export
        How its dates are written.

    Raises
    ------
    DataError
        If in one column most dates do not fit, or 1 in 100 (1 in 10 birth dates) and at least 3 of
        one file, so that a copy of a file changes nothing.
    """
    for column in dict.fromkeys(each.column for each in read):
        own = [each for each in read if each.column == column]
        total, bad = (sum(getattr(r, n) for r in own) for n in ("total", "wrong"))
        share = 10 if column == "birth_date" else 100
        many = any(r.wrong >= max(ENOUGH, r.total / share) for r in own)
        if bad > total / 2 or (many and bad >= total / share):
            raise _not_as_written(own, export, CURE)


def _not_as_written(read: list[DatesRead], export: Export, cure: str) -> DataError:
    """What to say of dates of one column that do not fit, in one sheet or in several."""
    first = next(each for each in read if each.wrong)
    bad, total = sum(each.wrong for each in read), sum(each.total for each in read)
    files = f" in {len(read):,} files or sheets" if len(read) > 1 else ""
    nouns = f'{"date" if total == 1 else "dates"} in "{first.theirs}"{files}'
    return DataError(
        f"{first.name}: {bad:,} of {total:,} {nouns} {'is' if bad == 1 else 'are'} not written as "
        f"{' or '.join(export.date_format)} (first at line {first.first}). {cure}"
    )


def _cure_order(texts: pd.Series, turned: int, other: str) -> str:
    """What to do where dates fit with day and month exchanged: all of them, or only some."""
    if to_days(texts[texts != ""], [other]).notna().all():
        return f"All of them fit {other}: set date_format in practice.toml to that."
    return (
        f"{turned:,} of them fit with day and month exchanged, so that others may be misread: "
        "export again with all dates in one order."
    )


def _refuse_half_turned(texts: pd.Series, days: pd.Series, column: str, source: Source) -> None:
    """Refuse a column of which a spreadsheet has read only those dates that it could misread.

    Opened where months come first, a list of days before months keeps 25/03/2024 as text and
    turns 05/03/2024 into the third of May: all real dates then have a day of 12 or less, and all
    texts a later one.
    """
    real = texts.str.match(ISO)
    if not real.any() or real.sum() == days.notna().sum():
        return
    turned, kept = days[real].dropna().unique(), days[~real].dropna().unique()
    few = min(len(turned), len(kept)) < EACH
    if few or (turned.day > MONTHS).any() or (kept.day <= MONTHS).any():
        return
    theirs = source.columns.get(column, column)
    raise DataError(
        f'{source.name}: of the dates in "{theirs}" {int(real.sum()):,} are real dates, all with a '
        f"day of {MONTHS} or less, and all others are texts with a later day (first at line "
        f"{texts.index[days.notna() & ~real][0]}): a spreadsheet has exchanged day and month in "
        "the real ones. Export again and do not open the file in a spreadsheet before, or have it "
        "export dates as YYYY-MM-DD."
    )


def order_hint(rows: pd.DataFrame) -> str:
    """What to say of a file whose days and months may be exchanged; "" where nothing tells.

    Days spread to the 31st, so that 30 different dates of which none is beyond the 12th hardly
    happen. From 10 different dates on, such a file is told too where the other order would put
    all of them into a quarter of the time, or would take visits off the weekends.

    Parameters
    ----------
    rows
        One row per row of one file: fate ("" for data), and received, created, evaluated or visit,
        as far as it has them.
    """
    columns = [column for column in HAPPENED if column in rows]
    if not columns or any((rows[c].iloc[:FIRST_ROWS].dt.day > MONTHS).any() for c in columns):
        return ""
    data = rows["fate"] == ""
    told = [rows[column].loc[data].dropna() for column in columns]
    days = pd.concat(told)
    different = pd.DatetimeIndex(days.unique())
    if len(different) < SOME_DAYS or (different.day > MONTHS).any():
        return ""
    if len(different) < MANY_DAYS and not _reads_better_turned(days):
        return ""
    return (
        f"every date has a day of {MONTHS} or less ({len(different):,} different dates): "
        "the day and month may be swapped. Compare a few with the practice's system; if they are, "
        "set date_format in practice.toml to the other order, or export again with dates as "
        "YYYY-MM-DD."
    )


def _reads_better_turned(days: pd.Series) -> bool:
    """Whether days are closer together, or fall less on weekends, with day and month exchanged."""
    turned = pd.to_datetime({"year": days.dt.year, "month": days.dt.day, "day": days.dt.month})
    closer = 4 * (turned.max() - turned.min()) < days.max() - days.min()
    weekend, other = (float(np.mean(each.dt.day_of_week >= 5)) for each in (days, turned))
    return bool(closer or (weekend > 0.15 and other < weekend / 4))
