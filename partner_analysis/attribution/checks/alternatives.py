"""The same question with other choices: another prior, stretch or definition of a new patient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.checks.afterwards import without_what_came_after
from partner_analysis.attribution.draws import interval_of
from partner_analysis.attribution.effect import PRIOR_COLUMNS, empty_table
from partner_analysis.attribution.joint import choose_window, joint_total_window
from partner_analysis.attribution.outlook import plain
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import (
    Pace,
    Posterior,
    weigh,
    weigh_anew,
    weigh_parts,
)
from partner_analysis.attribution.variability import FEW_SETTINGS
from partner_analysis.attribution.windows import Window, enough_before
from partner_analysis.tables import DAYS_PER_MONTH, Interval

Check = tuple[str, str, str, str]

SETTLING_IN_DAYS: Final = 31
LEAST_MONTHS: Final = 3
PACES: Final[dict[Pace, str]] = {
    "its own": "a pace of its own is possible",
    "like the others": "a pace like the others', or some 5 percent a year where there are none",
    "any": "any pace, learnt from its own past alone",
}


def priors_table(
    panel: Panel, posterior: Posterior, alike: Posterior, total: Interval, level: float
) -> pd.DataFrame:
    """One row per prior of the clinic's own yearly growth, the one used first: total and interval.

    Empty where few patients came before: then the window's own past teaches no pace. ``alike`` is
    the posterior by a pace like the others'.
    """
    if posterior.small:
        return empty_table(PRIOR_COLUMNS)
    others = total_of(alike, level), total_of(weigh_anew(panel, posterior, "any"), level)
    rows = [
        (words, each.estimate, each.low, each.high)
        for words, each in zip(PACES.values(), (total, *others), strict=True)
    ]
    return pd.DataFrame(rows, columns=list(PRIOR_COLUMNS)).astype(PRIOR_COLUMNS)


def together(panel: Panel, window: Window, *, method: str, level: float) -> Interval | None:
    """Total of all partnerships of a window together; None where it is alone, or unfit."""
    if len(window.members) == len(window.judged):
        return None
    joint = joint_total_window(panel, window, method)
    if not joint.active.any():
        return None
    return total_of(weigh(panel, joint), level)


def counted_otherwise(
    recounted: Mapping[str, Panel], identifier: str, *, method: str, level: float
) -> dict[str, Interval]:
    """Extra new patients a month by other definitions of a new patient, each by its name."""
    found = {}
    for name, panel in recounted.items():
        narrow = panel if identifier in panel.wide else panel.narrow
        window = choose_window(narrow, identifier, method)
        if window.active.any():
            found[name] = _per_month(narrow, window, level)
    return found


def cut_otherwise(panel: Panel, posterior: Posterior, level: float) -> dict[str, Interval]:
    """Extra new patients a month with the window cut otherwise, each named by its cut."""
    window = posterior.window
    when = np.flatnonzero(window.active.any(axis=0))
    days = float(panel.cells.length[when].sum())
    if days < LEAST_MONTHS * DAYS_PER_MONTH:
        return {}
    judged = window.active.any(axis=1)
    day = panel.cells.day
    late = day >= day[when[0]] + SETTLING_IN_DAYS
    half = day >= day[when[len(when) // 2]]
    cuts = {
        "the first month left out": late,
        "the first half of its time alone": ~half,
        "the second half of its time alone": half,
    }
    cuts = {name: cut for name, cut in cuts.items() if (window.when & cut).any()}
    weighed = weigh_parts(panel, posterior, list(cuts.values()))
    found = {n: _a_month(panel, one, level) for n, one in zip(cuts, weighed, strict=True)}
    before_alone = without_what_came_after(window)
    if (before_alone.known != window.known).any() and enough_before(
        before_alone.known[judged], window.active[judged]
    ).all():
        found["nothing learnt from the time after it"] = _per_month(panel, before_alone, level)
    return found


def _per_month(panel: Panel, window: Window, level: float) -> Interval:
    return _a_month(panel, weigh(panel, window, settings=FEW_SETTINGS), level)


def _a_month(panel: Panel, posterior: Posterior, level: float) -> Interval:
    days = float(panel.cells.length[posterior.window.when].sum())
    return total_of(posterior, level).scaled(DAYS_PER_MONTH / days)


def total_of(posterior: Posterior, level: float) -> Interval:
    """Extra new patients in all, by a posterior."""
    differences = posterior.came - posterior.without
    return interval_of(differences, posterior.observed - posterior.expected, level)


def choices_check(
    chosen: Interval, others: Mapping[str, Interval], *, unit: str = "new patients a month"
) -> Check:
    """The check of definitions and windows: how far the answer moves under other choices.

    Parameters
    ----------
    chosen
        The answer given.
    others
        The answers under other choices, by a name that ends "with ...": "the first month left
        out", "a new patient being one not seen for two years". In the same unit, so per month
        and not in total where the windows differ.
    unit
        In words.

    Returns
    -------
    tuple
        Fails where another choice finds the opposite; warns where one leaves the interval of the
        chosen one, or finds something where that does not, or the other way round.
    """
    name, question = "other choices", "Does the answer hang on how patients and time were cut?"
    known = {label: other for label, other in others.items() if np.isfinite(other.estimate)}
    if not known or not np.isfinite(chosen.estimate):
        return name, question, "not possible", "There was nothing to compare with."
    low = min(other.estimate for other in known.values())
    high = max(other.estimate for other in known.values())
    moved = {label: _moved(chosen, other) for label, other in known.items()}
    worst = max(moved, key=lambda label: (moved[label], abs(known[label].estimate)))
    count = "one other choice" if len(known) == 1 else f"{len(known)} other choices"
    here, way = chosen.estimate, "more"
    if max(high, here) < 0:
        low, high, here, way = -high, -low, -here, "fewer"
    detail = (
        f"Under {count} the answer is {plain(low)} to {plain(high)} {way} {unit}, "
        f"compared with {plain(here)}."
    )
    result = ("pass", "warn", "fail")[moved[worst]]
    if result == "pass":
        return name, question, result, f"{detail} What it says stays the same."
    other = known[worst]
    numbers = f"{plain(other.estimate)} ({plain(other.low)} to {plain(other.high)})"
    says = {-1: "fewer", 0: "no clear change", 1: "more"}[_side(other)]
    verb = "moves furthest" if _side(other) == _side(chosen) else f'would read "{says}"'
    return name, question, result, f"{detail} It {verb} with {worst}: {numbers}."


def _moved(chosen: Interval, other: Interval) -> int:
    """0 the same, 1 elsewhere or another conclusion, 2 the opposite conclusion."""
    one, two = _side(chosen), _side(other)
    if one * two < 0:
        return 2
    return int(one != two or not chosen.low <= other.estimate <= chosen.high)


def _side(interval: Interval) -> int:
    return int(interval.low > 0) - int(interval.high < 0)
