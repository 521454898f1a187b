"""Figures of shares beside others': waits, and whom partners reach."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from partner_analysis.attribution.reach import FOR_ALL, MISSES, REACHES
from partner_analysis.attribution.waits import DAYS, NAMED_IT
from partner_analysis.reporting.care import level_of
from partner_analysis.reporting.figures.canvas import (
    BLUE,
    FAINT,
    GREY,
    INK,
    MARGIN,
    VERMILION,
    Drawing,
    only_words,
    open_figure,
    row_axes,
    styled,
    write_row,
)
from partner_analysis.reporting.figures.intervals import (
    ROOM_FOR_TICK,
    draw_interval,
    rows_height,
)
from partner_analysis.reporting.long_lists import MOST_DRAWN, left_out_text, shown_of
from partner_analysis.reporting.numbers import number_text
from partner_analysis.reporting.reach import APART_FIRST, called, place_of, reach_alt, reach_title
from partner_analysis.reporting.waits import waits_alt, waits_title
from partner_analysis.tables import Interval


class Row(NamedTuple):
    """One row: its words, its share in percent with interval, and the others' share."""

    name: str
    share: Interval
    others: float
    is_clear: bool
    why_not: str = ""


@styled
def plot_waits(waits: pd.DataFrame | None, name: str) -> Drawing:
    """Draw which share was seen within some days, of those who named a partner and of others.

    Parameters
    ----------
    waits
        From ``compare_waits``; None for a practice with counts only.
    name
        Of the partner.
    """
    rows = []
    if waits is not None:
        shown = waits.loc[(waits["who"] == NAMED_IT) & (waits["measure"] != DAYS)]
        rows = [
            Row(
                f"seen {row.measure}",
                Interval(row.own, row.own_low, row.own_high).scaled(100),
                100 * row.others,
                bool(row.low > 0 or row.high < 0),
            )
            for row in shown.loc[shown["difference"].notna()].itertuples()
        ]
    figure, axes = open_figure(
        waits_title(waits, name),
        "Share of those who named it, with its interval; blue tick: similar others. Filled: "
        f"clearly apart. {level_of(waits)} intervals for all rows at once.",
        alt=waits_alt(waits, name),
        height=rows_height(max(2, len(rows))),
        left=MARGIN,
        right=ROOM_FOR_TICK,
    )
    draw_beside(axes, rows)
    return figure


@styled
def plot_reach(reach: pd.DataFrame | None) -> Drawing:
    """Draw which share of those who named each partner it was meant for, by name, never by size.

    Parameters
    ----------
    reach
        From ``compare_reach``; None for a practice with counts only.
    """
    asked = pd.DataFrame() if reach is None else reach.loc[reach["finding"] != FOR_ALL]
    rows = [
        Row(
            called(row),
            Interval(row.share, row.share_low, row.share_high).scaled(100),
            100 * row.share_others,
            row.finding in (REACHES, MISSES),
            str(row.finding),
        )
        for row in shown_of(list(asked.itertuples()), first=place_of, most=MOST_DRAWN)
    ]
    figure, axes = open_figure(
        reach_title(reach),
        "Share of those who named each partner that it was meant for, with its interval; blue "
        "tick: of those who came there without naming it. Filled: clearly apart. "
        f"{level_of(reach)} intervals for all rows at once. "
        f"{left_out_text(len(asked), 'reach.csv', which=APART_FIRST, most=MOST_DRAWN)}".strip(),
        alt=reach_alt(reach),
        height=rows_height(max(2, len(rows))),
        left=MARGIN,
        right=ROOM_FOR_TICK,
    )
    draw_beside(axes, rows)
    return figure


def draw_beside(axes: Axes, rows: Sequence[Row]) -> None:
    """Draw rows of shares from 0 to 100 percent, each beside the others' share as a tick."""
    if not any(row.share.is_number for row in rows):
        only_words(axes, "There is nothing to draw.")
        return
    row_axes(axes, len(rows))
    axes.set_xlim(-2, 102)
    axes.set_xticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
    axes.grid(axis="x", color=FAINT, linewidth=0.8)
    for place, row in enumerate(rows):
        if not row.share.is_number:
            write_row(axes, place, row.name, row.why_not, colour=GREY)
            continue
        colour = VERMILION if row.is_clear else GREY
        draw_interval(axes, place, row.share, colour=colour, is_open=not row.is_clear)
        if math.isfinite(row.others):
            axes.plot([row.others] * 2, [place - 0.2, place + 0.2], "-", color=BLUE, lw=2.6)
        own, others = (number_text(v, digits=0, unit="%") for v in (row.share.estimate, row.others))
        write_row(axes, place, row.name, f"{own} beside {others}", colour=INK)
