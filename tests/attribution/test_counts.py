import pandas as pd
import pytest

from partner_analysis.attribution.counts import complete_until, count_named, count_new_patients
from partner_analysis.tables import InputError, check_counts


def episodes_on(*days: str, clinic: str = "Warwick", persona: str = "runner") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "clinic": clinic,
            "persona": persona,
            "new_patient": True,
            "counted_on": pd.to_datetime(list(days)),
            "partnership_id": None,
            "also_named": "",
        }
    )


def test_a_period_in_which_nobody_came_is_a_zero() -> None:
    counts = count_new_patients(
        episodes_on("2024-01-01", "2024-01-02", "2024-01-21"), period="week"
    )
    assert counts["new_patients"].tolist() == [2, 0, 1]
    assert counts["period"].dt.day_name().unique().tolist() == ["Monday"]


@pytest.mark.parametrize(
    ("week_starts", "firsts"),
    [("monday", ["01-08", "01-15"]), ("sunday", ["01-07", "01-14"]), ("friday", ["01-12"])],
)
def test_weeks_may_start_on_any_day(week_starts: str, firsts: list[str]) -> None:
    counts = count_new_patients(
        episodes_on("2024-01-13", "2024-01-20"),
        period="week",
        week_starts=week_starts,
        last_day="2024-01-21",
    )
    assert counts["period"].dt.strftime("%m-%d").tolist() == firsts


def test_the_last_incomplete_period_is_cut() -> None:
    episodes = episodes_on("2024-01-10", "2024-02-10", "2024-03-10")
    counts = count_new_patients(episodes, period="month", last_day="2024-03-30")
    assert counts["new_patients"].tolist() == [1, 1]
    assert counts["open_days"].tolist() == [31, 29]


def test_there_is_no_row_before_a_clinic_opened_or_after_it_closed() -> None:
    clinics = pd.DataFrame(
        {
            "clinic": ["Warwick", "Dock"],
            "opened": [None, "2024-01-17"],
            "closed": ["2024-01-14", None],
        }
    )
    episodes = pd.concat([episodes_on("2024-01-03"), episodes_on("2024-01-25", clinic="Dock")])
    counts = count_new_patients(episodes, period="week", clinics=clinics, last_day="2024-01-28")
    rows = counts[["clinic", "new_patients", "open_days"]].to_numpy().tolist()
    assert rows == [["Dock", 0, 5], ["Dock", 1, 7], ["Warwick", 1, 7], ["Warwick", 0, 7]]


def test_a_patient_before_the_stated_opening_is_still_counted() -> None:
    clinics = pd.DataFrame({"clinic": ["Warwick"], "opened": ["2024-02-01"]})
    counts = count_new_patients(
        episodes_on("2024-01-03"), period="week", clinics=clinics, last_day="2024-01-07"
    )
    assert counts["new_patients"].sum() == 1


def test_every_persona_has_its_rows_even_without_patients() -> None:
    counts = count_new_patients(
        episodes_on("2024-01-07"), period="week", personas=["runner", "general"]
    )
    assert counts[["persona", "new_patients"]].to_numpy().tolist() == [
        ["general", 0],
        ["runner", 1],
    ]


def test_the_table_given_stays_and_the_counts_keep_their_contract() -> None:
    episodes = episodes_on("2024-01-01", "2024-02-04")
    before = episodes.copy()
    counts = count_new_patients(episodes, period="week")
    pd.testing.assert_frame_equal(episodes, before)
    assert len(check_counts(counts)) == len(counts) == 5


def test_no_new_patients_give_no_rows() -> None:
    counts = count_new_patients(episodes_on().assign(new_patient=False), period="week")
    assert counts.empty
    assert count_named(episodes_on(), counts=counts, period="week").empty


def test_named_counts_each_partner_a_text_names_within_the_counted_cells() -> None:
    episodes = episodes_on("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-09")
    episodes["partnership_id"] = ["a", "a", None, "a"]
    episodes["also_named"] = ["b", "", "", ""]
    counts = count_new_patients(episodes, period="week", last_day="2024-01-07")
    named = count_named(episodes, counts=counts, period="week")
    assert named[["partnership_id", "named"]].to_numpy().tolist() == [["a", 2], ["b", 1]]
    assert named["named"].max() <= counts["new_patients"].sum()


@pytest.mark.parametrize(
    ("as_of", "period", "week_starts", "last"),
    [
        ("2024-03-31", "month", "monday", "2024-02-29"),
        ("2024-03-21", "month", "monday", "2024-02-29"),
        ("2024-03-20", "month", "monday", "2024-01-31"),
        ("2024-01-28", "week", "monday", "2024-01-07"),
        ("2024-01-28", "week", "sunday", "2024-01-06"),
    ],
)
def test_a_period_is_complete_some_days_after_its_end(
    as_of: str, period: str, week_starts: str, last: str
) -> None:
    day = complete_until(as_of, complete_days=21, period=period, week_starts=week_starts)
    assert day == pd.Timestamp(last)


def test_an_unknown_period_is_refused() -> None:
    with pytest.raises(InputError, match="period is week or month"):
        count_new_patients(episodes_on("2024-01-01"), period="day")


def test_a_clinic_counts_the_days_on_which_it_is_open() -> None:
    days = pd.to_datetime(["2024-01-02", "2024-02-28"])
    seen = pd.DataFrame({"clinic": "Warwick", "persona": "all", "counted_on": days})
    clinics = pd.DataFrame({"clinic": ["Warwick"], "opened": pd.NaT, "closed": pd.NaT})
    clinics["weekdays"] = pd.Series([(0, 1, 2, 3, 4)], dtype=object)
    counts = count_new_patients(
        seen.assign(new_patient=True), period="month", clinics=clinics, last_day="2024-02-29"
    )
    assert counts["open_days"].tolist() == [23, 21]
    assert counts["new_patients"].tolist() == [1, 1]
