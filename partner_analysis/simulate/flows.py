"""What each side of the made-up partnerships gave, month by month: counts that nobody estimates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from partner_analysis.simulate.plan import LAST_DAY, PARTNERS, Partner
from partner_analysis.simulate.texts import ACTIVITIES

FLOW_HEADER: Final = (
    *("partnership_id", "month", "clinic", "given_by"),
    *("referrals_out", "same_day_slots", "education_sessions", "space_hours"),
    *("shared_events", "planning_meetings", "feedback_score", "feedback_answers", "note"),
)
JOINT_KINDS: Final = ("event", "sponsorship", "exhibit table")
RECORDED: Final = 0.92


@dataclass(frozen=True)
class Habit:
    """What one partnership does in a usual month; every so many months where it says so.

    ``sent`` and ``slots`` are of each clinic; ``taught_us`` is what the partner teaches.
    """

    sent: float
    slots: float
    teach_every: int
    taught_us_every: int
    space_hours: float
    plan_every: int
    score: float


HABITS: Final = {
    "harbor-run-shop": Habit(2.6, 1.4, 4, 6, 3, 3, 8.9),
    "tidewater-pilates": Habit(1.8, 0.8, 3, 4, 4, 4, 9.1),
    "anvil-gym": Habit(0.4, 0.6, 6, 0, 1, 12, 7.2),
    "causeway-runners": Habit(0.9, 0.9, 6, 0, 0, 6, 8.1),
    "elm-street-center": Habit(1.1, 0.3, 3, 0, 6, 4, 9.3),
    "orchard-physicians": Habit(0.0, 1.5, 0, 6, 0, 3, 8.4),
    "handwell-ot": Habit(0.0, 0.5, 0, 2, 0, 1, 0.0),
    "kestrel-boatworks": Habit(0.0, 1.2, 3, 0, 2, 3, 8.6),
}


def flow_rows(rng: np.random.Generator) -> list[Sequence[str]]:
    """Header and rows of ``flows.csv``: a month is missing now and then, as in real notes."""
    rows: list[Sequence[str]] = [FLOW_HEADER]
    for partner in PARTNERS:
        for number, month in enumerate(_months(partner)):
            if rng.random() < RECORDED:
                rows += _month_rows(rng, partner, month, number)
    return rows


def _months(partner: Partner) -> Iterator[date]:
    """First days of the months in which a partnership ran."""
    year, month = partner.start.year, partner.start.month
    while date(year, month, 1) <= min(partner.end or LAST_DAY, LAST_DAY):
        yield date(year, month, 1)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _month_rows(
    rng: np.random.Generator, partner: Partner, month: date, number: int
) -> Iterator[Sequence[str]]:
    """What one partnership notes in one month: a row per clinic, one of both, one of theirs."""
    habit, stamp = HABITS[partner.partnership_id], f"{month:%Y-%m}"
    head = (partner.partnership_id, stamp)
    refers = habit.sent > 0
    for clinic in partner.clinics:
        sent = str(rng.poisson(habit.sent)) if refers else ""
        slots = str(rng.poisson(habit.slots))
        yield (*head, clinic, "us", sent, slots, *[""] * 7)
    asked = number % 3 == 2 and habit.score > 0
    score = f"{min(10.0, habit.score + 0.6 * (rng.random() - 0.5)):.1f}" if asked else ""
    answers = str(4 + rng.poisson(5)) if asked else ""
    yield (
        *head, "", "", "", "", _every(habit.teach_every, number), _hours(rng, habit.space_hours),
        _joint(partner, stamp), _every(habit.plan_every, number), score, answers, "",
    )  # fmt: skip
    if habit.taught_us_every and number % habit.taught_us_every == 1:
        yield (*head, "", "partner", "", "", "1", *[""] * 5, "for our therapists")


def _every(months: int, number: int) -> str:
    """One in every so many months, from the first on; none where it never happens."""
    return str(int(months > 0 and number % months == 0))


def _hours(rng: np.random.Generator, usual: float) -> str:
    return str(int(rng.poisson(usual))) if usual else ""


def _joint(partner: Partner, stamp: str) -> str:
    """Events of the activities in this month."""
    mine = (row for row in ACTIVITIES if row[0] == partner.partnership_id)
    return str(sum(row[1].startswith(stamp) and row[2] in JOINT_KINDS for row in mine))
