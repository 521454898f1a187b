"""What is declared hangs on dates alone: any later run declares the same of the same review."""

from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.stats import norm

from partner_analysis.attribution.reviews import standing
from partner_analysis.attribution.reviews.spending import look_levels, planned_months, review_levels
from partner_analysis.attribution.reviews.standing import review_partnership, review_partnerships
from partner_analysis.tables import InputError, Interval

START = pd.Timestamp("2024-02-05")


def practice(*, freq="W-MON", periods=150, ratio=1.0, until=None, clinics="ABCDE", seed=0):
    """Poisson counts of a practice in which clinic A changes by a ratio from the start on."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range(
        "2022-01-01" if freq in ("MS", "QS") else "2023-01-02", periods=periods, freq=freq
    )
    keys = pd.MultiIndex.from_product([list(clinics), dates], names=["clinic", "period"])
    counts = keys.to_frame(index=False)
    changed = (counts["clinic"] == "A") & (counts["period"] >= START)
    if until is not None:
        changed &= counts["period"] < pd.Timestamp(until)
    return counts.assign(new_patients=rng.poisson(np.where(changed, 20 * ratio, 20.0)))


def register(*rows: dict) -> pd.DataFrame:
    plain = {"name": "Gym", "kind": "gym", "start_date": START, "end_date": pd.NaT}
    plain |= {"clinics": ("A",), "personas": ()}
    return pd.DataFrame([{**plain, "partnership_id": "gym", **row} for row in rows or ({},)])


def until(counts: pd.DataFrame, day: str | pd.Timestamp) -> pd.DataFrame:
    return counts[counts["period"] < pd.Timestamp(day)]


def fingerprint(counts, partnerships, partnership_id, *, level, named=None, events=None, **_):
    """In place of an estimate: a number that changes with anything that is handed to it."""
    given = [counts, partnerships, *(table for table in (named, events) if table is not None)]
    texts = [tuple(pd.util.hash_pandas_object(table, index=False)) for table in given]
    number = float(abs(hash((*texts, partnership_id, level))) % 10**9)
    return SimpleNamespace(verdict="more", total=Interval(number, number, number), bundle=())


def judged_by(stand_in):
    return patch.object(standing, "estimate_effect", stand_in)


def says(verdict):
    nothing = Interval(np.nan, np.nan, np.nan)
    return judged_by(lambda *_, **__: SimpleNamespace(verdict=verdict, total=nothing, bundle=()))


# When reviews are held


def test_reviews_come_after_3_6_and_12_months_then_yearly():
    with says("no clear change"):
        result = review_partnership(practice(periods=260), register(), "gym")
    assert result.reviews["months"].tolist() == [3, 6, 12, 24, 36]
    expected = ["2024-05-06", "2024-08-05", "2025-02-10", "2026-02-09", "2027-02-08"]
    assert result.reviews["review"].tolist() == [pd.Timestamp(day) for day in expected]
    assert result.reviewed_on == pd.Timestamp("2027-02-08")
    assert result.next_review == pd.Timestamp("2028-02-07")


def test_before_the_first_review_it_is_watched():
    counts = until(practice(), "2024-04-29")
    result = review_partnership(counts, register(), "gym")
    assert result.standing == "watching"
    assert result.reviews.empty
    assert pd.isna(result.reviewed_on)
    assert result.next_review == pd.Timestamp("2024-05-06")


def test_a_partnership_yet_to_begin_is_watched():
    rows = register({"start_date": pd.Timestamp("2030-01-01")})
    result = review_partnership(practice(), rows, "gym")
    assert (result.standing, result.next_review) == ("watching", pd.Timestamp("2030-04-01"))


FIRST_DAYS = [("W-MON", day) for day in range(7)] + [("MS", day) for day in (10, 25)]


@pytest.mark.parametrize(("freq", "day"), [*FIRST_DAYS, ("D", 3), ("QS", 20)])
def test_the_first_review_is_never_too_early(freq, day):
    """Whatever the day of the start, three months are complete when they are judged."""
    counts = practice(freq=freq, periods={"D": 560, "QS": 14}.get(freq, 90), clinics="AB")
    start = START + pd.Timedelta(days=day)
    first = review_partnership(counts, register({"start_date": start}), "gym").reviews.iloc[0]
    assert first["verdict"] in ("no clear change", "too small to tell", "more", "fewer")
    assert first["review"] >= start + pd.DateOffset(months=3)


def test_the_date_foretold_is_the_date_held():
    for freq, periods in (("W-MON", 150), ("MS", 40)):
        counts = practice(freq=freq, periods=periods)
        with judged_by(fingerprint):
            held = review_partnership(counts, register(), "gym").reviews["review"]
            for day in held:
                before = until(counts, day - pd.Timedelta(days=1))
                before = before[before["period"] < before["period"].max()]
                assert review_partnership(before, register(), "gym").next_review == day


def test_what_began_before_the_counts_is_reviewed_once_there_are_any():
    rows = register({"start_date": pd.Timestamp("2020-01-06")})
    with says("no clear change"):
        reviews = review_partnership(practice(), rows, "gym").reviews
    assert reviews["months"].tolist() == [36, 48, 60]
    assert tuple(reviews["level"]) == review_levels(planned_months(60), 0.95)[4:7]


# What a review knows


@st.composite
def practices(draw):
    """Practices with gaps, late clinics, partnerships that start, pause and end, and a cut."""
    freq, most = draw(st.sampled_from([("W-MON", 170), ("MS", 60), ("7D", 170), ("D", 400)]))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    dates = pd.date_range("2023-01-01", periods=most, freq=freq)
    dates = dates[(rng.random(most) > 0.03) | (np.arange(most) < 8)]
    opens = {"A": 0, "B": 0, "late": int(rng.integers(0, most))}
    counts = pd.concat(
        pd.DataFrame({"clinic": name, "period": dates[first:]}) for name, first in opens.items()
    ).assign(new_patients=1.0)
    rows = []
    for name in ("gym", "club"):
        day = pd.Timestamp("2023-01-01") + pd.Timedelta(days=int(rng.integers(60, 500)))
        for _ in range(int(rng.integers(1, 3))):
            end = day + pd.Timedelta(days=int(rng.integers(20, 300)))
            rows.append({"partnership_id": name, "start_date": day, "end_date": end})
            day = end + pd.Timedelta(days=int(rng.integers(2, 600)))
        if rng.random() < 0.5:
            rows[-1]["end_date"] = pd.NaT
    cut = dates[int(rng.integers(len(dates) // 3, len(dates)))]
    return counts, pd.DataFrame(rows), cut


@settings(max_examples=12, deadline=None)
@given(practices())
def test_what_comes_later_never_changes_a_review(given_practice):
    """Later counts, clinics, partnerships and ends leave every review held before as it was."""
    counts, partnerships, cut = given_practice
    earlier = partnerships[partnerships["start_date"] < cut].copy()
    earlier["end_date"] = earlier["end_date"].where(earlier["end_date"] < cut)
    with judged_by(fingerprint):
        for name in earlier["partnership_id"].unique():
            then = review_partnership(until(counts, cut), earlier, name).reviews
            now = review_partnership(counts, partnerships, name).reviews
            assert_frame_equal(now.head(len(then)), then, check_exact=True)
            assert (now["review"].iloc[len(then) :] > cut - pd.Timedelta(days=31)).all()


def test_later_counts_leave_a_real_estimate_to_the_last_byte():
    counts = practice(ratio=1.5)
    late = practice(clinics="F", seed=9)
    counts = pd.concat([counts, late[late["period"] >= "2024-09-02"]]).sample(
        frac=1, random_state=1
    )
    club = {"partnership_id": "club", "start_date": pd.Timestamp("2024-10-07"), "clinics": ("B",)}
    ended = {"end_date": pd.Timestamp("2025-02-28")}
    then = review_partnership(until(counts, "2024-09-02"), register(), "gym").reviews
    now = review_partnership(counts, register(ended, club), "gym").reviews
    assert len(then) == 2 < len(now)
    numbers = ["level", "estimate", "low", "high"]
    assert now.head(2)[numbers].to_numpy().tobytes() == then[numbers].to_numpy().tobytes()
    assert_frame_equal(now.head(2), then, check_exact=True)


def test_a_correction_of_old_counts_does_change_a_review():
    counts = until(practice(), "2024-06-01")
    corrected = counts.assign(new_patients=counts["new_patients"] + (counts["period"] == START))
    with judged_by(fingerprint):
        reviews = [review_partnership(c, register(), "gym").reviews for c in (counts, corrected)]
    assert (reviews[0]["estimate"] != reviews[1]["estimate"]).all()


def test_named_counts_and_events_are_those_of_the_time():
    seen = []

    def record(*_, named, events, **__):
        seen.append((named["period"].max(), events["label"].tolist(), events["end_date"].tolist()))
        return SimpleNamespace(verdict="more", total=Interval(1, 1, 1), bundle=())

    counts = practice()
    named = counts[counts["clinic"] == "A"].assign(partnership_id="gym", named=1)
    events = pd.DataFrame(
        {
            "label": ["flood", "new desk"],
            "kind": ["shock", "recording"],
            "start_date": pd.to_datetime(["2024-04-01", "2024-07-01"]),
            "end_date": pd.to_datetime(["2024-06-30", None]),
        }
    )
    with judged_by(record):
        review_partnership(
            until(counts, "2024-08-12"), register(), "gym", named=named, events=events
        )
    assert [last for last, *_ in seen] == [pd.Timestamp("2024-04-29"), pd.Timestamp("2024-07-29")]
    assert [labels for _, labels, _ in seen] == [["flood"], ["flood", "new desk"]]
    assert pd.isna(seen[0][2][0])
    assert seen[1][2][0] == pd.Timestamp("2024-06-30")


# What is declared


def test_the_standing_is_the_verdict_at_the_last_review():
    """A large change is declared; years without any make a later review take it back."""
    counts = practice(ratio=2.5, until="2024-08-05", periods=290)
    while_it_lasted = review_partnership(until(counts, "2024-09-02"), register(), "gym")
    long_after = review_partnership(counts, register(), "gym")
    assert while_it_lasted.standing == "more"
    assert long_after.standing == long_after.reviews["verdict"].iloc[-1]
    assert "more" in set(long_after.reviews["verdict"])


def test_between_reviews_the_standing_stays():
    counts = practice(ratio=2.0)
    with says("more"):
        days = pd.date_range("2024-08-05", "2025-02-03", freq="28D")
        results = [review_partnership(until(counts, day), register(), "gym") for day in days]
    assert {(r.standing, r.reviewed_on, r.next_review) for r in results} == {
        ("more", pd.Timestamp("2024-08-05"), pd.Timestamp("2025-02-10"))
    }


def test_an_ended_partnership_has_one_review_after_its_wash_out():
    ended = register({"end_date": pd.Timestamp("2024-06-30")})
    with says("fewer"):
        result = review_partnership(practice(periods=260), ended, "gym")
    assert result.reviews["months"].tolist() == [3, 6, 12]
    assert (result.standing, pd.isna(result.next_review)) == ("fewer", True)


def test_a_partnership_that_starts_again_is_reviewed_again_on_its_first_calendar():
    rows = register(
        {"end_date": pd.Timestamp("2024-06-30")}, {"start_date": pd.Timestamp("2026-06-01")}
    )
    with says("fewer"):
        result = review_partnership(practice(periods=260), rows, "gym")
    assert result.reviews["months"].tolist() == [3, 6, 12, 36]


def test_all_partnerships_get_what_each_gets_alone():
    counts = until(practice(), "2024-09-02")
    rows = register({}, {"partnership_id": "club", "clinics": ("B",)})
    together = review_partnerships(counts, rows)
    assert list(together) == ["club", "gym"]
    assert_frame_equal(together["gym"].reviews, review_partnership(counts, rows, "gym").reviews)


def test_a_review_of_partnerships_that_cannot_be_told_apart_says_so():
    rows = register({}, {"partnership_id": "club"})
    reviews = review_partnership(until(practice(), "2024-06-01"), rows, "gym").reviews
    assert reviews["bundle"].tolist() == [("club", "gym")]


def test_a_practice_that_cannot_answer_says_so():
    rows = register({"clinics": ("nowhere",)})
    assert review_partnership(practice(), rows, "gym").standing == "data not fit"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"partnership_id": "pool"}, "there is no partnership_id 'pool'. The table has gym"),
        ({"level": 95}, "level: 95 is not a confidence level"),
        ({"method": "magic"}, "method: 'magic' is not known"),
        ({"counts": practice().head(0)}, "counts: the table has no rows"),
    ],
)
def test_wrong_arguments_are_refused(change, message):
    arguments = {"counts": practice(), "partnerships": register(), "partnership_id": "gym"}
    with pytest.raises(InputError, match=message):
        review_partnership(**(arguments | change))


# How sure each look must be


def test_limits_are_the_published_ones():
    """Reboussin and others (2000, Control Clin Trials 21), program ld98: five even looks."""
    times = np.arange(1, 6) / 5
    brien_fleming = 4 * norm.sf(norm.isf(0.05 / 4) / np.sqrt(times))
    pocock = 0.05 * np.log(1 + (np.e - 1) * times)
    limits = {
        "O'Brien-Fleming": (brien_fleming, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        "Pocock": (pocock, [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    }
    for spent, published in limits.values():
        levels = np.array(look_levels(times, spent, highest=1 - 1e-12))
        assert norm.isf((1 - levels) / 2) == pytest.approx(published, abs=2e-4)


def test_one_look_is_judged_as_ever():
    assert look_levels([1.0], [0.05], highest=0.999) == pytest.approx([0.95])


def test_all_looks_together_err_as_often_as_one():
    """Paths without any drift cross the limits of twenty years in 5 percent of cases."""
    months = planned_months(239)
    limits = norm.ppf(0.5 + np.array(review_levels(months, 0.95)) / 2)
    steps = np.sqrt(np.diff([0, *months]))
    paths = np.random.default_rng(3).normal(size=(40_000, len(months))) * steps
    crossed = np.abs(paths.cumsum(axis=1)) > limits * np.sqrt(months)
    assert crossed.any(axis=1).mean() == pytest.approx(0.052, abs=0.0035)
    assert crossed[:, :4].any(axis=1).mean() == pytest.approx(0.040, abs=0.003)


@pytest.mark.parametrize(
    ("noise", "wander", "trend", "baseline"),
    [
        (1, 0, 0, 0),
        (0.2, 0, 0.01, 0),
        (0.2, 0.03, 0, 0),
        (0.2, 0, 0, 0.05),
        (0.15, 0.02, 0.005, 0.04),
    ],
    ids=["noise alone", "own trend", "wander", "unsure baseline", "all of them"],
)
def test_whatever_makes_counts_stray_reviews_stay_below_the_total(noise, wander, trend, baseline):
    """Evidence need not accumulate evenly; a verdict every month would be wrong in 15 to 22."""
    rng, months = np.random.default_rng(5), np.arange(1, 61)
    steps = rng.normal(size=(2, 20_000, len(months)))
    slope, level = rng.normal(size=(2, 20_000, 1))
    strays = noise * steps[0] + wander * steps[1].cumsum(axis=1) + trend * slope * months
    mean = (strays + baseline * level).cumsum(axis=1) / months
    score = np.abs(mean / mean.std(axis=0))
    reviews = np.array(planned_months(59))
    limits = norm.ppf(0.5 + np.array(review_levels(tuple(reviews.tolist()), 0.95)) / 2)
    assert (score[:, reviews - 1] > limits).any(axis=1).mean() < 0.052
    assert (score[:, 2:24] > norm.ppf(0.975)).any(axis=1).mean() > 0.14


def test_levels_hang_on_the_calendar_alone():
    for level in (0.5, 0.8, 0.95, 0.99):
        long = review_levels(planned_months(200), level)
        assert review_levels(planned_months(30), level) == long[:5]
        assert all(level <= one <= 0.999 for one in long)
