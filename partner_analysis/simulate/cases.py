"""Every case of a made-up practice: its new patients, and all that happens besides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from typing import Any, Final, TypeVar

import numpy as np
import pandas as pd

from partner_analysis.simulate.plan import (
    CLOSED_DAYS,
    LAST_DAY,
    PARTNERS,
    PERSONAS,
    RENAMED_ON,
    Partner,
)
from partner_analysis.simulate.texts import (
    FIRST_NAMES,
    LAST_NAMES,
    NAMING,
    NAMING_TWO,
    OTHER_SOURCES,
    PARTNER_TYPES,
    RETURNING_TEXTS,
)

T = TypeVar("T")
UNASSIGNED: Final = "(Unassigned)"
OPENING_DAY: Final = date(2023, 1, 3)  # nothing older is in the system
# Days from referral to evaluation, one for each equal share of patients; median 5, tail to 44.
LAGS: Final = (0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 7, 8, 9, 10, 12, 14, 17, 21, 28, 44)
SHARES: Final = {
    "unconverted": 0.07,
    "rebooked": 0.035,
    "returning": 0.07,
    "reopened": 0.025,
    "repeated": 0.012,
}
NOT_FINAL_DAYS: Final = 20  # notes of the last days are partly not finalised yet


@dataclass(frozen=True)
class Case:
    """One row of an export before it is written; ``person`` and ``key`` become the ids."""

    person: int
    key: int
    name: str
    born: date | None
    received: date
    created: date
    evaluated: date | None
    status: str
    discharged: date | None
    clinic: str
    treatment: str
    source_type: str
    source: str
    diagnosis: str
    payer: str


BY_ID: Final = {partner.partnership_id: partner for partner in PARTNERS}


def draw_cases(rng: np.random.Generator, evaluations: pd.DataFrame) -> list[Case]:
    """All cases in the order in which they were received.

    Parameters
    ----------
    rng
        Draws everything that is not in the evaluations: dates, names, texts and mishaps.
    evaluations
        One row per new patient: ``day``, ``clinic``, ``persona``, ``named``, ``vague``.
    """
    firsts = [_first_case(rng, row, person) for person, row in enumerate(evaluations.itertuples())]
    return _in_order_of_arrival(rng, list(_with_mishaps(rng, firsts)))


def _pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """One of the options, each as probable as the others."""
    return options[int(rng.random() * len(options))]


def _in_order_of_arrival(rng: np.random.Generator, cases: Sequence[Case]) -> list[Case]:
    """Cases by the day they were received, those of one day shuffled, corrections last."""
    shuffled = rng.random(max(c.person for c in cases) + 1)
    return sorted(
        cases,
        key=lambda c: (
            c.received,
            shuffled[c.person],
            c.status == "Finalized",
            c.discharged is not None,
        ),
    )


def _open_day(day: date) -> date:
    """That day, or the last one before on which the practice was open."""
    while day.weekday() > 4 or day in CLOSED_DAYS:
        day -= timedelta(days=1)
    return day


def _first_case(rng: np.random.Generator, row: Any, person: int) -> Case:
    """The finalised case of one new patient."""
    day: date = row.day
    persona = next(p for p in PERSONAS if p.name == row.persona)
    received = max(_open_day(day - timedelta(days=_pick(rng, LAGS))), OPENING_DAY)
    created = received if rng.random() < 0.8 else _open_day(min(day, received + timedelta(days=3)))
    age = persona.ages[0] + int(rng.random() * (persona.ages[1] - persona.ages[0]))
    born = received - timedelta(days=int(age * 365.25) + 1 + int(rng.random() * 364))
    unknown_age = persona.name == "general" and rng.random() < 0.01
    source_type, source = _source_of(rng, row)
    case = Case(
        person=person,
        key=person * 10,
        name=_draw_name(rng),
        born=None if unknown_age else born,
        received=received,
        created=created,
        evaluated=day,
        status="Finalized",
        discharged=_discharge(rng, day),
        clinic=row.clinic,
        treatment=row.clinic if rng.random() < 0.93 else UNASSIGNED,
        source_type=source_type,
        source=source,
        diagnosis=_pick(rng, persona.diagnoses),
        payer=_pick(rng, persona.payers),
    )
    days_left = (LAST_DAY - day).days
    if days_left < NOT_FINAL_DAYS and rng.random() < 0.7 - 0.03 * days_left:
        return not_evaluated(case, "Scheduled")
    return case


def _draw_name(rng: np.random.Generator) -> str:
    """A name that nobody has."""
    return f"{_pick(rng, LAST_NAMES)}, {_pick(rng, FIRST_NAMES)}"


def _somebody_else(case: Case, person: int) -> Case:
    """The same case of another patient of about the same age."""
    born = case.born and case.born - timedelta(days=97)
    return replace(case, person=person, key=person * 10, born=born)


def _discharge(rng: np.random.Generator, evaluated: date) -> date | None:
    """The discharge date, where a discharge note was written and it is not in the future."""
    day = _open_day(evaluated + timedelta(days=30 + int(rng.random() * 50)))
    return day if rng.random() < 0.6 and day <= LAST_DAY else None


def _source_of(rng: np.random.Generator, row: Any) -> tuple[str, str]:
    """Type and text of the referral source of one new patient."""
    partners = [BY_ID[partnership_id] for partnership_id in row.named]
    if len(partners) == 2:
        one, two = (_name_on(partner, row.day) for partner in partners)
        return "Other", _pick(rng, NAMING_TWO).format(one=one, two=two)
    if partners:
        kind = "Physician" if partners[0].provider == "yes" else _pick(rng, PARTNER_TYPES)
        return kind, _naming_text(rng, partners[0], row.day, row.clinic)
    if row.vague:
        return "Other", _pick(rng, BY_ID[row.vague].vague)
    return _other_source(rng)


def _other_source(rng: np.random.Generator) -> tuple[str, str]:
    """Type and text of a referral source that is no partner."""
    drawn = rng.random() * sum(weight for _, weight, _ in OTHER_SOURCES)
    reached = accumulate(weight for _, weight, _ in OTHER_SOURCES)
    kind, _, texts = next(s for s, end in zip(OTHER_SOURCES, reached, strict=True) if drawn < end)
    return kind, _pick(rng, texts)


def _name_on(partner: Partner, day: date) -> str:
    """What the partner was called on that day."""
    return partner.former_name if partner.former_name and day < RENAMED_ON else partner.name


def _naming_text(rng: np.random.Generator, partner: Partner, day: date, clinic: str) -> str:
    """One partner's name as a front desk writes it."""
    name = _name_on(partner, day)
    renamed_later = name != partner.name
    return _pick(rng, NAMING).format(
        name=name,
        upper=name.upper(),
        lower=name.lower(),
        hyphened=name.replace(" ", "-"),
        spaced=name.replace(" ", "\u00a0"),
        misspelt=name.replace("ness", "nes") if renamed_later else _pick(rng, partner.misspelt),
        alias=name if renamed_later else _pick(rng, partner.aliases),
        clinic=clinic,
    )


