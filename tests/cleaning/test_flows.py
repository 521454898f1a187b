"""What each side gave is read as counts: unknown stays unknown, and contradictions are refused."""

from collections.abc import Callable

import pandas as pd
import pytest

from partner_analysis.cleaning.register.register import read_register
from partner_analysis.practice import Practice
from partner_analysis.small_tables import EMPTY_TABLES
from partner_analysis.tables import DataError

Write = Callable[..., Practice]
HEAD = "partnership_id,month,clinic,given_by,referrals_out,feedback_score,feedback_answers\n"


@pytest.fixture
def read(write_practice: Write) -> Callable[[str], pd.DataFrame]:
    """Flows of the small practice, from the text of its file."""

    def flows(text: str) -> pd.DataFrame:
        practice = write_practice(files={"flows.csv": text})
        tables = practice.tables.model_copy(update={"flows": "flows.csv"})
        return read_register(practice.model_copy(update={"tables": tables})).flows

    return flows


def test_a_practice_without_the_table_has_no_flows(write_practice: Write) -> None:
    flows = read_register(write_practice()).flows
    assert flows.empty
    assert set(EMPTY_TABLES["flows"]) == set(flows.columns)


def test_empty_is_unknown_and_zero_is_none(read: Callable[[str], pd.DataFrame]) -> None:
    flows = read(HEAD + "harbor-run-shop,2024-03,warick,Us,0,,\nharbor-run-shop,2024-04,,,,8.5,4\n")
    assert flows["month"].tolist() == [pd.Timestamp("2024-03-01"), pd.Timestamp("2024-04-01")]
    assert flows["clinic"].tolist() == ["Warwick", ""]
    assert flows["given_by"].tolist() == ["us", ""]
    assert flows["referrals_out"].iloc[0] == 0
    assert flows["referrals_out"].isna().iloc[1]
    assert flows["same_day_slots"].isna().all()
    assert flows["feedback_score"].iloc[1] == 8.5


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("elsewhere,2024-03,,,1,,", "not in the partnerships table"),
        ("harbor-run-shop,2024-13,,,1,,", "has a month that is none"),
        ("harbor-run-shop,2024-3-01,,,1,,", "has a month that is none"),
        ("harbor-run-shop,,,,1,,", "has a month that is none"),
        ("harbor-run-shop,2024-03,,them,1,,", "has an unknown given_by"),
        ("harbor-run-shop,2024-03,,,1.5,,", "has a referrals_out that is not whole"),
        ("harbor-run-shop,2024-03,,,-1,,", "has a referrals_out that is no amount"),
        ("harbor-run-shop,2024-03,,,,11,3", "has a feedback_score above 10"),
        ("harbor-run-shop,2024-03,,,,9,", "has a feedback_score without feedback_answers"),
        ("harbor-run-shop,2024-03,,,,9,0", "has a feedback_score without feedback_answers"),
        ("harbor-run-shop,2024-03,,partner,1,,", "given by the partner"),
        ("harbor-run-shop,2024-03,,,1,,\nharbor-run-shop,2024-03,,,2,,", r"repeat .*lines 2 and 3"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused_by_its_line(
    read: Callable[[str], pd.DataFrame], row: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read(f"{HEAD}{row}\n")


def test_a_share_of_the_whole_cost_beside_an_own_cost_is_refused(write_practice: Write) -> None:
    head = "partnership_id,date,kind,own_cost,staff_hours,partner_share,note\n"
    row = "harbor-run-shop,2024-03-01,event,{},2,1,\n"
    with pytest.raises(DataError, match="partner_share of 1, which is the whole cost"):
        read_register(write_practice(files={"activities.csv": head + row.format(50)}))
    read_register(write_practice(files={"activities.csv": head + row.format(0)}))
