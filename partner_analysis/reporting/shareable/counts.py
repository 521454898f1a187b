"""Counts that pages for others tell: by quarter where all are large enough, else by year."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import pandas as pd

from partner_analysis.attribution.together.shared import FEWEST_TOLD
from partner_analysis.reporting.disclosure import COUNT, WITHHELD, disclose, is_few, told_text
from partner_analysis.reporting.shareable.published import Published, Question, kept_named

QUARTERS_A_YEAR: Final = 4
SURELY_ENOUGH: Final = 2 * FEWEST_TOLD


class Scope(NamedTuple):
    """Whom a count is of; () means all. One that is coarse is told by year only."""

    clinics: tuple[str, ...]
    personas: tuple[str, ...]
    is_coarse: bool = False

    def asked(self, period: str) -> Question:
        """The question about a quarter or year."""
        return Question(period, self.clinics, self.personas)


EVERYBODY: Final = Scope((), ())


class Row(NamedTuple):
    """One count as others read it: its period, how many, and the answer about it."""

    period: str
    new_patients: int
    answer: str

    @property
    def text(self) -> str:
        """How many, as others read it."""
        return told_text(self.new_patients, self.answer)


def answer_questions(published: Published, scopes: Iterable[Scope]) -> None:
    """Decide what is told of each scope in each counted quarter or year, and note it.

    Whether a scope is told by quarter is decided once for each year: for one that is over if
    none of its quarters is 1 to 10, for the current one if all quarters of the year before were
    at least 22. Otherwise the year is told when it is over. Answers given before stay.
    """
    wanted = list(dict.fromkeys(scopes))
    for year in sorted({quarter[:4] for quarter in published.quarters}):
        told = {q: a for q, a in published.answers.items() if q.period[:4] == year}
        asked = [q for scope in wanted for q in _questions(published, scope, year)]
        questions = dict.fromkeys([*told, *asked])
        if len(questions) == len(told):
            continue
        cells = {cell: n for cell, n in published.cells.items() if cell.quarter[:4] == year}
        inside = {question: published.inside(question) for question in questions}
        published.answers |= disclose(cells, inside, told=told)


def answer_named(published: Published, partners: Iterable[str]) -> None:
    """Decide of each partner and full year whether it is told how many named the partner.

    It is not where those who did not would be few.
    """
    for year in sorted({quarter[:4] for quarter in published.quarters}):
        total = published.count(EVERYBODY.asked(year))
        is_known = _is_known(published, year)
        for key in partners:
            named = kept_named(published, key, year)
            if named is None or (year, key) in published.named_answers:
                continue
            answers = disclose(
                {"named": named, "others": max(total - named, 0)},
                {"all": ("named", "others"), "named": ("named",)},
                told={"all": COUNT if is_known else WITHHELD},
            )
            published.named_answers[year, key] = answers["named"]


def rows_of(published: Published, scope: Scope, *, until: pd.Timestamp, first: int) -> list[Row]:
    """What is told of a scope: one row per quarter, or year where only the year is told.

    ``first`` is the first year, and no period is listed that ends after ``until``.
    """
    mine = {
        question.period: answer
        for question, answer in published.answers.items()
        if question == scope.asked(question.period)
        and not (scope.is_coarse and "Q" in question.period)
    }
    by_quarter = {period[:4] for period in mine if "Q" in period}
    return [
        Row(period, published.count(scope.asked(period)), answer)
        for period, answer in sorted(mine.items())
        if ("Q" in period or period not in by_quarter)
        and int(period[:4]) >= first
        and pd.Period(period).end_time.normalize() <= until
    ]


def named_rows(published: Published, key: str, *, until: pd.Timestamp, first: int) -> list[Row]:
    """How many named a partner: one row per full year."""
    return [
        Row(year, kept_named(published, key, year) or 0, answer)
        for (year, one), answer in sorted(published.named_answers.items())
        if one == key and int(year) >= first and pd.Period(year).end_time.normalize() <= until
    ]


def _questions(published: Published, scope: Scope, year: str) -> list[Question]:
    """What is asked of a scope in a year, as far as its quarters are counted."""
    whole = scope.asked(year)
    is_over = len(published.quarters_of(year)) == QUARTERS_A_YEAR
    every = [scope.asked(quarter) for quarter in published.quarters_of(year)]
    quarters = [question for question in every if published.inside(question)]
    if not quarters:
        return []
    if not scope.is_coarse and any(question in published.answers for question in quarters):
        return quarters
    if scope.is_coarse or whole in published.answers:
        return [whole] if is_over else []
    if is_over:
        return [whole] if any(is_few(published.count(q)) for q in quarters) else quarters
    return quarters if _was_large(published, scope, str(int(year) - 1)) else []


def _was_large(published: Published, scope: Scope, year: str) -> bool:
    """Whether every quarter of a year had at least twice the fewest that is told."""
    quarters = published.quarters_of(year)
    counts = [published.count(scope.asked(quarter)) for quarter in quarters]
    return len(counts) == QUARTERS_A_YEAR and min(counts) >= SURELY_ENOUGH


def _is_known(published: Published, year: str) -> bool:
    """Whether the practice's total of a year can be read, as it stands or as a sum."""
    quarters = [EVERYBODY.asked(quarter) for quarter in published.quarters_of(year)]
    by_quarter = all(published.answers.get(question) == COUNT for question in quarters)
    return by_quarter or published.answers.get(EVERYBODY.asked(year)) == COUNT
