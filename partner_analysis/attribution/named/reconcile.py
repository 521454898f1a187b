"""How many named a partner beside how many came because of it: the two need not agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from partner_analysis.tables import NO_NUMBER, Interval

READINGS: Final = ("would have come anyway", "more came than said so", "cannot tell")


@dataclass(frozen=True)
class Reconciliation:
    """Named (counted) beside extra (estimated) new patients of one window.

    Attributes
    ----------
    named
        New patients who named the partner.
    estimated
        Extra new patients, with interval.
    ratio
        Named per extra patient. Open above (``high`` infinite, ``estimate`` NaN) where there may
        be no extra patients; no number at all where there are none, or none is estimated.
    reading
        One of ``READINGS``.
    """

    named: float
    estimated: Interval
    ratio: Interval
    reading: str


def reconcile(named: float, estimated: Interval) -> Reconciliation:
    """Named and estimated side by side, their ratio with interval, and what it says.

    Parameters
    ----------
    named
        New patients of the window who named the partner; NaN where unknown.
    estimated
        Extra new patients of the same window, from counts alone (never the blend, which has
        used the named already).

    Returns
    -------
    Reconciliation
        The reading is "would have come anyway" where more named it than the upper end of the
        interval (ratio clearly above 1: at least the difference would have come without it);
        "more came than said so" where fewer named it than the lower end (ratio clearly below 1);
        "cannot tell" otherwise, and where nobody named it and fewer came.

    Notes
    -----
    The number who named is a fact of the window, and they are among those who came, so it adds
    no noise of its own: the ratio's interval is the named divided by the ends of the estimate's.

    Examples
    --------
    >>> reconcile(30, Interval(15.0, 6.0, 24.0)).reading
    'would have come anyway'
    """
    return Reconciliation(named, estimated, _ratio(named, estimated), _reading(named, estimated))


def _ratio(named: float, estimated: Interval) -> Interval:
    """Named per extra patient."""
    if np.isnan(named) or not estimated.high > 0 or np.isnan(estimated.low):
        return NO_NUMBER
    if estimated.low <= 0:
        return Interval(float("nan"), named / estimated.high, float("inf"))
    return Interval(named / estimated.estimate, named / estimated.high, named / estimated.low)


def _reading(named: float, estimated: Interval) -> str:
    """What the two say together; comparisons with NaN are false."""
    if named > max(estimated.high, 0.0):
        return READINGS[0]
    return READINGS[1] if named < estimated.low else READINGS[2]
