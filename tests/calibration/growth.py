"""How often personas are called growing that are not, over all clinics and personas at once.

Six clinics with five personas each, two years of weeks. Shocks that fade are no growth: the truth
of a cell is its growth without them. Limits, set beforehand: without growth anything is called
growing in at most 5 percent of practices, and the intervals hold the truth in at least 93
percent of cells, both within what so many runs can tell.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from rates import as_markdown, in_words, share

from partner_analysis.attribution.gaps import find_gaps
from partner_analysis.simulate.means import autocorrelated

CLINICS, PERSONAS, WEEKS, START = 6, 5, 104, "2023-01-02"
FIRST_SEED = 800_000
WORLDS = {
    "counts vary by chance alone": (0.0, 0.0, 0.0),
    "clinics and personas have shocks that fade": (0.10, 0.06, 0.0),
    "larger shocks that fade": (0.15, 0.12, 0.0),
    "six of thirty grow by 60%": (0.10, 0.06, 0.6),
}
NO_PARTNER = pd.DataFrame({"partnership_id": [], "start_date": []}).astype("object")


def tasks(replications: int) -> list[dict[str, object]]:
    """All runs, each seed in every world before the next seed."""
    return [
        {"world": world, "seed": FIRST_SEED + k} for k in range(replications) for world in WORLDS
    ]


def one(*, world: str, seed: int) -> dict[str, object]:
    """One made-up practice: how many cells are told, held, called growing, and wrongly so."""
    counts, truth = draw(world, seed)
    found = find_gaps(counts, NO_PARTNER).sort_values(["clinic", "persona"])
    true = truth.loc[pd.MultiIndex.from_frame(found[["clinic", "persona"]])].to_numpy()
    told = found["growth"].notna().to_numpy()
    held = told & (found["low"] <= true).to_numpy() & (true <= found["high"]).to_numpy()
    called = found["is_growing"].to_numpy("bool")
    return {
        "told": int(told.sum()),
        "held": int(held.sum()),
        "called": int(called.sum()),
        "wrongly": int((called & (true <= 0)).sum()),
        "growing": int((true > 0).sum()),
    }


def draw(world: str, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Counts, and the growth of each clinic and persona."""
    of_clinic, of_cell, grows = WORLDS[world]
    rng = np.random.default_rng(seed)
    shape = (CLINICS, PERSONAS, WEEKS)
    a_year = np.exp(rng.uniform(np.log(25), np.log(250), shape[:2]))
    season = 0.15 * np.cos(2 * np.pi * (np.arange(WEEKS) / 52 - rng.random((1, PERSONAS, 1))))
    shocks = autocorrelated(rng.normal(size=(CLINICS, 1, WEEKS)), sd=of_clinic, rho=0.9)
    shocks = shocks + autocorrelated(rng.normal(size=shape), sd=of_cell, rho=0.85)
    growth = np.zeros(shape[:2])
    growth.flat[rng.choice(CLINICS * PERSONAS, 6, replace=False)] = grows
    later = np.where(np.arange(WEEKS) >= WEEKS // 2, 1 + growth[..., None], 1.0)
    counts = rng.poisson(a_year[..., None] / 52 * np.exp(season + shocks) * later)
    names = [[f"clinic {n}" for n in range(CLINICS)], [f"persona {n}" for n in range(PERSONAS)]]
    weeks = pd.date_range(START, periods=WEEKS, freq="7D")
    keys = pd.MultiIndex.from_product([*names, weeks], names=["clinic", "persona", "period"])
    table = keys.to_frame(index=False).assign(new_patients=counts.reshape(-1))
    return table, pd.Series(growth.reshape(-1), index=pd.MultiIndex.from_product(names))


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per world: what was called, how rightly, and what the intervals held."""
    rows = []
    for world, group in runs.groupby("world", sort=False):
        told, held = int(group["told"].sum()), int(group["held"].sum())
        hits = pd.Series(np.arange(told) < held)
        false = (group["wrongly"] / group["called"].clip(lower=1)).mean()
        found = (group["called"] - group["wrongly"]).sum() / max(group["growing"].sum(), 1)
        rows.append(
            {"world": world, "runs": len(group), **share("wrong", group["wrongly"] > 0),
             "false_share": float(false), "found": float(found), **share("coverage", hits)}
        )  # fmt: skip
    return pd.DataFrame(rows)


def shown(table: pd.DataFrame) -> str:
    """What stands in docs/method.md."""
    grow = table["found"] > 0
    columns = {
        "made-up practice": table["world"],
        "runs": table["runs"],
        "any wrongly called growing": in_words(table, "wrong"),
        "false among those called": table["false_share"].map("{:.1%}".format),
        "of those growing, called": table["found"].map("{:.0%}".format).where(grow, "-"),
        "interval holds the truth": table["coverage"].map("{:.1%}".format),
    }
    return as_markdown(pd.DataFrame(columns))
