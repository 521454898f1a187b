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
    codes, distinct = pd.factorize(values)
    drawn = _draw(len(distinct))
    while not pd.Series(drawn).is_unique:
        drawn = _draw(len(distinct))
    return pd.Series(drawn[codes], index=values.index, name=values.name, dtype="int64")


def _draw(size: int) -> np.ndarray:
    """So many whole numbers of 63 bits from the operating system."""
    return (np.frombuffer(secrets.token_bytes(8 * size), dtype="uint64") >> 1).astype("int64")
