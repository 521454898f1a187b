"""Is an effect noticed as often as planning said before it began?

Practices are those of ``worlds.py``, without an effect. Planning sees nothing from the start on
and states its chance for effects of several sizes; then the year after the start is read. The
limits beyond which a count is called a change do not depend on the planned cells' own counts
after the start, and the means behind these are known here. So whether an effect of any size is
noticed is not tossed for once, but its chance in this very practice is: what is left to luck is
only what befell the practice. In one practice of six looks every month, back-tests and the choice
of the best design are tried as well.

Limit, set beforehand: with no effect at most 7 percent are ever noticed, by any rule.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
from rates import as_markdown, in_words
from scipy.special import betaincinv, pdtr, pdtrc
from worlds import PERSONAS, WORLDS, draw_rates

from partner_analysis.attribution.effect import months_later
from partner_analysis.attribution.panel import Panel, arrange_panel
from partner_analysis.attribution.planning.ahead import looks_at, practice_ahead
from partner_analysis.attribution.planning.answers import Asked, Formula, Past, review_rows
from partner_analysis.attribution.planning.designs import QUARTER, Design, sensible_designs
from partner_analysis.attribution.planning.looks import monthly_levels
from partner_analysis.attribution.planning.plan import best_design
from partner_analysis.attribution.reviews.known import PracticeTables, complete_from, practice_of

LEVEL = 0.95
MONTHS = 12
WEEKS = 208
WHOLE = 6
PATHS = 2000
HALF_A_WEEK = pd.Timedelta(days=3.5)
EFFECTS = (0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.2)
FIRST_SEED = 1_700_000  # those from 1,500,000 made an earlier table
BANDS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
GROWING = "already growing 15% a year faster"
PRACTICES = {
    name: WORLDS[name]
    for name in (
        "one clinic, five personas",
        "eight clinics, one treated",
        "eight clinics, one treated, all personas",
        "one to three patients a cell-week",
        "three clinics",
    )
} | {
    "twelve clinics, three treated": replace(WORLDS["twelve clinics, staggered"], staggered=False),
    GROWING: WORLDS[GROWING],
    "shrinking 15% a year": replace(WORLDS[GROWING], own_drift=-WORLDS[GROWING].own_drift),
}
APART = (GROWING, "shrinking 15% a year")
RULES = {
    "reviews": "planned reviews, by formula",
    "once": "one look after a year, by formula",
    "monthly": "a look every month, by formula",
    "tried": "planned reviews, by back-tests",
    "best": "planned reviews, the best of all designs",
}


def tasks(replications: int) -> list[dict[str, object]]:
    """All runs: each seed in every practice before the next seed."""
    return [
        {
            "world": name,
            "seed": FIRST_SEED + seed,
            "whole": (seed + k) % WHOLE == 0 and name not in APART,
        }
        for seed in range(replications)
        for k, name in enumerate(PRACTICES)
    ]


def one(*, world: str, seed: int, whole: bool) -> dict[str, object]:
    """One made-up practice: by rule, what was said of each effect and its chance as it came.

    ``whole`` asks for looks every month, back-tests and the best design too, which take ten times
    as long.
    """
    counts, design, start, means = practice(world, seed)
    asked = Asked(100 * EFFECTS[1], float("nan"), MONTHS, LEVEL)
    after, before = _tables(counts), _tables(counts[counts["period"] < start])
    panel = arrange_panel(before.counts, before.partnerships, before.events, before.holidays)
    run = _beside(before, panel, after, design, start, asked.reviews, means, "reviews")
    if whole:
        levels = monthly_levels(MONTHS, LEVEL)
        monthly = _beside(before, panel, after, design, start, levels, means, "monthly")
        run |= {name: rows for name, rows in monthly.items() if name != "once"}
        run |= _tried(before, panel, design, asked.reviews, run["reviews"])
        size = EFFECTS[1 + seed % (len(EFFECTS) - 1)]
        run["best"] = _best(before, panel, after, design.personas, start, size, means)
    return run


Rows = list[tuple[float, float, float]]


def _beside(
    before: PracticeTables,
    panel: Panel,
    after: PracticeTables,
    design: Design,
    start: pd.Timestamp,
    levels: dict[int, float],
    means: pd.Series,
    rule: str,
) -> dict[str, Rows]:
    """Size of the effect, chance stated, chance as it came: by one rule and by one look."""
    months = list(levels)
    ahead = looks_at(practice_ahead(before, MONTHS), design, start, months, before=panel)
    said = Formula(ahead, levels, LEVEL)
    told = Formula(looks_at(after, design, start, months), levels, LEVEL)
    came = mean_by_look(means, design, start, after.periods, months)
    single = {MONTHS: told.once[MONTHS]}
    return {
        rule: [(e, said.by(MONTHS, e), noticed(came, told.bounds, e)) for e in EFFECTS],
        "once": [(e, said.at(MONTHS, e), noticed(came, single, e)) for e in EFFECTS],
    }


def mean_by_look(
    means: pd.Series,
    design: Design,
    start: pd.Timestamp,
    periods: pd.DatetimeIndex,
    months: list[int],
) -> dict[int, float]:
    """What the planned cells expect without an effect while it runs, up to each look."""
    found = dict.fromkeys(months, 0.0)
    for number, wave in enumerate(design.waves):
        begins = months_later(start, QUARTER * number)
        clinic, persona, period = (means.index.get_level_values(k) for k in range(3))
        mine = clinic.isin(wave) & (period + HALF_A_WEEK > begins)
        if design.personas:
            mine &= persona.isin(design.personas)
        for month in months:
            ends = complete_from(periods, months_later(start, month))
            found[month] += float(means[mine & (period < ends)].sum())
    return found


def noticed(came: dict[int, float], bounds: dict[int, tuple[int, int]], effect: float) -> float:
    """Chance that any look calls a change; of a planted increase, an increase."""
    if len(bounds) == 1:
        ((month, (fewer, more)),) = bounds.items()
        up = float(pdtrc(more - 1, came[month] * (1 + effect)))
        return up if effect > 0 else up + float(pdtr(fewer, came[month]))
    steps = np.diff([0.0, *came.values()]) * (1 + effect)
    luck = np.random.default_rng(len(came))
    counts = luck.poisson(np.maximum(steps, 0.0), (PATHS, len(steps))).cumsum(axis=1)
    fewer, more = np.array([bounds[month] for month in came]).T
    called = counts >= more if effect > 0 else (counts >= more) | (counts <= fewer)
    return float(called.any(axis=1).mean())


def _tried(
    before: PracticeTables, panel: Panel, design: Design, reviews: dict[int, float], rows: Rows
) -> dict[str, Rows]:
    """What back-tests in the past of the same practice said."""
    trials = Past(before, panel).trials(design, reviews, LEVEL, months=[MONTHS], most=6)
    reached = [trial for trial in trials if MONTHS in trial.looks]
    if not reached:
        return {}
    said = {e: float(np.mean([t.noticed(e)[MONTHS] for t in reached])) for e in EFFECTS}
    return {"tried": [(e, said[e], came) for e, _, came in rows]}


def _best(
    before: PracticeTables,
    panel: Panel,
    after: PracticeTables,
    personas: tuple[str, ...],
    start: pd.Timestamp,
    effect: float,
    means: pd.Series,
) -> Rows:
    """What was said of the design that was said to be best, and how it came out."""
    asked = Asked(100 * effect, float("nan"), MONTHS, LEVEL)
    designs = {one.name: one for one in sensible_designs(before.counts, personas=personas)}
    ahead = practice_ahead(before, MONTHS)
    rows = [
        row
        for design in designs.values()
        for row in review_rows(None, ahead, design, asked, start, before=panel)
    ]
    answers = pd.DataFrame(rows)
    name, when = best_design(answers)
    month = MONTHS if np.isnan(when) else int(when)
    chosen = answers[(answers["design"] == name) & (answers["months"] == month)].iloc[0]
    reviews = {m: level for m, level in asked.reviews.items() if m <= month}
    told = Formula(looks_at(after, designs[name], start, list(reviews)), reviews, LEVEL)
    came = mean_by_look(means, designs[name], start, after.periods, list(told.bounds))
    return [(effect, float(chosen["chance"]), noticed(came, told.bounds, effect))]


def practice(world: str, seed: int) -> tuple[pd.DataFrame, Design, pd.Timestamp, pd.Series]:
    """Counts without an effect, the design, the start, and the means behind the counts."""
    drawn = draw_rates(replace(PRACTICES[world], weeks=WEEKS, effect=0.0), seed)
    counts, rows, _, means = drawn
    clinics = tuple(clinic for (clinic,) in rows["clinics"])
    names = [f"clinic {c:02d}" for c in range(len(means))]
    weeks = sorted(set(counts["period"]))
    keys = pd.MultiIndex.from_product([names, PERSONAS[: means.shape[1]], weeks])
    design = Design("it", (clinics,), rows["personas"].iloc[0])
    return counts, design, rows["start_date"].min(), pd.Series(means.reshape(-1), index=keys)


def _tables(counts: pd.DataFrame) -> PracticeTables:
    nobody = pd.DataFrame({"partnership_id": pd.Series(dtype="str"), "start_date": pd.NaT})
    return practice_of(counts, nobody, None, None, "US", "auto", LEVEL)


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per kind of practice, rule and band of the chance stated; no effect apart."""
    kinds = {"usual": [name for name in PRACTICES if name not in APART]}
    kinds |= {name: [name] for name in APART}
    rows = []
    for practices, worlds in kinds.items():
        some = runs[runs["world"].isin(worlds)]
        for rule, words in RULES.items():
            known = some[some[rule].notna()] if rule in some else some.iloc[:0]
            if len(known):
                rows += _bands(known[rule], practices, words)
    return pd.DataFrame(rows)


