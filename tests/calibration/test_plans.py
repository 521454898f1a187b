"""What planning states happens about as often; the table in docs/method.md has many more runs."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import binom

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "docs" / "calibration" / "planning.csv"
spec = importlib.util.spec_from_file_location("calibrate", HERE / "calibrate.py")
calibrate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(calibrate)
plans = calibrate.plans

MOST_WRONG = 0.07


def test_one_practice_is_asked_before_and_read_after():
    run = plans.one(world="three clinics", effect=2.0, seed=1, whole=False)
    assert 0.8 < run["said"] <= 1
    assert run["noticed"]
    assert run["noticed_once"]


def test_the_effect_begins_all_at_once():
    counts, design, start = plans.practice("three clinics", 3.0, 5)
    mine = counts["clinic"].isin(design.clinics) & counts["persona"].isin(design.personas)
    weekly = counts[mine].set_index("period")["new_patients"]
    before = weekly[start - pd.Timedelta(weeks=6) : start - pd.Timedelta(days=1)].mean()
    after = weekly[start : start + pd.Timedelta(weeks=6)].mean()
    assert after > 2 * before


def test_the_published_table_keeps_its_limit_without_an_effect():
    table = pd.read_csv(TABLE)
    nothing = table[table["chance stated"] == "no effect"]
    assert len(nothing)
    assert (nothing["noticed_low"] <= MOST_WRONG).all()


@pytest.mark.slow
def test_stated_chances_come_true():
    tasks = plans.tasks(40)
    runs = pd.DataFrame([task | plans.one(**task | {"whole": False}) for task in tasks])
    nothing = runs[runs["effect"] == 0]
    assert nothing["noticed"].sum() <= binom.ppf(0.999, len(nothing), MOST_WRONG)
    some = runs[runs["effect"] > 0]
    assert some["noticed"].mean() >= some["said"].mean() - 0.1
