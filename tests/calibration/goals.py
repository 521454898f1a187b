"""How often goals are met that are said to be met with some probability.

Practices are those of ``worlds.py``. In each a goal is posed on the cells that the partnership
reaches, from its start: a mean or the rate at the deadline, over 3 or 6 months, 0.7 to 1.4 times
what came in the half-year before. It is asked on the first day or half way, as it would be in
practice: from what is known by then.

- *met in time*: the probability stated, against whether the goal was met;
- *met without it, by its own past*: stated before the window, against the same practice drawn
  without an effect;
- *met without it, looking back*: stated after the deadline from what would have come, against
  the same;
- *extra*: a goal of 0.02 to 0.4 times as many extra patients as came before, over all the time
  since the start, against what the partnership truly brought.

Each bin's frequency should lie by its mean stated probability.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from rates import as_markdown, in_words, percent, planted, share
from scipy.stats import poisson
from worlds import SIZE_OF_EFFECT, WORLDS, draw

from partner_analysis.attribution.goals.baseline import ask, others_of, untouched_before
from partner_analysis.attribution.goals.because import estimates_for
from partner_analysis.attribution.goals.counted import chance_to_meet
from partner_analysis.attribution.goals.follow import known_by_the_deadline
from partner_analysis.attribution.goals.forecast import forecast
from partner_analysis.attribution.goals.goal import Goal
from partner_analysis.attribution.goals.series import arrange_series
from partner_analysis.attribution.reviews.known import PracticeTables, practice_of

POSED = (
    "one clinic, total only",
    "one clinic, total only, monthly",
    "eight clinics, one treated",
    "eight clinics, one treated, all personas",
    "one to three patients a cell-week",
    "already growing 15% a year faster",
)
FIRST_SEED = 700_000
MOST = 300
QUESTIONS = {
    "met": "met in time",
    "past": "met without it, by its own past",
    "without": "met without it, looking back",
    "extra": "extra",
}
BINS = np.linspace(0, 1, 6)


def tasks(replications: int) -> list[dict[str, object]]:
    """All runs, each seed in every world before the next seed."""
    return [
        {"world": world, "effect": effect, "seed": FIRST_SEED + k}
        for k in range(min(replications, MOST))
        for world in POSED
        for effect in (0.0, SIZE_OF_EFFECT)
    ]


def one(*, world: str, effect: float, seed: int) -> dict[str, object]:
    """One goal in one made-up practice: what was stated, and what happened."""
    rng = np.random.default_rng([seed, len(world)])
    counts, partnerships, truth = draw(replace(WORLDS[world], effect=effect), seed)
    never, _, _ = draw(replace(WORLDS[world], effect=0.0), seed)
    practice = practice_of(counts, partnerships, None, None, "", "auto", 0.95)
    goal = _goal(practice, rng)
    whole = arrange_series(known_by_the_deadline(practice, goal), goal)
    without = arrange_series(practice._replace(counts=never), goal)
    asked = ask(whole, goal, 0.95)
    needed, judged = asked.needed.estimate, asked.judged
    came = float(whole.observed[judged].sum())
    half = int(rng.integers(2))
    now = whole.seen_until(goal.start + half * (goal.after - goal.start) / 2)
    left = judged & ~now.known
    lacking = needed - float(now.observed[judged & now.known].sum())
    learnt = untouched_before(whole, goal)
    past = forecast(whole, learnt, judged, steps=others_of(whole, goal))
    found = {
        "met": chance_to_meet(now, goal, left, lacking),
        "met_truth": came >= needed - 1e-9,
        "past": past.chance_of(needed),
        "past_truth": bool(without.observed[: len(judged)][judged].sum() >= needed - 1e-9),
    }
    return {**found, **_looking_back(practice, goal, whole, judged, came, needed), **_extra(
        practice, goal, rng, truth
    ), "half": half, "without_truth": found["past_truth"]}  # fmt: skip


def _goal(practice: PracticeTables, rng: np.random.Generator) -> Goal:
    rows = practice.partnerships[practice.partnerships["partnership_id"] == "it"]
    goal = Goal(
        goal_id="g",
        partnership_id="it",
        partner="it",
        is_provider=False,
        clinics=rows["clinics"].iloc[0],
        personas=rows["personas"].iloc[0],
        measure=str(rng.choice(["mean", "rate"])),
        target=1.0,
        unit="count",
        baseline="",
        counted="all",
        start=rows["start_date"].min(),
        months=int(rng.choice([3, 6])),
    )
    return replace(goal, target=float(rng.uniform(0.7, 1.4)) * max(_usual(practice, goal), 0.5))


def _usual(practice: PracticeTables, goal: Goal) -> float:
    """New patients a month in the half-year before the start."""
    series = arrange_series(practice, goal)
    before = series.within(goal.start - pd.DateOffset(months=6), goal.start)
    return float(series.observed[before].sum() / series.months(before))


def _looking_back(practice, goal, series, judged, came, needed) -> dict[str, object]:  # type: ignore[no-untyped-def]
    """What is said after the deadline of the goal without the partnership."""
    estimates = estimates_for(known_by_the_deadline(practice, goal), goal)
    posterior = None if isinstance(estimates, str) else estimates.over(series, judged)
    if posterior is None:
        return {"without": np.nan}
    least = np.ceil(needed - (came - posterior.observed) - 1e-9)
    return {"without": float(poisson.sf(max(least, 0) - 1, posterior.without).mean())}


def _extra(practice, goal, rng, truth) -> dict[str, object]:  # type: ignore[no-untyped-def]
    """What is said of a number of extra patients over all the time since the start."""
    usual = _usual(practice, goal)
    estimates = estimates_for(practice, goal)
    series = arrange_series(practice, replace(goal, months=1))
    if isinstance(estimates, str):
        return {"extra": np.nan, "extra_truth": False}
    posterior = estimates.over(series, series.within(goal.start, pd.Timestamp("2100-01-01")))
    if posterior is None:
        return {"extra": np.nan, "extra_truth": False}
    months = series.months(series.within(goal.start, pd.Timestamp("2100-01-01")))
    needed = float(rng.uniform(0.02, 0.4)) * usual * months
    stated = float((posterior.came - posterior.without >= needed).mean())
    return {"extra": stated, "extra_truth": truth >= needed}


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per question, size of effect and bin of the stated probability."""
    rows = []
    for effect, of in runs.groupby("effect"):
        for half, words in enumerate(("on the first day", "half way")):
            some = of[of["half"] == half]
            rows += _bins(some, "met", f"met in time, asked {words}", effect)
        for name in ("past", "without"):
            rows += _bins(of, name, QUESTIONS[name], effect)
        edges = BINS if effect else CALLED
        rows += _bins(of, "extra", QUESTIONS["extra"], effect, edges)
    return pd.DataFrame(rows)


