"""Awkward data: each kind gets a verdict and a sentence that a practice owner understands."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import partner_analysis as pa
from partner_analysis.tables import VERDICTS

WEEKS = pd.date_range("2023-01-02", periods=80, freq="W-MON")
START = WEEKS[40]
CLAIMS = ("more", "fewer")
JARGON = re.compile(r"\bnan\b|\bNaT\b|posterior|poisson|likelihood|variance|identif|donor", re.I)


def practice(clinics="ABCDEF", *, mean=8.0, periods=WEEKS, seed=1, personas=("all",)):
    """Poisson counts with the same mean in every clinic, persona and period."""
    keys = pd.MultiIndex.from_product([list(clinics), list(personas), periods])
    counts = keys.to_frame(index=False, name=["clinic", "persona", "period"])
    rng = np.random.default_rng(seed)
    return counts.assign(new_patients=rng.poisson(mean, len(counts)))


def register(*rows):
    """One row per partnership; a gym at clinic A from START where nothing else is said."""
    gym = {"partnership_id": "gym", "start_date": START, "end_date": pd.NaT, "clinics": ("A",)}
    return pd.DataFrame([gym | row for row in rows or ({},)])


def judged(counts, *rows):
    """The effect of the gym."""
    return pa.estimate_effect(counts, register(*rows), "gym")


def at(counts, clinics, *, since=None, until=None):
    """Rows of some clinics from one period on, up to and without another."""
    here = counts["clinic"].isin(list(clinics))
    if since is not None:
        here &= counts["period"] >= since
    return here if until is None else here & (counts["period"] < until)


def says(effect, words):
    """Whether a plain sentence among the notes holds these words."""
    for note in effect.notes:
        assert note.endswith("."), note
        assert not JARGON.search(note), note
    return re.search(words, " ".join(effect.notes), re.I) is not None


def width(interval):
    return interval.high - interval.low


def is_finite(interval):
    return bool(np.isfinite([interval.low, interval.estimate, interval.high]).all())


def assert_same(one, other):
    """The same interval but for the order in which a computer adds up."""
    assert [*vars(one).values()] == pytest.approx([*vars(other).values()], rel=1e-9, nan_ok=True)


def test_all_zero_donor():
    counts = practice()
    without = judged(counts[counts["clinic"] != "F"])
    counts.loc[at(counts, "F"), "new_patients"] = 0
    effect = judged(counts)
    assert_same(effect.total, without.total)
    assert "F" not in set(effect.comparison["clinic"])
    assert says(effect, r"\bF\b.* no new patients|no new patients.*\bF\b"), effect.notes


def test_all_zero_period_in_the_comparison():
    counts = practice()
    empty = at(counts, "BCDEF", since=WEEKS[50], until=WEEKS[52])
    counts.loc[empty, "new_patients"] = 0
    effect = judged(counts)
    unseen = effect.periods["period"].isin(WEEKS[50:52])
    assert effect.n_post == 38
    assert effect.periods.loc[unseen, "expected"].isna().all()
    counts.loc[at(counts, "A", since=WEEKS[50], until=WEEKS[52]), "new_patients"] = 90
    assert judged(counts).total == effect.total
    assert says(effect, "2 are unknown, .* without comparison.* leaves them out"), effect.notes


def test_treated_cell_all_zero_before():
    counts = practice(mean=3)
    counts.loc[at(counts, "A", until=START), "new_patients"] = 0
    effect = judged(counts)
    assert effect.verdict == "more"
    assert 0 < effect.total.low < effect.total.estimate == effect.observed - effect.expected
    assert np.isnan(effect.percent.estimate)
    assert not np.isfinite(effect.percent.high)
    assert says(effect, "(nobody|no new patients?) came before.*percent"), effect.notes


def test_treated_cell_all_zero_before_and_a_handful_after():
    counts = practice(mean=3)
    counts.loc[at(counts, "A"), "new_patients"] = 0
    counts.loc[at(counts, "A", since=WEEKS[60], until=WEEKS[62]), "new_patients"] = 1
    effect = judged(counts)
    assert effect.observed == 2
    assert effect.verdict == "too small to tell"
    assert effect.total.low < 0 < effect.total.high


def test_all_zero_after():
    counts = practice()
    counts.loc[at(counts, "A", since=START), "new_patients"] = 0
    effect = judged(counts)
    assert effect.verdict == "fewer"
    assert effect.percent.low == effect.percent.estimate == -100
    assert -100 < effect.percent.high < -90
    assert effect.total.estimate == -effect.expected
    assert says(effect, "(nobody|no new patients?) came (since|after|while)"), effect.notes
    assert says(effect, "closed"), effect.notes


def test_one_donor():
    many = judged(practice())
    effect = judged(practice("AB"))
    assert is_finite(effect.total)
    assert width(effect.percent) > width(many.percent)
    check = effect.checks.set_index("check").loc["comparison cells"]
    assert check["result"] == "warn"
    assert says(effect, "(one|1) (comparison cell\\b|other clinic\\b|clinic\\b)"), effect.notes


def test_no_untreated_cell_in_a_period():
    club = {"partnership_id": "club", "clinics": tuple("BCDEF")}
    club |= {"start_date": WEEKS[50], "end_date": WEEKS[55]}
    effect = judged(practice(), {}, club)
    assert effect.method == "panel"
    assert effect.n_post < 40 - 5
    blind = effect.periods["period"].isin(WEEKS[50:55])
    assert not effect.periods.loc[blind, "active"].any()
    assert says(effect, "without comparison"), effect.notes


def test_no_untreated_cell_in_any_active_period():
    club = {"partnership_id": "club", "clinics": tuple("BCDEF")}
    effect = judged(practice(), {}, club)
    assert effect.method == "series"
    assert is_finite(effect.total)
    assert effect.verdict not in CLAIMS
    assert says(effect, "its own past alone"), effect.notes


def test_treated_from_start():
    counts = practice()
    effect = judged(counts, {"start_date": WEEKS[0]})
    assert effect.verdict == "data not fit"
    assert not effect.total.is_number
    assert says(effect, "before the start"), effect.notes


def test_treated_from_start_and_ended():
    counts = practice(mean=20.0)
    row = {"start_date": "2020-01-06", "end_date": WEEKS[39]}
    effect = judged(counts, row)
    assert effect.verdict == "no clear change"
    assert says(effect, "compared with the time after its end"), effect.notes
    counts.loc[at(counts, "A", until=WEEKS[40]), "new_patients"] *= 2
    assert judged(counts, row).verdict == "more"


def test_treated_from_start_is_no_comparison_for_others_in_its_first_year():
    counts = practice(periods=WEEKS[:52])
    counts.loc[at(counts, "B", since=START), "new_patients"] *= 9
    old = {"partnership_id": "old", "start_date": WEEKS[0], "clinics": ("B",)}
    effect = judged(counts, {}, old)
    assert "B" not in set(effect.comparison["clinic"])
    assert_same(effect.total, judged(counts[counts["clinic"] != "B"]).total)


def test_disconnected_cell_graph():
    # B and C close on the day D and E open: nothing says how the two pairs compare.
    counts = practice("ABCDE")
    gone = at(counts, "BC", since=START) | at(counts, "DE", until=START)
    big = counts["new_patients"].where(~at(counts, "DE"), counts["new_patients"] * 7)
    for amounts in (counts["new_patients"], big):
        effect = judged(counts.assign(new_patients=amounts)[~gone])
        assert effect.method == "series"
        assert effect.verdict not in CLAIMS
        assert says(effect, "its own past alone"), effect.notes


def test_disconnected_cell_graph_has_no_cross_comparison():
    # D and E open after A and B have closed: two practices in one table.
    periods = pd.date_range("2023-01-02", periods=130, freq="W-MON")
    counts = practice("ABCDEF", periods=periods)
    gone = at(counts, "ABC", since=WEEKS[70]) | at(counts, "DEF", until=WEEKS[70])
    counts = counts[~gone]
    effect = judged(counts)
    grown = counts["new_patients"].where(~at(counts, "DEF"), counts["new_patients"] * 5)
    assert set(effect.comparison["clinic"]) == {"B", "C"}
    other = judged(counts.assign(new_patients=grown))
    # Only how restless clinics are may be learnt across the gap, not what was to be expected.
    assert other.expected == pytest.approx(effect.expected, rel=0.1)


def test_identical_windows_for_two_partnerships():
    twins = register({}, {"partnership_id": "club"})
    effects = pa.estimate_effects(practice(mean=20), twins)
    alone = judged(practice(mean=20))
    for effect in effects.values():
        assert effect.bundle == ("club", "gym")
        assert_same(effect.total, alone.total)
        assert says(effect, "cannot tell these partnerships apart.*club, gym"), effect.notes


@pytest.mark.parametrize(("weeks", "verdict"), [(5, "data not fit"), (6, "no clear change")])
def test_clinic_opens_mid_sample(weeks, verdict):
    counts = practice(mean=12).assign(open_days=5.0)
    shut = at(counts, "A", until=WEEKS[40 - weeks])
    late = judged(counts[~shut])
    assert late.verdict == verdict
    counts.loc[shut, ["new_patients", "open_days"]] = 0
    closed = judged(counts)
    assert (closed.verdict, closed.n_pre, closed.notes) == (verdict, late.n_pre, late.notes)
    np.testing.assert_equal(closed.total, late.total)
    assert says(late, "fewer than 6 known periods before the start") == (weeks < 6), late.notes


def test_comparison_clinic_opens_mid_sample():
    counts = practice(mean=12)
    counts = counts[~at(counts, "EF", until=WEEKS[30])]
    effect = judged(counts)
    assert effect.verdict == "no clear change"
    assert abs(effect.percent.estimate) < 15


def test_closed_months_and_missing_rows():
    counts = practice(mean=12).assign(open_days=5.0)
    gap = at(counts, "A", since=WEEKS[50], until=WEEKS[58])
    missing = judged(counts[~gap])
    unknown = judged(counts.assign(new_patients=counts["new_patients"].mask(gap)))
    zero = counts.assign(new_patients=counts["new_patients"].mask(gap, 0))
    closed = judged(zero.assign(open_days=counts["open_days"].mask(gap, 0)))
    empty = judged(zero)
    assert_same(missing.total, unknown.total)
    assert_same(missing.total, closed.total)
    assert missing.n_post == closed.n_post == 32
    assert empty.n_post == 40
    assert empty.percent.estimate < missing.percent.estimate - 10
    for effect in (missing, unknown):
        assert says(effect, "8 are unknown"), effect.notes
    assert says(closed, "8 .*closed"), closed.notes


def test_nobody_before_or_after_is_no_finding_at_any_level():
    counts = practice()
    counts.loc[at(counts, "A"), "new_patients"] = 0
    rows = register({"end_date": WEEKS[42] - pd.Timedelta(days=1)})
    for level in (0.5, 0.95):
        effect = pa.estimate_effect(counts, rows, "gym", level=level)
        assert effect.verdict not in CLAIMS
        assert effect.total.low <= 0 <= effect.total.high
        assert effect.p_value > 1 - level


def test_impossible_dates_are_refused():
    for column in ("start_date", "end_date"):
        dates = {"start_date": "1638-04-04"} | {column: "1640-04-04"}
        with pytest.raises(pa.InputError, match="start_date"):
            judged(practice(), dates)


def test_a_fortnight_of_daily_counts_is_too_early():
    days = pd.date_range("2024-03-01", periods=16, freq="D")
    effect = judged(practice(periods=days), {"start_date": days[9]})
    assert effect.verdict == "too early"
    assert is_finite(effect.total)


def test_clinics_whose_weeks_begin_on_different_days_are_refused():
    counts = practice()
    counts["period"] += pd.to_timedelta(counts["clinic"].map(ord) % 7, unit="D")
    with pytest.raises(pa.InputError, match=r"period.*begin on different days"):
        judged(counts)


def test_clinics_of_a_register_that_are_no_names_are_refused():
    with pytest.raises(pa.InputError, match="clinics"):
        judged(practice(), {"clinics": 5})


def test_patients_on_days_without_opening_are_not_lost_in_silence():
    counts = practice().assign(open_days=5.0)
    counts.loc[7, ["new_patients", "open_days"]] = [3, 0]
    with pytest.raises(pa.InputError, match=r"open_days.*row 7|row 7.*open_days"):
        judged(counts)


def test_partial_first_month():
    months = pd.date_range("2022-01-01", periods=36, freq="MS")
    counts = practice(mean=40, periods=months)
    effect = judged(counts, {"start_date": "2023-07-20"})
    assert effect.first_day == pd.Timestamp("2023-08-01")
    assert (effect.n_pre, effect.n_post) == (18, 17)
    part = at(counts, "A", since="2023-07-01", until="2023-08-01")
    counts.loc[part, "new_patients"] = 400
    assert judged(counts, {"start_date": "2023-07-20"}).total == effect.total
    assert judged(counts, {"start_date": "2023-07-10"}).n_post == 18


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: pd.concat([t, t.iloc[[3]]]), r"2 of 481 rows repeat a clinic.*rows 3 and 480"),
        (
            lambda t: t.assign(new_patients=t["new_patients"].mask(t.index == 3, -2)),
            r"1 of 480 rows has a negative new_patients \(row 3",
        ),
        (
            lambda t: t.assign(new_patients=t["new_patients"].mask(t.index == 3, 1e300)),
            r"1 of 480 rows .*new_patients .*\(row 3",
        ),
        (
            lambda t: t.assign(new_patients=t["new_patients"].mask(t.index == 3, 2.5)),
            r"1 of 480 rows .*new_patients .*\(row 3",
        ),
    ],
    ids=["duplicated", "negative", "astronomic", "fractional"],
)
def test_duplicated_rows_negative_or_fractional_counts(change, message):
    with pytest.raises(pa.InputError, match=message):
        judged(change(practice().astype({"new_patients": float})))


def test_cells_less_variable_than_poisson():
    effect = judged(practice().assign(new_patients=9))
    floor = 1.96 * np.sqrt(effect.observed)
    assert effect.verdict == "no clear change"
    assert width(effect.total) >= 2 * 0.97 * floor
    assert says(effect, "vary less|varies less|more even"), effect.notes


def test_tau_at_0_with_few_donors():
    # Clinics that have never strayed so far may still do so; the fewer they are, the less is known.
    few = judged(practice("ABCD").assign(new_patients=400))
    many = judged(practice("ABCDEFGHIJKLMNOP").assign(new_patients=400))
    floor = 1.96 * np.sqrt(few.observed + few.observed / 3)
    assert width(few.total) > 1.5 * 2 * floor
    assert width(few.percent) > width(many.percent)


def test_one_partnership_alone_has_no_shrinkage():
    counts = practice(mean=20)
    named = counts.assign(partnership_id="gym", named=1).drop(columns="new_patients")
    effects = pa.estimate_effects(counts, register(), named=named)
    assert list(effects) == ["gym"]
    assert effects["gym"].total == judged(counts).total
    assert effects["gym"].blended is None
    assert effects["gym"].bundle == ()


def test_no_cost():
    counts = practice(mean=20)
    effect = judged(counts)
    unknown = pa.estimate_effect(counts, register().assign(cost=np.nan), "gym")
    assert unknown.total == effect.total
    assert unknown.notes == effect.notes
    told = " ".join((*effect.notes, *effect.checks["detail"], pa.effect_sentence(effect)))
    assert not re.search(r"\$|cost|money", told, re.I)


def test_week_53():
    # 2020 has 53 ISO weeks; the window lies across its end.
    periods = pd.date_range("2019-12-30", periods=80, freq="W-MON")
    counts = practice(periods=periods, mean=20)
    rows = ({"start_date": periods[40], "end_date": periods[70] - pd.Timedelta(days=1)},)
    effect = judged(counts, *rows)
    assert 53 in effect.periods.loc[effect.periods["active"], "period"].dt.isocalendar().week
    assert effect.periods["days"].eq(7).all()
    assert (effect.n_pre, effect.n_post, effect.active_days) == (40, 30, 210)
    assert effect.verdict == "no clear change"


@pytest.mark.parametrize("clinics", ["A", "ABCDEF"])
def test_month_lengths(clinics):
    months = pd.date_range("2021-03-01", periods=42, freq="MS")
    counts = practice(clinics, periods=months)
    counts["new_patients"] = (
        2 * months.days_in_month.to_numpy()[counts.groupby("clinic").cumcount()]
    )
    effect = judged(counts, {"start_date": "2023-03-01"})
    assert abs(effect.percent.estimate) < 1
    table = effect.periods.set_index("period")
    share = table.loc["2024-02-01", "expected"] / table.loc["2024-01-01", "expected"]
    assert share == pytest.approx(29 / 31, rel=0.01)
    assert table.loc["2024-02-01", "days"] == 29


SPACINGS = {"D": 1, "W-WED": 7, "28D": 28, "MS": 30, "2MS": 61, "QS": 91, "YS": 365}


@st.composite
def small_practices(draw):
    """Counts and register of a small practice in which much is missing, empty or extreme."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    freq, days = draw(st.sampled_from(sorted(SPACINGS.items())))
    periods = pd.date_range(
        "2021-01-06", periods=draw(st.sampled_from([40, 30, 48, 24, 16, 9, 1])), freq=freq
    )
    counts = practice(
        "ABCDEF"[: draw(st.sampled_from([5, 4, 3, 2, 1]))],
        personas=("old", "young")[: draw(st.sampled_from([1, 2]))],
        periods=periods,
        mean=0,
    )
    growth = draw(st.sampled_from([0.0, 0.1, -0.1]))
    mean = draw(st.sampled_from([5, 0.5, 1000, 0.02, 0.0]))
    course = np.exp(np.clip(growth * np.arange(len(periods)), -12, 7))
    counts["new_patients"] = rng.poisson(mean * np.resize(course, len(counts))).astype(float)
    if draw(st.booleans()):
        counts["open_days"] = rng.choice([0.0, 1.0, 5.0], len(counts), p=[0.2, 0.1, 0.7])
        counts.loc[counts["open_days"] == 0, "new_patients"] = 0
    unknown, absent = draw(st.sampled_from([(0, 0), (0.2, 0), (0, 0.2), (0, 0), (0.8, 0)]))
    counts.loc[rng.random(len(counts)) < unknown, "new_patients"] = np.nan
    counts = counts[rng.random(len(counts)) >= absent]
    rows = []
    for name in draw(st.sampled_from(["p", "pq", "pqr", "p", "pp"])):
        begun, lasted = draw(SHARES), draw(SHARES)
        span = pd.Timedelta(days=len(periods) * days)
        row = {"partnership_id": name, "start_date": periods[0] + begun * span}
        row["end_date"] = pd.NaT if draw(st.booleans()) else row["start_date"] + abs(lasted) * span
        rows.append(row | {"clinics": draw(PLACES), "personas": draw(WHO)})
    return counts, pd.DataFrame(rows)


