"""Are patients who moved from the practice's other clinics seen, and never where nobody moved?

Six clinics and four kinds of patient, 100 weeks before the start at one clinic and 50 after it.
What moves all, a clinic, a kind of patient everywhere, and a cell fades over weeks (sd of the log
0.08, 0.08, 0.05 and 0.05). Where patients moved, each of the additional ones would have come to
one of the other clinics. The truth of the other clinics is what they lost, that of all clinics
together what is left of the gain.

Limit, set beforehand: where nobody moved, at most 7 percent are said to have lost patients.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from rates import as_markdown, in_words, planted, share
from worlds import fading

from partner_analysis.attribution.checks.elsewhere import (
    OTHER_CLINICS,
    OTHER_KINDS,
    WHOLE_CLINIC,
    WHOLE_PRACTICE,
)
from partner_analysis.attribution.estimate import estimate_effect

CLINICS, KINDS = list("ABCDEF"), ("runner", "older adult", "pregnancy", "general")
WEEKS = pd.date_range("2023-01-02", periods=150, freq="W-MON")
START, MEAN, MEMORY = 100, 8.0, 0.9
FIRST_SEED = 3_100_000
CASES = ((0.5, 0.0), (0.5, 1.0), (1.0, 1.0))  # effect at its clinic, share that moved


def tasks(replications: int) -> list[dict[str, object]]:
    """All runs: each seed in every case before the next seed."""
    return [
        {"effect": effect, "moved": moved, "seed": FIRST_SEED + seed}
        for seed in range(replications)
        for effect, moved in CASES
    ]


def one(*, effect: float, moved: float, seed: int) -> dict[str, object]:
    """One made-up practice: for each place the truth and the interval, and the effect's own."""
    counts, register, gain, others = draw(effect, moved, seed)
    found = estimate_effect(counts, register, "it")
    lost = moved * gain
    truths = {
        OTHER_KINDS: 0.0,
        WHOLE_CLINIC: gain,
        OTHER_CLINICS: -lost,
        WHOLE_PRACTICE: gain - lost,
    }
    places = found.moved.set_index("where")[["low", "high"]]
    run = {
        name: (truth, *places.loc[name].tolist()) if name in places.index else None
        for name, truth in truths.items()
    }
    total = found.total
    return run | {"itself": (gain, total.low, total.high), "lost": lost / others}


def draw(effect: float, moved: float, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, float, float]:
    """Counts, register, what was gained at its clinic, and whom the others would have seen."""
    rng = np.random.default_rng([20261127, seed])
    weeks = len(WEEKS)
    mean = MEAN * np.exp(
        fading(rng, 1, weeks, 0.08, MEMORY)
        + fading(rng, 6, weeks, 0.08, MEMORY)[:, None]
        + fading(rng, 4, weeks, 0.05, MEMORY)[None]
        + fading(rng, 24, weeks, 0.05, MEMORY).reshape(6, 4, weeks)
    )
    since = np.arange(weeks) >= START
    gain = effect * mean[0, 0] * since
    others = mean[1:, 0].sum(axis=0) * since
    part = np.divide(moved * gain, others, out=np.zeros(weeks), where=since)
    mean[0, 0] += gain
    mean[1:, 0] *= 1 - part
    index = pd.MultiIndex.from_product(
        [CLINICS, KINDS, WEEKS], names=["clinic", "persona", "period"]
    )
    drawn = rng.poisson(mean).reshape(-1)
    counts = pd.DataFrame({"new_patients": drawn}, index=index).reset_index()
    row = {"partnership_id": "it", "clinics": ("A",), "personas": KINDS[:1]}
    register = pd.DataFrame([row | {"start_date": WEEKS[START]}])
    return counts, register, float(gain.sum()), float(others.sum())


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per effect and share that moved: rates with their Monte Carlo intervals."""
    grouped = runs.groupby(["effect", "moved"], sort=False)
    return pd.DataFrame(
        [{"effect": effect, "moved": moved} | _rates(of) for (effect, moved), of in grouped]
    )


def _rates(runs: pd.DataFrame) -> dict[str, object]:
    row: dict[str, object] = {"runs": len(runs), "lost": float(runs["lost"].mean())}
    for name in (OTHER_KINDS, OTHER_CLINICS, WHOLE_CLINIC, WHOLE_PRACTICE, "itself"):
        known = runs[name].dropna()
        held = known.map(lambda told: told[1] <= told[0] <= told[2])
        row |= share(f"{name} holds", held.astype(bool))
    for name in (OTHER_KINDS, OTHER_CLINICS):
        below = runs[name].dropna().map(lambda told: told[2] < 0)
        row |= share(f"{name} lost", below.astype(bool))
    return row


def shown(table: pd.DataFrame) -> str:
    """What stands in docs/method.md."""
    columns = {
        "effect": planted(table),
        "of whom moved": table["moved"].map("{:.0%}".format),
        "others lost": table["lost"].map("{:.0%}".format),
        "runs": table["runs"],
        "other clinics said to have lost": in_words(table, f"{OTHER_CLINICS} lost"),
        "their interval holds": in_words(table, f"{OTHER_CLINICS} holds"),
        "other kinds said to have lost": in_words(table, f"{OTHER_KINDS} lost"),
        "theirs holds": in_words(table, f"{OTHER_KINDS} holds"),
        "that of all clinics holds": in_words(table, f"{WHOLE_PRACTICE} holds"),
        "that of the effect holds": in_words(table, "itself holds"),
    }
    return as_markdown(pd.DataFrame(columns))
