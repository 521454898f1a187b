"""Two groups compared as if made up alike: published numbers, laws, and coverage."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.proportion import confint_proportions_2indep

from partner_analysis.attribution.standardise import (
    MEAN,
    SHARE,
    TYPICAL,
    difference_of,
    standardise,
    wilson,
)

HERE = Path(__file__).parents[1] / "calibration"
GIVEN = {"level": 0.95, "fewest": 2}


def load_calibration():
    spec = importlib.util.spec_from_file_location("calibrate", HERE / "calibrate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.care


@pytest.mark.parametrize(
    ("one", "two", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10. The table was not
        # at hand: statsmodels, which has that method by other hands, gives the same digits.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
    ],
)
def test_differences_of_shares_are_those_published(one, two, low, high):
    first, second = (wilson(x / n, n, level=0.95) for x, n in (one, two))
    found = difference_of(first, second)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)
    peer = confint_proportions_2indep(*one, *two, method="newcomb", compare="diff")
    assert (found.low, found.high) == pytest.approx(peer, abs=1e-9)


def test_others_are_weighted_to_the_first_groups_mix():
    strata = np.array([0, 0, 0, 1, 0, 1, 1, 2])
    is_own = np.array([True, True, True, True, False, False, False, False])
    values = np.array([5.0, 5, 5, 5, 1, 9, 11, 100])
    found = standardise(values, is_own, strata, summary=MEAN, **GIVEN)
    assert found.others.estimate == pytest.approx(0.75 * 1 + 0.25 * 10)
    assert (found.n_own, found.n_others, found.n_left) == (4, 3, 0)


def test_strata_without_others_drop_out_and_are_counted():
    strata = np.array([0, 0, 1, 0, 0, 0])
    is_own = np.array([True, True, True, False, False, False])
    found = standardise(np.arange(6.0), is_own, strata, summary=MEAN, **GIVEN)
    assert (found.n_own, found.n_left) == (2, 1)
    assert found.own.estimate == 0.5


def test_with_fewer_than_asked_there_is_no_number():
    is_own = np.arange(40) < 9
    found = standardise(
        np.ones(40), is_own, np.zeros(40, dtype=int), summary=MEAN, level=0.95, fewest=10
    )
    assert not found.difference.is_number
    assert found.n_own == 9


values = st.lists(st.floats(0, 60), min_size=24, max_size=24).map(np.array)
groups = st.lists(st.integers(0, 2), min_size=24, max_size=24).map(np.array)
HALF = np.arange(24) % 2 == 0


@given(values, groups, st.floats(-20, 20))
def test_a_shift_of_all_moves_no_difference(given_values, strata, shift):
    one = standardise(given_values, HALF, strata, summary=MEAN, **GIVEN).difference
    two = standardise(given_values + shift, HALF, strata, summary=MEAN, **GIVEN).difference
    assert [one.low, one.high] == pytest.approx([two.low, two.high], abs=1e-6, nan_ok=True)


@given(values, groups, st.sampled_from([MEAN, TYPICAL, SHARE]))
def test_the_estimate_lies_in_its_interval_whatever_the_order(given_values, strata, summary):
    given_values = np.round(given_values / 60) if summary == SHARE else given_values
    found = standardise(given_values, HALF, strata, summary=summary, **GIVEN)
    turned = standardise(given_values[::-1], HALF[::-1], strata[::-1], summary=summary, **GIVEN)
    gap, again = found.difference, turned.difference
    assert [gap.low, gap.high] == pytest.approx([again.low, again.high], abs=1e-6, nan_ok=True)
    if gap.is_number:
        assert gap.low <= gap.estimate <= gap.high


def test_equal_answers_of_ten_are_not_taken_for_certainty():
    values = np.r_[np.full(10, 10.0), np.tile([4.0, 6, 8, 10], 10)]
    found = standardise(
        values, np.arange(50) < 10, np.zeros(50, dtype=int), summary=MEAN, level=0.95, fewest=10
    )
    assert found.own.high - found.own.low > 0.5


def test_intervals_hold_the_truth_with_few_patients():
    care = load_calibration()
    asked = [
        {"measure": measure, "size": size, "seed": seed}
        for measure in care.MEASURES
        for size in (10, 40)
        for seed in range(900_000, 900_006)
    ]
    runs = [care.one(**task) for task in asked]
    held = sum(run["low"] - 1e-9 <= run["truth"] <= run["high"] + 1e-9 for run in runs)
    assert held >= binom.ppf(0.001, len(runs), 0.95)