USUAL = st.sampled_from([0.6, 0.5, 0.4, 0.7])
SHARES = USUAL | USUAL | st.sampled_from([0.3, 0.8, 0.05, 0.97, -0.1, -6, 1.1])
PLACES = st.sampled_from(["A", "AB", "B", "CDE", "A", "", "BX", "X"]).map(tuple)
WHO = st.sampled_from([(), (), ("old",), ("old",), (), ("young",), ("nobody",)])


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(
    small_practices(), st.sampled_from(["auto", "panel", "series"]), st.sampled_from([0.5, 0.95])
)
def test_any_small_practice_gets_an_answer(small, method, level):
    counts, partnerships = small
    try:
        effects = pa.estimate_effects(counts, partnerships, method=method, level=level)
    except pa.InputError as refused:
        assert re.search(r"overlap in clinic|has no rows", str(refused))
        return
    assert set(effects) == set(partnerships["partnership_id"])
    for key, effect in effects.items():
        assert effect.verdict in VERDICTS
        assert effect.notes
        assert says(effect, ".")
        assert not effect.bundle or key in effect.bundle
        if effect.total.is_number:
            assert_numbers_agree(effect)
            assert_tables_are_complete(effect, counts)
        else:
            assert effect.verdict in ("data not fit", "too early")
            assert effect.method == "none"
            assert np.isnan([*vars(effect.percent).values(), effect.p_value]).all()


