"""Days marked by thin lines with words beside them, which never stand on one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from partner_analysis.reporting.figures.canvas import GREY, POINTS, WIDTH
from partner_analysis.reporting.figures.letters import SMALL_SIZE, drawable, text_width

ROW: Final = 15.0  # points from one row of words to the next
GAP: Final = 4.0  # points between a line and its words
MOST_ROWS: Final = 6


class Mark(NamedTuple):
    """Where a mark stands, in points from the left of the axes, and where its words go."""

    at: float
    left: float
    right: float
    row: int
    is_late: bool


def mark_day(axes: Axes, day: pd.Timestamp, words: str) -> None:
    """Draw a thin line at a day, with words beside its top, on the side that has room."""
    mark_days(axes, [(day, words)])


def mark_days(axes: Axes, days: Sequence[tuple[pd.Timestamp, str]]) -> None:
    """Draw a thin line at each day, with words beside its top, each clear of the others.

    Words go to the right of their line, or to its left, or a row lower, whatever comes first.
    """
    box, (low, high) = axes.get_position(), axes.get_xlim()
    wide = box.width * WIDTH * POINTS
    tall = box.height * axes.get_figure().get_figheight() * POINTS  # type: ignore[union-attr]
    texts = [drawable(words) for _, words in days]
    at = [(float(date2num(day)) - low) / (high - low) * wide for day, _ in days]
    widths = [text_width(text, size=SMALL_SIZE) + GAP for text in texts]
    ends = (-box.x0 * WIDTH * POINTS, (1 - box.x0) * WIDTH * POINTS)
    for mark, text, (day, _) in zip(place_words(at, widths, ends=ends), texts, days, strict=True):
        drop = ROW * mark.row
        axes.axvline(date2num(day), ymax=1 - drop / tall, color=GREY, lw=0.9, zorder=0.8)
        axes.annotate(
            text,
            (float(date2num(day)), 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-GAP if mark.is_late else GAP, -1 - drop),
            textcoords="offset points",
            ha="right" if mark.is_late else "left",
            va="top",
            color=GREY,
            size=SMALL_SIZE,
            annotation_clip=False,
            bbox={"boxstyle": "square,pad=0.06", "facecolor": "white", "edgecolor": "none"},
        )


def place_words(
    at: Sequence[float], widths: Sequence[float], *, ends: tuple[float, float]
) -> list[Mark]:
    """Give each mark a row and a side, in their order, so that no words meet.

    All in points from the left of the axes; ``ends`` are those of the picture.

    Words that would cross the line of another mark go lower first; where no place is free of
    lines, one that is free of words must do.

    Examples
    --------
    >>> [(mark.row, mark.is_late) for mark in place_words([0, 10], [50, 50], ends=(0, 99))]
    [(0, False), (1, False)]
    """
    placed: list[Mark] = []
    for position, width in zip(at, widths, strict=True):
        tried = [
            Mark(position, left, right, row, is_late)
            for row in range(MOST_ROWS)
            for is_late, (left, right) in (
                (False, (position + GAP, position + GAP + width)),
                (True, (position - GAP - width, position - GAP)),
            )
            if left >= ends[0] and right <= ends[1]
        ]
        clear = [mark for mark in tried if not any(_meet(mark, other) for other in placed)]
        free = [mark for mark in clear if not any(mark.left < x < mark.right for x in at)]
        lower = Mark(position, position + GAP, position + GAP + width, len(placed), False)
        placed.append((free or clear or [lower])[0])
    return placed


def _meet(one: Mark, other: Mark) -> bool:
    return one.row == other.row and one.left < other.right and other.left < one.right
