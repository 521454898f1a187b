"""Work done once per distinct value of a column, however many rows have it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd


def on_distinct(
    values: pd.Series, function: Callable[[Any], Any], *, dtype: Any = None
) -> pd.Series:
    """Column of what a function gives for each value, worked out once per distinct one.

    Parameters
    ----------
    values
        One value per row; none is missing.
    function
        From a value to what stands in its place.
    dtype
        Of the column returned; default: that of ``values``.

    Examples
    --------
    >>> on_distinct(pd.Series(["a", "b", "a"]), str.upper).tolist()
    ['A', 'B', 'A']
    """
    codes, distinct = pd.factorize(values)
    given = [function(value) for value in distinct]
    return spread(given, codes, index=values.index, dtype=values.dtype if dtype is None else dtype)


def spread(given: Sequence[Any], codes: np.ndarray, *, index: pd.Index, dtype: Any) -> pd.Series:
    """What was worked out per distinct value, for every row of its code."""
    each = pd.Series(given, dtype=dtype)
    return each.take(codes).set_axis(index)


def count_distinct(groups: np.ndarray, values: np.ndarray, *, size: int) -> np.ndarray:
    """How many different values each group has.

    Parameters
    ----------
    groups, values
        Number of the group and of the value per row, from 0.
    size
        How many groups there are.

    Examples
    --------
    >>> count_distinct(np.array([0, 0, 1]), np.array([4, 5, 4]), size=2).tolist()
    [2, 1]
    """
    if len(groups) == 0:
        return np.zeros(size, dtype="int64")
    width = int(values.max()) + 1
    pairs = pd.unique(groups.astype("int64") * width + values)
    return np.bincount(pairs // width, minlength=size)
