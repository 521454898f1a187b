"""Sensitivity to trends that part: known truths, known limits, and agreement with a reference.

The numbers from R are those of the package HonestDiD on its own example, the event study of
Benzarti and Carloni (2019) (``BCdata_EventStudy``: four years before, four after; effect of the
first year after), default options. R finds its folded-normal quantile by a million random draws,
good to three digits, so "smooth" is compared to 0.001. "relative" is deliberately another interval
than R's conditional test: it must hold R's and be at most a tenth wider.
"""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import foldnorm

from partner_analysis.attribution.checks.alternatives import choices_check
from partner_analysis.attribution.checks.event_study import event_study, log_ratios, stretch_length
from partner_analysis.attribution.checks.honest import breakdown, folded_quantile, honest_bounds
from partner_analysis.attribution.checks.recording import recording_check
from partner_analysis.attribution.checks.sensitivity import (
    assess_trends,
    e_value_check,
)
from partner_analysis.attribution.published.found import (
    EVENT_STUDY,
    FIRST_YEAR,
    RELATIVE,
    SMOOTH,
    event_study_covariance,
    relative_name,
    smooth_name,
)
from partner_analysis.attribution.published.studies import PARTING_TRENDS
from partner_analysis.tables import InputError, Interval


@pytest.fixture(scope="module")
def bc_covariance():
    return event_study_covariance()


def published_ends(names):
    """Low and high ends of intervals as R's HonestDiD gives them."""
    ends = ("low", "high")
    return [
        np.array([PARTING_TRENDS.numbers[f"{name}, {end} end"].value for name in names])
        for end in ends
    ]


def independent(n_before, n_after, sd):
    """Covariance of stretches with independent noise, relative to a reference stretch."""
    contrast = np.delete(np.eye(n_before + n_after + 1), n_before, axis=0)
    contrast[:, n_before] -= 1
    return sd**2 * contrast @ contrast.T


# --- agreement with R's HonestDiD and with diff-diff ---


def test_smooth_bounds_are_those_of_the_r_package(bc_covariance):
    ours = honest_bounds(
        EVENT_STUDY, bc_covariance, 4, weights=FIRST_YEAR, kind="smooth", bounds=SMOOTH
    )
    low, high = published_ends([smooth_name(bound) for bound in SMOOTH])
    np.testing.assert_allclose(ours["low"], low, atol=0.0015)
    np.testing.assert_allclose(ours["high"], high, atol=0.0015)
    width = np.subtract(high, low)
    np.testing.assert_allclose(ours["high"] - ours["low"], width, rtol=0.002)


def test_smooth_bounds_are_those_of_diff_diff(bc_covariance):
    # diff-diff 3.13.0, honest_did._flci_solve, average of the four years; run once
    bounds = [0, 0.005, 0.01, 0.02, 0.03, 0.1]
    low = [0.13324814, 0.12225079, 0.12403916, 0.11375070, 0.11908811, -0.18642528]
    high = [0.23030474, 0.29121133, 0.36804042, 0.47671805, 0.59223007, 0.98830476]
    ours = honest_bounds(
        EVENT_STUDY, bc_covariance, 4, weights=np.full(4, 0.25), kind="smooth", bounds=bounds
    )
    np.testing.assert_allclose(ours["low"], low, atol=0.003)
    np.testing.assert_allclose(ours["high"] - ours["low"], np.subtract(high, low), rtol=1e-3)


def test_relative_bounds_hold_those_of_the_r_package_and_are_little_wider(bc_covariance):
    # beyond these bounds, R's interval ends at the edge of its grid
    ours = honest_bounds(EVENT_STUDY, bc_covariance, 4, weights=FIRST_YEAR, bounds=RELATIVE)
    low, high = published_ends([relative_name(bound) for bound in RELATIVE])
    assert (ours["low"] <= low).all()
    assert (ours["high"] >= high).all()
    assert ((ours["high"] - ours["low"]) <= 1.10 * (high - low)).all()


def test_without_any_parting_the_interval_is_the_ordinary_one(bc_covariance):
    row = honest_bounds(EVENT_STUDY, bc_covariance, 4, weights=FIRST_YEAR, bounds=[0]).iloc[0]
    np.testing.assert_allclose(
        [row["low"], row["high"]], np.ravel(published_ends(["no parting"])), atol=1e-6
    )


