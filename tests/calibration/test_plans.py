"""What planning states happens about as often; the table in docs/method.md has many more runs."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from partner_analysis.attribution.planning.ahead import looks_at

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "docs" / "calibration" / "planning.csv"
spec = importlib.util.spec_from_file_location("calibrate", HERE / "calibrate.py")
calibrate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(calibrate)
plans = calibrate.plans

MOST_WRONG = 0.07


def test_one_practice_is_asked_before_and_read_after():
    run = plans.one(world="three clinics", seed=1, whole=False)
    for rule in ("reviews", "once"):
        effects, said, came = zip(*run[rule], strict=True)
        assert effects == plans.EFFECTS
        assert list(said[1:]) == sorted(said[1:])
        assert 0.8 < said[-1] <= 1
        assert 0.8 < came[-1] <= 1


def test_what_the_planned_cells_expect_is_what_their_counts_are_drawn_around():
    """Added up as the estimator adds counts up, for clinics at once and one after another."""
    counts, design, start, means = plans.practice("three clinics", 5)
    came = counts.set_index(["clinic", "persona", "period"])["new_patients"].astype(float)
    assert came.index.equals(means.index)
    waves = plans.Design("waves", (("clinic 00",), ("clinic 01", "clinic 02")), design.personas)
    tables = plans._tables(counts)
    for one in (design, waves):
        looks = looks_at(tables, one, start, [3, 6])
        found = plans.mean_by_look(came, one, start, tables.periods, [3, 6])
        assert {month: look.observed for month, look in looks.items()} == found


def test_a_limit_out_of_reach_is_never_noticed_and_one_at_nobody_always():
    came = {6: 50.0, 12: 100.0}
    assert plans.noticed(came, {6: (-1, 10_000), 12: (-1, 10_000)}, 0.3) == 0
    assert plans.noticed(came, {12: (-1, 1)}, 0.3) == pytest.approx(1)
    assert plans.noticed({12: 100.0}, {12: (-1, 131)}, 0.3) == pytest.approx(0.49, abs=0.03)


def test_the_published_table_keeps_its_limit_without_an_effect():
    table = pd.read_csv(TABLE)
    nothing = table[table["chance stated"] == "no effect"]
    assert len(nothing)
    assert (nothing["noticed_low"] <= MOST_WRONG).all()


def test_the_published_table_holds_what_one_look_and_planned_reviews_were_said_to_notice():
    """No band of the usual practices lies clear of what was stated by more than a tenth."""
    table = pd.read_csv(TABLE)
    held = table["rule"].isin([plans.RULES["reviews"], plans.RULES["once"]])
    told = table[held & (table["practices"] == "usual") & (table["chance stated"] != "no effect")]
    assert len(told) >= 10
    assert (told["stated"] - 0.1 <= told["noticed_high"]).all()
    assert (told["stated"] + 0.1 >= told["noticed_low"]).all()


@pytest.mark.slow
def test_stated_chances_come_true():
    tasks = plans.tasks(40)
    runs = pd.DataFrame([task | plans.one(**task | {"whole": False}) for task in tasks])
    table = plans.summarise(runs)
    usual = table[table["practices"] == "usual"]
    nothing = usual[usual["chance stated"] == "no effect"]
    assert (nothing["noticed"] <= MOST_WRONG).all()
    some = usual[usual["chance stated"] != "no effect"]
    assert (some["stated"] - 0.1 <= some["noticed_high"]).all()
