"""Has the relationship had time? How it came so far, and what waiting would tell, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.outlook import waiting_narrows
from partner_analysis.attribution.reviews.held import WATCHING, Standing
from partner_analysis.reporting.numbers import (
    count_text,
    day_text,
    interval_text,
    level_text,
    list_text,
    more_or_fewer,
    number_text,
    span_words,
)
from partner_analysis.reporting.phrases import has_ended, is_answered, stops_early
from partner_analysis.tables import DAYS_PER_MONTH, Interval

SETTLING_MONTHS: Final = 3
LATER: Final = (3, 6, 12)
NOT_KNOWN_BEFORE: Final = (
    "How long a relationship takes to bring patients is not known beforehand, so nothing is called "
    f"in the first {SETTLING_MONTHS} months."
)


def timing_title(effect: Effect) -> str:
    """Give the finding: whether it has had time, and whether it came slowly."""
    after = months_of(effect) - SETTLING_MONTHS
    if after < 0:
        return "It has not had time yet"
    course = effect.course
    if len(course) < 2 or not is_answered(effect):
        return f"It has had {_months(max(after, 0))} after its first {SETTLING_MONTHS}"
    first, later = course.iloc[0], course.iloc[1:]
    if (later["low"] > first["high"]).any():
        return "It took time: later months are clearly above its first"
    if (later["high"] < first["low"]).any():
        return "It faded: later months are clearly below its first"
    return "Nothing shows that it needed time, or that it faded"


def timing_sentences(
    effect: Effect, standing: Standing | None, standings: Mapping[str, Standing]
) -> list[str]:
    """Say how long it ran, how it came since, what others took, and what waiting would tell.

    Parameters
    ----------
    effect, standing
        Of one partnership.
    standings
        Of all, by id: after how many months the others were first called more.
    """
    if pd.isna(effect.first_day):
        return [NOT_KNOWN_BEFORE]
    said = [_time_so_far(effect), f"{NOT_KNOWN_BEFORE} {_others_took(effect, standings)}"]
    if is_answered(effect) and len(effect.course):
        said.append(_course_said(effect))
    said.append(_reviews_said(standing))
    said.append(_waiting_said(effect))
    return [sentence for sentence in said if sentence]


def timing_alt(effect: Effect) -> str:
    """Give the same for those who cannot see the picture."""
    return f"{timing_title(effect)}. {_course_said(effect)}".strip()


def months_of(effect: Effect) -> float:
    """Months of complete counts in which it ran."""
    return effect.active_days / DAYS_PER_MONTH


def stretch_words(row: Any) -> str:
    """Name one stretch of months: "months 4 to 6"."""
    if row.first_month == row.last_month:
        return f"month {row.first_month}"
    return f"months {row.first_month} to {row.last_month}"


def _time_so_far(effect: Effect) -> str:
    months = months_of(effect)
    ran = "It ran" if has_ended(effect) else "It has run"
    said = (
        f"{ran} for {_months(months)} of complete counts, {day_text(effect.first_day)} to "
        f"{day_text(effect.last_day)}"
    )
    if stops_early(effect):
        said += "; later counts cannot be used for it"
    if months < SETTLING_MONTHS:
        return f"{said}; that is too early."
    return f"{said}; {_months(months - SETTLING_MONTHS)} of them after its first three."


def _others_took(effect: Effect, standings: Mapping[str, Standing]) -> str:
    """After how many months the practice's other partnerships were first called more."""
    others = [s for key, s in standings.items() if key != effect.partnership_id and len(s.reviews)]
    if not others:
        return "No other partnership of the practice has been reviewed yet."
    took = [_first_more(each.reviews) for each in others]
    found = sorted(months for months in took if months is not None)
    reviewed = f"Of {count_text(len(others), 'other partnership')} that were reviewed"
    if not found:
        return f"{reviewed}, none has been called more yet."
    months = list_text([str(month) for month in found])
    called = "1 was" if len(found) == 1 else f"{len(found)} were"
    return f"{reviewed}, {called} called more, first {months} months after the start."


def _first_more(reviews: pd.DataFrame) -> int | None:
    verdicts = reviews["verdict"].tolist()
    return int(reviews["months"].iloc[verdicts.index("more")]) if "more" in verdicts else None


def _course_said(effect: Effect) -> str:
    """The effect a month in each stretch of months since the start."""
    if not is_answered(effect) or effect.course.empty:
        return ""
    parts = [
        f"{stretch_words(row)}, {more_or_fewer(row.estimate)} "
        f"({span_words(Interval(row.estimate, row.low, row.high))})"
        for row in effect.course.itertuples()
    ]
    return (
        "More or fewer new patients a month than expected, each stretch by itself: "
        f"{'; '.join(parts)}; in brackets {level_text(effect.level)} intervals."
    )


def _reviews_said(standing: Standing | None) -> str:
    if standing is None:
        return ""
    following = standing.next_review
    if standing.standing == WATCHING:
        return "" if pd.isna(following) else f"Its first review is of {day_text(following)}."
    last = f"Last reviewed on {day_text(standing.reviewed_on)}"
    if pd.isna(following):
        return f"{last}; there will be no further review."
    return f"{last}; the next review is of {day_text(following)}."


def _waiting_said(effect: Effect) -> str:
    """How wide the interval would be after further months."""
    if has_ended(effect):
        return "It has ended, so waiting tells nothing more."
    if len(effect.ahead) < 2:
        return "What waiting would tell cannot be foreseen."
    width = dict(zip(effect.ahead["more_months"], effect.ahead["width"], strict=True))
    today = number_text(width[0], digits=1)
    said = f"Waiting: today's interval of the effect a month is {today} new patients wide"
    decide = "the clinics' own ups and downs decide."
    if min(width[more] for more in LATER) >= width[0]:
        return f"{said}. As far as can be foreseen, waiting will not narrow it: {decide}"
    later = list_text([
        f"{number_text(width[more], digits=1)} after {more} more months" for more in LATER
    ])  # fmt: skip
    said += f"; at this pace it would be about {later}."
    if not waiting_narrows(effect.ahead):
        return f"{said} Waiting alone may hardly narrow it: {decide}"
    return said


def _months(months: float) -> str:
    whole = int(months + 0.1)
    return count_text(whole, "month") if whole != 1 else "1 month"


def course_cell(row: Any) -> str:
    """Give the effect a month of one stretch with its interval."""
    return interval_text(Interval(row.estimate, row.low, row.high))
