"""How many of many verdicts are wrong: the false-discovery rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partner_analysis.attribution.ranking.estimates import Floats
from partner_analysis.tables import InputError


@dataclass(frozen=True)
class WrongVerdicts:
    """Of ``verdicts`` that say more or fewer, the expected ``number`` and ``share`` that are wrong.

    ``share`` is NaN where no verdict says either.
    """

    verdicts: int
    number: float
    share: float


def wrong_verdicts(chance_positive: ArrayLike, more: ArrayLike, fewer: ArrayLike) -> WrongVerdicts:
    """How many verdicts have the wrong sign, by the posterior of all effects together.

    A verdict "more" is wrong where the effect is 0 or less, "fewer" where it is above 0. The
    average of these chances over the verdicts is their false-discovery rate (Stephens 2017,
    False discovery rates: a new deal, Biostatistics 18(2): local false sign rates). It is about
    right for verdicts from each effect's own interval. Verdicts that were picked by these very
    chances are wrong more often than it says, unless effects are many and differ much.

    Parameters
    ----------
    chance_positive
        (K,) from ``shrink``.
    more, fewer
        (K,) each: which verdicts say so.

    Raises
    ------
    InputError
        Where shapes do not fit, a chance is none, or a verdict says both.

    Examples
    --------
    >>> found = wrong_verdicts([0.98, 0.6, 0.06], [True, False, False], [False, False, True])
    >>> found.verdicts, round(found.share, 3)
    (2, 0.04)
    """
    above = np.asarray(chance_positive, dtype=float)
    up, down = np.asarray(more, dtype=bool), np.asarray(fewer, dtype=bool)
    if above.ndim != 1 or not above.shape == up.shape == down.shape:
        raise InputError(
            "wrong_verdicts: chances and verdicts are not equally many. Give one of each per "
            "effect."
        )
    _check_chances(above, "wrong_verdicts")
    if (up & down).any():
        raise InputError("wrong_verdicts: a verdict says both more and fewer. Give one of them.")
    number = float(np.sum(1 - above[up]) + np.sum(above[down]))
    verdicts = int(up.sum() + down.sum())
    return WrongVerdicts(verdicts, number, number / verdicts if verdicts else np.nan)


def adjusted_p_values(p_values: ArrayLike, *, any_dependence: bool = True) -> Floats:
    """P-values for many effects at once, (K,), in the order given.

    Calling an effect found where its adjusted value is at most q keeps the expected share of
    false findings at q or below.

    Parameters
    ----------
    p_values
        (K,), of one effect each.
    any_dependence
        Hold that for estimates that hang together in any way (Benjamini and Yekutieli 2001,
        Annals of Statistics 29(4)); off, for independent or positively dependent ones
        (Benjamini and Hochberg 1995, JRSS B 57(1)).

    Raises
    ------
    InputError
        Where a value is missing or not between 0 and 1.

    Examples
    --------
    >>> adjusted_p_values([0.01, 0.04, 0.5], any_dependence=False).round(3).tolist()
    [0.03, 0.06, 0.5]
    """
    values = np.asarray(p_values, dtype=float).ravel()
    _check_chances(values, "adjusted_p_values")
    if not len(values):
        return values
    order = np.argsort(values)[::-1]
    ranks = np.arange(len(values), 0, -1)
    factor = len(values) * (np.sum(1 / ranks) if any_dependence else 1.0)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(values[order] * factor / ranks))
    return adjusted


def _check_chances(values: NDArray[np.float64], caller: str) -> None:
    if not ((values >= 0) & (values <= 1)).all():
        raise InputError(
            f"{caller}: a probability is missing or not between 0 and 1. Leave effects without "
            "an estimate out."
        )
