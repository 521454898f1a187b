"""Random keys in place of a practice's own numbers; no map is kept."""

from __future__ import annotations

import secrets

import numpy as np
import pandas as pd


def redraw_keys(values: pd.Series) -> pd.Series:
    """Random keys: equal values get one key, different values different keys.

    Parameters
    ----------
    values
        A practice's own numbers or names; none may be missing.

    Returns
    -------
    Series
        One 63-bit whole number per value, on the same index. They are drawn anew from the
        operating system at every call, so they say nothing about the values and cannot be
        traced back.
    """
    codes, size = _numbered(values)
    drawn = _draw(size)
    while (np.diff(np.sort(drawn)) == 0).any():
        drawn = _draw(size)
    return pd.Series(drawn[codes], index=values.index, name=values.name, dtype="int64")


def _numbered(values: pd.Series) -> tuple[np.ndarray, int]:
    """A number below the size for each value, equal for equal ones; whole numbers serve as such."""
    if values.dtype.kind == "i" and len(values):
        numbers = values.to_numpy()
        low, size = int(numbers.min()), int(np.ptp(numbers)) + 1
        if size <= 2 * len(values):
            return numbers - low, size
    codes, distinct = pd.factorize(values)
    return codes, len(distinct)


def _draw(size: int) -> np.ndarray:
    """So many whole numbers of 63 bits from the operating system."""
    return (np.frombuffer(secrets.token_bytes(8 * size), dtype="uint64") >> 1).astype("int64")
