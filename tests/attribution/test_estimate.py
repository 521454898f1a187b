"""Estimates keep their contract, look null when nothing happened, and never fall over."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.estimate import estimate_effect, estimate_effects
from partner_analysis.tables import InputError

START = pd.Timestamp("2024-09-02")


def practice(
    *,
    clinics="ABCDEF",
    personas=("all",),
    weeks=104,
    mean=8.0,
    ratio=1.0,
    treated=("A",),
    seed=0,
    freq="W-MON",
) -> pd.DataFrame:
    """Poisson counts of a practice in which the treated clinics change by a ratio at the start."""
    rng = np.random.default_rng(seed)
    periods = pd.date_range("2023-01-02", periods=weeks, freq=freq)
    keys = pd.MultiIndex.from_product([list(clinics), list(personas), periods])
    counts = keys.to_frame(index=False, name=["clinic", "persona", "period"])
    change = counts["clinic"].isin(treated) & (counts["period"] >= START)
    counts["new_patients"] = rng.poisson(mean * np.where(change, ratio, 1.0))
    return counts


def register(*rows: dict) -> pd.DataFrame:
    plain = {"name": "Gym", "kind": "gym", "start_date": START, "end_date": pd.NaT}
    plain |= {"clinics": ("A",), "personas": ()}
    return pd.DataFrame([plain | {"partnership_id": "gym"} | row for row in rows or ({},)])


def test_planted_change_is_found_and_its_interval_holds_it():
    effect = estimate_effect(practice(mean=20, ratio=1.6), register(), "gym")
    truth = 20 * 0.6 * effect.n_post
    assert effect.verdict == "more"
    assert effect.total.low < truth < effect.total.high
    assert effect.percent.low < 60 < effect.percent.high
    assert effect.p_value < 0.05


def test_parts_of_an_effect_agree():
    counts = practice(ratio=1.3)
    effect = estimate_effect(counts, register(), "gym")
    active = effect.periods[effect.periods["active"]]
    assert effect.total.estimate == pytest.approx(
        active["observed"].sum() - active["expected"].sum()
    )
    assert effect.observed - effect.expected == pytest.approx(effect.total.estimate)
    assert effect.percent.estimate == pytest.approx(100 * (effect.observed / effect.expected - 1))
    days = 7 * effect.n_post
    assert effect.per_month.low == pytest.approx(effect.total.low / (days / 30.4375))
    assert effect.n_pre == (counts["period"].drop_duplicates() < START).sum()
    assert (effect.periods["expected_low"] <= effect.periods["expected"]).all()


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("ratio", [0.7, 0.9, 1.0, 1.1, 1.2, 1.4])
def test_interval_p_value_and_verdict_never_contradict_one_another(level, ratio):
    effect = estimate_effect(practice(ratio=ratio, seed=5), register(), "gym", level=level)
    outside = effect.total.low > 0 or effect.total.high < 0
    assert outside == (effect.p_value < 1 - level)
    assert outside == (effect.percent.low > 0 or effect.percent.high < 0)
    assert outside == (effect.verdict in ("more", "fewer"))


def test_same_input_in_any_order_gives_the_same_answer_and_is_left_alone():
    counts, partnerships = practice(), register()
    before = counts.copy(), partnerships.copy()
    one = estimate_effect(counts, partnerships, "gym")
    other = estimate_effect(counts.sample(frac=1, random_state=3), partnerships, "gym")
    assert (one.total, one.p_value) == (other.total, other.p_value)
    pd.testing.assert_frame_equal(one.periods, other.periods)
    pd.testing.assert_frame_equal(counts, before[0])
    pd.testing.assert_frame_equal(partnerships, before[1])


def test_all_at_once_and_one_by_one_agree():
    partnerships = register({}, {"partnership_id": "club", "clinics": ("B", "C")})
    both = estimate_effects(practice(), partnerships)
    for key, effect in both.items():
        assert effect.total == estimate_effect(practice(), partnerships, key).total


def test_names_of_clinics_do_not_matter():
    counts = practice(seed=2)
    plain = estimate_effect(counts, register(), "gym").total
    renamed = counts.replace({"clinic": {"A": "Z9", "B": "A"}})
    partnerships = register({"clinics": ("Z9",)})
    other = estimate_effect(renamed, partnerships, "gym").total
    assert (other.estimate, other.low, other.high) == pytest.approx(
        (plain.estimate, plain.low, plain.high), rel=1e-6, abs=1e-6
    )


def test_a_shock_that_all_clinics_share_does_not_matter():
    counts = practice(mean=30)
    shared = counts.copy()
    late = shared["period"] >= START
    shared.loc[late, "new_patients"] *= 3
    plain, shaken = (estimate_effect(c, register(), "gym").percent for c in (counts, shared))
    assert shaken.estimate == pytest.approx(plain.estimate, abs=1.0)


def test_others_who_touch_the_comparison_are_kept_out_of_it():
    counts = practice(mean=30)
    busy = counts["clinic"].isin(["B", "C"]) & (counts["period"] >= START)
    counts.loc[busy, "new_patients"] *= 2
    both = register({}, {"partnership_id": "club", "clinics": ("B", "C")})
    assert estimate_effect(counts, both, "gym").verdict == "no clear change"
    assert estimate_effect(counts, register(), "gym").percent.estimate < -15


def test_partnerships_that_share_cells_are_told_apart_where_dates_allow():
    counts = practice(mean=40, weeks=130, ratio=1.5, treated=("A", "B"))
    early = counts["clinic"].isin(["B", "C"]) & (counts["period"] >= pd.Timestamp("2024-03-04"))
    counts.loc[early, "new_patients"] = (counts.loc[early, "new_patients"] * 1.25).round()
    partnerships = register(
        {"clinics": ("A", "B")},
        {"partnership_id": "club", "clinics": ("B", "C"), "start_date": "2024-03-04"},
    )
    effects = estimate_effects(counts, partnerships)
    assert effects["gym"].percent.low < 50 < effects["gym"].percent.high
    assert effects["club"].percent.low < 25 < effects["club"].percent.high
    assert effects["gym"].bundle == effects["club"].bundle == ()


def test_partnerships_that_cannot_be_told_apart_are_a_bundle():
    twins = register({}, {"partnership_id": "club"})
    effects = estimate_effects(practice(ratio=1.5, mean=20), twins)
    assert effects["gym"].bundle == effects["club"].bundle == ("club", "gym")
    assert effects["gym"].total == effects["club"].total


def test_one_clinic_alone_is_judged_on_its_own_past():
    effect = estimate_effect(practice(clinics="A", mean=30), register(), "gym")
    assert effect.method == "series"
    assert effect.comparison.empty
    assert effect.total.low < 0 < effect.total.high


def test_everybody_treated_is_judged_on_its_own_past():
    effect = estimate_effect(practice(), register({"clinics": ()}), "gym")
    assert effect.method == "series"
    assert effect.total.is_number


@pytest.mark.parametrize("clinics", ["AB", "ABC"])
def test_few_comparison_clinics_give_a_wide_but_finite_interval(clinics):
    effect = estimate_effect(practice(clinics=clinics, mean=20), register(), "gym")
    assert effect.method == "panel"
    assert np.isfinite([effect.total.low, effect.total.high]).all()


def test_monthly_yearly_and_daily_periods_work():
    for freq, count, start in (("MS", 40, START), ("YS", 14, "2032-01-01"), ("D", 900, START)):
        counts = practice(weeks=count, freq=freq, mean=30)
        effect = estimate_effect(counts, register({"start_date": start}), "gym")
        assert effect.total.is_number, freq
        assert effect.verdict in ("no clear change", "too early"), freq


def test_nobody_before_gives_a_difference_but_no_ratio():
    counts = practice(personas=("runner", "other"), mean=3)
    none = (counts["clinic"] == "A") & (counts["persona"] == "runner") & (counts["period"] < START)
    counts.loc[none, "new_patients"] = 0
    effect = estimate_effect(counts, register({"personas": ("runner",)}), "gym")
    assert np.isnan(effect.percent.estimate)
    assert effect.total.low > 0
    assert effect.verdict == "more"


def test_nobody_before_and_nobody_after_is_too_small_to_tell():
    counts = practice(mean=3)
    counts.loc[counts["clinic"] == "A", "new_patients"] = 0
    effect = estimate_effect(counts, register(), "gym")
    assert effect.verdict == "too small to tell"
    assert effect.total.low <= 0 <= effect.total.high


def test_nobody_after_is_fewer():
    counts = practice(mean=10)
    counts.loc[(counts["clinic"] == "A") & (counts["period"] >= START), "new_patients"] = 0
    effect = estimate_effect(counts, register(), "gym")
    assert effect.verdict == "fewer"
    assert effect.percent.estimate == -100


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"start_date": "2023-01-02"}, "data not fit"),
        ({"start_date": "2023-02-06"}, "data not fit"),
        ({"clinics": ("nowhere",)}, "data not fit"),
        ({"personas": ("nobody",)}, "data not fit"),
        ({"start_date": "2024-11-18"}, "too early"),
        ({"start_date": "2025-06-02"}, "too early"),
        ({"end_date": pd.Timestamp("2024-10-06")}, "too early"),
    ],
)
def test_what_cannot_be_told_is_a_verdict(change, verdict):
    effect = estimate_effect(practice(), register(change), "gym")
    assert effect.verdict == verdict
    assert effect.notes
    if verdict == "data not fit":
        numbers = (effect.total, effect.per_month, effect.percent)
        assert not any(number.is_number for number in numbers)


def test_unknown_is_not_zero():
    counts = practice(mean=20, weeks=130)
    gap = (counts["clinic"] == "A") & counts["period"].between("2024-10-07", "2024-11-25")
    unknown = counts.assign(new_patients=counts["new_patients"].where(~gap))
    dropped = estimate_effect(counts[~gap], register(), "gym")
    emptied = estimate_effect(unknown, register(), "gym")
    assert dropped.total == emptied.total
    assert dropped.verdict == "no clear change"
    assert dropped.n_post == estimate_effect(counts, register(), "gym").n_post - gap.sum()


def test_closed_is_not_empty():
    counts = practice(mean=20, weeks=130).assign(open_days=5.0)
    closed = (counts["clinic"] == "A") & counts["period"].between("2024-10-07", "2024-12-02")
    counts.loc[closed, ["new_patients", "open_days"]] = 0
    assert estimate_effect(counts, register(), "gym").verdict == "no clear change"


def test_a_clinic_that_opens_late_is_judged_from_its_opening():
    counts = practice(mean=20)
    counts = counts[(counts["clinic"] != "A") | (counts["period"] >= "2024-03-04")]
    effect = estimate_effect(counts, register(), "gym")
    assert effect.n_pre == 26
    assert effect.verdict == "no clear change"


def test_pause_and_end_leave_their_wash_out_aside():
    counts = practice(mean=20, weeks=156)
    stretches = register(
        {"end_date": pd.Timestamp("2024-12-29")},
        {"start_date": pd.Timestamp("2025-06-02"), "end_date": pd.Timestamp("2025-09-28")},
    )
    effect = estimate_effect(counts, stretches, "gym")
    assert effect.n_post == 17 + 17
    assert effect.verdict == "no clear change"


def test_zero_donors_empty_periods_and_constant_counts_do_no_harm():
    counts = practice(mean=6)
    counts.loc[counts["clinic"] == "F", "new_patients"] = 0
    counts.loc[counts["period"] == counts["period"].max(), "new_patients"] = 0
    assert estimate_effect(counts, register(), "gym").verdict == "no clear change"
    constant = counts.assign(new_patients=4)
    effect = estimate_effect(constant, register(), "gym")
    assert abs(effect.total.estimate) < 1
    assert effect.verdict == "no clear change"


def test_named_are_counted_in_the_window_and_leave_the_effect_alone():
    counts = practice()
    named = counts.assign(partnership_id="gym", named=1).drop(columns="new_patients")
    effect = estimate_effect(counts, register(), "gym", named=named)
    assert effect.named == effect.n_post
    assert effect.total == estimate_effect(counts, register(), "gym").total


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("new_patients", -1, r"1 of \d+ rows has a negative new_patients \(row 7"),
        ("new_patients", np.inf, "infinite new_patients"),
        ("period", pd.NaT, "has no period"),
        ("clinic", "B", "repeat a clinic, persona and period"),
    ],
)
def test_wrong_counts_are_refused_with_row_numbers(column, value, message):
    counts = practice().astype({"new_patients": float})
    counts.loc[7, column] = value
    if column == "clinic":
        counts.loc[7, "period"] = counts.loc[counts["clinic"] == "B", "period"].iloc[7]
    with pytest.raises(InputError, match=message):
        estimate_effect(counts, register(), "gym")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (({"start_date": pd.NaT},), "has no start_date"),
        (({"end_date": pd.Timestamp("2020-01-01")},), "ends before it starts"),
        (({}, {"name": "Gim", "clinics": ("B",)}), "differ in name"),
        (({}, {"start_date": "2024-10-07"}), "overlap in clinic, persona and dates"),
    ],
)
def test_a_register_that_contradicts_itself_is_refused(rows, message):
    with pytest.raises(InputError, match=message):
        estimate_effect(practice(), register(*rows), "gym")


def test_unknown_ids_methods_and_levels_are_refused():
    with pytest.raises(InputError, match="no partnership_id 'gmy'"):
        estimate_effect(practice(), register(), "gmy")
    with pytest.raises(InputError, match="method: 'magic' is not known"):
        estimate_effect(practice(), register(), "gym", method="magic")
    with pytest.raises(InputError, match="not a confidence level"):
        estimate_effect(practice(), register(), "gym", level=95)
    with pytest.raises(InputError, match="no column new_patients"):
        estimate_effect(practice().drop(columns="new_patients"), register(), "gym")
