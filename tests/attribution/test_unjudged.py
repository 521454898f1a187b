"""How much of a partnership its judged cells and periods stand for, by patients expected."""

import numpy as np
import pandas as pd
import pytest

import partner_analysis as pa

MONTHS = pd.date_range("2022-01-01", periods=36, freq="MS")
START = "2024-01-01"


def practice(*, big: float = 30.0, small: float = 10.0) -> pd.DataFrame:
    """Even counts: clinic A is large, B small, four others serve as comparison."""
    sizes = {"A": big, "B": small, "C": 20, "D": 20, "E": 20, "F": 20}
    rows = [(month, clinic, size) for clinic, size in sizes.items() for month in MONTHS]
    return pd.DataFrame(rows, columns=["period", "clinic", "new_patients"])


def judged(counts: pd.DataFrame) -> pa.Effect:
    gym = {"partnership_id": "gym", "start_date": START, "clinics": ["A", "B"]}
    return pa.estimate_effect(counts, pd.DataFrame([gym]), "gym", checks=False)


def spot(counts: pd.DataFrame, clinic: str, first: str, after: str) -> pd.Series:
    return (counts["clinic"] == clinic) & counts["period"].between(first, after)


def test_all_is_judged_where_every_cell_has_its_past():
    assert judged(practice()).judged_share == 1


@pytest.mark.parametrize("big", [10.0, 30.0])
def test_a_clinic_opened_with_the_partnership_is_what_is_missing(big):
    counts = practice(big=big)
    young = judged(counts[~spot(counts, "B", "2000-01-01", "2023-12-01")])
    assert young.judged_share == pytest.approx(big / (big + 10))


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_the_same_ratio_everywhere_leaves_the_share(factor):
    """A share of those who came is a share of those expected: what the reading rests on."""
    counts = practice()
    counts["new_patients"] = counts["new_patients"].astype("float64")
    ran = counts["clinic"].isin(["A", "B"]) & (counts["period"] >= START)
    counts.loc[ran, "new_patients"] *= factor
    young = judged(counts[~spot(counts, "B", "2000-01-01", "2023-12-01")])
    assert young.judged_share == pytest.approx(0.75)
    assert young.total.estimate / young.judged_share == pytest.approx(
        judged(counts).total.estimate, rel=0.02
    )


def test_unknown_months_count_with_their_cells_mean_and_closed_ones_not_at_all():
    counts = practice().assign(open_days=30.0)
    gap = spot(counts, "A", "2024-04-01", "2024-06-01")
    unknown = judged(counts.assign(new_patients=counts["new_patients"].mask(gap)))
    days = np.array([31, 28 + 1, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    missing = 30 * 9 * days[3:6].sum() / (days.sum() - days[3:6].sum())
    assert unknown.judged_share == pytest.approx((480 - 90) / (480 - 90 + missing))
    shut = counts.assign(
        new_patients=counts["new_patients"].mask(gap, 0), open_days=counts["open_days"].mask(gap, 0)
    )
    assert judged(shut).judged_share == 1


def test_one_period_left_out_is_said_of_one():
    counts = practice()
    notes = [
        " ".join(judged(counts[~spot(counts, "A", "2024-04-01", last)]).notes)
        for last in ("2024-04-01", "2024-05-01")
    ]
    assert "Of 24 active periods in its cells, 1 is unknown, closed or without" in notes[0]
    assert "Of 24 active periods in its cells, 2 are unknown, closed or without" in notes[1]
