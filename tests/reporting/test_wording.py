"""The words of the reports: golden sentences for each situation, and laws for all numbers."""

import math
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_analysis.attribution.effect import CHECK_COLUMNS, empty_table
from partner_analysis.reporting.caveats import caveats
from partner_analysis.reporting.changes import beginnings, movements
from partner_analysis.reporting.numbers import (
    count_text,
    interval_text,
    list_text,
    number_text,
    short_name,
    span_words,
)
from partner_analysis.reporting.placebos import placebo_title
from partner_analysis.reporting.wording import (
    changes_sentence,
    cleaning_sentence,
    completeness_sentence,
    counts_sentence,
    effect_sentence,
    effect_title,
    look_again_sentence,
    named_sentence,
    named_title,
    placebo_sentence,
    portfolio_sentence,
    portfolio_title,
    short_answer,
    visible_sentence,
)
from partner_analysis.tables import NO_NUMBER, Interval

GOLDEN = Path(__file__).parent / "golden"
SITUATIONS = sorted(path.stem for path in GOLDEN.glob("*.txt"))
FORBIDDEN = re.compile(r"significan|slight|uplift|impact|control group|lead\b|nan|inf\b", re.I)
ENDS = st.floats(-1e12, 1e12, allow_nan=False) | st.just(math.inf) | st.just(-math.inf)


