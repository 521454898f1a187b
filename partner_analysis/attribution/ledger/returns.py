"""What one additional patient cost, and whether a partnership paid for itself: never a provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.ledger.costs import Costs, members_of
from partner_analysis.tables import DAYS_PER_MONTH, NO_NUMBER, InputError, Interval

ANSWERS: Final = ("more", "fewer", "no clear change")


@dataclass(frozen=True)
class Returns:
    """What the cost of a partnership bought, every number from the draws of its effect.

    Attributes
    ----------
    cost
        Dollars that it cost the practice.
    extra
        Additional patients in total, as in ``Effect.total``.
    per_extra
        Dollars for one additional patient, and so also what a new patient must be worth for the
        partnership to pay for itself. No upper end where possibly nobody additional came;
        no number where certainly nobody did, or where there is no answer.
    value_per_patient
        Dollars that a new patient is worth, as the practice states it; None where it does not.
    net
        Dollars beyond the cost at that value; no number without it.
    chance
        How probably it paid for itself at that value; None where that cannot be told.
    break_even, break_even_per_month
        Additional patients, in all and a month, from which it pays for itself; NaN without value.
        A month is one in which it ran, also where that month could not be judged: its cost counts.
    level
        Of the intervals.
    judged_share
        As in the effect: the share of its expected patients that ``extra`` stands for, while
        ``cost`` is that of all; 1 where all could be judged.
    per_extra_if_alike, chance_if_alike, break_even_if_alike
        ``per_extra``, ``chance`` and ``break_even_per_month``, if what could not be judged
        brought as much for each patient expected; the same where all could be judged.
    """

    cost: float
    extra: Interval
    per_extra: Interval
    value_per_patient: float | None
    net: Interval
    chance: float | None
    break_even: float
    break_even_per_month: float
    level: float
    judged_share: float
    per_extra_if_alike: Interval
    chance_if_alike: float | None
    break_even_if_alike: float


def weigh_returns(
    effect: Effect, costs: Costs, *, value_per_patient: float | None = None
) -> Returns | None:
    """What the cost of a partnership bought; None where no number can be told.

    Parameters
    ----------
    effect
        The estimate.
    costs
        From ``add_costs`` for the same effect, which refuses providers.
    value_per_patient
        Dollars that a new patient leaves the practice over the years, after the costs of care.
        A stated input: nothing here estimates it. None = only what it would have to be.

    Returns
    -------
    Returns or None
        None where the verdict is "too early", "too small to tell" or "data not fit", and where
        no cost of the time of the estimate is recorded.

    Raises
    ------
    InputError
        For costs of other partnerships, and a value that is no amount.

    Notes
    -----
    Cost and value are taken as known; what is not known is how many patients came additionally.
    The ends of ``per_extra`` are those of ``Effect.total`` turned over. That is the set of Fieller
    (1954, Some problems in interval estimation): where the effect may be nil it is open above.
    With a share s of its expected patients judged, as much everywhere is extra / s in all: the
    same as if the judged ones had cost s of the whole.
    """
    if costs.partnership_ids != members_of(effect):
        raise InputError("costs: they are of other partnerships. Make them from the same effect.")
    value = value_per_patient
    if value is not None and not 0 < value < np.inf:
        raise InputError("value_per_patient: write dollars above 0, or None where it is not known.")
    if effect.verdict not in ANSWERS or not effect.total.is_number or not costs.is_known:
        return None
    net, break_even, share = NO_NUMBER, np.nan, effect.judged_share
    if value is not None:
        net = Interval(*(value * end - costs.total for end in _ends(effect.total)))
        break_even = costs.total / value
    a_month = break_even * DAYS_PER_MONTH / max(effect.active_days, costs.days)
    per_extra = effect.cost_per_extra_patient(costs.total)
    return Returns(
        cost=costs.total,
        extra=effect.total,
        per_extra=per_extra,
        value_per_patient=value,
        net=net,
        chance=_chance(effect, costs.total, value),
        break_even=break_even,
        break_even_per_month=a_month,
        level=effect.level,
        judged_share=share,
        per_extra_if_alike=per_extra.scaled(share),
        chance_if_alike=_chance(effect, share * costs.total, value),
        break_even_if_alike=min(a_month, share * break_even * DAYS_PER_MONTH / effect.active_days),
    )


def chance_to_pay(effect: Effect, *, cost: float, value: float) -> float | None:
    """How probably additional patients were worth their cost: the share of draws in which so.

    None where the draws of the effect were not kept.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from partner_analysis.attribution.effect import without_number
    >>> gym = without_number(partnership_id="gym", name="Gym", kind="", level=0.95, note="")
    >>> ten = replace(gym, draws=np.array([[9.0, 12, 15, 20], [10, 10, 10, 10]]))
    >>> chance_to_pay(ten, cost=300, value=100)
    0.5
    """
    if effect.draws is None:
        return None
    came, without = effect.draws
    return float((value * (came - without) > cost).mean())


def _chance(effect: Effect, cost: float, value: float | None) -> float | None:
    return None if value is None else chance_to_pay(effect, cost=cost, value=value)


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high
