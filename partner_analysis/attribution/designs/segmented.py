"""Segmented regression of one series: level, trend, season and a step at the start.

A Poisson model for counts (with open days as exposure), least squares for other outcomes.

Sources: Lopez Bernal, Cummins and Gasparrini (2017), Interrupted time series regression for the
evaluation of public health interventions, International Journal of Epidemiology 46(1); Newey and
West (1987); Kiefer and Vogelsang (2005) for the critical values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri, stdtrit

from partner_analysis.attribution.cells import Bools, Floats
from partner_analysis.tables import Interval

FIXED_BANDWIDTH: Final = (1.9600, 2.9694, 0.4160, -0.5324)
MOST_STEPS: Final = 100


@dataclass(frozen=True)
class Step:
    """The step at the start of one series: log ratio for counts, difference for other outcomes.

    ``influence`` (T) is what each period contributes to its error, ``curvature`` its variance
    were the noise that of the model with scale 1, ``dispersion`` the scale by Pearson's
    chi-square; ``spare`` are the degrees of freedom left.
    """

    estimate: float
    influence: Floats
    curvature: float
    dispersion: float
    spare: int

    def ratio(self, *, scale: float = 1.0, level: float = 0.95) -> Interval:
        """Rate ratio with its normal interval, the model's variance times ``scale``."""
        reach = float(ndtri(0.5 + level / 2)) * np.sqrt(scale * self.curvature)
        low, middle, high = np.exp(self.estimate + reach * np.array([-1.0, 0.0, 1.0]))
        return Interval(float(middle), float(low), float(high))


def segmented_poisson(
    counts: Floats, *, exposure: Floats, years: Floats, active: Bools, harmonics: int = 0
) -> Step:
    """The step in the log rate of a series of counts, given trend and season.

    Parameters
    ----------
    counts, exposure, years, active
        (T): counts, what they are proportional to, time in years, and whether it is after the
        start.
    harmonics
        Pairs of sine and cosine waves of a year and its fractions.

    Raises
    ------
    ValueError
        If nobody came before or after the start: then there is no finite ratio.
    """
    if not (counts[active].sum() > 0 and counts[~active].sum() > 0):
        raise ValueError("a ratio needs counts above 0 both before and after the start")
    columns = _columns(years, active, harmonics)
    offset = np.log(exposure)
    fitted = np.full(len(counts), counts.sum() / exposure.sum()) * exposure
    fitted = (fitted + counts + 0.5) / 2
    deviance = np.inf
    for _ in range(MOST_STEPS):
        working = np.log(fitted) - offset + (counts - fitted) / fitted
        root = np.sqrt(fitted)
        slopes = np.linalg.lstsq(columns * root[:, None], working * root, rcond=None)[0]
        fitted = np.exp(np.clip(columns @ slopes + offset, -30.0, 30.0 + offset.max()))
        renewed = 2 * (fitted - counts + _scaled_log(counts, fitted)).sum()
        if abs(renewed - deviance) <= 1e-12 * (abs(renewed) + 1e-6):
            break
        deviance = renewed
    scatter = float(((counts - fitted) ** 2 / fitted).sum())
    return _step(columns, float(slopes[0]), fitted, counts - fitted, scatter)


def segmented_linear(outcome: Floats, *, years: Floats, active: Bools, harmonics: int = 0) -> Step:
    """The step in a series of any numbers, given trend and season: least squares."""
    columns = _columns(years, active, harmonics)
    slopes = np.linalg.lstsq(columns, outcome, rcond=None)[0]
    left = outcome - columns @ slopes
    return _step(columns, float(slopes[0]), np.ones(len(left)), left, float((left**2).sum()))


def _columns(years: Floats, active: Bools, harmonics: int) -> Floats:
    """Step, level, trend and seasonal waves: (T, 3 + 2 x harmonics)."""
    angle = 2 * np.pi * np.outer(years, np.arange(1, harmonics + 1))
    plain = [active.astype(float), np.ones(len(years)), years - years.mean()]
    return np.column_stack([*plain, np.sin(angle), np.cos(angle)])


def _scaled_log(counts: Floats, fitted: Floats) -> Floats:
    return np.where(counts > 0, counts * np.log(np.where(counts > 0, counts, 1) / fitted), 0.0)


def _step(columns: Floats, estimate: float, weight: Floats, left: Floats, scatter: float) -> Step:
    inverse = np.linalg.pinv(columns.T @ (columns * weight[:, None]))
    spare = len(left) - columns.shape[1]
    influence = (columns @ inverse[0]) * left
    return Step(estimate, influence, float(inverse[0, 0]), scatter / spare, spare)


def newey_west(influence: Floats, *, lags: int) -> float:
    """Variance of a sum whose parts are correlated over up to ``lags`` periods (Bartlett)."""
    later = [
        2 * (1 - lag / (lags + 1)) * (influence[lag:] @ influence[:-lag])
        for lag in range(1, lags + 1)
    ]
    return float(influence @ influence + sum(later))


def half_width(influence: Floats, *, spare: int, plain_variance: float) -> float:
    """Half of a 95% interval: the wider of Newey-West and the model's own with its dispersion.

    Newey-West with about 1.3 root T lags and the critical values for a bandwidth that is a fixed
    share of the series, which short series need (Lazarus, Lewis, Stock and Watson 2018).
    """
    periods = len(influence)
    lags = int(np.ceil(1.3 * np.sqrt(periods)))
    critical = float(np.polynomial.polynomial.polyval((lags + 1) / periods, FIXED_BANDWIDTH))
    robust = newey_west(influence, lags=min(lags, periods - 1)) * periods / spare
    plain = float(stdtrit(spare, 0.975)) * np.sqrt(plain_variance)
    return max(critical * np.sqrt(max(robust, 0.0)), plain)
