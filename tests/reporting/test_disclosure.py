"""No count of 1 to 10 can be worked out from what is told, however the counts are taken together.

The attacks here know nothing of how answers were chosen: they take every answer as a constraint
and ask, by an integer programme of their own, what each cell could still be.
"""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from partner_analysis.reporting.disclosure import (
    COUNT,
    FEW,
    WITHHELD,
    disclose,
    is_few,
    told_text,
)

COUNTS = st.integers(0, 30) | st.integers(0, 12) | st.sampled_from([0, 1, 10, 11, 95])
TABLES = st.integers(2, 4).flatmap(
    lambda wide: st.lists(st.lists(COUNTS, min_size=wide, max_size=wide), min_size=2, max_size=4)
)


def questions_of(table):
    """A table with its totals: everything, then rows, then columns, then single cells."""
    places = [(r, c) for r, row in enumerate(table) for c in range(len(row))]
    rows = {f"row {r}": [p for p in places if p[0] == r] for r in range(len(table))}
    columns = {f"column {c}": [p for p in places if p[1] == c] for c in range(len(table[0]))}
    return {"all": places} | rows | columns | {f"{p}": [p] for p in places}


def cells_of(table):
    return {(r, c): count for r, row in enumerate(table) for c, count in enumerate(row)}


def could_be(cells, questions, answers, wanted):
    """Least and most that the cells of ``wanted`` can add up to, by all answers."""
    keys = list(cells)
    rows, low, high = [], [], []
    for name, answer in answers.items():
        if answer == WITHHELD:
            continue
        total = sum(cells[key] for key in questions[name])
        rows.append([key in questions[name] for key in keys])
        low.append(1 if answer == FEW else total)
        high.append(10 if answer == FEW else total)
    goal = np.array([key in wanted for key in keys], dtype=float)
    limits = LinearConstraint(np.array(rows, dtype=float).reshape(-1, len(keys)), low, high)
    ends = []
    for sign in (1, -1):
        found = milp(
            sign * goal, constraints=limits, integrality=np.ones(len(keys)), bounds=Bounds(0, 10**5)
        )
        assert found.success
        ends.append(round(sign * found.fun))
    return ends[0], ends[1]


def recovered(cells, questions, answers):
    """Small cells and small sums that leave one number."""
    small = {f"{key}": [key] for key, count in cells.items() if is_few(count)}
    small |= {n: q for n, q in questions.items() if is_few(sum(cells[key] for key in q))}
    return [
        name
        for name, wanted in small.items()
        if len(set(could_be(cells, questions, answers, wanted))) == 1
    ]


@settings(max_examples=12, deadline=None)
@given(TABLES)
@example([[95, 2, 3], [40, 40, 40]])
@example([[1, 1], [1, 1]])
def test_no_small_cell_of_a_table_with_totals_can_be_worked_out(table) -> None:
    cells, questions = cells_of(table), questions_of(table)
    answers = disclose(cells, questions)
    assert recovered(cells, questions, answers) == []
    for name, answer in answers.items():
        assert answer != COUNT or not is_few(sum(cells[key] for key in questions[name]))


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 14), min_size=6, max_size=6), st.data())
def test_nor_from_overlapping_counts_told_one_report_after_another(counts, data) -> None:
    """Each report asks something else, and what was told before stays told.

    A sum that was first asked for now may have been open all along: then nothing can undo it, and
    no later answer may add to it.
    """
    cells = dict(enumerate(counts))
    some = st.sets(st.integers(0, 5), min_size=1)
    questions, answers = {}, {}
    for report in range(3):
        for number in range(2):
            questions[f"{report}.{number}"] = sorted(data.draw(some))
        before, answers = answers, disclose(cells, questions, told=answers)
        assert before.items() <= answers.items()
        found = recovered(cells, questions, answers)
        assert set(found) <= set(recovered(cells, questions, before)) - set(map(str, cells))


def test_the_attack_finds_a_total_that_was_not_hidden() -> None:
    cells, questions = {"A": 60, "C": 3}, {"all": "AC", "A": "A", "C": "C"}
    careless = {name: FEW if name == "C" else COUNT for name in questions}
    assert recovered(cells, questions, careless) == ["C"]
    assert recovered(cells, questions, disclose(cells, questions)) == []


def test_the_sum_of_small_cells_is_no_more_told_than_one_of_them() -> None:
    """All less the large one would be a count of five."""
    cells = {"A": 95, "B": 2, "C": 3}
    answers = disclose(cells, {"all": "ABC", "A": "A", "B": "B", "C": "C"})
    assert answers == {"all": COUNT, "A": WITHHELD, "B": FEW, "C": FEW}


def test_june_cannot_be_had_from_the_year_so_far() -> None:
    """May's year to date is told; June's would leave June for anybody who subtracts."""
    months = {month: 12 for month in range(1, 6)} | {6: 4}
    may = disclose(months, {"to May": range(1, 6)})
    june = disclose(months, {"to May": range(1, 6), "to June": range(1, 7)}, told=may)
    assert june == {"to May": COUNT, "to June": WITHHELD}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(11, 60), min_size=2, max_size=5))
def test_where_every_cell_is_large_or_nobody_everything_is_told(counts) -> None:
    cells = dict(enumerate([*counts, 0]))
    questions = {"all": list(cells)} | {f"{key}": [key] for key in cells}
    assert set(disclose(cells, questions).values()) == {COUNT}


@pytest.mark.parametrize(
    ("count", "answer", "text"),
    [(0, COUNT, "0"), (1204, COUNT, "1,204"), (7, FEW, "<11"), (40, WITHHELD, "not shown")],
)
def test_a_count_is_told_whole_as_few_or_not_at_all(count, answer, text) -> None:
    assert told_text(count, answer) == text
