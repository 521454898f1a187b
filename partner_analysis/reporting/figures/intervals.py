"""Figures of intervals, one in a row: counted beside estimated, and all effects."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.reporting.figures.canvas import (
    FAINT,
    GREY,
    INK,
    MARGIN,
    ROW_POINTS,
    VERMILION,
    Drawing,
    only_words,
    open_figure,
    row_axes,
    styled,
    write_row,
)
from partner_analysis.reporting.figures.letters import POINTS
from partner_analysis.reporting.long_lists import MOST_DRAWN, MOST_ROWS, left_out_text, shown_of
from partner_analysis.reporting.named import blend_sentence, named_sentence, named_title
from partner_analysis.reporting.numbers import (
    interval_text,
    level_text,
    month_text,
    number_text,
)
from partner_analysis.reporting.overview import portfolio_rows, portfolio_sentence, portfolio_title
from partner_analysis.reporting.phrases import (
    CHANGES,
    VERDICT_WORDS,
    declared_of,
    is_answered,
    verdict_of,
)
from partner_analysis.tables import Interval

ROOM_FOR_TICK: Final = 16.0
NO_STANDINGS: Final[Mapping[str, Standing]] = {}


@styled
def plot_named(effect: Effect) -> Drawing:
    """Draw how many named the partner (counted) beside the difference (estimated).

    Below them, where there is one, the estimate from both together, open and in grey.
    """
    told = VERDICT_WORDS[verdict_of(effect)].lower()
    reach = [0.0, effect.named or 0.0]
    both = effect.blended if is_answered(effect) else None
    if is_answered(effect):
        told = interval_text(effect.total, 0)
        reach += _finite(effect.total) + (_finite(both) if both else [])
    named = "not counted" if effect.named is None else number_text(effect.named, digits=0)
    direction = {"more": "more than", "fewer": "fewer than"}
    against = direction.get(verdict_of(effect), "more or fewer than")
    labels = [("named the partner (counted)", named), (f"{against} expected (estimated)", told)]
    if both:
        labels.append(("counts and named referrals together", interval_text(both, 0)))
    line = f" Line: {level_text(effect.level)} interval." if is_answered(effect) else ""
    figure, axes = open_figure(
        named_title(effect),
        f"New patients{_span(effect)}.{line}",
        alt=f"{named_sentence(effect)} {blend_sentence(effect)}".strip(),
        height=rows_height(len(labels)),
        left=MARGIN,
        right=ROOM_FOR_TICK,
    )
    if not any(reach):
        only_words(axes, "There is nothing to draw.")
        return figure
    row_axes(axes, len(labels))
    span_axis(axes, reach)
    if effect.named is not None:
        axes.plot([0, effect.named], [0, 0], "-", color=INK, lw=1)
        axes.plot([effect.named], [0], "s", color=INK, ms=8)
    if is_answered(effect):
        is_open = verdict_of(effect) not in CHANGES
        colour = GREY if is_open else VERMILION
        draw_interval(axes, 1, effect.total, colour=colour, is_open=is_open)
    if both:
        draw_interval(axes, 2, both, colour=GREY, is_open=True)
    for place, (left, right) in enumerate(labels):
        write_row(axes, place, left, right)
    return figure


@styled
def plot_portfolio(
    effects: Mapping[str, Effect],
    *,
    standings: Mapping[str, Standing] = NO_STANDINGS,
    providers: Collection[str] = frozenset(),
) -> Drawing:
    """Draw all effects side by side, by standing and name, never by size.

    Parameters
    ----------
    effects
        Effects by partnership id.
    standings
        What is declared, by partnership id; without one, its verdict.
    providers
        Ids of physicians and other providers: listed apart, by name.
    """
    rows = portfolio_rows(effects, standings=standings, providers=providers)
    if len(effects) > MOST_ROWS:
        drawn = shown_of([row for row in rows if isinstance(row, Effect)], most=MOST_DRAWN)
        some = {effect.partnership_id: effect for effect in drawn}
        rows = portfolio_rows(some, standings=standings, providers=providers)
    levels = sorted({level_text(effect.level) for effect in effects.values()})
    figure, axes = open_figure(
        portfolio_title(effects, standings=standings),
        "More or fewer new patients a month than expected, so far; by "
        f"{'standing' if standings else 'verdict'} and name. Filled: a change that was declared "
        f"at its last review; lines: {' and '.join(levels)} intervals. "
        f"{left_out_text(len(effects), 'effects.csv', most=MOST_DRAWN)}".strip(),
        alt=portfolio_sentence(effects, standings=standings),
        height=rows_height(max(2, len(rows))),
        left=MARGIN,
        right=ROOM_FOR_TICK,
    )
    if not rows:
        only_words(axes, "There is no partnership to draw.")
        return figure
    row_axes(axes, len(rows))
    shown = [row for row in rows if isinstance(row, Effect) and is_answered(row)]
    ends = [end for row in shown for end in _numbers(row.per_month) if math.isfinite(end)]
    span_axis(axes, [0.0, *ends])
    for place, row in enumerate(rows):
        standing = standings.get(row.partnership_id) if isinstance(row, Effect) else None
        _draw_row(axes, place, row, standing)
    return figure


def rows_height(rows: int) -> float:
    """Give the height in inches of a figure with so many rows."""
    return (ROW_POINTS * (rows + 0.15) + 40) / POINTS


def _draw_row(axes: Axes, place: int, row: Effect | str, standing: Standing | None) -> None:
    """Draw one row of the portfolio: a heading, an interval, or words where there is no number.

    The interval is today's picture; its colour is what was declared.
    """
    if isinstance(row, str):
        axes.axhline(place - 0.7, color=FAINT, lw=0.8)
        write_row(axes, place, row, "", colour=GREY)
    elif is_answered(row):
        is_open = declared_of(row, standing) not in CHANGES
        colour = GREY if is_open else VERMILION
        draw_interval(axes, place, row.per_month, colour=colour, is_open=is_open)
        write_row(axes, place, row.name, interval_text(row.per_month))
    else:
        declared = VERDICT_WORDS[declared_of(row, standing)].lower()
        write_row(axes, place, row.name, declared, colour=GREY)


def _finite(interval: Interval) -> list[float]:
    return [end for end in _numbers(interval) if math.isfinite(end)]


def _numbers(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


def span_axis(axes: Axes, numbers: Sequence[float]) -> None:
    """Let the x axis hold all numbers and zero, with a line at zero."""
    low, high = min(numbers), max(numbers)
    if low == high:
        high = low + 1.0
    room = 0.05 * (high - low)
    axes.set_xlim(low - room if low < 0 else -0.4 * room, high + room)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=high - low >= 3))
    axes.xaxis.set_major_formatter(_tick)
    axes.grid(axis="x", color=FAINT, linewidth=0.8)
    axes.axvline(0, color=GREY, lw=0.9)


def _tick(value: float, _: float = 0) -> str:
    value = round(value, 9)
    digits = next((n for n in range(4) if round(value, n) == value), 4)
    return number_text(value, digits=digits)


def draw_interval(
    axes: Axes, row: int, interval: Interval, *, colour: str, is_open: bool = False
) -> None:
    """Draw estimate and interval in one row; an open end has an arrow at the axis' edge."""
    edges = axes.get_xlim()
    low, high = (
        edge if math.isnan(end) or math.isinf(end) else end
        for end, edge in zip((interval.low, interval.high), edges, strict=True)
    )
    axes.plot([low, high], [row, row], "-", color=colour, lw=2.2, solid_capstyle="butt")
    for end, edge, arrow in ((interval.low, edges[0], "<"), (interval.high, edges[1], ">")):
        if not math.isfinite(end):
            axes.plot([edge], [row], arrow, color=colour, ms=8, clip_on=False)
    if math.isfinite(interval.estimate):
        face = "white" if is_open else colour
        axes.plot([interval.estimate], [row], "o", color=colour, mfc=face, ms=8, mew=2)


def _span(effect: Effect) -> str:
    if pd.isna(effect.first_day):
        return ""
    return f", {month_text(effect.first_day)} to {month_text(effect.last_day)}"
