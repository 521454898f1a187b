"""Holidays, insurance years and declared shocks as columns that anybody can check by hand."""

import time

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.calendar import known_causes, leaves_out_holidays
from partner_analysis.tables import InputError, check_events

WEEKS = pd.date_range("2023-01-02", periods=104, freq="W-MON")
MONTHS = pd.date_range("2023-01-01", periods=24, freq="MS")


def days(periods):
    return np.full(len(periods), 7) if periods is WEEKS else periods.days_in_month.to_numpy()


def causes(periods=WEEKS, clinics=("Warwick", "Dockside"), **given):
    return known_causes(periods, days(periods), clinics=clinics, **given)


def column(found, label, *, clinic=0, periods=WEEKS):
    (place,) = [k for k, name in enumerate(found.labels) if label in name]
    return pd.Series(found.columns[clinic, :, place], index=periods)


def shock(**given):
    event = {"label": "Bridge closed", "kind": "shock", "start_date": "2023-03-08"}
    return check_events(pd.DataFrame([{**event, **given}]))


# ------------------------------------------------------------------ holidays
@pytest.mark.parametrize(
    ("week", "lost"),
    [
        ("2023-01-02", 1),  # New Year's Day on a Sunday is observed on Monday
        ("2023-05-22", 0),
        ("2023-05-29", 1),  # Memorial Day
        ("2023-07-03", 1),  # Independence Day, a Tuesday
        ("2023-11-06", 1),  # Veterans Day on a Saturday is observed on Friday
        ("2023-11-20", 1),  # Thanksgiving
        ("2023-12-25", 1),
    ],
)
def test_a_week_loses_its_weekday_holidays(week, lost):
    holidays = column(causes(), "public holidays")
    usual = 22 / 104 / 5
    assert holidays[week] == pytest.approx(lost / 5 - usual, abs=0.003)


def test_holidays_are_relative_to_the_usual_number():
    assert column(causes(), "public holidays").mean() == pytest.approx(0, abs=1e-12)
    november = column(causes(MONTHS), "public holidays", periods=MONTHS)["2023-11-01"]
    lost = 22 / 2 / 12 / 21.7
    assert november == pytest.approx(2 / 22 - lost, abs=0.003)


def test_a_state_adds_its_own_holidays_and_another_country_has_others():
    victory_day = "2023-08-14"
    assert column(causes(), "public holidays")[victory_day] < 0
    assert column(causes(subdivision="RI"), "public holidays")[victory_day] > 0.1
    german = causes(country="DE")
    assert column(german, "public holidays")["2023-07-03"] < 0
    assert not any("deductible" in label or "insurance" in label for label in german.labels)


def test_no_country_is_a_calendar_without_holidays():
    assert causes(country="").labels == ()
    assert causes(country="").columns.shape == (2, 104, 0)


def test_closed_days_that_are_in_the_exposure_are_not_counted_twice():
    plain, shut = causes(), causes(has_open_days=True)
    assert set(plain.labels) - set(shut.labels) == {"public holidays"}
    fortnight = [found.labels.index("Christmas to New Year") for found in (plain, shut)]
    assert shut.sd[fortnight[1]] < plain.sd[fortnight[0]]


@pytest.mark.parametrize("place", [{"country": "XX"}, {"subdivision": "ZZ"}])
def test_a_place_that_is_not_known_is_refused(place):
    with pytest.raises(InputError, match=r"is not known. Give a country such as US"):
        causes(**place)


# ------------------------------------------------------------------ seasons of the insurance year
def test_the_fortnight_runs_from_22_december_to_4_january():
    fortnight = column(causes(), "Christmas to New Year")
    expected = {"2023-12-11": 0, "2023-12-18": 3 / 7, "2023-12-25": 1, "2024-01-01": 4 / 7}
    for week, share in expected.items():
        assert fortnight[week] == pytest.approx(share)
    assert (fortnight * 7).sum() == pytest.approx(3 + 14 + 8)


def test_the_seasons_of_the_insurance_year_are_shares_of_the_period():
    found = causes(MONTHS)
    january = column(found, "January", periods=MONTHS)
    assert january[january > 0].index.month.unique().tolist() == [1]
    assert january.max() == 1
    rush = column(found, "end of the insurance year", periods=MONTHS)
    assert rush["2023-11-01"] == 1
    assert rush["2023-12-01"] == pytest.approx(21 / 31)
    assert rush.sum() == pytest.approx(2 * (1 + 21 / 31))


def test_what_is_alike_in_all_periods_is_left_to_the_level():
    summer = pd.date_range("2023-07-10", periods=6, freq="W-MON")
    found = known_causes(summer, np.full(6, 7), clinics=("Warwick",))
    assert found.labels == () and found.columns.shape == (1, 6, 0)


