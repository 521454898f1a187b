"""E-values as published by VanderWeele and Ding (2017) and computed by the R package EValue.

The numbers are pinned in ``attribution.published.studies``. Provenance: 3.9 and 0.80 are the
paper's own examples (breastfeeding and respiratory death, leukemia; Annals of Internal Medicine
167(4)) and stand in the package's tests and manual; 10.73 is Hammond and Horn's smoking and lung
cancer, as in the package's README. Tolerances are the digits printed there. The far limit has no
part in any of them.
"""

import numpy as np
import pytest

from partner_analysis.attribution.checks.sensitivity import e_value
from partner_analysis.attribution.published.studies import HIDDEN_CAUSES
from partner_analysis.tables import NO_NUMBER, Interval


@pytest.mark.parametrize(
    ("ratio", "quantity"),
    [
        (Interval(3.9, 1.8, 8.7), "breastfeeding and respiratory death"),
        (Interval(10.73, 8.02, 14.36), "smoking and lung cancer"),
    ],
)
def test_estimate_and_near_limit_are_the_published_ones(ratio, quantity):
    for value, name in zip(e_value(ratio), (quantity, f"{quantity}, near limit"), strict=True):
        number = HIDDEN_CAUSES.numbers[name]
        assert value == pytest.approx(number.value, abs=number.tolerance)


def test_a_protective_ratio_is_turned_over():
    estimate, limit = e_value(Interval(0.80, 0.71, 0.91))
    number = HIDDEN_CAUSES.numbers["breastfeeding and leukemia"]
    assert estimate == pytest.approx(number.value, abs=number.tolerance)
    assert (estimate, limit) == pytest.approx(e_value(Interval(1 / 0.80, 1 / 0.91, 1 / 0.71)))


def test_an_interval_that_holds_no_change_needs_no_hidden_cause():
    assert e_value(Interval(1.2, 0.9, 1.6))[1] == 1
    assert e_value(Interval(1.2, 1.0, 1.6))[1] == 1
    assert e_value(Interval(1.0, 1.0, 1.0)) == (1, 1)


def test_what_is_not_known_has_no_e_value():
    assert np.isnan(e_value(NO_NUMBER)).all()
    estimate, limit = e_value(Interval(np.nan, 1.5, np.inf))
    assert np.isnan(estimate)
    assert limit == pytest.approx(1.5 + np.sqrt(0.75))
    assert e_value(Interval(0.0, 0.0, 0.4))[0] == np.inf
