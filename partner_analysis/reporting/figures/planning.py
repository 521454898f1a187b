"""Figure of a plan: the chance of noticing, by design and by when."""

from __future__ import annotations

from typing import Final

import pandas as pd
from matplotlib.axes import Axes

from partner_analysis.attribution.outlook import POWER
from partner_analysis.attribution.planning.plan import Plan
from partner_analysis.reporting.figures.canvas import (
    BAND,
    GREY,
    INK,
    LIGHT,
    MARGIN,
    VERMILION,
    Drawing,
    only_words,
    open_figure,
    row_axes,
    styled,
    write_row,
)
from partner_analysis.reporting.figures.intervals import rows_height
from partner_analysis.reporting.numbers import chance_text, list_text
from partner_analysis.reporting.planning.told import plan_alt, plan_title
from partner_analysis.reporting.planning.words import effect_text

BAR: Final = 0.14


@styled
def plot_plan(plan: Plan) -> Drawing:
    """Draw each design's chance of having noticed the stated effect, review by review.

    ``plan`` is from ``plan_partnership``. Dots are by formula, one a planned review and the last
    one filled; the band is the 95% interval of what planting in the past found.
    """
    designs = list(dict.fromkeys(plan.answers["design"]))
    months = [str(month) for month in sorted(plan.answers["months"].unique())]
    figure, axes = open_figure(
        plan_title(plan),
        f"Chance that {effect_text(plan)} would be declared by {list_text(months)} months after "
        "the start (small dots in this order, the last one large), by formula. Band and tick: "
        "planted in the practice's own past, 95% interval; none where it cannot be tried.",
        alt=plan_alt(plan),
        height=rows_height(max(2, len(designs))),
        left=MARGIN + 6,
        right=MARGIN + 14,
    )
    if not designs:
        only_words(axes, "There is nothing to draw.")
        return figure
    row_axes(axes, len(designs))
    axes.set_xlim(0, 100)
    axes.set_xticks([0, 20, 40, 60, 80, 100], ["0%", "20%", "40%", "60%", "80%", "100%"])
    axes.axvline(100 * POWER, color=GREY, lw=0.9, zorder=0.8)
    for place, design in enumerate(designs):
        rows = plan.answers[plan.answers["design"] == design].sort_values("months")
        _draw_design(axes, place, design, rows, is_best=design == plan.best)
    return figure


def _draw_design(axes: Axes, place: int, design: str, rows: pd.DataFrame, *, is_best: bool) -> None:
    """Draw one design: its name and last chance, its reviews, and what its past says."""
    last = rows.iloc[-1]
    colour = VERMILION if is_best else INK
    words = f"{chance_text(last['chance'])} by {last['months']} months"
    write_row(axes, place, design, words, colour=colour)
    axes.hlines(place, 0, 100, color=LIGHT, lw=0.6, zorder=0.7)
    tried = rows[rows["tried"] > 0]
    if len(tried):
        past = tried.iloc[-1]
        low, high = 100 * past["tried_low"], 100 * past["tried_high"]
        axes.fill_between([low, high], place - BAR, place + BAR, color=GREY, alpha=BAND, lw=0)
        middle = 100 * past["tried_chance"]
        axes.vlines(middle, place - BAR, place + BAR, color=GREY, lw=1.6, clip_on=False)
    chances = 100 * rows["chance"]
    axes.plot(chances, [place] * len(rows), "-", color=colour, lw=1.2, clip_on=False)
    axes.plot(
        chances[:-1],
        [place] * (len(rows) - 1),
        "o",
        color=colour,
        mfc="white",
        ms=4.5,
        mew=1.2,
        clip_on=False,
    )
    shape = "D" if is_best else "o"
    axes.plot(chances.iloc[-1:], [place], shape, color=colour, ms=7, clip_on=False)
