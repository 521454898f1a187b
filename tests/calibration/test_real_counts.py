"""Real weekly counts of eight emergency departments, where no partnership ever was."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import binom

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("calibrate", HERE / "calibrate.py")
calibrate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(calibrate)
real = calibrate.real

MOST_WRONG, LEAST_COVERED, MOST_WITHOUT = 0.07, 0.93, 0.05


def table(outside_data, starts: int) -> pd.DataFrame:
    """Rates by method, weeks after an invented start and size of the planted effect."""
    asked = real.tasks(starts, outside_data(real.NAME))
    return real.summarise(pd.DataFrame([task | real.one(**task) for task in asked]))


def holds(rates: pd.DataFrame) -> bool:
    """Limits kept, beyond Monte Carlo error, in every row."""
    runs, null = rates["runs"], rates["effect"] == 0
    few_wrong = rates["found"] * runs <= binom.ppf(0.999, runs, MOST_WRONG)
    covered = rates["coverage"] * runs >= binom.ppf(0.001, runs, LEAST_COVERED)
    return bool((few_wrong | ~null).all() and covered.all())


def test_an_effect_is_seldom_found_where_there_is_none_and_one_planted_is_held(outside_data):
    rates = table(outside_data, 1)
    assert holds(rates)
    assert (rates["no_number"] <= MOST_WITHOUT).all()


@pytest.mark.slow
def test_rates_on_real_counts_are_about_nominal(outside_data):
    rates = table(outside_data, real.STARTS_PER_UNIT)
    print(real.shown(rates))
    assert holds(rates)
    assert (rates["no_number"] <= MOST_WITHOUT).all()
