"""What stands around an estimate: siblings, controls, moved patients, other answers, named."""

import numpy as np
import pandas as pd
import pytest

import partner_analysis as pa
from partner_analysis.attribution.checks.course import course_since_start
from partner_analysis.attribution.checks.elsewhere import where_they_came_from
from partner_analysis.attribution.draws import interval_of
from partner_analysis.attribution.estimate import blend_with_named
from partner_analysis.attribution.foreseen import draws_later, longer
from partner_analysis.attribution.joint import choose_window
from partner_analysis.attribution.outlook import narrowing
from partner_analysis.attribution.panel import arrange_panel
from partner_analysis.attribution.posterior import weigh
from partner_analysis.tables import DAYS_PER_MONTH, check_counts, check_partnerships

WEEKS = pd.date_range("2023-01-02", periods=130, freq="W-MON")
START = WEEKS[85]
PERSONAS = ("runner", "older adult", "pregnancy", "general")


def practice(change=None, *, clinics="ABCDEF", mean=8.0, seed=1):
    """Weekly counts; ``change`` multiplies the means of some rows."""
    keys = pd.MultiIndex.from_product(
        [list(clinics), PERSONAS, WEEKS], names=["clinic", "persona", "period"]
    ).to_frame(index=False)
    factor = np.ones(len(keys)) if change is None else change(keys)
    counts = np.random.default_rng(seed).poisson(mean * factor)
    return keys.assign(new_patients=counts)


def since(keys, *, clinic, persona=None, factor):
    """The factor for one clinic (and persona) since the start."""
    rows = (keys["clinic"] == clinic) & (keys["period"] >= START)
    if persona:
        rows &= keys["persona"] == persona
    return np.where(rows, factor, 1.0)


def judged(counts, **register):
    row = {"partnership_id": "gym", "start_date": START, "clinics": ["A"], "personas": ["runner"]}
    return pa.estimate_effect(counts, pd.DataFrame([row | register]), "gym")


def row_of(table, column, name):
    return table.set_index(column).loc[name]


def test_a_shock_to_the_whole_clinic_is_not_an_effect_on_one_persona():
    counts = practice(lambda keys: since(keys, clinic="A", factor=0.7))
    effect = judged(counts)
    without_siblings = judged(counts[counts["persona"] == "runner"], personas=[])
    whole = judged(counts, personas=[])
    assert effect.verdict == "no clear change"
    assert abs(effect.percent.estimate) < 0.7 * abs(without_siblings.percent.estimate)
    assert whole.percent.estimate < -20


def test_a_real_effect_on_one_persona_is_still_found():
    effect = judged(practice(lambda keys: since(keys, clinic="A", persona="runner", factor=1.5)))
    assert effect.verdict == "more"
    assert effect.percent.low < 50 < effect.percent.high
    assert effect.grade in ("strong", "moderate", "weak")


def test_a_control_persona_takes_out_what_moved_the_clinic():
    counts = practice(lambda keys: since(keys, clinic="A", factor=1.6))
    effect = judged(counts, personas=["runner"], negative_control="general")
    assert effect.control.low < 0 < effect.control.high
    check = row_of(effect.checks, "check", "negative control")
    assert check["result"] == "warn"
    assert "clinic as a whole" in check["detail"]


def test_a_control_persona_that_did_not_move_passes():
    counts = practice(lambda keys: since(keys, clinic="A", persona="runner", factor=1.6))
    effect = judged(counts, negative_control="general")
    assert effect.control.low > 0
    assert row_of(effect.checks, "check", "negative control")["result"] == "pass"


def test_patients_who_changed_persona_were_in_the_clinic_anyway():
    def moved(keys):
        more = since(keys, clinic="A", persona="runner", factor=1.9)
        return more * since(keys, clinic="A", persona="general", factor=0.1)

    effect = judged(practice(moved, mean=20))
    whole = row_of(effect.moved, "where", "whole clinic")
    assert whole["low"] < 0 < whole["high"]
    assert whole["high"] < effect.total.estimate
    assert "gained less" in whole["note"]


