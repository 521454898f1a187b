"""What a practice aims at and what it did, checked at the file door; used by later stages."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.cleaning.register.lists import (
    read_list,
    refuse_lines,
    refuse_strangers,
    type_amounts,
    type_days,
)
from partner_analysis.practice import Practice

GOAL_WORDS: Final = {
    "measure": ("rate", "mean", "total"),
    "unit": ("count", "percent"),
    "baseline": ("prior months", "same months last year", "seasonal expectation"),
    "counted": ("all", "named", "extra"),
}


def read_goals(practice: Practice, ids: set[str]) -> pd.DataFrame:
    """Return one row per goal, checked; ``ids`` are those of the register."""
    rows, where = read_list(practice, "goals"), practice.tables.goals
    refuse_strangers(where, rows, ids)
    refuse_lines(
        where, rows, rows["goal_id"].duplicated(keep=False), "repeat a goal_id", "Rename one."
    )
    for column, words in GOAL_WORDS.items():
        odd = (rows[column] != "") & ~rows[column].str.casefold().isin(words)
        refuse_lines(
            where, rows, odd, f"have an unknown {column}", f"It is one of {', '.join(words)}."
        )
    type_days(where, rows, "start_date")
    type_amounts(where, rows, "target", "window_months")
    return rows.drop(columns="line").reset_index(drop=True)


def read_activities(practice: Practice, ids: set[str]) -> pd.DataFrame:
    """Return one row per activity, checked; ``ids`` are those of the register."""
    rows, where = read_list(practice, "activities"), practice.tables.activities
    refuse_strangers(where, rows, ids)
    refuse_lines(where, rows, rows["date"] == "", "have no date", "Write it as YYYY-MM-DD.")
    type_days(where, rows, "date")
    type_amounts(where, rows, "own_cost", "staff_hours", "partner_share")
    whole = (rows["partner_share"] == 1) & (rows["own_cost"] > 0)
    refuse_lines(
        where,
        rows,
        whole,
        "have a partner_share of 1, which is the whole cost, beside an own_cost",
        "Write a share below 1, or the partner's dollars.",
    )
    return rows.drop(columns="line").reset_index(drop=True)
