"""What is told once stays: quarters counted once, the grain of a year, effects of reviews."""

import math
import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_analysis.practice import load_practice
from partner_analysis.reporting.disclosure import COUNT, FEW, WITHHELD
from partner_analysis.reporting.figures import alt_text, picture
from partner_analysis.reporting.figures.told import plot_told
from partner_analysis.reporting.shareable import rows as told_rows
from partner_analysis.reporting.shareable import words
from partner_analysis.reporting.shareable.contributions import contributions_of
from partner_analysis.reporting.shareable.counts import (
    EVERYBODY,
    Row,
    Scope,
    answer_named,
    answer_questions,
    rows_of,
)
from partner_analysis.reporting.shareable.effects import ToldEffect
from partner_analysis.reporting.shareable.partners import Partner
from partner_analysis.reporting.shareable.published import (
    Cell,
    Published,
    close_quarters,
    read_published,
    write_published,
)
from partner_analysis.small_tables import init_practice

TOLD = ToldEffect(
    review="2025-02-24", level=0.982, verdict="more", ratio=0.35, error=0.12, visible=40.0,
    first="2024-02", last="2025-02", together=False, hides_provider=False, method="panel",
    clinics=("Eastgate", "Lakeview"),
)  # fmt: skip
UNTIL = pd.Timestamp("2026-12-31")


def weekly(first="2023-01-02", weeks=110, each=3, clinic="A"):
    periods = pd.date_range(first, periods=weeks, freq="W-MON")
    return pd.DataFrame(
        {"period": periods, "clinic": clinic, "persona": "runner", "new_patients": each}
    )


def ledger(**quarters):
    """A ledger of one clinic; names as y2024q1=40."""
    cells = {Cell(name[1:].upper(), "A", "runner"): n for name, n in quarters.items()}
    return Published(cells=cells)


def year(number, *counts):
    return {f"y{number}q{quarter}": n for quarter, n in enumerate(counts, 1)}


# ------------------------------------------------------------------ counted once
def test_only_whole_quarters_are_counted_and_every_week_once() -> None:
    published = Published()
    close_quarters(published, weekly(weeks=30), None, partners=[])
    assert published.quarters == ["2023Q1", "2023Q2"]
    assert sum(published.cells.values()) == 3 * 26


def test_a_quarter_is_whole_when_its_last_week_is() -> None:
    """The last week that begins in March 2023 ends on 2 April."""
    published = Published()
    close_quarters(published, weekly(weeks=12), None, partners=[])
    assert published.quarters == []
    close_quarters(published, weekly(weeks=13), None, partners=[])
    assert published.quarters == ["2023Q1"]


def test_a_correction_after_it_was_told_does_not_change_a_quarter() -> None:
    """Else the difference of two pages would count those who were added."""
    published = Published()
    close_quarters(published, weekly(weeks=13), None, partners=[])
    before = dict(published.cells)
    close_quarters(published, weekly(weeks=26, each=4), None, partners=[])
    assert {cell: published.cells[cell] for cell in before} == before
    assert sum(published.cells.values()) == 3 * 13 + 4 * 13


def test_a_ledger_is_read_as_it_was_written(tmp_path) -> None:
    practice = load_practice(init_practice(tmp_path))
    assert read_published(practice) == Published()
    published = ledger(**year(2024, 40, 50, 60, 70))
    published.named = {(f"2024Q{n}", "gym"): 5 for n in range(1, 5)}
    answer_questions(published, [EVERYBODY, Scope(("A",), ("runner",))])
    answer_named(published, ["gym"])
    published.effects["gym"] = {"2025-01-06": {"verdict": "more", "ratio": None}}
    write_published(published, practice)
    assert read_published(practice) == published


# ------------------------------------------------------------------ quarters or years
def told(published, scope=EVERYBODY):
    answer_questions(published, [scope])
    return [(row.period, row.text) for row in rows_of(published, scope, until=UNTIL, first=0)]


def test_a_year_is_told_by_quarter_where_all_quarters_may_be_told() -> None:
    assert told(ledger(**year(2024, 11, 0, 30, 40))) == [
        ("2024Q1", "11"), ("2024Q2", "0"), ("2024Q3", "30"), ("2024Q4", "40"),
    ]  # fmt: skip


def test_one_small_quarter_and_the_year_is_told_instead() -> None:
    assert told(ledger(**year(2024, 11, 10, 30, 40))) == [("2024", "91")]
    assert told(ledger(**year(2024, 1, 2, 3, 4))) == [("2024", "<11")]


def test_a_coarse_scope_is_told_by_year_however_large() -> None:
    published = ledger(**year(2024, 50, 50, 50, 50), **year(2025, 50, 50))
    assert told(published, Scope((), (), is_coarse=True)) == [("2024", "200")]