def test_folded_quantile_is_that_of_scipy():
    shift = np.array([0, 0.1, 0.5, 1, 2, 5, 50.0])
    for level in (0.8, 0.95, 0.99):
        np.testing.assert_allclose(
            folded_quantile(shift, level), foldnorm.ppf(level, shift), rtol=1e-10
        )


# --- intervals hold a truth that lies at the very edge of what is allowed ---


@pytest.mark.parametrize("before", [(0.0, 0, 0), (0.3, 0, 0), (0.1, 0.1, 0.1), (-0.2, 0.2, -0.2)])
def test_relative_bounds_hold_the_worst_truth(before):
    rng = np.random.default_rng(1)
    changes, weights, bound = np.array(before), np.array([0.5, 0.5]), 0.5
    worst = bound * np.abs(changes).max() * np.arange(1, 3)
    truth = np.concatenate([-np.cumsum(changes[::-1])[::-1], worst])
    covariance = independent(3, 2, 0.05)
    held = 0
    for noise in rng.multivariate_normal(np.zeros(5), covariance, 300):
        row = honest_bounds(truth + noise, covariance, 3, weights=weights, bounds=[bound]).iloc[0]
        held += row["low"] <= 0 <= row["high"]
    assert held / 300 > 0.93


@pytest.mark.parametrize("bound", [0.0, 0.005, 0.02, 0.1])
@pytest.mark.parametrize("sign", [-1, 1])
def test_smooth_bounds_hold_any_truth_exactly_as_often_as_they_say(bound, sign):
    """The centre is linear in the estimates, so its coverage can be computed, not simulated."""
    covariance = independent(4, 2, 0.05)

    def interval(estimates):
        return honest_bounds(
            estimates, covariance, 4, weights=[0.5, 0.5], kind="smooth", bounds=[bound]
        ).iloc[0]

    line = np.array([interval(unit)[["low", "high"]].mean() for unit in np.eye(6)])
    sd = np.sqrt(line @ covariance @ line)
    width = np.ptp(interval(np.zeros(6))[["low", "high"]]) / 2
    covered = []
    for turns in itertools.product([-1, 0, 1], repeat=6):  # kinks of the largest size, any sign
        growth = sign * 0.05 + bound * np.cumsum(turns)
        level = np.concatenate([[0], np.cumsum(growth)])
        bias = line @ np.delete(level - level[4], 4)
        covered.append(ndtr((width - bias) / sd) - ndtr((-width - bias) / sd))
    assert min(covered) == pytest.approx(0.95, abs=1e-6)


# --- laws ---

studies = st.tuples(st.integers(1, 6), st.integers(1, 4), st.integers(0, 2**31))


@settings(max_examples=60, deadline=None)
@given(studies)
def test_more_is_allowed_so_the_relative_interval_only_grows(shape):
    n_before, n_after, seed = shape
    estimates = np.random.default_rng(seed).normal(0, 0.3, n_before + n_after)
    covariance = independent(n_before, n_after, 0.1)
    rows = honest_bounds(
        estimates, covariance, n_before, weights=np.full(n_after, 1 / n_after), bounds=[0, 1, 3]
    )
    assert rows["low"].is_monotonic_decreasing
    assert rows["high"].is_monotonic_increasing


@settings(max_examples=40, deadline=None)
@given(studies, st.sampled_from(["relative", "smooth"]))
def test_fewer_is_the_mirror_image_of_more(shape, kind):
    n_before, n_after, seed = shape
    estimates = np.random.default_rng(seed).normal(0.2, 0.3, n_before + n_after)
    covariance, weights = independent(n_before, n_after, 0.1), np.full(n_after, 1 / n_after)
    one = honest_bounds(estimates, covariance, n_before, weights=weights, kind=kind)
    two = honest_bounds(-estimates, covariance, n_before, weights=weights, kind=kind)
    np.testing.assert_allclose(one["low"], -two["high"], atol=1e-8)


