"""Figure of one question asked by several methods: a dot and an interval each."""

from __future__ import annotations

import math

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting.figures.canvas import (
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
    span_axis,
)
from partner_analysis.reporting.methods import (
    level_note,
    method_rows,
    methods_alt,
    methods_title,
)
from partner_analysis.reporting.numbers import interval_text
from partner_analysis.tables import Interval

REACH: float = 2.5


@styled
def plot_methods(effect: Effect, methods: pd.DataFrame) -> Drawing:
    """Draw what each method says a month, this answer first and marked.

    ``methods`` is from ``compare_methods``. An interval that would squeeze all others is cut at
    the edge, with an arrow.
    """
    rows = method_rows(effect, methods)
    limits = _limits(rows) if len(rows) else (-math.inf, math.inf)
    is_cut = bool((rows["low"] < limits[0]).any() or (rows["high"] > limits[1]).any())
    figure, axes = open_figure(
        methods_title(effect, methods),
        "More or fewer new patients a month than expected, by method; filled: this answer; lines: "
        f"{level_note(effect)}.{' Arrow: the line goes on.' if is_cut else ''}",
        alt=methods_alt(effect, methods),
        height=rows_height(max(2, len(rows))),
        left=MARGIN,
        right=ROOM_FOR_TICK,
    )
    if rows.empty:
        only_words(axes, "There is no answer to compare with.")
        return figure
    row_axes(axes, len(rows))
    span_axis(axes, [0.0, *limits])
    for place, row in enumerate(rows.itertuples()):
        interval = Interval(row.estimate, row.low, row.high)
        words = interval_text(interval) if row.says else "no number"
        write_row(axes, place, row.method, words, colour=INK if row.says else GREY)
        if row.says:
            clear = VERMILION if row.low > 0 or row.high < 0 else INK
            colour = clear if row.is_ours else GREY
            draw_interval(
                axes, place, _cut(interval, limits), colour=colour, is_open=not row.is_ours
            )
    return figure


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    """How far the axis reaches: all estimates, and intervals unless they dwarf this answer's."""
    ours = rows.iloc[0]
    reach = max(
        abs(end) for end in (*rows["estimate"].dropna(), ours["low"], ours["high"])
        if math.isfinite(end)
    )  # fmt: skip
    known = [end for end in (*rows["low"], *rows["high"]) if math.isfinite(end)]
    low, high = min([0.0, *known]), max([0.0, *known])
    return max(low, -REACH * reach), min(high, REACH * reach)


def _cut(interval: Interval, limits: tuple[float, float]) -> Interval:
    """The interval with an end beyond the axis left open."""
    low = interval.low if interval.low >= limits[0] else -math.inf
    high = interval.high if interval.high <= limits[1] else math.inf
    return Interval(interval.estimate, low, high)
