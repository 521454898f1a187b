"""What the tables take, and that a wrong one is refused with its rows and its cure."""

import pandas as pd
import pytest

from partner_analysis.tables import InputError, check_counts, check_events, check_partnerships

WEEKS = pd.date_range("2024-01-01", periods=3, freq="W-MON")


def counts(**columns):
    return pd.DataFrame({"period": WEEKS, "clinic": "A", "new_patients": [3, 4, 5], **columns})


def partnership(**columns):
    given = {"partnership_id": "gym", "start_date": "2024-03-01", "personas": ("runner",)}
    return {**given, "clinics": ("Warwick",), **columns}


def event(**columns):
    return {"label": "Bridge closed", "kind": "shock", "start_date": "2024-03-01", **columns}


# ------------------------------------------------------------------ counts
def test_slots_and_open_days_are_there_only_if_given():
    assert "open_slots" not in check_counts(counts())
    checked = check_counts(counts(open_slots=[6, None, 0], open_days=5))
    assert checked["open_slots"].isna().tolist() == [False, True, False]
    assert checked["open_days"].tolist() == [5, 5, 5]


@pytest.mark.parametrize(
    ("slots", "message"),
    [
        ([5, -1, 2], r"1 of 3 rows has a negative open_slots \(row 1"),
        ([5, float("inf"), 2], "has an infinite open_slots"),
        (["many", 1, 2], "column open_slots holds something that is not a number"),
    ],
)
def test_slots_that_are_no_amounts_are_refused(slots, message):
    with pytest.raises(InputError, match=message):
        check_counts(counts(open_slots=slots))


# ------------------------------------------------------------------ partnerships
def test_what_may_be_left_out_is_there_and_says_nothing():
    row = check_partnerships(pd.DataFrame([partnership()])).iloc[0]
    assert pd.isna(row["signed_date"])
    assert row["negative_control"] == ""
    assert row["neighbours"] == ()


def test_what_is_given_has_its_type():
    given = {
        "signed_date": "2024-02-10",
        "negative_control": "older adult",
        "neighbours": ["Dockside", "Cranston"],
    }
    row = check_partnerships(pd.DataFrame([partnership(**given)])).iloc[0]
    assert row["signed_date"] == pd.Timestamp("2024-02-10")
    assert row["negative_control"] == "older adult"
    assert row["neighbours"] == ("Cranston", "Dockside")


def test_signing_on_the_first_day_is_no_fault():
    rows = pd.DataFrame([partnership(signed_date="2024-03-01")])
    assert check_partnerships(rows)["signed_date"].notna().all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"signed_date": "2024-03-02"}, r"was signed after it starts \(row 0.*Correct"),
        ({"signed_date": "soon"}, "column signed_date holds something that is not a date"),
        (
            {"negative_control": ["general", "older adult"]},
            r"has more than one negative_control \(row 0.*Choose one",
        ),
        (
            {"negative_control": "runner"},
            "gym .* names runner as its negative control, but is for runner itself. "
            "Name personas that it does not reach",
        ),
        (
            {"negative_control": "general", "personas": ()},
            "names general as its negative control, but is for all personas itself",
        ),
        (
            {"neighbours": ("Dockside", "Warwick")},
            "names Dockside, Warwick as its neighbours, but is for Warwick itself",
        ),
        (
            {"neighbours": ("Dockside",), "clinics": ()},
            "as its neighbours, but is for all clinics itself.* or list its own clinics",
        ),
    ],
)
def test_a_partnership_that_contradicts_itself_is_refused(given, message):
    with pytest.raises(InputError, match=message):
        check_partnerships(pd.DataFrame([partnership(**given)]))


@pytest.mark.parametrize(
    ("column", "one", "other"),
    [
        ("signed_date", "2024-02-10", "2024-02-11"),
        ("signed_date", "2024-02-10", None),
        ("negative_control", "general", "older adult"),
        ("neighbours", ("Cranston",), ("Dockside",)),
    ],
)
def test_rows_of_one_id_agree_on_what_holds_for_all_of_it(column, one, other):
    rows = [partnership(**{column: one}), partnership(clinics=("Eastgate",), **{column: other})]
    with pytest.raises(
        InputError, match=rf"rows of gym \(rows 0 and 1.*differ in {column}. Use one"
    ):
        check_partnerships(pd.DataFrame(rows))


def test_a_clinic_of_another_row_is_no_neighbour_either():
    rows = [partnership(neighbours=("Eastgate",))]
    rows.append(partnership(neighbours=("Eastgate",), clinics=("Eastgate",)))
    with pytest.raises(InputError, match="is for Eastgate itself"):
        check_partnerships(pd.DataFrame(rows))


# ------------------------------------------------------------------ events
def test_events_have_all_columns_and_stand_in_order_of_time():
    rows = [event(start_date="2024-05-01", clinics="Warwick"), event(kind="recording")]
    checked = check_events(pd.DataFrame(rows))
    assert checked.columns.tolist() == ["label", "kind", "start_date", "end_date", "clinics"]
    assert checked["kind"].tolist() == ["recording", "shock"]
    assert checked["clinics"].tolist() == [(), ("Warwick",)]
    assert checked["end_date"].isna().all()


def test_no_events_are_a_table_without_rows():
    assert check_events(None).empty
    assert check_events(None)["start_date"].dtype == "datetime64[ns]"


def test_the_table_given_is_left_as_it_was():
    rows = pd.DataFrame([event()])
    before = rows.copy()
    check_events(rows)
    pd.testing.assert_frame_equal(rows, before)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([event(label=" ")], r"events: 1 of 1 row has no label \(row 0"),
        ([event(), event(kind="storm")], r"unknown kind \(row 1, .*Write shock or recording"),
        ([event(start_date=None)], "has no start_date"),
        ([event(start_date="2024-03-01", end_date="2024-02-01")], "ends before it starts"),
        ([event(), event()], r"repeat a label, start and clinics \(rows 0 and 1"),
        ([event(start_date="in spring")], "column start_date holds something that is not a date"),
        ([{"label": "x"}], "events: no column kind, no column start_date"),
    ],
)
def test_a_wrong_event_is_refused(rows, message):
    with pytest.raises(InputError, match=message):
        check_events(pd.DataFrame(rows))
