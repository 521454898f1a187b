"""Days of an export that are still ahead: when they come, the same files are read otherwise."""

from __future__ import annotations

import pandas as pd

CENTURY = pd.DateOffset(years=100)


def first_day_ahead(rows: pd.DataFrame, *, today: pd.Timestamp | None = None) -> pd.Timestamp:
    """First day on which the clock alone would change how these rows are read.

    Until an evaluation takes place it does not count, and a period counts once it is over; of a
    birth date with two digits of its year the century turns with the clock.

    Parameters
    ----------
    rows
        One row per line, every day of it in a column of its own.
    today
        Default: the day of the clock.

    Returns
    -------
    Timestamp
        NaT if no day is ahead.

    >>> rows = pd.DataFrame({"evaluated": pd.to_datetime(["2025-03-01", "2025-03-09"])})
    >>> first_day_ahead(rows, today=pd.Timestamp("2025-03-02"))
    Timestamp('2025-03-09 00:00:00')
    """
    today = (pd.Timestamp.now() if today is None else today).normalize()
    firsts = []
    for column in rows.select_dtypes("datetime").columns:
        days = rows[column] + CENTURY if column == "birth_date" else rows[column]
        firsts.append(days.where(days > today).min())
    return pd.Series(firsts, dtype="datetime64[us]").min()
