"""Goals side by side, and what was stated of them before beside what happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from partner_analysis.attribution.goals.backtest import BackTest
from partner_analysis.attribution.goals.progress import GoalProgress
from partner_analysis.reporting.goals.chances import chance_text, is_known
from partner_analysis.reporting.goals.told import STATUS_WORDS, needed_span, needed_text
from partner_analysis.reporting.html import Shown, html_table
from partner_analysis.reporting.long_lists import left_out_text, shown_of
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    count_text,
    interval_text,
    level_text,
    list_text,
    number_text,
    short_name,
)

FIRST_SHOWN: Final = {"off track": 0, "not met": 1, "in the balance": 2, "on track": 3, "met": 4}
OPEN: Final = ("on track", "in the balance", "off track", "not begun")


def goals_title(followed: Mapping[str, GoalProgress]) -> str:
    """Give how many goals are met, missed, open and not to be told, as a title."""
    statuses = [progress.status for progress in followed.values()]
    if not statuses:
        return "No goals are set"
    groups = {
        "met": statuses.count("met"),
        "not met": statuses.count("not met"),
        "still open": sum(status in OPEN for status in statuses),
        "cannot be told": statuses.count("cannot tell"),
    }
    parts = [f"{number} {words}" for words, number in groups.items() if number]
    return f"Of {count_text(len(statuses), 'goal')}, {list_text(parts)}"


def goals_table(followed: Mapping[str, GoalProgress]) -> Shown:
    """Give one row per goal, in the order given: its status, and what that is worth."""
    rows = [
        (
            _called(key, progress),
            _status(progress),
            _so_far(progress),
            chance_text(progress.chance_alone),
            progress.because.reading if progress.because else "not asked",
            progress.measurable,
        )
        for key, progress in shown_of(list(followed.items()), first=_place)
    ]
    heads = ["goal", "status", "so far, asked for", "chance without it", "more than expected?"]
    heads += ["measurable?"]
    kinds = ("text",) * 6
    note = (
        "New patients in the whole weeks or months that decide, which can begin or end some days "
        "from the goal's own dates. In brackets "
        f"{_levels(followed)} intervals of what is estimated, also of a number asked for that is "
        "in percent of the usual. Whether a goal is met and whether more came than expected are "
        "two questions; neither says what brought them. Measurable: whether a change as large as "
        "the goal could be seen here; who names a partner is counted."
    )
    part = left_out_text(len(followed), "goals.csv", which="first those that are not met")
    note = f"{note} {part}".strip() if rows else ""
    return html_table(heads, rows, kinds, title=goals_title(followed), note=note)


def _place(goal: tuple[str, GoalProgress]) -> int:
    """Give which goals stand on the page where not all can: off track, missed, open, the rest."""
    return FIRST_SHOWN.get(goal[1].status, len(FIRST_SHOWN))


def _called(key: str, progress: GoalProgress) -> str:
    """Give the goal's id in words, and whose it is."""
    words = short_name(key.replace("-", " ").replace("_", " "), most=40)
    partner = progress.goal.partner
    return f"{words} ({short_name(partner, most=40)})" if partner else words


def _status(progress: GoalProgress) -> str:
    """Give the status, and while it is open the chance of meeting it."""
    words = STATUS_WORDS[progress.status]
    if progress.status not in OPEN:
        return words
    if progress.too_early and progress.status == "not begun":
        return f"{words}: {chance_text(progress.chance_if_unchanged)} if nothing changes"
    return f"{words}: {chance_text(progress.probability)}"


def _so_far(progress: GoalProgress) -> str:
    """Give what came, what was asked for, and what is needed from now on."""
    asked = NOT_APPLICABLE
    if progress.needed.is_number:
        asked = needed_text(progress) + needed_span(progress)
    so_far = progress.achieved
    if not so_far.is_number:
        return f"\u2013 of {asked}"
    estimated = progress.goal.counted == "extra"
    came = f"{interval_text(so_far)} estimated," if estimated else f"{so_far.estimate:,.0f}"
    rest = progress.rate_needed
    needed = f"; {number_text(rest)} a month needed" if is_known(rest) and rest > 0 else ""
    return f"{came} of {asked}{needed}"


def _levels(followed: Mapping[str, GoalProgress]) -> str:
    return list_text(sorted({level_text(progress.level) for progress in followed.values()}))


def back_test_table(tested: Mapping[str, BackTest]) -> Shown:
    """Give one row per goal: how often it was posed before, what was stated, what happened.

    For the analyst. The Brier score is the mean squared distance of what was stated from
    what happened: 0 is perfect, and it should lie below that of always stating the base rate.
    """
    rows = [
        (
            short_name(key, most=40),
            number_text(len(test.poses), digits=0),
            _percent(test.poses["is_met"].mean()) if len(test.poses) else NOT_APPLICABLE,
            _percent(test.poses["probability"].mean()) if len(test.poses) else NOT_APPLICABLE,
            _score(test.brier),
            _score(test.brier_of_base_rate),
            test.reason or NOT_APPLICABLE,
        )
        for key, test in shown_of(list(tested.items()))
    ]
    heads = [
        "goal",
        "times asked",
        "met",
        "stated, on average",
        "Brier score",
        "of the base rate",
        "why not",
    ]
    asked = sum(len(test.poses) for test in tested.values())
    title = f"Posed at earlier dates, goals were asked about {count_text(asked, 'time')}"
    note = (
        "Each time at the start and half way, from what was known then. The windows overlap, so "
        f"that the answers are not independent. {left_out_text(len(tested), 'goals.csv')}"
    ).strip()
    kinds = ("text", *["number"] * 5, "text")
    return html_table(heads, rows, kinds, title=title, note=note if rows else "")


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _score(value: float) -> str:
    return f"{value:.3f}" if is_known(value) else NOT_APPLICABLE
