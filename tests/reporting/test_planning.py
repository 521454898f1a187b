"""What a plan says: golden sentences, tables, lines for a terminal, the picture."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.planning.designs import Design
from partner_analysis.attribution.planning.plan import ANSWER_COLUMNS, LOOK_COLUMNS, Plan
from partner_analysis.cli import main
from partner_analysis.reporting import plan_page, study
from partner_analysis.reporting.figures import alt_text, picture
from partner_analysis.reporting.figures.planning import plot_plan
from partner_analysis.reporting.numbers import chance_text
from partner_analysis.reporting.planning import asked, tables, told
from partner_analysis.reporting.planning.asked import plan_study
from partner_analysis.reporting.planning.left import leave_plan, left_plan
from partner_analysis.reporting.planning.words import effect_text

NAN = float("nan")
ROWS = [
    # design, clinics, compared, months, expected, percent, chance, once, smallest, a month, once
    ("Dockside alone", 1, True, 3, 10.0, 25.0, 0.02, 0.10, 1.2, 12.0, 0.9, 6, 4, 0.0, 0.0, 0.4),
    ("Dockside alone", 1, True, 6, 10.0, 25.0, 0.14, 0.22, 0.8, 8.0, 0.7, 3, 2, 0.2, 0.0, 0.7),
    ("all 6 clinics", 6, False, 3, 60.0, 25.0, 0.31, 0.50, 0.5, 30.0, 0.4, 0, 0, NAN, 0.0, 1.0),
    ("all 6 clinics", 6, False, 6, 60.0, 25.0, 0.86, 0.93, 0.24, 14.4, 0.2, 0, 0, NAN, 0.0, 1.0),
]


def a_plan(**changes: object) -> Plan:
    rows = [
        (*row[:8], 100 * row[8], row[9], 100 * row[10], *row[11:], 0.17, 0.25, 93.0) for row in ROWS
    ]
    answers = pd.DataFrame(rows, columns=list(ANSWER_COLUMNS)).astype(ANSWER_COLUMNS)
    looks = [(3, 0.9971, 41.0, 0.3, NAN), (4, 0.9968, 38.0, 0.5, NAN), (6, 0.99, 22.0, 0.84, NAN)]
    plan = Plan(
        percent=25.0,
        per_month=NAN,
        start=pd.Timestamp("2025-12-08"),
        months=6,
        level=0.95,
        designs={name: Design(name, ((name,),)) for name in ("Dockside alone", "all 6 clinics")},
        answers=answers,
        best="all 6 clinics",
        best_months=6.0,
        looks=pd.DataFrame(looks, columns=list(LOOK_COLUMNS)).astype(LOOK_COLUMNS),
    )
    return replace(plan, **changes)


def unreached() -> Plan:
    plan = a_plan(best="Dockside alone", best_months=NAN)
    return replace(plan, answers=plan.answers[plan.answers["design"] == "Dockside alone"])


def untold() -> Plan:
    plan = a_plan()
    return replace(
        plan,
        best="",
        best_months=NAN,
        answers=plan.answers.iloc[:0],
        looks=plan.looks.iloc[:0],
        why_not="Plan again later.",
    )


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (
            a_plan(),
            "25% more new patients would most likely be noticed: soonest with all 6 clinics, "
            "declared by 6 months after the start. The chance: 86% by formula; the past has no "
            "stretch to try it in.",
        ),
        (
            unreached(),
            "No design here reaches 80% within 6 months; the nearest is Dockside alone with 14% "
            "(14% by formula; planted in the past, 20% (95% interval 0% to 70%)). To be noticed "
            "there with 80% chance, the effect would have to be 80% (8.0 more new patients a "
            "month).",
        ),
        (
            untold(),
            "It cannot be told yet whether 25% more new patients would be noticed. Plan again "
            "later.",
        ),
    ],
    ids=["reached", "not reached", "cannot tell"],
)
def test_the_answer_in_words(plan, sentence):
    assert told.plan_sentence(plan) == sentence


def test_the_past_is_told_with_its_interval_and_what_is_apart():
    assert told.past_sentence(unreached()) == (
        "Planted in 3 stretches of the practice's own past (the interval counts the 2 that share "
        "no count with another), at these clinics or as many others, the effect was noticed by "
        "6 months in 20% (95% interval 0% to 70%) of cases; the formula says 17% for the same "
        "stretches. They have less history before them than a start today, so they tend to show "
        "less."
    )
    assert "cannot be tried in the past" in told.past_sentence(a_plan())


def test_a_design_without_comparison_is_warned_of():
    note = told.comparison_note(a_plan())
    assert "no other clinic or kind of patient is left to compare with" in note
    assert note.endswith("the nearest is Dockside alone: 14% by 6 months.")
    assert told.comparison_note(unreached()) == ""


def test_when_to_look_is_told_with_its_price():
    assert told.looks_sentence(a_plan()) == (
        "Look at the planned reviews, 3 and 6 months after the start. Somebody who looks every "
        "month should call it a change only beyond that month's limit in the table: then a "
        "partnership that changes nothing is called one, ever, in at most 5% of cases. By month 6 "
        "the chance is then 84%, with planned reviews only 86%."
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"percent": -10.0}, "10% fewer new patients"),
        ({"percent": NAN, "per_month": 4.0}, "4 more new patients a month"),
        ({"percent": NAN, "per_month": -1.0}, "1 fewer new patient a month"),
    ],
)
def test_effects_in_words(changes, words):
    assert effect_text(a_plan(**changes)) == words


def test_no_chance_reads_as_certain():
    said = [chance_text(chance) for chance in (0.0, 0.004, 0.5, 0.996, 1.0, NAN)]
    assert said == ["under 1%", "under 1%", "50%", "over 99%", "over 99%", "unknown"]


@pytest.mark.parametrize("plan", [a_plan(), unreached(), untold()], ids=["yes", "no", "untold"])
def test_every_plan_has_tables_lines_and_a_picture(plan):
    for table in (tables.designs_table, tables.smallest_table, tables.looks_table):
        assert table(plan).plain
        assert "nan" not in table(plan).plain
    lines = tables.plan_lines(plan)
    assert lines[0] == told.plan_sentence(plan)
    assert len(lines) < 25
    figure = plot_plan(plan)
    assert figure.title == told.plan_title(plan)
    assert alt_text(figure) == told.plan_alt(plan)
    assert len(picture(figure)) < 60_000


def test_the_picture_names_every_design_and_marks_the_best():
    figure = plot_plan(a_plan())
    words = {text.get_text() for text in figure.axes[0].texts}
    assert {"Dockside alone", "all 6 clinics", "86% by 6 months"} <= words


@pytest.fixture
def small_study(monkeypatch):
    mondays = pd.date_range("2023-01-02", periods=90, freq="W-MON")
    index = pd.MultiIndex.from_product([list("ABC"), mondays], names=["clinic", "period"])
    drawn = np.random.default_rng(1).poisson(8, len(index))
    settings = SimpleNamespace(events_table=None, holidays="", level=0.95)
    nobody = pd.DataFrame({"partnership_id": pd.Series(dtype="str"), "start_date": pd.NaT})
    found = SimpleNamespace(
        counts=pd.DataFrame({"new_patients": drawn}, index=index).reset_index(),
        partnerships=nobody,
        practice=settings,
        tables=None,
    )
    assert plan_page.write_plan_page  # what imports open_study has done so, and keeps the real one
    monkeypatch.setattr(study, "open_study", lambda _: found)


def test_a_plan_that_was_left_is_the_same_plan_for_the_same_question_alone(tmp_path):
    asked = {"clinics": ["A"], "percent": 25.0, "months": 12}
    for plan in (a_plan(), unreached(), untold()):
        leave_plan(plan, asked, tmp_path)
        again = left_plan(asked, tmp_path)
        for name in ("answers", "looks"):
            pd.testing.assert_frame_equal(getattr(again, name), getattr(plan, name))
        assert told.plan_sentence(again) == told.plan_sentence(plan)
        assert (again.designs, again.start) == (plan.designs, plan.start)
        assert left_plan({**asked, "months": 6}, tmp_path) is None
    assert left_plan(asked, tmp_path / "elsewhere") is None


def test_nothing_is_planned_again_where_a_plan_was_left(small_study, tmp_path, monkeypatch):
    found = study.open_study("practice.toml")
    question = {"clinics": ["A", "B"], "percent": 100.0, "months": 3, "backtests": False}
    plan = plan_study(found, **question)
    leave_plan(plan, {**question, "personas": [], "per_month": 0.0}, tmp_path)
    monkeypatch.setattr(asked, "plan_partnership", None)
    found.tables = tmp_path
    again = plan_study(found, **{**question, "clinics": "A; B"})
    pd.testing.assert_frame_equal(again.answers, plan.answers)


def test_the_command_answers_in_plain_lines(small_study, capsys):
    asked = ["--clinics", "A; B", "--percent", "100", "--months", "3"]
    assert main(["plan", "practice.toml", *asked]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("100% more new patients would most likely be noticed: soonest with ")
    assert said[1] == "Chance of having noticed, by formula (planted in its own past):"
    assert len(said) < 25


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["--percent", "0"], "--percent: an effect of 0 cannot be noticed"),
        (["--clinics", "Z"], "clinics: 'Z' is not in the counts. They have A, B, C."),
        (["--months", "1"], "months: 1 cannot be planned. Give 3 to 36."),
    ],
)
def test_the_command_refuses_what_cannot_be_asked(small_study, capsys, asked, words):
    assert main(["plan", "practice.toml", *asked]) == 2
    assert words in capsys.readouterr().err
