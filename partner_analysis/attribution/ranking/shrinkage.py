"""Effects shrunk towards one another: what many partnerships say about each of them.

True effects are taken to scatter normally around a common mean, and estimates normally around the
truth, with the full covariance of the joint model. Neither the mean nor the spread of the true
effects is known; both are averaged over, so that what is said of each effect carries that doubt.
The mean has a flat prior, or is nil give or take that spread, for partnerships: what others
brought says little of one that brought nothing. The spread has a half-Cauchy prior whose scale is
the typical standard error of the estimates, for which the weight of the data against the common
mean is a priori as likely near none as near all. Its spread is so never surely 0, however few the
partnerships, and with many of them the prior has no say. The likelihood of the spread is the
restricted one (REML).

Sources: Efron and Morris (1975), Data analysis using Stein's estimator and its generalizations,
JASA 70; Gelman (2006), Prior distributions for variance parameters in hierarchical models,
Bayesian Analysis 1(3); Polson and Scott (2012), On the half-Cauchy prior for a global scale
parameter, Bayesian Analysis 7(4). The intervals: see ``robust``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partner_analysis.attribution.ranking.estimates import (
    SEED,
    Floats,
    check,
    check_level,
    in_order,
)
from partner_analysis.attribution.ranking.robust import half_lengths
from partner_analysis.attribution.ranking.spread import Prior, mix
from partner_analysis.tables import InputError

DRAWS: Final = 8192
TOP: Final = 3


@dataclass(frozen=True)
class Shrunk:
    """What is known of each effect once all are taken together; arrays are (K,).

    Attributes
    ----------
    estimate, sd
        Posterior mean and standard deviation, in the unit of the estimates.
    low, high
        Robust interval around the estimate: over many effects of whatever shape of distribution,
        the share of intervals that hold their truth is the level. It is no promise for one
        effect that was picked for standing out.
    weight
        How much of a change in an estimate goes into its own shrunk value, 0 to 1.
    chance_positive
        Posterior probability that the effect is above 0.
    chance_best, chance_top_three
        Posterior probability of being the largest, and among the three largest.
    expected_place
        Posterior mean of the place; 1 is the largest.
    expected_loss
        How much smaller than the truly largest effect this one is to be expected to be.
    draws
        (8192, K): posterior draws, the same on every run.
    """

    estimate: Floats
    sd: Floats
    low: Floats
    high: Floats
    weight: Floats
    chance_positive: Floats
    chance_best: Floats
    chance_top_three: Floats
    expected_place: Floats
    expected_loss: Floats
    draws: Floats


def shrink(
    estimates: ArrayLike,
    covariance: ArrayLike,
    *,
    prior: Prior | None = None,
    units: Floats | None = None,
    around_nil: bool = False,
    level: float = 0.95,
) -> Shrunk:
    """Shrunk effects with their intervals, chances and expected places.

    One estimate by itself stays what it is, with its conventional interval, unless a prior from
    elsewhere is given. Partnerships that only have a joint effect are to be given once.

    Parameters
    ----------
    estimates, covariance
        (K,) and (K, K), of one joint model.
    prior
        Mean and variance of true effects known from elsewhere, in place of the flat ones.
    units
        (K,): what the prior counts each effect in, such as what was expected where the prior is of
        ratios; all that is returned is in the unit of the estimates.
    around_nil
        Whether the common mean is taken to be nil give or take the spread of true effects, so
        that effects of nothing are not drawn up by others; otherwise nothing is known of it.
    level
        Of the intervals.

    Raises
    ------
    InputError
        As of ``estimates.check``, or where prior or level make no sense.

    Examples
    --------
    >>> shrunk = shrink([3.0, 1.0, 0.5, 0.3], np.eye(4))
    >>> shrunk.estimate.round(1).tolist()
    [1.8, 1.1, 1.0, 0.9]
    """
    values, matrix = check(estimates, covariance, "shrink")
    check_level(level, "shrink")
    size = np.ones(len(values)) if units is None else np.asarray(units, dtype=float)
    values, matrix = values / size, matrix / np.outer(size, size)
    order = in_order(values, matrix)
    back, ordered = np.argsort(order), size[order]
    known = _ordered_prior(prior, order)
    mixed = mix(values[order], matrix[np.ix_(order, order)], known, around_nil=around_nil)
    estimate = mixed.centre * ordered
    half = half_lengths(mixed.squared_bias, mixed.noise, level=level) * ordered
    draws = mixed.draws(DRAWS, SEED) * ordered
    place = _places(draws)
    loss = draws.max(axis=1).mean() - draws.mean(axis=0)
    found = {
        "estimate": estimate,
        "sd": mixed.sd * ordered,
        "low": estimate - half,
        "high": estimate + half,
        "weight": np.diag(mixed.pull),
        "chance_positive": mixed.chance_above(0.0),
        "chance_best": np.mean(place == 1, axis=0),
        "chance_top_three": np.mean(place <= TOP, axis=0),
        "expected_place": place.mean(axis=0),
        "expected_loss": loss,
    }
    return Shrunk(**{name: value[back] for name, value in found.items()}, draws=draws[:, back])


def _ordered_prior(prior: Prior | None, order: NDArray[np.intp]) -> Prior | None:
    """The prior with its means, where there is one per estimate, in another order."""
    if prior is None or np.ndim(prior.mean) == 0:
        return prior
    means = np.asarray(prior.mean, dtype=float)
    if means.shape != order.shape:
        raise InputError(
            f"shrink: a prior with means of shape {means.shape} does not fit {len(order)} "
            "estimates. Give one mean, or one per estimate."
        )
    return Prior(means[order], prior.variance, prior.mean_error)


def _places(draws: Floats) -> NDArray[np.int64]:
    """The place of each effect in each draw; 1 is the largest."""
    order = np.argsort(-draws, axis=1)
    place = np.empty(draws.shape, dtype=np.int64)
    np.put_along_axis(place, order, np.arange(1, draws.shape[1] + 1)[None, :], axis=1)
    return place
