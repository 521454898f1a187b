"""A goal read back as it is understood, so that it can be corrected."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.attribution.goals.goal import Goal
from partner_analysis.attribution.goals.progress import GoalProgress
from partner_analysis.reporting.numbers import (
    count_text,
    day_text,
    list_text,
    number_text,
    short_name,
)

TAKEN_WORDS: Final = {
    "measure": "a mean over the window",
    "unit": "a number of patients, not percent",
    "baseline": "the same months last year as the baseline",
    "start_date": "the start of the partnership as the start of the window",
}


def goal_sentence(goal: Goal) -> str:
    """Give the goal as it is understood, every choice in words, so that it can be corrected.

    Examples
    --------
    >>> from pandas import Timestamp
    >>> start = Timestamp("2024-05-13")
    >>> goal = Goal("g", "", "", False, (), ("runner",), "total", 9, "count", "", "all", start, 3)
    >>> goal_sentence(goal)[:62]
    'Goal: 9 new patients in all (persona runner, at all clinics; a'
    """
    month = "" if goal.measure == "total" or goal.unit == "percent" else " a month"
    in_all = " in all" if goal.measure == "total" and goal.unit == "count" else ""
    amount = number_text(goal.target, digits=None if goal.target % 1 else 0)
    who = f"{amount} percent more new patients" if goal.unit == "percent" else _who(goal, amount)
    named = f" who name {short_name(goal.partner)}" if goal.counted == "named" else ""
    everyone = "; all who come, whatever brought them" if goal.counted == "all" else ""
    said = f"Goal: {who}{month}{in_all}{named} ({_whose(goal)}{everyone})"
    said += f"{_than(goal)}{_when(goal)}."
    taken = [TAKEN_WORDS[column] for column in goal.taken if column in TAKEN_WORDS]
    if "counted" in goal.taken:
        taken.append(f"{'only the extra' if goal.counted == 'extra' else 'all'} patients counted")
    return f"{said} Where it leaves that open, taken as {list_text(taken)}." if taken else said


def window_sentence(progress: GoalProgress) -> str:
    """Say which days decide where they are not the goal's own; nothing where they are."""
    first, last, goal = progress.first_day, progress.last_day, progress.goal
    if pd.isna(first) or pd.isna(last) or (first, last) == (goal.start, goal.last_day):
        return ""
    return (
        "Only whole weeks or months are counted, so the days that decide are "
        f"{day_text(first)} to {day_text(last)}."
    )


def _who(goal: Goal, amount: str) -> str:
    extra = "extra " if goal.counted == "extra" else ""
    return f"{amount} {extra}new patient{'' if amount == '1' else 's'}"


def _whose(goal: Goal) -> str:
    personas = list_text([short_name(name) for name in goal.personas])
    who = f"persona{'s' if len(goal.personas) > 1 else ''} {personas}" if personas else "everybody"
    where = list_text([short_name(name) for name in goal.clinics]) or "all clinics"
    return f"{who}, at {where}"


def _than(goal: Goal) -> str:
    if goal.counted == "extra":
        return f" beyond what would have come without {short_name(goal.partner)}"
    return {
        "": "",
        "prior months": f" than in the {count_text(goal.months, 'month')} before",
        "same months last year": " than in the same months last year",
        "seasonal expectation": " than the time before lets expect for that season",
    }[goal.baseline]


def _when(goal: Goal) -> str:
    span = f"from {day_text(goal.start)} to {day_text(goal.last_day)}"
    months = count_text(goal.months, "month")
    if goal.measure == "rate":
        return f", reached in the last four weeks or month of the {months} {span}"
    return f", {'as a mean over' if goal.measure == 'mean' else 'over'} the {months} {span}"
