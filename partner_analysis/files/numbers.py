"""Cells of a spreadsheet as the text that it shows: numbers, dates, times of day, durations."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

EXACT: Final = 1e15  # from here on a spreadsheet has rounded what was typed
LAST_DAY: Final = 2_958_466  # 10000-01-01
_SHORT: Final = 15
_QUIET: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATES: Final = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58})
_TIMES: Final = frozenset({*range(18, 22), *range(32, 36), 45, 47, 55, 56})


class Kind(Enum):
    """What the format of a cell makes of its number."""

    NUMBER = "number"
    MOMENT = "date, time, or both"
    DURATION = "hours beyond a day"


def kind_of_format(number: int, code: str) -> Kind:
    """What a number format shows.

    Parameters
    ----------
    number
        Id of the format; those below 164 are built in and need no code.
    code
        Its code, such as ``mm/dd/yyyy``.

    Examples
    --------
    >>> kind_of_format(170, "mm/dd/yyyy").name, kind_of_format(171, '0.0 "days"').name
    ('MOMENT', 'NUMBER')
    """
    if number == 46:
        return Kind.DURATION
    if number in _DATES or number in _TIMES:
        return Kind.MOMENT
    shown = _QUIET.sub("", code.split(";")[0]).lower()
    if "[" in shown:
        return Kind.DURATION
    if "general" in shown:
        return Kind.NUMBER
    return Kind.MOMENT if any(letter in shown for letter in "dmyhs") else Kind.NUMBER


def number_text(written: str) -> str:
    """Number as a spreadsheet shows it: whole without a point, at most 15 digits.

    A number that needs more digits has been rounded by the spreadsheet and stands in scientific
    form. What is no number stays as it is.

    >>> number_text("8.0"), number_text("0.30000000000000004"), number_text("123456789012345678")
    ('8', '0.3', '1.23456789012346E+17')
    """
    if written.isdecimal() and len(written) <= _SHORT and written[0] != "0":
        return written
    try:
        value = float(written)
    except ValueError:
        return written
    if not math.isfinite(value):
        return written
    if abs(value) >= EXACT:
        digits, power = f"{value:.14E}".split("E")
        return f"{digits.rstrip('0').rstrip('.')}E{power}"
    return str(int(value)) if value.is_integer() else f"{value:.15G}"


def moment_text(written: str, *, from_1904: bool) -> str:
    """Serial number as ISO date, with the time where it is not midnight; below 1 a time of day.

    >>> moment_text("45356.4375", from_1904=False), moment_text("0.4375", from_1904=False)
    ('2024-03-05 10:30:00', '10:30:00')
    """
    try:
        serial = float(written)
    except ValueError:
        return written
    if not 0 <= serial < LAST_DAY - 1462 * from_1904:
        return number_text(written)
    if serial < 1 and not from_1904:
        return str((datetime(1900, 1, 1) + _seconds(serial)).time())
    first = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)
    missing_leap_day = 1 if serial < 60 and not from_1904 else 0
    moment = first + _seconds(serial + missing_leap_day)
    return moment.date().isoformat() if moment.time() == datetime.min.time() else str(moment)


def duration_text(written: str) -> str:
    """Serial number as hours, minutes and seconds.

    >>> duration_text("1.25")
    '30:00:00'
    """
    try:
        serial = float(written)
    except ValueError:
        return written
    if not 0 <= serial < LAST_DAY:
        return number_text(written)
    minutes, seconds = divmod(round(serial * 86_400), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def _seconds(days: float) -> timedelta:
    """Days as a duration in whole seconds."""
    return timedelta(seconds=round(days * 86_400))
