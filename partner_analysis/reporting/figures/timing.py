"""The figure of how an effect came: stretches of months since the start."""

from __future__ import annotations

import math

from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting.figures.canvas import (
    GREY,
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
from partner_analysis.reporting.numbers import level_text
from partner_analysis.reporting.phrases import is_answered
from partner_analysis.reporting.timing import course_cell, stretch_words, timing_alt, timing_title
from partner_analysis.tables import Interval


@styled
def plot_course(effect: Effect) -> Drawing:
    """Draw the effect a month in each stretch of months since the start, each by itself."""
    rows = list(effect.course.itertuples())
    figure, axes = open_figure(
        timing_title(effect),
        "More or fewer new patients a month than expected, by months since the start, each stretch "
        f"by itself. Lines: {level_text(effect.level)} intervals.",
        alt=timing_alt(effect),
        height=rows_height(max(2, len(rows))),
        left=ROOM_FOR_TICK,
        right=ROOM_FOR_TICK,
    )
    if len(rows) < 2 or not is_answered(effect):
        only_words(axes, "There is nothing to draw.")
        return figure
    row_axes(axes, len(rows))
    ends = [end for row in rows for end in (row.low, row.high) if math.isfinite(end)]
    span_axis(axes, [0.0, *ends])
    for place, row in enumerate(rows):
        clear = row.low > 0 or row.high < 0
        span = Interval(row.estimate, row.low, row.high)
        draw_interval(axes, place, span, colour=VERMILION if clear else GREY, is_open=not clear)
        write_row(axes, place, stretch_words(row), course_cell(row))
    return figure
