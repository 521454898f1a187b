"""Many practices together: published meta-analysis, laws, and intervals that hold."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2, norm, t
from statsmodels.stats.meta_analysis import combine_effects

from partner_analysis.attribution.together.combine import combine
from partner_analysis.attribution.together.pool import ALL_KINDS, pool_effects
from partner_analysis.tables import InputError

# Thirteen trials of the BCG vaccine against tuberculosis (Colditz and others 1994, JAMA 271(9)):
# ill and well with the vaccine, ill and well without. That the rows are those of metafor's dat.bcg
# is shown below: their restricted likelihood has its printed maximum, 0.3132, -0.7145 and 0.1798.
BCG = np.array(
    [
        (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
        (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619),
        (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
        (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
    ],
    dtype=float,
)  # fmt: skip
ESTIMATES = st.lists(st.tuples(st.floats(-1, 1), st.floats(0.05, 0.5)), min_size=3, max_size=9).map(
    np.array
)


def log_risk_ratios():
    ill, well, ill_without, well_without = BCG.T
    all_with, all_without = ill + well, ill_without + well_without
    ratios = np.log(ill / all_with / (ill_without / all_without))
    variance = 1 / ill - 1 / all_with + 1 / ill_without - 1 / all_without
    return ratios, np.sqrt(variance)


def paule_mandel(effects, errors):
    """Between-study variance, mean and its standard error, told once more from the definition."""

    def excess(between):
        weight = 1 / (errors**2 + between)
        centre = weight @ effects / weight.sum()
        return weight @ (effects - centre) ** 2 - (len(effects) - 1)

    between = 0.0 if excess(0.0) <= 0 else brentq(excess, 0.0, 100.0, xtol=1e-13)
    weight = 1 / (errors**2 + between)
    return between, weight @ effects / weight.sum(), 1 / math.sqrt(weight.sum())


def spread_around_mean(effects, errors, between):
    """Cochran's Q with so much variance between studies."""
    weight = 1 / (errors**2 + between)
    return weight @ (effects - weight @ effects / weight.sum()) ** 2


def test_the_rows_of_the_vaccine_trials_are_those_that_others_analyse():
    """Printed by metafor: REML 0.3132, -0.7145, 0.1798; Q 152.2330. By statsmodels: 0.3088."""
    effects, errors = log_risk_ratios()

    def restricted(between):
        weight = 1 / (errors**2 + between)
        apart = spread_around_mean(effects, errors, between)
        return (apart + np.log(weight.sum()) - np.log(weight).sum()) / 2

    between = minimize_scalar(restricted, bounds=(0, 3), method="bounded").x
    weight = 1 / (errors**2 + between)
    assert between == pytest.approx(0.3132, abs=5e-5)
    assert weight @ effects / weight.sum() == pytest.approx(-0.7145, abs=5e-5)
    assert weight.sum() ** -0.5 == pytest.approx(0.1798, abs=5e-5)
    peer = combine_effects(effects, errors**2, method_re="chi2")
    assert (peer.q, peer.tau2) == pytest.approx((152.2330, 0.3088), abs=5e-5)


def test_the_variance_is_that_of_another_package():
    effects, errors = log_risk_ratios()
    peer = combine_effects(effects, errors**2, method_re="iterated")  # Paule and Mandel's
    assert combine(effects, errors).tau.estimate ** 2 == pytest.approx(peer.tau2, abs=1e-5)


def test_the_vaccine_trials_differ_as_published():
    """The ends by metafor's confint(), and again by turning over Q's law (Viechtbauer 2007)."""
    effects, errors = log_risk_ratios()
    found = combine(effects, errors)
    for end, share in ((found.tau.low, 0.975), (found.tau.high, 0.025)):
        due = chi2.ppf(share, len(effects) - 1)
        root = brentq(lambda b, due=due: spread_around_mean(effects, errors, b) - due, 0, 9)
        assert end == pytest.approx(math.sqrt(root), abs=1e-4)
    assert found.tau.low == pytest.approx(0.3460, abs=5e-5)
    assert found.tau.high == pytest.approx(1.0543, abs=5e-5)
    assert found.i_squared == pytest.approx(1 - 12 / 152.2330, abs=1e-5)


