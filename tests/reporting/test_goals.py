"""Goals read back, told and drawn: golden sentences for each status."""

import io
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image

from partner_analysis.attribution.goals.backtest import BackTest
from partner_analysis.attribution.goals.because import Because
from partner_analysis.attribution.goals.counted import USUAL_UNSURE
from partner_analysis.attribution.goals.goal import Goal
from partner_analysis.attribution.goals.progress import (
    COURSE_COLUMNS,
    STATUSES,
    GoalProgress,
    course_table,
)
from partner_analysis.reporting.figures import alt_text, picture
from partner_analysis.reporting.figures.goals import plot_goal
from partner_analysis.reporting.goals.chances import chance_text
from partner_analysis.reporting.goals.stated import goal_sentence, window_sentence
from partner_analysis.reporting.goals.tables import back_test_table, goals_table, goals_title
from partner_analysis.reporting.goals.told import goal_title, progress_sentence
from partner_analysis.tables import NO_NUMBER, Interval

GOLDEN = Path(__file__).parent / "golden" / "goals"
FORBIDDEN = re.compile(
    r"significan|slight|uplift|impact|control group|lead\b|\bnan\b|\binf\b", re.I
)
DAY = pd.Timestamp
STUDIO = "Tidewater Pilates Studio"
PREGNANT = Goal(
    goal_id="five",
    partnership_id="tidewater-pilates",
    partner=STUDIO,
    is_provider=False,
    clinics=("Eastgate", "Warwick"),
    personas=("pregnancy",),
    measure="mean",
    target=5.0,
    unit="count",
    baseline="",
    counted="extra",
    start=DAY("2024-05-13"),
    months=3,
)
RUNNERS = replace(
    PREGNANT,
    partnership_id="",
    partner="",
    clinics=(),
    personas=("runner",),
    target=10.0,
    unit="percent",
    baseline="same months last year",
    counted="all",
    months=6,
    taken=("baseline", "counted"),
)
ALL = replace(PREGNANT, counted="all")


def exactly(number: float) -> Interval:
    return Interval(number, number, number)


def course(*middles: float, past: int) -> pd.DataFrame:
    days = pd.date_range("2024-06-09", periods=len(middles), freq="28D")
    return course_table(
        [
            (day, Interval(m, m - (k >= past), m + 2 * (k >= past)), 15.0, k < past)
            for k, (day, m) in enumerate(zip(days, middles, strict=True))
        ]
    )


def progress(goal: Goal, status: str, **changes: Any) -> GoalProgress:
    values: dict[str, Any] = {
        "first_day": DAY("2024-05-13"),
        "last_day": DAY("2024-08-11"),
        "counted_to": DAY("2024-08-11"),
        "needed": exactly(14.95),
        "achieved": exactly(16.0),
        "months": 2.99,
        "months_left": 0.0,
        "rate_so_far": exactly(5.35),
        "probability": 1.0,
        "chance_alone": 0.09,
        "chance_from": "what would have come without it",
        "because": Because(Interval(8.6, 1.2, 15.9), 0.99, "more than expected"),
        "smallest_visible": 1.4,
        "size": 2.2,
        "course": course(4, 10, 16, past=3),
    }
    return GoalProgress(goal=goal, status=status, level=0.95, **(values | changes))


OPEN: dict[str, Any] = {
    "counted_to": DAY("2024-07-07"),
    "months_left": 1.15,
    "achieved": exactly(9.0),
    "rate_so_far": exactly(4.9),
    "rate_needed": 5.2,
    "chance_from": "its own past",
    "because": None,
    "course": course(4, 9, 14, past=2),
}
UNTRIED: dict[str, Any] = {
    "too_early": (ALL.partnership_id,),
    "chance_if_unchanged": 0.35,
    "chance_if_more": 0.62,
}
SITUATIONS = {
    "met": progress(ALL, "met"),
    "met-already": progress(ALL, "met", **(OPEN | {"achieved": exactly(15.0), "rate_needed": 0.0})),
    "met-without-it-as-well": progress(
        ALL,
        "met",
        chance_alone=0.8,
        because=Because(Interval(1.0, -6.0, 8.0), 0.6, "met without it as well"),
        size=-0.4,
    ),
    "not-met": progress(
        ALL,
        "not met",
        achieved=exactly(1.0),
        probability=0.0,
        because=Because(Interval(-1.5, -6.0, 3.0), 0.2, "nothing to explain"),
        smallest_visible=8.0,
    ),
    "on-track": progress(ALL, "on track", probability=0.86, **OPEN),
    "in-the-balance": progress(ALL, "in the balance", probability=0.5, **OPEN),
    "off-track": progress(ALL, "off track", probability=0.004, **OPEN),
    "not-begun": progress(
        ALL, "not begun", **(OPEN | {"probability": 0.3, "rate_so_far": NO_NUMBER})
    ),
    "not-begun-before-it-runs": progress(
        ALL, "not begun", **(OPEN | UNTRIED | {"probability": 0.45, "rate_so_far": NO_NUMBER})
    ),
    "in-the-balance-too-early": progress(
        ALL, "in the balance", probability=0.5, **(OPEN | UNTRIED)
    ),
    "extra-met": progress(
        PREGNANT, "met", achieved=Interval(24.1, 15.2, 33.0), chance_alone=0.001, size=5.0
    ),
    "extra-cannot-tell": progress(
        PREGNANT,
        "cannot tell",
        reason="The interval of the extra patients reaches to both sides of the number asked for.",
        achieved=Interval(8.6, -4.7, 22.5),
        probability=0.18,
        chance_alone=0.02,
        because=Because(Interval(8.6, -4.7, 22.5), 0.9, "not shown"),
        size=5.0,
        smallest_visible=8.8,
    ),
    "cannot-tell": GoalProgress(PREGNANT, "cannot tell", 0.95, "Its deadline lies too early."),
    "named": progress(
        replace(PREGNANT, counted="named", measure="rate"), "met", chance_alone=0.0004
    ),
    "percent-of-the-practice": progress(
        RUNNERS,
        "cannot tell",
        reason=USUAL_UNSURE,
        needed=Interval(118.8, 98.0, 142.8),
        baseline=Interval(108.0, 89.0, 129.8),
        achieved=exactly(114.0),
        probability=math.nan,
        because=None,
        chance_from="its own past",
        smallest_visible=11.4,
        size=4.4,
    ),
}  # fmt: skip


