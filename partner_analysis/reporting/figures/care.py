"""The figure of care: differences from similar others, each row in its own unit."""

from __future__ import annotations

import pandas as pd

from partner_analysis.reporting.care import care_sentence, care_title, difference_text, level_of
from partner_analysis.reporting.figures.canvas import (
    GREY,
    MARGIN,
    VERMILION,
    Drawing,
    only_words,
    open_figure,
    row_axes,
    styled,
    write_row,
)
from partner_analysis.reporting.figures.intervals import draw_interval, rows_height
from partner_analysis.tables import Interval


@styled
def plot_care(care: pd.DataFrame | None, name: str) -> Drawing:
    """Draw how far patients who named a partner differ from similar others, measure by measure.

    Parameters
    ----------
    care
        From ``compare_care``; None for a practice with counts only.
    name
        Of the partner.
    """
    shown = care.loc[care["difference"].notna()] if care is not None else pd.DataFrame()
    said = care_sentence(care, name)
    figure, axes = open_figure(
        care_title(care, name),
        "Difference from similar others, each row in its own unit and to its own scale; upright "
        f"line: no difference. Lines: {level_of(care)} intervals. Filled: clear among all of them.",
        alt=said if isinstance(said, str) else " ".join(said),
        height=rows_height(max(2, len(shown))) - 0.3,
        left=MARGIN,
        right=MARGIN,
        bottom=MARGIN,
    )
    if shown.empty:
        only_words(axes, "There is nothing to draw.")
        return figure
    row_axes(axes, len(shown))
    axes.set_xlim(-1.05, 1.05)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.axvline(0, color=GREY, lw=0.9)
    for place, row in enumerate(shown.itertuples()):
        reach = max(abs(row.low), abs(row.high)) or 1.0
        span = Interval(row.difference, row.low, row.high).scaled(1 / reach)
        colour = VERMILION if row.is_clear else GREY
        draw_interval(axes, place, span, colour=colour, is_open=not row.is_clear)
        write_row(axes, place, row.measure, difference_text(row))
    return figure
