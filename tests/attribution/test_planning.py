"""Planning before a partnership begins: what it may claim, and laws that its chances keep."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

from partner_analysis.attribution.estimate import estimate_effect
from partner_analysis.attribution.panel import arrange_panel
from partner_analysis.attribution.planning.ahead import looks_at, practice_ahead
from partner_analysis.attribution.planning.answers import Asked, Formula, Past
from partner_analysis.attribution.planning.backtests import (
    count_apart,
    run_trial,
    share_of,
    stretches,
)
from partner_analysis.attribution.planning.designs import (
    MOST_CLINICS,
    Design,
    sensible_designs,
    within_reach,
)
from partner_analysis.attribution.planning.looks import monthly_levels
from partner_analysis.attribution.planning.noticing import (
    Look,
    chance_at,
    limits,
    noticed_by,
    smallest_change,
)
from partner_analysis.attribution.planning.plan import best_design, plan_partnership
from partner_analysis.attribution.reviews.known import (
    PracticeTables,
    first_day_after,
    practice_of,
)
from partner_analysis.tables import InputError

NOBODY = pd.DataFrame({"partnership_id": pd.Series(dtype="str"), "start_date": pd.NaT})
LEVEL = 0.95


def made_up(
    clinics: int = 8, personas: int = 1, weeks: int = 130, mean: float = 6.0, seed: int = 1
) -> pd.DataFrame:
    names = [[f"c{k}" for k in range(clinics)], [f"p{k}" for k in range(personas)]]
    mondays = pd.date_range("2023-01-02", periods=weeks, freq="W-MON")
    index = pd.MultiIndex.from_product([*names, mondays], names=["clinic", "persona", "period"])
    counts = np.random.default_rng(seed).poisson(mean, len(index))
    return pd.DataFrame({"new_patients": counts}, index=index).reset_index()


def tables(counts: pd.DataFrame, partnerships: pd.DataFrame = NOBODY) -> PracticeTables:
    return practice_of(counts, partnerships, None, None, "", "auto", LEVEL)


def formula(counts: pd.DataFrame, design: Design, months: tuple[int, ...] = (3, 6, 12)) -> Formula:
    practice = tables(counts)
    ahead = practice_ahead(practice, max(months))
    looks = looks_at(ahead, design, first_day_after(practice.periods), months)
    levels = Asked(25.0, np.nan, 12, LEVEL).reviews
    return Formula(looks, levels, LEVEL)


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    return made_up()


@pytest.fixture(scope="module")
def trial(counts):
    practice = tables(counts)
    panel = arrange_panel(practice.counts, practice.partnerships, None, "")
    levels = {3: 0.9971, 6: 0.992, 12: 0.982}
    chosen = stretches(practice, panel, Design("one", (("c3",),)), [3, 6, 12])[0]
    return run_trial(practice, chosen, levels, LEVEL)


# ------------------------------------------------------------------ limits and chances
@pytest.mark.parametrize("side", [0, 1])
def test_limits_are_those_of_the_real_verdict(counts, side):
    """One patient on this side of the limit is no clear change, on the other side a change."""
    start = pd.Timestamp("2024-06-03")
    look = looks_at(tables(counts), Design("one", (("c3",),)), start, [12])[12]
    limit = limits(look, LEVEL)[side]
    end = start + pd.DateOffset(months=12)
    mine = (counts["clinic"] == "c3") & (counts["period"] >= start) & (counts["period"] < end)
    row = {"partnership_id": "it", "start_date": start, "clinics": ("c3",)}
    said = {}
    for extra in (-1, 0, 1):
        whole, rest = divmod(limit + extra, int(mine.sum()))
        planted = counts.copy()
        planted.loc[mine, "new_patients"] = whole + (np.arange(mine.sum()) < rest)
        known = planted[planted["period"] < end]
        register = pd.DataFrame([row])
        said[extra] = estimate_effect(
            known, register, "it", holidays="", checks=False, level=LEVEL
        ).verdict
    word = "more" if side else "fewer"
    assert said == (
        {-1: "no clear change", 0: word, 1: word}
        if side
        else {-1: word, 0: word, 1: "no clear change"}
    )


def test_beside_another_partnership_limits_are_nearly_those_of_the_verdict(counts):
    """There what comes with it says a little of the other's effect, which they foresee."""
    start = pd.Timestamp("2024-06-03")
    end = start + pd.DateOffset(months=12)
    other = {"partnership_id": "gym", "start_date": "2023-09-04", "clinics": ("c3",)}
    both = pd.DataFrame([other, {**other, "partnership_id": "it", "start_date": "2024-06-03"}])
    practice = tables(counts, pd.DataFrame([other]))
    limit = limits(looks_at(practice, Design("one", (("c3",),)), start, [12])[12], LEVEL)[1]
    mine = (counts["clinic"] == "c3") & (counts["period"] >= start) & (counts["period"] < end)
    said = []
    for share in (0.97, 1.03):
        added = round(share * limit) - int(counts.loc[mine, "new_patients"].sum())
        weeks = np.random.default_rng(0).multinomial(added, np.full(mine.sum(), 1 / mine.sum()))
        planted = counts.copy()
        planted.loc[mine, "new_patients"] += weeks
        known = planted[planted["period"] < end]
        effect = estimate_effect(known, both, "it", holidays="", checks=False, level=LEVEL)
        said.append(effect.verdict)
    assert [verdict == "more" for verdict in said] == [False, True]


