"""How often 24 monthly runs ever declare a change: by standing, and by each month's verdict.

Practices are those of ``worlds.py``, drawn longer so that 24 months follow the start, and seen
from 78 weeks before it. "One look" is the plain verdict on all 24 months: what a practice
would find that looks once, at the end. Limit, set beforehand: a partnership that changes
nothing is ever declared more or fewer in at most 7 percent.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from rates import CHANGES, as_markdown, in_words, planted, share
from worlds import SIZE_OF_EFFECT, WORLDS, draw

from partner_analysis.attribution.estimate import estimate_effect
from partner_analysis.attribution.reviews.standing import review_partnership

MONTHS = 24
WEEKS_BEFORE = 78
WEEKS = 384  # the latest start is at 72 percent of them: 107 weeks follow
LEFT_OUT = ("clinic opens late", "ten-week shock at the clinic")  # it would lie before what is seen
FIRST_SEED = 90_000
EVERY_MONTH = 60  # of the practices without an effect, as many are judged every month as well


def tasks(replications: int) -> list[dict[str, object]]:
    """All runs, each seed in every world before the next seed."""
    return [
        {"world": world, "effect": effect, "seed": FIRST_SEED + k, "monthly": monthly}
        for k in range(replications)
        for world in WORLDS
        if world not in LEFT_OUT
        for effect in (0.0, SIZE_OF_EFFECT)
        for monthly in [effect == 0 and k < EVERY_MONTH]
    ]


def one(*, world: str, effect: float, seed: int, monthly: bool) -> dict[str, object]:
    """One made-up practice: what 24 monthly runs would have declared."""
    counts, partnerships, start = practice(world, effect, seed)
    reviews = review_partnership(counts, partnerships, "it").reviews
    once = estimate_effect(counts, partnerships, "it", checks=False).verdict
    run: dict[str, object] = {"reviews": reviews["verdict"].tolist(), "once": once}
    if monthly:
        run["in_a_month"] = once in CHANGES or any(
            _plain_verdict(counts, partnerships, start, month) in CHANGES
            for month in range(3, MONTHS)
        )
    return run


def practice(
    world: str, effect: float, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]:
    """Counts from 78 weeks before the start to 24 months after it, the register and the start."""
    counts, partnerships, _ = draw(replace(WORLDS[world], weeks=WEEKS, effect=effect), seed)
    start = partnerships.loc[partnerships["partnership_id"] == "it", "start_date"].min()
    first, last = start - pd.Timedelta(weeks=WEEKS_BEFORE), start + pd.DateOffset(months=MONTHS)
    seen = (counts["period"] >= first) & (counts["period"] < last)
    return counts[seen], partnerships, start


def _plain_verdict(
    counts: pd.DataFrame, partnerships: pd.DataFrame, start: pd.Timestamp, month: int
) -> str:
    """What one monthly run would say at the usual level, with what is known by then."""
    day = start + pd.DateOffset(months=month)
    known = partnerships[partnerships["start_date"] < day]
    return estimate_effect(counts[counts["period"] < day], known, "it", checks=False).verdict


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per world and size of effect: rates with their Monte Carlo intervals."""
    grouped = runs.groupby(["world", "effect"], sort=False)
    return pd.DataFrame(
        [{"world": world, "effect": size} | _rates(of) for (world, size), of in grouped]
    )


def _rates(runs: pd.DataFrame) -> dict[str, object]:
    said = runs[runs["once"].notna()]
    reviews = said["reviews"]
    monthly = said["in_a_month"].dropna() if "in_a_month" in said else pd.Series(dtype=object)
    last = pd.Series([list(held)[-1] if held else "watching" for held in reviews])
    return {
        "runs": len(runs),
        **share("ever", reviews.map(lambda held: any(v in CHANGES for v in held))),
        **share("ever_more", reviews.map(lambda held: "more" in held)),
        **share("last_more", last == "more"),
        **share("once", said["once"].isin(CHANGES)),
        **share("once_more", said["once"] == "more"),
        "runs_by_month": len(monthly),
        **share("in_a_month", monthly.astype(bool)),
    }


def shown(table: pd.DataFrame) -> str:
    """What stands in docs/method.md."""
    columns = {
        "made-up practice": table["world"],
        "effect": planted(table),
        "runs": table["runs"],
        "standing ever more or fewer": in_words(table, "ever"),
        "standing more after 24 months": in_words(table, "last_more"),
        "one look after 24 months: more or fewer": in_words(table, "once"),
        "a month's verdict ever more or fewer": in_words(table, "in_a_month"),
    }
    null = table["effect"] == 0
    over = table.loc[null & (table["ever"] > 0.07), "world"]
    lead = f"Ever declared without an effect in more than 7 percent: {'; '.join(over) or 'none'}."
    return f"{lead}\n\n{as_markdown(pd.DataFrame(columns))}"