def test_patients_who_came_from_a_neighbouring_clinic_are_named():
    def moved(keys):
        more = since(keys, clinic="A", persona="runner", factor=1.6)
        return more * since(keys, clinic="B", persona="runner", factor=0.4)

    effect = judged(practice(moved, mean=20), neighbours=["B"])
    beside = row_of(effect.moved, "where", "neighbouring clinics")
    assert beside["high"] < 0
    assert "moved from there" in beside["note"]
    served = effect.comparison.set_index("clinic")
    assert "runner" not in set(served.loc["B", "persona"])
    assert "runner" in set(served.loc["C", "persona"])


def asked(counts, **register):
    """Panel, register rows, window and posterior of the gym, without all that stands around it."""
    row = {"partnership_id": "gym", "start_date": START, "clinics": ["A"], "personas": ["runner"]}
    rows = check_partnerships(pd.DataFrame([row | register]))
    panel = arrange_panel(check_counts(counts), rows, None, "US")
    window = choose_window(panel, "gym", "auto")
    return panel, rows, window, weigh(panel, window)


def total_of(posterior):
    change = posterior.observed - posterior.expected
    return interval_of(posterior.came - posterior.without, change, 0.95)


def moved_of(counts, **register):
    panel, rows, _, posterior = asked(counts, **register)
    return where_they_came_from(panel, rows, total_of(posterior), method="auto", level=0.95)


def ahead_of(counts, **register):
    panel, rows, _, posterior = asked(counts, **register)
    month = total_of(posterior).scaled(DAYS_PER_MONTH / days_of(panel, posterior))
    return month, narrowing(panel, posterior, rows, month, 0.95)


def days_of(panel, posterior):
    return float(panel.cells.length[posterior.window.when].sum())


def course_of(counts):
    panel, _, _, posterior = asked(counts)
    month = total_of(posterior).scaled(DAYS_PER_MONTH / days_of(panel, posterior))
    return month, course_since_start(panel, posterior, 0.95)


def test_each_place_stands_before_the_whole_that_holds_it():
    found = moved_of(practice(mean=20))
    assert found["where"].tolist() == [
        "other kinds of patient", "whole clinic", "other clinics", "with the other clinics",
    ]  # fmt: skip
    named = moved_of(practice(mean=20), neighbours=["B"])
    assert named["where"].tolist()[2:] == [
        "neighbouring clinics", "with the neighbouring clinics",
    ]  # fmt: skip
    assert moved_of(practice(mean=20), personas=[]).empty


def test_patients_who_moved_from_all_other_clinics_leave_nothing_net():
    def moved(keys):
        more = since(keys, clinic="A", persona="runner", factor=2.5)
        others = keys["clinic"].isin(list("BCDEF")) & (keys["persona"] == "runner")
        return more * np.where(others & (keys["period"] >= START), 0.7, 1.0)

    found = moved_of(practice(moved, mean=20, seed=4))
    places = ("other clinics", "with the other clinics")
    beside, net = (row_of(found, "where", place) for place in places)
    assert beside["high"] < 0
    assert net["low"] < 0 < net["high"]
    assert "gained less" in net["note"]


def test_where_nobody_moved_no_place_is_said_to_have_lost():
    def more(keys):
        return since(keys, clinic="A", persona="runner", factor=1.5)

    lost = 0
    for seed in range(4):
        found = moved_of(practice(more, mean=12, seed=seed)).set_index("where")
        lost += int((found.loc[["other kinds of patient", "other clinics"], "high"] < 0).sum())
    assert lost <= 1


def test_an_effect_that_came_late_shows_in_its_course():
    late = WEEKS[85 + 26]

    def slow(keys):
        rows = (keys["clinic"] == "A") & (keys["persona"] == "runner") & (keys["period"] >= late)
        return np.where(rows, 2.5, 1.0)

    _, course = course_of(practice(slow, mean=20))
    assert course[["first_month", "last_month"]].to_numpy().tolist() == [[1, 3], [4, 6], [7, 11]]
    first, last = course.iloc[0], course.iloc[-1]
    assert first["low"] < 0 < first["high"]
    assert last["low"] > first["high"]


