"""How often the intervals of the care comparison hold the truth, with few patients who named it.

Patients are drawn in 24 strata (clinic, persona, age band and payer together) that differ in
level and in which both groups are not alike; four others come for each who named the partner.
The truth is the difference between the two groups' expected values over the strata of those who
were compared. Limit, set beforehand: coverage of at least 93 percent from 10 patients upward,
waits with a long tail and shares near 0 and 1 included.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from rates import as_markdown, in_words, share

from partner_analysis.attribution.standardise import MEAN, SHARE, TYPICAL, standardise

LAGS = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 7, 8, 9, 10, 12, 14, 17, 21, 28, 44.0])
SCORES = np.array([10, 10, 10, 10, 9, 9, 9, 8, 8, 7, 7, 6, 5, 3.0])
STRATA = 24
SIZES = (10, 15, 20, 40)
FIRST_SEED = 700_000
LARGE = 4000

Draw = Callable[[np.random.Generator, np.ndarray, float], np.ndarray]


def _share(middle: float, slope: float) -> Draw:
    """Values of 0 and 1 whose share differs by stratum."""

    def draw(rng: np.random.Generator, level: np.ndarray, more: float) -> np.ndarray:
        return (rng.random(len(level)) < np.clip(middle + slope * level + more, 0, 1)).astype(float)

    return draw


def _waits(rng: np.random.Generator, level: np.ndarray, more: float) -> np.ndarray:
    return np.floor(rng.choice(LAGS, len(level)) * np.exp(0.3 * level + more))


def _long_waits(rng: np.random.Generator, level: np.ndarray, more: float) -> np.ndarray:
    return np.exp(1.2 + 1.1 * rng.normal(size=len(level)) + 0.3 * level + more)


def _visits(rng: np.random.Generator, level: np.ndarray, more: float) -> np.ndarray:
    return np.floor(1 + rng.gamma(2, 4, len(level)) * np.exp(0.2 * level + more))


def _outcomes(rng: np.random.Generator, level: np.ndarray, more: float) -> np.ndarray:
    return 11 + 3 * level + more + 8 * rng.normal(size=len(level))


def _scores(rng: np.random.Generator, level: np.ndarray, more: float) -> np.ndarray:
    return np.where(rng.random(len(level)) < more, 10.0, rng.choice(SCORES, len(level)))


MEASURES: dict[str, tuple[str, Draw, float]] = {
    "waiting days": (TYPICAL, _waits, 0.0),
    "waiting days, shorter by two fifths": (TYPICAL, _waits, -0.5),
    "waiting days with a very long tail": (TYPICAL, _long_waits, 0.0),
    "visits": (MEAN, _visits, 0.0),
    "visits, a third more": (MEAN, _visits, 0.3),
    "outcome change": (MEAN, _outcomes, 0.0),
    "outcome change, 5 points more": (MEAN, _outcomes, 5.0),
    "recommendation": (MEAN, _scores, 0.0),
    "recommendation, nearly all say ten": (MEAN, _scores, 0.8),
    "a share of one half": (SHARE, _share(0.5, 0.2), 0.0),
    "a share of one half, a fifth more": (SHARE, _share(0.5, 0.2), 0.2),
    "a share near 1": (SHARE, _share(0.97, 0.02), 0.0),
    "a share near 0": (SHARE, _share(0.03, 0.02), 0.0),
    "a share near 0, a tenth more": (SHARE, _share(0.03, 0.02), 0.1),
}


def tasks(replications: int) -> list[dict[str, object]]:
    """All runs, each seed for every measure and size before the next seed."""
    return [
        {"measure": measure, "size": size, "seed": FIRST_SEED + k}
        for k in range(replications)
        for measure in MEASURES
        for size in SIZES
    ]


def one(*, measure: str, size: int, seed: int) -> dict[str, object]:
    """One made-up group beside its others: the interval, and the truth."""
    summary, draw, more = MEASURES[measure]
    rng = np.random.default_rng([seed, size])
    level = rng.uniform(-1, 1, STRATA)
    mixes = 0.5 * rng.dirichlet(np.full(STRATA, 0.7), 2) + 0.5 / STRATA
    theirs = rng.choice(STRATA, 4 * size, p=mixes[1])
    shared = np.unique(theirs)
    mine = rng.choice(shared, size, p=mixes[0][shared] / mixes[0][shared].sum())
    values = np.r_[draw(rng, level[mine], more), draw(rng, level[theirs], 0.0)]
    is_own = np.arange(len(values)) < size
    strata = np.r_[mine, theirs]
    found = standardise(values, is_own, strata, summary=summary, level=0.95, fewest=10).difference
    expected = [_expected(draw, summary, level, mine, by, seed) for by in (more, 0.0)]
    return {"truth": expected[0] - expected[1], "low": found.low, "high": found.high}


def _expected(
    draw: Draw, summary: str, level: np.ndarray, mine: np.ndarray, more: float, seed: int
) -> float:
    """What a very large group of this mix would show."""
    rng = np.random.default_rng([seed, 1])
    values = draw(rng, np.repeat(level, LARGE), more)
    values = np.log1p(values) if summary == TYPICAL else values
    mean = float(values.reshape(STRATA, LARGE).mean(axis=1)[mine].mean())
    return float(np.expm1(mean)) if summary == TYPICAL else mean


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per measure and number of patients."""
    rows = []
    for (measure, size), group in runs.groupby(["measure", "size"], sort=False):
        held = (group["low"] <= group["truth"] + 1e-9) & (group["truth"] <= group["high"] + 1e-9)
        width = float((group["high"] - group["low"]).median())
        rows.append(
            {"measure": measure, "size": size, "runs": len(group), **share("coverage", held),
             "width": width}
        )  # fmt: skip
    return pd.DataFrame(rows)


def shown(table: pd.DataFrame) -> str:
    """What stands in docs/method.md."""
    columns = {
        "what is compared": table["measure"],
        "patients who named it": table["size"],
        "runs": table["runs"],
        "interval holds the truth": in_words(table, "coverage"),
        "median width": table["width"].map("{:.2f}".format),
    }
    return as_markdown(pd.DataFrame(columns))
