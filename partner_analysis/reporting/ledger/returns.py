"""What one additional patient cost and whether that paid, in words: never for a provider."""

from __future__ import annotations

import math
from typing import Final

from partner_analysis.attribution.ledger.returns import Returns
from partner_analysis.reporting.ledger.costs import dollars
from partner_analysis.reporting.ledger.ledger import Ledger
from partner_analysis.reporting.numbers import level_text, number_text, span_text
from partner_analysis.reporting.phrases import verdict_of
from partner_analysis.tables import Interval

AS_GOOD_AS_ALL: Final = 0.995
NOT_TOLD: Final = {
    "too early": "it is too early for a number",
    "too small to tell": "the range of what the partnership may have brought is too wide",
    "data not fit": "the data cannot say what the partnership brought",
}


def return_sentences(ledger: Ledger) -> list[str]:
    """Say what an additional patient cost and whether it paid for itself; never for a provider."""
    costs, returns = ledger.costs, ledger.returns
    if costs is None or costs.counted.empty:
        return []
    if returns is None:
        why = NOT_TOLD.get(verdict_of(ledger.effect), "no cost of our own is recorded")
        return [f"What one additional patient cost cannot be told: {why}."]
    if returns.cost == 0:
        return ["As far as recorded it cost us nothing."]
    said = [_per_extra_sentence(returns)]
    if returns.value_per_patient is None and returns.per_extra.is_number:
        said.append(
            "That is also what a new patient has to be worth for the partnership to pay for "
            "itself; state in the settings what one is worth to see if it did."
        )
    if returns.judged_share < AS_GOOD_AS_ALL:
        said.append(_judged_sentence(returns))
    if returns.value_per_patient is not None:
        said += [_net_sentence(returns), _break_even_sentence(returns)]
    return said


def _per_extra_sentence(returns: Returns) -> str:
    """What one additional patient cost."""
    per, level = returns.per_extra, level_text(returns.level)
    if not per.is_number:
        return "Fewer patients came than expected, so the money bought no additional patient."
    said = f"So far, one additional patient cost {_price(per, level)}"
    if math.isinf(per.high):
        return (
            f"{said}, with no upper limit: possibly nobody came who would not have come anyway "
            f"({level} interval)."
        )
    return f"{said}."


def _price(per: Interval, level: str) -> str:
    """Give dollars for one patient with their interval, or the least of them."""
    if math.isinf(per.high):
        return f"at least {dollars(per.low)}"
    return f"an estimated {dollars(per.estimate)} ({level} interval {span_text(per, 0)})"


def _judged_sentence(returns: Returns) -> str:
    """Say for how much of it that is, and what holds if the rest brought as much."""
    share = max(100 * returns.judged_share, 1.0)
    said = (
        "That sets the whole cost against the clinics, kinds of patient and times that could be "
        f"judged, about {share:.0f}% of its expected patients"
    )
    if not returns.per_extra.is_number:
        return f"{said}."
    price = _price(returns.per_extra_if_alike, level_text(returns.level))
    chance = ""
    if returns.chance_if_alike is not None:
        chance = (
            f", and the chance that it paid for itself is {_chance_text(returns.chance_if_alike)}"
        )
    return (
        f"{said}. If the others brought as much for each patient expected, one additional patient "
        f"cost {price}{chance}."
    )


def _net_sentence(returns: Returns) -> str:
    """Whether it paid for itself at the stated value."""
    net, level = returns.net, level_text(returns.level)
    worth = f"With a new patient worth {dollars(returns.value_per_patient or 0.0)}, as stated, it"
    chance = ""
    if returns.chance is not None:
        chance = f"; the chance that it paid for itself is {_chance_text(returns.chance)}"
    if net.low > 0:
        span = f"{level} interval {span_text(net, 0)}"
        return f"{worth} brought {dollars(net.estimate)} more than it cost ({span}){chance}."
    if net.high < 0:
        short = Interval(-net.estimate, -net.high, -net.low)
        span = f"{level} interval {span_text(short, 0)}"
        return f"{worth} brought {dollars(short.estimate)} less than it cost ({span}){chance}."
    ends = ("any amount" if math.isinf(end) else dollars(abs(end)) for end in (net.low, net.high))
    less, more = ends
    return (
        f"{worth} brought anything from {less} less to {more} more than it cost "
        f"({level} interval){chance}."
    )


def _break_even_sentence(returns: Returns) -> str:
    """How many additional patients pay for it."""
    patients = number_text(math.ceil(returns.break_even), digits=0)
    month = number_text(returns.break_even_per_month, digits=1)
    many = "patient pays" if patients == "1" else "patients pay"
    return (
        f"{patients} additional {many} for all of it, which is {month} a month. What it cost and "
        "what a patient is worth are taken as stated; the interval is that of the patients."
    )


def _chance_text(chance: float) -> str:
    if chance > 0.99:
        return "above 99%"
    return "below 1%" if chance < 0.01 else f"about {100 * chance:.0f}%"
