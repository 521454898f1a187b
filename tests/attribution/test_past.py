"""What was known on an earlier day is the beginning of all that is known, to the last digit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_analysis.attribution.goals.backtest import back_test_goals
from partner_analysis.attribution.goals.follow import known_by_the_deadline
from partner_analysis.attribution.goals.goal import state_goals
from partner_analysis.attribution.goals.past import Past
from partner_analysis.attribution.goals.series import arrange_series
from partner_analysis.attribution.goals.whole import Whole
from partner_analysis.attribution.reviews.known import PracticeTables, practice_of

FIRST = pd.Timestamp("2022-01-03")
NAMED_ARRAYS = (
    "observed", "known", "past", "exposure", "uneven", "block", "years", "causes", "length",
)  # fmt: skip


def a_practice(seed: int, *, frequency: str, late: str, gap: bool, closed: bool) -> PracticeTables:
    """Four clinics and two kinds of patient over two years, with six partnerships and a shock."""
    rng = np.random.default_rng(seed)
    periods = pd.date_range(FIRST, "2023-12-25", freq=frequency)
    if gap:
        periods = periods.delete(len(periods) // 2)
    names = ["period", "clinic", "persona"]
    cells = pd.MultiIndex.from_product([periods, list("ABCD"), ["runner", "other"]], names=names)
    counts = cells.to_frame(index=False)
    counts["new_patients"] = rng.poisson(4.0, len(counts)).astype(float)
    if closed:
        counts["open_days"] = np.where(rng.uniform(size=len(counts)) < 0.05, 0, 5)
        counts.loc[counts["open_days"] == 0, "new_patients"] = 0.0
    before = (counts["clinic"] == "D") & (counts["period"] < "2022-10-01")
    if late == "zeros":
        counts.loc[before, "new_patients"] = 0.0
    if late == "no rows":
        counts = counts[~before]
    if late == "unknown":
        counts.loc[before, "new_patients"] = np.nan
    days = pd.to_timedelta(rng.integers(0, 650, 6), unit="D")
    register = pd.DataFrame(
        {
            "partnership_id": [f"p{k}" for k in range(6)],
            "start_date": FIRST + days,
            "end_date": [pd.NaT if k % 2 else FIRST + days[k] + pd.Timedelta(days=150)
                         for k in range(6)],
            "clinics": [tuple(rng.choice(list("ABCD"), 2, replace=False)) for _ in range(6)],
            "personas": [("runner",) if k % 3 else () for k in range(6)],
        }
    )  # fmt: skip
    free = next(c for c in "ABCD" if c not in register.loc[0, "clinics"])
    register["neighbours"] = [(free,), *[()] * 5]
    shock = {"kind": "shock", "start_date": "2022-06-01", "end_date": "2022-07-01", "clinics": ()}
    events = pd.DataFrame([{"label": "flood", **shock}])
    return practice_of(counts, register, None, events, "US", "auto", 0.95)


@given(
    seed=st.integers(0, 10**6),
    frequency=st.sampled_from(["W-MON", "MS"]),
    late=st.sampled_from(["", "zeros", "no rows", "unknown"]),
    gap=st.booleans(),
    closed=st.booleans(),
    ahead=st.booleans(),
    start=st.dates(pd.Timestamp("2022-04-01").date(), pd.Timestamp("2023-12-30").date()),
    months=st.integers(1, 6),
)
@settings(max_examples=12, deadline=None)
def test_a_series_cut_from_the_whole_is_that_of_the_tables_of_the_day(
    seed, frequency, late, gap, closed, ahead, start, months
):
    practice = a_practice(seed, frequency=frequency, late=late, gap=gap, closed=closed)
    rows = [
        {"goal_id": "g", "persona": "runner", "clinics": ("A",)},
        {"goal_id": "h", "clinics": ("D", "B")},
    ]
    asked = pd.DataFrame(rows).assign(target=9, window_months=months, start_date=start)
    stated = state_goals(asked, practice.partnerships)
    past = Past(practice, until=max(goal.after for goal in stated.values()) if ahead else None)
    for goal in stated.values():
        known = known_by_the_deadline(practice, goal)
        cut = past.series(goal)
        anew = None if known.counts.empty else arrange_series(known, goal)
        if anew is None:
            assert cut is None
            continue
        for name in NAMED_ARRAYS:
            np.testing.assert_array_equal(getattr(cut, name), getattr(anew, name), err_msg=name)
        assert cut.periods.equals(anew.periods)
        assert cut.steps.keys() == anew.steps.keys()
        for key, share in anew.steps.items():
            np.testing.assert_array_equal(cut.steps[key], share)
        assert cut.scatter == anew.scatter


def test_weeks_are_cut_and_not_arranged_anew():
    practice = a_practice(3, frequency="W-MON", late="zeros", gap=False, closed=True)
    day, none = pd.Timestamp("2023-05-01"), pd.DatetimeIndex([])
    panel = Whole(practice).until(69, day, none)
    assert panel is not None
    assert panel.late == {"D": 39}
    assert len(panel.cells.periods) == 69
    assert set(panel.touches) == set(practice.known_on(day).partnerships["partnership_id"])


def test_periods_to_come_are_cut_as_well():
    practice = a_practice(1, frequency="W-MON", late="", gap=False, closed=False)
    ahead = pd.date_range("2024-01-01", periods=30, freq="W-MON")
    assert Whole(practice).until(104, ahead[0], ahead[:8]) is None
    panel = Whole(practice, ahead).until(104, ahead[0], ahead[:8])
    assert panel is not None
    assert len(panel.cells.periods) == 112
    assert not panel.cells.usable[:, 104:].any()


def test_cells_of_which_nothing_was_known_yet_are_arranged_anew():
    practice = a_practice(1, frequency="W-MON", late="unknown", gap=False, closed=False)
    assert Whole(practice).until(30, pd.Timestamp("2022-08-01"), pd.DatetimeIndex([])) is None


def test_goals_posed_together_are_told_as_each_alone():
    practice = a_practice(5, frequency="W-MON", late="", gap=False, closed=False)
    asked = pd.DataFrame(
        {
            "goal_id": ["a", "b", "c"],
            "target": [10.0, 5.0, 20.0],
            "unit": ["percent", "count", "percent"],
            "baseline": ["prior months", "", "seasonal expectation"],
            "clinics": [("A",), ("B", "C"), ()],
            "window_months": [3, 2, 3],
            "start_date": ["2022-12-05", "2023-01-09", "2022-12-05"],
        }
    )
    given_ = (practice.counts, practice.partnerships)
    together = back_test_goals(*given_, asked)
    for row, key in enumerate(together):
        alone = back_test_goals(*given_, asked.iloc[[row]])[key]
        assert len(alone.poses) >= 4
        pd.testing.assert_frame_equal(together[key].poses, alone.poses, rtol=1e-9)


@pytest.mark.parametrize("personas", [("nobody",), ("runner", "nobody")])
def test_a_goal_about_nobody_says_so(personas):
    practice = a_practice(5, frequency="W-MON", late="", gap=False, closed=False)
    asked = pd.DataFrame([{"goal_id": "g", "target": 5, "window_months": 3}])
    asked = asked.assign(start_date="2023-06-05", persona=";".join(personas))
    tested = back_test_goals(practice.counts, practice.partnerships, asked)["g"]
    assert "none of the patients" in tested.reason
