"""How often goals are met that are said to be met with some probability.

Practices are those of ``worlds.py``; the partnership brings nothing, a quarter more, or what is
believed of partnerships before they have run (a log effect with the sd of ``forecast.STEP_SD``),
so that chances resting on that belief are judged where it holds. In each a goal is posed on the
cells that the partnership reaches, from its start: a mean or the rate at the deadline, over 3 or
6 months. Goals counting patients ask for 0.7 to 1.4 times what came in the half-year before, goals
in percent for -20 to +30 percent beyond each of the three baselines. Each is asked as it would be
in practice, from what is known by then:

- *on the first day, if it changes nothing*, against practices in which it does not, and *if it
  brings a quarter more*, against those in which it does (within six weeks);
- *half way*;
- *met without it, by its own past*: stated before the window, against the same practice drawn
  without an effect, and *looking back* from what would have come;
- *extra*: a goal of 0.02 to 0.4 times as many extra patients as came before, over all the time
  since the start, against what the partnership truly brought;
- *named*: from three months after the start on, 0.5 to 1.6 times as many who name the partner as
  did before. Some 5 to 30 percent of those who come name it, a share that wanders.

Each bin's frequency should lie by its mean stated probability.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from rates import as_markdown, share
from scipy.special import expit
from scipy.stats import poisson
from worlds import SIZE_OF_EFFECT, WORLDS, draw, fading

from partner_analysis.attribution.goals.baseline import ask, others_of, untouched_before
from partner_analysis.attribution.goals.because import estimates_for
from partner_analysis.attribution.goals.counted import chance_to_meet
from partner_analysis.attribution.goals.follow import known_by_the_deadline
from partner_analysis.attribution.goals.forecast import STEP_SD, forecast
from partner_analysis.attribution.goals.goal import Goal
from partner_analysis.attribution.goals.series import GoalSeries, arrange_series
from partner_analysis.attribution.goals.too_early import begun_too_late, with_change
from partner_analysis.attribution.reviews.known import PracticeTables, practice_of

GROWING = "already growing 15% a year faster"
USUAL = (
    "one clinic, total only",
    "one clinic, total only, monthly",
    "eight clinics, one treated",
    "eight clinics, one treated, all personas",
    "one to three patients a cell-week",
)
POSED = {name: WORLDS[name] for name in (*USUAL, GROWING)} | {
    "shrinking 15% a year": replace(WORLDS[GROWING], own_drift=-WORLDS[GROWING].own_drift)
}
AS_BELIEVED = "as believed"
EFFECTS = (0.0, SIZE_OF_EFFECT, AS_BELIEVED)
BASELINES = ("prior months", "same months last year", "seasonal expectation")
FIRST_SEED = 1_700_000  # those from 620,000 led to a pace of its own in the forecast
MOST = 300
LEARNT_MONTHS = 3
QUESTIONS = {
    "same": "on the first day, if it changes nothing",
    "more": "on the first day, if it brings a quarter more",
    "belief": "on the first day, as believed",
    "half": "half way",
    "past": "met without it, by its own past",
    "without": "met without it, looking back",
    "extra": "extra",
    **{f"{name}, first": f"percent over {name}, on the first day" for name in BASELINES},
    **{f"{name}, half": f"percent over {name}, half way" for name in BASELINES},
    "named, first": "named, on the first day",
    "named, half": "named, half way",
}
ANY = "any"
JUDGED = {  # in which practices a question is judged, by what the partnership brings
    "same": (0.0,),
    "more": (SIZE_OF_EFFECT,),
    "belief": (AS_BELIEVED,),
    "past": (SIZE_OF_EFFECT,),
    "without": (0.0, SIZE_OF_EFFECT),
    **{f"{name}, first": (0.0,) for name in BASELINES},
    **{f"{name}, half": (AS_BELIEVED,) for name in BASELINES},
    "named, first": (ANY,),
    "named, half": (ANY,),
}
BINS = np.linspace(0, 1, 6)
CALLED = 0.975


def tasks(replications: int) -> list[dict[str, object]]:
    """All runs, each seed in every world before the next seed."""
    return [
        {"world": world, "effect": effect, "seed": FIRST_SEED + k}
        for k in range(min(replications, MOST))
        for world in POSED
        for effect in EFFECTS
    ]


def one(*, world: str, effect: float | str, seed: int) -> dict[str, object]:
    """The goals of one made-up practice: what was stated, and what happened."""
    rng = np.random.default_rng([seed, len(world)])
    believed = float(np.expm1(rng.normal(0, STEP_SD)))
    size = believed if effect == AS_BELIEVED else float(effect)
    counts, partnerships, truth = draw(replace(POSED[world], effect=size), seed)
    never, _, _ = draw(replace(POSED[world], effect=0.0), seed)
    practice = practice_of(counts, partnerships, None, None, "", "auto", 0.95)
    goal, usual = _goal(practice, rng)
    series = arrange_series(known_by_the_deadline(practice, goal), goal)
    found = _counted(practice, goal, series, never)
    found |= _extra(practice, goal, usual, rng, truth)
    percent = float(rng.uniform(-20, 30))
    for baseline in BASELINES:
        posed = replace(goal, unit="percent", baseline=baseline, target=percent)
        found |= {f"{baseline}, {k}": v for k, v in _asked_twice(series, posed).items()}
    named = practice._replace(named=_named(practice, goal, rng))
    later = replace(goal, counted="named", start=goal.start + pd.DateOffset(months=LEARNT_MONTHS))
    series = arrange_series(known_by_the_deadline(named, later), later)
    before = max(_came_before(series, later, LEARNT_MONTHS), 0.5)
    later = replace(later, target=float(rng.uniform(0.5, 1.6)) * before)
    return found | {f"named, {k}": v for k, v in _asked_twice(series, later).items()}


def _goal(practice: PracticeTables, rng: np.random.Generator) -> tuple[Goal, float]:
    """A goal, and how many came a month in the half-year before it."""
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
    usual = max(_came_before(arrange_series(practice, goal), goal, 6), 0.5)
    return replace(goal, target=float(rng.uniform(0.7, 1.4)) * usual), usual


def _came_before(series: GoalSeries, goal: Goal, months: int) -> float:
    """New patients a month in so many months before the window, those that the goal counts."""
    before = series.within(goal.start - pd.DateOffset(months=months), goal.start)
    return float(series.observed[before].sum() / series.months(before))


def _counted(
    practice: PracticeTables, goal: Goal, whole: GoalSeries, never: pd.DataFrame
) -> dict[str, object]:
    """What is said of a goal that counts all, and of how it would have gone without it."""
    without = arrange_series(practice._replace(counts=never), goal)
    asked = ask(whole, goal, 0.95)
    needed, judged = asked.needed.estimate, asked.judged
    came = float(whole.observed[judged].sum())
    first = {way: _stated(whole, goal, asked, 0.0, way) for way in ("same", "more", "belief")}
    learnt = untouched_before(whole, goal)
    past = forecast(whole, learnt, judged, steps=others_of(whole, goal))
    met = came >= needed - 1e-9
    alone = bool(without.observed[: len(judged)][judged].sum() >= needed - 1e-9)
    half = _stated(whole, goal, asked, 0.5, "belief")
    found = first | {"half": half, "past": past.chance_of(needed)}
    found |= {f"{name}_truth": met for name in (*first, "half")} | {"past_truth": alone}
    return found | _looking_back(practice, goal, whole, judged, came, needed, alone)


def _stated(series: GoalSeries, goal: Goal, asked, since: float, way: str) -> float:  # type: ignore[no-untyped-def]
    """The chance stated after so much of the window (0.5 = half way)."""
    now = series.seen_until(goal.start + since * (goal.after - goal.start))
    left = asked.judged & ~now.known
    lacking = asked.needed.estimate - float(now.observed[asked.judged & now.known].sum())
    if way != "belief":
        change = {"same": 0.0, "more": SIZE_OF_EFFECT}[way]
        now = with_change(now, begun_too_late(now, left), change)
    return chance_to_meet(now, goal, left, lacking)


def _asked_twice(series: GoalSeries, goal: Goal) -> dict[str, object]:
    """What is said on the first day, if nothing changes, and half way; and whether it was met."""
    asked = ask(series, goal, 0.95)
    if asked.reason or not series.known[asked.judged].all():
        return {"first": np.nan, "half": np.nan, "first_truth": False, "half_truth": False}
    first = "belief" if goal.counted == "named" else "same"
    met = bool(series.observed[asked.judged].sum() >= asked.needed.estimate - 1e-9)
    return {
        "first": _stated(series, goal, asked, 0.0, first),
        "half": _stated(series, goal, asked, 0.5, "belief"),
        "first_truth": met,
        "half_truth": met,
    }


def _named(practice: PracticeTables, goal: Goal, rng: np.random.Generator) -> pd.DataFrame:
    """Who named the partner, from its start on: a share of those who came that wanders."""
    mine = practice.counts["clinic"].isin(goal.clinics) & (practice.counts["period"] >= goal.start)
    if goal.personas:
        mine &= practice.counts["persona"].isin(goal.personas)
    rows = practice.counts[mine]
    weeks = rows["period"].drop_duplicates().sort_values()
    log_odds = np.log(rng.uniform(0.05, 0.3)) + fading(rng, 1, len(weeks), 0.2, 0.9)[0]
    chance = expit(pd.Series(log_odds, index=weeks).reindex(rows["period"]).to_numpy())
    named = rng.binomial(rows["new_patients"].to_numpy(dtype=np.int64), chance)
    keys = rows[["clinic", "persona", "period"]]
    return keys.assign(partnership_id="it", named=named.astype(float)).reset_index(drop=True)


def _looking_back(practice, goal, series, judged, came, needed, alone) -> dict[str, object]:  # type: ignore[no-untyped-def]
    """What is said after the deadline of the goal without the partnership."""
    estimates = estimates_for(known_by_the_deadline(practice, goal), goal)
    posterior = None if isinstance(estimates, str) else estimates.over(series, judged)
    if posterior is None:
        return {"without": np.nan, "without_truth": alone}
    least = np.ceil(needed - (came - posterior.observed) - 1e-9)
    stated = float(poisson.sf(max(least, 0) - 1, posterior.without).mean())
    return {"without": stated, "without_truth": alone}


def _extra(practice, goal, usual, rng, truth) -> dict[str, object]:  # type: ignore[no-untyped-def]
    """What is said of a number of extra patients over all the time since the start."""
    share_of = float(rng.uniform(0.02, 0.4))
    estimates = estimates_for(practice, goal)
    series = arrange_series(practice, replace(goal, months=1))
    when = series.within(goal.start, pd.Timestamp("2100-01-01"))
    posterior = None if isinstance(estimates, str) else estimates.over(series, when)
    if posterior is None:
        return {"extra": np.nan, "extra_truth": False}
    needed = share_of * usual * series.months(when)
    stated = float((posterior.came - posterior.without >= needed).mean())
    return {"extra": stated, "extra_truth": bool(truth >= needed)}


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per kind of practice, question, size of effect and bin of what was stated."""
    rows = []
    kinds = {"usual": USUAL} | {name: (name,) for name in POSED if name not in USUAL}
    for practices, some in kinds.items():
        of = runs[runs["world"].isin(some)]
        for name in QUESTIONS:
            for effect in JUDGED.get(name, EFFECTS):
                asked = of if effect == ANY else of[of["effect"] == effect]
                rows += _bins(asked, name, practices, effect)
    return pd.DataFrame(rows)


