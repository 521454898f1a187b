"""How far a goal is, in words, and whether that tells anything of the partnership."""

from __future__ import annotations

from typing import Final

import numpy as np

from partner_analysis.attribution.goals.progress import GoalProgress
from partner_analysis.reporting.goals.chances import (
    alone_sentence,
    chance_text,
    is_known,
    too_early_sentence,
)
from partner_analysis.reporting.numbers import (
    amount_text,
    count_text,
    day_text,
    level_text,
    more_or_fewer,
    number_text,
    shared_digits,
    short_name,
    span_text,
    span_words,
)

BECAUSE_WORDS: Final = {
    "more than expected": "More came than expected",
    "met without it as well": "It would more likely than not have been met without it",
    "not shown": "Whether more came than chance explains is not shown",
    "nothing to explain": "Apart from the goal",
}
STATUS_WORDS: Final = {
    "met": "Met",
    "not met": "Not met",
    "on track": "On track",
    "in the balance": "In the balance",
    "off track": "Off track",
    "not begun": "Not begun",
    "cannot tell": "Cannot tell",
}


def goal_title(progress: GoalProgress) -> str:
    """Give the finding as a title of about ten words."""
    goal = progress.goal
    whose = short_name(goal.partner, most=40) if goal.partner else "The practice"
    deadline = day_text(goal.last_day)
    titles = {
        "met": f"{whose}: goal met{_score(progress)}",
        "not met": f"{whose}: goal not met{_score(progress)}",
        "on track": f"{whose}: on track for {deadline}",
        "in the balance": f"{whose}: goal of {deadline} in the balance",
        "off track": f"{whose}: off track for {deadline}",
        "not begun": f"{whose}: goal not begun",
        "cannot tell": f"{whose}: the data cannot tell about this goal",
    }
    return titles[progress.status]


def progress_sentence(progress: GoalProgress) -> str:
    """Give how far a goal is, the finding first, then what it is worth, in one text."""
    return " ".join(progress_sentences(progress))


def progress_sentences(progress: GoalProgress) -> list[str]:
    """Give how far a goal is, the finding first, then what it is worth.

    Apart from whether it is met: how likely it would have been met without the partnership,
    whether more came than expected, and whether a change of that size could have been seen at all.
    """
    said = [
        f"{_finding(progress)} {too_early_sentence(progress)}".strip(),
        _pace(progress),
        _baseline(progress),
        alone_sentence(progress),
        _because(progress),
        measurable_sentence(progress),
    ]
    return [part for part in said if part]


def measurable_sentence(progress: GoalProgress) -> str:
    """Say whether a change as large as the goal asks for could have been seen."""
    kind, size = progress.measurable, number_text(progress.size) if is_known(progress.size) else ""
    smallest = progress.smallest_visible
    least = number_text(smallest) if is_known(smallest) else ""
    if kind == "counted":
        return (
            "Who names the partner is counted, so this can always be told; how many of them would "
            "have come anyway cannot be told from it."
        )
    if kind == "no change asked":
        return "It asks for no more than would be usual, so meeting it shows nothing."
    if kind == "cannot tell":
        return ""
    could = "is large enough to be measured" if kind == "yes" else "is too small to be measured"
    noticed = "would be noticed four times in five" if kind == "yes" else "could easily be missed"
    side = "and one of" if kind == "yes" else "and one below"
    return (
        f"A goal of this size {could} here: it asks for a change of {size} new patients a month, "
        f"{side} {least} {noticed}."
    )


def needed_text(progress: GoalProgress) -> str:
    """Give the number asked for: the next whole patient where patients are counted."""
    needed = progress.needed.estimate
    if progress.goal.counted == "extra":
        return amount_text(needed)
    return number_text(float(np.ceil(needed - 1e-9)), digits=0)


def _score(progress: GoalProgress) -> str:
    """Give what came of what was asked for where both are counted: ", 2 of 5"."""
    if progress.goal.counted == "extra" or not is_known(progress.achieved.estimate):
        return ""
    asked = needed_text(progress) + needed_span(progress)
    return f", {number_text(progress.achieved.estimate, digits=0)} of {asked}"


