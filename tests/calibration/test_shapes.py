"""Partnerships of other shapes: drawn as described, and held by their intervals."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import binom

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("calibrate", HERE / "calibrate.py")
calibrate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(calibrate)
shapes = calibrate.shapes
UNSEEN = "goes on after its end"  # what lasts cannot be told from the usual level


@pytest.mark.parametrize("name", shapes.SHAPES)
def test_without_an_effect_nothing_is_brought(name):
    assert shapes.draw(name, 0.0, 1)[2] == 0
    assert shapes.draw(name, 0.25, 1)[2] > 0


def test_a_persona_introduced_has_nobody_before():
    counts, _, _ = shapes.draw("a persona introduced within the data", 0.25, 1)
    before = counts["period"] < shapes.MONDAYS[60]
    first = counts["persona"] == shapes.PERSONAS[0]
    assert counts.loc[before & first, "new_patients"].sum() == 0
    assert counts.loc[~before & first, "new_patients"].sum() > 0


def test_what_it_brings_after_its_end_is_not_counted_as_its_own():
    whole = shapes.SHAPES[UNSEEN](0.2).course
    while_it_ran = shapes.draw(UNSEEN, 0.25, 1)[2]
    on_and_on = whole.any(axis=(0, 1)).sum()
    assert on_and_on == 76  # weeks with an effect, of which it ran in 30
    assert while_it_ran > 0


def test_their_intervals_hold():
    asked = [
        {"shape": name, "effect": effect, "seed": seed}
        for name in shapes.SHAPES
        if name != UNSEEN
        for effect in (0.0, 0.25)
        for seed in range(600_000, 600_004)
    ]
    runs = pd.DataFrame([shapes.one(**task) for task in asked])
    runs = runs[runs["own"]]
    covered = runs["truth"].between(runs["low"], runs["high"]).sum()
    assert covered >= binom.ppf(0.001, len(runs), 0.93)
