"""The map of gaps: who comes where, who is growing, and where a partner runs."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from partner_analysis.reporting.figures.canvas import (
    BLUE,
    INK,
    MARGIN,
    WIDTH,
    Drawing,
    only_words,
    open_figure,
    styled,
)
from partner_analysis.reporting.figures.letters import POINTS, SMALL_SIZE, fitted, text_width
from partner_analysis.reporting.gaps import gaps_sentence, gaps_title
from partner_analysis.reporting.numbers import number_text

MOST_CLINICS: Final = 8
MOST_PERSONAS: Final = 12
CELL_POINTS: Final = 34.0
HEAD_POINTS: Final = 40.0
LINE_POINTS: Final = 15.0
NAME_POINTS: Final = 110.0
DARK: Final = 0.7  # of the largest: from here on words are white
SHADES: Final = LinearSegmentedColormap.from_list("shades", ["#FFFFFF", BLUE])


@styled
def plot_gaps(gaps: pd.DataFrame) -> Drawing:
    """Draw every kind of patient at every clinic: how many come, who grows, where a partner runs.

    Parameters
    ----------
    gaps
        From ``find_gaps``.
    """
    clinics, personas = _shown(gaps, "clinic", MOST_CLINICS), _shown(gaps, "persona", MOST_PERSONAS)
    left_out = gaps["clinic"].nunique() - len(clinics) + gaps["persona"].nunique() - len(personas)
    several = f" {left_out} smaller clinics or kinds are left out." if left_out else ""
    more = " 1 smaller clinic or kind is left out." if left_out == 1 else several
    longest = max((text_width(fitted(name, width=NAME_POINTS), size=SMALL_SIZE)
                   for name in personas), default=0.0)  # fmt: skip
    figure, axes = open_figure(
        gaps_title(gaps),
        "New patients a month in the last 12 months; the stronger the shade, the more. Framed "
        f"with a dot: a partner runs. Triangle: clearly growing.{more}",
        alt=" ".join(gaps_sentence(gaps)),
        height=(HEAD_POINTS + CELL_POINTS * max(len(personas), 1) + MARGIN) / POINTS,
        left=longest + 2 * MARGIN,
        top=HEAD_POINTS,
        bottom=MARGIN,
        right=3 * MARGIN,
    )
    if gaps.empty:
        only_words(axes, "There is nothing to draw.")
        return figure
    _name_cells(axes, clinics, personas)
    most = max(float(gaps["a_month"].max()), 1e-9)
    for row in gaps.itertuples():
        if row.clinic in clinics and row.persona in personas:
            place = (clinics.index(row.clinic), personas.index(row.persona))
            words = number_text(row.a_month, digits=1) + (" \u25b2" if row.is_growing else "")
            _draw_cell(axes, place, words, row.a_month / most, runs=bool(row.partners))
    return figure


def _shown(gaps: pd.DataFrame, column: str, most: int) -> list[str]:
    """Names of the largest, by name."""
    sizes = gaps.groupby(column)["a_month"].sum().sort_values(ascending=False, kind="stable")
    return sorted(sizes.index[:most])


def _name_cells(axes: Axes, clinics: list[str], personas: list[str]) -> None:
    """Write the names of clinics above and of kinds of patient at the left."""
    axes.set_xlim(-0.5, len(clinics) - 0.5)
    axes.set_ylim(len(personas) - 0.5, -0.5)
    axes.set_xticks([])
    cell = axes.get_position().width * WIDTH * POINTS / len(clinics)
    room = min(2 * cell - MARGIN, cell + 5 * MARGIN)
    for place, name in enumerate(clinics):  # in two lines by turns, so that long names fit
        axes.annotate(
            fitted(name, size=SMALL_SIZE, width=room),
            (place, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(0, 4 + LINE_POINTS * (place % 2)),
            textcoords="offset points",
            ha="center",
            va="bottom",
            size=SMALL_SIZE,
            color=INK,
            annotation_clip=False,
        )
    rows = [fitted(name, size=SMALL_SIZE, width=NAME_POINTS) for name in personas]
    axes.set_yticks(np.arange(len(personas)), rows, color=INK)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _draw_cell(axes: Axes, place: tuple[int, int], words: str, share: float, *, runs: bool) -> None:
    """Draw one cell: its shade, its number, and a frame with a dot where a partner runs."""
    x, y = place
    corner, side = (x - 0.46, y - 0.44), (0.92, 0.88)
    axes.add_patch(
        Rectangle(corner, *side, facecolor=SHADES(0.04 + 0.96 * share), edgecolor="none")
    )
    colour = "white" if share >= DARK else INK
    if runs:
        axes.add_patch(Rectangle(corner, *side, facecolor="none", edgecolor=INK, lw=1.8))
        axes.plot([x + 0.36], [y - 0.29], "o", color=colour, ms=4.5)
    room = axes.get_position().width * WIDTH * POINTS / (axes.get_xlim()[1] + 0.5)
    axes.text(x, y + 0.06, fitted(words, width=room), ha="center", va="center", color=colour)
