"""The figure of moved patients: its own cells, those beside them, and both together."""

from __future__ import annotations

import math

from partner_analysis.attribution.checks.elsewhere import NET
from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting.figures.canvas import (
    GREY,
    INK,
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
from partner_analysis.reporting.moved import moved_alt, moved_title
from partner_analysis.reporting.numbers import interval_text, level_text
from partner_analysis.reporting.phrases import is_answered
from partner_analysis.tables import Interval

WHERE = {
    "other kinds of patient": "other kinds, same clinics",
    "neighbouring clinics": "same kinds, neighbouring clinics",
    "other clinics": "same kinds, other clinics",
    "whole clinic": "net: all kinds, same clinics",
    "with the neighbouring clinics": "net: with the neighbouring clinics",
    "with the other clinics": "net: same kinds, all clinics",
}


@styled
def plot_moved(effect: Effect) -> Drawing:
    """Draw the change in a partnership's own cells beside that of those patients may have left.

    Below them what is left of it for the clinics, and for the practice, as a whole.
    """
    rows = [
        ("gross: its own patients", effect.total, VERMILION if _is_clear(effect.total) else GREY)
    ]
    for row in effect.moved.itertuples():
        colour = INK if row.where in NET else GREY
        rows.append((WHERE[row.where], Interval(row.estimate, row.low, row.high), colour))
    figure, axes = open_figure(
        moved_title(effect),
        f"More or fewer new patients in all than expected; {level_text(effect.level)} intervals.",
        alt=moved_alt(effect),
        height=rows_height(len(rows)),
        left=ROOM_FOR_TICK,
        right=ROOM_FOR_TICK,
    )
    if len(rows) == 1 or not is_answered(effect):
        only_words(axes, "There is nothing to draw.")
        return figure
    row_axes(axes, len(rows))
    ends = [end for _, span, _ in rows for end in (span.low, span.high) if math.isfinite(end)]
    span_axis(axes, [0.0, *ends])
    for place, (words, span, colour) in enumerate(rows):
        draw_interval(axes, place, span, colour=colour, is_open=not _is_clear(span))
        write_row(axes, place, words, interval_text(span, 0))
    return figure


def _is_clear(span: Interval) -> bool:
    return span.low > 0 or span.high < 0