def test_with_many_patients_it_is_the_textbook_formula():
    sd = 0.1
    without = np.exp(np.log(40_000) + sd * np.random.default_rng(3).normal(size=8192))
    look = Look(12, 40_000, 40_000, 365, without)
    bounds = limits(look, LEVEL)
    found = smallest_change(lambda size: chance_at(look, bounds, size), 0.8)
    assert found == pytest.approx(np.exp((1.96 + 0.8416) * np.hypot(sd, 0.005)) - 1, rel=0.05)


def test_chance_grows_with_the_effect_from_almost_never_to_always(counts):
    one = formula(counts, Design("one", (("c3",),)))
    chances = [one.by(12, change) for change in (0.0, 0.1, 0.3, 1.0, 5.0)]
    assert chances == sorted(chances)
    assert chances[0] <= 0.05
    assert chances[-1] > 0.999
    assert one.by(12, -0.99) > 0.999


def test_more_clinics_and_months_do_not_lower_the_chance_and_personas_hardly():
    """Other personas of a clinic add patients, but no longer say what the clinic went through."""
    counts = made_up(clinics=6, personas=2, weeks=104, mean=3.0)
    few = formula(counts, Design("one", (("c3",),), ("p0",)))
    clinics = formula(counts, Design("clinics", (("c3", "c4", "c5"),), ("p0",)))
    personas = formula(counts, Design("personas", (("c3",),)))
    for change in (0.2, 0.4):
        assert few.by(3, change) <= few.by(6, change) <= few.by(12, change)
        assert clinics.by(12, change) >= few.by(12, change)
        assert personas.by(12, change) >= few.by(12, change) - 0.05


def test_several_looks_agree_with_simulated_paths():
    chances, times = [0.1, 0.3, 0.6], np.array([3.0, 6.0, 12.0])
    steps = np.random.default_rng(5).normal(size=(200_000, 3)) * np.sqrt(np.diff(times, prepend=0))
    scores = steps.cumsum(axis=1) / np.sqrt(times)
    noticed = np.maximum.accumulate(scores > [1.2816, 0.5244, -0.2533], axis=1).mean(axis=0)
    assert noticed_by(chances, list(times)) == pytest.approx(noticed, abs=0.005)


@pytest.mark.parametrize("growth", [1.0, 1.002, 1.1])
def test_looks_that_know_hardly_more_are_hardly_more_chances(growth):
    """Ten looks notice no more than all of them apart, and no less than the best of them."""
    alone = [0.0014, 0.0016, 0.0023, 0.0027, 0.0034, 0.0039, 0.0040, 0.0042, 0.0045, 0.0047]
    times = [53.2, 55.8, 57.3, *(58.2 * growth ** np.arange(7))]
    found = noticed_by(alone, times)
    assert found == sorted(found)
    assert alone[-1] - 1e-6 <= found[-1] <= sum(alone)
    if growth < 1.01:
        assert found[-1] <= 0.006


# ------------------------------------------------------------------ looking every month
@pytest.mark.parametrize("months", [12, 36])
def test_looking_every_month_errs_in_at_most_five_percent(months):
    levels = monthly_levels(months, LEVEL)
    times = np.array(list(levels), dtype=float)
    steps = np.random.default_rng(7).normal(size=(100_000, len(times)))
    paths = (steps * np.sqrt(np.diff(times, prepend=0.0))).cumsum(axis=1) / np.sqrt(times)
    limit = ndtri(0.5 + np.array(list(levels.values())) / 2)
    wrong = (np.abs(paths) > limit).any(axis=1).mean()
    assert wrong <= 0.05
    alone = (np.abs(paths) > 1.96).any(axis=1).mean()
    assert alone > 2 * wrong


