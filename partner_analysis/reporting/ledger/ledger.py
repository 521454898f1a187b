"""Everything that one page says of money, time and mutual benefit, gathered from a study."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.ledger.balance import (
    Balance,
    balance_of,
    referrals_out_by_clinic,
)
from partner_analysis.attribution.ledger.costs import (
    Costs,
    add_costs,
    list_activities,
    may_be_priced,
    members_of,
)
from partner_analysis.attribution.ledger.returns import Returns, weigh_returns

if TYPE_CHECKING:  # a study gathers its ledgers, so it loads this
    from partner_analysis.reporting.study import Study


@dataclass(frozen=True)
class Ledger:
    """What a page says of one partnership besides its effect.

    Attributes
    ----------
    effect
        Its estimate.
    is_provider
        Whether it can refer: then ``costs`` and ``returns`` are None, and ``outbound`` is empty.
    costs, returns
        What it cost and what that bought; None where nothing may be priced or can be told.
    balance
        What was given, as counts.
    outbound
        One row per clinic: how often it sent somebody to the partner.
    activities
        One row per activity: date and kind.
    """

    effect: Effect
    is_provider: bool
    costs: Costs | None = field(repr=False)
    returns: Returns | None
    balance: Balance = field(repr=False)
    outbound: pd.DataFrame = field(repr=False)
    activities: pd.DataFrame = field(repr=False)


def ledger_of(study: Study, effect: Effect) -> Ledger:
    """Gather what one partnership cost, what that bought and what each side gives.

    Of a provider, and of a bundle that holds one, nothing is priced.
    """
    register, key = study.partnerships, effect.partnership_id
    costs = _costs_of(study, effect)
    balance = balance_of(study.flows, register, key, until=study.complete_until)
    activities = list_activities(study.activities, key)
    return Ledger(
        effect=effect,
        is_provider=balance.is_provider,
        costs=costs,
        returns=_returns_of(study, effect, costs),
        balance=balance,
        outbound=referrals_out_by_clinic(study.flows, register, key, until=study.complete_until),
        activities=activities.loc[activities["date"] <= study.as_of],
    )


def returns_of(study: Study, effect: Effect) -> Returns | None:
    """What the cost of one partnership bought; None where nothing may be priced or can be told."""
    if not study.activities["partnership_id"].isin(members_of(effect)).any():
        return None  # no cost of it is recorded
    return _returns_of(study, effect, _costs_of(study, effect))


def _costs_of(study: Study, effect: Effect) -> Costs | None:
    if not may_be_priced(effect, study.partnerships):
        return None
    rate = study.money.hourly_rate
    return add_costs(effect, study.activities, study.partnerships, hourly_rate=rate)


def _returns_of(study: Study, effect: Effect, costs: Costs | None) -> Returns | None:
    if costs is None:
        return None
    return weigh_returns(effect, costs, value_per_patient=study.money.value_per_patient)
