"""Figures of published numbers found again, and of planted effects found."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from partner_analysis.attribution.published.studies import COMPARED
from partner_analysis.reporting.figures.canvas import (
    BAND,
    FAINT,
    GREY,
    INK,
    MARGIN,
    SMALL_SIZE,
    VERMILION,
    Drawing,
    only_words,
    open_figure,
    row_axes,
    styled,
    write_row,
)
from partner_analysis.reporting.figures.intervals import ROOM_FOR_TICK, rows_height
from partner_analysis.reporting.numbers import number_text
from partner_analysis.reporting.validation import (
    agreement_text,
    planted_alt,
    planted_title,
    published_alt,
    published_title,
)

EDGE: Final = 1.35
BAR: Final = 0.18
GAP: Final = 1.5
MARKS: Final = {
    "reproduced": ("o", INK, INK),
    "close": ("o", INK, "white"),
    "different": ("D", VERMILION, VERMILION),
}


@styled
def plot_planted(planted: pd.DataFrame) -> Drawing:
    """Draw every made-up practice: what was planted, and the interval that was found.

    ``planted`` is from ``planted_effects``; those without a number are left out and in the title.
    An interval that misses is coloured and has a diamond.
    """
    told = planted.dropna(subset=["low", "high"]).sort_values(["planted", "practice"])
    figure, axes = open_figure(
        planted_title(planted),
        "More or fewer new patients than without the partnership, in percent; one line for each "
        "made-up practice. Dash: planted; dot and line: estimate and 95% interval; diamond and "
        "colour: the interval misses.",
        alt=planted_alt(planted),
        left=46,
        top=24,
        bottom=12,
    )
    if told.empty:
        only_words(axes, "There is no interval to draw.")
        return figure
    groups = {
        "nothing planted": told.loc[told["planted"] == 0],
        "an effect planted": told.loc[told["planted"] != 0],
    }
    _percent_axis(axes, told)
    left = 0.0
    for words, rows in groups.items():
        if not rows.empty:
            _draw_practices(axes, left, rows, words)
            left += len(rows) + GAP
    axes.set_xlim(-1, left - GAP)
    return figure


def _draw_practices(axes: Axes, left: float, rows: pd.DataFrame, words: str) -> None:
    """Draw practices side by side, with words above them."""
    place = left + np.arange(len(rows))
    holds = rows["holds"].to_numpy()
    low, high, estimate = (
        rows[name].clip(*axes.get_ylim()).to_numpy() for name in ("low", "high", "estimate")
    )
    for chosen, colour, shape, wide in ((holds, GREY, "o", 1.4), (~holds, VERMILION, "D", 2.4)):
        axes.vlines(place[chosen], low[chosen], high[chosen], color=colour, lw=wide)
        axes.plot(place[chosen], estimate[chosen], shape, color=colour, ms=4)
    axes.hlines(rows["planted"], place - 0.42, place + 0.42, color=INK, lw=1.8, zorder=3)
    axes.annotate(
        words,
        (place.mean(), 1),
        xycoords=axes.get_xaxis_transform(),
        xytext=(0, 5),
        textcoords="offset points",
        ha="center",
        color=GREY,
        size=SMALL_SIZE,
    )


def _percent_axis(axes: Axes, told: pd.DataFrame) -> None:
    """Let the y axis hold everything in percent; an interval without end reaches its edge."""
    numbers = told[["planted", "estimate", "low", "high"]].to_numpy()
    low, high = (float(find(numbers[np.isfinite(numbers)])) for find in (np.min, np.max))
    room = 0.04 * max(high - low, 1.0)
    axes.set_ylim(low - room, high + room)
    axes.set_xticks([])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: number_text(value, digits=0, unit="%"))
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.axhline(0, color=GREY, lw=0.9, zorder=0.8)
    axes.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


@styled
def plot_published(results: pd.DataFrame) -> Drawing:
    """Draw how far each number found lies from the published one, in units of its tolerance.

    ``results`` is from ``published_results``; one row per study with a number that could be
    compared, one dot per number.
    """
    compared = results.loc[results["status"].isin(COMPARED)]
    studies = list(compared.groupby("study", sort=False))
    figure, axes = open_figure(
        published_title(results),
        "How far each number lies from the published one; the band is how far still counts as the "
        "same. Filled: the digits published; open: a wider tolerance for a stated reason; diamond "
        "and colour: beyond it.",
        alt=published_alt(results),
        height=rows_height(max(2, len(studies))),
        left=MARGIN,
        right=ROOM_FOR_TICK,
    )
    if compared.empty:
        only_words(axes, "There is nothing to draw.")
        return figure
    row_axes(axes, len(studies))
    axes.set_xlim(-EDGE, EDGE)
    axes.set_xticks([-1, 0, 1], ["lower", "as published", "higher"])
    for row, (study, numbers) in enumerate(studies):
        _draw_study(axes, row, str(study), numbers)
    return figure


def _draw_study(axes: Axes, row: int, name: str, compared: pd.DataFrame) -> None:
    """Draw one study: its name, how many numbers agree, how far is near, a dot for each."""
    write_row(axes, row, name, agreement_text(compared))
    axes.fill_between([-1, 1], row - BAR, row + BAR, color=GREY, alpha=BAND, lw=0)
    axes.vlines(0, row - BAR, row + BAR, color=GREY, lw=0.9)
    shown = (compared["difference"] / compared["tolerance"]).clip(-EDGE, EDGE)
    for status, share in zip(compared["status"], shown, strict=True):
        shape, edge, face = MARKS[status]
        axes.plot([share], [row], shape, color=edge, mfc=face, ms=6, mew=1.4, clip_on=False)
