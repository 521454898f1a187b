"""Is an effect noticed as often as planning said before it began?

Practices are those of ``worlds.py``. Planning sees nothing from the start on and states its
chance; then the year after the start is read, with the effect planted, at the planned reviews and
every month. The worlds let effects build up over six weeks; here those weeks are thinned back
to nothing and the partnership begins after them, so that what was asked about is what happened.
Limit, set beforehand: with no effect at most 7 percent are ever noticed, by either rule.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
from rates import as_markdown, in_words, share
from worlds import WORLDS, draw

from partner_analysis.attribution.panel import arrange_panel
from partner_analysis.attribution.planning.ahead import looks_at, practice_ahead
from partner_analysis.attribution.planning.answers import Asked, Formula, Past
from partner_analysis.attribution.planning.designs import Design
from partner_analysis.attribution.planning.looks import monthly_levels
from partner_analysis.attribution.reviews.known import PracticeTables, practice_of

LEVEL = 0.95
MONTHS = 12
WEEKS = 208
RAMP = 6
WHOLE = 6  # one run in so many also looks every month and tries the past
EFFECTS = (0.0, 0.15, 0.3, 0.5, 0.8, 1.2)
FIRST_SEED = 500_000  # those from 400,000 led to combining looks by their information
BANDS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
JOINT = replace(WORLDS["twelve clinics, staggered"], staggered=False)
PRACTICES = {
    name: WORLDS[name]
    for name in (
        "one clinic, five personas",
        "eight clinics, one treated",
        "eight clinics, one treated, all personas",
        "one to three patients a cell-week",
        "three clinics",
    )
} | {"twelve clinics, three treated": JOINT}


def tasks(replications: int) -> list[dict[str, object]]:
    """All runs: each seed in every practice, with effects in turn."""
    names = list(PRACTICES)
    return [
        {
            "world": name,
            "effect": EFFECTS[(seed + k) % len(EFFECTS)],
            "seed": FIRST_SEED + seed,
            "whole": seed % WHOLE == WHOLE - 1,
        }
        for seed in range(replications)
        for k, name in enumerate(names)
    ]


def one(*, world: str, effect: float, seed: int, whole: bool) -> dict[str, object]:
    """One made-up practice: what planning said, and what happened.

    ``whole`` asks for looks every month and for back-tests as well, which take ten times as long.
    """
    counts, design, start = practice(world, effect, seed)
    asked = Asked(100 * effect, float("nan"), MONTHS, LEVEL)
    after, before = _tables(counts), _tables(counts[counts["period"] < start])
    reviews = asked.reviews
    run = _beside(before, after, design, start, reviews, effect, "")
    if whole:
        levels = monthly_levels(MONTHS, LEVEL)
        run |= _beside(before, after, design, start, levels, effect, "_monthly")
        run |= _tried(before, design, reviews, effect)
    return run


def _beside(
    before: PracticeTables,
    after: PracticeTables,
    design: Design,
    start: pd.Timestamp,
    levels: dict[int, float],
    effect: float,
    rule: str,
) -> dict[str, object]:
    """What was said before the start beside what was noticed, by one rule and by one look."""
    ahead = looks_at(practice_ahead(before, MONTHS), design, start, list(levels))
    said = Formula(ahead, levels, LEVEL)
    told = Formula(looks_at(after, design, start, list(levels)), levels, LEVEL)
    return {
        f"said{rule}": said.by(MONTHS, effect),
        f"noticed{rule}": _noticed(told, told.bounds, effect),
        "said_once": said.at(MONTHS, effect),
        "noticed_once": _noticed(told, {MONTHS: told.once[MONTHS]}, effect),
    }


def _noticed(told: Formula, bounds: dict[int, tuple[int, int]], effect: float) -> bool:
    """Whether any look called a change; of a planted increase, an increase."""
    up = any(told.looks[m].observed >= more for m, (_, more) in bounds.items())
    down = any(told.looks[m].observed <= fewer for m, (fewer, _) in bounds.items())
    return up if effect > 0 else up or down


def _tried(
    before: PracticeTables, design: Design, reviews: dict[int, float], effect: float
) -> dict[str, object]:
    """What back-tests in the past of the same practice said."""
    given = (before.partnerships, before.events, before.holidays)
    past = Past(before, arrange_panel(before.counts, *given))
    trials = past.trials(design, reviews, LEVEL, months=[MONTHS], most=6)
    said = [trial.noticed(effect)[MONTHS] for trial in trials if MONTHS in trial.looks]
    return {"tried": len(said), "said_tried": float(np.mean(said)) if said else np.nan}


def practice(world: str, effect: float, seed: int) -> tuple[pd.DataFrame, Design, pd.Timestamp]:
    """Counts whose effect begins all at once, the design, and the start."""
    counts, rows, _ = draw(replace(PRACTICES[world], weeks=WEEKS, effect=effect), seed)
    clinics = tuple(clinic for (clinic,) in rows["clinics"])
    personas = rows["personas"].iloc[0]
    began = rows["start_date"].min()
    start = began + pd.Timedelta(weeks=RAMP - 1)
    week = ((counts["period"] - began).dt.days // 7).to_numpy()
    ramping = (week >= 0) & (week < RAMP - 1) & counts["clinic"].isin(clinics).to_numpy()
    if personas:
        ramping &= counts["persona"].isin(personas).to_numpy()
    kept = (1 + effect) ** (-(week[ramping] + 1) / RAMP)
    luck = np.random.default_rng([seed, RAMP])
    thinned = counts["new_patients"].to_numpy().copy()
    thinned[ramping] = luck.binomial(thinned[ramping], kept)
    return counts.assign(new_patients=thinned), Design("it", (clinics,), personas), start


def _tables(counts: pd.DataFrame) -> PracticeTables:
    nobody = pd.DataFrame({"partnership_id": pd.Series(dtype="str"), "start_date": pd.NaT})
    return practice_of(counts, nobody, None, None, "US", "auto", LEVEL)


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per rule and band of the chance stated; bands of no effect apart."""
    rules = {
        "planned reviews, by formula": ("said", "noticed"),
        "one look after a year, by formula": ("said_once", "noticed_once"),
        "a look every month, by formula": ("said_monthly", "noticed_monthly"),
        "planned reviews, by back-tests": ("said_tried", "noticed"),
    }
    rows = []
    for rule, (said, noticed) in rules.items():
        known = runs[runs[said].notna()] if said in runs else runs.iloc[:0]
        nothing = known[known["effect"] == 0]
        if len(nothing):
            rows.append(_row(rule, "no effect", nothing[said], nothing[noticed]))
        some = known[known["effect"] > 0]
        for low, high in pairwise(BANDS):
            last = high == BANDS[-1]
            band = some[(some[said] >= low) & ((some[said] < high) | last)]
            words = f"{low:.0%} to {high:.0%}"
            if len(band):
                rows.append(_row(rule, words, band[said], band[noticed]))
    return pd.DataFrame(rows)


def _row(rule: str, band: str, said: pd.Series, noticed: pd.Series) -> dict[str, object]:
    return {
        "rule": rule,
        "chance stated": band,
        "runs": len(said),
        "stated": float(said.mean()),
        **share("noticed", noticed.astype(bool)),
    }


def shown(table: pd.DataFrame) -> str:
    """What stands in docs/method.md."""
    columns = {
        "rule": table["rule"],
        "chance stated": table["chance stated"],
        "runs": table["runs"],
        "stated, mean": table["stated"].map("{:.1%}".format),
        "noticed": in_words(table, "noticed"),
    }
    return as_markdown(pd.DataFrame(columns))
