"""Which column is which of ours: each at most once, by the best total of names and cells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from partner_analysis.cleaning.exports.grids import FLAGS
from partner_analysis.cleaning.mapping.contents import Contents, span_in_words
from partner_analysis.cleaning.mapping.fits import DAYS, FITS, fit_of, says_itself
from partner_analysis.cleaning.mapping.names import STRONG, WEAK, strength_of, words_of

LEVELS: Final = ("sure", "likely", "a guess")
BY_CELLS: Final = 1.0
NEAR: Final = 1.05
ALIKE: Final = 0.1
WORDING: Final = {
    "diagnosis": "look like ICD-10 codes", "procedure": "look like procedure codes",
    "zip": "look like postal codes", "sex": "are words for a sex", "status": "are known states",
    "age": "are whole numbers as ages are", "visit type": "are words for kinds of visits",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of a file: its place, its name ("" where it has none to show), its cells."""

    place: int
    header: str
    contents: Contents


@dataclass(frozen=True)
class Choice:
    """One of ours taken from one of theirs: how surely, and why.

    ``rival`` is the name of a column that would fit about as well; "" for none.
    """

    ours: str
    column: Column
    confidence: str
    evidence: str
    rival: str = ""


def score(ours: str, column: Column) -> float:
    """How well a column fits one of ours; 0 = it does not."""
    fit = fit_of(ours, column.contents)
    if fit is None:
        return 0.0
    by_name = strength_of(column.header, ours) if column.header else 0.0
    if not by_name:
        return BY_CELLS if says_itself(ours, column.contents) else 0.0
    return by_name + fit - column.place * 1e-4 + 0.2 * bool(column.contents.filled)


def choose(columns: Sequence[Column], wanted: Collection[str]) -> list[Choice]:
    """The pairs of ours and theirs with the best total; each side at most once."""
    names = list(wanted)
    if not names or not columns:
        return []
    scores = np.array([[score(ours, column) for column in columns] for ours in names])
    pairs = [
        (row, place)
        for row, place in zip(*linear_sum_assignment(scores, maximize=True), strict=True)
        if scores[row, place] > 0
    ]
    used = {place for _, place in pairs}
    given = {row for row, _ in pairs}
    chosen = []
    for row, place in pairs:
        near = [
            at for at in range(len(columns))
            if at not in used and scores[row, at] >= max(scores[row, place] - NEAR, STRONG)
        ]  # fmt: skip
        rival = columns[near[0]].header if near else ""
        also = [
            names[at] for at in range(len(names))
            if at not in given and scores[at, place] >= scores[row, place] - ALIKE
        ]  # fmt: skip
        chosen.append(_choice(names[row], columns[place], rival, also))
    return sorted(chosen, key=lambda choice: choice.column.place)


def _choice(ours: str, column: Column, rival: str, also: Sequence[str]) -> Choice:
    """A pair, with how sure it is; a rival takes one level, another of ours leaves a guess."""
    by_name = strength_of(column.header, ours)
    fits = fit_of(ours, column.contents) == FITS
    level = (by_name < STRONG) + (not fits)
    level = 2 if also or not by_name else min(2, level + bool(rival))
    said = f'the name reads "{" ".join(words_of(column.header))}"' if by_name else ""
    cells = cells_in_words(ours, column.contents)
    either = f"it may be {' or '.join(also)} as well" if also else ""
    evidence = "; ".join(part for part in (said or "only its cells tell", cells, either) if part)
    return Choice(ours, column, LEVELS[level], evidence, rival)


def cells_in_words(ours: str, contents: Contents) -> str:
    """What the cells of a column show of one of ours; years and shares, never a value."""
    if not contents.filled:
        return "no cell is filled"
    cells = f"{contents.filled:,} cells"
    if len(contents.days) and ours in DAYS:
        share = max(contents.dates, contents.share("serial"))
        how = (
            f"as {contents.date_format}" if contents.date_format else "as a spreadsheet counts days"
        )
        return f"{share:.0%} of {cells} are dates {how}, {span_in_words(contents.days)}"
    shape = next((s for s in (ours, ours.replace("_", " ")) if contents.share(s) >= 0.6), "")
    if shape in WORDING:
        return f"{contents.share(shape):.0%} of {cells} {WORDING[shape]}"
    if contents.share("yes or no") >= 0.9 and ours in FLAGS:
        return f"{contents.share('yes or no'):.0%} of {cells} say yes or no"
    if contents.share("number") >= 0.8 and ours not in ("patient", "case", "key"):
        return f"{contents.share('number'):.0%} of {cells} are numbers"
    return f"{contents.distinct:,} different among {cells}"


def best(ours: str, columns: Sequence[Column]) -> float:
    """How surely any column is one of ours: 0, about ``WEAK`` or ``STRONG`` and above."""
    return max((score(ours, column) for column in columns), default=0.0)


def surely(ours: str, columns: Sequence[Column]) -> bool:
    """Whether the name of some column says that it is one of ours, and its cells agree."""
    return best(ours, columns) >= STRONG


def perhaps(ours: str, columns: Sequence[Column]) -> bool:
    """Whether some column may be one of ours."""
    return best(ours, columns) >= min(WEAK, BY_CELLS)