def needed_span(progress: GoalProgress) -> str:
    """Give the interval of the number asked for where it rests on an estimate: " (98 to 143)"."""
    needed = progress.needed
    if not needed.is_number or needed.low == needed.high or progress.goal.counted == "extra":
        return ""
    return f" ({span_text(needed, 0)})"


def _finding(progress: GoalProgress) -> str:
    status, goal = progress.status, progress.goal
    if status == "cannot tell" and progress.achieved.is_number and needed_span(progress):
        return (
            f"Cannot tell whether it was met: {_came(progress)}, and {_asked(progress)}. "
            f"{progress.reason}"
        )
    if status == "cannot tell" and not is_known(progress.probability):
        return f"This goal cannot be told. {progress.reason}"
    if status == "not begun":
        begins = f"Not begun: the window begins on {day_text(goal.start)}."
        if not is_known(progress.probability):
            return f"{begins} {progress.reason}".strip()
        if progress.too_early:
            return begins
        return (
            f"{begins} As things stand, the chance of meeting it by {day_text(goal.last_day)} is "
            f"{chance_text(progress.probability)}."
        )
    if status == "cannot tell":
        return (
            f"Whether this was met cannot be told: {_came(progress)}, and {_asked(progress)}. "
            f"{progress.reason} The chance that it was met is {chance_text(progress.probability)}."
        )
    if status in ("met", "not met"):
        early = " already" if not progress.is_over and status == "met" else ""
        return f"{STATUS_WORDS[status]}{early}: {_came(progress)}, and {_asked(progress)}."
    return (
        f"{STATUS_WORDS[status]}: {_came(progress)} by {day_text(progress.counted_to)}, and "
        f"{_asked(progress)}. The chance of meeting it by {day_text(goal.last_day)} is "
        f"{chance_text(progress.probability)}."
    )


def _came(progress: GoalProgress) -> str:
    goal, achieved = progress.goal, progress.achieved
    if goal.counted == "extra":
        digits = shared_digits((achieved.estimate, achieved.low, achieved.high))
        size = number_text(achieved.estimate, digits=digits)
        span = span_text(achieved, 1)
        return f"an estimated {size} extra new patients came ({_level(progress)} interval {span})"
    came = count_text(achieved.estimate, "new patient")
    return f"{came} {'named it' if goal.counted == 'named' else 'came'}"


def _asked(progress: GoalProgress) -> str:
    when = f"from {day_text(progress.first_day)} to {day_text(progress.last_day)}"
    number = needed_text(progress)
    span = needed_span(progress)
    interval = span.replace("(", f"({_level(progress)} interval ")
    return f"{number}{interval} {'was' if number == '1' else 'were'} asked for {when}"


def _baseline(progress: GoalProgress) -> str:
    if not progress.baseline.is_number:
        return ""
    baseline = amount_text(progress.baseline.estimate)
    span = span_text(progress.baseline, 0)
    if progress.status == "cannot tell":
        return f"The baseline is {baseline} ({_level(progress)} interval {span})."
    return (
        f"The baseline of {baseline} ({_level(progress)} interval {span}) is itself an estimate "
        "of what is usual, and so is the number asked for."
    )


def _pace(progress: GoalProgress) -> str:
    if not is_known(progress.rate_needed) or not progress.rate_so_far.is_number:
        return ""
    so_far = progress.rate_so_far
    pace = number_text(so_far.estimate)
    if progress.goal.counted == "extra":
        pace += f" ({_level(progress)} interval {span_text(so_far, 1)})"
    if progress.rate_needed == 0:
        return f"So far {pace} a month."
    needed = number_text(progress.rate_needed)
    return f"So far {pace} a month; {needed} a month are needed from now on."


def _because(progress: GoalProgress) -> str:
    because, goal = progress.because, progress.goal
    if because is None or not goal.judges:
        return ""
    if goal.counted == "extra":
        return ""
    extra = because.extra
    digits = shared_digits((extra.estimate, extra.low, extra.high))
    size = more_or_fewer(extra.estimate, digits=digits)
    return (
        f"{BECAUSE_WORDS[because.reading]}: an estimated {size} came in "
        f"that time than would have come without it ({_level(progress)} interval "
        f"{span_words(extra)})."
    )


def _level(progress: GoalProgress) -> str:
    return level_text(progress.level)
