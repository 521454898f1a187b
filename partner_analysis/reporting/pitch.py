"""One page for a possible partner: goals, what each side gives and gets, how both will know.

The page may be passed on. It holds no number of patients and no money, and what the practice
wrote is screened for both; a name of a person cannot be screened, so it is read before it goes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

import partner_analysis
from partner_analysis import storage
from partner_analysis.attribution.together.kinds import is_provider
from partner_analysis.practice import Practice
from partner_analysis.reporting.kept import reports_folder
from partner_analysis.reporting.numbers import number_text, short_name
from partner_analysis.reporting.pages import Frame, notice_page
from partner_analysis.tables import DataError

TEXTS: Final = ("name", "shared_goals", "we_give", "they_give", "benefit")
TO_BE_AGREED: Final = "to be talked about"
_AMOUNT: Final = r"(?:\d[\d,.]*\+?|one|two|three|four|five|six|seven|eight|nine|ten|a dozen)"
_WHO: Final = r"(?:patients?|referrals?|clients?|evaluations?|cases|leads?)"
NOT_SHAREABLE: Final = {
    "money": r"[$\u20ac\u00a3]|\b(?:dollars?|usd|cents|euros?)\b",
    "something for sending patients": rf"\b(?:per|for each|for every) (?:new )?{_WHO}\b|"
    r"\b(?:commissions?|bonus(?:es)?|kick-?backs?|bount(?:y|ies)|rebates?|finder'?s|"
    r"revenue shar\w*|percentage of)\b",
    "a number of patients": rf"\b{_AMOUNT} (?:more |new |extra )*{_WHO}\b",
    "an address or a telephone number": r"@|https?:|\b\d{3}[-. ]\d{4}\b",
}
NO_BASIS: Final = (
    "This is not a basis for payment. Neither side gives, owes or expects anything for sending "
    "people to the other, and nothing here grows or shrinks with how many come.",
    "Everybody chooses freely where to be treated. Nothing about any patient is passed on, and "
    "before anything is signed each side may ask its own counsel.",
)


@dataclass(frozen=True)
class Pitch:
    """One page for one candidate: its title, its answer, and sections of paragraphs."""

    candidate_id: str
    title: str
    answer: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]


def make_pitch(
    candidate: Mapping[str, Any], *, practice_name: str, smallest_change: float = math.nan
) -> Pitch:
    """The content of one candidate's page.

    Parameters
    ----------
    candidate
        One row of the candidates table.
    practice_name
        As it stands on the page.
    smallest_change
        Smallest change in percent that the practice's counts would show within a year; NaN where
        it is not known. Not used for a provider, where volume is no measure.

    Raises
    ------
    DataError
        If a text holds money, something for sending patients, a number of patients, an address
        or a telephone number; the message names the column, never the text.
    """
    texts = {column: short_name(str(candidate[column]), most=240) for column in TEXTS}
    _refuse(str(candidate["candidate_id"]), texts)
    name, goals, *given = (texts[column] or TO_BE_AGREED for column in TEXTS)
    we_give, they_give, benefit = given
    provider = bool(candidate["provider"]) or is_provider(str(candidate["kind"]))
    sections = (
        ("What we want together", (_sentence(goals[0].upper() + goals[1:]),)),
        (
            "What each side gives",
            (f"{practice_name}: {_sentence(we_give)}", f"{name}: {_sentence(they_give)}"),
        ),
        (
            "What each side gets",
            (f"{name}: {_sentence(benefit)}", f"{practice_name}: {_for_us(provider)}"),
        ),
        (
            "How both will know that it works",
            _care_measures() if provider else _count_measures(smallest_change),
        ),
        ("What this is not", NO_BASIS),
    )
    answer = f"{practice_name} and {name} could work together. This page says what for, and how."
    identifier = str(candidate["candidate_id"])
    return Pitch(identifier, f"{name} and {practice_name}", answer, sections)


def pitch_page(pitch: Pitch, practice: Practice) -> str:
    """One self-contained page that may be passed on; every text in it is escaped."""
    frame = Frame(
        title=pitch.title,
        practice=practice.name,
        as_of="",
        version=partner_analysis.__version__,
        made_up=practice.made_up,
        here=f"{pitch.candidate_id}.html",
        links=(),
        shareable=True,
    )
    return notice_page(pitch.answer, sections=pitch.sections, frame=frame)


def write_pitches(
    practice: Practice, candidates: pd.DataFrame, *, smallest_change: float = math.nan
) -> list[Path]:
    """Files that now hold the pages, one per candidate, in ``reports/<practice>/pitches``.

    Raises
    ------
    DataError
        As for ``make_pitch``; then none is written.
    """
    pitches = [
        make_pitch(row, practice_name=practice.name, smallest_change=smallest_change)
        for row in candidates.to_dict("records")
    ]
    folder = reports_folder(practice) / "pitches"
    return [
        storage.write_text(pitch_page(pitch, practice), folder / f"{pitch.candidate_id}.html")
        for pitch in pitches
    ]


def _refuse(identifier: str, texts: Mapping[str, str]) -> None:
    for column, text in texts.items():
        for what, pattern in NOT_SHAREABLE.items():
            if re.search(pattern, text, re.IGNORECASE):
                raise DataError(
                    f"candidates: {column} of {identifier} holds {what}, so its page cannot be "
                    "passed on. Say what is done and when, without it."
                )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _for_us(provider: bool) -> str:
    if provider:
        return "care that is planned together, and word when something is urgent."
    return "to be known to people who may one day need care, and to learn what they need."


def _count_measures(smallest_change: float) -> tuple[str, ...]:
    said = [
        'At the first visit everybody is asked: "Who or what brought you to us?" The name is '
        "written down as it is told, whoever it is.",
        "We look together 3, 6 and 12 months after the start, and between these dates call "
        "nothing a success or a failure.",
        "We compare with what would have been expected without the partnership, and talk about "
        "what was held, who took part and what they said.",
    ]
    if math.isfinite(smallest_change):
        said.append(
            f"A change smaller than about {number_text(smallest_change, digits=0)} percent could "
            "not be seen within a year, so that no clear change would not mean that nothing "
            "happened."
        )
    return tuple(said)


def _care_measures() -> tuple[str, ...]:
    return (
        "We look together 3, 6 and 12 months after the start: days until a first visit, reports "
        "sent in time, and what patients and staff on both sides say.",
        "How many people one side sends the other is not counted for this, and decides nothing.",
    )
