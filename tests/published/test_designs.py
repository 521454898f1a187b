"""Published results of the designs that stand beside our own: what goes beyond the number itself.

The numbers are pinned, with where they are from, in ``attribution.published.studies``; that each
is met is in ``test_published``.
"""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.designs.compare import compare_methods
from partner_analysis.attribution.published.found import county_counts, state_counts
from partner_analysis.attribution.published.studies import (
    MINIMUM_WAGE_IN_LEVELS,
    PROPOSITION_99,
    SMOKING_BAN_SEASONAL,
)


@pytest.mark.parametrize(
    ("method", "quantity"),
    [
        ("did", "difference in differences"),
        ("synthetic_control", "synthetic control"),
        ("synthetic_did", "synthetic difference in differences"),
    ],
)
def test_fewer_packs_after_proposition_99(outside_data, method, quantity):
    states = pd.read_csv(outside_data("published/prop99.csv"))
    number = PROPOSITION_99.numbers[quantity]
    row = compare_methods(*state_counts(states), "law", [method]).iloc[0]
    assert row["mean_effect"] == pytest.approx(number.value, abs=number.tolerance)
    assert row["low"] < row["mean_effect"] < row["high"]


def test_the_interval_of_minimum_wages_holds_the_published_effect(outside_data):
    counties = pd.read_csv(outside_data("published/mpdta.csv"))
    number = MINIMUM_WAGE_IN_LEVELS.numbers["average effect"]
    row = compare_methods(*county_counts(counties, outcome="outcome"), "wage", ["did"]).iloc[0]
    assert row["mean_effect"] == pytest.approx(number.value, abs=number.tolerance)
    assert row["low"] < number.value < row["high"]


def test_the_ratio_of_the_smoking_ban_comes_out_of_the_comparison_of_methods(outside_data):
    sicily = pd.read_csv(outside_data("published/sicily_smoking_ban.csv"))
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
    number = SMOKING_BAN_SEASONAL.numbers["rate ratio"]
    assert came / (came - row["total"]) == pytest.approx(number.value, abs=number.tolerance)
    assert np.sign(row["high"]) == -1