def all_words(found: GoalProgress) -> str:
    return (
        "\n".join([goal_title(found), goal_sentence(found.goal), progress_sentence(found)]) + "\n"
    )


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_situation_reads_as_agreed(situation):
    golden = (GOLDEN / f"{situation}.txt").read_text("utf-8")
    assert all_words(SITUATIONS[situation]) == golden


def test_a_number_asked_for_that_is_estimated_has_its_interval_in_sentence_and_table():
    missed = progress(
        RUNNERS, "not met", needed=Interval(205.0, 157.0, 271.0), achieved=exactly(118.0)
    )
    assert goal_title(missed) == "The practice: goal not met, 118 of 205 (157 to 271)"
    assert "and 205 (95% interval 157 to 271) were asked for" in progress_sentence(missed)
    assert "118 of 205 (157 to 271)" in goals_table({"more": missed}).plain


def test_there_is_a_golden_text_for_every_status_and_no_other():
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(SITUATIONS)
    assert {found.status for found in SITUATIONS.values()} == set(STATUSES)


def test_no_text_uses_a_word_that_claims_too_much():
    for situation, found in SITUATIONS.items():
        assert not FORBIDDEN.search(all_words(found)), situation


def test_an_extra_goal_is_read_back_with_every_choice():
    assert goal_sentence(PREGNANT) == (
        "Goal: 5 extra new patients a month (persona pregnancy, at Eastgate and Warwick) beyond "
        "what would have come without Tidewater Pilates Studio, as a mean over the 3 months from "
        "13 May 2024 to 12 August 2024."
    )


def test_the_days_that_decide_are_said_where_they_are_not_the_goal_s_own():
    found = SITUATIONS["met"]
    assert window_sentence(found) == (
        "Only whole weeks or months are counted, so the days that decide are 13 May 2024 to "
        "11 August 2024."
    )
    assert window_sentence(replace(found, last_day=found.goal.last_day)) == ""


def test_what_the_goal_left_open_is_said():
    said = goal_sentence(RUNNERS)
    assert "taken as the same months last year as the baseline and all patients counted" in said


def test_an_estimate_is_never_given_without_its_interval():
    said = progress_sentence(SITUATIONS["extra-cannot-tell"])
    assert re.search(r"estimated 9 extra new patients came \(95% interval", said)


def test_a_provider_is_never_said_to_be_why():
    found = progress(replace(ALL, is_provider=True), "met", because=None)
    assert "More came than expected" not in progress_sentence(found)
    assert "Without the partnership" not in progress_sentence(found)


def test_no_chance_is_ever_certain():
    assert [chance_text(p) for p in (0.0, 1.0, 0.2, math.nan)] == [
        "under 1 percent",
        "over 99 percent",
        "20 percent",
        "\N{EN DASH}",
    ]


def test_the_table_has_a_row_for_every_goal_and_no_empty_cell():
    shown = goals_table(SITUATIONS)
    assert shown.html.count("<tr>") == len(SITUATIONS) + 1
    assert "></td>" not in shown.html
    assert goals_title(SITUATIONS).startswith(f"Of {len(SITUATIONS)} goals, 5 met, 1 not met")
    assert "No goals are set" in goals_table({}).plain


def test_a_back_test_is_a_row_with_its_score_or_why_there_is_none():
    poses = pd.DataFrame(
        {"asked": ["at the start", "half way"], "probability": [0.2, 0.8], "is_met": [False, True]}
    )
    tested = {"a": BackTest(ALL, poses), "b": BackTest(PREGNANT, reason="Nobody could be counted.")}
    shown = back_test_table(tested)
    assert "0.040" in shown.html
    assert "Nobody could be counted." in shown.html


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_situation_can_be_drawn_as_a_small_picture(situation):
    found = SITUATIONS[situation]
    figure = plot_goal(found)
    assert Image.open(io.BytesIO(picture(figure))).format == "PNG"
    assert figure.title == goal_title(found)
    assert alt_text(figure) == progress_sentence(found)
    assert figure.is_blank == found.course.empty


def test_labels_stay_inside_the_picture():
    wide = course(400, 900, 1400, past=2).assign(needed=12345.0)
    figure = plot_goal(replace(SITUATIONS["on-track"], course=wide))
    picture(figure)
    right = figure.bbox.width
    assert all(
        text.get_window_extent().x1 <= right for text in figure.axes[0].texts if text.get_text()
    )


@pytest.mark.parametrize("name", ["$100 club", "日本 🏃", "W" * 300, "a\nb"])
def test_any_name_is_drawn_and_said(name):
    found = progress(replace(ALL, partner=name), "met")
    assert picture(plot_goal(found))
    assert "\n" not in progress_sentence(found)


def test_columns_of_the_course_are_those_that_are_drawn():
    assert list(course(1, past=1).columns) == list(COURSE_COLUMNS)