def test_its_stretches_hold_what_came_in_all():
    month, course = course_of(practice(lambda keys: since(keys, clinic="A", factor=1.3), mean=20))
    months = course["last_month"] - course["first_month"] + 1
    together = float((course["estimate"] * months).sum() / months.sum())
    assert together == pytest.approx(month.estimate, rel=0.15, abs=1.0)


def test_the_foreseen_width_is_todays_and_comes_true():
    ratios = []
    for seed in range(4):
        counts = practice(mean=20, seed=seed)
        then, ahead = ahead_of(counts[counts["period"] < WEEKS[130 - 26]])
        now, _ = ahead_of(counts)
        foreseen = ahead.set_index("more_months")["width"]
        assert foreseen[0] == pytest.approx(then.high - then.low)
        ratios.append((now.high - now.low) / foreseen[6])
    assert 0.9 < np.mean(ratios) < 1.1


def test_what_is_foreseen_of_today_is_what_is_known_today():
    panel, _, _, posterior = asked(practice(mean=20))
    ratio = posterior.observed / posterior.expected
    came, without = draws_later(panel, posterior, 0, ratio=ratio)
    ends = [0.025, 0.5, 0.975]
    known = np.quantile(posterior.came - posterior.without, ends)
    assert np.quantile(came - without, ends) == pytest.approx(known, rel=0.05, abs=5)


def test_a_longer_unit_goes_on_at_its_pace_and_keeps_what_it_was():
    """The judged cell goes on being judged, siblings go on being known; nothing else changes."""
    months = (WEEKS[-1] - START).days / DAYS_PER_MONTH
    (unit,) = asked(practice(mean=20))[3].units
    later = longer(unit, 6)
    for channel in np.unique(unit.channel):
        mine, then = unit.channel == channel, later.channel == channel
        known, judged = unit.expected[mine], unit.target[mine]
        blocks = len(known)
        assert later.expected[then][:blocks] == pytest.approx(known)
        assert later.target[then][:blocks] == pytest.approx(judged)
        more = later.expected[then][blocks:].sum(), later.target[then][blocks:].sum()
        assert (more[0] == 0) == judged.any()
        assert more[1] == pytest.approx(6 * judged.sum() / months, rel=0.03)
    assert later.target_scatter < unit.target_scatter or unit.target_scatter == 0


def test_one_that_has_ended_foresees_nothing():
    assert ahead_of(practice(), end_date=WEEKS[110])[1].empty


def test_all_of_it_stands_with_the_estimate():
    effect = judged(practice())
    assert len(effect.course) == 3
    assert effect.ahead["more_months"].tolist() == [0, 3, 6, 12]
    assert len(effect.moved) == 4


def test_three_priors_of_the_clinics_own_pace_stand_side_by_side():
    years = (WEEKS - WEEKS[0]).days / 365.25
    pace = dict(zip(WEEKS, np.exp(0.25 * np.asarray(years)), strict=True))

    def growing(keys):
        return np.where(keys["clinic"] == "A", keys["period"].map(pace), 1.0)

    effect = judged(practice(growing, mean=20), personas=[])
    own, others, free = (row for _, row in effect.priors.iterrows())
    assert (own["low"], own["high"]) == (effect.total.low, effect.total.high)
    assert others["estimate"] > own["estimate"] > free["estimate"] - 1
    assert own["high"] - own["low"] > others["high"] - others["low"]
    assert effect.verdict == "no clear change"


def test_nothing_is_learnt_between_signing_and_start():
    signed = WEEKS[75]

    def early(keys):
        talk = (keys["clinic"] == "A") & keys["period"].between(signed, START, inclusive="left")
        return np.where(talk, 3.0, 1.0)

    plain = judged(practice())
    with_date = judged(practice(early), signed_date=signed)
    without = judged(practice(early))
    assert abs(with_date.percent.estimate - plain.percent.estimate) < 10
    assert without.percent.estimate < with_date.percent.estimate - 5
    assert with_date.n_pre == 75


def test_a_full_clinic_says_at_least():
    counts = practice(lambda keys: since(keys, clinic="A", persona="runner", factor=2.5))
    here = (counts["clinic"] == "A") & (counts["persona"] == "runner")
    capped = counts["new_patients"].where(~here, counts["new_patients"].clip(upper=14))
    slots = np.where(here, 14.0, 60.0)
    effect = judged(counts.assign(new_patients=capped, open_slots=slots))
    assert effect.at_least
    assert "at least" in effect.capacity.lower()
    assert not judged(counts).at_least


