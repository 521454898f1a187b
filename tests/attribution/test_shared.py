"""What leaves the practice: broad words, and numbers from which no small count can be told."""

import itertools
from collections import defaultdict
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from partner_analysis.attribution.draws import amount_draws, lattice
from partner_analysis.attribution.together.kinds import (
    KINDS,
    PERSONAS,
    PROVIDER_KINDS,
    broad_kind,
    broad_persona,
    is_provider,
)
from partner_analysis.attribution.together.shared import (
    MONTHS,
    SHARED_COLUMNS,
    SIZES,
    coarse,
    hidden_ratio,
    log_ratio,
    shared_rows,
)

VARIANCES = [0, 0.003, 0.006, *np.linspace(0.01, 0.16, 16)]
POINTS = lattice(512, 2)


def effect_of(observed, expected, spread, **more):
    """As much of an effect as is shared: draws of what came and of what would have come."""
    came = amount_draws(observed, POINTS[1])
    without = expected * np.exp(spread * ndtri(POINTS[0]))
    about = {"kind": "gym", "active_days": 400.0, "bundle": ()} | more
    return SimpleNamespace(
        observed=observed, expected=expected, draws=np.stack([came, without]), **about
    )


# ------------------------------------------------------------------ the attack
@pytest.fixture(scope="module")
def readings():
    """Windows of up to 60 new patients by the number that would be shared of them."""
    found = defaultdict(set)
    for observed, expected, variance in itertools.product(
        range(61), np.geomspace(30, 300, 45), VARIANCES
    ):
        number = hidden_ratio(observed, np.log(expected), variance)
        found[number].add((observed, expected, variance))
    return found


def test_no_window_of_1_to_10_can_be_told_even_by_who_knows_what_was_expected(readings):
    for windows in readings.values():
        by_known = defaultdict(set)
        for observed, expected, variance in windows:
            by_known[expected, variance].add(observed)
        for observed in by_known.values():
            if observed & set(range(11)):
                assert set(range(12)) <= observed


def test_neither_a_count_nor_the_difference_of_two_files_has_one_value(readings):
    inside = {
        frozenset(observed for observed, _, _ in windows)
        for (effect, _), windows in readings.items()
        if -1.2 <= effect <= 0.3 and max(variance for _, _, variance in windows) < 0.12
    }  # beyond, windows lie outside the grid of this test
    assert len(inside) > 50
    assert min(map(len, inside)) >= 3
    for one, other in itertools.product(inside, inside):
        assert len({late - early for late in one for early in other}) >= 3


def test_whether_there_is_a_number_does_not_hang_on_what_came():
    for observed in (0, 3, 10, 11, 40, 400):
        assert np.isfinite(log_ratio(effect_of(observed, 30, 0.1))).all()
        assert np.isnan(log_ratio(effect_of(observed, 29.9, 0.1))).all()


def test_a_bundle_has_no_number_of_its_own():
    assert np.isnan(log_ratio(effect_of(90, 60, 0.1, bundle=("a", "b")))).all()


@given(st.floats(-2.9, 2.9), st.floats(0.01, 1.9))
def test_rounding_moves_the_effect_little_and_never_claims_to_know_more(effect, error):
    near, wide = coarse(effect, error)
    assert abs(near - effect) <= 0.025 + 1e-9
    assert error < wide <= np.sqrt(error**2 + 0.05**2 / 12) + 0.02 + 1e-9


def test_the_number_is_the_log_ratio_of_the_draws():
    number, error = log_ratio(effect_of(120, 100, 0.1))
    assert number == pytest.approx(np.log(1.2), abs=0.025)
    assert error == pytest.approx(np.sqrt(0.01 + 1 / 120), abs=0.021)


# ------------------------------------------------------------------ broad words
@pytest.mark.parametrize(
    ("kind", "broad"),
    [
        ("running store", "running store"),
        ("Run Shop", "running store"),
        ("running club", "club"),
        ("CrossFit box", "gym"),
        ("Pilates studio", "studio"),
        ("community centre", "nonprofit or community"),
        ("employer", "employer"),
        ("High School", "school"),
        ("physician group", "physician group"),
        ("Orthopaedic surgeons", "physician group"),
        ("occupational-therapy clinic", "other provider"),
        ("massage therapist", "other provider"),
        ("coffee shop", "other"),
        ("", "other"),
        ("=HYPERLINK(1)", "other"),
    ],
)
def test_kinds_of_partner_come_from_a_fixed_list(kind, broad):
    assert broad_kind(kind) == broad
    assert is_provider(kind) == (broad in PROVIDER_KINDS)


@pytest.mark.parametrize(
    "persona",
    ["pregnancy", "Postpartum runners", "youth athlete", "work injury", "Workers Comp",
     "U14 soccer", "student athletes", "pediatric", "chronic pain in Smithfield"],
)  # fmt: skip
def test_close_kinds_of_patient_are_other(persona):
    assert broad_persona([persona]) == "other"


@settings(max_examples=40)
@given(st.text(max_size=20), st.lists(st.text(), max_size=3))
def test_nothing_that_somebody_typed_gets_out(kind, personas):
    assert broad_kind(kind) in KINDS + PROVIDER_KINDS
    assert broad_persona(personas) in PERSONAS


# ------------------------------------------------------------------ the rows
def test_a_row_holds_these_columns_and_nothing_typed_by_the_practice():
    effects = {
        "anna-gym": effect_of(120, 100, 0.1, kind="Anna's gym, 12 Elm St"),
        "small": effect_of(4, 6, 0.1, kind="club"),
        "dr-o": effect_of(90, 60, 0.1, kind="physician group"),
        "declared": effect_of(90, 60, 0.1, kind="gym"),
    }
    register = pd.DataFrame({"partnership_id": list(effects), "personas": [("pregnancy",)] * 4})
    rows = shared_rows(
        effects, register, providers={"declared"}, monthly=120.0, token="0123456789abcdef"
    )
    assert list(rows) == list(SHARED_COLUMNS)
    assert rows["kind"].tolist() == ["club", "gym"]  # both providers are left out
    assert rows["effect"].isna().tolist() == [True, False]  # the unclear one is there
    assert set(rows["size_class"]) <= set(SIZES)
    assert set(rows["months"]) <= set(MONTHS)
    assert not rows.to_csv().lower().count("anna") + rows.to_csv().lower().count("pregnan")
