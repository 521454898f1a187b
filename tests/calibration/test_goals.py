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


def asked(seeds: range, worlds: list[str]) -> pd.DataFrame:
    """Stated probabilities and what happened, in practices without an effect."""
    tasks = [{"world": name, "effect": 0.0, "seed": seed} for name in worlds for seed in seeds]
    return pd.DataFrame([goals.one(**task) for task in tasks])


def calibrated(stated: pd.Series, happened: pd.Series) -> bool:
    """Whether as many came true as were stated, beyond a deviation of one in a thousand."""
    spread = np.sqrt((stated * (1 - stated)).sum())
    return bool(abs(happened.astype(float).sum() - stated.sum()) <= 3.3 * max(spread, 1.0))


def test_goals_are_met_as_often_as_stated():
    runs = asked(range(710_000, 710_008), [WORLD])
    assert calibrated(runs["met"], runs["met_truth"])
    assert calibrated(runs["past"], runs["past_truth"])
    assert runs["extra"].ge(0.975).sum() <= binom.ppf(0.999, len(runs), 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("world", goals.POSED)
def test_each_kind_of_practice_is_calibrated(world):
    runs = asked(range(720_000, 720_150), [world])
    assert calibrated(runs["met"], runs["met_truth"])
