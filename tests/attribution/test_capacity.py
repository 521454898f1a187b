"""A full clinic bounds the effect on demand from below, unless the expectation was full too."""

import numpy as np
import pytest
from scipy.stats import poisson

from partner_analysis.attribution.capacity import Capacity, capacity_of

WEEKS = 20
START = 10


def practice(own_before=6, own_after=10, other=6, slots=10):
    """Two clinics with so many patients a week of so many slots; the first is treated later."""
    observed = np.full((2, WEEKS), float(other))
    observed[0, :START], observed[0, START:] = own_before, own_after
    active = np.zeros((2, WEEKS), dtype=bool)
    active[0, START:] = True
    return observed, np.full((2, WEEKS), float(slots)), active


def judge(*, full_weeks=10, **given):
    observed, slots, active = practice(**given)
    observed[0, START + full_weeks :] = 6
    return capacity_of(observed, slots, active, learnt=~active)


def test_slots_that_nobody_stated_say_nothing():
    observed, slots, active = practice()
    for unknown in (None, np.full_like(slots, np.nan)):
        capacity = capacity_of(observed, unknown, active, learnt=~active)
        assert np.isnan(capacity.share_full)
        assert capacity.bound == "" and not capacity.at_least and capacity.sentence == ""


@pytest.mark.parametrize(("patients", "full"), [(18.9, 0.0), (19, 1.0), (20, 1.0), (23, 1.0)])
def test_full_begins_at_95_percent_of_the_slots(patients, full):
    observed, slots, active = practice(own_after=patients, slots=20)
    assert capacity_of(observed, slots, active).share_full == full


def test_no_slots_at_all_are_full_and_an_unknown_count_is_neither():
    observed, slots, active = practice(own_after=0, slots=0)
    assert capacity_of(observed, slots, active).share_full == 1
    observed[0, START : START + 5] = np.nan
    slots[0, START + 5] = 8
    assert capacity_of(observed, slots, active).share_full == pytest.approx(4 / 5)


@pytest.mark.parametrize(("full_weeks", "at_least"), [(0, False), (3, False), (4, True)])
def test_more_than_three_in_ten_full_periods_make_a_lower_bound(full_weeks, at_least):
    capacity = judge(full_weeks=full_weeks)
    assert capacity.share_full == full_weeks / 10
    assert capacity.at_least is at_least
    assert ("at least" in capacity.sentence) is at_least


def test_the_sentence_keeps_patients_seen_apart_from_demand():
    sentence = judge(full_weeks=4).sentence
    assert "full in 40% of the periods" in sentence
    assert "the effect on patients seen is as stated; on demand it is at least that." in sentence


def test_room_before_that_is_unknown_is_a_condition():
    observed, slots, active = practice()
    slots[:, :START] = np.nan
    slots[1] = np.nan
    capacity = capacity_of(observed, slots, active, learnt=~active)
    assert capacity.at_least
    assert "if there was room before" in capacity.sentence


def test_a_clinic_that_was_full_before_and_after_says_nothing_of_demand():
    capacity = judge(own_before=10)
    assert capacity.bound == "unclear" and not capacity.at_least
    assert "how demand changed cannot be told" in capacity.sentence


def test_other_clinics_that_filled_up_meanwhile_hide_growth_that_was_to_be_expected():
    observed, slots, active = practice()
    observed[1, START:] = 10
    assert capacity_of(observed, slots, active, learnt=~active).bound == "unclear"
    observed[0] = 6
    assert capacity_of(observed, slots, active, learnt=~active).bound == "at most"


def test_other_clinics_that_were_always_full_hide_nothing_new():
    assert judge(other=10).bound == "at least"
    assert judge(other=10, own_after=6).bound == ""


def test_room_made_since_bounds_demand_from_above():
    observed, slots, active = practice(own_before=10, own_after=14)
    slots[0, START:] = 20
    capacity = capacity_of(observed, slots, active, learnt=~active)
    assert capacity.bound == "at most"
    assert "room made since may explain part of the difference" in capacity.sentence


def test_other_personas_of_a_full_clinic_are_not_others():
    observed = np.full((3, WEEKS), 5.0)
    observed[0, START:] = 11
    slots = np.full(observed.shape, 16.0)
    active = np.zeros(observed.shape, dtype=bool)
    active[0, START:] = True
    capacity = capacity_of(observed, slots, active, learnt=~active, clinic=np.array([0, 0, 1]))
    assert capacity.share_full == 1 and capacity.at_least


def test_personas_that_state_one_number_share_it():
    observed = np.array([[4.0] * 4, [6.0] * 4])
    active = np.array([[True] * 4, [False] * 4])
    shared, apart = np.full((2, 4), 10.0), np.array([[10.0] * 4, [12.0] * 4])
    clinic = np.array([0, 0])
    assert capacity_of(observed, shared, active, clinic=clinic).share_full == 1
    assert capacity_of(observed, apart, active, clinic=clinic).share_full == 0
    assert capacity_of(observed, shared, active, clinic=np.array([0, 1])).share_full == 0


@pytest.mark.parametrize("slots", [8, 11, 14, 20])
@pytest.mark.parametrize("more", [1.0, 1.2, 1.6, 2.5])
@pytest.mark.parametrize("room_made", [0, 6])
def test_what_is_said_of_demand_holds_for_poisson_demand(slots, more, room_made):
    """Exact expectations: wherever a bound is stated, it is on the right side of the truth."""
    mean, later = 10.0, slots + room_made
    seen = [through(mean, slots), through(mean * more, later)]
    full = [share_full(mean, slots), share_full(mean * more, later)]
    bound = Capacity(share_full=full[1], basis_full=full[0]).bound
    if bound == "at least":
        assert seen[1] / seen[0] <= more
    if bound == "at most":
        assert seen[1] / seen[0] >= more


def through(mean, slots):
    """Expected number of patients seen of a Poisson demand with so many slots."""
    few = np.arange(slots)
    return slots - ((slots - few) * poisson.pmf(few, mean)).sum()


def share_full(mean, slots):
    return poisson.sf(np.ceil(0.95 * slots) - 1, mean)