def _bins(
    runs: pd.DataFrame, name: str, practices: str, effect: float | str
) -> list[dict[str, object]]:
    known = runs[name].notna()
    stated = runs.loc[known, name].astype(float)
    happened = runs.loc[known, f"{name}_truth"].astype(float)
    place = np.clip(np.digitize(stated, BINS[1:-1]), 0, len(BINS) - 2)
    rate = float(happened.mean())
    return [
        {
            "practices": practices,
            "question": QUESTIONS[name],
            "effect": effect,
            "stated_from": BINS[k],
            "stated_to": BINS[k + 1],
            "goals": int((place == k).sum()),
            "stated": float(stated[place == k].mean()) if (place == k).any() else np.nan,
            **share("happened", happened[place == k] > 0.5),
            "brier": float(((stated - happened) ** 2).mean()),
            "brier_of_base_rate": rate * (1 - rate),
            "called": int((stated >= CALLED).sum()),
        }
        for k in range(len(BINS) - 1)
    ]


def shown(table: pd.DataFrame) -> str:
    """What stands in docs/method.md: a row per question, a column per bin."""
    apart = (table["practices"] != "usual") & ~table["question"].isin(SHOWN_APART)
    return "\n\n".join(
        f"Practices: {practices}.\n\n{_wide(some)}"
        for practices, some in table[~apart].groupby("practices", sort=False)
    )


