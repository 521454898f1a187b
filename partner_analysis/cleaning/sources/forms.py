"""What is looked for in a text, and what is found: forms of a name, physicians, candidates."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from partner_analysis.cleaning.sources.texts import GENERIC


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which a partner is written."""

    partner: int
    text: str
    words: tuple[str, ...]
    rule: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    acronym: bool = False
    doubt: str = ""
    joined: str = field(init=False)
    is_generic: bool = field(init=False)
    telling: int = field(init=False)

    def __post_init__(self) -> None:
        """Work out the words written as one, and how many of them tell the partner."""
        telling = sum(word not in GENERIC for word in self.words)
        object.__setattr__(self, "joined", "".join(self.words))
        object.__setattr__(self, "telling", telling)
        object.__setattr__(self, "is_generic", telling == 0)

    def holds(self, day: pd.Timestamp | None) -> bool:
        """Whether the form was in use on a day; an unknown day says nothing against it."""
        if day is None or pd.isna(day):
            return True
        begun = self.start is None or day >= self.start
        return begun and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Person:
    """A physician among the partners."""

    partner: int
    first: str
    last: str
    credentials: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A partner that words ``start`` to ``end`` of a text may mean."""

    start: int
    end: int
    partner: int
    rule: str
    score: float
    form: Form | None
    doubt: str = ""
    note: str = ""

    @property
    def weight(self) -> tuple[float, float]:
        """Order in which candidates are taken: the most words, then the best score."""
        return (self.end - self.start) * (self.score / 100) ** 4, self.score
