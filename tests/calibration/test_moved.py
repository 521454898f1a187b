"""Patients who moved are seen, none where nobody did; the table in docs/method.md has more runs."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "docs" / "calibration" / "moved.csv"
spec = importlib.util.spec_from_file_location("calibrate", HERE / "calibrate.py")
calibrate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(calibrate)
moved = calibrate.moved

MOST_WRONG = 0.07


def test_what_one_clinic_gains_the_others_lose_where_all_of_it_moved():
    counts, register, gain, others = moved.draw(1.0, 1.0, 1)
    same, *_ = moved.draw(1.0, 0.0, 1)
    since = counts["period"] >= register["start_date"].iloc[0]
    away = (counts["clinic"] != "A") & (counts["persona"] == "runner") & since
    assert counts.loc[away, "new_patients"].sum() == pytest.approx(others - gain, rel=0.1)
    assert same.loc[away, "new_patients"].sum() == pytest.approx(others, rel=0.1)


def test_two_fifths_that_moved_are_seen():
    run = moved.one(effect=2.0, moved=1.0, seed=2)
    truth, low, high = run[moved.OTHER_CLINICS]
    assert truth < 0
    assert low < high < 0


def test_the_published_table_keeps_its_limit_where_nobody_moved():
    table = pd.read_csv(TABLE)
    nobody = table[table["moved"] == 0]
    for place in (moved.OTHER_CLINICS, moved.OTHER_KINDS):
        assert (nobody[f"{place} lost"] <= MOST_WRONG).all()
        assert (nobody[f"{place} holds_high"] >= 0.95).all()


def test_the_published_table_sees_a_fifth_that_moved():
    table = pd.read_csv(TABLE)
    fifth = table[(table["moved"] == 1) & (table["lost"] > 0.15)]
    assert (fifth[f"{moved.OTHER_CLINICS} lost"] >= 0.8).all()
