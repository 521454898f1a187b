"""Other designs obey their laws, hold what was planted, and say in words why they cannot run."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.designs.compare import compare_methods
from partner_analysis.attribution.designs.segmented import (
    newey_west,
    segmented_linear,
    segmented_poisson,
)
from partner_analysis.attribution.designs.synthetic import simplex_weights
from partner_analysis.attribution.designs.twoway import impute
from partner_analysis.attribution.estimate import estimate_effect
from partner_analysis.tables import InputError

START = pd.Timestamp("2023-01-01")
LEVELS = ["did", "synthetic_did"]
COMPARED = ["did", "synthetic_control", "synthetic_did"]
OTHERS = [*COMPARED, "its"]


def outcomes(*, clinics="ABCDEFGH", personas=("all",), months=36, mean=20.0, seed=0):
    """Poisson counts of clinics of unlike size that share a season."""
    rng = np.random.default_rng(seed)
    periods = pd.date_range("2021-01-01", periods=months, freq="MS")
    size = mean * np.exp(rng.normal(0, 0.3, (len(clinics), len(personas), 1)))
    season = np.exp(0.15 * np.sin(2 * np.pi * np.arange(months) / 12))
    keys = pd.MultiIndex.from_product([list(clinics), list(personas), periods])
    counts = keys.to_frame(index=False, name=["clinic", "persona", "period"])
    return counts.assign(new_patients=rng.poisson(size * season).reshape(-1).astype(float))


def register(*starts, **more):
    """One partnership, by default in clinic A from START; or pairs of start and clinics."""
    rows = starts or ((START, ("A",)),)
    plain = {"partnership_id": "gym", "personas": (), "end_date": pd.NaT} | more
    return pd.DataFrame([plain | {"start_date": s, "clinics": tuple(c)} for s, c in rows])


def effects(counts, partnerships=None, methods=COMPARED):
    partnerships = register() if partnerships is None else partnerships
    return compare_methods(counts, partnerships, "gym", methods).set_index("method")


def treated(counts, clinics=("A",), start=START):
    return counts["clinic"].isin(clinics) & (counts["period"] >= start)


# Laws


def test_adding_to_a_clinic_or_to_a_period_changes_nothing_but_a_synthetic_control():
    counts = outcomes()
    moved = counts.copy()
    moved["new_patients"] += moved["clinic"].map(dict(zip("ABCDEFGH", range(8), strict=True))) * 9.0
    moved["new_patients"] += moved["period"].dt.month * 2.0
    numbers = ["mean_effect", "total"]
    one, other = (effects(c, methods=LEVELS)[numbers].to_numpy() for c in (counts, moved))
    np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("factor", [1e-3, 7.5, 1e4])
def test_another_unit_of_the_outcome_scales_every_number(factor):
    counts = outcomes()
    counts["new_patients"] += 1 / 3  # not a count, so that nothing rests on Poisson noise
    scaled = counts.assign(new_patients=counts["new_patients"] * factor)
    numbers = ["mean_effect", "low", "high", "total"]
    one, other = effects(counts, methods=OTHERS)[numbers], effects(scaled, methods=OTHERS)[numbers]
    np.testing.assert_allclose(one * factor, other, rtol=1e-5, atol=1e-6 * factor)


def test_a_shift_of_the_treated_periods_moves_every_estimate_by_it():
    counts = outcomes().assign(new_patients=lambda t: t["new_patients"] - 0.5)
    lifted = counts.copy()
    lifted.loc[treated(counts), "new_patients"] += 11.0
    before, after = (effects(c, methods=OTHERS) for c in (counts, lifted))
    np.testing.assert_allclose(after["mean_effect"] - before["mean_effect"], 11.0, atol=1e-6)
    width = [table["high"] - table["low"] for table in (before, after)]
    np.testing.assert_allclose(*width, atol=1e-6)


def test_row_order_and_clinic_names_do_not_matter_and_the_tables_are_left_alone():
    counts = outcomes()
    names = dict(zip("ABCDEFGH", "HGFEDCBA", strict=True))
    renamed = counts.assign(clinic=counts["clinic"].map(names)).sample(frac=1, random_state=1)
    kept = counts.copy()
    one = effects(counts, methods=OTHERS)
    other = effects(renamed, register((START, ("H",))), OTHERS)
    numbers = ["mean_effect", "low", "high", "total"]
    np.testing.assert_allclose(one[numbers], other[numbers], atol=1e-4)
    pd.testing.assert_frame_equal(counts, kept)


def test_total_is_the_mean_times_the_treated_cells_and_periods():
    counts = outcomes(personas=("knee", "back", "hand"))
    shop = register((START, ("A", "B")), personas=("knee", "back"))
    table = effects(counts, shop, OTHERS)
    np.testing.assert_allclose(table["total"], table["mean_effect"] * 2 * 2 * 12)


def test_starts_at_different_times_average_the_planted_changes_by_cells_and_periods():
    later = pd.Timestamp("2023-07-01")
    counts = outcomes(clinics="ABCDEFGHIJ").assign(new_patients=0.0)
    counts["new_patients"] += counts["period"].dt.month * 3.5
    counts.loc[treated(counts), "new_patients"] += 8.0
    counts.loc[treated(counts, ("B", "C"), later), "new_patients"] += 2.0
    expected = (8.0 * 12 + 2.0 * 12) / 24
    table = effects(counts, register((START, "A"), (later, "BC")))
    np.testing.assert_allclose(table["mean_effect"], expected, atol=1e-6)


# Honesty


def test_planted_changes_are_inside_the_intervals_about_as_often_as_said():
    rng = np.random.default_rng(5)
    periods = pd.date_range("2020-01-01", periods=30, freq="MS")
    keys = pd.MultiIndex.from_product([list("ABCDEFG"), periods], names=["clinic", "period"])
    counts = keys.to_frame(index=False)
    shop = register((periods[20], ("A", "B")))
    inside = []
    for _ in range(40):
        noise = rng.normal(0, 1, (7, 30))
        for month in range(1, 30):
            noise[:, month] += 0.6 * noise[:, month - 1]
        noise[:2, 20:] += 3.0
        table = effects(counts.assign(new_patients=noise.reshape(-1) + rng.normal(0, 1, 210)), shop)
        inside.append((table["low"] < 3.0) & (table["high"] > 3.0))
    share = pd.DataFrame(inside).mean()
    assert (share >= 0.87).all(), share.to_dict()


def test_a_restless_treated_clinic_widens_the_interval():
    counts = outcomes()
    swing = counts["clinic"].eq("A") * 40.0 * np.sin(counts["period"].dt.month)
    restless = counts.assign(new_patients=counts["new_patients"] + swing + 60.0)
    calm = counts.assign(new_patients=counts["new_patients"] + 60.0)
    width = [(t["high"] - t["low"]).to_numpy() for t in (effects(restless), effects(calm))]
    assert (width[0] > 1.3 * width[1]).all()


def test_identical_counts_show_nothing_and_keep_the_noise_that_counts_have():
    counts = outcomes().assign(new_patients=8.0)
    table = effects(counts)
    np.testing.assert_allclose(table["mean_effect"], 0.0, atol=1e-9)
    assert (table["high"] > 1.0).all() and (table["low"] < -1.0).all()


# Cannot tell


@pytest.mark.parametrize(
    ("change", "partnerships", "methods", "words"),
    [
        ({"clinics": "A"}, register(), COMPARED, "no comparison clinic"),
        ({}, register((START, ())), COMPARED, "no comparison clinic"),
        ({}, register((pd.Timestamp("2020-01-01"), "A")), OTHERS, "Too short a past"),
        ({}, register((pd.Timestamp("2021-02-01"), "A")), ["its"], "Too short a past"),
        ({}, register((pd.Timestamp("2031-01-01"), "A")), OTHERS, "no complete period"),
        ({}, register((START, "Z")), OTHERS, "no complete period"),
        ({"mean": 0.0}, register(), COMPARED, "where anybody came"),
        ({"mean": 0.0}, register(), ["its"], "Nobody, or too few, came"),
    ],
)
def test_what_cannot_be_told_is_a_row_of_its_own_with_the_reason(
    change, partnerships, methods, words
):
    table = effects(outcomes(**change), partnerships, methods)
    assert table[["mean_effect", "low", "high", "total"]].isna().all(axis=None)
    assert table["note"].str.contains(words).all(), table["note"].tolist()


def test_one_comparison_clinic_gives_a_number_and_no_interval():
    counts = outcomes(clinics="AB")
    table = effects(counts, methods=COMPARED)
    wide = counts.pivot_table(index="period", columns="clinic", values="new_patients")
    gap, after = wide["A"] - wide["B"], wide.index >= START
    by_hand = gap[after].mean() - gap[~after].mean()
    assert table.loc["did", "mean_effect"] == pytest.approx(by_hand)
    assert table.loc["synthetic_control", "mean_effect"] == pytest.approx(gap[after].mean())
    assert table[["low", "high"]].isna().all(axis=None)
    assert table["note"].str.contains("fewer than two comparison clinics").all()


def test_our_own_rows_stand_for_the_cells_that_the_estimate_judges():
    """Of two partnerships that overlap the estimate judges more than the other designs."""
    counts = outcomes(clinics="ABCDEF", mean=20.0)
    both = pd.concat(
        [
            register((START, "A"), (START, "B")),
            register((START, "B"), (START, "C")).assign(partnership_id="other"),
        ]
    )
    mine = str(both["partnership_id"].iloc[0])
    [row] = compare_methods(counts, both, mine, ["panel"]).itertuples()
    effect = estimate_effect(counts, both, mine, checks=False)
    assert row.total == pytest.approx(effect.total.estimate)
    assert row.total / row.mean_effect == pytest.approx(effect.n_cells)
    assert f"{effect.n_cells} treated cells and periods" in row.note


@pytest.mark.parametrize("seed", range(6))
def test_a_handful_of_patients_never_breaks_a_method(seed):
    counts = outcomes(mean=0.15, seed=seed)
    table = effects(counts, register((START, ("A", "B"))), OTHERS)
    number = table["mean_effect"].notna()
    assert (table["low"] < table["high"])[number].all()
    assert (table["note"].str.len() > 0).all()


def test_clinics_with_a_gap_are_left_out_and_said_so():
    counts = outcomes()
    counts.loc[(counts["clinic"] == "C") & (counts["period"] == "2021-05-01"), "new_patients"] = (
        np.nan
    )
    table = effects(counts)
    assert table["note"].str.contains("Left out, for a period that is unknown").all()
    without = effects(counts[counts["clinic"] != "C"])
    numbers = ["mean_effect", "low", "high"]
    weighted = COMPARED[1:]
    np.testing.assert_allclose(table.loc[weighted, numbers], without.loc[weighted, numbers])


def test_gaps_everywhere_cost_periods_and_not_the_answer():
    counts = outcomes()
    gap = np.random.default_rng(2).random(len(counts)) < 0.02
    counts.loc[gap, "new_patients"] = np.nan
    assert np.isfinite(effects(counts)["mean_effect"]).all()


def test_where_every_clinic_is_treated_in_the_end_the_early_ones_are_compared_with_the_late():
    counts = outcomes()
    starts = ((START, "ABC"), (START + pd.DateOffset(months=6), "DEFGH"))
    counts.loc[treated(counts, tuple("ABC")), "new_patients"] += 15.0
    table = effects(counts, register(*starts))
    assert table.loc["did", "low"] < 15.0 < table.loc["did", "high"]
    assert "leaving out clinics in turn" in table.loc["did", "note"]
    assert "48 of 66 treated cells and periods are not in it" in table.loc["did", "note"]
    assert table.loc[COMPARED[1:], "mean_effect"].isna().all()


def test_in_a_single_clinic_other_personas_serve():
    counts = outcomes(clinics="A", personas=("knee", "back", "hand", "neck"))
    table = effects(counts, register(personas=("knee",)))
    assert np.isfinite(table["mean_effect"]).all()
    assert table["note"].str.contains("3 groups of other personas").all()


def test_what_another_partnership_touches_serves_nobody():
    counts = outcomes()
    wild = counts.copy()
    wild.loc[treated(counts, ("B", "C"), pd.Timestamp("2022-06-01")), "new_patients"] += 500.0
    other = register((pd.Timestamp("2022-06-01"), ("B", "C")), partnership_id="shop")
    both = pd.concat([register(), other], ignore_index=True)
    one, two = effects(counts, both, OTHERS), effects(wild, both, OTHERS)
    pd.testing.assert_frame_equal(one, two)


def test_methods_for_counts_say_that_an_outcome_is_not_one():
    counts = outcomes().assign(new_patients=lambda t: t["new_patients"] - 3.5)
    table = effects(counts, methods=["panel", "series", "its"])
    assert table.loc[["panel", "series"], "note"].str.contains("needs counts").all()
    assert np.isfinite(table.loc["its", "mean_effect"])


def test_all_six_methods_stand_in_order_with_the_estimate_of_record_first():
    table = compare_methods(outcomes(), register(), "gym")
    assert table["method"].tolist() == ["panel", "series", *OTHERS]
    assert np.isfinite(table["mean_effect"]).all()
    assert ((table["low"] < table["mean_effect"]) & (table["mean_effect"] < table["high"])).all()


@pytest.mark.parametrize(
    ("counts", "identifier", "methods", "words"),
    [
        (outcomes(), "gym", ["dad"], r"methods: 'dad' is not known"),
        (outcomes(), "zoo", None, r"no partnership_id 'zoo'"),
        (outcomes().iloc[:0], "gym", None, "no rows"),
        (pd.concat([outcomes()] * 2), "gym", None, "repeat a clinic, persona and period"),
        (outcomes().assign(new_patients=-np.inf), "gym", None, "infinite"),
        (outcomes().assign(new_patients="many"), "gym", None, "not a number"),
    ],
)
def test_wrong_input_is_refused_in_words(counts, identifier, methods, words):
    with pytest.raises(InputError, match=words):
        compare_methods(counts, register(), identifier, methods)


# The parts, against peers


def test_simplex_weights_are_optimal_among_all_that_sum_to_one():
    rng = np.random.default_rng(3)
    for clinics, periods in ((5, 20), (40, 6), (30, 30)):
        columns, target = rng.normal(size=(periods, clinics)), rng.normal(size=periods)
        weights = simplex_weights(columns, target, ridge=0.3)
        slope = columns.T @ (columns @ weights - target) + 0.3 * weights
        assert weights.min() >= 0 and weights.sum() == pytest.approx(1)
        assert slope.min() == pytest.approx(weights @ slope, abs=1e-7)


def test_imputation_is_two_way_least_squares_with_gaps():
    rng = np.random.default_rng(8)
    observed, known = rng.normal(size=(9, 14)), rng.random((9, 14)) < 0.8
    known[0, 10:] = False
    cell, period = np.indices(known.shape)
    dummies = np.column_stack(
        [np.equal.outer(cell[known], np.arange(9)), np.equal.outer(period[known], np.arange(14))]
    ).astype(float)
    slopes = np.linalg.lstsq(dummies, observed[known], rcond=None)[0]
    np.testing.assert_allclose(impute(observed, known), slopes[:9, None] + slopes[9:], atol=1e-8)


def test_segmented_regressions_are_those_of_statsmodels():
    api = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(11)
    years, active = np.arange(60) / 12, np.arange(60) >= 40
    days = rng.integers(18, 24, 60).astype(float)
    counts = rng.poisson(0.8 * days * np.exp(0.1 * years - 0.3 * active)).astype(float)
    columns = np.column_stack([active, np.ones(60), years]).astype(float)
    poisson = api.GLM(counts, columns, family=api.families.Poisson(), offset=np.log(days)).fit(
        tol=1e-13
    )
    ours = segmented_poisson(counts, exposure=days, years=years, active=active)
    assert ours.estimate == pytest.approx(poisson.params[0], abs=1e-8)
    assert np.sqrt(ours.curvature) == pytest.approx(poisson.bse[0], abs=1e-8)
    assert ours.dispersion == pytest.approx(poisson.pearson_chi2 / poisson.df_resid)
    linear = api.OLS(counts, columns).fit(
        cov_type="HAC", cov_kwds={"maxlags": 5, "use_correction": False}
    )
    ours = segmented_linear(counts, years=years, active=active)
    assert ours.estimate == pytest.approx(linear.params[0])
    assert newey_west(ours.influence, lags=5) == pytest.approx(linear.bse[0] ** 2)
