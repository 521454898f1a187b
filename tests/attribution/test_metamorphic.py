"""Laws: how the answer must move, or stay, when the question is put in another way."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import partner_analysis as pa

WEEKS = pd.date_range("2023-01-02", periods=60, freq="W-MON")
START = WEEKS[36]
few_examples = settings(
    max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
worlds = st.integers(0, 9)
factors = st.integers(2, 9)


def as_counts(table):
    """Counts of an array of clinics (A, B, ...) by weeks."""
    keys = pd.MultiIndex.from_product([list("ABCDEFGHIJ"[: len(table)]), WEEKS])
    counts = keys.to_frame(index=False, name=["clinic", "period"])
    return counts.assign(new_patients=np.asarray(table).reshape(-1))


def noisy(world):
    """Poisson counts of six clinics of several sizes with a season; A and B change at START."""
    rng = np.random.default_rng([7, world])
    season = np.exp(0.2 * np.sin(np.arange(60) / 8.3 + world))
    mean = rng.uniform(4, 30, (6, 1)) * season
    mean[:2, 36:] *= (0.6, 1.0, 1.0, 1.3, 2.0)[world % 5]
    return as_counts(rng.poisson(mean))


def exact(world, ratio=1):
    """Whole numbers that are level x week without any noise; A changes by a ratio at START."""
    rng = np.random.default_rng([8, world])
    table = rng.integers(2, 9, (6, 1)) * rng.integers(2, 6, 60)
    table[0, 36:] *= ratio
    return as_counts(table)


def register(*rows):
    """A gym at clinics A and B from START, where nothing else is said."""
    gym = {"partnership_id": "gym", "start_date": START, "end_date": pd.NaT, "clinics": ("A", "B")}
    return pd.DataFrame([gym | row for row in rows or ({},)])


AT_A = {"clinics": ("A",)}


@cache
def plain(world):
    """The effect that the laws compare with."""
    return pa.estimate_effect(noisy(world), register(), "gym")


def numbers(effect):
    """What must not change: estimates, intervals and p-value."""
    intervals = (effect.total, effect.per_month, effect.percent)
    return [*(v for i in intervals for v in vars(i).values()), effect.p_value]


def assert_same(one, other):
    """The same answer to the last digit, sentences included."""
    assert numbers(one) == numbers(other)
    assert (one.verdict, one.n_pre, one.n_post) == (other.verdict, other.n_pre, other.n_post)
    pd.testing.assert_frame_equal(one.periods, other.periods)


def assert_equal(one, other):
    """The same answer but for the order in which a computer adds up (1e-6 of the numbers)."""
    assert numbers(one) == pytest.approx(numbers(other), rel=1e-6, abs=1e-6)
    assert one.verdict == other.verdict


def width(interval):
    return interval.high - interval.low


# What must not matter at all


@few_examples
@given(worlds, st.randoms(use_true_random=False))
def test_order_of_rows(world, random):
    counts = noisy(world)
    rows = register({}, AT_A | {"partnership_id": "club", "start_date": WEEKS[10], "clinics": "C"})
    order = random.sample(range(len(counts)), len(counts))
    one = pa.estimate_effects(counts, rows)
    other = pa.estimate_effects(counts.iloc[order], rows.iloc[::-1])
    for key in ("gym", "club"):
        assert_same(one[key], other[key])


@few_examples
@given(worlds, st.permutations("ABCDEF"))
def test_names_of_clinics(world, names):
    renamed = dict(zip("ABCDEF", names, strict=True))
    counts = noisy(world).replace({"clinic": renamed})
    rows = register({"clinics": (renamed["A"], renamed["B"])})
    assert_equal(pa.estimate_effect(counts, rows, "gym"), plain(world))


@few_examples
@given(worlds, st.permutations(["old", "young", "runner"]))
def test_names_of_personas(world, names):
    parts = [noisy(world + k).assign(persona=k) for k in range(3)]
    counts = pd.concat(parts)
    effects = []
    for labels in (["old", "young", "runner"], names):
        named = counts.assign(persona=counts["persona"].map(dict(enumerate(labels))))
        rows = register(AT_A | {"personas": labels[:1]})
        effects.append(pa.estimate_effect(named, rows, "gym"))
    assert_equal(*effects)


@few_examples
@given(worlds, st.integers(37, 58))
def test_one_partnership_in_two_rows_back_to_back(world, week):
    stretches = register(
        {"end_date": WEEKS[week] - pd.Timedelta(days=1)}, {"start_date": WEEKS[week]}
    )
    assert_same(pa.estimate_effect(noisy(world), stretches, "gym"), plain(world))


@few_examples
@given(worlds)
def test_one_partnership_in_one_row_for_each_clinic(world):
    rows = register(AT_A, {"clinics": ("B",)})
    assert_same(pa.estimate_effect(noisy(world), rows, "gym"), plain(world))


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"clinics": ("nowhere",)},
        {"personas": ("nobody",)},
        {"clinics": ("C",), "start_date": "2019-01-07", "end_date": "2020-01-05"},
        {"clinics": ("C",), "start_date": WEEKS[-1] + pd.Timedelta(days=7)},
    ],
    ids=["no such clinic", "no such persona", "ended years before", "begins after the data"],
)
def test_a_partnership_that_touches_nothing(elsewhere):
    rows = register({}, {"partnership_id": "club"} | elsewhere)
    effects = pa.estimate_effects(noisy(0), rows)
    assert_same(effects["gym"], plain(0))
    assert not effects["club"].total.is_number


@few_examples
@given(worlds, st.sampled_from([-364, 364, 3640]))
def test_dates_a_whole_number_of_weeks_later(world, days):
    later = pd.Timedelta(days=days)
    counts = noisy(world)
    counts["period"] += later
    effect = pa.estimate_effect(counts, register({"start_date": START + later}), "gym")
    assert numbers(effect) == numbers(plain(world))
    assert effect.first_day == plain(world).first_day + later
    assert effect.last_day == plain(world).last_day + later


@few_examples
@given(worlds, st.sampled_from([0.5, 8, 40]))
def test_unit_of_open_days(world, unit):
    one, other = (
        pa.estimate_effect(noisy(world).assign(open_days=days), register(), "gym")
        for days in (1.0, unit)
    )
    assert_equal(one, other)


@few_examples
@given(worlds, st.integers(0, 59), st.integers(1, 60))
def test_rows_that_know_nothing(world, first, number):
    unknown = pd.DataFrame({"period": WEEKS[first : first + number], "clinic": "G"})
    counts = pd.concat([noisy(world), unknown.assign(new_patients=np.nan)])
    assert_equal(pa.estimate_effect(counts, register(), "gym"), plain(world))


@few_examples
@given(worlds, st.floats(0, 1e6))
def test_cost_of_a_partnership(world, cost):
    rows = register().assign(cost=cost)
    assert_same(pa.estimate_effect(noisy(world), rows, "gym"), plain(world))


@few_examples
@given(worlds, st.integers(0, 30))
def test_patients_who_name_the_partner(world, named):
    counts = noisy(world)
    table = counts.drop(columns="new_patients").assign(partnership_id="gym", named=named)
    effect = pa.estimate_effect(counts, register(), "gym", named=table)
    assert_same(effect, plain(world))
    assert effect.named == named * 2 * effect.n_post


# What must move by an exact amount


@few_examples
@given(worlds, st.integers(1, 200), st.integers(36, 59))
def test_patients_added_to_the_window_are_extra_patients(world, extra, week):
    counts = noisy(world)
    spot = (counts["clinic"] == "A") & (counts["period"] == WEEKS[week])
    counts.loc[spot, "new_patients"] += extra
    effect, before = pa.estimate_effect(counts, register(), "gym"), plain(world)
    assert effect.observed == before.observed + extra
    assert effect.expected == pytest.approx(before.expected, rel=1e-9)
    assert effect.total.estimate == pytest.approx(before.total.estimate + extra, abs=1e-6)
    assert effect.total.low > before.total.low
    assert effect.total.high > before.total.high


@few_examples
@given(worlds, st.sampled_from([1, 2, 3]))
def test_without_noise_the_estimate_is_the_truth(world, ratio):
    counts = exact(world, ratio)
    effect = pa.estimate_effect(counts, register(AT_A), "gym")
    window = (counts["clinic"] == "A") & (counts["period"] >= START)
    came = counts.loc[window, "new_patients"].sum()
    assert effect.expected == pytest.approx(came / ratio, rel=1e-6)
    assert effect.percent.estimate == pytest.approx(100 * (ratio - 1), abs=1e-3)


@few_examples
@given(worlds, st.sampled_from("BCDEF"), factors)
def test_size_of_a_comparison_clinic(world, clinic, factor):
    counts = exact(world, 2)
    larger = counts["new_patients"].where(
        counts["clinic"] != clinic, counts["new_patients"] * factor
    )
    one, other = (
        pa.estimate_effect(table, register(AT_A), "gym")
        for table in (counts, counts.assign(new_patients=larger))
    )
    assert other.expected == pytest.approx(one.expected, rel=1e-6)


@few_examples
@given(worlds, factors)
def test_size_of_the_partnerships_own_clinic(world, factor):
    counts = exact(world, 2)
    larger = counts["new_patients"].where(counts["clinic"] != "A", counts["new_patients"] * factor)
    one, other = (
        pa.estimate_effect(table, register(AT_A), "gym")
        for table in (counts, counts.assign(new_patients=larger))
    )
    assert other.total.estimate == pytest.approx(factor * one.total.estimate, rel=1e-6)
    assert other.percent.estimate == pytest.approx(one.percent.estimate, rel=1e-6)


@few_examples
@given(worlds, st.sets(st.integers(0, 59), min_size=1, max_size=12), factors)
def test_a_shock_to_all_clinics_in_some_weeks(world, weeks, factor):
    counts = exact(world, 2)
    hit = counts["period"].isin(WEEKS[sorted(weeks)])
    shaken = counts["new_patients"].where(~hit, counts["new_patients"] * factor)
    one, other = (
        pa.estimate_effect(table, register(AT_A), "gym")
        for table in (counts, counts.assign(new_patients=shaken))
    )
    times = np.where(one.periods["period"].isin(WEEKS[sorted(weeks)]), factor, 1)
    np.testing.assert_allclose(
        other.periods["expected"], one.periods["expected"] * times, rtol=1e-6
    )
    assert other.percent.estimate == pytest.approx(one.percent.estimate, rel=1e-6)


@few_examples
@given(worlds)
def test_copies_of_the_comparison_clinics(world):
    counts = exact(world, 2)
    copies = counts[counts["clinic"] != "A"].replace(
        {"clinic": dict(zip("BCDEF", "KLMNO", strict=True))}
    )
    one, other = (
        pa.estimate_effect(table, register(AT_A), "gym")
        for table in (counts, pd.concat([counts, copies]))
    )
    assert other.expected == pytest.approx(one.expected, rel=1e-6)


# Levels and p-values tell one story


@few_examples
@given(worlds)
def test_a_higher_level_gives_a_wider_interval_around_the_same_estimate(world):
    inner = None
    for level in (0.8, 0.95, 0.999):
        effect = pa.estimate_effect(noisy(world), register(), "gym", level=level)
        assert effect.total.estimate == plain(world).total.estimate
        assert effect.p_value == plain(world).p_value
        for before, after in zip(inner or (), (effect.total, effect.percent), strict=False):
            assert after.low < before.low
            assert before.high < after.high
        inner = (effect.total, effect.percent)


@few_examples
@given(worlds)
def test_the_interval_at_one_minus_p_ends_at_zero(world):
    p_value = plain(world).p_value
    resolution = 1e-3  # p is a share of thousands of draws
    for level in (1 - p_value - resolution, 1 - p_value + resolution):
        if 0.5 <= level <= 0.999:
            total = pa.estimate_effect(noisy(world), register(), "gym", level=level).total
            assert (total.low > 0 or total.high < 0) == (level < 1 - p_value)


# What must move as it should, noise allowed


@few_examples
@given(worlds)
def test_two_halves_of_a_partnership_add_up_to_the_whole(world):
    halves = register(AT_A | {"partnership_id": "a"}, {"partnership_id": "b", "clinics": ("B",)})
    effects = pa.estimate_effects(noisy(world), halves)
    whole = plain(world).total
    parts = [effects[key].total for key in "ab"]
    # Same cells, weeks and comparison, but how restless clinics are is weighed anew for each:
    # the sum stays within 0.6 standard errors (an interval is about 4 wide).
    assert sum(p.estimate for p in parts) == pytest.approx(whole.estimate, abs=0.15 * width(whole))
    assert max(map(width, parts)) <= width(whole) <= 1.1 * sum(map(width, parts))


@few_examples
@given(worlds, st.sampled_from("CDEF"), st.sampled_from([2, 3]))
def test_size_of_a_noisy_comparison_clinic(world, clinic, factor):
    counts = noisy(world)
    counts.loc[counts["clinic"] == clinic, "new_patients"] *= factor
    effect, before = pa.estimate_effect(counts, register(), "gym"), plain(world)
    # A larger clinic weighs more, and with it its own noise: at most about a standard error.
    assert effect.expected == pytest.approx(before.expected, abs=0.25 * width(before.total))


@few_examples
@given(worlds)
def test_copies_of_noisy_comparison_clinics(world):
    counts = noisy(world)
    copies = counts[counts["clinic"].isin(list("CDEF"))]
    copies = copies.replace({"clinic": dict(zip("CDEF", "KLMN", strict=True))})
    effect = pa.estimate_effect(pd.concat([counts, copies]), register(), "gym")
    before = plain(world)
    # The comparison moves as before; it only looks surer of itself than it is.
    assert effect.expected == pytest.approx(before.expected, abs=0.1 * width(before.total))
    assert 0.5 * width(before.total) < width(effect.total) < 1.2 * width(before.total)


@few_examples
@given(worlds, st.integers(0, 59), st.sampled_from([2, 3]))
def test_a_noisy_shock_to_all_clinics_in_one_week(world, week, factor):
    counts = noisy(world)
    counts.loc[counts["period"] == WEEKS[week], "new_patients"] *= factor
    effect, before = pa.estimate_effect(counts, register(), "gym"), plain(world)
    # One week of sixty weighs more than before, and with it its noise: less than a standard error.
    assert effect.percent.estimate == pytest.approx(
        before.percent.estimate, abs=0.25 * width(before.percent)
    )
