"""Many practices together: does the pool hold the mean, how effects differ, and one more?

Log ratios with standard errors as partnerships have them (0.06 to 0.35). In "several a practice"
each practice has one to four partnerships, which differ by 0.1 within it; their errors have half
their variance in common.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from rates import as_markdown, in_words, share

from partner_analysis.attribution.together.pool import pool_effects

FIRST_SEED = 31_000
MEAN = 0.1
PRACTICES = (3, 5, 10, 20)
DIFFERING = (0.0, 0.1, 0.2)
WITHIN = 0.1
MOST = 4


def tasks(replications: int) -> list[dict[str, object]]:
    """All runs, each seed in every row before the next seed."""
    return [
        {"practices": practices, "tau": tau, "several": several, "seed": FIRST_SEED + seed}
        for seed in range(replications)
        for several in (False, True)
        for practices in PRACTICES
        for tau in DIFFERING
    ]


def one(*, practices: int, tau: float, several: bool, seed: int) -> dict[str, object]:
    """One pool: whether its intervals hold the mean and one more partnership elsewhere."""
    rng = np.random.default_rng(seed)
    size = rng.integers(1, MOST + 1, practices) if several else np.ones(practices, dtype=int)
    within = WITHIN if several else 0.0
    practice = np.repeat(np.arange(practices), size)
    true = rng.normal(MEAN, tau, practices)[practice] + rng.normal(0, within, len(practice))
    error = rng.uniform(0.06, 0.35, len(practice))
    common = rng.normal(0, 1, practices)[practice] * np.sqrt(0.5) if several else 0.0
    own = rng.normal(0, np.sqrt(0.5) if several else 1.0, len(practice))
    shared = pd.DataFrame(
        {"practice": practice, "kind": "gym", "effect": true + error * (common + own)}
    )
    found = pool_effects(shared.assign(standard_error=error))["gym"].combined
    next_one = rng.normal(MEAN, np.hypot(tau, within))
    return {
        "mean": bool(found.mean.low <= MEAN <= found.mean.high),
        "next": bool(found.prediction.low <= next_one <= found.prediction.high),
        "between": bool(found.tau.low <= tau <= found.tau.high),
        "width": found.prediction.high - found.prediction.low,
    }


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per size of pool: rates with their Monte Carlo intervals."""
    return pd.DataFrame(
        [
            {"several": several, "practices": practices, "tau": tau, "runs": len(of)}
            | share("mean", of["mean"])
            | share("next", of["next"])
            | share("between", of["between"])
            | {"width": of["width"].median()}
            for (several, practices, tau), of in runs.groupby(["several", "practices", "tau"])
        ]
    )


def shown(table: pd.DataFrame) -> str:
    """What stands in docs/method.md."""
    columns = {
        "partnerships a practice": table["several"].map({True: "several", False: "one"}),
        "practices": table["practices"],
        "true effects differ by": table["tau"].map("{:.2f}".format),
        "runs": table["runs"],
        "interval holds the mean": in_words(table, "mean"),
        "holds one more": in_words(table, "next"),
        "holds how they differ": in_words(table, "between"),
        "width for one more, median": table["width"].map("{:.2f}".format),
    }
    low = int((table["next"] < 0.93).sum())
    lead = f"Rows in which one more is held in fewer than 93 percent: {low or 'none'}."
    return f"{lead}\n\n{as_markdown(pd.DataFrame(columns))}"
