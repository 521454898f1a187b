"""What a practice states of money: what it leaves out is not guessed."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator

from partner_analysis.columns import Frozen

MOST_DOLLARS: Final = 1e6


def _is_an_amount(value: float) -> float:
    """Dollars of zero or more."""
    if not 0 <= value <= MOST_DOLLARS:
        raise ValueError("write dollars of 0 or more as a number, such as 45")
    return value


def _is_worth_something(value: float) -> float:
    """Dollars above zero."""
    if value == 0:
        raise ValueError("write dollars above 0, or leave the key out")
    return value


Dollars = Annotated[float, AfterValidator(_is_an_amount)]


class Money(Frozen):
    """What no table holds, in dollars.

    ``hourly_rate`` is what an hour of staff time costs, all included; ``value_per_patient`` what a
    new patient leaves the practice in all, after the costs of care. None = not stated.
    """

    hourly_rate: Dollars | None = None
    value_per_patient: Annotated[Dollars, AfterValidator(_is_worth_something)] | None = None