def assert_numbers_agree(effect):
    """Estimates lie in their intervals; interval, p-value and verdict tell one story."""
    assert effect.method in ("panel", "series")
    assert is_finite(effect.total)
    assert effect.total.estimate == pytest.approx(effect.observed - effect.expected, rel=1e-9)
    assert 0 < effect.p_value <= 1
    for number in (effect.total, effect.per_month):
        assert number.low <= number.estimate <= number.high
    if np.isnan(effect.percent.estimate):
        assert effect.verdict not in ("fewer", "no clear change")
    else:
        assert -100 <= effect.percent.low <= effect.percent.estimate <= effect.percent.high
    outside = effect.total.low > 0 or effect.total.high < 0
    assert outside == (effect.p_value < 1 - effect.level)
    claims = {"more": effect.total.low > 0, "fewer": effect.total.high < 0}
    assert claims.get(effect.verdict, True)


def assert_tables_are_complete(effect, counts):
    """One row per period, sums as reported, checks in words."""
    table = effect.periods
    assert table["period"].tolist() == sorted(counts["period"].unique())
    active = table[table["active"]]
    assert effect.n_post == len(active) > 0
    assert effect.active_days == active["days"].sum()
    known = table.dropna(subset="expected")
    assert (known["expected_low"] <= known["expected"]).all()
    assert (known["expected"] <= known["expected_high"]).all()
    assert effect.checks["result"].isin(["pass", "warn", "fail", "not possible"]).all()
    assert not effect.checks["detail"].str.contains("nan|inf").any()
    assert np.isfinite(effect.placebos["score"]).all()