CALLED = np.array([0.0, 0.8, 0.975, 1.0])


def _bins(
    runs: pd.DataFrame, name: str, words: str, effect: float, edges: np.ndarray = BINS
) -> list[dict[str, object]]:
    known = runs[name].notna()
    stated = runs.loc[known, name].astype(float)
    happened = runs.loc[known, f"{name}_truth"].astype(float)
    place = np.clip(np.digitize(stated, edges[1:-1]), 0, len(edges) - 2)
    brier = float(((stated - happened) ** 2).mean())
    rate = float(happened.mean())
    return [
        {
            "question": words,
            "effect": effect,
            "stated_from": edges[k],
            "stated_to": edges[k + 1],
            "goals": int((place == k).sum()),
            "stated": float(stated[place == k].mean()) if (place == k).any() else np.nan,
            **share("happened", happened[place == k] > 0.5),
            "brier": brier,
            "brier_of_base_rate": rate * (1 - rate),
        }
        for k in range(len(edges) - 1)
    ]


def shown(table: pd.DataFrame) -> str:
    """What stands in docs/method.md."""
    ends = zip(table["stated_from"], table["stated_to"], strict=True)
    columns = {
        "question": table["question"],
        "effect": planted(table),
        "stated": [f"{100 * low:g}% to {100 * high:g}%" for low, high in ends],
        "goals": table["goals"],
        "stated, mean": percent(table["stated"]),
        "came true": in_words(table, "happened"),
        "Brier score": table["brier"].map("{:.3f}".format),
        "of the base rate": table["brier_of_base_rate"].map("{:.3f}".format),
    }
    return as_markdown(pd.DataFrame(columns))
