"""Estimates of many effects with their covariance: checked once, and their total."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from partner_analysis.tables import InputError, Interval

Floats = NDArray[np.float64]

ROUNDING: Final = 1e-8
SEED: Final = 20240229


def check(estimates: ArrayLike, covariance: ArrayLike, caller: str) -> tuple[Floats, Floats]:
    """Estimates (K,) and covariance (K, K) as floats; the covariance exactly symmetric.

    Raises
    ------
    InputError
        Where shapes do not fit, a value is missing or infinite, or the matrix is no covariance:
        not symmetric, or with a negative variance in some direction beyond rounding.
    """
    values, matrix = np.asarray(estimates, dtype=float), np.asarray(covariance, dtype=float)
    if values.ndim != 1 or not len(values) or matrix.shape != (len(values), len(values)):
        raise InputError(
            f"{caller}: estimates of shape {values.shape} and a covariance of {matrix.shape} do "
            "not fit together. Give K estimates, at least one, and a K by K covariance."
        )
    if not (np.isfinite(values).all() and np.isfinite(matrix).all()):
        raise InputError(
            f"{caller}: an estimate or a covariance is missing or infinite. Leave partnerships "
            "without an estimate out of both."
        )
    size = np.abs(matrix).max()
    if np.abs(matrix - matrix.T).max() > ROUNDING * size:
        raise InputError(
            f"{caller}: the covariance is not symmetric. Give the covariance of the estimates in "
            "the order of the estimates."
        )
    matrix = (matrix + matrix.T) / 2
    if np.linalg.eigvalsh(matrix)[0] < -ROUNDING * size:
        raise InputError(
            f"{caller}: the covariance has a negative variance in some direction. Give the "
            "covariance of one joint model, not one pieced together."
        )
    return values, matrix


def check_level(level: float, caller: str) -> None:
    """Refuse a level that is no share between 0 and 1."""
    if not 0 < level < 1:
        raise InputError(f"{caller}: level is {level}. Give a share between 0 and 1, such as 0.95.")


def joint_total(estimates: ArrayLike, covariance: ArrayLike, *, level: float = 0.95) -> Interval:
    """The sum of all effects with its interval, in their unit; not shrunk.

    Examples
    --------
    >>> total = joint_total([3.0, 1.0], [[1.0, -0.5], [-0.5, 1.0]])
    >>> f"{total.estimate:.1f} ({total.low:.1f} to {total.high:.1f})"
    '4.0 (2.0 to 6.0)'
    """
    values, matrix = check(estimates, covariance, "joint_total")
    check_level(level, "joint_total")
    half = float(ndtri(0.5 + level / 2) * np.sqrt(max(matrix.sum(), 0.0)))
    total = float(values.sum())
    return Interval(total, total - half, total + half)


def in_order(estimates: Floats, covariance: Floats) -> NDArray[np.intp]:
    """Places of the estimates from largest to smallest, ties by their variance.

    All that is simulated here is simulated in this order, so that answers do not hang on the
    order in which partnerships were listed.
    """
    return np.lexsort((np.diag(covariance), -estimates))


def symmetric_root(covariance: Floats) -> Floats:
    """The symmetric matrix whose square is the covariance; singular ones have one too."""
    values, vectors = np.linalg.eigh(covariance)
    root: Floats = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root
