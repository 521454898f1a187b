"""The demo practice: what was planted, beside what is estimated from the true counts."""

import json
from pathlib import Path

import pytest

from partner_analysis.attribution.estimate import estimate_effects
from partner_analysis.simulate import simulate_practice

TRUTH = json.loads(
    (Path(__file__).parents[2] / "data" / "raw" / "demo" / "truth.json").read_text(encoding="utf-8")
)["partnerships"]


@pytest.fixture(scope="module")
def effects():
    made_up = simulate_practice()
    return estimate_effects(made_up.counts, made_up.partnerships, named=made_up.named)


def test_most_intervals_hold_the_planted_total(effects):
    held = [e.total.low <= TRUTH[key]["total"] <= e.total.high for key, e in effects.items()]
    assert len(held) == 8
    assert sum(held) >= 7


def test_partnerships_without_an_effect_are_not_called_a_success(effects):
    without = [key for key, planted in TRUTH.items() if planted["total"] == 0]
    assert len(without) >= 2
    for key in without:
        assert effects[key].verdict in ("no clear change", "too small to tell")


def test_a_young_partnership_is_too_early(effects):
    assert effects["handwell-ot"].verdict == "too early"


def test_a_persona_with_almost_nobody_before_is_found(effects):
    assert effects["kestrel-boatworks"].verdict == "more"
