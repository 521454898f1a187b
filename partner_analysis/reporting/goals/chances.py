"""Chances of a goal in words: what they rest on, and what they would be without a partnership."""

from __future__ import annotations

import math

from partner_analysis.attribution.goals.progress import GoalProgress
from partner_analysis.reporting.numbers import NOT_APPLICABLE, day_text


def chance_text(probability: float) -> str:
    """Give a probability in whole percent; never as certain.

    Examples
    --------
    >>> chance_text(0.996), chance_text(0.314), chance_text(0.0)
    ('over 99 percent', '31 percent', 'under 1 percent')
    """
    if math.isnan(probability):
        return NOT_APPLICABLE
    if probability < 0.01:
        return "under 1 percent"
    if probability > 0.99:
        return "over 99 percent"
    return f"{100 * probability:.0f} percent"


def too_early_sentence(progress: GoalProgress) -> str:
    """Give the chances if what has just begun changes nothing, and if it brings a quarter more."""
    if not progress.too_early:
        return ""
    alone = progress.too_early == (progress.goal.partnership_id,)
    who = "the partnership" if alone else "what has just begun or begins by then"
    same, more = (
        chance_text(one) for one in (progress.chance_if_unchanged, progress.chance_if_more)
    )
    if progress.status == "not begun":
        return (
            f"If {who} changes nothing, the chance of meeting it by "
            f"{day_text(progress.goal.last_day)} is {same}; if it brings a quarter more new "
            f"patients where it runs, {more}. What it will bring cannot be told before it has run."
        )
    return (
        f"That chance is partly a guess, since {who} has run for less than three months: if it "
        f"changes nothing, the chance is {same}; if it brings a quarter more new patients where it "
        f"runs, {more}."
    )


def alone_sentence(progress: GoalProgress) -> str:
    """Give the chance that a goal would have been met without the partnership."""
    if not is_known(progress.chance_alone) or progress.too_early:
        return ""
    chance = chance_text(progress.chance_alone)
    if progress.goal.counted == "extra":
        return (
            "If the partnership had brought nobody extra, an estimate as large as the goal would "
            f"come out by chance in {chance} of cases."
        )
    if progress.goal.counted == "named":
        return f"At the rate at which it was named before it began, the chance was {chance}."
    without = "Without the partnership" if progress.goal.judges else "Had all gone on as before"
    judged = "what would have come without it"
    if progress.chance_from != judged:
        judged = "the counts before it"
    return f"{without}, the chance of meeting it was {chance}, judged by {judged}."


def is_known(value: float) -> bool:
    """Whether a number can be given."""
    return math.isfinite(value)
