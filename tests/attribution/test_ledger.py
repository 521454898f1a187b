"""Costs add up, returns say what the effect says, and nothing of a provider is priced."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from partner_analysis.attribution.draws import interval_of
from partner_analysis.attribution.effect import Effect, without_number
from partner_analysis.attribution.ledger.balance import balance_of, referrals_out_by_clinic
from partner_analysis.attribution.ledger.costs import add_costs, list_activities
from partner_analysis.attribution.ledger.kinds import KINDS, kind_of
from partner_analysis.attribution.ledger.returns import weigh_returns
from partner_analysis.tables import DAYS_PER_MONTH, InputError

COLUMNS = ["partnership_id", "date", "kind", "own_cost", "staff_hours", "partner_share"]


def effect(mean=20.0, sd=5.0, *, verdict="more", key="gym", bundle=(), draws=4000) -> Effect:
    """An effect over one year whose extra patients are roughly normal."""
    points = (np.arange(draws) + 0.5) / draws
    extra = mean + sd * ndtri(points)
    came = np.full(draws, 100.0)
    total = interval_of(extra, mean, 0.95)
    empty = without_number(partnership_id=key, name="Gym", kind="gym", level=0.95, note="")
    return replace(
        empty,
        verdict=verdict,
        total=total,
        bundle=bundle,
        draws=np.stack([came, came - extra]),
        active_days=365.25,
        first_day=pd.Timestamp("2024-01-01"),
        last_day=pd.Timestamp("2024-12-31"),
    )


def register(*, provider=False, keys=("gym",), **columns) -> pd.DataFrame:
    start = pd.Timestamp("2024-01-01")
    return pd.DataFrame(
        {"partnership_id": list(keys), "start_date": start, "provider": provider, **columns}
    )


def activities(*rows) -> pd.DataFrame:
    """Rows of (date, kind, own cost, hours, share), all of the gym unless told otherwise."""
    told = [row if row[0] in ("gym", "club") else ("gym", *row) for row in rows]
    table = pd.DataFrame(told, columns=COLUMNS)
    return table.assign(date=pd.to_datetime(table["date"]))


ONE = ("2024-03-01", "workshop", 180.0, 6.0, 0.5)


# ------------------------------------------------------------------ kinds
def test_every_kind_and_synonym_is_known_whatever_its_capitals_and_plural():
    for kind, synonyms in KINDS.items():
        for text in (kind, *synonyms):
            several = text if text.endswith("s") else f"{text}s"
            assert kind_of(text) == kind_of(several.upper()) == kind


@pytest.mark.parametrize("text", ["", "parade float", "=cmd()", "workshopping"])
def test_what_is_no_known_kind_is_other(text):
    assert kind_of(text) == "other"


# ------------------------------------------------------------------ costs
@pytest.mark.parametrize(
    ("own", "share", "theirs"),
    [(180, 0.5, 180), (90, 0.4, 60), (300, 0, 0), (300, np.nan, 0), (300, 250, 250), (0, 0.5, 0)],
)
def test_a_share_is_of_the_whole_cost_and_above_one_it_is_dollars(own, share, theirs):
    costs = add_costs(effect(), activities(("2024-03-01", "event", own, 1, share)), register())
    assert costs.saved == pytest.approx(theirs)
    assert costs.own_money == own


def test_a_share_of_one_is_the_whole_cost():
    paid = activities(("2024-03-01", "event", np.nan, 2, 1.0))
    costs = add_costs(effect(), paid, register())
    assert costs.own_money == 0
    assert costs.unknown["partner_money"] == 1
    with pytest.raises(InputError, match="partner_share of 1 is the whole cost"):
        add_costs(effect(), activities(("2024-03-01", "event", 50, 2, 1.0)), register())


amounts = st.floats(0, 1e5, allow_nan=False)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(amounts, amounts, st.floats(0, 0.95)), min_size=1, max_size=8), amounts)
def test_the_parts_add_up(rows, rate):
    """Alone = own money + hours + what the partner paid, in all and over the kinds."""
    kinds = list(KINDS)
    told = [("2024-03-01", kinds[i % 11], *row) for i, row in enumerate(rows)]
    costs = add_costs(effect(), activities(*told), register(), hourly_rate=rate)
    assert costs.total == pytest.approx(costs.own_money + rate * costs.staff_hours)
    assert costs.alone == pytest.approx(costs.total + costs.saved)
    for column, whole in (
        ("own_money", costs.own_money),
        ("staff_hours", costs.staff_hours),
        ("partner_money", costs.saved),
    ):
        assert costs.by_kind[column].sum() == pytest.approx(whole)


def test_only_what_the_estimate_can_see_is_counted():
    days = ["2023-09-30", "2023-10-03", "2024-12-31", "2025-01-01"]
    costs = add_costs(effect(), activities(*((d, *ONE[1:]) for d in days)), register())
    assert costs.activities["when"].tolist() == [
        "long before it began", "counted", "counted", "after the estimate",
    ]  # fmt: skip
    signed = register(signed_date=pd.Timestamp("2023-09-01"))
    assert len(add_costs(effect(), costs_of(days), signed).counted) == 3


def costs_of(days):
    return activities(*((day, *ONE[1:]) for day in days))


def test_hours_without_a_rate_stay_hours():
    costs = add_costs(effect(), activities(ONE), register())
    assert (costs.total, costs.staff_hours, costs.hours_cost) == (180, 6, 0)


def test_a_bundle_has_one_number_and_so_its_costs_are_added():
    both = effect(bundle=("club", "gym"))
    rows = activities(ONE, ("club", "2024-05-01", "event", 100, 0, 0))
    costs = add_costs(both, rows, register(keys=("gym", "club")))
    assert costs.own_money == 280
    with pytest.raises(InputError, match="of other partnerships"):
        weigh_returns(effect(), costs)


# ------------------------------------------------------------------ returns
def returns_of(found, *, value=None, rate=None):
    return weigh_returns(
        found, add_costs(found, activities(ONE), register(), hourly_rate=rate),
        value_per_patient=value,
    )  # fmt: skip


@pytest.mark.parametrize(("mean", "sd"), [(20, 5), (20, 15), (0.5, 4), (-20, 5)])
def test_an_additional_patient_has_an_upper_limit_only_where_the_effect_is_not_nil(mean, sd):
    found = effect(mean, sd)
    per = returns_of(found).per_extra
    assert per.is_number == (found.total.high > 0)
    assert np.isinf(per.high) == (per.is_number and found.total.low <= 0)
    if np.isfinite(per.high):
        assert per.low < per.estimate < per.high


@settings(deadline=None, max_examples=40)
@given(st.floats(-30, 60), st.floats(1, 20), st.floats(1, 1e4))
def test_interval_net_chance_and_break_even_never_contradict_one_another(mean, sd, value):
    found = effect(mean, sd, draws=400)
    bought = returns_of(found, value=value)
    assert bought.net.low == pytest.approx(value * found.total.low - bought.cost)
    if bought.net.low > 0:  # surely worth it: so is every value within the interval
        assert bought.chance >= 0.97
        assert value >= bought.per_extra.high * (1 - 1e-9)
    if bought.net.high < 0:
        assert bought.chance <= 0.03
    draws = found.draws[0] - found.draws[1]
    assert bought.chance == pytest.approx((draws > bought.break_even).mean(), abs=0.01)
    assert bought.break_even_per_month == pytest.approx(bought.break_even / 12, rel=0.003)


def test_break_even_is_a_month_of_all_that_costs_were_paid_for():
    """Where half the year tells nothing, its cost does not fall on the other half alone."""
    half = replace(effect(), active_days=182.0)
    year = weigh_returns(half, add_costs(half, activities(ONE), register()), value_per_patient=15)
    assert year.break_even_per_month == pytest.approx(year.break_even / 12, rel=0.003)
    ended = register(end_date=pd.Timestamp("2024-06-30"))
    costs = add_costs(half, activities(ONE), ended)
    assert costs.days == 182
    assert weigh_returns(half, costs, value_per_patient=15).break_even_per_month == pytest.approx(
        2 * year.break_even_per_month, rel=0.01
    )


@settings(deadline=None, max_examples=25)
@given(st.floats(1, 60), st.floats(1, 20), st.floats(0.05, 1), st.floats(1, 1e3))
def test_as_much_elsewhere_is_as_if_the_judged_had_cost_their_share(mean, sd, share, value):
    """Share s judged: the cost of one is s times as high; with all judged nothing changes."""
    part = replace(effect(mean, sd, draws=400), judged_share=share)
    bought = returns_of(part, value=value)
    assert bought.per_extra_if_alike.low == pytest.approx(share * bought.per_extra.low)
    assert bought.break_even_if_alike == pytest.approx(
        share * bought.break_even * DAYS_PER_MONTH / part.active_days
    ) or bought.break_even_if_alike == pytest.approx(bought.break_even_per_month)
    assert bought.break_even_if_alike <= bought.break_even_per_month
    draws = part.draws[0] - part.draws[1]
    assert bought.chance_if_alike == ((value * draws) > share * bought.cost).mean()
    assert bought.chance_if_alike >= bought.chance
    whole = returns_of(effect(mean, sd, draws=400), value=value)
    assert whole.per_extra_if_alike.low == whole.per_extra.low
    assert whole.chance_if_alike == whole.chance == bought.chance
    assert whole.break_even_if_alike == whole.break_even_per_month == bought.break_even_per_month


def test_without_a_stated_value_only_what_it_has_to_be_is_told():
    bought = returns_of(effect(), rate=10)
    assert bought.cost == 240
    assert bought.per_extra.estimate == pytest.approx(12)
    assert not bought.net.is_number
    assert bought.chance is None


@pytest.mark.parametrize("verdict", ["too early", "too small to tell", "data not fit"])
def test_no_answer_has_no_price(verdict):
    assert returns_of(effect(verdict=verdict)) is None


def test_no_recorded_cost_has_no_price():
    unknown = activities(("2024-03-01", "event", np.nan, 6.0, 0))
    assert weigh_returns(effect(), add_costs(effect(), unknown, register())) is None
    priced = add_costs(effect(), unknown, register(), hourly_rate=10)
    assert weigh_returns(effect(), priced).cost == 60


def test_draws_that_were_not_kept_leave_only_the_chance_out():
    found = replace(effect(), draws=None)
    bought = returns_of(found, value=50)
    assert bought.chance is None
    assert bought.net.is_number


@pytest.mark.parametrize("value", [0, -1, np.nan, np.inf])
def test_a_value_that_is_no_amount_is_refused(value):
    with pytest.raises(InputError, match="value_per_patient"):
        returns_of(effect(), value=value)


# ------------------------------------------------------------------ the law
@pytest.mark.parametrize(
    "partners", [register(provider=True), register(provider=None), register(keys=("club",))]
)
def test_nothing_is_priced_unless_the_register_says_that_it_is_no_provider(partners):
    if partners["provider"].isna().any():
        partners["provider"] = True  # as the register reads an empty cell
    with pytest.raises(InputError, match="Nothing of it is priced"):
        add_costs(effect(), activities(ONE), partners)


def test_a_bundle_with_a_provider_is_not_priced():
    partners = register(keys=("gym", "club"), provider=[False, True])
    with pytest.raises(InputError, match="Nothing of it is priced"):
        add_costs(effect(bundle=("club", "gym")), activities(ONE), partners)


def test_what_was_done_is_listed_for_anyone_without_money_or_hours():
    listed = list_activities(activities(ONE), "gym")
    assert listed.columns.tolist() == ["date", "kind", "written"]


# ------------------------------------------------------------------ balance
def flows(*rows) -> pd.DataFrame:
    """Rows as dicts; what is not said was not recorded."""
    columns = [
        "partnership_id", "month", "clinic", "given_by", "referrals_out", "same_day_slots",
        "education_sessions", "space_hours", "shared_events", "planning_meetings",
        "feedback_score", "feedback_answers",
    ]  # fmt: skip
    base = {**dict.fromkeys(columns, np.nan), "partnership_id": "gym", "clinic": "", "given_by": ""}
    table = pd.DataFrame([{**base, **row} for row in rows], columns=columns)
    return table.assign(month=pd.to_datetime(table["month"]))


NOTED = flows(
    {"month": "2023-12-01", "referrals_out": 99},
    {"month": "2024-01-01", "clinic": "A", "referrals_out": 3, "same_day_slots": 2},
    {"month": "2024-01-01", "clinic": "B", "referrals_out": 0},
    {"month": "2024-02-01", "clinic": "A", "referrals_out": 4, "space_hours": 5},
    {"month": "2024-02-01", "given_by": "partner", "education_sessions": 2},
    {"month": "2024-02-01", "given_by": "us", "education_sessions": 1, "planning_meetings": 1},
    {"month": "2024-02-01", "clinic": "C", "feedback_score": 8, "feedback_answers": 3},
    {"month": "2024-03-01", "feedback_score": 4, "feedback_answers": 1},
    {"month": "2024-04-01", "referrals_out": 50},
)
UNTIL = pd.Timestamp("2024-04-15")


def test_each_side_gets_what_it_gave_in_complete_months_since_the_start():
    balance = balance_of(NOTED, register(), "gym", until=UNTIL)
    given_by = balance.items.set_index(["item", "given_by"])
    assert given_by["amount"].to_dict() == {
        ("referrals_out", "us"): 7,
        ("same_day_slots", "us"): 2,
        ("education_sessions", "partner"): 2,
        ("education_sessions", "us"): 1,
        ("space_hours", "partner"): 5,
        ("planning_meetings", "both"): 1,
    }
    assert given_by.loc[("referrals_out", "us"), ["months", "recorded"]].tolist() == [2, 2]
    assert (balance.months, balance.left_out) == (3, 2)
    assert (balance.score, balance.answers) == (7, 4)


def test_a_provider_has_no_sides_no_referrals_and_no_space():
    balance = balance_of(NOTED, register(provider=True), "gym", until=UNTIL)
    assert set(balance.items["given_by"]) == {""}
    assert set(balance.items["item"]) == {
        "same_day_slots", "education_sessions", "planning_meetings",
    }  # fmt: skip
    assert referrals_out_by_clinic(NOTED, register(provider=True), "gym").empty


def test_referrals_out_are_told_by_clinic_and_none_is_a_zero():
    sent = referrals_out_by_clinic(NOTED, register(), "gym", until=UNTIL)
    assert sent.to_numpy().tolist() == [["A", 7.0, 2], ["B", 0.0, 1]]


def test_nothing_on_record_is_nothing():
    balance = balance_of(flows(), register(), "gym")
    assert balance.items.empty
    assert (balance.months, balance.answers) == (0, 0)
    with pytest.raises(InputError, match="no partnership_id"):
        balance_of(flows(), register(), "elsewhere")
