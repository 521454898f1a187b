"""Which activities may be looked at, and what is said of too few."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.effect import without_number
from partner_analysis.attribution.ledger.responses import RESPONSE_COLUMNS, estimate_responses

WEEKS = pd.date_range("2024-01-01", periods=60, freq="7D")
MONTHS = pd.date_range("2022-01-01", periods=36, freq="MS")


def effects(observed, *, periods=WEEKS, active_from=10, expected=4.0):
    """One effect in weekly or monthly counts; it runs from the given period on."""
    days = 7 if periods is WEEKS else 30
    table = pd.DataFrame(
        {"period": periods, "observed": np.asarray(observed, dtype=float), "expected": expected,
         "active": np.arange(len(periods)) >= active_from, "days": days}
    )  # fmt: skip
    empty = without_number(partnership_id="gym", name="Gym", kind="", level=0.95, note="")
    return {"gym": replace(empty, periods=table)}


def activities(*days, kind="workshop"):
    rows = [("gym", pd.Timestamp(day), kind) for day in days]
    return pd.DataFrame(rows, columns=["partnership_id", "date", "kind"])


def register(provider=False):
    return pd.DataFrame({"partnership_id": ["gym"], "provider": [provider]})


FLAT = np.full(len(WEEKS), 4.0)
THREE = ("2024-07-03", "2024-09-04", "2024-11-06")


def test_nothing_is_said_of_a_provider():
    found = estimate_responses(effects(FLAT), activities(*THREE), register(provider=True))
    assert found.empty
    assert list(found.columns) == list(RESPONSE_COLUMNS)


def test_even_weeks_show_no_change_at_all():
    row = estimate_responses(effects(FLAT), activities(*THREE), register()).iloc[0]
    assert (row["activities"], row["observed"], row["percent"]) == (
        3,
        48,
        pytest.approx(-0.5, abs=1),
    )
    assert row["p_value"] == 1


def test_the_week_of_the_activity_counts_only_if_it_is_the_first_day():
    counts = FLAT.copy()
    counts[WEEKS.get_loc("2024-09-02")] = 100
    monday = estimate_responses(
        effects(counts), activities("2024-09-02", "2024-11-04", "2024-07-01"), register()
    )
    wednesday = estimate_responses(effects(counts), activities(*THREE), register())
    assert monday["observed"].iloc[0] == 48 + 96
    assert wednesday["observed"].iloc[0] == 48


def test_what_follows_a_launch_and_what_is_not_over_is_left_out():
    days = ("2024-03-13", "2024-05-01", "2025-02-12", *THREE)
    row = estimate_responses(effects(FLAT), activities(*days), register()).iloc[0]
    assert (row["activities"], row["left_out"]) == (3, 3)


def test_an_unknown_week_leaves_its_neighbours_out():
    counts = FLAT.copy()
    whole = effects(counts)
    whole["gym"].periods.loc[WEEKS.get_loc("2024-09-16"), "expected"] = np.nan
    row = estimate_responses(whole, activities(*THREE), register()).iloc[0]
    assert (row["activities"], row["left_out"]) == (1, 2)
    assert np.isnan(row["percent"])


def test_too_few_of_a_kind_have_no_number():
    row = estimate_responses(effects(FLAT), activities(*THREE[:2]), register()).iloc[0]
    assert row["activities"] == 2
    assert row[["percent", "low", "high", "p_value"]].isna().all()


def test_months_are_compared_one_after_with_two_before():
    months = effects(np.arange(36) % 2 + 3.0, periods=MONTHS, active_from=6)
    days = ("2023-01-10", "2023-05-10", "2024-03-10")
    row = estimate_responses(months, activities(*days), register()).iloc[0]
    assert row["activities"] == 3
    assert row["observed"] == 4 + 4 + 4


def test_the_same_input_gives_the_same_output():
    counts = np.random.default_rng(11).poisson(4, len(WEEKS))
    once, again = (
        estimate_responses(effects(counts), activities(*THREE), register()) for _ in range(2)
    )
    assert once.equals(again)
    assert once["low"].iloc[0] <= once["percent"].iloc[0] <= once["high"].iloc[0]


@pytest.mark.parametrize("counts", [np.zeros(60), np.full(60, 4.0)])
def test_nobody_or_nothing_expected_is_no_error(counts):
    found = estimate_responses(effects(counts), activities(*THREE), register())
    assert found["percent"].iloc[0] == pytest.approx(0 if not counts.any() else -0.5, abs=1)
    silent = estimate_responses(effects(counts, expected=0.0), activities(*THREE), register())
    assert silent["activities"].iloc[0] == 0