def _bands(rows: pd.Series, practices: str, rule: str) -> list[dict[str, object]]:
    told = pd.DataFrame(
        [(k, *row) for k, of in rows.items() for row in of],
        columns=["practice", "effect", "stated", "came"],
    )
    nothing, some = told[told["effect"] == 0], told[told["effect"] > 0]
    bands = {"no effect": nothing}
    for low, high in pairwise(BANDS):
        inside = (some["stated"] >= low) & ((some["stated"] < high) | (high == BANDS[-1]))
        bands[f"{low:.0%} to {high:.0%}"] = some[inside]
    return [
        {"practices": practices, "rule": rule, "chance stated": band, **_share(table)}
        for band, table in bands.items()
        if len(table)
    ]


def _share(table: pd.DataFrame) -> dict[str, object]:
    """Mean stated and mean as it came, with a 95% interval over practices.

    The beta interval of a share that varies as much as that mean does from practice to practice
    (all effects of one practice together count once), after Korn and Graubard (1998).
    """
    mean = float(table["came"].mean())
    by = table.assign(off=table["came"] - mean).groupby("practice")["off"].sum()
    number = len(by)
    variance = float((by**2).sum()) / len(table) ** 2 * number / max(number - 1, 1)
    worth = mean * (1 - mean) / variance if variance > 1e-12 and number > 1 else float(number)
    worth = max(worth, 1.0)
    low = float(betaincinv(max(mean * worth, 1e-9), (1 - mean) * worth + 1, 0.025))
    high = float(betaincinv(mean * worth + 1, max((1 - mean) * worth, 1e-9), 0.975))
    return {
        "runs": number,
        "questions": len(table),
        "stated": float(table["stated"].mean()),
        "noticed": mean,
        "noticed_low": min(low, mean),
        "noticed_high": max(high, mean),
    }


def shown(table: pd.DataFrame) -> str:
    """What stands in docs/method.md."""
    columns = {
        "practices": table["practices"],
        "rule": table["rule"],
        "chance stated": table["chance stated"],
        "practices asked": table["runs"],
        "stated, mean": table["stated"].map("{:.1%}".format),
        "noticed": in_words(table, "noticed"),
    }
    return as_markdown(pd.DataFrame(columns))
