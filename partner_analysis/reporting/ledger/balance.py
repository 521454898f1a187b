"""What each side of a partnership gives, in words and tables: counts, never money or a ratio."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.attribution.ledger.balance import BOTH, PARTNER, US, Balance
from partner_analysis.attribution.ledger.kinds import OTHER
from partner_analysis.reporting.html import NOTHING, Shown, html_table
from partner_analysis.reporting.ledger.ledger import Ledger
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    amount_text,
    count_text,
    list_text,
    month_text,
    number_text,
    short_name,
)

ITEMS: Final = {
    "referrals_out": ("clients we sent to the partner", "client", " sent to it"),
    "same_day_slots": ("same-day slots used by the partner's clients", "same-day slot", ""),
    "education_sessions": ("education sessions", "education session", ""),
    "space_hours": ("hours of space", "hour", " of space"),
    "shared_events": ("shared events", "shared event", ""),
    "planning_meetings": ("planning meetings", "planning meeting", ""),
}
NAMED: Final = "new patients who named the partner"


def balance_sentences(ledger: Ledger) -> list[str]:
    """Say what each side gave, as counts; nothing for a provider."""
    return [] if ledger.is_provider else _sentences(ledger.balance)


def done_sentences(ledger: Ledger) -> list[str]:
    """Say what was done together with a provider, as counts; nothing for any other partner."""
    return _sentences(ledger.balance) if ledger.is_provider else []


def _sentences(balance: Balance) -> list[str]:
    """What is on record, what those who were asked said, and what is left out."""
    if balance.items.empty and not balance.answers:
        return []
    said = [_given_sentence(balance)] if len(balance.items) else []
    if balance.answers:
        score = number_text(balance.score, digits=1)
        said.append(
            f"Of 10 points, those who were asked gave {score} on average "
            f"({count_text(balance.answers, 'answer')})."
        )
    if balance.left_out:
        months = count_text(balance.left_out, "month")
        said.append(f"Left out: {months} of the table, before the start or not complete yet.")
    return said


def balance_title(balance: Balance) -> str:
    """Give whether both sides gave, as a title."""
    items = balance.items
    if balance.is_provider:
        months = count_text(balance.months, "month")
        return f"What was done together in {months} on record"
    gave = set(items.loc[items["amount"] > 0, "given_by"])
    if {US, PARTNER} <= gave:
        return "Both sides gave"
    if US in gave:
        return "We gave; nothing that the partner gave is written down"
    if PARTNER in gave:
        return "The partner gave; nothing that we gave is written down"
    return "They did things together" if BOTH in gave else "Nothing was given by either side"


def balance_table(ledger: Ledger) -> Shown:
    """Give what each side gave, item by item; nothing for a provider.

    Beside it stands, as a count, how many new patients named the partner.
    """
    balance = ledger.balance
    if ledger.is_provider or balance.items.empty:
        return NOTHING
    rows = [_item_row(item, part) for item, part in balance.items.groupby("item", sort=False)]
    named = ledger.effect.named
    if named is not None:
        place = NOT_APPLICABLE
        rows.append((NAMED, place, number_text(named, digits=0), place, place))
    heads = ["what", "we gave", "the partner gave", "together", "months with it"]
    kinds = ("text", "number", "number", "number", "text")
    note = "Counts of what was done, as written down; they are no measure of worth."
    if named is not None:
        note += " Who named the partner is counted over the time of the estimate."
    return html_table(heads, rows, kinds, title=balance_title(balance), note=note)


def done_table(ledger: Ledger) -> Shown:
    """Give how often each thing was done with a provider; nothing for any other partner."""
    balance = ledger.balance
    if not ledger.is_provider or balance.items.empty:
        return NOTHING
    rows = [
        (ITEMS[row.item][0], number_text(row.amount, digits=0), _months(row.months, row.recorded))
        for row in balance.items.itertuples()
    ]
    heads, kinds = ["what", "how often", "months with it"], ("text", "number", "text")
    return html_table(heads, rows, kinds, title=balance_title(balance))


def outbound_table(ledger: Ledger) -> Shown:
    """Give how many clients each clinic sent to the partner, by name; never for a provider."""
    outbound = ledger.outbound
    if ledger.is_provider or outbound.empty:
        return NOTHING
    rows = [
        (short_name(row.clinic) or "clinic not written", number_text(row.referrals_out, digits=0),
         count_text(row.months, "month"))
        for row in outbound.itertuples()
    ]  # fmt: skip
    heads = ["clinic", "clients sent to the partner", "on record"]
    return html_table(heads, rows, ("text", "number", "text"), title=_outbound_title(outbound))


def activity_table(ledger: Ledger) -> Shown:
    """Give what was done together, by month and kind: no money and no hours, for any partner."""
    activities = ledger.activities
    if activities.empty:
        return NOTHING
    number = count_text(len(activities), "activity")
    last = month_text(activities["date"].max())
    rows = [
        (month_text(row.date), row.kind if row.kind != OTHER else short_name(row.written))
        for row in activities.itertuples()
    ]
    title = f"{number[0].upper()}{number[1:]} so far, the last in {last}"
    return html_table(["month", "activity"], rows, ("text", "text"), title=title)


def _given_sentence(balance: Balance) -> str:
    """What each side gave, in one sentence."""
    months = count_text(balance.months, "month")
    given = {
        giver: list_text([_amount(row.item, row.amount) for row in part.itertuples()])
        for giver, part in balance.items.groupby("given_by")
    }
    if balance.is_provider:
        return f"In {months} on record: {given['']}."
    words = {US: "from us", PARTNER: "from the partner", BOTH: "together"}
    parts = [f"{side} {given[giver]}" for giver, side in words.items() if giver in given]
    return f"In {months} on record: {'; '.join(parts)}."


def _amount(item: str, amount: float) -> str:
    """An item with its number: "61 clients sent to it"."""
    _, noun, rest = ITEMS[item]
    return f"{count_text(amount, noun)}{rest}"


def _item_row(item: object, part: pd.DataFrame) -> tuple[str, ...]:
    """One item: what each side gave, and in how many months."""
    by_giver = part.set_index("given_by")["amount"]
    cells = [
        amount_text(float(by_giver[giver])) if giver in by_giver else NOT_APPLICABLE
        for giver in (US, PARTNER, BOTH)
    ]
    words = _months(int(part["months"].max()), int(part["recorded"].max()))
    return ITEMS[str(item)][0], *cells, words


def _months(months: int, recorded: int) -> str:
    return f"{months} of {recorded}"


def _outbound_title(outbound: pd.DataFrame) -> str:
    """Say which clinics send clients to the partner."""
    sends = outbound["referrals_out"] > 0
    names = [short_name(name, most=45) or "one not written" for name in outbound["clinic"]]
    some = [name for name, sent in zip(names, sends, strict=True) if sent]
    none = [name for name, sent in zip(names, sends, strict=True) if not sent]
    if not some:
        return "No clinic has sent a client to the partner"
    title = f"{list_text(some)} {'sends' if len(some) == 1 else 'send'} clients to the partner"
    return f"{title}; {list_text(none)} did not" if none else title
