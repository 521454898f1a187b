"""The list of alliances, whom to call first, and how much hangs on one source."""

import pandas as pd
import pytest

from partner_analysis.attribution.portfolio.alliances import list_alliances
from partner_analysis.attribution.portfolio.concentration import PROVIDERS, concentration_of

TODAY = pd.Timestamp("2026-01-01")


def register(**columns: list[object]) -> pd.DataFrame:
    rows = pd.DataFrame({"partnership_id": ["a", "b", "c", "d"], **columns})
    rows["name"] = rows["kind"] = rows["partnership_id"]
    rows["start_date"] = pd.to_datetime(["2024-01-01", "2024-01-01", "2025-06-01", "2026-06-01"])
    rows["end_date"] = pd.to_datetime([None, "2025-01-01", None, None])
    return rows


def test_those_that_need_a_talk_stand_first_and_the_ended_last() -> None:
    listed = register(review_date=pd.to_datetime([None, "2025-01-01", "2025-12-01", None]).tolist())
    activities = pd.DataFrame({"partnership_id": ["a"], "date": [pd.Timestamp("2024-03-01")]})
    found = list_alliances(listed, activities, as_of=TODAY)
    assert found["partnership_id"].tolist() == ["c", "a", "d", "b"]
    assert found["talk"].tolist() == ["due", "quiet", "", ""]
    assert found["state"].tolist() == ["running", "running", "not begun", "ended"]
    assert found["months"].tolist() == [7, 24, 0, 12]


def test_a_pause_is_neither_running_nor_counted() -> None:
    stretches = register().iloc[[0, 1]].assign(partnership_id="a", name="a")
    stretches["start_date"] = pd.to_datetime(["2023-01-01", "2026-03-01"])
    stretches["end_date"] = pd.to_datetime(["2023-06-30", None])
    none = pd.DataFrame({"partnership_id": [], "date": []})
    paused = list_alliances(stretches, none, as_of=TODAY).iloc[0]
    assert (paused["state"], paused["months"], paused["talk"]) == ("paused", 6, "")
    again = list_alliances(stretches, none, as_of=pd.Timestamp("2026-05-31")).iloc[0]
    assert (again["state"], again["months"]) == ("running", 9)


def test_an_activity_after_the_day_of_the_report_is_not_known_yet() -> None:
    later = pd.DataFrame({"partnership_id": ["a"], "date": [pd.Timestamp("2026-02-01")]})
    found = list_alliances(register(), later, as_of=TODAY).set_index("partnership_id")
    assert pd.isna(found.loc["a", "last_activity"])


def test_what_either_side_gave_is_activity_but_whom_a_provider_sends_is_not() -> None:
    listed = register(provider=[False, True, True, False]).assign(end_date=pd.NaT)
    old = pd.DataFrame({"partnership_id": ["a", "b"], "date": [pd.Timestamp("2025-03-19")] * 2})
    flows = pd.DataFrame({"partnership_id": ["a", "a", "b", "c", "d"]})
    flows["month"] = pd.to_datetime(
        ["2025-11-01", "2025-12-01", "2025-12-01", "2026-01-01", "2026-02-01"]
    )
    flows["planning_meetings"], flows["referrals_out"] = [2, 0, 0, 1, 1], [None, 0, 9, None, None]
    found = list_alliances(listed, old, flows, as_of=TODAY).set_index("partnership_id")
    known = found["last_activity"].dropna().dt.strftime("%Y-%m-%d").to_dict()
    assert known == {"a": "2025-11-30", "b": "2025-03-19", "c": "2026-01-01"}
    assert found.loc[["a", "b", "c"], "talk"].tolist() == ["", "quiet", ""]


def test_what_we_paid_alone_is_told_of_those_meant_for_shared_cost() -> None:
    listed = register(aims=[("shared cost",), ("patients",), (), ()])
    rows = [("a", "display", 300, 0), ("a", "display", 320, None), ("a", "event", 150, 0.3),
            ("a", "visit", 0, 0), ("b", "display", 99, 0)]  # fmt: skip
    spent = pd.DataFrame(rows, columns=["partnership_id", "kind", "own_cost", "partner_share"])
    spent["date"] = pd.Timestamp("2025-02-08")
    found = list_alliances(listed, spent, as_of=TODAY).set_index("partnership_id")
    assert found["paid_alone"].to_dict() == {"a": ("display",), "b": (), "c": (), "d": ()}


def people(*labels: tuple[str, str | None]) -> pd.DataFrame:
    rows = pd.DataFrame(labels, columns=["label", "partnership_id"])
    return rows.assign(new_patient=True, counted_on=pd.Timestamp("2025-10-10"))


def test_shares_add_up_and_all_providers_are_one_source() -> None:
    seen = people(
        ("Gym", "gym"), ("Dr. A", "doc-a"), ("Dr. B", "doc-b"), ("physician", None),
        ("internet", None), ("unknown", None), ("missing", None),
    )  # fmt: skip
    names = {"gym": "Gym", "doc-a": "Dr. A", "doc-b": "Dr. B"}
    found = concentration_of(seen, last_day=TODAY, names=names, providers={"doc-a", "doc-b"})
    assert (found.known, found.unknown) == (5, 2)
    assert found.sources["source"].tolist() == [PROVIDERS, "Gym", "internet"]
    assert found.sources["share"].sum() == pytest.approx(1)
    assert found.single == "Gym", "a kind of source, as the internet and providers, is not one"
    assert found.single_share.low < 0.2 < found.single_share.high
    assert found.largest_share.low < 0.6 < found.largest_share.high


def test_nobody_with_a_source_is_no_share() -> None:
    found = concentration_of(people(("unknown", None)), last_day=TODAY, names={})
    assert not found.largest_share.is_number
