"""Words of single answers: moved, waits, reach, calls, values, time. Golden, and never a cause."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.effect import without_number
from partner_analysis.attribution.outlook import visible_check
from partner_analysis.attribution.portfolio.calls import NOT_ASKED, QUIET, TOO_FEW
from partner_analysis.attribution.portfolio.concentration import concentration_of
from partner_analysis.attribution.reach import NOBODY, REACHES
from partner_analysis.attribution.waits import DAYS, NAMED_IT, SAME_DAY, SINCE
from partner_analysis.reporting.figures import alt_text
from partner_analysis.reporting.figures.beside import plot_reach, plot_waits
from partner_analysis.reporting.figures.moved import plot_moved
from partner_analysis.reporting.figures.timing import plot_course
from partner_analysis.reporting.moved import NOBODY_ELSE, moved_sentences, moved_title
from partner_analysis.reporting.portfolio.alliances import (
    aligned_sentences,
    concentration_sentence,
    values_text,
)
from partner_analysis.reporting.portfolio.calls import calls_sentences, calls_table
from partner_analysis.reporting.reach import reach_sentences, reach_table, reach_title
from partner_analysis.reporting.tiers import counts_sentence
from partner_analysis.reporting.timing import timing_sentences, timing_title
from partner_analysis.reporting.waits import waits_sentences, waits_table, waits_title
from partner_analysis.tables import DAYS_PER_MONTH

UNKNOWN = float("nan")


def moved(*rows: tuple[str, float, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["where", "estimate", "low", "high"])
    table = table.astype({"estimate": "float64", "low": "float64", "high": "float64"})
    return table.assign(note="As it may be.")


# ---------------------------------------------------------------- moved
def test_gross_beside_and_net_stand_with_their_intervals(make_effect) -> None:
    effect = make_effect(
        moved=moved(("other kinds of patient", -5, -20, 9), ("whole clinic", 31, 4, 60))
    )
    name = effect.name
    assert moved_sentences(effect) == [
        f"Gross, the patients that {name} is meant for at its clinics: 37 more (10 to 64 more) new "
        "patients in all than expected; in brackets 95% intervals, here and below.",
        "Other kinds of patient at the same clinics: 5 fewer (20 fewer to 9 more). At most 20 of "
        "the estimated 37 additional patients can have moved from there; none is possible as well.",
        "Net, its clinics as a whole: 31 more (4 to 60 more). As it may be.",
    ]
    assert moved_title(effect) == "At most a part of the additional patients can have moved"
    assert not plot_moved(effect).is_blank


def test_what_cannot_be_told_says_what_it_would_take(make_effect) -> None:
    effect = make_effect(moved=moved(("other clinics", -5, -90, 40)))
    said = " ".join(moved_sentences(effect))
    assert "It cannot be told: all of the estimated 37 additional patients may have moved" in said
    assert "name the nearest clinics as neighbours in the register" in said
    assert moved_title(effect) == "Whether patients merely moved cannot be told"


def test_a_place_that_lost_patients_is_the_title(make_effect) -> None:
    effect = make_effect(moved=moved(("neighbouring clinics", -12, -20, -3)))
    assert moved_title(effect) == (
        "Fewer than expected: the same kinds of patient at the neighbouring clinics"
    )


@pytest.mark.parametrize("verdict", ["too early", "too small to tell"])
def test_without_an_answer_nothing_is_said_of_moving(make_effect, verdict: str) -> None:
    effect = make_effect(verdict=verdict, moved=moved(("other clinics", -5, -90, 40)))
    assert moved_sentences(effect) == []
    assert plot_moved(effect).is_blank


def test_with_nobody_to_compare_it_is_said(make_effect) -> None:
    assert moved_sentences(make_effect()) == [NOBODY_ELSE]


# ---------------------------------------------------------------- waits
def wait_row(who: str, measure: str, own: float, others: float, low: float, high: float):
    return {
        "who": who, "measure": measure, "own": own, "own_low": own / 2, "own_high": own * 1.5,
        "others": others, "difference": own - others, "low": low, "high": high, "n_own": 40,
        "n_others": 230, "from_case": 0.82, "note": "", "level": 0.95,
    }  # fmt: skip


def some_waits() -> pd.DataFrame:
    rows = [
        wait_row(NAMED_IT, DAYS, 3.1, 6.2, -4.2, -1.1),
        wait_row(NAMED_IT, SAME_DAY, 0.2, 0.1, -0.02, 0.2),
        wait_row(SINCE, DAYS, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN) | {"note": "too few to compare"},
        wait_row(SINCE, SAME_DAY, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN) | {"note": "too few"},
    ]
    return pd.DataFrame(rows)


def test_waits_are_told_with_same_day_access_and_no_cause() -> None:
    said = waits_sentences(some_waits(), "Gym")
    assert said == [
        "For 82% of those compared the wait is counted from the day the case was opened, since no "
        "day of referral is written down: how long they had waited before is not known.",
        "Patients who named Gym typically waited 3.1 days for their first visit, similar others "
        "6.2: 3.1 days sooner (interval of the difference \N{MINUS SIGN}4.2 to "
        "\N{MINUS SIGN}1.1 days; 40 beside 230 patients).",
        "Seen on the same day: 20% of them, beside 10% (interval of the difference "
        "\N{MINUS SIGN}2% to 20%).",
        "All patients since it began, beside the year before: cannot tell, too few to compare; at "
        "least 10 on either side with both days are needed.",
        "This does not say that the partnership is why. Intervals are 95% ones, made to hold for "
        "all 5 measures looked at.",
    ]
    assert waits_title(some_waits(), "Gym") == (
        "Patients who named Gym were seen sooner than similar others"
    )
    assert "too few to compare" in waits_table(some_waits(), "Gym").plain
    assert said[0] in alt_text(plot_waits(some_waits(), "Gym"))


def test_where_every_referral_has_its_day_nothing_is_said_of_cases() -> None:
    known = waits_sentences(some_waits().assign(from_case=0.0), "Gym")
    assert known[0].startswith("Patients who named Gym typically waited")


def test_without_patients_waits_are_not_known() -> None:
    assert "counts alone" in waits_sentences(None, "Gym")[0]
    assert plot_waits(None, "Gym").is_blank
    assert waits_table(None, "Gym").html == ""


# ---------------------------------------------------------------- reach
def some_reach() -> pd.DataFrame:
    row = {
        "partnership_id": "shop", "name": "Shop", "provider": False, "intended": ("runner",),
        "named": 28, "of_named": 30, "others": 60, "of_others": 300, "share": 28 / 30,
        "share_low": 0.78, "share_high": 0.98, "share_others": 0.2, "difference": 0.73,
        "low": 0.5, "high": 0.8, "finding": REACHES, "level": 0.95,
    }  # fmt: skip
    nobody = {**row, "name": "Doctor", "provider": True, "share": UNKNOWN, "difference": UNKNOWN,
              "named": 0, "of_named": 0, "finding": NOBODY}  # fmt: skip
    return pd.DataFrame([nobody, row])


def test_reach_is_told_beside_the_ordinary_share_and_is_no_effect() -> None:
    reach = some_reach()
    assert reach_sentences(reach)[:2] == [
        "Clearly more of those it is meant for than come anyway: Shop (runner), 93% (78% to 98%) "
        "of 30 who named it, ordinarily 20%.",
        "Doctor: nobody named it.",
    ]
    assert reach_title(reach) == (
        "Shop reaches clearly more of those it is meant for than come anyway"
    )
    assert "does not say how many came because of a partner" in reach_sentences(reach)[-1]
    assert "28 of 30" in reach_table(reach).plain
    assert "Doctor (provider)" in reach_table(reach).plain
    assert not plot_reach(reach).is_blank


def test_reach_of_nobody_cannot_be_told() -> None:
    assert "cannot be told yet" in reach_title(some_reach().iloc[:1])
    assert "counts alone" in reach_sentences(None)[0]
    assert reach_table(None).html == ""
    assert plot_reach(None).is_blank


# ---------------------------------------------------------------- calls
def some_calls() -> pd.DataFrame:
    row = {
        "partnership_id": "gym", "name": "Gym", "kind": "gym", "provider": False, "talk": "",
        "last_named": pd.Timestamp("2025-08-01"), "recent": 1.0, "usual": 13.0, "low": 5.0,
        "high": 24.0, "finding": QUIET, "last_activity": pd.Timestamp("2025-03-22"),
        "quiet_days": 284, "last_contact": pd.NaT, "level": 0.95,
    }  # fmt: skip
    nothing = {"last_named": pd.NaT, "recent": UNKNOWN, "usual": UNKNOWN, "low": UNKNOWN}
    doctor = {**row, **nothing, "name": "Doctor", "provider": True, "talk": "due",
              "finding": NOT_ASKED}  # fmt: skip
    rare = {**row, "name": "Rare", "low": 0.0, "finding": TOO_FEW}
    return pd.DataFrame([row, doctor, rare])


def test_who_has_gone_quiet_is_said_with_the_usual_range() -> None:
    said = calls_sentences(some_calls())
    assert said[:5] == [
        "Call 2 now.",
        "Gone quiet: Gym.",
        "Gym: 1 new patient named it in the last 3 months, fewer than the 5 to 24 that would be "
        "usual.",
        "The talk that was agreed is due with Doctor.",
        "No activity was noted for half a year with Gym, Doctor and Rare.",
    ]
    table = calls_table(some_calls()).plain
    assert "August 2025" in table
    assert "1 (about 13, 5 to 24)" in table
    assert "no contact noted" in table


def test_each_partner_is_counted_once_among_those_to_call() -> None:
    calls = some_calls().assign(finding=[QUIET, NOT_ASKED, TOO_FEW])
    assert calls_sentences(calls.assign(talk=["due", "soon", "soon"]))[0] == "Call 1 now, 2 soon."
    assert calls_sentences(calls.assign(talk=["soon", "quiet", ""]))[0] == "Call 2 now."
    assert (
        calls_sentences(calls.assign(talk="", finding=TOO_FEW))[0] == "Nobody has to be called now."
    )


def test_no_day_of_a_patient_and_no_count_of_a_provider_is_shown() -> None:
    calls = some_calls()
    calls["last_named"] = calls["last_named"] + pd.Timedelta(days=16)
    table = calls_table(calls).plain
    assert "17" not in table
    doctor = next(line for line in table.splitlines() if "Doctor" in line)
    assert not any(character.isdigit() for character in doctor.replace("2025", ""))


# ---------------------------------------------------------------- values
def test_values_are_put_beside_ours() -> None:
    ours = ("speed", "care")
    assert values_text(("Care", "fun"), ours) == "1 of our 2: care; its own: fun"
    assert values_text((), ours) == "not written down"
    assert values_text(("fun",), ()) == "fun (ours are not written down)"


def test_alignment_says_what_is_shared_and_what_is_not_written_down() -> None:
    rows = [("a", "x", ("care",)), ("b", "", ()), ("c", "y", ("fun",))]
    alliances = pd.DataFrame(rows, columns=["partnership_id", "objectives", "values"])
    alliances = alliances.assign(name=alliances["partnership_id"].str.upper(), state="running")
    assert aligned_sentences(alliances, {"a"}, ("care",)) == [
        "Of 3 running alliances, objectives are written down with 2, and a goal is followed in "
        "numbers with 1.",
        "No objectives are written down with B.",
        "At least one of our values (care) is shared by 1.",
        "None of them is shared by C: talk about that first.",
        "Whether values are shared is not written down for B: ask, and fill in the column values "
        "in partnerships.csv.",
    ]
    assert "not written down in its settings" in aligned_sentences(alliances, set(), ())[-1]


# ---------------------------------------------------------------- time
COURSE = pd.DataFrame(
    {
        "first_month": [1, 4], "last_month": [3, 12], "estimate": [0.4, 6.0],
        "low": [-1.0, 3.0], "high": [2.0, 9.0],
    }
)  # fmt: skip
AHEAD = pd.DataFrame({"more_months": [0, 3, 6, 12], "width": [6.0, 5.0, 4.5, 4.0]})


def test_time_says_how_it_came_and_what_waiting_would_tell(make_effect) -> None:
    effect = make_effect(course=COURSE, ahead=AHEAD)
    said = timing_sentences(effect, None, {})
    assert (
        "nothing is called in the first 3 months. No other partnership of the practice has"
        in said[1]
    )
    assert said[2] == (
        "More or fewer new patients a month than expected, each stretch by itself: months 1 to 3, "
        "0.4 more (1.0 fewer to 2.0 more); months 4 to 12, 6.0 more (3.0 to 9.0 more); in "
        "brackets 95% intervals."
    )
    assert said[-1] == (
        "Waiting: today's interval of the effect a month is 6.0 new patients wide; at this pace it "
        "would be about 5.0 after 3 more months, 4.5 after 6 more months and 4.0 after 12 "
        "more months."
    )
    assert timing_title(effect) == "It took time: later months are clearly above its first"
    assert not plot_course(effect).is_blank


def test_waiting_that_hardly_narrows_is_said(make_effect) -> None:
    effect = make_effect(course=COURSE, ahead=AHEAD.assign(width=[6.0, 5.95, 5.9, 6.1]))
    assert "Waiting alone may hardly narrow it" in timing_sentences(effect, None, {})[-1]
    wider = make_effect(course=COURSE, ahead=AHEAD.assign(width=[6.0, 6.1, 6.3, 6.4]))
    said = timing_sentences(wider, None, {})[-1]
    assert "As far as can be foreseen, waiting will not narrow it" in said
    assert "at this pace" not in said


def test_one_that_never_ran_has_had_no_time() -> None:
    none = without_number(partnership_id="x", name="X", kind="", level=0.95, note="")
    assert len(timing_sentences(none, None, {})) == 1
    assert timing_title(none) == "It has not had time yet"
    assert plot_course(none).is_blank


# ---------------------------------------------------------------- two counts of those who named it
def test_why_more_are_counted_than_in_the_estimate_stands_first(make_effect) -> None:
    effect = make_effect(named=87.0)
    tiers = pd.DataFrame({"tier": ["sent", "not"], "named": [40, 51], "others": 9})
    said = counts_sentence(tiers, effect)
    assert said.startswith("Here and below 91 are counted as naming it, not 87 as above: ")
    assert said.endswith("all clinics and times, so a third number stands there.")
    same = tiers.assign(named=[40, 47])
    assert counts_sentence(same, effect).startswith("The same 87 who named it")
    assert counts_sentence(None, effect) == counts_sentence(tiers.assign(named=0), effect) == ""
    assert counts_sentence(tiers, replace(effect, named=None)) == ""
    assert np.isfinite(effect.named)


# ---------------------------------------------------------------- one source
def sources(*named):
    """The new patients of a year by what they named: label, partnership id, how many."""
    rows = [(label, key) for label, key, many in named for _ in range(many)]
    episodes = pd.DataFrame(rows, columns=["label", "partnership_id"])
    episodes = episodes.assign(new_patient=True, counted_on=pd.Timestamp("2025-10-10"))
    last_day = pd.Timestamp("2025-12-31")
    return concentration_of(
        episodes, last_day=last_day, names={"gym": "Gym", "doc": "Dr. A"}, providers={"doc"}
    )


def test_a_kind_of_source_is_not_much_to_hang_on_one_source():
    found = sources(("physician", None, 60), ("physician", "doc", 30), ("Gym", "gym", 10))
    assert concentration_sentence(found) == (
        "90% of the 100 new patients of the last year with a known source (95% interval 82% to "
        "95%) came by physicians and other providers, all offices together. The largest single "
        "one that is named is Gym, with 10% (95% interval 5% to 18%). Sources are as patients "
        "named them (counted, not estimated)."
    )


def test_a_single_partner_can_be_much_to_hang_on():
    said = concentration_sentence(sources(("Gym", "gym", 70), ("internet", None, 30)))
    assert "came through one partner: Gym. That is much to hang on one source." in said
    assert "No single partner" in concentration_sentence(sources(("internet", None, 9)))


def test_a_percentage_of_hardly_anybody_expected_is_not_told() -> None:
    *_, said = visible_check(1.6, 0.3, DAYS_PER_MONTH)
    assert said.endswith("in 4 of 5 cases, where 0.3 a month were expected.")
    *_, said = visible_check(1.6, 4.0, DAYS_PER_MONTH)
    assert said.endswith("in 4 of 5 cases, 40 percent of the 4.0 expected.")