def all_words(effect) -> str:
    """Everything that a report says about one effect, one line each."""
    lines = [
        effect_title(effect),
        effect_sentence(effect),
        named_title(effect),
        named_sentence(effect),
        look_again_sentence(effect),
        visible_sentence(effect),
        placebo_sentence(effect),
        *(f"- {caveat}" for caveat in caveats(effect)),
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_situation_reads_as_agreed(effects, situation):
    assert all_words(effects[situation]) == (GOLDEN / f"{situation}.txt").read_text("utf-8")


def test_every_situation_has_a_golden_text(effects):
    assert set(SITUATIONS) == set(effects)


def test_no_text_uses_a_word_that_claims_too_much(effects):
    for situation, effect in effects.items():
        assert not FORBIDDEN.search(all_words(effect)), situation


def test_a_clear_answer_gives_the_number_with_its_interval(effects):
    phrase = "3.1 more new patients a month than expected (95% interval 0.8 to 5.4)"
    assert phrase in effect_sentence(effects["more"])


@pytest.mark.parametrize("situation", ["too-early", "too-small", "data-not-fit", "register-fault"])
def test_without_a_usable_number_none_is_given_as_the_answer(effects, situation):
    effect = effects[situation]
    said = effect_sentence(effect) + effect_title(effect) + named_sentence(effect)
    assert "interval" not in said
    assert not re.search(r"\d (more|fewer)", said)


def test_no_clear_change_says_what_fits_and_from_when_more_could_be_said(effects):
    sentence = effect_sentence(effects["no-clear-change"])
    assert "anything from 2.0 fewer to 5.0 more new patients a month" in sentence
    assert sentence.endswith("A clearer answer is not likely before March 2026.")
    assert "more new patients than expected" not in effect_title(effects["no-clear-change"]).lower()


def test_where_three_years_would_not_be_enough_no_date_is_given(make_effect):
    effect = make_effect(verdict="no clear change", total=(-24.0, 60.0))
    assert (
        look_again_sentence(effect) == "At this pace even three years would not be enough to tell."
    )


def test_a_partnership_not_begun_says_from_when(make_effect):
    note = "Gym had not begun by 30 September 2025 (it begins on 13 October 2025)."
    effect = make_effect(verdict="too early", post=0, no_number=True, notes=(note,))
    assert effect_sentence(effect) == note


def test_notes_name_others_by_name_and_never_speak_of_cells(make_effect):
    notes = (
        "The expectation rests on 4 comparison cells: the same personas at other clinics.",
        "It shares clinics and periods with road-runners; their effects are estimated together, "
        "each as a constant ratio.",
        "Cells touched by road-runners are left out.",
    )
    said = caveats(make_effect(notes=notes), names={"road-runners": "Causeway Road Runners"})
    assert said[:3] == [
        "The expectation rests on 4 comparison groups: the same kind of patient at other clinics.",
        "Causeway Road Runners ran in the same clinics at the same time; the two are told apart "
        "only by their different dates.",
        "Cells touched by Causeway Road Runners are left out.",
    ]


def test_a_card_does_not_repeat_the_name_in_its_title(effects):
    assert short_answer(effects["more"]).startswith("The practice saw 3.1 more new patients")
    assert short_answer(effects["too-early"]) == effect_sentence(effects["too-early"])


@pytest.mark.parametrize(
    ("scores", "title"),
    [
        ([0.1, 0.2], "None of 2 comparison clinics moved as much for their size"),
        ([3.0, 0.2, 0.1], "1 of 3 comparison clinics moved as much for its size"),
        ([-3.0, 2.5], "Both comparison clinics moved as much for their size"),
        ([3.0] * 5, "All 5 comparison clinics moved as much for their size"),
        ([3.0], "The only comparison clinic moved as much for its size"),
        ([0.3], "The only comparison clinic did not move as much for its size"),
        ([], "There is no comparison clinic to hold this against"),
    ],
)
def test_the_title_of_the_placebos_counts_them(make_effect, scores, title):
    units = [*(f"Clinic {i}" for i in range(len(scores))), "harbor-run-shop"]
    placebos = pd.DataFrame({"unit": units, "percent": 1.0, "score": [*scores, 2.0]})
    assert placebo_title(make_effect(placebos=placebos)) == title


def test_counted_and_estimated_stand_side_by_side(effects):
    sentence = named_sentence(effects["more"])
    assert "12 new patients named Harbor Run Shop at the desk (counted)" in sentence
    assert "an estimated 37 more new patients than expected (95% interval 10 to 64)" in sentence
    assert "would have come anyway" in sentence


def test_singular_and_none_read_well(make_effect):
    assert named_sentence(make_effect(named=1.0)).startswith("1 new patient named")
    assert named_sentence(make_effect(named=0.0)).startswith("No new patients named")
    early = make_effect(verdict="too early", post=1, observed=7.0, expected=6.0, total=(-3.0, 4.0))
    assert "there is 1 complete week of data" in effect_sentence(early)


def test_monthly_periods_are_called_months(effects, make_effect):
    months = effects["data-not-fit"].periods.assign(days=30)
    effect = make_effect(verdict="data not fit", pre=4, no_number=True, periods=months)
    assert "There are 4 usable months before it began" in effect_sentence(effect)


def test_names_stay_plain_text_on_one_line(make_effect):
    effect = make_effect(name="<script>alert(1)</script>\n  of\tthe\u202e $100 club")
    assert "<script>alert(1)</script> of the $100 club" in effect_sentence(effect)
    assert short_name("W" * 300, most=45) == "W" * 44 + "\N{HORIZONTAL ELLIPSIS}"


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(3.14, 0.8, 5.4), "3.1 (0.8 to 5.4)"),
        (Interval(3.1, 0.03, 5.4), "3.1 (just above 0 to 5.4)"),
        (Interval(-2.0, -4.06, -0.4), "\u22122.0 (\u22124.1 to \u22120.4)"),
        (Interval(-0.0, -0.0, 0.0), "0.0 (0.0 to 0.0)"),
        (Interval(2.5, 2.5, 2.5), "2.5 (2.5 to 2.5)"),
        (Interval(3.804, -0.002, 6.231), "3.8 (just below 0 to 6.2)"),
        (Interval(1234.5, 99.4, 2400.0), "1,234 (99 to 2,400)"),
        (Interval(3.1, 1e-9, 5.4), "3.1 (just above 0 to 5.4)"),
        (Interval(math.nan, 0.8, math.inf), "0.8 or more"),
        (Interval(math.nan, -math.inf, 5.4), "5.4 or less"),
        (Interval(math.nan, -math.inf, math.inf), "any number"),
        (Interval(1e12, -1e12, 1e15), "over 1 billion (under \u22121 billion to over 1 billion)"),
        (NO_NUMBER, "no number"),
    ],
)
def test_intervals_in_tables(interval, text):
    assert interval_text(interval) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (-2.0, 5.4, "2.0 fewer to 5.4 more"),
        (0.8, 5.4, "0.8 to 5.4 more"),
        (-5.4, -0.8, "0.8 to 5.4 fewer"),
        (0.0, 5.4, "no change to 5.4 more"),
        (-2.0, 0.0, "2.0 fewer to no change"),
        (0.0, 0.0, "no change at all"),
        (2.0, 2.0, "2.0 more"),
        (-2.0, math.inf, "2.0 fewer to any number more"),
        (-math.inf, math.inf, "any number fewer to any number more"),
        (0.5, math.inf, "0.5 more to any number more"),
        (-1e-9, 2.0, "under 0.1 fewer to 2.0 more"),
    ],
)
def test_intervals_in_sentences_have_no_minus_sign(low, high, text):
    assert span_words(Interval(math.nan, low, high)) == text


@given(ENDS, ENDS)
def test_words_never_hide_on_which_side_of_zero_an_interval_lies(one, other):
    low, high = min(one, other), max(one, other)
    words = span_words(Interval(math.nan, low, high))
    assert ("fewer" in words) == (low < 0)
    assert ("more" in words) == (high > 0)
    assert not re.search(r"nan|inf|-|\u2212|\be[+-]", words)


@given(st.floats(-1e12, 1e12))
def test_a_number_never_loses_its_sign(value):
    text = number_text(value)
    assert text.startswith(("\u2212", "just below", "under")) == (value < 0)


