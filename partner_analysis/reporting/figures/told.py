"""Figure of counts that may be told to others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from partner_analysis.reporting.disclosure import COUNT
from partner_analysis.reporting.figures.canvas import (
    BLUE,
    GREY,
    SMALL_SIZE,
    Drawing,
    count_axis,
    only_words,
    open_figure,
    styled,
)
from partner_analysis.reporting.shareable.counts import Row

FEWEST_BARS: Final = 2


@styled
def plot_told(rows: Sequence[Row], *, title: str, subtitle: str, alt: str) -> Drawing:
    """Draw one bar per count that is told, and words where one is not."""
    figure, axes = open_figure(title, subtitle, alt=alt, height=2.8, bottom=34)
    told = [row.new_patients if row.answer == COUNT else 0 for row in rows]
    if sum(row.answer == COUNT for row in rows) < FEWEST_BARS:
        only_words(axes, "There is nothing to draw.")
        return figure
    axes.bar(range(len(rows)), told, width=0.72, color=BLUE)
    count_axis(axes, max(told), headroom=1.2)
    axes.set_xlim(-0.6, len(rows) - 0.4)
    axes.set_xticks(range(len(rows)), [_tick(row.period, rows) for row in rows])
    axes.tick_params(axis="x", length=0)
    for place, row in enumerate(rows):
        words = row.text
        axes.annotate(
            words.replace(" ", "\n"), (place, told[place]), xytext=(0, 3),
            textcoords="offset points", ha="center", color=GREY, size=SMALL_SIZE,
        )  # fmt: skip
    return figure


def _tick(period: str, rows: Sequence[Row]) -> str:
    """A quarter, with its year below the first one of it; or the year."""
    year, _, quarter = period.partition("Q")
    if not quarter:
        return year
    first = min(row.period for row in rows if row.period.startswith(year))
    return f"Q{quarter}\n{year}" if period == first else f"Q{quarter}"
