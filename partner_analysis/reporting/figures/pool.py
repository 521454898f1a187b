"""Figures of many practices together: what each kind of partner brought."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from matplotlib.axes import Axes

from partner_analysis.attribution.together.pool import PooledKind
from partner_analysis.reporting.figures.canvas import (
    GREY,
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
from partner_analysis.reporting.figures.intervals import (
    ROOM_FOR_TICK,
    draw_interval,
    rows_height,
    span_axis,
)
from partner_analysis.reporting.numbers import count_text, level_text
from partner_analysis.reporting.pool import pool_sentences, pool_title, range_text
from partner_analysis.tables import Interval

MOST_DRAWN: Final = 150.0


@styled
def plot_pool(pooled: Mapping[str, PooledKind]) -> Drawing:
    """Draw the mean effect of each kind of partner, and where one more is to be expected.

    Parameters
    ----------
    pooled
        Summaries by kind, from ``pool_effects``.
    """
    levels = sorted({level_text(each.level) for each in pooled.values()})
    figure, axes = open_figure(
        pool_title(pooled),
        "Percent of expected new patients. Dot and thick line: mean and its "
        f"{' and '.join(levels)} interval; thin line and words: one more partner of the kind.",
        alt=" ".join(pool_sentences(pooled)),
        height=rows_height(max(2, len(pooled))),
        left=MARGIN,
        right=ROOM_FOR_TICK,
    )
    told = [each for each in pooled.values() if each.combined is not None]
    if not told:
        only_words(axes, "Too few practices have shared to draw anything.")
        return figure
    row_axes(axes, len(pooled))
    ends = [end for each in told for end in _ends(_drawn(each.prediction_percent))]
    span_axis(axes, [0.0, *(end for end in ends if math.isfinite(end))])
    for place, each in enumerate(pooled.values()):
        _draw_kind(axes, place, each)
    return figure


def _draw_kind(axes: Axes, place: int, pooled: PooledKind) -> None:
    """Draw one kind: the prediction thin, the mean thick; words where it cannot be told."""
    name = f"{pooled.kind} ({count_text(pooled.practices, 'practice')})"
    if pooled.combined is None:
        write_row(axes, place, name, "cannot be told", colour=GREY)
        return
    ahead, mean = _drawn(pooled.prediction_percent), _drawn(pooled.mean_percent)
    low, high = _ends(ahead)
    right = axes.get_xlim()[1]
    axes.plot([low, min(high, right)], [place, place], "-", color=LIGHT, lw=1.2)
    if math.isinf(high):
        axes.plot([right], [place], ">", color=LIGHT, ms=6, clip_on=False)
    is_open = mean.low <= 0 <= mean.high
    draw_interval(axes, place, mean, colour=GREY if is_open else VERMILION, is_open=is_open)
    write_row(axes, place, name, range_text(pooled.prediction_percent))


def _drawn(percent: Interval) -> Interval:
    """Give an interval whose upper end, where it is far beyond the others, runs off the axis."""
    if percent.high <= MOST_DRAWN:
        return percent
    estimate = percent.estimate if percent.estimate <= MOST_DRAWN else math.nan
    return Interval(estimate, min(percent.low, MOST_DRAWN), math.inf)


def _ends(interval: Interval) -> tuple[float, float]:
    return interval.low, interval.high
