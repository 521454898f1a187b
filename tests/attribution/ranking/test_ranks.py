"""Sets of places: sure cases, coverage where places are known, laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_analysis.attribution.ranking.ranks import indistinct_places, rank_sets
from partner_analysis.tables import InputError


def effects(seed, number=6):
    """Estimates with a covariance that hangs together, all different."""
    rng = np.random.default_rng(seed)
    loadings = rng.normal(size=(number, number))
    return rng.normal(size=number) * 3, loadings @ loadings.T / number + 0.2 * np.eye(number)


def as_tuples(sets):
    return list(zip(sets.first.tolist(), sets.last.tolist(), strict=True))


@pytest.mark.parametrize("jointly", [False, True])
def test_effects_far_apart_have_one_place_each_and_equal_ones_all(jointly):
    assert as_tuples(rank_sets([0.0, 90.0, 50.0], np.eye(3), jointly=jointly)) == [
        (3, 3), (1, 1), (2, 2)]  # fmt: skip
    assert as_tuples(rank_sets([5.0, 5.0, 5.0], np.eye(3), jointly=jointly)) == [(1, 3)] * 3
    assert as_tuples(rank_sets([5.0], np.eye(1), jointly=jointly)) == [(1, 1)]


@pytest.mark.parametrize(("gap", "apart"), [(1.95, False), (1.97, True)])
def test_two_effects_are_apart_where_their_plain_difference_is(gap, apart):
    sets = rank_sets([gap * np.sqrt(2), 0.0], np.eye(2))
    assert as_tuples(sets) == ([(1, 1), (2, 2)] if apart else [(1, 2), (1, 2)])


def test_errors_that_are_shared_do_not_blur_places():
    shared = 100.0 + 0.01 * np.eye(3)
    assert as_tuples(rank_sets([3.0, 2.0, 1.0], shared)) == [(1, 1), (2, 2), (3, 3)]
    twins = rank_sets([3.0, 3.0, 1.0], np.ones((3, 3)))
    assert as_tuples(twins) == [(1, 2), (1, 2), (3, 3)]


def test_an_estimate_without_a_clue_may_have_any_place_and_leaves_the_others_theirs():
    sets = rank_sets([9.0, 0.0, 4.0], np.diag([1.0, 1.0, 1e12]))
    assert as_tuples(sets)[2] == (1, 3)
    assert sets.larger[0, 1]


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3), st.permutations(range(6)), st.booleans())
def test_units_and_the_order_of_listing_change_nothing(seed, unit, order, jointly):
    estimates, covariance = effects(seed)
    before = rank_sets(estimates, covariance, jointly=jointly)
    after = rank_sets(
        unit * estimates[order], unit**2 * covariance[np.ix_(order, order)], jointly=jointly
    )
    assert after.first.tolist() == before.first[order].tolist()
    assert after.last.tolist() == before.last[order].tolist()
    assert np.array_equal(after.larger, before.larger[np.ix_(order, order)])


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000))
def test_sets_nest(seed):
    estimates, covariance = effects(seed)
    sharp = rank_sets(estimates, covariance)
    for wider in (
        rank_sets(estimates, covariance, stepwise=False),
        rank_sets(estimates, covariance, jointly=True),
        rank_sets(estimates, covariance, level=0.99),
    ):
        assert (wider.first <= sharp.first).all() and (sharp.last <= wider.last).all()
    assert (sharp.first <= sharp.place).all() and (sharp.place <= sharp.last).all()


@pytest.mark.parametrize("jointly", [False, True])
@pytest.mark.parametrize("truth", [np.zeros(5), np.array([4.0, 2.0, 2.0, 0.0, -3.0])])
def test_sets_hold_the_true_places(truth, jointly, monkeypatch):
    """Equal effects share a place, and the set must hold it; the least favourable truth."""
    monkeypatch.setattr("partner_analysis.attribution.ranking.ranks.MOST_DRAWS", 2000)
    rng = np.random.default_rng(11)
    places = 1 + np.sum(truth[:, None] < truth, axis=1)
    covariance = 0.6 * np.eye(5) + 0.4
    held = []
    for _ in range(100):
        sets = rank_sets(rng.multivariate_normal(truth, covariance), covariance, jointly=jointly)
        holds = (sets.first <= places) & (places <= sets.last)
        held.append(holds.all() if jointly else holds.mean())
    assert np.mean(held) > 0.95 - 2 * np.sqrt(0.05 * 0.95 / 100)


def test_runs_that_cannot_be_told_apart():
    larger = np.zeros((5, 5), dtype=bool)
    larger[0, 1:] = True
    larger[1, 4] = True
    assert indistinct_places(larger, range(5)) == [(2, 4), (3, 5)]
    assert indistinct_places(np.zeros((1, 1), dtype=bool), [0]) == []
    assert indistinct_places(np.zeros((4, 4), dtype=bool), [3, 1, 0, 2]) == [(1, 4)]
    with pytest.raises(InputError, match="each estimate once"):
        indistinct_places(larger, [0, 0, 1, 2, 3])


def test_no_level_that_is_none():
    with pytest.raises(InputError, match="level is 95"):
        rank_sets([1.0], np.eye(1), level=95)
