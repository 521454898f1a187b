"""Figures of the ledger: where money and hours went, and what each side gave."""

from __future__ import annotations

from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from partner_analysis.attribution.ledger.balance import BOTH, PARTNER, US
from partner_analysis.reporting.figures.canvas import (
    BLUE,
    FAINT,
    GREY,
    INK,
    MARGIN,
    ROW_POINTS,
    Drawing,
    only_words,
    open_figure,
    row_axes,
    styled,
    write_row,
)
from partner_analysis.reporting.figures.letters import POINTS
from partner_analysis.reporting.ledger.balance import ITEMS, balance_sentences, balance_title
from partner_analysis.reporting.ledger.costs import (
    cost_sentences,
    cost_title,
    kind_amounts,
)
from partner_analysis.reporting.ledger.ledger import Ledger
from partner_analysis.reporting.numbers import amount_text, count_text, number_text

THICK: Final = 0.3
STRIPES: Final = "////"
SIDES: Final = {US: -1, PARTNER: 1}


@styled
def plot_costs(ledger: Ledger) -> Drawing:
    """Draw where money and hours went, by kind of activity; nothing for a provider."""
    costs = ledger.costs
    amounts = pd.DataFrame() if costs is None else kind_amounts(costs)
    title = "" if costs is None else cost_title(costs)
    hours = "hours are not priced and not drawn"
    if costs is not None and costs.hourly_rate is not None:
        hours = "striped: our staff hours"
    figure, axes = open_figure(
        title,
        f"Dollars by kind of activity. Solid: our own money; {hours}; outlined: the partner's "
        "money.",
        alt=" ".join(cost_sentences(ledger)),
        height=_height(max(1, len(amounts))),
        left=MARGIN,
    )
    if amounts.empty or not amounts[["ours", "theirs"]].sum(axis=None):
        only_words(axes, "There is nothing to draw.")
        return figure
    row_axes(axes, len(amounts))
    _amount_axis(axes, 0, float((amounts["ours"] + amounts["theirs"]).max()))
    for place, row in enumerate(amounts.itertuples()):
        axes.barh(place, row.money, height=THICK, color=INK, lw=0)
        axes.barh(
            place, row.time, left=row.money, height=THICK, facecolor=BLUE, edgecolor="white",
            hatch=STRIPES, lw=0,
        )  # fmt: skip
        axes.barh(
            place, row.theirs, left=row.ours, height=THICK, facecolor="white", edgecolor=GREY, lw=1
        )
        ours, theirs = (number_text(part, digits=0) for part in (row.ours, row.theirs))
        write_row(axes, place, str(row.kind), f"we {ours}, the partner {theirs}")
    return figure


@styled
def plot_balance(ledger: Ledger) -> Drawing:
    """Draw in how many months each side gave each item, ours left and theirs right.

    Months are one measure for sessions, slots and hours alike. Nothing is drawn for a provider.
    """
    balance = ledger.balance
    items = balance.items.iloc[:0] if balance.is_provider else balance.items
    names = list(dict.fromkeys(items["item"]))
    figure, axes = open_figure(
        balance_title(balance),
        "Bars: months in which we gave it (left), the partner gave it (right, outlined), or both "
        f"did it together (both ways), of {count_text(balance.months, 'month')} on record. "
        "Numbers: how much.",
        alt=" ".join(balance_sentences(ledger)),
        height=_height(max(1, len(names))),
        left=MARGIN,
    )
    if not items["months"].any():
        only_words(axes, "There is nothing to draw.")
        return figure
    row_axes(axes, len(names))
    most = float(items["months"].max())
    _amount_axis(axes, -most, most)
    axes.axvline(0, color=GREY, lw=0.9)
    for place, name in enumerate(names):
        part = items.loc[items["item"] == name]
        for row in part.itertuples():
            _draw_given(axes, place, str(row.given_by), float(row.months))
        write_row(axes, place, ITEMS[name][0], _given_text(part))
    return figure


def _draw_given(axes: Axes, place: int, giver: str, months: float) -> None:
    """One bar from the middle to the side of who gave, or to both."""
    if giver == BOTH:
        axes.barh(place, 2 * months, left=-months, height=THICK, color=GREY, lw=0)
        return
    theirs = giver == PARTNER
    face = "white" if theirs else BLUE
    axes.barh(
        place, SIDES[giver] * months, height=THICK, facecolor=face, edgecolor=GREY,
        lw=1 if theirs else 0,
    )  # fmt: skip


def _given_text(part: pd.DataFrame) -> str:
    """How much each side gave of one item: "we 5, the partner 3"."""
    words = {US: "we", PARTNER: "the partner", BOTH: "together"}
    amounts = part.set_index("given_by")["amount"]
    return ", ".join(
        f"{word} {amount_text(float(amounts[giver]))}"
        for giver, word in words.items()
        if giver in amounts
    )


def _amount_axis(axes: Axes, low: float, high: float) -> None:
    """Let the x axis count whole numbers away from zero, both ways alike."""
    room = 0.03 * (high - low)
    axes.set_xlim(low - room if low < 0 else 0, high + room)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):,.0f}")
    axes.grid(axis="x", color=FAINT, linewidth=0.8)


def _height(rows: int) -> float:
    return (ROW_POINTS * (rows + 0.15) + 40) / POINTS
