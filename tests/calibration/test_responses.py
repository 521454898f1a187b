"""Kinds of activity that change nothing look like nothing, and intervals hold what was planted.

The quick tests run always, the rows of the table in docs/method.md behind a marker
(``make calibrate``). The weeks of made-up practices vary by chance alone, or the rate drifts by
15 percent a week, which nothing expected knows of.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from partner_analysis.attribution.effect import without_number
from partner_analysis.attribution.ledger import responses

WEEKS = pd.date_range("2024-01-01", periods=90, freq="7D")
MEAN, SWING = 4.0, 0.2


def practice(rng, *, each, drift, ratio):
    """Three partnerships with so many workshops each; ``ratio`` is what follows for four weeks."""
    season = MEAN * (1 + SWING * np.sin(np.arange(len(WEEKS)) * 2 * np.pi / 52))
    effects, rows = {}, []
    for key in ("one", "two", "three"):
        rate = season * np.exp(drift * np.cumsum(rng.normal(size=len(WEEKS))))
        for day in rng.choice(np.arange(70, 7 * len(WEEKS) - 60), size=each, replace=False):
            date = WEEKS[0] + pd.Timedelta(days=int(day))
            first = WEEKS.searchsorted(date)
            rate[first : first + 4] *= ratio
            rows.append((key, date, "workshop"))
        periods = pd.DataFrame(
            {"period": WEEKS, "observed": rng.poisson(rate).astype(float), "expected": season,
             "active": True, "days": 7}
        )  # fmt: skip
        empty = without_number(partnership_id=key, name=key, kind="", level=0.95, note="")
        effects[key] = replace(empty, periods=periods)
    register = pd.DataFrame({"partnership_id": list(effects), "provider": False})
    activities = pd.DataFrame(rows, columns=["partnership_id", "date", "kind"])
    return effects, activities, register


def rates(monkeypatch, *, runs, seed, shuffles, ratio=1.0, **world):
    """How often a change was found, and how often the interval held the truth."""
    monkeypatch.setattr(responses, "SHUFFLES", shuffles)
    rng = np.random.default_rng(seed)
    found = held = 0
    for _ in range(runs):
        tables = practice(rng, ratio=ratio, **world)
        row = responses.estimate_responses(*tables).iloc[0]
        found += row["p_value"] < 0.05
        held += row["low"] <= 100 * (ratio - 1) <= row["high"]
    return found, held


@pytest.mark.parametrize(("drift", "each"), [(0.0, 1), (0.15, 4)])
def test_what_changes_nothing_is_seldom_called_a_change(monkeypatch, drift, each):
    found, held = rates(monkeypatch, runs=40, seed=3, shuffles=99, drift=drift, each=each)
    assert found <= binom.ppf(0.999, 40, 0.07)
    assert held >= binom.ppf(0.001, 40, 0.93)


def test_what_was_planted_is_seen_and_held(monkeypatch):
    found, held = rates(monkeypatch, runs=40, seed=4, shuffles=99, drift=0, each=3, ratio=1.6)
    assert found >= 30
    assert held >= binom.ppf(0.001, 40, 0.93)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("drift", "each", "ratio"),
    [(0, 5, 1), (0.15, 5, 1), (0, 1, 1), (0, 3, 1.5), (0.15, 3, 1.5)],
)
def test_the_rows_of_the_table(monkeypatch, drift, each, ratio):
    found, held = rates(
        monkeypatch, runs=400, seed=7, shuffles=399, drift=drift, each=each, ratio=ratio
    )
    print(f"drift {drift}, {3 * each} activities, x{ratio}: {found} called, {held} held of 400")
    assert held >= binom.ppf(0.001, 400, 0.93)
    if ratio == 1:
        assert found <= binom.ppf(0.999, 400, 0.07)
