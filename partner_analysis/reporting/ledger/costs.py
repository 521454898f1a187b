"""What a partnership cost, and what sharing saved, in words and a table; never a provider."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from partner_analysis.attribution.ledger.costs import LONG_BEFORE, NOT_YET, SET_UP_DAYS, Costs
from partner_analysis.attribution.ledger.kinds import OTHER
from partner_analysis.reporting.html import NOTHING, Shown, html_table
from partner_analysis.reporting.ledger.ledger import Ledger
from partner_analysis.reporting.numbers import (
    count_text,
    day_text,
    list_text,
    number_text,
    short_name,
)

AMOUNTS: Final = {
    "own_money": "Own money",
    "staff_hours": "Staff time",
    "partner_money": "What the partner paid",
}


def cost_sentences(ledger: Ledger) -> list[str]:
    """Say what it cost, what sharing saved and what is left out; nothing for a provider."""
    costs = ledger.costs
    if costs is None:
        return []
    if costs.counted.empty:
        return [_nothing_counted(costs), *_left_out(costs, ledger)]
    return [
        _total_sentence(costs, ledger),
        _saving_sentence(costs),
        *_unknown(costs),
        *_left_out(costs, ledger),
    ]


def cost_table(ledger: Ledger) -> Shown:
    """Give money and hours by kind of activity; nothing for a provider."""
    costs = ledger.costs
    if costs is None or costs.counted.empty:
        return NOTHING
    by_kind = costs.by_kind
    amounts = by_kind[["activities", "own_money", "staff_hours", "partner_money"]]
    kinds, each = by_kind["kind"], amounts.itertuples(index=False)
    rows = [_cost_row(kind, row) for kind, row in zip(kinds, each, strict=True)]
    if len(by_kind) > 1:
        rows.append(_cost_row("all", amounts.sum().tolist()))
    heads = ["kind of activity", "how many", "own money (dollars)", "staff hours"]
    heads += ["the partner paid (dollars)"]
    hours = "Hours are not priced."
    if costs.hourly_rate is not None:
        hours = f"An hour of staff time is taken at {dollars(costs.hourly_rate)}."
    shapes = ("text", *["number"] * 4)
    return html_table(heads, rows, shapes, title=cost_title(costs), note=hours)


def cost_title(costs: Costs) -> str:
    """Give where most of the cost went as a title."""
    amounts = kind_amounts(costs)
    if amounts["ours"].sum() == 0:
        return "No cost of our own is recorded"
    most = amounts.loc[amounts["ours"].idxmax()]
    if len(amounts) == 1:
        return f"All of what it cost us went to {_plural(most['kind'])}"
    share = number_text(100 * most["ours"] / amounts["ours"].sum(), digits=0)
    return f"{share}% of what it cost us went to {_plural(most['kind'])}"


def kind_amounts(costs: Costs) -> pd.DataFrame:
    """One row per kind, the dearest first: kind, money, time, ours (their sum) and theirs."""
    by_kind = costs.by_kind.fillna(0.0)
    time = by_kind["staff_hours"] * (costs.hourly_rate or 0.0)
    table = pd.DataFrame(
        {
            "kind": by_kind["kind"],
            "money": by_kind["own_money"],
            "time": time,
            "ours": by_kind["own_money"] + time,
            "theirs": by_kind["partner_money"],
            "hours": by_kind["staff_hours"],
        }
    )
    return table.sort_values(["ours", "kind"], ascending=[False, True], ignore_index=True)


# ------------------------------------------------------------------ parts
def dollars(amount: float) -> str:
    """Give an amount in words.

    Examples
    --------
    >>> dollars(1675), dollars(0.4), dollars(1)
    ('1,675 dollars', '0.40 dollars', '1 dollar')
    """
    digits = 2 if 0 < abs(amount) < 1 else 0
    words = number_text(amount, digits=digits)
    return f"{words} dollar" if words == "1" else f"{words} dollars"


def _total_sentence(costs: Costs, ledger: Ledger) -> str:
    until = day_text(ledger.effect.last_day)
    number = count_text(len(costs.counted), "activity")
    parts = f"{dollars(costs.own_money)} and {count_text(costs.staff_hours, 'staff hour')}"
    together = "" if len(costs.partnership_ids) == 1 else _together(costs)
    if costs.hourly_rate is None:
        return f"Up to {until}, {number} cost us {parts}; hours are not priced.{together}"
    rate = dollars(costs.hourly_rate)
    return (
        f"Up to {until}, {number} cost us {parts}: {dollars(costs.total)} in all, with an hour at "
        f"{rate}.{together}"
    )


def _together(costs: Costs) -> str:
    ids = list_text([short_name(key, most=45) for key in costs.partnership_ids])
    return f" The data cannot tell {ids} apart, so their costs are added."


def _saving_sentence(costs: Costs) -> str:
    if costs.unknown["partner_money"] == len(costs.counted):
        return "What the partner paid is not written down, so what sharing saved is not known."
    if costs.saved == 0:
        return "The partner paid none of it, so sharing saved nothing."
    least = "at least " if costs.unknown["partner_money"] else ""
    return (
        f"The partner paid {least}{dollars(costs.saved)} of the same activities. Done alone, with "
        f"as many hours of our own, they would have cost {least}{dollars(costs.alone)}: sharing "
        f"saved {least}{dollars(costs.saved)}."
    )


def _unknown(costs: Costs) -> list[str]:
    """What is not written down, and what that means."""
    number = len(costs.counted)
    said = [
        f"{AMOUNTS[column]} is not written down for {missing} of {number} activities; the sums "
        "are without them, and so too low."
        for column, missing in costs.unknown.items()
        if missing
    ]
    odd = costs.counted.loc[costs.counted["kind"] == OTHER, "written"]
    if len(odd):
        named = sorted({short_name(text, most=45) for text in odd})
        said.append(f'Listed as "other", since the kind is not known: {list_text(named)}.')
    return said


def _left_out(costs: Costs, ledger: Ledger) -> list[str]:
    """Activities that are not counted."""
    when = costs.activities["when"].value_counts()
    said = []
    if LONG_BEFORE in when:
        number = count_text(int(when[LONG_BEFORE]), "activity")
        said.append(
            f"Not counted: {number} from before it was prepared (signed, or else {SET_UP_DAYS} "
            "days before its start)."
        )
    if NOT_YET in when and not costs.counted.empty:
        number = count_text(int(when[NOT_YET]), "activity")
        said.append(
            f"Not yet counted: {number} after {day_text(ledger.effect.last_day)}, where the "
            "estimate ends."
        )
    return said


def _nothing_counted(costs: Costs) -> str:
    if (costs.activities["when"] == NOT_YET).any():
        number = count_text(int((costs.activities["when"] == NOT_YET).sum()), "activity")
        return f"Nothing is counted yet: {number} came after the time that is estimated."
    return (
        "No activity of the time that is estimated is written down, so nothing is known of what "
        "it cost. The table of activities takes them."
    )


def _cost_row(kind: str, amounts: Sequence[float]) -> tuple[str, ...]:
    """A kind with its number, own money, hours and the partner's money."""
    texts = [
        "not written down" if pd.isna(amount) else number_text(float(amount), digits=digits)
        for amount, digits in zip(amounts, (0, 0, None, 0), strict=True)
    ]
    return kind, *texts


def _plural(kind: str) -> str:
    if kind in ("radio and TV", "co-branded print", "co-branded online"):
        return kind
    return "activities of other kinds" if kind == OTHER else f"{kind}s"
