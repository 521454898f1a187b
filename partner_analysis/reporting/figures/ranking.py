"""Figures of the portfolio: cautious effects with their places, and sources by size."""

from __future__ import annotations

from collections.abc import Mapping

from partner_analysis.attribution.portfolio.compare import Portfolio
from partner_analysis.attribution.portfolio.concentration import Concentration
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
from partner_analysis.reporting.long_lists import MOST_DRAWN, ends_of, left_out_text
from partner_analysis.reporting.numbers import interval_text, level_text, number_text, short_name
from partner_analysis.reporting.portfolio.alliances import MOST_SOURCES, concentration_sentence
from partner_analysis.reporting.portfolio.ranking import (
    ENDS,
    name_of,
    places_text,
    ranking_sentence,
    ranking_title,
    shrunk_of,
)


@styled
def plot_ranking(portfolio: Portfolio, names: Mapping[str, str]) -> Drawing:
    """Draw cautious effects by size, each with its set of places; the raw estimate beside it."""
    places = ends_of(list(portfolio.places.itertuples()), most=MOST_DRAWN)
    figure, axes = open_figure(
        ranking_title(portfolio, names),
        f"Extra new patients a month. Circle: drawn towards {portfolio.prior}, with its "
        f"{level_text(portfolio.level)} interval, filled where that is clear of 0; cross: each "
        f"alone. {_part(portfolio)}".strip(),
        alt=ranking_sentence(portfolio, names),
        height=rows_height(max(2, len(places))),
        left=MARGIN,
        right=ROOM_FOR_TICK,
    )
    if len(places) < 2:
        only_words(axes, "There are not two partnerships to compare.")
        return figure
    row_axes(axes, len(places))
    ends = [end for row in places for end in (row.shrunk_low, row.shrunk_high, row.estimate)]
    span_axis(axes, [0.0, *map(float, ends)])
    for position, row in enumerate(places):
        clear = row.shrunk_low > 0 or row.shrunk_high < 0
        draw_interval(
            axes, position, shrunk_of(row), colour=VERMILION if clear else GREY, is_open=not clear
        )
        axes.plot([row.estimate], [position], "x", color=INK, ms=7, mew=1.4)
        place = places_text(row.first_place, row.last_place)
        told = f"{interval_text(shrunk_of(row))}, place {place}"
        write_row(axes, position, name_of(row, names), told)
    return figure


def _part(portfolio: Portfolio) -> str:
    """Say how many places are drawn, where not all are."""
    return left_out_text(len(portfolio.places), "ranking.csv", which=ENDS, most=MOST_DRAWN)


@styled
def plot_sources(found: Concentration | None) -> Drawing:
    """Draw the largest sources of new patients as bars; all providers are one."""
    top = found.sources.head(MOST_SOURCES) if found is not None else None
    rows = 0 if top is None else len(top)
    title = "No source is known"
    if top is not None and rows:
        title = f"{top['share'].iloc[0]:.0%} of known sources: {short_name(top['source'].iloc[0])}"
    figure, axes = open_figure(
        title,
        "New patients of the last year by the source that they name (counted), as a share.",
        alt=concentration_sentence(found) or "No source is known.",
        height=rows_height(max(2, rows)),
        left=ROOM_FOR_TICK,
        right=ROOM_FOR_TICK,
    )
    if top is None or not rows:
        only_words(axes, "There is no source to draw.")
        return figure
    row_axes(axes, rows)
    axes.set_xlim(0, 1.05 * float(top["share"].max()))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    for position, row in enumerate(top.itertuples()):
        axes.barh(position, row.share, height=0.34, color=INK if position == 0 else GREY)
        told = f"{number_text(row.new_patients, digits=0)} ({row.share:.0%})"
        write_row(axes, position, short_name(row.source), told)
    return figure
