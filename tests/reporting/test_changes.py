"""The front page says why a report differs from the one before, and what is to be decided."""

from dataclasses import replace

import pandas as pd

from partner_analysis.attribution.reviews.held import REVIEW_COLUMNS, Standing
from partner_analysis.reporting.due import decisions_due, nothing_due_sentence
from partner_analysis.reporting.reasons import UNCHANGED, movement_reason, reasons

BASIS = {
    "rows": {"referrals-2025.csv": 2_000},
    "new_patients": {"2025-10-27": 20.0, "2025-11-03": 22.0},
    "complete_until": "2025-11-09",
}
MANIFEST = {
    "inputs": {"data/referrals-2025.csv": "a", "data/goals.csv": "b", "practice.toml": "c"},
    "exports": ["referrals-2025.csv"],
    "definitions": {"complete_days": 21, "count_no_charge": False},
    "level": 0.95,
    "versions": {"partner-analysis": "0.1.0", "scipy": "1.17.1"},
    "key": "k",
}
NAMES = {"gym": "Gym", "shop": "Shop"}


def test_nothing_changed_under_a_report():
    assert reasons(BASIS, BASIS, MANIFEST, MANIFEST) == [UNCHANGED]


def test_new_rows_and_how_far_the_counts_are_complete():
    now = BASIS | {
        "rows": {"referrals-2025.csv": 2_150, "referrals-2026.csv": 1},
        "complete_until": "2025-12-07",
    }
    assert reasons(now, BASIS, MANIFEST, MANIFEST) == [
        "New data: referrals-2025.csv has 150 rows more and referrals-2026.csv is new (1 row).",
        "Counts are complete up to 7 December 2025; in the last report, up to 9 November 2025.",
    ]


def test_late_entries_are_those_of_periods_that_were_complete_before():
    weeks = {"2025-10-27": 23.0, "2025-11-03": 21.0, "2025-11-10": 30.0}
    assert reasons(BASIS | {"new_patients": weeks}, BASIS, MANIFEST, MANIFEST) == [
        "Late data: 3 new patients more and 1 new patient fewer in periods that the last report "
        "had counted already, from 27 October 2025 on."
    ]


def test_settings_and_tables_kept_by_hand():
    now = MANIFEST | {
        "inputs": {"data/referrals-2025.csv": "z", "data/goals.csv": "y", "practice.toml": "x"},
        "definitions": {"complete_days": 28, "count_no_charge": True},
        "level": 0.9,
    }
    assert reasons(BASIS, BASIS, now, MANIFEST) == [
        "Settings: complete days is 28, before 21, count no charge is yes, before no and the level "
        "of intervals is 0.9, before 0.95.",
        "Changed by hand: goals.csv.",
    ]


def test_another_version_can_move_an_answer():
    now = MANIFEST | {"versions": {"partner-analysis": "0.2.0", "scipy": "1.17.1"}}
    assert reasons(BASIS, BASIS, now, MANIFEST) == [
        "Method: made with partner-analysis 0.2.0 (before 0.1.0), so an answer can move without "
        "any new data; CHANGELOG.md says which."
    ]
    [said] = reasons(BASIS, BASIS, MANIFEST | {"key": "other"}, MANIFEST)
    assert said == "Method: the program changed within its version, so an answer can move."


def test_a_report_of_an_earlier_version_tells_less_and_nothing_false():
    assert reasons(BASIS, None, MANIFEST, {}) == []


def test_an_answer_that_moved_is_explained_by_its_own_periods(effects):
    now = effects["more"]
    weeks = now.periods
    active = weeks.index[weeks["active"]]
    then = weeks.drop(index=active[-2:]).copy()
    then.loc[active[0], "observed"] -= 1
    then.loc[active[:-2], "expected"] *= 0.9
    reason = movement_reason(now, replace(now, periods=then))
    assert reason.startswith("Why: 2 more weeks count, in which ")
    assert (
        "; 1 new patient more in weeks counted before, entered late or corrected; for the weeks "
        in reason
    )
    assert reason.endswith(" as other places and later weeks came in.")
    assert movement_reason(now, now) == "Same weeks, newer comparison data."


def standing(key: str, next_review: str | None) -> Standing:
    reviews = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in REVIEW_COLUMNS.items()})
    return Standing(key, "watching", pd.NaT, pd.Timestamp(next_review), reviews)


def alliances(**talks: tuple[str, str]) -> pd.DataFrame:
    rows = [(key, talk, pd.Timestamp(day)) for key, (talk, day) in talks.items()]
    return pd.DataFrame(rows, columns=["partnership_id", "talk", "review_date"])


def test_what_is_due_now_comes_before_what_is_due_soon():
    standings = {"gym": standing("gym", "2026-01-30"), "shop": standing("shop", "2025-12-29")}
    talks = alliances(gym=("soon", "2026-01-02"), shop=("", "2025-06-01"))
    due = decisions_due(standings, talks, NAMES, as_of=pd.Timestamp("2025-12-31"))
    assert due == [
        (
            "shop",
            "Shop",
            "review of 29 December 2025, held as soon as the counts up to it are complete",
        ),
        ("gym", "Gym", "talk agreed for 2 January 2026"),
        ("gym", "Gym", "review on 30 January 2026"),
    ]


def test_a_month_with_nothing_due_names_the_next_review():
    standings = {"gym": standing("gym", "2026-04-06"), "shop": standing("shop", "2026-02-02")}
    as_of = pd.Timestamp("2025-12-31")
    assert decisions_due(standings, alliances(), NAMES, as_of=as_of) == []
    assert nothing_due_sentence(standings, NAMES, as_of=as_of) == (
        "Nothing is due within 30 days. The next review is that of Shop, on 2 February 2026."
    )
    assert nothing_due_sentence({}, NAMES, as_of=as_of) == "No review is planned."
