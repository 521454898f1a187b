"""Practices that differ in what matters: does the interval hold what was planted in each?"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from rates import accuracy, answer, as_markdown, in_words, percent, planted
from worlds import SIZE_OF_EFFECT, WORLDS, draw

from partner_analysis.attribution.estimate import estimate_effect

LEAST_COVERED, MOST_COVERED, MOST_WRONG, MOST_WITHOUT = 0.93, 0.97, 0.07, 0.05


def tasks(replications: int) -> list[dict[str, object]]:
    """All runs, each seed in every world before the next seed."""
    return [
        {"world": world, "effect": effect, "seed": seed}
        for seed in range(replications)
        for world in WORLDS
        for effect in (0.0, SIZE_OF_EFFECT)
    ]


def one(*, world: str, effect: float, seed: int) -> dict[str, object]:
    """One made-up practice: what was true and what was said."""
    counts, partnerships, truth = draw(replace(WORLDS[world], effect=effect), seed)
    return answer(estimate_effect(counts, partnerships, "it", checks=False), truth)


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per world and size of effect: rates with their Monte Carlo intervals."""
    grouped = runs.groupby(["world", "effect"], sort=False)
    return pd.DataFrame(
        [{"world": world, "effect": size} | accuracy(of) for (world, size), of in grouped]
    )


def shown(table: pd.DataFrame) -> str:
    """What stands in docs/method.md: which rows miss a limit, then all rows."""
    columns = {
        "made-up practice": table["world"],
        "effect": planted(table),
        "runs": table["runs"],
        "no number": percent(table["no_number"]),
        "interval holds the truth": in_words(table, "coverage"),
        "called more or fewer": in_words(table, "found"),
        "error, rms a month": table["error_rms"].map("{:.2f}".format),
        "width, median": table["width"].map("{:.1f}".format),
        "expected a month": table["expected"].map("{:.1f}".format),
    }
    return f"{_against_limits(table)}\n\n{as_markdown(pd.DataFrame(columns))}"


def _against_limits(table: pd.DataFrame) -> str:
    """Which rows are beyond a limit, in one sentence each."""
    low = table[table["coverage"] < LEAST_COVERED]
    wrong = table[(table["effect"] == 0) & (table["found"] > MOST_WRONG)]
    silent = table[table["no_number"] > MOST_WITHOUT]
    wide = int((table["coverage"] > MOST_COVERED).sum())
    return "\n".join(
        [
            f"Coverage below 93 percent: {_rows(low)}.",
            f"False findings above 7 percent: {_rows(wrong)}.",
            f"No number in more than 5 percent: {_rows(silent)}.",
            f"Coverage above 97 percent: {wide} of {len(table)} rows.",
        ]
    )


def _rows(table: pd.DataFrame) -> str:
    named = zip(table["world"], planted(table), strict=True)
    return "; ".join(f"{world} ({size})" for world, size in named) or "none"