def test_the_year_that_runs_is_told_by_quarter_only_after_a_year_of_large_ones() -> None:
    large = ledger(**year(2024, 22, 23, 24, 25), **year(2025, 30))
    assert told(large)[-1] == ("2025Q1", "30")
    less = ledger(**year(2024, 21, 23, 24, 25), **year(2025, 30))
    assert told(less)[-1] == ("2024Q4", "25")


def test_once_told_by_quarter_a_small_one_is_hidden_and_the_year_never_told() -> None:
    """The year less three quarters would be the fourth."""
    published = ledger(**year(2024, 22, 23, 24, 25), **year(2025, 30, 31, 32))
    told(published)
    published.cells[Cell("2025Q4", "A", "runner")] = 4
    assert told(published)[-4:] == [
        ("2025Q1", "30"), ("2025Q2", "31"), ("2025Q3", "32"), ("2025Q4", "<11"),
    ]  # fmt: skip
    assert told(published, Scope((), (), is_coarse=True))[-1] == ("2025", "not shown")


def test_nothing_is_shown_of_a_period_that_ends_after_the_page_s_day() -> None:
    published = ledger(**year(2024, 40, 50, 60, 70))
    answer_questions(published, [EVERYBODY])
    rows = rows_of(published, EVERYBODY, until=pd.Timestamp("2024-09-29"), first=0)
    assert [row.period for row in rows] == ["2024Q1", "2024Q2"]


@pytest.mark.parametrize(
    ("named", "answer"), [(0, COUNT), (7, FEW), (11, COUNT), (195, WITHHELD), (200, COUNT)]
)
def test_how_many_named_a_partner_is_told_unless_they_or_the_others_are_few(named, answer) -> None:
    published = ledger(**year(2024, 50, 50, 50, 50))
    published.named = {("2024Q1", "gym"): named} | {(f"2024Q{n}", "gym"): 0 for n in (2, 3, 4)}
    answer_questions(published, [EVERYBODY])
    answer_named(published, ["gym"])
    assert published.named_answers["2024", "gym"] == answer


# ------------------------------------------------------------------ effects in words
def test_an_effect_is_said_with_its_interval_and_what_it_could_have_missed() -> None:
    assert words.answer_words(TOLD, None) == (
        "At the review of 24 February 2025, more new patients came than would be expected without "
        "the partnership: about 42% more (98.2% interval 7% to 88% more)."
    )
    assert words.uncertainty_words(TOLD) == [
        words.INTERVAL,
        "A change smaller than about 40% could easily have been missed.",
    ]
    method = " ".join(words.method_words(TOLD))
    assert "Eastgate and Lakeview" in method
    assert "February 2024 to February 2025 (what would have come is" in method


def test_a_picture_is_drawn_only_where_a_full_year_with_the_partnership_is_told() -> None:
    year_2025 = Row("2025", 40, COUNT)
    quarters = [Row(f"2025Q{n}", 40, COUNT) for n in range(1, 5)]
    november = pd.Timestamp("2024-11-18")
    assert not told_rows.has_full_year([Row("2024", 40, COUNT)], november)
    assert told_rows.has_full_year([Row("2024", 40, COUNT), year_2025], november)
    assert told_rows.has_full_year(quarters, november)
    assert not told_rows.has_full_year([Row("2025", 4, FEW)], november)
    assert "began in November 2024" in told_rows.no_full_year_words(november)


def test_no_measure_of_care_is_left_out_in_silence() -> None:
    care = pd.DataFrame(
        [("visits", 0.1, -1.0, 1.2, False, 90), ("waiting", -2.0, -3.0, -1.0, True, 90),
         ("would recommend us (0 to 10)", 1.1, 0.1, 2.0, False, 90),
         ("outcome change", 1.0, -2.0, 4.0, False, 12)],
        columns=["measure", "difference", "low", "high", "is_clear", "n_partner"],
    ).assign(n_others=500)  # fmt: skip
    assert words.benefit_words(care)[:-1] == [
        "Clearly lower than for similar patients: waiting.",
        "No clear difference from similar patients: visits.",
        "Different when looked at alone, which among several measures can be chance: would "
        "recommend us.",
        "Known of too few patients to be told here: outcome change.",
    ]


@given(st.integers(-60, 60), st.integers(1, 100))
def test_no_clear_change_always_includes_none(step: int, error: int) -> None:
    told_one = replace(TOLD, verdict="no clear change", ratio=step / 20, error=error / 50)
    ends = told_one.percent
    assert ends.low <= 0 <= ends.high
    assert re.search(r"anything from (no change|\d[\d,]*%)", words.answer_words(told_one, None))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"verdict": "too small to tell"}, "Such an answer has no number"),
        ({"verdict": "more", "visible": math.nan}, "too small, or too uncertain, to be told"),
        ({"hides_provider": True, "together": True}, "of an activity of which none is told"),
        ({"together": True}, "Another activity ran in the same places"),
    ],
)
def test_why_there_is_no_number_is_said(changed: dict, said: str) -> None:
    told_one = replace(TOLD, ratio=math.nan, error=math.nan, **changed)
    assert said in " ".join(words.uncertainty_words(told_one))
    assert "%" not in words.answer_words(told_one, None)


