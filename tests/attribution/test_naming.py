"""False naming is learnt only where the partner could be named though it was not active."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.named.naming import count_named_when_inactive
from partner_analysis.tables import check_counts, check_named, check_partnerships

MONTHS = pd.date_range("2023-01-01", periods=24, freq="MS")


def practice(namings, *, personas=("runner", "older"), **register):
    """10 new patients in each cell and month; the partnership runs through 2024 at A for runners.

    ``namings`` lists (month number, clinic, persona, how many named it).
    """
    keys = pd.MultiIndex.from_product([MONTHS, ["A", "B"], personas])
    counts = keys.to_frame(index=False, name=["period", "clinic", "persona"])
    gym = {"partnership_id": "gym", "name": "Gym", "kind": "gym", "start_date": "2024-01-01",
           "end_date": None, "clinics": ["A"], "personas": ["runner"], **register}  # fmt: skip
    named = pd.DataFrame(
        [(MONTHS[month], clinic, persona, "gym", many) for month, clinic, persona, many in namings],
        columns=["period", "clinic", "persona", "partnership_id", "named"],
    )
    return (
        check_counts(counts.assign(new_patients=10.0)),
        check_partnerships(pd.DataFrame([gym])),
        check_named(named),
    )


def exposure(tables):
    row = count_named_when_inactive(*tables).iloc[0]
    return row["could_name_patients"], row["named_when_inactive"]


def test_a_label_added_at_the_start_says_nothing_of_the_time_before():
    assert exposure(practice([(m, "A", "runner", 3) for m in range(12, 24)])) == (0, 0)


def test_nobody_named_it():
    assert exposure(practice([])) == (0, 0)


def test_counted_from_after_the_first_naming_to_before_the_start():
    named = [(2, "A", "runner", 1), (5, "A", "runner", 2), (15, "A", "runner", 4)]
    assert exposure(practice(named)) == (90, 2)


def test_the_last_naming_ends_what_is_known_where_none_came_after():
    named = [(2, "A", "runner", 1), (5, "A", "runner", 2), (7, "A", "runner", 1)]
    assert exposure(practice(named)) == (40, 2)


def test_another_clinic_and_other_personas_do_not_teach():
    named = [(m, "B", "runner", 1) for m in range(24)]
    assert exposure(practice(named)) == (0, 0)
    named = [(2, "A", "runner", 1), (5, "A", "older", 2), (15, "A", "runner", 4)]
    assert exposure(practice(named)) == (90, 0)


def test_after_an_end_only_once_its_last_patients_have_come():
    named = [(12, "A", "runner", 1), (20, "A", "runner", 1), (23, "A", "runner", 1)]
    ended = practice(named, end_date="2024-04-30")
    # 91 days after April: August to November; December holds the last naming.
    assert exposure(ended) == (40, 1)


def test_not_between_signing_and_start():
    named = [(2, "A", "runner", 1), (15, "A", "runner", 4)]
    assert exposure(practice(named, signed_date=pd.Timestamp("2023-10-15"))) == (60, 0)


def test_unknown_counts_are_not_zeros():
    counts, partnerships, named = practice([(2, "A", "runner", 1), (15, "A", "runner", 4)])
    counts.loc[(counts["clinic"] == "A") & (counts["period"] == MONTHS[4]), "new_patients"] = np.nan
    assert exposure((counts, partnerships, named)) == (80, 0)


def test_without_personas_whole_clinics_count():
    counts, partnerships, named = practice([(2, "A", "all", 1), (15, "A", "all", 4)])
    assert exposure((counts, partnerships, named)) == (180, 0)


@pytest.mark.parametrize("rate", [0.02, 0.3])
def test_the_rate_is_unbiased_whatever_it_is(rate):
    """Starting at the first naming and counting it would say too much where naming is rare."""
    clinics = [f"clinic {number}" for number in range(300)]
    keys = pd.MultiIndex.from_product([MONTHS, clinics], names=["period", "clinic"])
    counts = check_counts(keys.to_frame(index=False).assign(new_patients=10.0))
    many = np.random.default_rng(0).binomial(10, rate, len(keys))
    named = check_named(counts[["period", "clinic"]].assign(partnership_id="gym", named=many))
    _, partnerships, _ = practice([], clinics=[], personas=[])
    could, did = exposure((counts, partnerships, named))
    assert did / could == pytest.approx(rate, rel=0.1)
