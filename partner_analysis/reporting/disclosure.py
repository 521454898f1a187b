"""Which counts may be told to others, so that no count of 1 to 10 can be worked out from them.

A count is told if it is 0 or at least 11. Others are told as "<11", and a count from which,
with all the rest, a small one could be worked out is not shown at all, however many years, tables
and pages it would have to be taken from. What was told before is never taken back, so that it
is weighed as it stands.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from partner_analysis.attribution.together.shared import FEWEST_TOLD
from partner_analysis.reporting.numbers import number_text

COUNT: Final = "count"
FEW: Final = "few"
WITHHELD: Final = "withheld"
FEW_TEXT: Final = "<11"
WITHHELD_TEXT: Final = "not shown"
MOST_FEW: Final = int(FEWEST_TOLD) - 1
LEAST_SPREAD: Final = 4
UNBOUNDED: Final = 1e6
FITTING: Final = 12
NOTHING_TOLD: Final[Mapping[Any, str]] = MappingProxyType({})
Name = TypeVar("Name", bound=Hashable)
Cell = TypeVar("Cell", bound=Hashable)

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


class Told(NamedTuple):
    """What a reader knows of cells: sums of them, each with the least and most it can be.

    ``sums`` has one row per sum and one column per cell; cells are whole numbers from 0.
    """

    sums: Floats
    least: Floats
    most: Floats


def is_few(count: float) -> bool:
    """Whether a count is one that must not be told.

    >>> [is_few(count) for count in (0, 1, 10, 11)]
    [False, True, True, False]
    """
    return 1 <= count <= MOST_FEW


def told_text(count: float, answer: str) -> str:
    """Give a count as others may read it.

    >>> told_text(1204, "count"), told_text(7, "few"), told_text(40, "withheld")
    ('1,204', '<11', 'not shown')
    """
    texts = {FEW: FEW_TEXT, WITHHELD: WITHHELD_TEXT}
    return texts.get(answer) or number_text(count, digits=0)


def disclose(
    cells: Mapping[Cell, int],
    questions: Mapping[Name, Collection[Cell]],
    *,
    told: Mapping[Name, str] = NOTHING_TOLD,
) -> dict[Name, str]:
    """Give for each question whether its count may be told: "count", "few" or "withheld".

    Parameters
    ----------
    cells
        New patients by cell, whatever a cell is: whole numbers from 0.
    questions
        The cells that each count adds up, the most wanted first: of two counts that give a small
        one away together, the later is not shown.
    told
        Answers given before; they stay as they are.

    Returns
    -------
    dict
        One answer per question, such that every sum of cells that is 1 to 10 (those that no two
        questions tell apart, the questions themselves, and what is left of a count beside the
        counts inside it) could be at least five different numbers to one who reads all answers.

    Notes
    -----
    Cell suppression as in the CMS policy on small cells (ResDAC: none of 1 to 10, none that
    can be derived), with complementary suppression found by auditing what is left open: Hundepool
    and others, Statistical Disclosure Control (2012), ch. 4; Chin and Ozsoyoglu, Auditing and
    Inference Control in Statistical Databases (1982). That a count is not shown tells a little
    as well, which no audit of numbers weighs; and a sum that nobody asks for is not guarded.

    Examples
    --------
    >>> clinics = {"A": 60, "B": 40, "C": 3}
    >>> disclose(clinics, {"all": "ABC", "A": "A", "B": "B", "C": "C"})
    {'all': 'count', 'A': 'count', 'B': 'withheld', 'C': 'few'}
    """
    members, counts = _atoms(cells, questions)
    totals = members.astype(float) @ counts
    names = list(questions)
    plain = [FEW if is_few(total) else COUNT for total in totals]
    answers = [told.get(name, answer) for name, answer in zip(names, plain, strict=True)]
    is_new = np.array([name not in told for name in names])
    fitting = _fitting(members, counts, answers)
    safe: set[bytes] = set()  # what fits and what is safe stays so when more is withheld
    while True:
        unsafe = _first_unsafe(members, counts, answers, fitting, safe)
        if unsafe is None:
            return dict(zip(names, answers, strict=True))
        gone = _to_withhold(members, answers, is_new, unsafe)
        if gone is None:
            return dict(zip(names, answers, strict=True))
        answers[gone] = WITHHELD


def spread_of(target: Floats, told: Told) -> tuple[float, float]:
    """The least and the most that a sum of cells can be to one who knows what is told.

    Both are 0, and so never safe, where that could not be found.

    Examples
    --------
    >>> sums, totals = np.array([[1, 1, 0], [0, 1, 1]]), np.array([20, 4])
    >>> spread_of(np.array([1, 0, 0]), Told(sums, totals, totals))
    (16.0, 20.0)
    """
    least, most = _extreme(target, told), _extreme(-target, told)
    if least is None or most is None:
        return 0.0, 0.0
    return float(least @ target), float(most @ target)


# ------------------------------------------------------------------ inside
def _extreme(weights: Floats, told: Told) -> Floats | None:
    """Whole numbers that fit what is told and make a weighted sum as small as can be."""
    found = milp(
        weights,
        constraints=LinearConstraint(csr_array(told.sums), told.least, told.most),
        integrality=np.ones(len(weights)),
        bounds=Bounds(0, UNBOUNDED),
    )
    return np.round(found.x) + 0.0 if found.success else None


def _atoms(
    cells: Mapping[Cell, int], questions: Mapping[Name, Collection[Cell]]
) -> tuple[Flags, Floats]:
    """Cells that no question tells apart, joined: questions by atoms, and the count of each."""
    asked = [set(inside) for inside in questions.values()]
    joined: dict[tuple[bool, ...], int] = {}
    for cell, count in cells.items():
        where = tuple(cell in inside for inside in asked)
        if any(where):
            joined[where] = joined.get(where, 0) + int(count)
    members = np.array(list(joined), dtype=bool).reshape(len(joined), len(asked)).T
    return members, np.array(list(joined.values()), dtype=float)


def _first_unsafe(
    members: Flags, counts: Floats, answers: Sequence[str], fitting: Floats, safe: set[bytes]
) -> Floats | None:
    """The first small sum that the answers leave fewer than five numbers for."""
    for target in _small_sums(members, counts, answers):
        if target.tobytes() in safe or np.ptp(fitting @ target) >= LEAST_SPREAD:
            continue
        low, high = spread_of(*_around(target, members, counts, answers))
        if high - low < LEAST_SPREAD:
            return target
        safe.add(target.tobytes())
    return None


def _fitting(members: Flags, counts: Floats, answers: Sequence[str]) -> Floats:
    """The truth and some far-off counts that fit all answers: they clear most sums at once."""
    told = _told(members, counts, answers)
    weights = np.random.default_rng(0).normal(size=(FITTING, len(counts)))
    found = [_extreme(each, told) for each in weights]
    return np.array([counts, *(x for x in found if x is not None)])


def _small_sums(members: Flags, counts: Floats, answers: Sequence[str]) -> list[Floats]:
    """Sums of atoms that are 1 to 10: single ones, questions, and what is left of a count."""
    inner = members[[answer == COUNT for answer in answers]]
    covered = [inner[(inner <= row).all(axis=1) & (inner < row).any(axis=1)] for row in inner]
    left = [row & ~parts.any(axis=0) for row, parts in zip(inner, covered, strict=True)]
    every = [*np.eye(len(counts), dtype=bool), *members, *left]
    small = {row.tobytes(): row.astype(float) for row in every if is_few(row @ counts)}
    return list(small.values())


def _around(
    target: Floats, members: Flags, counts: Floats, answers: Sequence[str]
) -> tuple[Floats, Told]:
    """The sum and what is told about it, without all that has nothing to do with it."""
    open_rows = np.array([answer != WITHHELD for answer in answers], dtype=bool)
    reached = target > 0
    while True:
        rows = open_rows & members[:, reached].any(axis=1)
        wider = reached | members[rows].any(axis=0)
        if (wider == reached).all():
            break
        reached = wider
    near = [answer for answer, is_near in zip(answers, rows, strict=True) if is_near]
    return target[reached], _told(members[np.ix_(rows, reached)], counts[reached], near)


def _told(members: Flags, counts: Floats, answers: Sequence[str]) -> Told:
    """The answers as sums with their least and most."""
    rows = np.array([answer != WITHHELD for answer in answers], dtype=bool)
    few = np.array([answer == FEW for answer in answers], dtype=bool)[rows]
    exact = members[rows] @ counts
    sums = members[rows].astype(float)
    return Told(sums, np.where(few, 1, exact), np.where(few, MOST_FEW, exact))


def _to_withhold(
    members: Flags, answers: Sequence[str], is_new: Flags, target: Floats
) -> int | None:
    """The least wanted new answer that gives the sum away; None if no new one does."""
    involved = _gives_away(members, answers, target)
    for answer in (COUNT, FEW):
        may_go = is_new & np.array([one == answer for one in answers])
        for chosen in (may_go & involved, may_go):
            if chosen.any():
                return int(np.flatnonzero(chosen)[-1])
    return None


def _gives_away(members: Flags, answers: Sequence[str], target: Floats) -> Flags:
    """Counts of which the sum is made, where it is made of counts alone."""
    told = np.array([answer == COUNT for answer in answers])
    involved = np.zeros(len(answers), dtype=bool)
    sums = members[told].T.astype(float)
    if sums.size:
        weights = np.linalg.lstsq(sums, target, rcond=None)[0]
        if np.allclose(sums @ weights, target):
            involved[told] = np.abs(weights) > 1e-6
    return involved
