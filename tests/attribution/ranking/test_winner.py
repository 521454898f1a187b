"""The winner's size: intervals hold where the plain one does not, and agree where it does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from partner_analysis.attribution.ranking import winner as module
from partner_analysis.attribution.ranking.winner import size_winner, solve_means

PLAIN = norm.ppf(0.975)
KINDS = ("conventional", "conditional", "projection", "hybrid", "cautious")


@pytest.fixture(autouse=True)
def simulated_once(monkeypatch):
    """How far errors reach depends on the covariance alone: not simulated anew each time."""
    known, reach = {}, module._of_all

    def looked_up(covariance, misses):
        key = (covariance.tobytes(), misses.tobytes())
        if key not in known:
            known[key] = reach(covariance, misses)
        return known[key]

    monkeypatch.setattr(module, "_of_all", looked_up)


def simulate(truth, covariance, number, seed):
    """Who won, and per kind of interval whether it held and where its estimate lay."""
    rng = np.random.default_rng(seed)
    winners = [
        size_winner(estimates, covariance)
        for estimates in rng.multivariate_normal(truth, covariance, number)
    ]
    index = np.array([winner.index for winner in winners])
    ends = np.array([[[i.low, i.high] for i in map(lambda k: getattr(w, k), KINDS)]
                     for w in winners])  # fmt: skip
    held = (ends[:, :, 0] <= truth[index, None]) & (truth[index, None] <= ends[:, :, 1])
    above = np.array([w.hybrid.estimate for w in winners]) > truth[index]
    return index, dict(zip(KINDS, held.T, strict=True)), above


@pytest.mark.parametrize(
    ("truth", "covariance"),
    [
        (np.zeros(5), np.eye(5)),
        (np.array([1.0, 1.0, 0.0, 0.0]), 0.4 * np.eye(4) + 0.6),
        (np.zeros(3), np.array([[1.0, 0.0, 2.0], [0.0, 4.0, 0.0], [2.0, 0.0, 9.0]])),
    ],
)
def test_intervals_hold_for_whoever_wins(truth, covariance):
    index, held, above = simulate(truth, covariance, 300, seed=len(truth))
    for kind in ("conditional", "projection", "hybrid", "cautious"):
        assert held[kind].mean() > 0.95 - 2 * np.sqrt(0.0475 / 300), kind
        for one in np.unique(index):
            among = held[kind][index == one]
            if kind in ("conditional", "cautious") and len(among) > 50:
                assert among.mean() > 0.95 - 3 * np.sqrt(0.0475 / len(among)), (kind, one)
    assert above.mean() == pytest.approx(0.5, abs=0.07)


@pytest.mark.parametrize(
    ("truth", "sd"), [(np.zeros(10), np.ones(10)), (np.linspace(-1, 1, 6), np.linspace(1, 2, 6))]
)
def test_the_hybrid_estimate_is_too_high_as_often_as_too_low(truth, sd):
    """Andrews, Kitagawa and McCloskey (2024): its median bias is at most a quarter of a percent.

    The largest estimate itself is too high nearly always, by more than half a standard error.
    """
    rng, number = np.random.default_rng(len(truth)), 400
    sized = [
        size_winner(truth + sd * rng.normal(size=len(sd)), np.diag(sd**2)) for _ in range(number)
    ]
    true = truth[[each.index for each in sized]]
    hybrid = np.array([each.hybrid.estimate for each in sized]) - true
    plain = np.array([each.conventional.estimate for each in sized]) - true
    assert (plain > 0).mean() > 0.85 and np.median(plain) > 0.5
    assert (hybrid > 0).mean() == pytest.approx(0.5, abs=3 * np.sqrt(0.25 / number))
    assert abs(np.median(hybrid)) < 0.25 * np.median(plain)


def test_the_plain_interval_does_not_where_all_are_equal():
    _, held, _ = simulate(np.zeros(10), np.eye(10), 150, seed=4)
    assert held["conventional"].mean() < 0.90
    assert held["cautious"].mean() > 0.93


def test_the_truncated_normal_is_solved_at_its_own_quantiles():
    """Conditional coverage in bulk: all equal, many thousand winners, solved at once."""
    rng = np.random.default_rng(8)
    estimates = np.sort(rng.normal(size=(10_000, 6)), axis=1)
    ends = solve_means(
        np.array([[0.975], [0.5], [0.025]]),
        estimates[:, -1],
        np.ones(10_000),
        low=estimates[:, -2],
        high=np.array(np.inf),
        reach=np.array(np.inf),
    )
    assert np.mean(ends[0] <= 0) - np.mean(ends[2] < 0) == pytest.approx(0.95, abs=0.007)
    assert np.mean(ends[1] < 0) == pytest.approx(0.5, abs=0.015)
    one = size_winner(estimates[0], np.eye(6)).conditional
    assert (one.low, one.estimate, one.high) == pytest.approx(tuple(ends[:, 0]), rel=1e-6)


def test_a_winner_far_ahead_has_nearly_the_plain_interval():
    sized = size_winner([40.0, 1.0, 0.0, -2.0], np.eye(4))
    assert sized.conditional.low == pytest.approx(40 - PLAIN, abs=1e-6)
    for interval in (sized.hybrid, sized.cautious):
        assert interval.estimate == pytest.approx(40, abs=1e-6)
        assert (interval.low, interval.high) == pytest.approx((40 - PLAIN, 40 + PLAIN), abs=0.05)
    assert sized.projection.low < 40 - PLAIN - 0.3


def test_one_estimate_has_the_plain_interval_and_a_sure_one_none():
    alone = size_winner([3.0], [[4.0]])
    for kind in KINDS:
        interval = getattr(alone, kind)
        assert (interval.estimate, interval.low) == pytest.approx((3.0, 3 - 2 * PLAIN))
    sure = size_winner([3.0, 1.0], np.diag([0.0, 1.0]))
    assert sure.cautious.low == sure.cautious.high == 3.0


def test_where_two_are_level_the_interval_to_show_stays_readable():
    tied = size_winner([3.0, 3.0, 0.0], np.eye(3))
    assert np.isinf(tied.conditional.low) and np.isnan(tied.conditional.estimate)
    assert tied.cautious.low < 0.7 and tied.cautious.high == pytest.approx(3 + PLAIN)
    twins = size_winner([3.0, 3.0, 0.0], [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert twins.conditional.low == pytest.approx(
        size_winner([3.0, 0.0], np.eye(2)).conditional.low
    )


def test_windows_far_out_lose_no_figures():
    """The truth may be far below the window: the answer tends to an exponential law."""
    value, low = 50.001, 50.0
    [mean] = solve_means(
        np.array([0.5]), np.array(value), np.array(1.0),
        low=np.array(low), high=np.array(np.inf), reach=np.array(np.inf),
    )  # fmt: skip
    assert low - mean == pytest.approx(np.log(2) / (value - low), rel=0.01)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3), st.permutations(range(4)))
def test_units_and_the_order_of_listing_change_nothing(seed, unit, order):
    rng = np.random.default_rng(seed)
    loadings = rng.normal(size=(4, 4))
    estimates, covariance = rng.normal(size=4) * 2, loadings @ loadings.T + 0.1 * np.eye(4)
    before = size_winner(estimates, covariance)
    after = size_winner(unit * estimates[order], unit**2 * covariance[np.ix_(order, order)])
    assert order[after.index] == before.index
    for kind in ("projection", "hybrid", "cautious"):
        one, other = getattr(before, kind), getattr(after, kind)
        scaled = one.scaled(unit)
        assert (other.low, other.high) == pytest.approx(
            (scaled.low, scaled.high), rel=1e-5, abs=1e-5 * unit
        )
