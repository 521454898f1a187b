"""Stated probabilities of goals come true as often as stated: a quick guard of the long table."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("calibrate", HERE / "calibrate.py")
calibrate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(calibrate)
goals = calibrate.goals
WORLD = "one clinic, total only, monthly"
TABLE = HERE.parents[1] / "docs" / "calibration" / "goals.csv"
FIRST_DAY = [goals.QUESTIONS[name] for name in ("same", "more", "belief")]


def asked(seeds: range, worlds: list[str], effect: float | str) -> pd.DataFrame:
    """Stated probabilities and what happened."""
    tasks = [{"world": name, "effect": effect, "seed": seed} for name in worlds for seed in seeds]
    return pd.DataFrame([goals.one(**task) for task in tasks])


def calibrated(stated: pd.Series, happened: pd.Series) -> bool:
    """Whether as many came true as were stated, beyond a deviation of one in a thousand."""
    spread = np.sqrt((stated * (1 - stated)).sum())
    return bool(abs(happened.astype(float).sum() - stated.sum()) <= 3.3 * max(spread, 1.0))


def test_goals_are_met_as_often_as_stated():
    runs = asked(range(710_000, 710_006), [WORLD], 0.0)
    for name in ("same", "half", "past", "prior months, first", "same months last year, half"):
        assert calibrated(runs[name], runs[f"{name}_truth"]), name
    assert runs["extra"].ge(0.975).sum() <= binom.ppf(0.999, len(runs), 0.05)


def test_what_is_believed_before_it_runs_lies_between_nothing_and_a_quarter_more():
    """And each of the two holds in practices in which that is what the partnership brings."""
    runs = asked(range(711_000, 711_006), [WORLD], goals.SIZE_OF_EFFECT)
    assert calibrated(runs["more"], runs["more_truth"])
    assert (runs["same"] < runs["more"]).all()


def test_the_published_table_holds_what_is_told_an_owner():
    """What is stated before a partnership runs comes true as often, where it does what is said."""
    table = pd.read_csv(TABLE)
    told = table[table["question"].isin(FIRST_DAY) & (table["practices"] == "usual")]
    assert set(told["question"]) == set(FIRST_DAY)
    for question, bins in told.groupby("question"):
        stated = (bins["stated"] * bins["goals"]).sum()
        spread = np.sqrt((bins["stated"] * (1 - bins["stated"]) * bins["goals"]).sum())
        happened = (bins["happened"] * bins["goals"]).sum()
        assert abs(happened - stated) <= 3.3 * spread, question


@pytest.mark.slow
@pytest.mark.parametrize(("name", "effect"), [("same", 0.0), ("half", goals.AS_BELIEVED)])
@pytest.mark.parametrize("world", goals.USUAL)
def test_each_kind_of_practice_is_calibrated(world, name, effect):
    runs = asked(range(720_000, 720_150), [world], effect)
    assert calibrated(runs[name], runs[f"{name}_truth"])
