"""How often 24 monthly runs ever declare a change: by standing, and by each month's verdict.

    python tests/calibration/looks.py 200                    every world, standing and one look
    python tests/calibration/looks.py 60 eight --monthly     the verdict of every month as well

Practices are those of ``worlds.py``, drawn longer so that 24 months follow the start, and seen
from 78 weeks before it. "One look" is the plain verdict on all 24 months: what a practice
would find that looks once, at the end. Limit, set beforehand: a partnership that changes
nothing is ever declared more or fewer in at most 7 percent.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import pandas as pd
from calibrate import as_markdown, rate
from worlds import SIZE_OF_EFFECT, WORLDS, draw

from partner_analysis.attribution.estimate import estimate_effect
from partner_analysis.attribution.standing import review_partnership

MONTHS = 24
WEEKS_BEFORE = 78
WEEKS = 384  # the latest start is at 72 percent of them: 107 weeks follow
CHANGES = ("more", "fewer")
LEFT_OUT = ("clinic opens late", "ten-week shock at the clinic")  # it would lie before what is seen


def practice(name: str, size: float, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]:
    """Counts from 78 weeks before the start to 24 months after it, the register and the start."""
    world = replace(WORLDS[name], weeks=WEEKS, effect=size)
    counts, partnerships, _ = draw(world, seed)
    start = partnerships.loc[partnerships["partnership_id"] == "it", "start_date"].min()
    first, last = start - pd.Timedelta(weeks=WEEKS_BEFORE), start + pd.DateOffset(months=MONTHS)
    seen = (counts["period"] >= first) & (counts["period"] < last)
    return counts[seen], partnerships, start


def one(task: tuple[str, float, int, bool]) -> dict[str, object]:
    """One made-up practice: what 24 monthly runs would have declared."""
    name, size, seed, monthly = task
    counts, partnerships, start = practice(name, size, seed)
    reviews = review_partnership(counts, partnerships, "it").reviews
    verdicts = reviews["verdict"].tolist()
    row = {"world": name, "effect": size, "reviews": len(reviews), "standing": verdicts[-1]}
    row |= {"ever": any(v in CHANGES for v in verdicts), "ever more": "more" in verdicts}
    row["one look"] = estimate_effect(counts, partnerships, "it", checks=False).verdict
    if monthly:
        row["ever in a month"] = row["one look"] in CHANGES or any(
            _plain_verdict(counts, partnerships, start, month) in CHANGES
            for month in range(3, MONTHS)
        )
    return row


def _plain_verdict(
    counts: pd.DataFrame, partnerships: pd.DataFrame, start: pd.Timestamp, month: int
) -> str:
    """What one monthly run would say at the usual level, with what is known by then."""
    day = start + pd.DateOffset(months=month)
    known = partnerships[partnerships["start_date"] < day]
    return estimate_effect(counts[counts["period"] < day], known, "it", checks=False).verdict


def summary(runs: pd.DataFrame, world: str, size: float) -> dict[str, object]:
    """Rates of one world, each with its Monte Carlo interval."""
    row = {"made-up practice": world, "effect": f"{size:+.0%}", "runs": len(runs)}
    row["standing ever more or fewer"] = rate(runs["ever"])
    row["standing ever more"] = rate(runs["ever more"])
    row["standing more after 24 months"] = rate(runs["standing"] == "more")
    row["one look after 24 months: more"] = rate(runs["one look"] == "more")
    row["one look: more or fewer"] = rate(runs["one look"].isin(CHANGES))
    if "ever in a month" in runs:
        row["a month's verdict ever more or fewer"] = rate(runs["ever in a month"].astype(bool))
    return row


def look(worlds: list[str], replications: int, *, monthly: bool, processes: int) -> pd.DataFrame:
    """One row per world and size of effect; every month is judged only where nothing happened."""
    tasks = [
        (name, size, seed, monthly)
        for name in worlds
        for size in ((0.0,) if monthly else (0.0, SIZE_OF_EFFECT))
        for seed in range(90_000, 90_000 + replications)
    ]
    with ProcessPoolExecutor(processes) as pool:
        runs = pd.DataFrame(list(pool.map(one, tasks, chunksize=4)))
    return pd.DataFrame(
        [summary(runs_of, *key) for key, runs_of in runs.groupby(["world", "effect"], sort=False)]
    )


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("replications", type=int, nargs="?", default=200)
    asked.add_argument("worlds", nargs="?", default="", help="part of the names of the practices")
    asked.add_argument("--monthly", action="store_true", help="judge every month as well")
    asked.add_argument("--processes", type=int, default=2)
    given = asked.parse_args()
    chosen = [name for name in WORLDS if given.worlds in name and name not in LEFT_OUT]
    table = look(chosen, given.replications, monthly=given.monthly, processes=given.processes)
    print(as_markdown(table))