def test_counted_nouns_and_lists():
    assert count_text(0, "new patient") == "no new patients"
    assert count_text(1, "partnership") == "1 partnership"
    assert count_text(1204, "row") == "1,204 rows"
    assert [list_text(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_the_portfolio_counts_verdicts_and_says_what_luck_does(effects):
    chosen = {key: effects[key] for key in ("more", "no-clear-change", "too-early")}
    assert portfolio_title(chosen) == "1 of 3 partnerships shows more new patients than expected"
    assert portfolio_sentence(chosen) == (
        "More new patients than expected: Harbor Run Shop. No clear change: Harbor Run Shop. Too "
        "early: Harbor Run Shop. Of partnerships that changed nothing, about 1 in 20 would still "
        "look clear by luck."
    )
    assert portfolio_sentence({}) == "There is no partnership to report."


def test_all_rows_are_accounted_for_in_words():
    account = pd.DataFrame(
        {
            "file": ["a.csv", "b.csv"],
            "raw_rows": [2000, 1208],
            "used": [1990, 1204],
            "rejected": [6, 2],
            "totals_and_headers": [4, 0],
            "superseded": [0, 2],
        }
    )
    assert cleaning_sentence(account) == (
        "Of 3,208 rows in 2 files, 3,194 were used, 8 set aside with a reason, 4 headings or "
        "totals and 2 replaced by a newer copy."
    )
    again = cleaning_sentence(account.assign(repeated=[0, 1]))
    assert again.endswith("totals, 1 the same row again and 1 replaced by a newer copy.")
    rejected = pd.DataFrame({"reason": ["after as_of"] * 7 + ["no patient"]})
    one = account.assign(totals_and_headers=[1, 0])
    said = cleaning_sentence(one, rejected=rejected, as_of=pd.Timestamp("2025-09-30"))
    assert (
        "7 later than 30 September 2025 set aside, 1 that could not be read, 1 heading or" in said
    )
    assert cleaning_sentence(account.head(0)) == "The files hold no rows."


def test_what_changed_since_the_last_report():
    names = {"a": "Harbor Run Shop", "b": "Gym", "c": "Club"}
    now, before = {"a": "more", "b": "too early"}, {"a": "too early", "c": "fewer"}
    assert changes_sentence(now, None) == "This is the first report."
    assert changes_sentence(
        now, before, names=names, previous_as_of=pd.Timestamp("2025-03-03")
    ) == (
        'Since the last report (3 March 2025): Harbor Run Shop went from "too early" to "more"; '
        "Gym is new; Club is gone."
    )
    assert changes_sentence(now, now) == "Since the last report no standing changed."


def test_a_number_that_moved_by_more_than_a_tenth_is_told(make_effect):
    before = {"a": make_effect(observed=345.0, total=(5.0, 79.0)), "b": make_effect()}
    now = {"a": make_effect(), "b": make_effect(), "c": make_effect()}
    assert movements(now, before) == [
        "Harbor Run Shop: 3.5 (0.4 to 6.6) a month before, 3.1 (0.8 to 5.4) now. Why: 5 "
        "new patients fewer in weeks counted before, taken out or corrected."
    ]


def test_a_number_that_is_no_answer_has_not_moved(effects):
    assert movements({"a": effects["more"]}, {"a": effects["too-early"]}) == []


def test_what_began_between_two_reports():
    days = pd.to_datetime(["2025-10-13", "2025-01-01", "2026-01-01"])
    names = {"a": "Handwell", "b": "Gym", "c": "Club"}
    said = beginnings(
        dict(zip("abc", days, strict=True)),
        names,
        after=pd.Timestamp("2025-09-30"),
        until=pd.Timestamp("2025-12-31"),
    )
    assert said == ["Handwell began on 13 October 2025."]


def test_counts_and_their_completeness_in_words():
    weeks = pd.date_range("2025-01-06", periods=10, freq="7D")
    counts = pd.DataFrame({"period": weeks, "clinic": "a", "new_patients": 12.0})
    assert counts_sentence(counts) == (
        "120 new patients came from January 2025 to March 2025; about 12 new patients in a usual "
        "week."
    )
    assert completeness_sentence(counts, complete_until=weeks[7] + pd.Timedelta(days=8)) == (
        "Complete up to 4 March 2025; 2 later weeks are left out."
    )


def test_a_complete_february_is_not_left_out():
    months = pd.date_range("2024-12-01", periods=3, freq="MS")
    counts = pd.DataFrame({"period": months, "clinic": "a", "new_patients": 12.0})
    sentence = completeness_sentence(counts, complete_until=pd.Timestamp("2025-02-28"))
    assert sentence == "Complete up to 28 February 2025; no period is left out."


def test_nothing_is_said_of_waiting_that_nobody_asked_for(effects):
    asked = replace(effects["no-clear-change"], tell_from=pd.NaT)
    assert "three years" in effect_sentence(asked)
    unasked = replace(asked, checks=empty_table(CHECK_COLUMNS))
    assert effect_sentence(unasked).endswith("interval).")