def test_mean_and_interval_are_those_of_the_definition():
    effects, errors = log_risk_ratios()
    between, centre, error = paule_mandel(effects, errors)
    found = combine(effects, errors)
    reach = t.isf(0.025, 12) * error  # the scale of Hartung and Knapp is 1 at this variance
    assert found.tau.estimate**2 == pytest.approx(between, abs=1e-5)
    assert found.mean.estimate == pytest.approx(centre, abs=1e-5)
    assert found.mean.low == pytest.approx(centre - reach, abs=1e-4)
    assert found.mean.high == pytest.approx(centre + reach, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(ESTIMATES)
def test_any_estimates_give_the_variance_of_the_definition_and_ordered_intervals(rows):
    effects, errors = rows.T
    between, centre, error = paule_mandel(effects, errors)
    found = combine(effects, errors)
    assert found.tau.estimate**2 == pytest.approx(between, abs=1e-4)
    assert found.mean.estimate == pytest.approx(centre, abs=1e-3)
    assert found.error >= error * 0.999
    assert found.tau.low <= found.tau.high
    assert found.prediction.low <= found.mean.estimate <= found.prediction.high
    assert found.prediction.high - found.prediction.low > 0.9 * 3.9 * found.error


@settings(max_examples=20, deadline=None)
@given(ESTIMATES, st.floats(-2, 2))
def test_a_shift_of_all_effects_shifts_the_summary_and_order_does_not_matter(rows, shift):
    effects, errors = rows.T
    before, after = combine(effects, errors), combine(effects[::-1] + shift, errors[::-1])
    assert after.mean.low == pytest.approx(before.mean.low + shift, abs=1e-3)
    assert after.prediction.high == pytest.approx(before.prediction.high + shift, abs=1e-3)


def test_equal_effects_leave_nothing_to_differ():
    found = combine(np.full(5, 0.2), np.full(5, 0.1))
    assert (found.tau.estimate, found.tau.low, found.i_squared) == (0, 0, 0)
    assert found.mean.estimate == pytest.approx(0.2)


def test_where_one_more_lies_is_held_as_often_as_said():
    """The full table is in docs/calibration/pools.csv; this is its guard."""
    rng = np.random.default_rng(20)
    held = []
    for count, tau in [(4, 0.1), (10, 0.1), (20, 0.1), (10, 0.25)] * 40:
        errors = rng.uniform(0.06, 0.35, count)
        effects = rng.normal(rng.normal(0.1, tau, count), errors)
        found = combine(effects, errors).prediction
        reach = norm.cdf([found.low, found.high], 0.1, tau)
        held.append(reach[1] - reach[0])
    assert np.mean(held) > 0.93


def shared(*rows):
    columns = ["practice", "kind", "effect", "standard_error"]
    return pd.DataFrame(rows, columns=columns)


def test_a_practice_counts_once_however_many_partnerships_it_has():
    one = [("a", "gym", 0.4, 0.1), ("b", "gym", 0.0, 0.1), ("c", "gym", 0.1, 0.1)]
    pooled = pool_effects(shared(*one))["gym"]
    again = pool_effects(shared(*one, *one[:1] * 5))["gym"]
    assert (again.practices, again.partnerships) == (3, 8)
    assert again.combined.mean.low == pytest.approx(pooled.combined.mean.low)


def test_partnerships_that_differ_within_a_practice_widen_what_is_predicted():
    alike = [(name, "gym", 0.1, 0.05) for name in "aabbcc"]
    apart = [
        (name, "gym", 0.1 + sign * 0.6, 0.05)
        for name, sign in zip("aabbcc", [1, -1] * 3, strict=True)
    ]
    narrow, wide = (pool_effects(shared(*rows))["gym"].combined for rows in (alike, apart))
    assert wide.mean.estimate == pytest.approx(narrow.mean.estimate)
    assert wide.prediction.high > narrow.prediction.high + 0.3


def test_fewer_than_three_practices_cannot_tell_and_give_no_prior():
    pooled = pool_effects(shared(("a", "gym", 0.2, 0.1), ("b", "gym", 0.3, 0.1)))["gym"]
    assert pooled.combined is None
    assert pooled.prior is None
    assert not pooled.mean_percent.is_number


def test_partnerships_without_a_number_are_counted_and_change_nothing():
    rows = [(name, "gym", 0.2, 0.1) for name in "abc"]
    pooled = pool_effects(shared(*rows, ("d", "gym", np.nan, np.nan)))
    assert (pooled["gym"].practices, pooled["gym"].unclear) == (3, 1)
    assert pooled[ALL_KINDS].mean_percent == pooled["gym"].mean_percent


def test_a_prior_is_the_normal_with_the_predicted_interval_and_says_where_it_is_from():
    rng = np.random.default_rng(2)
    rows = [(f"p{k}", "club", rng.normal(0.1, 0.2), 0.1) for k in range(12)]
    pooled = pool_effects(shared(*rows))["club"]
    prior, span = pooled.prior, pooled.combined.prediction
    ends = norm.ppf([0.025, 0.975], prior.mean, prior.sd)
    assert ends == pytest.approx([span.low, span.high])
    assert "club in 12 practices" in prior.words


@pytest.mark.parametrize(("effects", "errors"), [([0.1], [0.1]), ([0.1] * 3, [0.1, 0.1, 0.0])])
def test_what_cannot_be_combined_is_refused(effects, errors):
    with pytest.raises(InputError, match="3 or more are needed"):
        combine(np.array(effects), np.array(errors))
