"""Effects from possible numbers: total = observed - expected, and all else follows from it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.capacity import Capacity
from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.reviews.held import REVIEW_COLUMNS, Standing
from partner_analysis.tables import NO_NUMBER, Interval

DAYS_PER_MONTH = 30.4375
MakeEffect = Callable[..., Effect]


def weekly_counts(total: float, weeks: int, *, seed: int) -> np.ndarray:
    """Whole weekly counts that add up to the total."""
    if weeks == 0:
        return np.zeros(0)
    rng = np.random.default_rng(seed)
    return rng.multinomial(round(total), np.full(weeks, 1 / weeks)).astype(float)


def weekly_periods(
    *, pre: int, post: int, after: int, observed: float, expected: float, low: float, high: float
) -> pd.DataFrame:
    """One row per week: 5 new patients a week before (0 if none is expected), then as told."""
    weeks = pd.date_range("2023-01-02", periods=pre + post + after, freq="7D")
    active = np.r_[np.zeros(pre, bool), np.ones(post, bool), np.zeros(after, bool)]
    season = 1 + 0.15 * np.sin(np.arange(len(weeks)) * 2 * math.pi / 52)
    usual = (5 if expected else 0) * season
    counts = weekly_counts(usual.sum(), len(weeks), seed=1)
    mean, floor, roof = usual.copy(), usual * 0.9, usual * 1.1
    if post:
        counts[active] = weekly_counts(observed, post, seed=2)
        shape = season[active] / season[active].sum()
        mean[active], floor[active], roof[active] = expected * shape, low * shape, high * shape
    return pd.DataFrame(
        {
            "period": weeks,
            "observed": counts,
            "expected": mean,
            "expected_low": floor,
            "expected_high": roof,
            "active": active,
            "days": 7,
        }
    )


def placebo_table(identifier: str, percent: float, *, groups: int) -> pd.DataFrame:
    """Ours and evenly spread comparison groups, each with a standard error of 5 percent."""
    spread = np.linspace(-14, 15, groups)
    units = [f"Clinic {i % 6 + 1}, persona {i // 6 + 1}" for i in range(groups)]
    rows = pd.DataFrame({"unit": [*units, identifier], "percent": [*spread, percent]})
    return rows.assign(score=rows["percent"] / 5)


def build_effect(
    *,
    verdict: str = "more",
    observed: float = 340.0,
    expected: float = 303.0,
    total: tuple[float, float] = (9.5, 64.5),
    pre: int = 80,
    post: int = 52,
    after: int = 0,
    groups: int = 24,
    no_number: bool = False,
    **changes: Any,
) -> Effect:
    """Build one effect; ``total`` holds the ends of the interval of observed - expected."""
    low, high = total
    days = 7.0 * post
    extra = Interval(observed - expected, low, high)
    if math.isinf(low) or math.isinf(high):
        extra = Interval(math.nan, low, high)
    percent = NO_NUMBER
    if expected > 0 and not math.isnan(extra.estimate):
        ends = [100 * (observed / max(observed - end, 1e-9) - 1) for end in (low, high)]
        percent = Interval(100 * (observed / expected - 1), *ends)
    periods = weekly_periods(
        pre=pre,
        post=post,
        after=after,
        observed=observed,
        expected=expected,
        low=max(0.0, observed - high) if math.isfinite(high) else 0.0,
        high=observed - low if math.isfinite(low) else 3 * expected,
    )
    active = periods.loc[periods["active"], "period"]
    values: dict[str, Any] = {
        "partnership_id": "harbor-run-shop",
        "name": "Harbor Run Shop",
        "kind": "running store",
        "total": NO_NUMBER if no_number else extra,
        "per_month": extra.scaled(DAYS_PER_MONTH / days) if days and not no_number else NO_NUMBER,
        "percent": NO_NUMBER if no_number else percent,
        "verdict": verdict,
        "p_value": 0.01 if verdict in ("more", "fewer") else 0.4,
        "method": "panel",
        "level": 0.95,
        "n_pre": pre,
        "n_post": post,
        "named": 12.0,
        "notes": (),
        "bundle": (),
        "periods": periods,
        "checks": pd.DataFrame(
            {
                "check": ["placebos", "quiet before"],
                "question": ["Would others look the same?", "Was it quiet before the start?"],
                "result": ["pass", "pass"],
                "detail": ["1 of 24 moved as much.", "No drift in the year before."],
            }
        ),
        "comparison": pd.DataFrame(
            {
                "clinic": [f"Clinic {i % 6 + 1}" for i in range(groups)],
                "persona": [f"persona {i // 6 + 1}" for i in range(groups)],
                "periods": [pre + post] * groups,
                "new_patients": [100.0 + i for i in range(groups)],
            }
        ),
        "placebos": placebo_table(
            "harbor-run-shop", percent.estimate, groups=0 if no_number else groups
        ),
        "observed": math.nan if no_number else observed,
        "expected": math.nan if no_number else expected,
        "active_days": days,
        "first_day": active.min() if len(active) else pd.NaT,
        "last_day": active.max() + pd.Timedelta(days=6) if len(active) else pd.NaT,
        "tell_from": pd.NaT,
        "smallest_visible": 3.2,
        "end_day": active.max() + pd.Timedelta(days=6) if after else pd.NaT,
    }
    return Effect(**(values | changes))


Review = tuple[str, int, str, tuple[float, float, float]]
NOTHING = (math.nan, math.nan, math.nan)
CLEAR = (37.0, 5.0, 70.0)
UNCLEAR = (14.0, -30.0, 62.0)


def build_standing(
    *reviews: Review,
    next_review: str | None = "2026-07-13",
    bundle: tuple[str, ...] = (),
    identifier: str = "harbor-run-shop",
) -> Standing:
    """Build the standing after some reviews: date, months, verdict, total with its ends."""
    levels = {3: 0.9971, 6: 0.992, 12: 0.982}
    rows = [
        (pd.Timestamp(day), months, levels[months], verdict, *total, bundle)
        for day, months, verdict, total in reviews
    ]
    table = pd.DataFrame(rows, columns=list(REVIEW_COLUMNS)).astype(REVIEW_COLUMNS)
    return Standing(
        partnership_id=identifier,
        standing=reviews[-1][2] if reviews else "watching",
        reviewed_on=table["review"].iloc[-1] if reviews else pd.NaT,
        next_review=pd.Timestamp(next_review) if next_review else pd.NaT,
        reviews=table,
    )


def at_six(verdict: str, total: tuple[float, float, float] = NOTHING) -> Review:
    """A review half a year after the start."""
    return ("2025-01-20", 6, verdict, total)


def at_twelve(verdict: str, total: tuple[float, float, float] = NOTHING) -> Review:
    """A review a year after the start, with all counts."""
    return ("2025-07-14", 12, verdict, total)


# Which effect of SITUATIONS, under which standing.
STANDINGS: dict[str, tuple[str, Standing]] = {
    "watching": ("too-early", build_standing(next_review="2024-10-21")),
    "watching-with-a-number": ("more", build_standing(next_review="2024-10-21")),
    "first-finding": (
        "more",
        build_standing(at_six("too small to tell"), at_twelve("more", CLEAR)),
    ),
    "fewer": (
        "fewer",
        build_standing(at_six("fewer", (-9.0, -17.0, -2.0)), at_twelve("fewer", (-33.0, -66, -1))),
    ),
    "picture-says-more": ("more", build_standing(at_six("no clear change", UNCLEAR))),
    "picture-says-less": (
        "no-clear-change",
        build_standing(at_six("more", CLEAR), next_review="2025-07-14"),
    ),
    "a-single-look-says-more": ("more", build_standing(at_twelve("no clear change", UNCLEAR))),
    "taken-back": (
        "no-clear-change",
        build_standing(at_six("more", CLEAR), at_twelve("no clear change", UNCLEAR)),
    ),
    "turned": (
        "fewer",
        build_standing(at_six("more", CLEAR), at_twelve("fewer", (-33.0, -66.0, -1.0))),
    ),
    "too-small": ("too-small", build_standing(at_twelve("too small to tell"))),
    "too-early": ("too-early", build_standing(("2024-10-21", 3, "too early", NOTHING))),
    "data-not-fit": ("data-not-fit", build_standing(at_twelve("data not fit"))),
    "only-a-lower-bound": (
        "only-a-lower-bound",
        build_standing(at_twelve("more", (math.nan, 3.0, math.inf))),
    ),
    "bundle": (
        "bundle",
        build_standing(at_twelve("more", CLEAR), bundle=("bayside-pilates", "harbor-run-shop")),
    ),
    "capacity-bound": ("capacity-bound", build_standing(at_twelve("more", CLEAR))),
    "nobody-came-before": (
        "nobody-came-before",
        build_standing(at_twelve("more", (18.0, 9.0, 31.0))),
    ),
    "ended-and-reviewed-again": ("ended-more", build_standing(at_twelve("more", CLEAR))),
    "ended-for-good": (
        "ended-no-clear-change",
        build_standing(at_twelve("no clear change", UNCLEAR), next_review=None),
    ),
}

LATER = pd.Timestamp("2026-03-02")
FULL = Capacity(share_full=0.62, basis_full=0.1).sentence
SITUATIONS: dict[str, dict[str, Any]] = {
    "more": {},
    "fewer": {"verdict": "fewer", "observed": 270.0, "expected": 303.0, "total": (-62.0, -5.0)},
    "no-clear-change": {
        "verdict": "no clear change",
        "observed": 320.0,
        "total": (-24.0, 60.0),
        "tell_from": LATER,
    },
    "too-early": {
        "verdict": "too early",
        "post": 9,
        "observed": 61.0,
        "expected": 52.0,
        "total": (-6.0, 22.0),
        "tell_from": pd.Timestamp("2024-10-14"),
    },
    "too-small": {
        "verdict": "too small to tell",
        "observed": 6.0,
        "expected": 2.5,
        "total": (-1.5, 5.6),
        "named": 1.0,
        "tell_from": LATER,
    },
    "data-not-fit": {
        "verdict": "data not fit",
        "pre": 4,
        "no_number": True,
        "named": None,
        "p_value": math.nan,
        "method": "none",
        "smallest_visible": math.nan,
    },
    "register-fault": {
        "verdict": "data not fit",
        "pre": 0,
        "post": 0,
        "no_number": True,
        "notes": ("It has no start date; add start_date to partnerships.csv.",),
        "named": None,
        "method": "none",
        "smallest_visible": math.nan,
    },
    "bundle": {"bundle": ("bayside-pilates", "harbor-run-shop")},
    "capacity-bound": {"at_least": True, "capacity": FULL},
    "nobody-came-before": {
        "observed": 18.0,
        "expected": 0.0,
        "total": (10.7, 28.4),
        "named": 9.0,
    },
    "ended-more": {"after": 26},
    "ended-no-clear-change": {
        "verdict": "no clear change",
        "observed": 320.0,
        "total": (-24.0, 60.0),
        "after": 26,
    },
    "ended-too-early": {
        "verdict": "too early",
        "post": 9,
        "after": 30,
        "observed": 61.0,
        "expected": 52.0,
        "total": (-6.0, 22.0),
    },
    "only-a-lower-bound": {"total": (9.5, math.inf)},
    "only-an-upper-bound": {"verdict": "fewer", "observed": 200.0, "total": (-math.inf, -12.0)},
    "unclear-without-upper-end": {
        "verdict": "no clear change",
        "observed": 320.0,
        "total": (-24.0, math.inf),
    },
    "check-failed": {
        "checks": pd.DataFrame(
            {
                "check": ["placebos"],
                "question": ["Would others look the same?"],
                "result": ["fail"],
                "detail": ["9 of 24 comparison groups moved as much."],
            }
        )
    },
}


@pytest.fixture
def make_effect() -> MakeEffect:
    """Return the builder of effects from consistent numbers."""
    return build_effect


@pytest.fixture
def effects() -> dict[str, Effect]:
    """Return one effect for each situation that a report must be able to put into words."""
    return {situation: build_effect(**settings) for situation, settings in SITUATIONS.items()}


@pytest.fixture
def standings() -> dict[str, tuple[Effect, Standing]]:
    """Return an effect and what is declared of it, for each situation between and at reviews."""
    return {
        name: (build_effect(**SITUATIONS[situation]), standing)
        for name, (situation, standing) in STANDINGS.items()
    }