@settings(max_examples=40, deadline=None)
@given(studies, st.sampled_from(["relative", "smooth"]))
def test_the_finding_stands_just_below_its_breakdown_and_falls_just_above(shape, kind):
    n_before, n_after, seed = shape
    estimates = np.random.default_rng(seed).normal(0, 0.1, n_before + n_after)
    estimates[n_before:] += 0.6
    covariance, weights = independent(n_before, n_after, 0.08), np.full(n_after, 1 / n_after)
    value = breakdown(estimates, covariance, n_before, weights=weights, kind=kind)
    # The shortest interval is unique in length, its centre only up to a flat optimum: two percent.
    low = honest_bounds(
        estimates,
        covariance,
        n_before,
        weights=weights,
        kind=kind,
        bounds=[0, value * 0.98, value * 1.02 + 1e-9],
    )["low"]
    if value > 0:
        assert low[0] > 0
        assert low[1] > 0
        assert low[2] <= 0
    else:
        assert low[0] <= 0


def test_a_drift_that_goes_on_is_no_finding_once_it_may_go_on():
    drift = 0.2 * np.array([-3.0, -2, -1, 1, 2])  # the same growth before and after
    covariance, weights = independent(3, 2, 0.02), np.array([0.5, 0.5])
    assert breakdown(drift, covariance, 3, weights=weights) < 1
    assert breakdown(drift, covariance, 3, weights=weights, kind="smooth") == 0


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="at least one estimate before"):
        honest_bounds(np.zeros(2), np.eye(2), 0, weights=[0.5, 0.5])
    with pytest.raises(InputError, match="differ in length"):
        event_study(np.zeros(3), np.zeros(4), np.eye(3), 2)


# --- from monthly counts to stretches ---


def test_stretches_are_as_long_as_the_window_but_leave_four_before_it():
    assert stretch_length(24, 6) == 6
    assert stretch_length(24, 12) == 6
    assert stretch_length(36, 13) == 7  # 7 and 6, not 9 and 4
    assert stretch_length(8, 12) == 2
    assert stretch_length(2, 12) == 1


def test_ratios_of_counts_that_move_as_expected_are_nought_even_where_nobody_came():
    months = np.array([0.0, 4, 2, 0, 8, 1])
    study = event_study(months, months + 1e-12, np.zeros((6, 6)), 4, months=1)
    np.testing.assert_allclose(log_ratios(months, months, np.zeros((6, 6)), 4)["log_ratio"][1], 0)
    assert study is None or np.allclose(study.estimates, 0)
    nobody = event_study(np.zeros(6), np.full(6, 2.0), np.zeros((6, 6)), 4)
    assert np.isfinite(nobody.estimates).all()
    assert (np.diag(nobody.covariance) > 1).all()


def test_covariance_is_that_of_simulated_counts():
    rng = np.random.default_rng(3)
    n, n_before, mean, shared, own = 18, 12, 40.0, 0.05, 0.1
    covariance = shared**2 * np.ones((n, n)) + own**2 * np.eye(n)
    shocks = rng.multivariate_normal(np.zeros(n), covariance, 1500)
    came = rng.poisson(mean * np.exp(shocks))
    studies = [
        event_study(row.astype(float), np.full(n, mean), covariance, n_before) for row in came
    ]
    seen = np.cov(np.array([study.estimates for study in studies]).T)
    said = np.mean([study.covariance for study in studies], axis=0)
    np.testing.assert_allclose(seen, said, rtol=0.15)


def test_unknown_months_cost_precision_and_nothing_else():
    observed, expected = np.full(18, 20.0), np.full(18, 20.0)
    whole = event_study(observed, expected, np.zeros((18, 18)), 12)
    observed[[1, 14]] = np.nan
    holes = event_study(observed, expected, np.zeros((18, 18)), 12)
    np.testing.assert_allclose(holes.estimates, whole.estimates, atol=1e-12)
    assert np.trace(holes.covariance) > np.trace(whole.covariance)
    np.testing.assert_allclose(holes.weights.sum(), 1)


def test_without_a_past_there_is_no_study():
    assert event_study(np.ones(6), np.ones(6), np.eye(6), 1) is None
    assert event_study(np.ones(6), np.ones(6), np.eye(6), 6) is None


# --- the sentences ---


