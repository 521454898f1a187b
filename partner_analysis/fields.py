"""The columns of a table as typed values, and the errors that refuse what cannot be used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LAST_DAY: Final = np.datetime64("2250-01-01", "D")
FIRST_DAY: Final = np.datetime64("1900-01-01", "D")
MOST: Final = 1e9


class InputError(ValueError):
    """What was given cannot be used; the message says where, what and what to do next."""


class SettingsError(InputError):
    """practice.toml, or a parameter of a run, is wrong."""


class DataError(InputError):
    """A data file is wrong."""


ONE: Final = {"have": "has", "are": "is", "were": "was"}  # verbs of one thing; others take an s


def some_rows(rows: Iterable[int], *, most: int = 5) -> str:
    """Row numbers in words, at most a few: ``"rows 3, 8 and 14"`` counted from 0."""
    numbers = [str(row) for row in rows]
    shown = numbers[:most]
    if len(numbers) > most:
        return f"rows {', '.join(shown)} and {len(numbers) - most} more"
    if len(shown) == 1:
        return f"row {shown[0]}"
    return f"rows {', '.join(shown[:-1])} and {shown[-1]}"


def some_of(part: int, whole: int, noun: str, what: str) -> str:
    """So many of all, with the verb that begins ``what`` (given for several) in its number.

    Examples
    --------
    >>> some_of(1, 1, "row", "have no date"), some_of(2, 1204, "row", "end before they start")
    ('1 of 1 row has no date', '2 of 1,204 rows end before they start')
    """
    nouns = noun if whole == 1 else f"{noun}s"
    return f"{part:,} of {whole:,} {nouns} {_said_of(part, what)}"


def so_many(number: int, noun: str, what: str) -> str:
    """So many, with noun and verb in their number; ``what`` is given for several.

    Examples
    --------
    >>> so_many(1, "row", "have no date"), so_many(1204, "row", "are empty")
    ('1 row has no date', '1,204 rows are empty')
    """
    return f"{number:,} {noun if number == 1 else f'{noun}s'} {_said_of(number, what)}"


def _said_of(number: int, what: str) -> str:
    """What is said of several, said of one where it is one."""
    if number != 1:
        return what
    verb, _, rest = what.partition(" ")
    said = f"{ONE.get(verb, f'{verb}s')} {rest}".rstrip()
    return re.sub(r"\bthey (\w+)", r"it \1s", said)


def require_columns(frame: pd.DataFrame, columns: Sequence[str], table: str) -> None:
    """Refuse a table that lacks a column, naming all that are missing."""
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"{table}: a pandas DataFrame is needed, not {type(frame).__name__}.")
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise InputError(
            f"{table}: no column {', no column '.join(missing)}. It needs {', '.join(columns)}."
        )


def refuse_rows(wrong: pd.Series | NDArray[np.bool_], table: str, what: str, cure: str) -> None:
    """Raise an InputError that counts the wrong rows, names a few by number and says the cure."""
    if wrong.any():
        rows = np.flatnonzero(np.asarray(wrong, dtype=bool)).tolist()
        said = some_of(len(rows), len(wrong), "row", what)
        raise InputError(f"{table}: {said} ({some_rows(rows)}, counted from 0). {cure}")


def as_days(values: pd.Series, table: str, column: str) -> pd.Series:
    """Dates as midnight timestamps without a time zone; missing stays missing."""
    try:
        days = pd.to_datetime(values)
    except (ValueError, TypeError):
        raise InputError(
            f"{table}: column {column} holds something that is not a date. "
            "Give timestamps, or text as YYYY-MM-DD."
        ) from None
    if days.dt.tz is not None:
        raise InputError(
            f"{table}: column {column} has a time zone. Turn it to the clinic's own time first, "
            "then drop the zone (dt.tz_localize(None))."
        )
    dates = days.to_numpy(dtype="datetime64[D]")
    early, late = dates < FIRST_DAY, dates > LAST_DAY
    refuse_rows(early, table, f"have a {column} before {FIRST_DAY.item().year}", "Correct it.")
    if column == "end_date":
        dates = np.where(late, np.datetime64("NaT"), dates)
    else:
        refuse_rows(late, table, f"have a {column} after {LAST_DAY.item().year}", "Correct it.")
    return pd.Series(dates.astype("datetime64[ns]"), index=days.index, name=days.name)


def as_amounts(values: pd.Series, table: str, column: str) -> pd.Series:
    """Non-negative finite numbers as float; missing stays NaN (unknown, not zero)."""
    try:
        amounts = pd.Series(values).astype("float64")
    except (ValueError, TypeError):
        raise InputError(
            f"{table}: column {column} holds something that is not a number. "
            "Leave unknown counts empty and write the others as digits."
        ) from None
    refuse_rows(amounts < 0, table, f"have a negative {column}", "Counts start at 0.")
    refuse_rows(np.isinf(amounts), table, f"have an infinite {column}", "Use NaN for unknown.")
    refuse_rows(amounts > MOST, table, f"have a {column} beyond a thousand million", "Correct it.")
    return amounts


def as_counts(values: pd.Series, table: str, column: str) -> pd.Series:
    """Whole non-negative numbers as float; missing stays NaN (unknown, not zero)."""
    counts = as_amounts(values, table, column)
    refuse_rows(
        counts % 1 > 0,
        table,
        f"have a {column} that is no whole number",
        "Count patients; a rate or an average would get a wrong interval.",
    )
    return counts


def as_names(value: object) -> tuple[str, ...]:
    """Names as a sorted tuple: from a sequence, one name, or nothing (= all)."""
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ()
    if isinstance(value, str):
        return (value,) if value else ()
    if not isinstance(value, Iterable):
        raise InputError(
            "partnerships: clinics, personas or neighbours hold something that is no name. "
            "Give a sequence of names in each row, empty for all."
        )
    return tuple(sorted({str(name) for name in value}))


def as_name(values: Iterable[object], table: str, column: str) -> pd.Series:
    """One name a row as text, ``""`` where there is none; several names are refused."""
    names = [as_names(value) for value in values]
    several = pd.Series([len(each) > 1 for each in names], dtype=bool)
    refuse_rows(several, table, f"have more than one {column}", "Choose one.")
    return pd.Series([each[0] if each else "" for each in names], dtype="str")
