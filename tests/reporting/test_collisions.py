"""Words in a figure stand inside it and never on one another, however odd the partnership."""

from dataclasses import replace
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import partner_analysis as pa
from partner_analysis.reporting.figures.canvas import open_figure, styled
from partner_analysis.reporting.figures.marks import place_words

DRAWN = {
    "effect": pa.plot_effect,
    "named": pa.plot_named,
    "placebos": pa.plot_placebos,
    "trends": pa.plot_trends,
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_no_situation_lets_words_collide(effects, collisions, draw):
    said = {key: collisions(draw(effect)) for key, effect in effects.items()}
    assert {key: faults for key, faults in said.items() if faults} == {}


def test_no_standing_lets_words_collide(standings, collisions):
    said = {k: collisions(pa.plot_effect(e, standing)) for k, (e, standing) in standings.items()}
    assert {key: faults for key, faults in said.items() if faults} == {}


def test_many_partnerships_side_by_side_do_not_collide(effects, collisions):
    for number in (1, 2, 7, len(effects)):
        some = dict(list(effects.items())[:number])
        assert collisions(pa.plot_portfolio(some)) == []


@pytest.mark.parametrize("name", ["W" * 300, "日本 🏃", "$\\frac{1}", "a"])
def test_no_name_lets_words_collide(make_effect, collisions, name):
    effect = make_effect(name=name)
    for draw in DRAWN.values():
        assert collisions(draw(effect)) == []
    assert collisions(pa.plot_portfolio({"a": effect, "b": effect})) == []


@pytest.mark.parametrize("seed", range(8))
def test_no_simulated_history_lets_words_collide(make_effect, collisions, seed):
    rng = np.random.default_rng(seed)
    periods = make_effect().periods.copy()
    size = float(rng.choice([0.2, 3.0, 400.0, 12_000.0]))
    periods["observed"] = rng.poisson(size, len(periods)).astype(float)
    periods["expected"] = size
    periods["expected_low"], periods["expected_high"] = 0.8 * size, 1.3 * size
    turns = np.sort(rng.integers(0, len(periods), rng.integers(1, 5)))
    periods["active"] = (np.searchsorted(turns, np.arange(len(periods)), "right") % 2).astype(bool)
    scale = float(rng.choice([0.01, 1.0, 1000.0]))
    effect = replace(
        make_effect(total=(-5.0 * scale, 79.0 * scale)), periods=periods, named=12.0 * scale
    )
    for key, draw in DRAWN.items():
        assert collisions(draw(effect)) == [], key
    assert collisions(pa.plot_portfolio({"a": effect})) == []


@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(0, 330), min_size=1, max_size=6))
def test_marks_of_any_days_are_clear_of_one_another(at):
    marks = place_words(at, [100.0] * len(at), ends=(-34.0, 390.0))
    for one, other in combinations(marks, 2):
        is_clear = one.right <= other.left or other.right <= one.left
        assert one.row != other.row or is_clear


@styled
def crowded() -> mpl.figure.Figure:
    figure, axes = open_figure("", "", alt="")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(0.5, 0.5, "one")
    axes.text(0.51, 0.5, "another")
    axes.text(0.95, 0.1, "over the edge")
    return figure


def test_a_collision_would_be_noticed(collisions):
    assert collisions(crowded()) == [
        "'over the edge' leaves the picture",
        "'one' stands on 'another'",
    ]
