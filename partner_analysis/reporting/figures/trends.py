"""Figure of observed against expected by month, before the start and after it."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from matplotlib.ticker import MaxNLocator
from scipy.special import ndtri

from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting.evidence import trends_alt, trends_title
from partner_analysis.reporting.figures.canvas import (
    FAINT,
    GREY,
    INK,
    SMALL_SIZE,
    VERMILION,
    Drawing,
    only_words,
    open_figure,
    styled,
)
from partner_analysis.reporting.numbers import level_text, number_text
from partner_analysis.reporting.phrases import is_answered

HEIGHT: Final = 2.7
LEAST_LOG: Final = 0.4
ROOM: Final = 1.25
FINE_TICKS: Final = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
TICKS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
FINE: Final = 1.4


@styled
def plot_trends(effect: Effect) -> Drawing:
    """Draw how far each month was from what the comparison alone would expect, in percent.

    Half as many and twice as many lie equally far from the middle; intervals may be cut, months
    never are.
    """
    months = effect.event_study.dropna(subset=["log_ratio", "variance"])
    figure, axes = open_figure(
        trends_title(effect),
        "More or fewer new patients than the comparison alone would expect, in percent, by month "
        f"since the start. Lines: {level_text(effect.level)} intervals of single months.",
        alt=trends_alt(effect),
        height=HEIGHT,
        left=46,
        bottom=44,
        top=22,
    )
    if months.empty or not is_answered(effect):
        only_words(axes, "There is nothing to draw.")
        return figure
    when = months["month"].to_numpy(dtype=float) + 0.5
    ratio = months["log_ratio"].to_numpy(dtype=float)
    half = float(ndtri(0.5 + effect.level / 2)) * np.sqrt(months["variance"].to_numpy(dtype=float))
    limit = ROOM * max(float(np.abs(ratio).max()), LEAST_LOG)
    since = when > 0
    for chosen, colour, shape in ((~since, INK, "o"), (since, VERMILION, "D")):
        low, high = ratio[chosen] - half[chosen], ratio[chosen] + half[chosen]
        axes.vlines(when[chosen], low, high, color=colour, lw=1, alpha=0.45)
        axes.plot(when[chosen], ratio[chosen], shape, color=colour, ms=4)
    axes.set_ylim(-limit, limit)
    axes.set_xlim(when.min() - 1, when.max() + 1)
    ticks = FINE_TICKS if limit < FINE else TICKS
    shown = [share for share in ticks if abs(math.log(share)) <= limit]
    axes.set_yticks([math.log(share) for share in shown], [_percent(share) for share in shown])
    axes.axhline(0, color=GREY, lw=0.9, zorder=0.8)
    axes.axvline(0, color=GREY, lw=0.9, zorder=0.8)
    axes.annotate(
        "partnership starts",
        (0, 1),
        xycoords=axes.get_xaxis_transform(),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        color=GREY,
        size=SMALL_SIZE,
    )
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: number_text(value, digits=0))
    axes.set_xlabel("months since the start", size=SMALL_SIZE)
    return figure


def _percent(share: float) -> str:
    """Words of a tick: how many percent more or fewer than expected."""
    return number_text(100 * (share - 1), digits=0, unit="%")