# ------------------------------------------------------------------ declared shocks
def test_a_shock_is_its_share_of_each_period_at_its_clinics():
    found = causes(events=shock(end_date="2023-03-19", clinics=("Dockside",)))
    here = column(found, "Bridge closed", clinic=1)
    assert here["2023-03-06":"2023-03-20"].tolist() == pytest.approx([5 / 7, 1, 0])
    assert column(found, "Bridge closed", clinic=0).eq(0).all()


def test_a_shock_without_an_end_lasts_and_without_clinics_is_everywhere():
    found = causes(events=shock())
    for clinic in (0, 1):
        lasting = column(found, "Bridge closed", clinic=clinic)
        assert lasting["2023-03-13":].eq(1).all() and lasting[:"2023-02-27"].eq(0).all()


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "recording"},
        {"start_date": "2031-01-01"},
        {"start_date": "2019-01-01", "end_date": "2019-02-01"},
        {"clinics": ("Elsewhere",)},
    ],
)
def test_what_cannot_have_moved_these_counts_adds_no_column(given):
    assert causes(events=shock(**given)).labels == causes().labels


# ------------------------------------------------------------------ priors, shape and speed
def test_every_cause_has_a_finite_prior_that_leaves_a_known_effect_likely():
    """What is on record for each cause lies within two standard deviations of 0."""
    found = causes(events=shock())
    assert found.columns.shape == (2, 104, len(found.labels)) == (2, 104, len(found.sd))
    on_record = {
        "public holidays": np.log(1 - 1 / 5) / (1 / 5),  # all patients of the lost day
        "Christmas to New Year": np.log(1 - 0.35),
        "January, when deductibles start anew": np.log(1 - 0.15),
        "end of the insurance year": np.log(1 + 0.12),
        "Bridge closed": np.log(0.5),
    }
    assert set(on_record) == set(found.labels)
    for label, sd in zip(found.labels, found.sd, strict=True):
        assert abs(on_record[label]) < 2 * sd


def test_the_answer_may_be_changed_without_harm_to_the_next():
    first = causes()
    first.columns[:] = first.sd[:] = 99
    assert causes().columns.max() <= 1
    assert causes().sd.max() < 1


def test_five_years_of_weeks_at_twelve_clinics_take_under_3_ms():
    periods = pd.date_range("2019-01-07", periods=260, freq="W-MON")
    clinics, length = tuple("ABCDEFGHIJKL"), np.full(260, 7)
    events = shock(start_date="2022-03-08")
    laps = []
    for _ in range(7):
        began = time.process_time()
        known_causes(periods, length, clinics=clinics, events=events)
        laps.append(time.process_time() - began)
    assert min(laps) < 0.003


# ------------------------------------------------------------------ which exposure it is
def exposure(periods, *, per_weekday=1.0, closes=True, kept=()):
    first = periods.to_numpy().astype("datetime64[D]")
    after = first + days(periods).astype("timedelta64[D]")
    us = pd.to_datetime(["2023-01-02", "2023-01-16", "2023-02-20", "2023-05-29", "2023-06-19",
                         "2023-07-04", "2023-09-04", "2023-10-09", "2023-11-10", "2023-11-23",
                         "2023-12-25", "2024-01-01", "2024-01-15", "2024-02-19", "2024-05-27",
                         "2024-06-19", "2024-07-04", "2024-09-02", "2024-10-14", "2024-11-11",
                         "2024-11-28", "2024-12-25"])  # fmt: skip
    closed = [day for day in us if day.month not in kept] if closes else []
    shut = np.array(closed, dtype="datetime64[D]")
    open_days = np.busday_count(first, after, holidays=shut) * per_weekday
    return np.tile(open_days.astype(float), (3, 1))


@pytest.mark.parametrize("periods", [WEEKS, MONTHS], ids=["weeks", "months"])
@pytest.mark.parametrize(
    ("given", "leaves_out"),
    [
        ({}, True),
        ({"per_weekday": 37.5}, True),  # hours of therapists, not days
        ({"kept": (1, 2, 10)}, True),  # open on the minor holidays
        ({"closes": False}, False),
    ],
)
def test_the_exposure_tells_whether_it_leaves_out_holidays(periods, given, leaves_out):
    open_days = exposure(periods, **given)
    usable = np.ones(open_days.shape, dtype=bool)
    assert leaves_out_holidays(open_days, usable, periods, days(periods)) is leaves_out


def test_days_of_the_calendar_do_not_leave_out_holidays():
    for periods in (WEEKS, MONTHS):
        length = np.tile(days(periods).astype(float), (2, 1))
        usable = np.ones(length.shape, dtype=bool)
        assert not leaves_out_holidays(length, usable, periods, days(periods))
        assert not leaves_out_holidays(length, ~usable, periods, days(periods))
