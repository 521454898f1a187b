"""Periods of any regular spacing, and which of them a partnership was active in."""

import pandas as pd
import pytest

from partner_analysis.attribution.cells import arrange_cells, period_lengths, trace_touch
from partner_analysis.tables import check_counts, check_partnerships


@pytest.mark.parametrize(
    ("freq", "lengths"),
    [
        ("D", [1, 1, 1, 1]),
        ("W-WED", [7, 7, 7, 7]),
        ("28D", [28, 28, 28, 28]),
        ("30D", [30, 30, 30, 30]),
        ("31D", [31, 31, 31, 31]),
        ("MS", [31, 28, 31, 30]),
        ("QS", [90, 91, 92, 92]),
        ("YS", [365, 366, 365, 365]),
    ],
)
def test_lengths_come_from_the_spacing(freq, lengths):
    first = {"W-WED": "2023-01-04"}.get(freq, "2023-01-01")
    assert period_lengths(pd.date_range(first, periods=4, freq=freq)).tolist() == lengths


def test_a_gap_does_not_stretch_the_period_before_it():
    weeks = pd.date_range("2023-01-02", periods=6, freq="W-MON").delete(3)
    assert period_lengths(weeks).tolist() == [7] * 5


@pytest.mark.parametrize(
    ("start", "end", "active"),
    [
        ("2023-01-09", "2023-01-22", [0, 1, 1, 0]),
        ("2023-01-11", "2023-01-22", [0, 1, 1, 0]),
        ("2023-01-13", "2023-01-22", [0, 0, 1, 0]),
        ("2023-01-09", "2023-01-18", [0, 1, 0, 0]),
        ("2023-01-09", "2023-01-19", [0, 1, 1, 0]),
        ("2023-01-09", None, [0, 1, 1, 1]),
        ("2023-01-09", "9999-12-31", [0, 1, 1, 1]),
    ],
)
def test_active_is_more_than_half_the_days_end_included(start, end, active):
    weeks = pd.date_range("2023-01-02", periods=4, freq="W-MON")
    counts = pd.DataFrame({"period": weeks, "clinic": "A", "new_patients": 1})
    rows = pd.DataFrame([{"partnership_id": "gym", "start_date": start, "end_date": end}])
    touch = trace_touch(arrange_cells(check_counts(counts)), check_partnerships(rows))
    assert touch.active[0].astype(int).tolist() == active
