"""Rates that an honest interval must keep, over many made-up practices: python -m or by pytest."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from worlds import SIZE_OF_EFFECT, WORLDS, draw

import partner_analysis.attribution.estimate as attribution


def one(task: tuple[str, float, int]) -> dict[str, object]:
    """One made-up practice: what was true and what was said."""
    name, size, seed = task
    counts, partnerships, truth = draw(replace(WORLDS[name], effect=size), seed)
    effect = attribution.estimate_effect(counts, partnerships, "it", checks=False)
    days = max(effect.active_days, 1.0)
    return {
        "world": name,
        "effect": size,
        "number": effect.total.is_number,
        "covered": effect.total.low <= truth <= effect.total.high,
        "found": effect.verdict in ("more", "fewer"),
        "wrong": effect.verdict in (("more", "fewer") if size == 0 else ("fewer",)),
        "bundle": bool(effect.bundle),
        "error": (effect.total.estimate - truth) * 30.4375 / days,
        "width": (effect.total.high - effect.total.low) * 30.4375 / days,
        "expected": effect.expected * 30.4375 / days,
    }


def calibrate(worlds: list[str], replications: int, first_seed: int = 0) -> pd.DataFrame:
    """One row per world and size of effect: coverage and findings with Monte Carlo intervals."""
    tasks = [
        (name, size, seed)
        for name in worlds
        for size in (0.0, SIZE_OF_EFFECT)
        for seed in range(first_seed, first_seed + replications)
    ]
    with ProcessPoolExecutor(2) as pool:
        runs = pd.DataFrame(list(pool.map(one, tasks, chunksize=8)))
    return pd.DataFrame(
        [summary(runs_of, *key) for key, runs_of in runs.groupby(["world", "effect"], sort=False)]
    )


def summary(runs: pd.DataFrame, world: str, effect: float) -> dict[str, object]:
    """Rates of one world, shares without a number beside them."""
    told = runs[runs["number"] & ~runs["bundle"]]
    return {
        "world": world,
        "effect": f"{effect:+.0%}",
        "runs": len(runs),
        "no number": f"{1 - runs['number'].mean():.1%}",
        "bundle": f"{runs['bundle'].mean():.1%}",
        "coverage": rate(told["covered"]),
        "found": rate(told["found"]),
        "wrong": f"{told['wrong'].mean():.1%}",
        "error (rms/month)": round(float(np.sqrt((told["error"] ** 2).mean())), 2),
        "bias": round(float(told["error"].mean()), 2),
        "width (median)": round(float(told["width"].median()), 1),
        "expected/month": round(float(told["expected"].median()), 1),
    }


def rate(hits: pd.Series) -> str:
    """A share with its 95% Clopper-Pearson interval."""
    low, high = binomtest(int(hits.sum()), max(len(hits), 1)).proportion_ci()
    return f"{hits.mean():.1%} ({low:.1%} to {high:.1%})"


def as_markdown(table: pd.DataFrame) -> str:
    """The table as it stands in docs/method.md."""
    rows = [
        list(table.columns),
        ["---"] * len(table.columns),
        *table.astype(str).to_numpy().tolist(),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    replications = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    chosen = [name for name in WORLDS if len(sys.argv) < 3 or sys.argv[2] in name]
    print(as_markdown(calibrate(chosen, replications)))
