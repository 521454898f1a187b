"""Parts of what a plan says, shared by its sentences, tables and figure."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.planning.plan import Plan
from partner_analysis.reporting.numbers import number_text

NEVER: Final = "no size"
UNTRIED: Final = "cannot be tried"


def effect_text(plan: Plan) -> str:
    """Give the stated effect in words: "25% more new patients"."""
    if np.isfinite(plan.percent):
        return f"{percent_text(abs(plan.percent))} {direction(plan.percent)} new patients"
    size = number_text(abs(plan.per_month), digits=0 if float(plan.per_month).is_integer() else 1)
    noun = "new patient" if size == "1" else "new patients"
    return f"{size} {direction(plan.per_month)} {noun} a month"


def is_fewer(plan: Plan) -> bool:
    """Whether a loss is planned for."""
    return plan.percent < 0 or plan.per_month < 0


def direction(size: float) -> str:
    """Give "more" or "fewer" for the sign of a size."""
    return "fewer" if size < 0 else "more"


def first_upper(text: str) -> str:
    """Give a text with a capital at its start."""
    return text[:1].upper() + text[1:]


def percent_text(size: float) -> str:
    """Give a size in percent; an infinite one is none."""
    if math.isinf(size):
        return NEVER
    return number_text(size, digits=0 if abs(size) >= 1 else 1, unit="%")


def months_of(plan: Plan) -> list[int]:
    """Months after the start at which reviews are planned."""
    return [int(month) for month in sorted(plan.answers["months"].unique())]


def designs_of(plan: Plan) -> list[str]:
    """Names of the designs, in their order."""
    return list(dict.fromkeys(plan.answers["design"]))


def rows_of(plan: Plan, design: str) -> list[pd.Series]:
    """Rows of one design, by months."""
    chosen = plan.answers[plan.answers["design"] == design]
    return [row for _, row in chosen.sort_values("months").iterrows()]


def row_of(plan: Plan, design: str, months: float) -> pd.Series:
    """Row of one design at some months, else its last."""
    rows = rows_of(plan, design)
    return next((row for row in rows if row["months"] == months), rows[-1])


def last_of(plan: Plan, design: str) -> pd.Series:
    """Last row of one design."""
    return rows_of(plan, design)[-1]


def size_words(row: pd.Series) -> str:
    """Give the smallest effect in percent and patients."""
    if math.isinf(row["smallest"]):
        return "more than twenty times what is expected"
    month = number_text(row["smallest_month"], digits=1)
    return f"{percent_text(row['smallest'])} ({month} more new patients a month)"


def size_cell(row: pd.Series) -> str:
    """Give the smallest effect for one cell."""
    if math.isinf(row["smallest"]):
        return NEVER
    return f"{percent_text(row['smallest'])} ({number_text(row['smallest_month'], digits=1)})"


def tried_text(row: pd.Series) -> str:
    """Give the chance from the past with its interval."""
    low, high = (f"{100 * row[end]:.0f}%" for end in ("tried_low", "tried_high"))
    return f"{100 * row['tried_chance']:.0f}% (95% interval {low} to {high})"


def past_words(row: pd.Series) -> str:
    """Give what the past says of one row."""
    if not row["tried"]:
        return "the past has no stretch to try it in"
    return f"planted in the past, {tried_text(row)}"


def stretches_text(number: int) -> str:
    """Give how many stretches of the past."""
    return "1 stretch" if number == 1 else f"{number} stretches"


def apart_words(row: pd.Series) -> str:
    """Say how many of the stretches share no count."""
    if row["tried"] == 1:
        return "a single one, so this says little"
    if row["apart"] == row["tried"]:
        return "none shares a count with another"
    return f"the interval counts the {row['apart']} that share no count with another"


def smallest_in_past(plan: Plan, design: str) -> str:
    """Give the smallest effect that the past would have shown."""
    tried = [row for row in rows_of(plan, design) if row["tried"] > 0]
    if not tried:
        return UNTRIED
    return f"{percent_text(tried[-1]['tried_smallest'])} by {tried[-1]['months']} months"


def longest_past(plan: Plan, design: str) -> str:
    """Give the chance from the past at the latest review that the past reaches."""
    tried = [row for row in rows_of(plan, design) if row["tried"] > 0]
    if not tried:
        return UNTRIED
    row = tried[-1]
    low, high = (f"{100 * row[end]:.0f}%" for end in ("tried_low", "tried_high"))
    where = stretches_text(row["tried"])
    if row["apart"] < row["tried"]:
        where += f", {row['apart']} apart"
    return f"{100 * row['tried_chance']:.0f}% ({low} to {high}) by {row['months']} months, {where}"
