"""Figures of possible partners: what is known of each, part by part."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from partner_analysis.attribution.choosing import MOST_SCORE, PARTS
from partner_analysis.reporting.choosing import (
    PART_WORDS,
    choosing_sentence,
    choosing_title,
    score_text,
)
from partner_analysis.reporting.figures.canvas import (
    BLUE,
    FAINT,
    GREY,
    MARGIN,
    Drawing,
    only_words,
    open_figure,
    row_axes,
    styled,
    write_row,
)
from partner_analysis.reporting.figures.intervals import rows_height
from partner_analysis.reporting.figures.letters import SMALL_SIZE

THICK: Final = 0.28
SLOT_GAP: Final = 0.01
LEAST_LABELLED: Final = 0.12


@styled
def plot_candidates(scored: pd.DataFrame, parts: pd.DataFrame) -> Drawing:
    """Draw how far each candidate fills each part of the score; what is not known stays open.

    Parameters
    ----------
    scored
        One row per candidate, from ``score_candidates``.
    parts
        One row per candidate and part, from ``score_parts``.
    """
    figure, axes = open_figure(
        choosing_title(scored),
        "Filled: score of each part, which is as wide as its weight; question mark: not known. "
        "Right: score of 5. Providers, last, are scored on fewer parts and not ranked.",
        alt=choosing_sentence(scored),
        height=rows_height(max(2, len(scored))),
        left=MARGIN,
        right=MARGIN,
    )
    if scored.empty:
        only_words(axes, "There is no candidate to draw.")
        return figure
    row_axes(axes, len(scored))
    axes.set_xlim(0, 1)
    axes.spines["bottom"].set_visible(False)
    slots = _slots(parts)
    for place, row in enumerate(scored.rename(columns={"name": "called"}).itertuples()):
        own = parts.loc[parts["candidate_id"] == row.candidate_id]
        for part, score in zip(own["part"], own["score"], strict=True):
            _draw_part(axes, place, slots[part], score)
        words = f"{row.called}, provider" if row.provider else str(row.called)
        colour = GREY if row.provider else "#222222"
        write_row(axes, place, words, score_text(row.low, row.high), colour=colour)
    named = {part: slot for part, slot in slots.items() if slot[1] >= LEAST_LABELLED}
    axes.set_xticks([left + width / 2 for left, width in named.values()])
    axes.set_xticklabels([PART_WORDS[part] for part in named])
    axes.tick_params(axis="x", length=0)
    return figure


def _slots(parts: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Left end and width of each part, by the candidate with the most parts."""
    fullest = parts.groupby("candidate_id")["part"].transform("size")
    own = parts.loc[fullest == fullest.max()].drop_duplicates("part").set_index("part")["share"]
    order = [part for part in PARTS if part in own.index]
    widths = own[order].to_numpy(float) / own[order].sum()
    lefts = np.concatenate([[0.0], np.cumsum(widths)[:-1]])
    return dict(zip(order, zip(lefts.tolist(), widths.tolist(), strict=True), strict=True))


def _draw_part(axes: Axes, place: int, slot: tuple[float, float], score: float) -> None:
    """Draw one slot: empty in grey, filled as far as the score goes, or a question mark."""
    left, width = slot[0] + SLOT_GAP / 2, slot[1] - SLOT_GAP
    axes.barh(place, width, left=left, height=THICK, color=FAINT, lw=0)
    if np.isnan(score):
        middle = left + width / 2
        axes.text(middle, place, "?", ha="center", va="center", color=GREY, size=SMALL_SIZE)
        return
    axes.barh(place, width * score / MOST_SCORE, left=left, height=THICK, color=BLUE, lw=0)
