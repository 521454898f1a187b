"""What the cells of a column show: dates and how they are written, codes, words, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from partner_analysis.cleaning.exports.cells import EXCEL_EPOCH, TIME_OF_DAY
from partner_analysis.cleaning.mapping.shapes import looks_like_a_date, shapes_of
from partner_analysis.cleaning.plain import MISSING

FORMATS: Final = (
    "%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%Y", "%d.%m.%y",
    "%m-%d-%Y", "%d-%m-%Y", "%Y/%m/%d", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y",
    "%d-%b-%Y", "%d-%b-%y", "%b %Y", "%B %Y", "%Y-%m",
)  # fmt: skip
UTC_FORMATS: Final = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%MZ")
NO_DATES: Final = pd.Series(dtype="datetime64[us]")


@dataclass(frozen=True)
class Contents:
    """What the filled cells of a column show.

    Attributes
    ----------
    filled, distinct
        Cells that say something, and how many different ones.
    shares
        Share of filled cells with each shape.
    fits
        Share of filled cells that each date format reads.
    days
        Different days as the best format reads them.
    each
        Rows of the whole file for each different cell.
    """

    filled: int
    distinct: int
    shares: Mapping[str, float]
    fits: Mapping[str, float]
    days: pd.Series
    each: float

    def share(self, shape: str) -> float:
        """Share of filled cells with a shape."""
        return self.shares.get(shape, 0.0)

    @property
    def date_format(self) -> str:
        """Format that reads most cells, the first of equals; "" if none reads any."""
        return max(self.fits, key=lambda fit: self.fits[fit]) if self.fits else ""

    @property
    def dates(self) -> float:
        """Share of filled cells that are dates."""
        return self.fits.get(self.date_format, 0.0)

    @property
    def few(self) -> bool:
        """Whether few different words stand in many cells."""
        return self.distinct <= max(3, min(60, self.filled // 3))


def read_contents(cells: pd.Series, whole: pd.Series) -> Contents:
    """What a column shows; cells that say that nothing was filled in are left out.

    Parameters
    ----------
    cells
        Those that are looked at.
    whole
        All of the column, so that repeated numbers are not missed.
    """
    counts = cells[cells != ""].value_counts()
    counts = counts[[text.casefold() not in MISSING for text in counts.index]]
    filled = int(counts.sum())
    shares: dict[str, float] = {}
    dated: list[str] = []
    for text, count in counts.items():
        for shape in shapes_of(str(text)):
            shares[shape] = shares.get(shape, 0.0) + count / filled
        if looks_like_a_date(str(text)):
            dated.append(str(text))
    fits, days = _read_dates(counts[dated], filled) if dated else ({}, NO_DATES)
    if not fits and shares.get("serial", 0) >= 0.8:
        numbers = pd.to_numeric(pd.Series(counts.index), errors="coerce").dropna() // 1
        days = EXCEL_EPOCH + pd.to_timedelta(numbers, unit="D")
    each = filled / max(1, len(counts))
    if len(whole) > len(cells) and shares.get("code", 0) >= 0.6:
        each = float((whole != "").sum()) / max(1, whole.nunique())
    return Contents(filled, len(counts), shares, fits, days, each)


def _read_dates(counts: pd.Series, filled: int) -> tuple[dict[str, float], pd.Series]:
    """Share of cells that each format reads, and the days of the best one."""
    texts = pd.Series(counts.index, dtype="str")
    short = texts.str.replace(TIME_OF_DAY, "", regex=True)
    fits: dict[str, float] = {}
    days = NO_DATES
    for date_format in (*FORMATS, *UTC_FORMATS):
        given = texts if date_format in UTC_FORMATS else short
        read = pd.to_datetime(given, format=date_format, errors="coerce")
        share = float(counts.to_numpy()[read.notna().to_numpy()].sum()) / filled
        if share > 0:
            days = read if share > max(fits.values(), default=0) else days
            fits[date_format] = share
    return fits, days.dropna().dt.tz_localize(None) if len(days) else days


def span_in_words(days: pd.Series) -> str:
    """First and last month of days, or only the years where they lie far apart; "" if none."""
    if not len(days):
        return ""
    first, last = days.min(), days.max()
    shown = "%Y" if last.year - first.year > 20 else "%Y-%m"
    if first.strftime(shown) == last.strftime(shown):
        return f"in {first.strftime(shown)}"
    return f"between {first.strftime(shown)} and {last.strftime(shown)}"
