"""Shrunk effects: published baseball averages, worst cases by brute force, laws, coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import norm

from partner_analysis.attribution.ranking.robust import critical_values
from partner_analysis.attribution.ranking.shrinkage import shrink
from partner_analysis.attribution.ranking.spread import Prior, mix
from partner_analysis.tables import InputError

# Efron and Morris (1975, 1977): batting averages of 18 players over their first 45 times at bat
# in 1970, and over the rest of the season.
FIRST = np.array([.400, .378, .356, .333, .311, .311, .289, .267, .244,
                  .244, .222, .222, .222, .222, .222, .200, .178, .156])  # fmt: skip
REST = np.array([.346, .298, .276, .222, .273, .270, .263, .210, .269,
                 .230, .264, .256, .303, .264, .226, .285, .316, .200])  # fmt: skip
GRAND = FIRST.mean()
CHANCE = GRAND * (1 - GRAND) / 45


def effects(seed, number=6):
    """Estimates with a covariance that hangs together, all different."""
    rng = np.random.default_rng(seed)
    loadings = rng.normal(size=(number, number))
    return rng.normal(size=number) * 2, loadings @ loadings.T / number + 0.2 * np.eye(number)


def test_baseball_the_published_prior_gives_the_published_gain():
    kept = 1 - 15 * CHANCE / np.sum((FIRST - GRAND) ** 2)
    assert kept == pytest.approx(0.212, abs=1e-3)
    prior = Prior(GRAND, CHANCE * kept / (1 - kept))
    shrunk = shrink(FIRST, CHANCE * np.eye(18), prior=prior)
    assert shrunk.estimate == pytest.approx(GRAND + kept * (FIRST - GRAND))
    assert np.sum((FIRST - REST) ** 2) == pytest.approx(0.0754, abs=1e-4)
    assert np.sum((shrunk.estimate - REST) ** 2) == pytest.approx(0.0213, abs=1e-4)


def test_baseball_without_a_given_prior_gains_as_much_and_intervals_hold():
    shrunk = shrink(FIRST, CHANCE * np.eye(18))
    assert np.sum((shrunk.estimate - REST) ** 2) == pytest.approx(0.0213, abs=1e-3)
    assert np.mean((shrunk.low < REST) & (shrunk.high > REST)) >= 0.94
    assert np.mean(shrunk.high - shrunk.low) < 2 * 1.96 * np.sqrt(CHANCE)


def test_critical_values_are_those_of_the_authors_package():
    """ebci (Kolesar): 7.216351 for a mean square bias of 4, and the plain value for none."""
    assert critical_values(4.0) == pytest.approx(7.216351, abs=5e-4)
    assert critical_values(0.0) == pytest.approx(norm.ppf(0.975), abs=1e-8)
    assert critical_values(1e12) == pytest.approx(np.sqrt(1e12 / 0.05), rel=1e-3)  # Chebyshev


@pytest.mark.parametrize(("moment", "level"), [(0.1, 0.95), (0.5, 0.9), (1.0, 0.95), (9.0, 0.95)])
def test_no_distribution_of_the_bias_makes_the_interval_miss_more(moment, level):
    """The worst distribution on a fine grid of biases, by linear programming."""
    reach = float(critical_values(moment, level=level))
    bias = np.linspace(0, reach + 12, 6000)
    missed = norm.sf(reach - bias) + norm.sf(reach + bias)
    worst = linprog(-missed, A_eq=[np.ones_like(bias), bias**2], b_eq=[1, moment])
    assert -worst.fun == pytest.approx(1 - level, abs=1e-4)


def test_one_effect_stays_what_it_is():
    alone = shrink([3.0], [[4.0]])
    assert alone.estimate[0] == pytest.approx(3.0)
    assert (alone.low[0], alone.high[0]) == pytest.approx((-0.9199, 6.9199), abs=1e-4)
    assert alone.chance_positive[0] == pytest.approx(norm.cdf(1.5))
    assert alone.chance_best[0] == alone.chance_top_three[0] == alone.expected_place[0] == 1
    assert alone.expected_loss[0] == 0


def test_one_effect_is_drawn_to_what_is_known_from_elsewhere():
    shrunk = shrink([3.0], [[4.0]], prior=Prior(1.0, 3.0, mean_error=1.0))
    assert shrunk.estimate[0] == pytest.approx(2.0)
    assert shrunk.sd[0] == pytest.approx(np.sqrt(2.0))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3), st.permutations(range(6)))
def test_units_and_the_order_of_listing_change_nothing(seed, unit, order):
    estimates, covariance = effects(seed)
    before = shrink(estimates, covariance)
    after = shrink(unit * estimates[order], unit**2 * covariance[np.ix_(order, order)])
    for name in ("estimate", "sd", "low", "high", "expected_loss"):
        expected = unit * getattr(before, name)[order]
        assert getattr(after, name) == pytest.approx(expected, rel=1e-6, abs=1e-9 * unit)
    for name in ("chance_positive", "chance_best", "expected_place"):
        assert getattr(after, name) == pytest.approx(getattr(before, name)[order], abs=1e-3)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.floats(-100, 100))
def test_a_common_shift_shifts_all(seed, shift):
    estimates, covariance = effects(seed)
    before, after = shrink(estimates, covariance), shrink(estimates + shift, covariance)
    assert after.estimate == pytest.approx(before.estimate + shift, abs=1e-6)
    assert after.sd == pytest.approx(before.sd, abs=1e-6)


def test_draws_agree_with_what_is_computed_exactly():
    estimates, covariance = effects(3)
    shrunk = shrink(estimates, covariance)
    assert shrunk.draws.mean(axis=0) == pytest.approx(shrunk.estimate, abs=0.02)
    assert shrunk.draws.std(axis=0) == pytest.approx(shrunk.sd, rel=0.04)
    assert np.mean(shrunk.draws > 0, axis=0) == pytest.approx(shrunk.chance_positive, abs=0.015)
    assert shrunk.chance_best.sum() == pytest.approx(1)
    assert shrunk.chance_top_three.sum() == pytest.approx(3)
    assert shrunk.expected_place.sum() == pytest.approx(21)


def test_effects_far_apart_are_hardly_shrunk_and_a_vague_one_is():
    shrunk = shrink([100.0, 0.0, -100.0, 5000.0], np.diag([1.0, 1.0, 1.0, 1e8]))
    assert shrunk.estimate[:3] == pytest.approx([100, 0, -100], abs=0.5)
    assert abs(shrunk.estimate[3]) < 500


def test_perfect_correlation_and_no_noise_at_all():
    twins = shrink([1.0, 1.0, 4.0], [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert np.isfinite(twins.estimate).all()
    assert twins.estimate[0] == pytest.approx(twins.estimate[1], abs=1e-6)
    known = shrink([1.0, 2.0], np.zeros((2, 2)))
    assert known.low == pytest.approx([1, 2])
    assert known.high == pytest.approx([1, 2])


def lopsided(rng, number):
    """One true effect in ten is large."""
    return (rng.random(number) < 0.1) / 0.3 - 1 / 3


@pytest.mark.parametrize("number", [3, 8, 25])
@pytest.mark.parametrize("shape", [lambda rng, n: rng.normal(size=n), lopsided, lambda _, n: 0])
def test_intervals_hold_on_average_whatever_the_shape_and_error_falls(number, shape):
    rng = np.random.default_rng(number)
    held, gain = [], []
    ratios = np.geomspace(1e-4, 1e6, 400)
    reach = critical_values(ratios)
    for _ in range(50):
        sd = np.exp(0.4 * rng.normal(size=number))
        covariance = sd[:, None] * sd * (0.7 * np.eye(number) + 0.3)
        truth = np.zeros(number) + shape(rng, number)
        estimates = rng.multivariate_normal(truth, covariance)
        found = mix(estimates, covariance, None)
        half = np.interp(found.squared_bias / found.noise, ratios, reach) * np.sqrt(found.noise)
        held.append(np.mean(np.abs(found.centre - truth) < half))
        gain.append(np.sum((found.centre - truth) ** 2) - np.sum((estimates - truth) ** 2))
    assert np.mean(held) > 0.93
    assert np.mean(gain) < 0


@pytest.mark.parametrize(
    ("estimates", "covariance", "said"),
    [
        ([1.0, 2.0], np.eye(3), "do not fit together"),
        ([], np.zeros((0, 0)), "do not fit together"),
        ([1.0, np.nan], np.eye(2), "missing or infinite"),
        ([1.0, 2.0], [[1.0, 0.5], [0.4, 1.0]], "not symmetric"),
        ([1.0, 2.0], [[1.0, 2.0], [2.0, 1.0]], "negative variance"),
    ],
)
def test_what_is_no_covariance_is_refused(estimates, covariance, said):
    with pytest.raises(InputError, match=said):
        shrink(estimates, covariance)


def test_a_prior_that_does_not_fit_is_refused():
    with pytest.raises(InputError, match="not negative"):
        Prior(0.0, -1.0)
    with pytest.raises(InputError, match="does not fit 3"):
        shrink([1.0, 2.0, 3.0], np.eye(3), prior=Prior(np.zeros(2), 1.0))
