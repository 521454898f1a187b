"""The grade of evidence follows its rules, and nothing that gets worse can raise it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_analysis.attribution.checks.grade import ESSENTIAL, GRADES, grade_of, limits_on_grade
from partner_analysis.tables import NO_NUMBER, VERDICTS, Interval

NAMES = (*ESSENTIAL, "negative control", "leave one clinic out", "recording")
WORSE = ("pass", "not possible", "warn", "fail")


def checks(**results):
    listed = dict.fromkeys(NAMES, "pass") | {k.replace("_", " "): v for k, v in results.items()}
    return pd.DataFrame({"check": list(listed), "result": list(listed.values())})


def case(**changed):
    best = {
        "verdict": "more",
        "method": "panel",
        "percent": Interval(30, 12, 50),
        "checks": checks(),
        "n_comparison": 12,
        "breakdown": 1.4,
        "e_value_limit": 1.5,
    }
    return best | changed


@pytest.mark.parametrize(
    ("grade", "changed"),
    [
        ("strong", {}),
        ("strong", {"verdict": "fewer", "percent": Interval(-30, -50, -12)}),
        ("strong", {"verdict": "no clear change", "percent": Interval(2, -15, 20)}),
        ("moderate", {"breakdown": 0.8}),
        ("moderate", {"breakdown": np.nan}),
        ("moderate", {"e_value_limit": 1.1}),
        ("moderate", {"n_comparison": 3}),
        ("moderate", {"checks": checks(recording="warn")}),
        ("moderate", {"checks": checks(placebo_clinics="not possible")}),
        ("moderate", {"verdict": "no clear change", "percent": Interval(2, -35, 45)}),
        ("moderate", {"method": "series", "n_comparison": 0}),
        ("weak", {"checks": checks(recording="fail")}),
        ("weak", {"checks": checks(recording="warn", placebo_date="warn")}),
        ("weak", {"checks": checks(**dict.fromkeys(ESSENTIAL, "warn"))}),
        ("weak", {"verdict": "no clear change", "percent": Interval(2, -45, 80)}),
        ("weak", {"verdict": "no clear change", "percent": Interval(np.nan, -40, np.nan)}),
        ("weak", {"method": "series", "checks": checks(negative_control="not possible")}),
        ("none", {"verdict": "too early"}),
        ("none", {"verdict": "too small to tell"}),
        ("none", {"verdict": "data not fit", "percent": NO_NUMBER, "method": "none"}),
    ],
)
def test_rules(grade, changed):
    assert grade_of(**case(**changed)) == grade


def test_no_check_run_at_all_is_not_strong():
    nothing = pd.DataFrame({"check": [], "result": []})
    assert grade_of(**case(checks=nothing)) == "moderate"


def test_every_ceiling_has_its_reason_lowest_first():
    limits = limits_on_grade(**case(breakdown=0.2, checks=checks(recording="fail")))
    assert [grade for grade, _ in limits] == ["weak", "moderate"]
    assert limits[0][1] == "Failed: recording."
    assert limits_on_grade(**case()) == []


situations = st.fixed_dictionaries(
    {
        "verdict": st.sampled_from(VERDICTS),
        "method": st.sampled_from(["panel", "series"]),
        "percent": st.tuples(st.floats(-100, 200), st.floats(0, 200)).map(
            lambda ends: Interval(ends[0] + ends[1] / 2, ends[0], ends[0] + ends[1])
        ),
        "checks": st.tuples(*[st.sampled_from(WORSE)] * len(NAMES)).map(
            lambda found: pd.DataFrame({"check": NAMES, "result": found})
        ),
        "n_comparison": st.integers(0, 9),
        "breakdown": st.floats(0, 3),
        "e_value_limit": st.floats(1, 3),
    }
)


def worth(situation):
    return GRADES.index(grade_of(**situation))


@given(situations, st.sampled_from(range(len(NAMES))), st.sampled_from(WORSE))
def test_a_check_that_turns_out_worse_never_raises_the_grade(situation, place, result):
    table = situation["checks"]
    one, two = sorted([table["result"].iloc[place], result], key=WORSE.index)
    better, worse = (
        situation
        | {
            "checks": table.assign(
                result=[*table["result"][:place], r, *table["result"][place + 1 :]]
            )
        }
        for r in (one, two)
    )
    assert worth(worse) <= worth(better)


@given(situations, st.floats(0, 1), st.integers(0, 5))
def test_less_of_anything_never_raises_the_grade(situation, less, fewer):
    for name, changed in (
        ("breakdown", situation["breakdown"] * less),
        ("e_value_limit", 1 + (situation["e_value_limit"] - 1) * less),
        ("n_comparison", max(situation["n_comparison"] - fewer, 0)),
    ):
        assert worth(situation | {name: changed}) <= worth(situation)


@given(situations, st.floats(0, 100), st.floats(0, 100))
def test_a_wider_interval_never_raises_the_grade(situation, down, up):
    percent = situation["percent"]
    wider = Interval(percent.estimate, percent.low - down, percent.high + up)
    assert worth(situation | {"percent": wider}) <= worth(situation)


@given(situations)
def test_the_order_of_the_checks_does_not_matter(situation):
    turned = situation | {"checks": situation["checks"].iloc[::-1]}
    assert grade_of(**turned) == grade_of(**situation)
