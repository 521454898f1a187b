"""What named referrals add to the counts, and what they cost: the grid of made-up practices.

``python benchmarks/blend_grid.py [practices a cell]`` prints one row per cell: capture 40, 60 and
80 percent by false naming 0, 10 and 20 percent, each with partnerships that do nothing among the
others, and six worlds that break or strain the model's assumptions. The estimate from counts is
drawn around the truth with an honest interval, so that what is measured is the blend alone.

The magnitudes were set before the blend was fitted to anything, and are not to be tuned.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri
from scipy.stats import binomtest, gamma

from partner_analysis.attribution.named.blend import NamedEvidence, blend

DRAWS = 2048
ONE_TO_ONE = (np.arange(DRAWS) + 0.5) / DRAWS
SCATTERED = (np.arange(1, DRAWS + 1) * 0.6180339887498949) % 1


@dataclass(frozen=True)
class World:
    """One kind of practice: how its patients name partners, and what partnerships do.

    ``capture`` and ``false_naming`` are the middle of the partnerships, which differ by ``spread``
    on the logit scale. ``nulls`` is the share of partnerships that change nothing. ``known_before``
    is the share that could be named before they began; ``stray`` the rate then, as a share of
    that while they run. ``shared_error`` is what the counts err by for all partnerships
    alike (sd of the log), as where they rest on one comparison.
    """

    capture: float
    false_naming: float
    spread: float = 0.3
    nulls: float = 1 / 3
    known_before: float = 0.5
    stray: float = 1.0
    split: bool = False
    faint_when_large: bool = False
    partnerships: tuple[int, int] = (8, 20)
    shared_error: float = 0.0


GRID = {
    f"capture {c:.0%}, false naming {f:.0%}": World(c, f)
    for c in (0.4, 0.6, 0.8)
    for f in (0.0, 0.1, 0.2)
}
WORLDS = {
    **GRID,
    "capture 15% here, 90% there": World(0.5, 0.1, split=True),
    "the more a partner brings, the fewer say so": World(0.6, 0.1, faint_when_large=True),
    "false naming four times as common once it runs": World(0.6, 0.2, stray=0.25),
    "nobody could be named before, no effect anywhere": World(
        0.6, 0.2, nulls=1.0, known_before=0.0
    ),
    "five to seven partnerships": World(0.6, 0.1, partnerships=(5, 7)),
    "the counts err for all alike": World(0.6, 0.1, shared_error=0.12),
}


def draw(world: World, seed: int) -> tuple[list[NamedEvidence], np.ndarray]:
    """One practice of 8 to 20 partnerships: its evidence, and the truth (extra new patients)."""
    rng = np.random.default_rng(seed)
    number = int(rng.integers(world.partnerships[0], world.partnerships[1] + 1))
    kind = rng.random(number)
    effect = np.where(kind < 0.8, rng.uniform(0.1, 0.6, number), -rng.uniform(0.05, 0.25, number))
    effect[rng.random(number) < world.nulls] = 0.0
    without = np.clip(rng.lognormal(np.log(80), 0.8, number), 15, 600)
    extra = without * effect
    capture = _around(world.capture, world.spread, rng, number)
    if world.split:
        capture = np.where(rng.random(number) < 0.5, 0.15, 0.9)
    if world.faint_when_large:
        capture = np.where(effect > 0.3, 0.3, 0.8)
    false = _around(world.false_naming, world.spread, rng, number)
    others = rng.poisson(without + np.minimum(extra, 0))
    through = rng.poisson(np.maximum(extra, 0))
    named = rng.binomial(through, capture) + rng.binomial(others, false)
    sd = rng.uniform(0.07, 0.22, number)
    expected = without * np.exp(sd * rng.standard_normal(number))
    expected *= np.exp(world.shared_error * rng.standard_normal())
    sd = np.hypot(sd, world.shared_error)
    could = np.where(rng.random(number) < world.known_before, rng.integers(30, 300, number), 0)
    before = rng.binomial(could, world.stray * false)
    evidence = [
        NamedEvidence(
            partnership_id=f"p{k}",
            came=gamma.ppf(SCATTERED, others[k] + through[k] + 0.5),
            without=expected[k] * np.exp(sd[k] * ndtri(ONE_TO_ONE)),
            named=float(named[k]),
            observed=float(others[k] + through[k]),
            could_name_patients=float(could[k]),
            named_when_inactive=float(before[k]),
        )
        for k in range(number)
    ]
    return evidence, extra


def _around(middle: float, spread: float, rng: np.random.Generator, number: int) -> np.ndarray:
    if middle == 0:
        return np.zeros(number)
    return expit(logit(middle) + spread * rng.standard_normal(number))


def from_counts_alone(evidence: NamedEvidence) -> tuple[float, float, float]:
    """Estimate and 95% interval without the named."""
    total = evidence.came - evidence.without
    low, high = np.quantile(total, [0.025, 0.975])
    return float(evidence.observed - np.median(evidence.without)), float(low), float(high)


def try_world(world: World, seeds: range, method: Callable[..., dict] = blend) -> pd.DataFrame:
    """One row per partnership: truth, and estimate and interval from counts alone and blended."""
    rows = []
    for seed in seeds:
        evidence, truth = draw(world, seed)
        blended = method(evidence)
        for each, extra in zip(evidence, truth, strict=True):
            answer = blended[each.partnership_id]
            rows.append(
                (seed, extra, each.named, *from_counts_alone(each),
                 answer.estimate, answer.low, answer.high)
            )  # fmt: skip
    names = ["practice", "truth", "named", "counts", "counts_low", "counts_high"]
    return pd.DataFrame(rows, columns=[*names, "blended", "low", "high"])


def summarise(runs: pd.DataFrame, world: str) -> dict[str, object]:
    """Coverage and error of both, over all partnerships and over those without an effect."""
    held = runs["truth"].between(runs["low"], runs["high"])
    held_before = runs["truth"].between(runs["counts_low"], runs["counts_high"])
    nulls = runs["truth"] == 0
    excludes = (runs["low"] > 0) | (runs["high"] < 0)
    error, before = (runs[name] - runs["truth"] for name in ("blended", "counts"))
    width = (runs["high"] - runs["low"]).median()
    width_before = (runs["counts_high"] - runs["counts_low"]).median()
    return {
        "world": world,
        "partnerships": len(runs),
        "holds, counts": f"{held_before.mean():.1%}",
        "holds, blended": rate(held),
        "holds, no effect": f"{held[nulls].mean():.1%}",
        "false findings": f"{excludes[nulls].mean():.1%}",
        "error, counts": round(_rms(before), 1),
        "error, blended": round(_rms(error), 1),
        "error ratio": round(_rms(error) / _rms(before), 2),
        "ratio, no effect": round(_rms(error[nulls]) / _rms(before[nulls]), 2),
        "error, named": round(_rms(runs["named"] - runs["truth"]), 1),
        "width ratio": round(float(width / width_before), 2),
    }


def rate(hits: pd.Series) -> str:
    """A share with its 95% Clopper-Pearson interval."""
    low, high = binomtest(int(hits.sum()), max(len(hits), 1)).proportion_ci()
    return f"{hits.mean():.1%} ({low:.1%} to {high:.1%})"


def _rms(errors: pd.Series) -> float:
    return float(np.sqrt((errors**2).mean()))


def as_markdown(table: pd.DataFrame) -> str:
    """The table as it stands in benchmarks/README.md."""
    rows = [list(table), ["---"] * len(table.columns), *table.astype(str).to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    practices = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seeds = range(10_000, 10_000 + practices)
    table = [summarise(try_world(world, seeds), name) for name, world in WORLDS.items()]
    print(as_markdown(pd.DataFrame(table)))
