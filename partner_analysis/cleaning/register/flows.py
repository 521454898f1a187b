"""What each side of a partnership gave in a month, checked at the file door: counts only."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.cleaning.plain import plain
from partner_analysis.cleaning.register.clinics import clinic_names
from partner_analysis.cleaning.register.lists import (
    read_list,
    refuse_lines,
    refuse_strangers,
    type_amounts,
)
from partner_analysis.practice import Practice

GIVERS: Final = ("", "us", "partner")
WHOLE: Final = (
    "referrals_out",
    "same_day_slots",
    "education_sessions",
    "shared_events",
    "planning_meetings",
    "feedback_answers",
)
OURS: Final = ("referrals_out", "same_day_slots")
HIGHEST_SCORE: Final = 10


def read_flows(practice: Practice, ids: set[str], clinics: pd.DataFrame) -> pd.DataFrame:
    """Return one row per partnership, month, clinic and giver: what was given, as counts.

    Parameters
    ----------
    practice
        Whose table of flows is read; without one the result has no rows.
    ids
        Partnerships of the register.
    clinics
        One row per clinic, whose other spellings are turned into its name.

    Returns
    -------
    DataFrame
        ``month`` is its first day; ``given_by`` is "us", "partner" or "" (who usually gives it);
        an amount that was not recorded is NaN, and 0 says that there was none.

    Raises
    ------
    DataError
        For partnerships that are not registered, months, amounts and scores that are none,
        a score without its number of answers, a row that is there twice, and referrals out or
        same-day slots in a row of what the partner gave.
    """
    rows, where = read_list(practice, "flows"), practice.tables.flows
    refuse_strangers(where, rows, ids)
    rows["month"] = _months(rows, where)
    known = clinic_names(clinics)
    rows["clinic"] = [known.get(plain(name), name) for name in rows["clinic"]]
    rows["given_by"] = rows["given_by"].str.casefold()
    odd = ~rows["given_by"].isin(GIVERS)
    refuse_lines(where, rows, odd, "have an unknown given_by", "Write us, partner or nothing.")
    type_amounts(where, rows, *WHOLE, "space_hours", "feedback_score")
    _refuse_amounts(rows, where)
    keys = ["partnership_id", "month", "clinic", "given_by"]
    refuse_lines(
        where, rows, rows.duplicated(keys, keep=False),
        "repeat a partnership, month, clinic and given_by", "Add them up into one.",
    )  # fmt: skip
    return rows.drop(columns="line").reset_index(drop=True)


def _months(rows: pd.DataFrame, where: str | None) -> pd.Series:
    """First days of months written as YYYY-MM."""
    months = pd.to_datetime(rows["month"], format="%Y-%m", errors="coerce")
    months = months.astype("datetime64[us]").where(rows["month"].str.fullmatch(r"\d{4}-\d{2}"))
    wrong = ~months.dt.year.between(1900, 2199)
    refuse_lines(where, rows, wrong, "have a month that is none", "Write it as YYYY-MM.")
    return months


def _refuse_amounts(rows: pd.DataFrame, where: str | None) -> None:
    """Refuse amounts that contradict what they are amounts of."""
    for column in WHOLE:
        parts = rows[column] % 1 > 0
        refuse_lines(where, rows, parts, f"have a {column} that is not whole", "Count them.")
    high = rows["feedback_score"] > HIGHEST_SCORE
    refuse_lines(where, rows, high, "have a feedback_score above 10", "It goes from 0 to 10.")
    unasked = rows["feedback_score"].notna() & ~(rows["feedback_answers"] > 0)
    refuse_lines(
        where, rows, unasked, "have a feedback_score without feedback_answers",
        "Write how many answered.",
    )  # fmt: skip
    ours = (rows["given_by"] == "partner") & rows[list(OURS)].notna().any(axis=1)
    refuse_lines(
        where, rows, ours, "have referrals_out or same_day_slots given by the partner",
        "We give these; write them in a row of ours.",
    )  # fmt: skip