def test_partners_everywhere_one_after_another_and_nobody_before_the_first():
    counts = practice("A", mean=1.0, periods=WEEKS[:38], personas=("a", "b", "c"))
    counts.loc[counts["period"] < WEEKS[2], "new_patients"] = 0
    first = {"partnership_id": "first", "start_date": WEEKS[2], "clinics": ()}
    second = {"partnership_id": "second", "start_date": WEEKS[34], "clinics": ()}
    effects = pa.estimate_effects(counts, register(first, second))
    assert {effect.verdict for effect in effects.values()} <= set(VERDICTS)


def test_a_clinic_of_the_partnership_that_cannot_be_judged_does_not_serve_as_comparison():
    counts = practice()
    counts = counts[(counts["clinic"] != "B") | (counts["period"] >= WEEKS[41])]
    effect = judged(counts, {}, {"clinics": ("B",), "start_date": WEEKS[45]})
    assert says(effect, r"Not judged.*\bB\b"), effect.notes
    assert set(effect.comparison["clinic"]) == set("CDEF")
    assert set(effect.placebos["unit"]) == {"gym", *"CDEF"}


def test_a_few_patients_are_compared_with_the_same_cells_in_every_check():
    counts = practice("ABC", mean=0.02, periods=WEEKS[:58], personas=("a", "b", "c"), seed=25)
    rows = [
        {"start_date": WEEKS[50], "clinics": (), "personas": ("a", "c")},
        {"partnership_id": "other", "start_date": WEEKS[44], "personas": ("a",)},
    ]
    assert pa.estimate_effects(counts, register(*rows))["gym"].verdict in VERDICTS


def test_a_month_of_days_shows_no_trend():
    days = pd.date_range("2023-01-02", periods=30, freq="D")
    counts = practice(mean=0.05, periods=days, personas=("a", "b", "c"), seed=2)
    rows = [
        {"start_date": days[8], "end_date": days[28], "clinics": ()},
        {"partnership_id": "late", "start_date": days[29], "clinics": ("A", "B"), "personas": "b"},
    ]
    assert pa.estimate_effects(counts, register(*rows))["gym"].verdict == "too early"
