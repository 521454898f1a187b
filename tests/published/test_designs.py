"""Published results of the designs that stand beside our own, each with where it is from."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.designs.blocks import (
    arrange_blocks,
    arrange_outcomes,
    check_outcomes,
)
from partner_analysis.attribution.designs.compare import compare_methods
from partner_analysis.attribution.designs.segmented import segmented_poisson
from partner_analysis.attribution.designs.spread import placebo_spread
from partner_analysis.attribution.designs.synthetic import synthetic_did
from partner_analysis.attribution.panel import arrange_panel
from partner_analysis.tables import check_partnerships


def by_year(years):
    return pd.to_datetime(years.astype(int).astype(str) + "-01-01")


# Proposition 99: packs of cigarettes a head in California against 38 states, 1970 to 2000.


@pytest.fixture(scope="module")
def states(outside_data):
    table = pd.read_csv(outside_data("published/prop99.csv"))
    counts = pd.DataFrame(
        {
            "period": by_year(table["time"]),
            "clinic": table["unit"],
            "new_patients": table["outcome"],
        }
    )
    law = {"partnership_id": "law", "start_date": "1989-01-01", "clinics": ["California"]}
    return counts, pd.DataFrame([law])


@pytest.mark.parametrize(
    ("method", "published", "tolerance"),
    [
        # R package synthdid (Arkhangelsky and others), its california_prop99 data.
        ("did", -27.349111, 1e-5),
        # The same; it stops short of the exact optimum, which is -19.51.
        ("synthetic_control", -19.619665, 0.2),
        # The same; the exact optimum is -15.6054.
        ("synthetic_did", -15.603829, 0.02),
    ],
)
def test_fewer_packs_after_proposition_99(states, method, published, tolerance):
    row = compare_methods(*states, "law", [method]).iloc[0]
    assert row["mean_effect"] == pytest.approx(published, abs=tolerance)
    assert row["low"] < row["mean_effect"] < row["high"]


def test_placebo_error_of_synthetic_did_is_what_all_38_placebos_give(states):
    counts, law = states
    panel = arrange_panel(check_outcomes(counts), check_partnerships(law))
    blocks = arrange_blocks(arrange_outcomes(panel, "law"), fewest_before=2)
    error = placebo_spread(blocks, [synthetic_did(block) for block in blocks], synthetic_did)
    # azcausal 0.2.5 run with each of the 38 states in turn as the placebo: 9.3688. Ours takes the
    # noise of each placebo's own comparison out and that of the real one in, hence 1%.
    assert error == pytest.approx(9.3688, rel=0.01)
    # The 7.71 in azcausal's documentation is not obtainable: it comes from placebos drawn at
    # random, and of errors from 200 such draws among these 38 fewer than 1 in 100 are as low.


# Minimum wages and teenage employment in 500 counties, starts in 2004, 2006 and 2007 (Callaway
# and Sant'Anna 2021), logarithm of employment, no covariates.


def test_imputation_gives_the_effect_of_minimum_wages(outside_data):
    table = pd.read_csv(outside_data("published/mpdta.csv"))
    counts = pd.DataFrame(
        {
            "period": by_year(table["time"]),
            "clinic": table["unit"].astype(str),
            "new_patients": table["outcome"],
        }
    )
    first = table.drop_duplicates("unit").query("start > 0")
    wage = pd.DataFrame(
        {
            "partnership_id": "wage",
            "start_date": by_year(first["start"]),
            "clinics": [(str(county),) for county in first["unit"]],
        }
    )
    row = compare_methods(counts, wage, "wage", ["did"]).iloc[0]
    # Borusyak, Jaravel and Spiess imputation, recomputed from the raw data.
    assert row["mean_effect"] == pytest.approx(-0.0477099, abs=1e-6)
    assert row["low"] < -0.0477099 < row["high"]


# Sicily's smoking ban of January 2005 and acute coronary events (Lopez Bernal, Cummins and
# Gasparrini 2017); numbers of the authors' R code on their data.


@pytest.fixture(scope="module")
def sicily(outside_data):
    return pd.read_csv(outside_data("published/sicily_smoking_ban.csv"))


def step_at_the_ban(table, harmonics):
    return segmented_poisson(
        table["outcome"].to_numpy(dtype=float),
        exposure=table["exposure"].to_numpy(),
        years=table["t"].to_numpy() / 12,
        active=table["treated"].to_numpy() == 1,
        harmonics=harmonics,
    )


def test_poisson_regression_of_the_smoking_ban(sicily):
    ratio = step_at_the_ban(sicily, 0).ratio()
    assert (ratio.estimate, ratio.low, ratio.high) == pytest.approx(
        (0.8944, 0.8647, 0.9251), abs=5e-4
    )


def test_seasonal_quasi_poisson_regression_of_the_smoking_ban(sicily):
    step = step_at_the_ban(sicily, 2)
    ratio = step.ratio(scale=step.dispersion)
    assert step.dispersion == pytest.approx(2.262, abs=5e-4)
    assert (ratio.estimate, ratio.low, ratio.high) == pytest.approx(
        (0.8851, 0.8394, 0.9332), abs=5e-4
    )


def test_the_same_ratio_comes_out_of_the_comparison_of_methods(sicily):
    counts = pd.DataFrame(
        {
            "period": pd.to_datetime(sicily["time"] + "-01"),
            "clinic": sicily["unit"],
            "new_patients": sicily["outcome"],
            "open_days": sicily["exposure"],
        }
    )
    ban = pd.DataFrame([{"partnership_id": "ban", "start_date": "2005-01-01"}])
    row = compare_methods(counts, ban, "ban", ["its"]).iloc[0]
    came = sicily.loc[sicily["treated"] == 1, "outcome"].sum()
    assert came / (came - row["total"]) == pytest.approx(0.8851, abs=5e-4)
    assert np.sign(row["high"]) == -1
