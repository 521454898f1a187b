"""Cells of an export as what they mean: nothing filled in, numbers of patients, days, counts."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from partner_analysis.cleaning.distinct import on_distinct
from partner_analysis.cleaning.plain import MISSING, plain
from partner_analysis.fields import some_of
from partner_analysis.storage import EPOCH
from partner_analysis.tables import DataError

MOST: Final = 1_000_000
EXCEL_EPOCH: Final = pd.Timestamp(EPOCH)
LONG_AGO: Final = re.compile(r"[1-5]?\d{4}(?:\.\d+)?")
SERIAL: Final = re.compile(r"[2-6]\d{4}(?:\.\d+)?")
TIME_OF_DAY: Final = re.compile(
    r"(?:T|\s+)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?"
    r"(?:\s*[+-](?!00:?00)\d{2}:?\d{2})?$"  # hours from Greenwich: the day is the local one
)
ROUNDED: Final = r"^\d(?:[.,]\d+)?[eE]\+?\d+$|^[1-9]\d{14}0+$"
EXACT_DIGITS: Final = 15  # that a spreadsheet keeps of a number
NO_TIME: Final = re.compile(r"0?0:00(?::00(?:\.0+)?)?|12:00(?::00)? ?am", re.I)
YES: Final = frozenset({"yes", "y", "true", "t", "1", "x", "✓", "✔", "checked"})
NO: Final = frozenset({"", "no", "n", "false", "f", "0"})


# ------------------------------------------------------------------ nothing filled in
def blank_missing(texts: pd.Series, missing: Collection[str]) -> pd.Series:
    """Texts, empty where they say that nothing was filled in, in capitals or not."""
    low = pc.utf8_lower(pa.array(texts))
    told = pc.is_in(low, value_set=pa.array(sorted(missing), type=low.type))
    return texts.mask(pd.Series(told.to_numpy(zero_copy_only=False), index=texts.index), "")


def all_missing(given: Sequence[str]) -> frozenset[str]:
    """Texts that mean nothing was filled in: the usual ones and the practice's own."""
    return MISSING | {plain(text) for text in given}


# ------------------------------------------------------------------ numbers of patients and cases
def tidy_ids(texts: pd.Series, *, name: str, header: str) -> pd.Series:
    """Numbers of patients or cases as the system wrote them.

    The last part of a link, and numbers without the ``.0`` that a spreadsheet adds.

    Raises
    ------
    DataError
        If a spreadsheet has rounded numbers, so that patients can no longer be told apart.
    """
    rounded = texts.str.match(ROUNDED) & (texts.str.len() != EXACT_DIGITS)
    if rounded.sum() * 2 < texts.str.len().gt(EXACT_DIGITS).sum():
        rounded &= ~texts.str.isdecimal()  # a number may end in zeros by itself
    if rounded.any():
        raise DataError(
            f'{name}: {int(rounded.sum()):,} of {int((texts != "").sum()):,} numbers in "{header}" '
            f"{'was' if rounded.sum() == 1 else 'were'} rounded by a spreadsheet "
            f"(first at line {rounded.idxmax()}), so that patients cannot be told apart. "
            "Export again as .csv and do not save it in a spreadsheet, or "
            "format the column as text there."
        )
    if texts.str.startswith("http").any():
        texts = texts.str.rstrip("/").str.split("/").str[-1].astype("str")
    decimal = texts.str.endswith(".0")
    whole = texts.where(decimal, "1.0").str.slice(0, -2).str.isdecimal()
    return texts.mask(decimal & whole, texts.str.slice(0, -2))


# ------------------------------------------------------------------ days
def to_days(
    texts: pd.Series,
    formats: Sequence[str],
    *,
    zone: str = "",
    own: str = "",
    born: bool = False,
    epoch: str = EPOCH,
) -> pd.Series:
    """Midnight of the day that each text means; NaT where it fits no format.

    Parameters
    ----------
    texts
        As written; "" is NaT.
    formats
        Formats that are tried in order. A time of day after a day is let go; ISO days and the
        serial numbers of a spreadsheet are understood beside them.
    zone
        Time zone of the texts; "" = that of the clinic.
    own
        Time zone of the clinic, for texts in another one: a day begins at its midnight.
    born
        Whether these are birth dates: a year of two digits is then never in the future, and
        small serial numbers are days long ago.
    epoch
        Day 0 of serial numbers.
    """
    codes, distinct = pd.factorize(texts)
    days = _parse_days(pd.Series(distinct, dtype="str"), formats, zone=zone, own=own)
    shape = LONG_AGO if born else SERIAL
    days = days.fillna(_serial_days(pd.Series(distinct, dtype="str"), shape, epoch))
    if born:
        ahead = days > pd.Timestamp.now()
        days = days.mask(ahead, days - pd.DateOffset(years=100))
    return days.take(codes).set_axis(texts.index)


