"""Figures of how good the exports are: who is asked, who counts, how far back they reach."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.dates import date2num

from partner_analysis.fields import so_many
from partner_analysis.reporting.figures.canvas import (
    BLUE,
    FAINT,
    GREY,
    INK,
    MARGIN,
    ROW_POINTS,
    VERMILION,
    Drawing,
    date_axis,
    only_words,
    open_figure,
    row_axes,
    styled,
    write_row,
)
from partner_analysis.reporting.figures.letters import POINTS, SMALL_SIZE
from partner_analysis.reporting.numbers import count_text, month_text

MOST_CLINICS: Final = 10
ROW_HEIGHT: Final = 0.34


@styled
def plot_capture(capture: pd.DataFrame, shifts: pd.DataFrame) -> Drawing:
    """Draw how often a source is written down at each clinic, quarter by quarter.

    Parameters
    ----------
    capture
        One row per clinic and month: ``new_patients``, ``nothing_written``.
    shifts
        One row per clinic and month from which the share is another; these are marked.
    """
    shares = _by_quarter(capture)
    title, sentence = _capture_words(shifts)
    if shares.empty:
        figure, axes = open_figure(title, "", alt=sentence)
        only_words(axes, "There is nothing to draw.")
        return figure
    clinics = _clinics_shown(shares, shifts)
    left_out = shares["clinic"].nunique() - len(clinics)
    more = f" {so_many(left_out, 'further clinic', 'are in the table')}." if left_out else ""
    figure, axes = open_figure(
        title,
        "Bars: share of new patients, a quarter each, whose source was written down. Number at the "
        f"right: over the whole time. Orange line: from here on it is another.{more}",
        alt=sentence,
        height=(ROW_POINTS * (len(clinics) + 0.35) + 24) / POINTS,
        left=2 * MARGIN,
        right=2 * MARGIN,
        bottom=24.0,
    )
    row_axes(axes, len(clinics))
    for row, clinic in enumerate(clinics):
        own = shares.loc[shares["clinic"] == clinic]
        low = row + ROW_HEIGHT / 2
        wide = np.full(len(own), 80.0)
        axes.bar(
            own["quarter"], -ROW_HEIGHT, width=wide, bottom=low, color=FAINT, lw=0, align="edge"
        )
        axes.bar(
            own["quarter"], -ROW_HEIGHT * own["share"], width=wide, bottom=low, color=BLUE, lw=0,
            align="edge",
        )  # fmt: skip
        for day in shifts.loc[shifts["clinic"] == clinic, "month"]:
            axes.plot([day, day], [low, low - ROW_HEIGHT], color=VERMILION, lw=2)
        whole = own["written"].sum() / own["new_patients"].sum()
        write_row(axes, row, clinic, f"{100 * whole:.0f}%")
    last = shares["quarter"].max() + pd.DateOffset(months=3)
    axes.set_xlim(date2num(shares["quarter"].min()), date2num(last))
    date_axis(axes)
    return figure


def _by_quarter(capture: pd.DataFrame) -> pd.DataFrame:
    """One row per clinic and quarter: new_patients, written (down), share."""
    quarter = capture["month"].dt.to_period("Q").dt.to_timestamp()
    sums = capture.assign(quarter=quarter).groupby(["clinic", "quarter"], as_index=False)[
        ["new_patients", "nothing_written"]
    ].sum()  # fmt: skip
    written = sums["new_patients"] - sums["nothing_written"]
    return sums.assign(written=written, share=written / sums["new_patients"].clip(lower=1))


def _clinics_shown(shares: pd.DataFrame, shifts: pd.DataFrame) -> list[str]:
    """Clinics with a shift first, then those where least is written down; at most ten, by name."""
    sums = shares.groupby("clinic")[["written", "new_patients"]].sum()
    order = (sums["written"] / sums["new_patients"]).sort_values(kind="stable").index.tolist()
    moved = list(dict.fromkeys(shifts["clinic"]))
    chosen = [*moved, *(clinic for clinic in order if clinic not in moved)][:MOST_CLINICS]
    return sorted(chosen)


def _capture_words(shifts: pd.DataFrame) -> tuple[str, str]:
    """Title and sentence of the figure."""
    moved = shifts.loc[shifts["what"] == "written down"]
    if moved.empty:
        title = "Sources are written down as often as before"
        return title, f"{title}, at every clinic, as far as luck can tell."
    row = moved.iloc[0]
    more = f", and elsewhere {len(moved) - 1} more times" if len(moved) > 1 else ""
    word = "more" if row["after"] > row["before"] else "less"
    since = f"{word} often since {month_text(row['month'])}"
    title = f"At {row['clinic']}, sources are written down {since}"
    said = f"{title} ({100 * row['before']:.0f}% before, {100 * row['after']:.0f}% after){more}."
    return title, said


@styled
def plot_definitions(definitions: pd.DataFrame) -> Drawing:
    """Draw how many new patients each definition counts.

    Parameters
    ----------
    definitions
        One row per definition: ``definition``, ``new_patients``, ``difference``, ``is_used``.
    """
    title = definitions_title(definitions)
    figure, axes = open_figure(
        title,
        "New patients in all complete periods, by each definition; blue: the one used.",
        alt=title + ".",
        height=(ROW_POINTS * (len(definitions) + 0.15) + 12) / POINTS,
        left=MARGIN,
        bottom=MARGIN,
    )
    row_axes(axes, len(definitions))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    most = max(1, int(definitions["new_patients"].max()))
    axes.set_xlim(0, most)
    for place, row in enumerate(definitions.itertuples()):
        axes.barh(place, most, height=0.3, color=FAINT, lw=0)
        axes.barh(place, row.new_patients, height=0.3, color=BLUE if row.is_used else GREY, lw=0)
        words = f"{row.definition} (used)" if row.is_used else row.definition
        write_row(axes, place, words, f"{row.new_patients:,}")
    return figure


def definitions_title(definitions: pd.DataFrame) -> str:
    """How much another definition would change the count, as a title."""
    others = definitions.loc[~definitions["is_used"], "difference"].dropna()
    if others.abs().max() < 0.005 or others.empty:
        return "Every definition of a new patient counts the same"
    most = others.loc[others.abs().idxmax()]
    word = "more" if most > 0 else "fewer"
    return f"Another definition would count up to {abs(100 * most):.0f}% {word} new patients"


@styled
def plot_history(history: pd.DataFrame) -> Drawing:
    """Draw how many counted as new had been there before, by how far back the data reach.

    Parameters
    ----------
    history
        One row per months of history: ``overcount`` (share of those counted).
    """
    title = history_title(history)
    figure, axes = open_figure(
        title,
        "Share of those counted as new who had been there before, by how many months the data "
        "reach back before them.",
        alt=title + ".",
        bottom=46.0,
    )
    if history.empty:
        only_words(axes, "There is nothing to draw.")
        return figure
    axes.plot(history["months"], 100 * history["overcount"], "-", color=INK, lw=1.9)
    axes.set_xlim(0, float(history["months"].max()))
    axes.set_ylim(0, max(5.0, 115 * float(history["overcount"].max())))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0f}%")
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("months of data before the visit", size=SMALL_SIZE)
    return figure


def history_title(history: pd.DataFrame) -> str:
    """From when returning patients are told from new ones, as a title."""
    if history.empty:
        return "The data are too short to tell returning patients from new ones"
    small = history.loc[history["overcount"] <= 0.05, "months"]
    if small.empty:
        return "Even at the end of the data some who return are counted as new"
    if small.iloc[0] <= 1:
        return "Hardly anybody who returns is counted as new"
    first = count_text(int(small.iloc[0]), "month")
    return f"In their first {first} the data take some who return for new"