@pytest.mark.parametrize(
    ("day", "said"),
    [("2026-02-19", "is to be reviewed on 19 February 2026"),
     ("2025-10-01", "review of the agreement is due."),
     (pd.NaT, "agree on one")],
)  # fmt: skip
def test_the_review_of_the_agreement_is_coming_due_or_not_agreed(day: object, said: str) -> None:
    as_of = pd.Timestamp("2025-12-31")
    [sentence] = words.talk_words(pd.Timestamp(day), None, as_of=as_of, silent=False)
    assert said in sentence


def test_the_board_reads_how_many_were_judged_how_and_no_name() -> None:
    effects = [TOLD, replace(TOLD, verdict="no clear change"), replace(TOLD, verdict="too early")]
    assert words.verdicts_words(effects, waiting=1, providers=2) == (
        "The last reviews find 1 partnership with more new patients than expected, 1 partnership "
        "with no clear change in new patients and 2 partnerships of which it cannot be told yet. "
        "2 partnerships with providers who can refer are about care and are not judged by numbers "
        "on this page."
    )


# ------------------------------------------------------------------ whom, and what was given
def test_a_partner_page_says_since_when_or_from_when_until_when() -> None:
    assert partner().when == "since January 2024"
    assert replace(partner(), ended=pd.Timestamp("2025-06-27")).when == "January 2024 to June 2025"


def partner(kind="gym", personas=("runner",)):
    day = pd.Timestamp("2024-01-01")
    return Partner("gym", "Gym", kind, ("A",), tuple(personas), day, pd.NaT, False)


@pytest.mark.parametrize(
    ("kind", "personas", "scope", "whom"),
    [
        ("gym", ["runner"], Scope(("A",), ("runner",)), "who are runners, at A"),
        ("club", ["runner", "athlete", "general"], Scope(("A",), ("runner", "athlete", "general")),
         "who are runners and athletes or of no particular group, at A"),
        ("gym", ["pregnancy"], Scope(("A",), ("pregnancy",), True),
         "of the kind that the partnership is for, at A"),
        ("club", ["runner", "youth"], Scope(("A",), ("runner", "youth"), True),
         "of the kind that the partnership is for, at A"),
        ("gym", ["gout"], Scope(("A",), ("gout",), True),
         "of the kind that the partnership is for, at A"),
        ("employer", ["work injury"], Scope(("A",), (), True), "of every kind, at A"),
    ],
)  # fmt: skip
def test_who_is_counted_and_how_they_are_called(kind, personas, scope, whom) -> None:
    """Pregnancy, minors, injuries, rare kinds and staff of an employer: by year, and unnamed."""
    assert partner(kind, personas).scope == scope
    assert partner(kind, personas).whom == whom


def test_of_what_was_given_neither_cost_nor_note_nor_patients_are_told() -> None:
    activities = pd.DataFrame(
        {"partnership_id": "gym", "date": pd.to_datetime(["2024-02-24"]), "kind": "workshop",
         "own_cost": 640.0, "staff_hours": 6.0, "partner_share": 0.5, "note": "Mrs. Zebrowsky"}
    )  # fmt: skip
    flows = pd.DataFrame(
        {"partnership_id": "gym", "month": pd.to_datetime(["2024-03-01"]), "given_by": "us",
         "referrals_out": 5.0, "same_day_slots": 3.0, "education_sessions": 1.0,
         "space_hours": 4.0, "shared_events": 0.0, "planning_meetings": 2.0}
    )  # fmt: skip
    day = pd.Timestamp("2025-01-01")
    done = contributions_of(activities, flows, "gym", is_provider=False, as_of=day)
    assert list(zip(done["giver"], done["what"], strict=True)) == [
        ("both", "workshop (6 hours of the practice's time)"),
        ("both", "2 planning meetings"),
        ("us", "1 education session"),
        ("us", "4 hours of space"),
    ]
    of_provider = contributions_of(activities, flows, "gym", is_provider=True, as_of=day)
    assert set(of_provider["giver"]) == {"both"}
    assert not of_provider["what"].str.contains("hour").any()


def test_the_picture_shows_what_is_told_and_says_all_of_it() -> None:
    rows = [Row("2024Q1", 40, COUNT), Row("2024Q2", 4, FEW), Row("2024Q3", 52, WITHHELD),
            Row("2024Q4", 44, COUNT)]  # fmt: skip
    said = told_rows.rows_alt(rows, "new patients")
    figure = plot_told(rows, title="t", subtitle="s", alt=said)
    assert [bar.get_height() for bar in figure.axes[0].patches] == [40, 0, 0, 44]
    assert "April to June: fewer than 11; 2024, July to September: not shown" in alt_text(figure)
    assert "52" not in " ".join(text.get_text() for text in figure.axes[0].texts)
    assert len(picture(figure)) < 60_000
    assert plot_told(rows[1:3], title="t", subtitle="s", alt=said).is_blank
