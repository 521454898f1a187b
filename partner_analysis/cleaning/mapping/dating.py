"""How the dates of a file are written, as far as they tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from partner_analysis.cleaning.exports.cells import exchanged
from partner_analysis.cleaning.mapping.contents import FORMATS, UTC_FORMATS, Contents


@dataclass(frozen=True)
class Dating:
    """Formats of the dates of a file.

    Attributes
    ----------
    formats
        Those that together read most dates, first the one that reads most.
    other
        The same with day and month exchanged, where that reads as many; "" where days above 12
        tell which is which.
    utc
        Whether times end in Z, so that they are those of Greenwich.
    """

    formats: tuple[str, ...]
    other: str = ""
    utc: bool = False


def find_dating(columns: Sequence[Contents]) -> Dating:
    """How the dates in some columns are written."""
    total = {
        date_format: sum(c.filled * c.fits.get(date_format, 0.0) for c in columns)
        for date_format in (*FORMATS, *UTC_FORMATS)
    }
    first = max(total, key=lambda date_format: total[date_format])
    if total[first] <= 0:
        return Dating(())
    turned = exchanged(first) or ""
    formats = [first]
    for contents in columns:
        own = contents.date_format
        poor = contents.fits.get(first, 0.0) < 0.95
        if own and poor and own not in formats and own != turned:
            formats.append(own)
    ambiguous = turned != first and total.get(turned, 0.0) >= total[first]
    utc = any(contents.share("utc") >= 0.5 for contents in columns)
    return Dating(tuple(formats), turned if ambiguous else "", utc)
