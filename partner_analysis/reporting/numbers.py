"""Numbers, intervals, dates and lists as a reader says them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

import pandas as pd

from partner_analysis.tables import Interval

MINUS: Final = "\N{MINUS SIGN}"
NOT_APPLICABLE: Final = "\N{EN DASH}"
ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
BILLION: Final = 1e9


def shared_digits(values: Iterable[float], *, digits: int = 1) -> int:
    """Give the decimals that all of these numbers are written with.

    None from 20 upward; more than asked for where all are small and one would otherwise read as
    0. Beside larger numbers such a one is told as "just below 0" or "just above 0".
    """
    sizes = [abs(value) for value in values if math.isfinite(value) and value != 0]
    if not sizes:
        return digits
    large = round(max(sizes), digits) >= 20
    digits, most = (0, 1) if large else (digits, 3)
    while digits < most and round(min(sizes), digits) == 0 and max(sizes) < 10 ** (1 - digits):
        digits += 1
    return digits


def number_text(value: float, *, digits: int | None = None, unit: str = "") -> str:
    """Give one number in digits: ``"3.1"``, ``"1,204"``, or ``"unknown"`` for NaN."""
    if math.isnan(value):
        return "unknown"
    if abs(value) >= BILLION:
        return f"over 1 billion{unit}" if value > 0 else f"under {MINUS}1 billion{unit}"
    digits = shared_digits([value]) if digits is None else digits
    shown = round(value, digits)
    if shown == 0 and value != 0:
        return "just above 0" if value > 0 else "just below 0"
    return f"{MINUS if shown < 0 else ''}{abs(shown):,.{digits}f}{unit}"


def interval_text(interval: Interval, digits: int = 1, *, unit: str = "") -> str:
    """Give estimate and interval for one cell of a table: ``"3.1 (0.8 to 5.4)"``.

    Examples
    --------
    >>> interval_text(Interval(3.14, 0.8, 5.4))
    '3.1 (0.8 to 5.4)'
    >>> interval_text(Interval(float("nan"), 0.8, float("inf")))
    '0.8 or more'
    """
    if not interval.is_number:
        return "no number"
    span = span_text(interval, digits, unit=unit)
    if math.isnan(interval.estimate):
        return span
    digits = _digits_of(interval, digits)
    return f"{number_text(interval.estimate, digits=digits, unit=unit)} ({span})"


def span_text(interval: Interval, digits: int = 1, *, unit: str = "") -> str:
    """Give the ends of an interval: ``"0.8 to 5.4"``, ``"0.8 or more"``, ``"any number"``."""
    digits = _digits_of(interval, digits)
    low, high = (number_text(end, digits=digits, unit=unit) for end in ends(interval))
    open_low, open_high = (math.isinf(end) for end in ends(interval))
    if open_low and open_high:
        return "any number"
    if open_high:
        return f"{low} or more"
    return f"{high} or less" if open_low else f"{low} to {high}"


def span_words(interval: Interval, digits: int = 1) -> str:
    """Give the ends of an interval without minus signs: ``"2.0 fewer to 5.4 more"``.

    Examples
    --------
    >>> span_words(Interval(1.7, -2, 5.4))
    '2.0 fewer to 5.4 more'
    >>> span_words(Interval(-2.3, -4.1, -0.4))
    '0.4 to 4.1 fewer'
    """
    digits = _digits_of(interval, digits)
    low, high = ends(interval)
    if low == high:
        return "no change at all" if low == 0 else more_or_fewer(low, digits=digits)
    if low < 0 and high < 0:
        low, high = -high, -low
        word = "fewer"
    elif low > 0:
        word = "more"
    else:
        return f"{more_or_fewer(low, digits=digits)} to {more_or_fewer(high, digits=digits)}"
    if math.isinf(high):
        return f"{_size(low, digits)} {word} to any number {word}"
    return f"{_size(low, digits)} to {_size(high, digits)} {word}"


def more_or_fewer(value: float, *, digits: int = 1) -> str:
    """Give a difference in words: ``"2.0 fewer"``, ``"5.4 more"``, ``"no change"``."""
    if value == 0:
        return "no change"
    return f"{_size(abs(value), digits)} {'more' if value > 0 else 'fewer'}"


def ends(interval: Interval) -> tuple[float, float]:
    """Give the two ends, an unknown one as open."""
    low = -math.inf if math.isnan(interval.low) else interval.low
    return low, math.inf if math.isnan(interval.high) else interval.high


def level_text(level: float) -> str:
    """Give the level of an interval as a percentage: ``"95%"``."""
    return f"{100 * level:.4g}%"


def count_text(number: float, noun: str) -> str:
    """Give a counted noun: ``"no new patients"``, ``"1 new patient"``, ``"1,204 new patients"``."""
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:] != "ay" else f"{noun}s"
    if number == 0:
        return f"no {plural}"
    return f"{number_text(number, digits=0 if float(number).is_integer() else 1)} {plural}"


def amount_text(value: float) -> str:
    """Give an amount of patients: whole, but with one decimal where it is small and not whole."""
    whole = math.isnan(value) or value >= 10 or round(value, 1).is_integer()
    return number_text(value, digits=0 if whole else 1)


def p_text(value: float) -> str:
    """Give a p-value: three decimals, or "under 0.001"."""
    if math.isnan(value):
        return "unknown"
    return "under 0.001" if value < 0.001 else f"{value:.3f}"


def chance_text(chance: float) -> str:
    """Give a chance as a percentage that never reads as certain.

    >>> [chance_text(chance) for chance in (0.0, 0.42, 1.0)]
    ['under 1%', '42%', 'over 99%']
    """
    if math.isnan(chance):
        return "unknown"
    if chance < 0.01:
        return "under 1%"
    return "over 99%" if chance > 0.99 else f"{100 * chance:.0f}%"


def day_text(day: pd.Timestamp) -> str:
    """Give a day in words: ``"3 March 2025"``."""
    return f"{day.day} {day.month_name()} {day.year}"


def month_text(day: pd.Timestamp) -> str:
    """Give the month of a day in words: ``"March 2025"``."""
    return f"{day.month_name()} {day.year}"


def signed_percent(share: float) -> str:
    """Give a share with its sign: ``"+12%"``, ``"0%"``."""
    return f"{100 * share:+.0f}%".replace("-", "\u2212").replace("+0%", "0%")


def list_text(items: Sequence[str]) -> str:
    """Give items as one phrase: ``"a, b and c"``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def short_name(name: str, *, most: int = 80) -> str:
    """Give a free-text name on one line, without control characters, cut after ``most``."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(name)).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + ELLIPSIS


def _digits_of(interval: Interval, digits: int) -> int:
    return shared_digits((interval.estimate, interval.low, interval.high), digits=digits)


def _size(value: float, digits: int) -> str:
    """Give an amount of zero or more, for a word of direction to follow."""
    if math.isinf(value):
        return "any number"
    if value > 0 and round(value, digits) == 0:
        return f"under {10.0**-digits:g}"
    return number_text(value, digits=digits)