def not_evaluated(case: Case, status: str, *, booked: date | None = None) -> Case:
    """The same case without a finalised evaluation."""
    return replace(case, status=status, evaluated=booked, discharged=None, clinic=UNASSIGNED)


def _with_mishaps(rng: np.random.Generator, firsts: Sequence[Case]) -> Iterator[Case]:
    """Yield the first cases and what else happens in a practice; none of that is new."""
    stranger = len(firsts)
    for case in firsts:
        yield case
        if rng.random() < SHARES["unconverted"]:
            yield _unconverted(rng, case, stranger)
            stranger += 1
        if case.evaluated is not None:
            yield from _further_cases(rng, case, case.evaluated)
    yield from _bad_cases(firsts, stranger)


def _further_cases(rng: np.random.Generator, case: Case, evaluated: date) -> Iterator[Case]:
    """Yield the other rows of one patient who came."""
    happens = {name: rng.random() < share for name, share in SHARES.items()}
    if happens["rebooked"] and (evaluated - case.received).days > 3:
        yield _cancelled_before(rng, case)
    if happens["returning"]:
        day = evaluated + timedelta(days=180 + int(rng.random() * 400))
        yield from _later_case(rng, case, day, case.key + 2)
    if case.discharged is not None and happens["reopened"]:
        day = case.discharged + timedelta(days=15 + int(rng.random() * 50))
        yield from _later_case(rng, case, day, case.key + 3)
    if case.discharged is not None and happens["repeated"]:
        yield replace(case, discharged=None)  # exported before the discharge and after it


def _unconverted(rng: np.random.Generator, case: Case, stranger: int) -> Case:
    """A referral of somebody else who never came."""
    status = _pick(rng, ("Cancelled", "Cancelled", "No Show", "Scheduled", ""))
    booked = case.evaluated if status in ("Cancelled", "No Show") and rng.random() < 0.5 else None
    source_type, source = _other_source(rng)
    other = replace(
        _somebody_else(case, stranger), source_type=source_type, source=source, name=_draw_name(rng)
    )
    return not_evaluated(other, status, booked=booked)


def _cancelled_before(rng: np.random.Generator, case: Case) -> Case:
    """The evaluation that this patient cancelled before, in the same case or in one of its own."""
    booked = _open_day(case.received + timedelta(days=3)) if rng.random() < 0.5 else None
    key = case.key if rng.random() < 0.5 else case.key + 1
    return not_evaluated(replace(case, key=key), "Cancelled", booked=booked)


def _later_case(rng: np.random.Generator, case: Case, day: date, key: int) -> Iterator[Case]:
    """Yield a further finalised case of the same patient, if its day is in the data."""
    day = _open_day(day)
    if day > LAST_DAY - timedelta(days=NOT_FINAL_DAYS):
        return
    received = _open_day(day - timedelta(days=2))
    yield replace(
        case,
        key=key,
        received=received,
        created=received,
        evaluated=day,
        discharged=_discharge(rng, day),
        source_type="Patient/Friend",
        source=_pick(rng, RETURNING_TEXTS),
    )


def _bad_cases(firsts: Sequence[Case], stranger: int) -> Iterator[Case]:
    """Rows that no cleaning can use; ``_cells_of`` spoils them by their negative key."""
    for number, case in enumerate(firsts[211 :: len(firsts) // 11]):
        if case.status == "Finalized":
            yield replace(_somebody_else(case, stranger + number), key=-1 - number)