def _parse_days(texts: pd.Series, formats: Sequence[str], *, zone: str, own: str) -> pd.Series:
    """Days of distinct texts in one of the formats, or ISO."""
    days = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    for date_format in (*formats, "%Y-%m-%d"):
        missing = days.isna() & (texts != "")
        if not missing.any():
            break
        days = days.fillna(_parse_as(texts.where(missing, ""), date_format, zone=zone, own=own))
    return days


def _serial_days(texts: pd.Series, shape: re.Pattern[str], epoch: str) -> pd.Series:
    """Days of distinct texts that are serial numbers of a spreadsheet; NaT for all others."""
    serial = texts.map(lambda text: bool(shape.fullmatch(text))).astype("bool")
    number = pd.to_numeric(texts.where(serial)) // 1
    return (pd.Timestamp(epoch) + pd.to_timedelta(number, unit="D")).astype("datetime64[us]")


def _parse_as(texts: pd.Series, date_format: str, *, zone: str, own: str) -> pd.Series:
    """Days of texts in one format; its own time of day is read for a zone, else let go."""
    timed = "%H" in date_format or "%I" in date_format
    if not timed and not (zone and own):
        texts = texts.str.replace(TIME_OF_DAY, "", regex=True)
    moments = pd.to_datetime(texts, format=date_format, errors="coerce", utc=bool(zone and own))
    if zone and own:
        if timed:
            moments = moments.dt.tz_localize(None).dt.tz_localize(
                zone, ambiguous=False, nonexistent="shift_forward"
            ).dt.tz_convert(own)  # fmt: skip
        moments = moments.dt.tz_localize(None)
    if moments.dt.tz is not None:
        moments = moments.dt.tz_localize(None)
    return moments.dt.normalize().astype("datetime64[us]")


def to_moments(texts: pd.Series, formats: Sequence[str]) -> pd.Series:
    """Moments at which rows were modified; NaT where it cannot be read."""
    moments = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    clocks = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", "T%H:%M:%SZ")
    for day in dict.fromkeys(("%Y-%m-%d", *formats)):
        for clock in clocks if "%H" not in day else ("",):
            missing = moments.isna() & (texts != "")
            if not missing.any():
                return moments
            read = pd.to_datetime(texts.where(missing, ""), format=day + clock, errors="coerce")
            moments = moments.fillna(read.astype("datetime64[us]"))
    return moments


def exchanged(date_format: str) -> str | None:
    """Date format with day and month in the other order; None where it names either by word."""
    if "%d" not in date_format or "%m" not in date_format:
        return None
    return date_format.replace("%d", "%\0").replace("%m", "%d").replace("%\0", "%m")


# ------------------------------------------------------------------ yes, no and amounts
def says_yes(texts: pd.Series) -> pd.Series:
    """Whether a cell holds a yes, a tick, or anything but a no, such as the time of it.

    A bare midnight is what a system writes where there was no time.
    """
    return on_distinct(
        texts, lambda text: text.casefold() not in NO and not NO_TIME.fullmatch(text), dtype="bool"
    )


def to_amounts(texts: pd.Series) -> pd.Series:
    """Amounts of money as floats; NaN where there is none."""
    plain_text = texts.str.replace(r"[^\d.,()-]|[.,](?=\d{3}\b)", "", regex=True)
    plain_text = plain_text.str.replace(",", ".")
    return pd.to_numeric(plain_text, errors="coerce").astype("float64")


def to_counts(texts: pd.Series, *, column: str, name: str, whole: bool) -> pd.Series:
    """Counts as floats, empty = unknown.

    Raises
    ------
    DataError
        For anything else that is no count, with its first line.
    """
    plain_text = texts.str.replace(r"(?<=\d),(?=\d{3}\b)", "", regex=True)
    numbers = pd.to_numeric(plain_text, errors="coerce").astype("float64")
    numbers = numbers.replace([np.inf, -np.inf], np.nan)
    faults = [((texts != "") & numbers.isna(), "is not a number"), (numbers < 0, "is negative")]
    faults.append((numbers > MOST, f"is above {MOST:,}"))
    if whole:
        faults.append((numbers.notna() & (numbers % 1 != 0), "is not a whole number"))
    article = "an" if column.startswith("open") else "a"
    for wrong, what in faults:
        if wrong.any():
            have = f"have {article} {column} that {what}"
            raise DataError(
                f"{name}: {some_of(int(wrong.sum()), len(texts), 'row', have)} (first at line "
                f"{texts.index[wrong][0]}). Correct them; leave unknown counts empty."
            )
    return numbers
