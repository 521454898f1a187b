"""How many verdicts are wrong, and the total of all effects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from partner_analysis.attribution.ranking.discoveries import adjusted_p_values, wrong_verdicts
from partner_analysis.attribution.ranking.estimates import joint_total
from partner_analysis.attribution.ranking.spread import mix
from partner_analysis.tables import InputError


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.booleans())
def test_adjusted_p_values_are_those_of_scipy(p_values, any_dependence):
    method = "by" if any_dependence else "bh"
    expected = false_discovery_control(p_values, method=method)
    assert adjusted_p_values(p_values, any_dependence=any_dependence) == pytest.approx(expected)


@pytest.mark.parametrize(("spread", "number"), [(2.0, 20), (0.8, 20), (0.8, 5)])
def test_verdicts_from_plain_intervals_are_wrong_about_as_often_as_foretold(spread, number):
    rng = np.random.default_rng(number)
    said, foretold, wrong = 0, 0.0, 0
    for _ in range(3000 // number):
        truth = rng.normal(0.3, spread, size=number)
        estimates = rng.normal(truth, 1.0)
        more, fewer = estimates > 1.96, estimates < -1.96
        chance = mix(estimates, np.eye(number), None).chance_above(0.0)
        found = wrong_verdicts(chance, more, fewer)
        said, foretold = said + found.verdicts, foretold + found.number
        wrong += np.sum(more & (truth <= 0)) + np.sum(fewer & (truth > 0))
    assert wrong / said == pytest.approx(foretold / said, abs=0.04)


def test_without_verdicts_there_is_no_share():
    found = wrong_verdicts([0.5, 0.6], [False, False], [False, False])
    assert (found.verdicts, found.number) == (0, 0.0)
    assert np.isnan(found.share)


def test_what_is_no_chance_and_what_says_both_is_refused():
    with pytest.raises(InputError, match="not equally many"):
        wrong_verdicts([0.5], [True, False], [False, False])
    with pytest.raises(InputError, match="both more and fewer"):
        wrong_verdicts([0.5], [True], [True])
    with pytest.raises(InputError, match="not between 0 and 1"):
        adjusted_p_values([0.1, np.nan])


def test_the_total_counts_what_estimates_share():
    apart = joint_total([1.0, 2.0], np.eye(2))
    opposed = joint_total([1.0, 2.0], [[1.0, -1.0], [-1.0, 1.0]])
    assert apart.estimate == opposed.estimate == 3.0
    assert opposed.low == opposed.high == pytest.approx(3.0)
    assert apart.high - 3 == pytest.approx(1.95996 * np.sqrt(2), abs=1e-4)
