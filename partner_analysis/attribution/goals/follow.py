"""Every goal of a practice: from counts, register and goals to how far each of them is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partner_analysis.attribution.goals.baseline import Asked, ask
from partner_analysis.attribution.goals.because import Estimates, estimates_for
from partner_analysis.attribution.goals.counted import follow_counts
from partner_analysis.attribution.goals.estimated import follow_extra
from partner_analysis.attribution.goals.goal import Goal, state_goals
from partner_analysis.attribution.goals.past import Past
from partner_analysis.attribution.goals.progress import GoalProgress, frame_of
from partner_analysis.attribution.goals.series import GoalSeries
from partner_analysis.attribution.reviews.known import (
    PracticeTables,
    mostly_before,
    practice_of,
)


def follow_goals(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    goals: pd.DataFrame,
    *,
    named: pd.DataFrame | None = None,
    level: float = 0.95,
    events: pd.DataFrame | None = None,
    holidays: str = "US",
) -> dict[str, GoalProgress]:
    """How far every goal is, by its id.

    Parameters
    ----------
    counts
        One row per clinic, persona and complete period: see ``tables.check_counts``.
    partnerships
        All partnerships of the practice: see ``tables.check_partnerships``.
    goals
        One row per goal: see ``state_goals``.
    named
        Counts of new patients who named each partner: see ``tables.check_named``. Without them
        a goal that counts the named cannot be told.
    level
        Of all intervals.
    events, holidays
        As for ``estimate_effect``.

    Returns
    -------
    dict
        One ``GoalProgress`` per goal. Of a goal whose deadline has passed, only what was known
        by then is used. A period belongs to a window that holds more than half of its days.

    Raises
    ------
    InputError
        For tables that break their contract and for a goal that cannot be understood.

    Examples
    --------
    >>> weeks = pd.date_range("2023-01-02", periods=80, freq="W-MON")
    >>> counts = pd.DataFrame({"period": weeks, "clinic": "A", "new_patients": 3})
    >>> gym = pd.DataFrame([{"partnership_id": "gym", "start_date": "2024-01-01"}])
    >>> goal = {"goal_id": "g", "target": 5, "window_months": 3, "start_date": "2024-03-04"}
    >>> follow_goals(counts, gym, pd.DataFrame([goal]))["g"].status
    'met'
    """
    practice = practice_of(counts, partnerships, named, events, holidays, "auto", level)
    stated = state_goals(goals, practice.partnerships)
    past = Past(practice, until=max((goal.after for goal in stated.values()), default=None))
    ordered = sorted(stated, key=lambda key: (stated[key].after, stated[key].start))
    found = {key: follow_goal(past, stated[key]) for key in ordered}
    return {key: found[key] for key in stated}


def follow_goal(past: Past, goal: Goal) -> GoalProgress:
    """How far one goal is, by what was known up to its deadline."""
    practice = past.practice
    known = known_by_the_deadline(practice, goal)
    if known.counts.empty:
        words = (
            "Its deadline lies before the first count. Exports that reach further back would help."
        )
        return GoalProgress(goal, "cannot tell", practice.level, words)
    if goal.counted == "named" and practice.named is None:
        return GoalProgress(goal, "cannot tell", practice.level, "Who named it was not counted.")
    series = past.series(goal)
    if series is None:
        words = (
            "The counts hold none of the patients that it is about. Compare its clinics and "
            "persona with those of the data."
        )
        return GoalProgress(goal, "cannot tell", practice.level, words)
    asked = ask(series, goal, practice.level)
    reason = asked.reason or _not_covered(series, goal)
    if reason:
        frame = frame_of(series, asked) if asked.window.any() else {}
        return GoalProgress(goal, "cannot tell", practice.level, reason, **frame)
    estimates = _estimates(known, series, goal, asked)
    follow = follow_extra if goal.counted == "extra" else follow_counts
    return follow(series, goal, asked, estimates, practice.level)


def known_by_the_deadline(practice: PracticeTables, goal: Goal) -> PracticeTables:
    """What was known by the deadline: the periods that mostly lie before it, and their register."""
    inside = practice.periods[mostly_before(practice.periods, goal.after)]
    day = inside[-1] + pd.Timedelta(days=1) if len(inside) else practice.periods[0]
    later = practice.known_on(goal.after)
    return practice.known_on(day)._replace(partnerships=later.partnerships, events=later.events)


def _not_covered(series: GoalSeries, goal: Goal) -> str:
    """Why a window that began before the data cannot be followed."""
    half = pd.Timedelta(days=float(np.median(series.length)) / 2)
    if goal.start + half < series.periods[0]:
        return "Its window began before the first count, so how many came in it is not known."
    return ""


def _estimates(
    known: PracticeTables, series: GoalSeries, goal: Goal, asked: Asked
) -> Estimates | str:
    """Where the effect of its partnership is read from, or why that is not asked."""
    if not goal.partnership_id:
        return "It is a goal of the practice, not of a partnership."
    if goal.is_provider:
        return "A provider's partnership is not judged by the patients that it sends."
    if not (series.past & asked.window).any():
        return "Its window has not begun."
    return estimates_for(known, goal)
