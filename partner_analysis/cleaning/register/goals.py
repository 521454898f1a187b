"""What a practice aims at and what it did, checked at the file door; used by later stages."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.cleaning.plain import plain
from partner_analysis.cleaning.register.clinics import clinic_names
from partner_analysis.cleaning.register.lists import (
    read_list,
    refuse_lines,
    refuse_strangers,
    split_names,
    type_amounts,
    type_days,
)
from partner_analysis.declared import GOAL_WORDS
from partner_analysis.practice import Practice

OF_A_PROVIDER: Final = (
    "A goal must not depend on how many patients a provider sends. Count all new patients of the "
    'persona (counted = all), or set provider to "no" in the partnerships table if it cannot refer.'
)


def read_goals(
    practice: Practice, ids: set[str], *, providers: set[str], clinics: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per goal, checked; ``ids`` are those of the register.

    ``providers`` are those of them that can refer patients; ``clinics`` turns other spellings of
    a clinic into its name. A goal without a partnership is one of the practice. ``clinics`` of a
    goal is a tuple, empty where it names none. What is left empty is chosen later, and said
    (``attribution/goals/goal.py``).
    """
    rows, where = read_list(practice, "goals"), practice.tables.goals
    refuse_strangers(where, rows[rows["partnership_id"] != ""], ids)
    refuse_lines(
        where, rows, rows["goal_id"].duplicated(keep=False), "repeat a goal_id", "Rename one."
    )
    for column, words in GOAL_WORDS.items():
        rows[column] = rows[column].str.casefold()
        odd = (rows[column] != "") & ~rows[column].isin(words)
        refuse_lines(
            where, rows, odd, f"have an unknown {column}", f"It is one of {', '.join(words)}."
        )
    type_days(where, rows, "start_date")
    type_amounts(where, rows, "target", "window_months")
    _refuse_unfinished(where, rows)
    _refuse_quarrels(where, rows, providers)
    known = clinic_names(clinics)
    rows["clinics"] = pd.Series(
        [tuple(known.get(plain(n), n) for n in split_names(text)) for text in rows["clinics"]],
        index=rows.index,
        dtype=object,
    )
    return rows.drop(columns="line").reset_index(drop=True)


def _refuse_unfinished(where: str | None, rows: pd.DataFrame) -> None:
    """Refuse goals that lack what nobody can choose for the practice."""
    months = rows["window_months"]
    refuse_lines(where, rows, rows["target"].isna(), "have no target", "Write how many.")
    nothing = (rows["target"] == 0) & (rows["unit"] != "percent")
    refuse_lines(where, rows, nothing, "have a target of 0", "Write how many, 1 or more.")
    odd = ~(months.between(1, 60) & (months % 1 == 0))
    cure = "Say within how many months, 1 to 60."
    refuse_lines(where, rows, odd, "have no window_months in whole months", cure)
    never = rows["start_date"].isna() & (rows["partnership_id"] == "")
    refuse_lines(where, rows, never, "have neither a start_date nor a partnership", "Give one.")


def _refuse_quarrels(where: str | None, rows: pd.DataFrame, providers: set[str]) -> None:
    """Refuse goals that count patients as they cannot, or may not, be counted."""
    by_partner = rows["counted"].isin(["named", "extra"])
    alone = by_partner & (rows["partnership_id"] == "")
    refuse_lines(where, rows, alone, "count named or extra patients of nobody", "Name the partner.")
    sent = by_partner & rows["partnership_id"].isin(providers)
    refuse_lines(where, rows, sent, "count named or extra patients of a provider", OF_A_PROVIDER)
    extra = (rows["counted"] == "extra") & (rows["unit"] == "percent")
    refuse_lines(
        where,
        rows,
        extra,
        "count extra patients in percent",
        "Extra patients are a number; percent counts all.",
    )


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