# ------------------------------------------------------------------ ahead
def test_the_year_ahead_repeats_the_year_behind_and_leaves_the_past_alone(counts):
    practice = tables(counts)
    ahead = practice_ahead(practice, 6)
    added = ahead.counts[ahead.counts["period"] >= first_day_after(practice.periods)]
    pd.testing.assert_frame_equal(
        ahead.counts[ahead.counts["period"] <= practice.periods[-1]].reset_index(drop=True),
        practice.counts,
        check_dtype=False,
    )
    first = added[added["period"] == added["period"].min()]
    before = practice.counts[practice.counts["period"] == practice.periods[-52]]
    assert first["new_patients"].tolist() == before["new_patients"].tolist()
    assert ahead.periods.is_monotonic_increasing
    assert set(np.diff(ahead.periods.to_numpy()).astype("timedelta64[D]").astype(int)) == {7}


def test_a_clinic_that_opened_within_the_year_goes_on():
    counts = made_up(clinics=3)
    late = counts[(counts["clinic"] != "c2") | (counts["period"] >= "2025-03-03")]
    ahead = practice_ahead(tables(late), 12)
    last = ahead.counts.groupby("clinic")["period"].max()
    assert (last == last.iloc[0]).all()


# ------------------------------------------------------------------ the past
def test_stretches_keep_clear_of_what_began_and_ended(counts):
    gym = {
        "partnership_id": "gym",
        "start_date": "2024-06-03",
        "end_date": "2024-12-01",
        "clinics": ("c0",),
    }
    practice = tables(counts, pd.DataFrame([gym]))
    panel = arrange_panel(practice.counts, practice.partnerships, None, "")
    found = stretches(practice, panel, Design("one", (("c0",),)), [3, 6])
    assert len(found) == 12
    for one in found:
        end = one.start + pd.DateOffset(months=one.months)
        assert one.start - pd.DateOffset(months=6) >= practice.periods[0]
        assert end <= first_day_after(practice.periods)
        if one.design.clinics == ("c0",):
            assert end <= pd.Timestamp("2024-06-10")
    assert 1 <= count_apart(panel, found) <= len(found)
    assert count_apart(panel, [*found, *found]) == count_apart(panel, found)


def test_planting_nothing_changes_nothing_and_everything_is_noticed(trial):
    assert set(trial.noticed(0.0).values()) <= {0.0, 1.0}
    assert trial.noticed(0.0) == {m: float(v) for m, v in trial.noticed(1e-9).items()}
    assert set(trial.noticed(10.0).values()) == {1.0}
    assert set(trial.noticed(-1.0).values()) == {1.0}
    assert trial.noticed_once(10.0)[12] == pytest.approx(1.0)


def test_planted_patients_add_up_to_the_effect(trial):
    added, left = trial._planted(0.3), trial._planted(-0.3)
    last = list(trial.looks.values())[-1]
    assert added[-1].mean() == pytest.approx(0.3 * last.rate, rel=0.05)
    assert left[-1].mean() == pytest.approx(0.7 * last.observed, rel=0.02)
    assert (np.diff(added, axis=0) >= 0).all()
    assert trial._planted(0.3).tolist() == added.tolist()


def test_nothing_planted_is_rarely_noticed_and_past_agrees_with_formula():
    """Sixteen stretches of a past in which nothing happened."""
    said = {0.0: [], 0.4: []}
    foreseen = []
    for seed in range(2):
        practice = tables(made_up(clinics=8, weeks=100, mean=4.0, seed=seed))
        panel = arrange_panel(practice.counts, practice.partnerships, None, "")
        past = Past(practice, panel)
        levels = {12: 0.95}
        for one in past.trials(Design("one", (("c3",),)), levels, LEVEL, months=[12], most=8):
            for change, found in said.items():
                found.append(one.noticed(change)[12])
            foreseen.append(one.foreseen(0.4)[12])
    assert np.sum(said[0.0]) <= 3
    assert np.mean(said[0.4]) >= np.mean(foreseen) - 0.15


def test_the_interval_counts_only_what_is_apart():
    many, few = share_of([1.0, 0.0] * 6, 12), share_of([1.0, 0.0] * 6, 3)
    assert many.estimate == few.estimate == 0.5
    assert few.low < many.low < 0.5 < many.high < few.high
    assert (share_of([], 0).low, share_of([], 0).high) == (0.0, 1.0)


