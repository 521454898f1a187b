"""A page of a chain says what it leaves out and where that stands; small ones lose nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_analysis.attribution.portfolio.compare import PLACE_COLUMNS, Portfolio
from partner_analysis.attribution.portfolio.recommend import Recommendation
from partner_analysis.attribution.reach import NOT_CLEAR, REACH_COLUMNS, REACHES
from partner_analysis.reporting.downloads import FILES, NOT_MADE, SHEETS, in_cells, made_or_said
from partner_analysis.reporting.figures import alt_text, plot_portfolio
from partner_analysis.reporting.long_lists import (
    MOST_NAMED,
    MOST_ROWS,
    ends_of,
    left_out_text,
    lines_of,
    names_text,
    shown_of,
)
from partner_analysis.reporting.numbers import list_text
from partner_analysis.reporting.portfolio.decisions import decisions_sentence, decisions_table
from partner_analysis.reporting.portfolio.ranking import ranking_table
from partner_analysis.reporting.reach import reach_sentences, reach_table
from partner_analysis.reporting.side_by_side import portfolio_table
from partner_analysis.tables import Interval

ids = st.lists(st.text("abc", min_size=1, max_size=3), max_size=150)


@given(ids, st.integers(2, MOST_ROWS))
def test_a_part_is_in_order_and_nothing_is_left_out_of_a_short_list(rows, most):
    first = shown_of(rows, first=len, most=most)
    ends = ends_of(rows, most=2 * (most // 2))
    names = names_text(rows, of=len(rows))
    if len(rows) <= MOST_ROWS:
        assert first == ends == rows
        assert names == list_text(rows)
        assert lines_of(rows, of=len(rows), rest="") == rows
        assert left_out_text(len(rows), "a.csv") == ""
        return
    assert len(first) == most
    assert sorted(map(len, first)) == sorted(map(len, rows))[:most]
    places = iter(rows)
    assert all(row in places for row in first)
    half = most // 2
    assert ends == rows[:half] + rows[-half:]
    assert names.endswith(f"{len(rows) - MOST_NAMED} others")
    assert len(lines_of(rows, of=len(rows), rest="")) == MOST_NAMED + 1
    assert f"of {len(rows)}" in left_out_text(len(rows), "a.csv")


def decisions(number: int) -> tuple[dict[str, Recommendation], pd.DataFrame]:
    keys = [f"p{k:03d}" for k in range(number)]
    actions = {key: "end" if k == number - 1 else "wait" for k, key in enumerate(keys)}
    rules = {"end": "fewer for long", "wait": "data not fit"}
    alliance = {"last_activity": pd.NaT, "ended": pd.NaT, "began": pd.NaT, "aims": ()}
    listed = pd.DataFrame([{"partnership_id": k, "name": f"Partner {k}", **alliance} for k in keys])
    return {k: Recommendation(k, a, rules[a]) for k, a in actions.items()}, listed


def test_the_decision_that_is_due_is_on_the_page_of_two_hundred():
    found, listed = decisions(200)
    table = decisions_table(found, listed, {})
    assert table.html.count("<tr>") == 1 + MOST_ROWS
    assert "Partner p199" in table.html
    assert "decisions.csv, a file of this report, has all" in table.html
    assert "Of 200 alliances" in table.html
    said = decisions_sentence(found, {key: key for key in found})
    assert said.startswith("Wait with p000, p001, ") and said.endswith("191 others. End p199.")
    whole = decisions_table(*decisions(MOST_ROWS), {}).html
    assert whole.count("<tr>") == 1 + MOST_ROWS
    assert "Shown are" not in whole


def test_a_picture_of_two_hundred_is_as_high_as_one_of_twenty_four(make_effect):
    few = make_effect(name="Gym")
    many = {f"p{k}": make_effect(name=f"Gym {k}", partnership_id=f"p{k}") for k in range(60)}
    figure = plot_portfolio(many)
    assert "Shown are 24 of 60; effects.csv" in figure.subtitle
    assert "60 partnerships" in figure.title
    assert len(figure.axes[0].collections) + len(figure.axes[0].lines) < 24 * 4
    assert "Gym 59" not in alt_text(figure)
    assert "Shown are" not in plot_portfolio({"gym": few}).subtitle
    assert "Shown are 40 of 60, by standing and name; effects.csv" in portfolio_table(many).html


def test_first_and_last_places_stand_on_the_page():
    number = 100
    places = pd.DataFrame({name: np.linspace(9, -9, number) for name in PLACE_COLUMNS})
    places = places.assign(
        partnership_id=[f"p{k}" for k in range(number)],
        members=[(f"p{k}",) for k in range(number)],
        first_place=range(1, number + 1),
        last_place=range(1, number + 1),
    )
    none = Interval(0.0, -1.0, 1.0)
    found = Portfolio(places, pd.DataFrame(), (), none, "p0", none, 0.1, np.eye(number), 0.95)
    table = ranking_table(found, {}).html
    assert all(f">p{k}<" in table for k in (0, 19, 80, 99))
    assert not any(f">p{k}<" in table for k in (20, 79))
    assert "the first and the last of them; ranking.csv" in table


def test_those_clearly_apart_stand_first_where_not_all_can():
    told = {"share": 0.5, "share_low": 0.4, "share_high": 0.6, "share_others": 0.2, "named": 10,
            "of_named": 20, "others": 20, "of_others": 100, "difference": 0.3, "low": 0.1,
            "high": 0.4, "level": 0.95}  # fmt: skip
    rows = [
        {"partnership_id": f"p{k}", "name": f"Partner {k:03d}", "provider": False,
         "intended": ("runner",), "finding": REACHES if k == 99 else NOT_CLEAR, **told}
        for k in range(100)
    ]  # fmt: skip
    reach = pd.DataFrame(rows, columns=list(REACH_COLUMNS))
    table = reach_table(reach).html
    assert "Partner 099" in table and "Partner 039" not in table
    assert "91 others" in " ".join(reach_sentences(reach))


def test_every_file_that_a_page_names_is_one_of_the_report():
    named = {"effects", "decisions", "goals", "ranking", "alliances", "calls", "reach"}
    assert named <= set(SHEETS)
    assert {f"{name}.csv" for name in SHEETS} <= {file for file, _ in FILES}


@pytest.mark.parametrize("names", [(), ("a",), ("a", "b")])
def test_names_in_a_file_are_one_text_a_cell(names):
    table = in_cells(pd.DataFrame({"clinics": pd.Series([names], dtype=object), "n": [1]}))
    assert table["clinics"].tolist() == [";".join(names)]


def test_a_table_that_cannot_be_made_says_so_and_spoils_no_other():
    assert made_or_said(lambda: pd.DataFrame({"a": [1]}))["a"].tolist() == [1]
    assert made_or_said(lambda: pd.DataFrame({"a": [1]})["b"])["note"].tolist() == [NOT_MADE]
