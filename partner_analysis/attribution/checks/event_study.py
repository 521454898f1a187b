"""Observed against expected by time since the start, before it and after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.tables import InputError

Floats = np.ndarray

WANTED_BEFORE: Final = 4


@dataclass(frozen=True)
class EventStudy:
    """Log ratios by stretch of time, relative to the last stretch before the start.

    Attributes
    ----------
    estimates
        One per stretch in order of time, the reference left out.
    covariance
        Of the estimates, with the noise of the counts in it.
    n_before
        How many of them lie before the start.
    weights
        Share of the expected count per stretch after the start.
    months
        Length of a stretch.
    """

    estimates: Floats
    covariance: Floats
    n_before: int
    weights: Floats
    months: int

    @property
    def ratios(self) -> tuple[Floats, Floats, int]:
        """What ``honest_bounds`` and ``breakdown`` take first."""
        return self.estimates, self.covariance, self.n_before


def log_ratios(
    observed: Floats,
    expected: Floats,
    covariance: Floats,
    n_before: int,
    *,
    dispersion: float = 1.0,
) -> pd.DataFrame:
    """One row per month: ``month`` since the start, ``log_ratio`` and its ``variance``.

    Months before the start are negative; one without anything known has missing values.
    Arguments as of ``event_study``.
    """
    months = np.arange(len(observed)) - n_before
    ratio, noise = _by_stretch(observed, expected, covariance, months, months >= 0, dispersion)
    return pd.DataFrame({"month": months, "log_ratio": ratio, "variance": np.diag(noise)})


def event_study(
    observed: Floats,
    expected: Floats,
    covariance: Floats,
    n_before: int,
    *,
    dispersion: float = 1.0,
    months: int | None = None,
) -> EventStudy | None:
    """Log ratios by stretch of several months, ready for ``honest_bounds``.

    None where there are fewer than two stretches before the start, or none after it.

    Parameters
    ----------
    observed
        New patients per month, in order of time; NaN where unknown.
    expected
        Expected by the comparison alone: not yet corrected by the own past, which would hide
        that the trends had parted before the start. 0 or NaN where there is none.
    covariance
        Of the logarithm of ``expected``: the noise of the comparison, not the drift allowed for,
        which is what the bounds are about.
    n_before
        How many of the months lie before the start.
    dispersion
        Variance of a count divided by its mean, at least 1.
    months
        Length of a stretch; by default as long as the time after the start, but short enough to
        leave four stretches before it. Single months would mostly compare noise with noise.
        Counted from the start both ways, what is left over at the far past is dropped.

    Notes
    -----
    The ratio is (observed + 0.5) / (expected + 0.5), defined where nobody came. Its variance is
    1 / (fitted + 0.5) for the count, fitted being expected times the overall ratio of its side
    of the start, so that the weight of a month does not depend on its own noise.
    """
    if not len(observed) == len(expected) == len(covariance):
        raise InputError(
            "event_study: observed, expected and covariance differ in length. "
            "Give one of each a month."
        )
    length = months or stretch_length(n_before, len(observed) - n_before)
    when = np.arange(len(observed)) - n_before
    kept = when >= -length * (n_before // length)
    stretch = when[kept] // length
    after = np.arange(stretch.min(initial=0), stretch.max(initial=-1) + 1) >= 0
    sums = np.asarray(observed, float)[kept], np.asarray(expected, float)[kept]
    within = np.asarray(covariance, float)[np.ix_(kept, kept)]
    ratio, noise = _by_stretch(*sums, within, stretch, after, dispersion)
    share = _sums(np.where(np.isfinite(sums[0]), np.nan_to_num(sums[1]), 0.0), stretch)
    return _relative_to_reference(ratio, noise, after, share, length)


def stretch_length(n_before: int, n_after: int) -> int:
    """Months in a stretch: the time after the start, in equal parts that leave four before it."""
    longest = max(n_before // WANTED_BEFORE, 1)
    parts = -(-n_after // longest)
    return max(-(-n_after // max(parts, 1)), 1)


def _relative_to_reference(
    ratio: Floats, noise: Floats, after: Floats, share: Floats, length: int
) -> EventStudy | None:
    """The last stretch before the start taken from all others.

    What lies before a stretch without anything known is left out; after the start, such a
    stretch keeps its place in time with no weight.
    """
    gaps = np.flatnonzero(np.isnan(ratio) & ~after)
    used = slice(gaps[-1] + 1 if len(gaps) else 0, None)
    ratio, noise, after, share = ratio[used], noise[used, used], after[used], share[used]
    n_known = int((~after).sum())
    if n_known < 2 or not share[after].sum() > 0:
        return None
    contrast = np.delete(np.eye(len(ratio)), n_known - 1, axis=0)
    contrast[:, n_known - 1] -= 1
    return EventStudy(
        estimates=contrast @ np.nan_to_num(ratio),
        covariance=contrast @ np.nan_to_num(noise) @ contrast.T,
        n_before=n_known - 1,
        weights=share[after] / share[after].sum(),
        months=length,
    )


def _by_stretch(
    observed: Floats,
    expected: Floats,
    covariance: Floats,
    stretch: Floats,
    after: Floats,
    dispersion: float,
) -> tuple[Floats, Floats]:
    """Log ratio of each stretch and their covariance; missing where nothing is known."""
    known = np.isfinite(observed) & np.isfinite(expected) & (np.nan_to_num(expected) > 0)
    came = _sums(np.where(known, observed, 0.0), stretch)
    base = np.where(known, expected, 0.0)
    total = _sums(base, stretch)
    fitted = np.zeros(len(total))
    for side in (after, ~after):
        fitted[side] = total[side] * (came[side].sum() + 0.5) / (total[side].sum() + 0.5)
    share = np.zeros((len(total), len(base)))
    share[stretch - stretch.min(initial=0), np.arange(len(base))] = base
    share /= np.where(total > 0, total, 1.0)[:, None]
    noise = share @ np.where(np.outer(known, known), covariance, 0.0) @ share.T
    noise += np.diag(max(dispersion, 1.0) / (fitted + 0.5))
    ratio = np.where(total > 0, np.log((came + 0.5) / (total + 0.5)), np.nan)
    noise[np.isnan(ratio)] = np.nan
    noise[:, np.isnan(ratio)] = np.nan
    return ratio, noise


def _sums(values: Floats, stretch: Floats) -> Floats:
    """Sums over the months of each stretch, in order of time."""
    return np.bincount(stretch - stretch.min(initial=0), weights=values)
