"""Figures of a practice: its rows, its counts, what is complete."""

from __future__ import annotations

from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from partner_analysis.reporting.figures.canvas import (
    BLUE,
    FAINT,
    GREY,
    INK,
    LIGHT,
    MARGIN,
    ROW_POINTS,
    WIDTH,
    Drawing,
    count_axis,
    date_axis,
    only_words,
    open_figure,
    row_axes,
    spread,
    styled,
    write_row,
)
from partner_analysis.reporting.figures.letters import POINTS, SMALL_SIZE
from partner_analysis.reporting.figures.lines import gather
from partner_analysis.reporting.figures.marks import mark_day
from partner_analysis.reporting.numbers import count_text, list_text, number_text, short_name
from partner_analysis.reporting.overview import (
    ROW_FATES,
    cleaning_sentence,
    complete_periods,
    completeness_sentence,
    counts_sentence,
    counts_title,
    word_of_spacing,
)

NUMBER_POINTS: Final = 13.0


@styled
def plot_counts(counts: pd.DataFrame, partnerships: pd.DataFrame) -> Drawing:
    """Draw all new patients of each period, with the start of each partnership marked.

    Parameters
    ----------
    counts
        One row per clinic, persona and period.
    partnerships
        One row per partnership and stretch; the first start of each is marked.
    """
    sentence = counts_sentence(counts)
    totals = _totals(counts)
    if totals.empty:
        figure, axes = open_figure(sentence, "", alt=sentence)
        only_words(axes, "There is nothing to draw.")
        return figure
    means, size = gather(totals, columns=["observed"])
    word = word_of_spacing(pd.Index(totals["period"]))
    dots = f" Dots: single {word}s; line: means of {count_text(size, word)}." if size > 1 else ""
    middle = totals["period"] + pd.to_timedelta(totals["days"] / 2, unit="D")
    starts = partnerships.groupby("name", sort=False)["start_date"].min().dropna().sort_values()
    inside = starts[starts.between(middle.min(), middle.max())]
    names = [f"{place} {short_name(str(n), most=45)}" for place, n in enumerate(inside.index, 1)]
    marks = f" Numbered lines: starts of {list_text(names)}." if names else ""
    figure, axes = open_figure(
        counts_title(counts),
        f"All new patients a {word}, all clinics.{dots}{marks}",
        alt=sentence,
    )
    if size > 1:
        axes.plot(
            middle, totals["observed"], "o", color=INK, ms=2.6, alpha=0.28, mew=0, clip_on=False
        )
    marker = "o" if len(means) == 1 else ""
    axes.plot(means["middle"], means["observed"], "-", color=INK, lw=1.9, marker=marker)
    axes.set_xlim(*_date_limits(middle.min(), middle.max()))
    count_axis(axes, float(totals["observed"].max()))
    date_axis(axes)
    _number_starts(axes, inside)
    return figure


@styled
def plot_row_account(row_account: pd.DataFrame) -> Drawing:
    """Draw where all raw rows went.

    Parameters
    ----------
    row_account
        One row per file: ``raw_rows``, ``used``, ``rejected``, ``totals_and_headers``,
        ``superseded``.
    """
    sentence = cleaning_sentence(row_account)
    raw = int(row_account["raw_rows"].sum())
    used = int(row_account["used"].sum())
    figure, axes = open_figure(
        f"{used:,} of {count_text(raw, 'row')} {'was' if used == 1 else 'were'} used",
        f"Rows of {count_text(len(row_account), 'export file')}, by what became of them.",
        alt=sentence,
        height=(ROW_POINTS * (len(ROW_FATES) + 0.15) + 20) / POINTS,
        left=MARGIN,
        bottom=MARGIN,
    )
    row_axes(axes, len(ROW_FATES))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_xlim(0, max(1, raw))
    for place, (fate, words) in enumerate(ROW_FATES.items()):
        rows = int(row_account[fate].sum())
        axes.barh(place, raw, height=0.3, color=FAINT, lw=0)
        axes.barh(place, rows, height=0.3, color=BLUE if fate == "used" else GREY, lw=0)
        share = f" ({number_text(100 * rows / raw, digits=1)}%)" if raw and rows else ""
        write_row(axes, place, words, f"{rows:,}{share}")
    return figure


@styled
def plot_completeness(counts: pd.DataFrame, *, complete_until: pd.Timestamp) -> Drawing:
    """Draw the last year of all new patients and where the counts stop being complete.

    Parameters
    ----------
    counts
        One row per clinic, persona and period, the incomplete last periods included.
    complete_until
        The last day up to which the counts are complete.
    """
    sentence = completeness_sentence(counts, complete_until=complete_until)
    totals = _totals(counts)
    totals = totals.loc[totals["period"] > complete_until - pd.DateOffset(years=1)]
    if totals.empty:
        figure, axes = open_figure(sentence, "", alt=sentence)
        only_words(axes, "There is nothing to draw.")
        return figure
    word = word_of_spacing(pd.Index(totals["period"]))
    figure, axes = open_figure(
        sentence.rstrip("."),
        f"All new patients a {word}, all clinics. Filled: complete; hollow: left out, since late "
        "entries still change them.",
        alt=sentence,
    )
    middle = totals["period"] + pd.to_timedelta(totals["days"] / 2, unit="D")
    complete = complete_periods(pd.DatetimeIndex(totals["period"]), complete_until=complete_until)
    axes.plot(middle, totals["observed"], "-", color=LIGHT, lw=1)
    for chosen, face in ((complete, INK), (~complete, "white")):
        axes.plot(middle[chosen], totals.loc[chosen, "observed"], "o", color=INK, mfc=face, ms=5)
    count_axis(axes, float(totals["observed"].max()), headroom=1.2)
    date_axis(axes)
    mark_day(axes, complete_until + pd.Timedelta(days=1), "complete up to here")
    return figure


def _totals(counts: pd.DataFrame) -> pd.DataFrame:
    """One row per period: ``period``, ``observed``, ``days``, ``active`` (never)."""
    observed = counts.groupby("period")["new_patients"].sum(min_count=1)
    totals = observed.rename("observed").reset_index()
    days = totals["period"].shift(-1) - totals["period"]
    return totals.assign(days=days.dt.days.ffill().fillna(7), active=False)


def _date_limits(first: pd.Timestamp, last: pd.Timestamp) -> tuple[float, float]:
    room = 0.01 * max(1.0, float(date2num(last) - date2num(first)))
    return float(date2num(first)) - room, float(date2num(last)) + room


def _number_starts(axes: Axes, starts: pd.Series) -> None:
    """Draw a thin line at each start, numbered at its foot; numbers too close are moved apart."""
    days = date2num(starts.to_numpy())
    low, high = axes.get_xlim()
    gap = (high - low) * NUMBER_POINTS / (axes.get_position().width * WIDTH * POINTS)
    for number, (day, at) in enumerate(
        zip(days, spread(days, gap=gap, low=low, high=high), strict=True), 1
    ):
        axes.axvline(day, color=LIGHT, lw=0.9, zorder=0.8)
        axes.annotate(
            str(number),
            (at, 0),
            xycoords=axes.get_xaxis_transform(),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=GREY,
            size=SMALL_SIZE,
            bbox={"boxstyle": "square,pad=0.06", "facecolor": "white", "edgecolor": "none"},
        )