SHOWN_APART = [
    QUESTIONS[name]
    for name in ("same", "more", "half", "extra", *(f"{b}, first" for b in BASELINES))
]


def _wide(table: pd.DataFrame) -> str:
    rows = []
    for (question, effect), bins in table.groupby(["question", "effect"], sort=False):
        first = bins.iloc[0]
        row = {"question": question, "effect": _effect(effect)}
        for one in bins.to_dict("records"):
            row[f"{100 * one['stated_from']:g}% to {100 * one['stated_to']:g}%"] = _cell(one)
        scores = {"Brier score": first["brier"], "of the base rate": first["brier_of_base_rate"]}
        rows.append(row | {name: f"{value:.3f}" for name, value in scores.items()})
    return as_markdown(pd.DataFrame(rows))


def _effect(effect: float | str) -> str:
    return str(effect) if effect in (AS_BELIEVED, ANY) else f"{float(effect):+.0%}"


def _cell(row: dict[str, float]) -> str:
    """Mean stated, what came true with its Monte Carlo interval, and of how many goals."""
    if not row["goals"]:
        return "-"
    low, high = (100 * row[f"happened_{end}"] for end in ("low", "high"))
    true = f"{100 * row['happened']:.0f}% ({low:.0f} to {high:.0f})"
    return f"{100 * row['stated']:.0f}%: {true}, {row['goals']:.0f}"