def test_a_declared_shock_is_not_taken_for_the_ordinary():
    hit = (WEEKS[88] <= WEEKS) & (WEEKS[118] > WEEKS)
    months = dict(zip(WEEKS, np.where(hit, 0.4, 1.0), strict=True))
    counts = practice(lambda keys: keys["period"].map(months), clinics="A", mean=20)
    alone = counts[counts["persona"] == "runner"]
    event = {"label": "road works", "kind": "shock", "clinics": [()]}
    dates = {"start_date": WEEKS[88], "end_date": WEEKS[118] - pd.Timedelta(days=1)}
    register = pd.DataFrame([{"partnership_id": "gym", "start_date": START, "clinics": ["A"]}])
    plain = pa.estimate_effect(alone, register, "gym")
    told = pa.estimate_effect(alone, register, "gym", events=pd.DataFrame(event | dates))
    assert told.method == "series"
    assert plain.verdict == "fewer"
    assert told.verdict in ("no clear change", "too small to tell")


def test_checks_change_no_number():
    counts = practice()
    register = pd.DataFrame([{"partnership_id": "gym", "start_date": START, "clinics": ["A"]}])
    quick = pa.estimate_effect(counts, register, "gym", checks=False)
    full = pa.estimate_effect(counts, register, "gym")
    assert (quick.total, quick.p_value, quick.verdict) == (full.total, full.p_value, full.verdict)
    assert quick.checks.empty
    assert {"parallel trends", "hidden causes", "other choices", "recording"} <= set(
        full.checks["check"]
    )


@pytest.mark.parametrize("number", [4, 6])
def test_named_are_blended_from_five_partnerships_on(number):
    names = [f"p{k}" for k in range(number)]
    clinics = "ABCDEFGHIJ"

    def change(keys):
        reached = keys["clinic"].isin(list(clinics[:number])) & (keys["persona"] == "runner")
        return np.where(reached & (keys["period"] >= START), 1.5, 1.0)

    counts = practice(change, clinics=clinics, mean=10)
    rows = [
        {"partnership_id": name, "start_date": START, "clinics": [c], "personas": ["runner"]}
        for name, c in zip(names, clinics, strict=False)
    ]
    after = counts[(counts["period"] >= START) & (counts["persona"] == "runner")]
    said = [
        after[after["clinic"] == c].assign(
            partnership_id=name, named=lambda t: (t["new_patients"] // 4).astype(float)
        )
        for name, c in zip(names, clinics, strict=False)
    ]
    named = pd.concat(said)[["period", "clinic", "persona", "partnership_id", "named"]]
    effects = pa.estimate_effects(counts, pd.DataFrame(rows), named=named, checks=False)
    for effect in effects.values():
        assert effect.reconciliation.named == effect.named
        if number < 5:
            assert effect.blended is None
            continue
        width = effect.total.high - effect.total.low
        assert effect.blended.high - effect.blended.low < width
    alone = {
        name: pa.estimate_effect(counts, pd.DataFrame(rows), name, named=named, checks=False)
        for name in names
    }
    assert all(effect.blended is None for effect in alone.values())
    afterwards = blend_with_named(alone, counts, pd.DataFrame(rows), named=named)
    assert [each.blended for each in afterwards.values()] == [e.blended for e in effects.values()]


def test_cost_per_extra_patient_says_what_the_total_says():
    found = judged(practice(lambda keys: since(keys, clinic="A", persona="runner", factor=1.9)))
    cost = found.cost_per_extra_patient(1000)
    assert cost.low < cost.estimate < cost.high
    assert cost.low * found.total.high == pytest.approx(1000)
    open_above = judged(practice()).cost_per_extra_patient(1000)
    assert np.isinf(open_above.high)
    assert np.isnan(open_above.estimate)
    fewer = judged(practice(lambda keys: since(keys, clinic="A", persona="runner", factor=0.3)))
    assert not fewer.cost_per_extra_patient(1000).is_number
