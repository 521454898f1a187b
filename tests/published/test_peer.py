"""Where a well-known package computes the same thing, it gives the same number."""

import importlib
import warnings

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.checks.honest import honest_bounds
from partner_analysis.attribution.designs.compare import compare_methods
from partner_analysis.attribution.panel import arrange_panel
from partner_analysis.attribution.published.found import event_study_covariance
from partner_analysis.tables import check_counts, check_partnerships

MONTHS = pd.date_range("2023-01-01", periods=18, freq="MS")
STARTS = {"A": "2023-10-01", "B": "2024-01-01"}


def peer(name):
    """A package as it comes: what it warns of while loading is not ours to judge."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(name)
        except ImportError:
            pytest.skip(f"{name} is not installed; it comes with the extra 'dev'")


@pytest.fixture
def lenient():
    """What peers warn of while they work is not ours to judge."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def practice(starts=STARTS, *, exposure=False):
    """Poisson counts of seven clinics and the shop that began in some of them."""
    rng = np.random.default_rng(4)
    keys = pd.MultiIndex.from_product([list("ABCDEFG"), MONTHS])
    counts = keys.to_frame(index=False, name=["clinic", "period"])
    counts["new_patients"] = rng.poisson(20, len(counts))
    counts["open_days"] = rng.integers(18, 24, len(counts)).astype(float) if exposure else 1.0
    shop = [
        {"partnership_id": "shop", "start_date": start, "clinics": [clinic]}
        for clinic, start in starts.items()
    ]
    return counts, pd.DataFrame(shop)


def rows_of(counts, shop):
    """The same as peers ask for it: unit, t, y, first (0: never) and whether it runs."""
    starts = dict(
        zip([c for [c] in shop["clinics"]], pd.to_datetime(shop["start_date"]), strict=True)
    )
    number = {month: t for t, month in enumerate(MONTHS, start=1)}
    first = counts["clinic"].map(lambda clinic: number.get(starts.get(clinic), 0))
    t = counts["period"].map(number)
    rows = counts.assign(t=t, y=counts["new_patients"].astype(float), first=first)
    rows["unit"] = rows["clinic"].astype("category").cat.codes.astype(int)
    return rows.assign(runs=((rows["first"] > 0) & (rows["t"] >= rows["first"])).astype(float))


def fitted(counts, shop):
    """Our expected counts of every clinic and month, from the untouched ones."""
    panel = arrange_panel(check_counts(counts), check_partnerships(shop))
    comparison = panel.pooled[0]
    return panel, comparison.level[:, None] * comparison.pattern


def test_levels_and_period_effects_are_those_of_a_poisson_regression():
    statsmodels = peer("statsmodels.api")
    panel, ours = fitted(*practice(exposure=True))
    known = panel.untouched.reshape(-1)
    clinic, month = (np.indices(ours.shape)[k].reshape(-1) for k in (0, 1))
    dummies = np.column_stack(
        [np.equal.outer(clinic, np.arange(7)), np.equal.outer(month, np.arange(1, 18))]
    ).astype(float)
    exposure = panel.cells.exposure.reshape(-1)
    regression = statsmodels.GLM(
        panel.cells.observed.reshape(-1)[known],
        dummies[known],
        family=statsmodels.families.Poisson(),
        offset=np.log(exposure[known]),
    ).fit(tol=1e-12)
    theirs = regression.predict(dummies, offset=np.log(exposure)).reshape(ours.shape)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_imputed_ratios_are_those_of_a_pooled_poisson_regression_by_pyfixest(lenient):
    """One dummy for every treated clinic and month: Wooldridge's equivalence (2023)."""
    pyfixest = peer("pyfixest")
    counts, shop = practice()
    rows = rows_of(counts, shop)
    rows["spell"] = np.where(rows["runs"] > 0, 100 * (rows["unit"] + 1) + rows["t"], 0)
    fit = pyfixest.fepois("y ~ i(spell, ref=0) | unit + t", data=rows, iwls_tol=1e-12)
    panel, expected = fitted(counts, shop)
    treated = ~panel.untouched
    ours = np.log(panel.cells.observed[treated] / expected[treated])
    np.testing.assert_allclose(fit.coef().to_numpy(), ours, atol=1e-6)


def test_differences_on_levels_are_those_of_diff_diff(lenient):
    counts, shop = practice()
    theirs = peer("diff_diff").ImputationDiD().fit(rows_of(counts, shop), "y", "unit", "t", "first")
    [ours] = compare_methods(counts, shop, "shop", ["did"])["mean_effect"]
    assert ours == pytest.approx(theirs.overall_att, abs=1e-8)


def test_synthetic_differences_are_those_of_diff_diff(lenient):
    counts, shop = practice({"A": STARTS["A"], "B": STARTS["A"]})
    rows = rows_of(counts, shop)
    rows["treated"] = (rows["first"] > 0).astype(int)
    after = sorted(rows.loc[rows["runs"] > 0, "t"].unique())
    fit = peer("diff_diff").SyntheticDiD(seed=1)
    theirs = fit.fit(rows, "y", "treated", "unit", "t", post_periods=after)
    [ours] = compare_methods(counts, shop, "shop", ["synthetic_did"])["mean_effect"]
    assert ours == pytest.approx(theirs.att, abs=0.02)


def test_shortest_intervals_under_smooth_trends_are_those_of_diff_diff(lenient):
    honest = peer("diff_diff.honest_did")
    study = np.array([0.0067, 0.0293, -0.0065, 0.0730, 0.1960, 0.3121, 0.2395, 0.1260])
    covariance, mean = event_study_covariance(), np.full(4, 0.25)
    low, high = honest._compute_optimal_flci(
        study[:4], study[4:], covariance, mean, num_pre=4, num_post=4, M=0.05
    )
    ours = honest_bounds(study, covariance, 4, weights=mean, kind="smooth", bounds=[0.05])
    assert ours["low"].iloc[0] == pytest.approx(low, rel=0.01)
    assert ours["high"].iloc[0] == pytest.approx(high, rel=0.01)
