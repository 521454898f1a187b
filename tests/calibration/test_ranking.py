"""Ranking in the long run: shrunk intervals, places and winners, as told in docs/method.md."""

import itertools

import numpy as np
import pytest

from partner_analysis.attribution.ranking import ranks, winner
from partner_analysis.attribution.ranking.ranks import rank_sets
from partner_analysis.attribution.ranking.robust import critical_values
from partner_analysis.attribution.ranking.spread import mix

pytestmark = pytest.mark.slow

RATIOS = np.geomspace(1e-6, 1e6, 2000)
WINNERS = {
    "5 equal effects": (np.zeros(5), np.eye(5)),
    "unequal errors": (np.array([1, 0.5, 0, 0, 0]), np.diag([1, 4, 0.25, 1, 1])),
    "two level ones ahead": (np.array([1.0, 1, 0, 0, 0]), 0.4 * np.eye(5) + 0.6),
    "one rising with the winner": (np.zeros(3), np.array([[1.0, 0, 2], [0, 4, 0], [2, 0, 9]])),
    "one far ahead": (np.array([8.0, 0, 0, 0, 0]), np.eye(5)),
}


def scatter(rng, lopsided, number):
    return (rng.random(number) < 0.1) / 0.3 - 1 / 3 if lopsided else rng.normal(size=number)


@pytest.mark.parametrize(
    ("number", "spread", "lopsided", "correlation"),
    [*itertools.product((3, 5, 8, 12, 20), (0.5, 1.0, 1.5, 2.5), (False, True), (0.0, 0.5))],
)
def test_shrunk_intervals_hold_on_average(number, spread, lopsided, correlation):
    rng = np.random.default_rng([number, int(10 * spread), lopsided, int(10 * correlation)])
    reach, held = critical_values(RATIOS), []
    for _ in range(1000):
        sd = np.exp(0.4 * rng.normal(size=number))
        covariance = sd[:, None] * sd * ((1 - correlation) * np.eye(number) + correlation)
        truth = spread * scatter(rng, lopsided, number)
        found = mix(rng.multivariate_normal(truth, covariance), covariance, None)
        half = np.interp(found.squared_bias / found.noise, RATIOS, reach) * np.sqrt(found.noise)
        held.append(np.mean(np.abs(found.centre - truth) < half))
    print(number, spread, lopsided, correlation, round(float(np.mean(held)), 3))
    assert np.mean(held) > 0.93


@pytest.mark.parametrize("jointly", [False, True])
@pytest.mark.parametrize("truth", [np.zeros(5), np.array([4.0, 2, 2, 0, -3]), np.zeros(12)])
def test_sets_hold_the_true_places(truth, jointly, monkeypatch):
    monkeypatch.setattr(ranks, "MOST_DRAWS", 4000)
    rng = np.random.default_rng(len(truth))
    places, covariance = 1 + np.sum(truth[:, None] < truth, axis=1), np.eye(len(truth))
    held = []
    for estimates in rng.multivariate_normal(truth, covariance, 1000):
        sets = rank_sets(estimates, covariance, jointly=jointly)
        holds = (sets.first <= places) & (places <= sets.last)
        held.append(holds.all() if jointly else holds.mean())
    print(truth, jointly, round(float(np.mean(held)), 3))
    assert np.mean(held) > 0.935


@pytest.mark.parametrize("name", WINNERS)
def test_intervals_hold_for_whoever_wins(name):
    truth, covariance = WINNERS[name]
    rng = np.random.default_rng(len(name))
    held = {kind: [] for kind in ("conventional", "conditional", "hybrid", "cautious")}
    for estimates in rng.multivariate_normal(truth, covariance, 1500):
        sized = winner.size_winner(estimates, covariance)
        for kind, found in held.items():
            interval = getattr(sized, kind)
            found.append(interval.low <= truth[sized.index] <= interval.high)
    rates = {kind: round(float(np.mean(found)), 3) for kind, found in held.items()}
    print(name, rates)
    assert min(rates["conditional"], rates["hybrid"], rates["cautious"]) > 0.932