# ------------------------------------------------------------------ designs
def test_designs_are_few_whatever_the_number_of_clinics():
    for clinics in (1, 2, 3, 9, 200):
        counts = made_up(clinics=clinics, personas=2, weeks=12)
        designs = sensible_designs(counts, personas=["p1"])
        assert 1 <= len(designs) <= 9
        names = [design.name for design in designs]
        assert len(set(names)) == len(names)
        staggered = [design for design in designs if design.is_staggered]
        assert len(staggered) == (clinics > 1)
        for design in staggered:
            assert sorted(design.clinics) == sorted(set(counts["clinic"]))


def test_a_chain_is_planned_on_a_part_of_its_clinics():
    counts = made_up(clinics=150, weeks=12)
    kept = within_reach(counts, ["c7"])
    assert "c7" in set(kept["clinic"])
    assert kept["clinic"].nunique() == MOST_CLINICS
    asked = [f"c{k}" for k in range(100)]
    named = set(within_reach(counts, asked)["clinic"]) & set(asked)
    assert len(named) == MOST_CLINICS // 2
    assert within_reach(made_up(clinics=9, weeks=12), []).shape[0] == 9 * 12


# ------------------------------------------------------------------ the plan
def test_the_best_design_is_the_first_to_reach_eighty_percent(counts):
    counts = counts[counts["clinic"].isin(["c0", "c1", "c2", "c3"])]
    plan = plan_partnership(
        counts, NOBODY, clinics=["c0", "c1"], percent=60, holidays="", backtests=False
    )
    reached = plan.answers[plan.answers["chance"] >= 0.8]
    assert plan.is_reached
    assert plan.best_months == reached["months"].min()
    soonest = reached[reached["months"] == plan.best_months]
    chosen = soonest[soonest["design"] == plan.best]
    assert chosen["clinics"].iloc[0] == soonest["clinics"].min()
    assert plan.looks["month"].tolist() == list(range(3, 13))
    assert plan.looks["tried_chance"].isna().all()
    assert plan.looks["chance"].is_monotonic_increasing


def test_a_chance_that_the_past_contradicts_does_not_count():
    columns = ("design", "clinics", "months", "chance", "tried_high", "tried_foreseen")
    rows = [("few", 1, 6, 0.9, 0.4, 0.7), ("more", 4, 6, 0.85, 1.0, np.nan)]
    answers = pd.DataFrame(rows, columns=columns)
    assert best_design(answers) == ("more", 6.0)
    less_history = answers.assign(tried_foreseen=[0.3, np.nan])
    assert best_design(less_history) == ("few", 6.0)
    name, when = best_design(answers.assign(chance=[0.3, 0.5]))
    assert name == "more"
    assert np.isnan(when)


def test_no_design_is_an_answer_and_the_same_twice():
    counts = made_up(clinics=3, weeks=70)
    asked = {"clinics": ["c1"], "per_month": 0.5, "holidays": "", "months": 3}
    plan = plan_partnership(counts, NOBODY, **asked)
    assert not plan.is_reached
    assert plan.best in plan.designs
    assert (plan.answers["tried"] > 0).all()
    assert plan.answers["tried_low"].le(plan.answers["tried_high"]).all()
    again = plan_partnership(counts.sample(frac=1, random_state=1), NOBODY, **asked)
    pd.testing.assert_frame_equal(plan.answers, again.answers)


def test_too_little_history_cannot_tell_and_says_what_it_takes():
    plan = plan_partnership(made_up(weeks=20), NOBODY, percent=50, holidays="")
    assert plan.best == ""
    assert plan.answers.empty
    assert plan.looks.empty
    assert "planning needs half a year of them" in plan.why_not


def test_monthly_counts_and_a_decrease_can_be_planned():
    counts = made_up(clinics=4, mean=40.0, weeks=30)
    months = pd.date_range("2023-01-01", periods=30, freq="MS")
    counts["period"] = np.tile(months, 4)
    asked = {"clinics": ["c1"], "months": 6, "percent": -60, "holidays": ""}
    plan = plan_partnership(counts, NOBODY, **asked, backtests=False)
    assert plan.is_reached
    assert (plan.looks["limit"] < 0).all()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"percent": 0}, "percent: 0 is no effect"),
        ({"percent": 10, "per_month": 3}, "both are given"),
        ({"percent": -150}, "fewer than nobody"),
        ({"months": 2}, "months: 2 cannot be planned"),
        ({"clinics": ["Nowhere"]}, "clinics: 'Nowhere' is not in the counts"),
        ({"personas": ["nobody"]}, "personas: 'nobody' is not in the counts"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_next_step(counts, asked, words):
    with pytest.raises(InputError, match=words):
        plan_partnership(counts, NOBODY, **asked)
