"""Who is a new patient: small histories, worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.cleaning.episodes.definitions import compare_definitions, mark_new
from partner_analysis.cleaning.episodes.delays import (
    days_until_complete,
    entry_delay,
    referral_lags,
    unknown_referral_days,
)
from partner_analysis.cleaning.episodes.history import history_table
from partner_analysis.cleaning.episodes.zips import first_three
from partner_analysis.practice import Definitions

DAYS = ("received", "created", "evaluated", "free_evaluated", "first_visit")


def history(*rows: dict[str, str]) -> pd.DataFrame:
    """One row per episode, in order; patient 1 unless told otherwise."""
    table = pd.DataFrame([{"patient": 1, **row} for row in rows])
    for column in DAYS:
        given = table[column] if column in table else pd.Series(pd.NaT, index=table.index)
        table[column] = pd.to_datetime(given).astype("datetime64[us]")
    return table.assign(
        episode=range(len(table)),
        patient_key=table["patient"],
        episode_key=range(len(table)),
        further_cases="",
    )


RETURNS = history(
    {"created": "2024-01-02", "evaluated": "2024-01-09", "first_visit": "2024-01-05"},
    {"created": "2024-06-03", "evaluated": "2024-06-10", "first_visit": "2024-06-10"},
    {"patient": 2, "created": "2024-02-01"},
    {"patient": 3, "created": "2024-03-01", "free_evaluated": "2024-03-04",
     "first_visit": "2024-03-04"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("definition", "days"),
    [
        ("first evaluation", ["2024-01-09"]),
        ("first visit", ["2024-01-05", "2024-03-04"]),
        ("new episode", ["2024-01-09", "2024-06-10"]),
        ("case created", ["2024-01-02", "2024-06-03", "2024-02-01", "2024-03-01"]),
    ],
)
def test_each_definition_counts_what_it_says(definition: str, days: list[str]) -> None:
    marked = mark_new(RETURNS, definition=definition)
    counted = marked.loc[marked["new_patient"], "counted_on"]
    assert counted.dt.strftime("%Y-%m-%d").tolist() == days


def test_all_definitions_are_shown_beside_the_one_used() -> None:
    table = compare_definitions(RETURNS, used=Definitions(), until=pd.Timestamp("2024-12-31"))
    assert table["new_patients"].tolist() == [1, 2, 2, 4, 2]
    assert table["definition"].iloc[-1] == "first evaluation, with those without a charge"
    assert table.loc[table["is_used"], "difference"].tolist() == [0]


def test_a_referral_on_the_day_of_its_case_is_unknown() -> None:
    same = history({"received": "2024-01-02", "created": "2024-01-02", "evaluated": "2024-01-09"})
    other = history({"received": "2024-01-01", "created": "2024-01-02", "evaluated": "2024-01-09"})
    assert unknown_referral_days(same).tolist() == [True]
    assert unknown_referral_days(other).tolist() == [False]
    assert referral_lags(other.assign(new_patient=True)).tolist() == [8]


@pytest.mark.parametrize("seed", range(3))
def test_the_delay_of_entries_is_found_whatever_the_last_weeks_hide(seed: int) -> None:
    """Entries take 3 days, 1 in 10 of them 20; what is entered after as_of is not in the data."""
    rng, as_of = np.random.default_rng([7, seed]), pd.Timestamp("2024-12-31")
    evaluated = as_of - pd.to_timedelta(rng.integers(0, 500, 3_000), unit="D")
    slow = pd.to_timedelta(np.where(rng.random(3_000) < 0.1, 20, 3), unit="D")
    done = pd.Series(evaluated + slow)
    episodes = pd.DataFrame({"evaluated": evaluated, "finalized": done.where(done <= as_of)})
    delay = entry_delay(episodes, as_of=as_of)
    assert delay == 20
    assert days_until_complete("estimated", delay) == 20
    assert days_until_complete(14, delay) == 14
    assert entry_delay(episodes.head(50), as_of=as_of) is None


@pytest.mark.parametrize("seed", range(4))
def test_the_over_count_of_short_data_is_found(seed: int) -> None:
    """A third of patients return after 8 months; data of 6 months would call all of them new."""
    rng, as_of = np.random.default_rng([8, seed]), pd.Timestamp("2024-12-31")
    first = pd.Series(as_of - pd.to_timedelta(rng.integers(0, 1_400, 4_000), unit="D"))
    again = first[rng.random(4_000) < 1 / 3] + pd.Timedelta(days=243)
    days = pd.concat([first, again])
    episodes = pd.DataFrame({"patient_key": days.index, "evaluated": days.to_numpy()})
    table = history_table(episodes.loc[episodes["evaluated"] <= as_of], as_of=as_of)
    share = table.set_index("months")["overcount"]
    assert share[6] == pytest.approx(0.25, abs=0.04)
    assert share[12] == 0


def test_zip_codes_keep_three_digits_where_enough_people_live() -> None:
    given = pd.Series(["02886", "2886", "03601-0001", "82190", "N1 9GU", "", "123"])
    assert first_three(given).tolist() == ["028", "028", "000", "000", "", "", ""]