def monthly(ratio_after, *, mean=400.0, wobble=0.0):
    """Three years before and one after; ``wobble`` moves alternate half-years up and down."""
    place = np.arange(48)
    expected = np.full(48, mean)
    observed = expected * np.exp(wobble * np.where(place // 6 % 2, 1, -1))
    observed[36:] = mean * ratio_after
    return event_study(observed, expected, 1e-4 * np.eye(48), 36)


def test_a_large_change_on_a_calm_past_stands():
    found = assess_trends(monthly(1.5), found=True)
    assert found.relative > 1
    assert found.check[2] == "pass"
    assert "parted, from one half-year to the next, no more than 4.3 times as" in found.check[3]


def test_the_same_change_on_a_restless_past_does_not():
    found = assess_trends(monthly(1.5, wobble=0.2), found=True)
    assert 0 < found.relative < 1
    assert found.check[2] == "warn"


def test_where_nothing_was_found_the_question_is_what_still_fits():
    calm = assess_trends(monthly(1.0), found=False)
    restless = assess_trends(monthly(1.0, wobble=0.3), found=False)
    assert (calm.check[2], restless.check[2]) == ("pass", "not possible")
    assert "would still fit" in calm.check[3]
    assert np.isnan(calm.relative)


def test_without_months_before_it_cannot_be_asked():
    nothing = assess_trends(None, found=True)
    assert nothing.check[2] == "not possible"
    assert nothing.bounds.empty


def test_hidden_causes_in_words():
    check = e_value_check(Interval(1.5, 1.2, 1.9), found=True)
    assert check[2] == "pass"
    assert "by a factor of 2.4 each" in check[3]
    assert "1.69 would be enough" in check[3]
    assert e_value_check(Interval(1.3, 1.01, 1.9), found=True)[2] == "warn"
    assert e_value_check(Interval(1.0, 0.8, 1.2), found=False)[2] == "not possible"


def test_other_choices_warn_when_they_say_something_else():
    chosen = Interval(3.1, 0.8, 5.4)
    same = {"the first month left out": Interval(2.9, 0.5, 5.2)}
    nothing = {"a wash-out of a year": Interval(1.2, -0.5, 2.9)}
    opposite = {"one clinic left out": Interval(-3.0, -5.0, -1.0)}
    assert choices_check(chosen, same)[2] == "pass"
    assert choices_check(chosen, same | nothing)[2] == "warn"
    assert (
        'would read "no clear change" with a wash-out of a year'
        in choices_check(chosen, same | nothing)[3]
    )
    assert choices_check(chosen, same | nothing | opposite)[2] == "fail"
    assert choices_check(chosen, {})[2] == "not possible"


def test_other_choices_name_the_direction_once():
    chosen, other = Interval(-3.1, -5.4, -0.8), {"a month left out": Interval(-2.9, -5.2, -0.5)}
    assert (
        "is 2.9 to 2.9 fewer new patients a month, compared with 3.1"
        in choices_check(chosen, other)[3]
    )


def weeks_of_sources(rng, share_after, *, share_before=0.1, weeks=104, start=60):
    new = rng.poisson(20, weeks).astype(float)
    share = np.where(np.arange(weeks) < start, share_before, share_after)
    return new, rng.binomial(new.astype(int), share).astype(float)


def test_a_jump_in_unknown_sources_at_the_start_is_seen():
    rng = np.random.default_rng(4)
    results = [recording_check(*weeks_of_sources(rng, 0.3), 60, near=13)[2] for _ in range(40)]
    assert results.count("warn") >= 38


def test_steady_recording_is_seldom_suspected():
    rng = np.random.default_rng(5)
    results = [recording_check(*weeks_of_sources(rng, 0.1), 60, near=13)[2] for _ in range(150)]
    assert results.count("warn") <= 0.07 * 150


def test_a_declared_change_that_shows_fails_and_one_that_does_not_warns():
    rng = np.random.default_rng(6)
    jump, steady = weeks_of_sources(rng, 0.35), weeks_of_sources(rng, 0.1)
    assert recording_check(*jump, 60, near=13, declared=[58])[2] == "fail"
    assert recording_check(*steady, 60, near=13, declared=[58])[2] == "warn"
    assert recording_check(*steady, 60, near=13, declared=[5])[2] == "pass"


def test_without_sources_recording_cannot_be_checked():
    assert recording_check(np.full(30, 5.0), np.full(30, np.nan), 15, near=3)[2] == "not possible"
    assert recording_check(np.zeros(30), np.zeros(30), 15, near=3)[2] == "not possible"
