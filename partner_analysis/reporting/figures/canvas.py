"""The paper that figures are drawn on: one style, fitted text, labels that do not collide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import IdentityTransform

from partner_analysis.reporting.figures.letters import (
    FONT,
    PNG_DPI,
    POINTS,
    SMALL_SIZE,
    TEXT_SIZE,
    drawable,
    fitted,
    text_width,
)

INK: Final = "#222222"
BLUE: Final = "#0072B2"
VERMILION: Final = "#D55E00"
GREY: Final = "#767676"
LIGHT: Final = "#BDBDBD"
FAINT: Final = "#E6E6E6"
BAND: Final = 0.18
WIDTH: Final = 5.6  # words stay legible where a phone shows the picture 350 pixels wide
HEIGHT: Final = 3.5
MARGIN: Final = 8.0
TICK_POINTS: Final = 12.0
ROW_POINTS: Final = 40.0
ROW_WORDS: Final = 0.42
RIM: Final = 6.0  # points of paper around letters, so that a line may pass behind them

STYLE: Final[Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": LIGHT,
    "axes.formatter.use_mathtext": False,
    "axes.labelcolor": GREY,
    "axes.labelsize": SMALL_SIZE,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "font.family": FONT,
    "font.size": TEXT_SIZE,
    "path.simplify": True,
    "savefig.bbox": "standard",
    "savefig.dpi": PNG_DPI,
    "savefig.facecolor": "white",
    "text.color": INK,
    "text.parse_math": False,
    "text.usetex": False,
    "timezone": "UTC",
    "xtick.color": LIGHT,
    "xtick.labelcolor": GREY,
    "xtick.labelsize": SMALL_SIZE,
    "ytick.color": LIGHT,
    "ytick.labelcolor": GREY,
    "ytick.labelsize": SMALL_SIZE,
}
Parameters = ParamSpec("Parameters")
Drawn = TypeVar("Drawn")


class Drawing(Figure):
    """A figure with its words beside it: pages write them as text, which wraps on a phone."""

    title: str = ""
    subtitle: str = ""
    is_blank: bool = False


class Rimmed(Annotation):
    """Words with a rim of paper around each letter, so that a line may pass behind them."""


class Label(NamedTuple):
    """Words beside a height on the y axis."""

    height: float
    text: str
    colour: str


def styled(draw: Callable[Parameters, Drawn]) -> Callable[Parameters, Drawn]:
    """Give a function that draws in this style and leaves everybody else's settings alone."""

    @wraps(draw)
    def drawn(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Drawn:
        with mpl.rc_context(STYLE):
            return draw(*args, **kwargs)

    return drawn


def open_figure(
    title: str,
    subtitle: str,
    *,
    alt: str,
    height: float = HEIGHT,
    left: float = 34.0,
    right: float = MARGIN,
    bottom: float = 30.0,
    top: float = MARGIN,
) -> tuple[Drawing, Axes]:
    """Give a figure with one axes; title and subtitle stand beside the picture, not inside it.

    Margins are in points. ``alt`` is kept on the figure; ``alt_text`` gives it back.
    """
    figure = Drawing(figsize=(WIDTH, height))
    figure.title, figure.subtitle = title, subtitle
    figure.set_label(alt)
    wide, tall = WIDTH * POINTS, height * POINTS
    tall_box = (tall - top - bottom) / tall
    axes = figure.add_axes((left / wide, bottom / tall, (wide - left - right) / wide, tall_box))
    axes.tick_params(length=3, width=0.8)
    return figure, axes


def alt_text(figure: Figure) -> str:
    """Give the sentence that stands for the figure where it cannot be seen."""
    return str(figure.get_label())


def spread(heights: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Move heights apart to at least ``gap``, in the same order, as little as is easy.

    Examples
    --------
    >>> spread([5.0, 5.2], gap=1.0, low=0.0, high=10.0)
    [4.6, 5.6]
    """
    order = np.argsort(heights, kind="stable")
    placed = np.asarray(heights, dtype=float)[order]
    for _ in range(10 * len(placed)):
        steps = np.diff(placed)
        close = np.flatnonzero(steps < gap - 1e-9)
        if len(close) == 0:
            break
        first = close[0]
        push = (gap - steps[first]) / 2
        placed[first] -= push
        placed[first + 1] += push
    if len(placed):
        placed += max(0.0, low - placed[0]) - max(0.0, placed[-1] - high)
    moved = np.empty_like(placed)
    moved[order] = placed
    return [round(float(height), 9) for height in moved]


def label_ends(axes: Axes, labels: Sequence[Label]) -> None:
    """Write words at the right end of lines, moved apart where they would collide."""
    low, high = axes.get_ylim()
    tall = axes.get_position().height * axes.get_figure().get_figheight() * POINTS  # type: ignore[union-attr]
    gap = (high - low) * 1.3 * TEXT_SIZE / tall
    heights = spread([label.height for label in labels], gap=gap, low=low, high=high)
    for label, height in zip(labels, heights, strict=True):
        axes.annotate(
            drawable(label.text),
            (1, height),
            xycoords=axes.get_yaxis_transform(),
            xytext=(7, 0),
            textcoords="offset points",
            color=label.colour,
            va="center",
            annotation_clip=False,
        )


def count_axis(axes: Axes, most: float, *, headroom: float = 1.12) -> None:
    """Let the y axis count from zero in whole numbers, with light lines across."""
    axes.set_ylim(0, max(1.0, most) * headroom)
    _make_room(axes, f"{most * headroom:,.0f}")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _make_room(axes: Axes, widest: str) -> None:
    """Move the left end of the axes so far that the widest number beside it fits."""
    box, wide = axes.get_position(), WIDTH * POINTS
    left = max(box.x0, (text_width(widest, size=SMALL_SIZE) + TICK_POINTS) / wide)
    axes.set_position((left, box.y0, box.x1 - left, box.height))


def date_axis(axes: Axes) -> None:
    """Write short dates on the x axis."""
    locator = AutoDateLocator(minticks=3, maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))


def write_row(axes: Axes, row: int, left: str, right: str, *, colour: str = INK) -> None:
    """Write words above a row: a name at the left, cut if need be, and a number at the right."""
    wide = axes.get_position().width * WIDTH * POINTS
    room = wide - text_width(drawable(right), size=TEXT_SIZE) - 12
    for edge, align, words in ((0, "left", fitted(left, width=room)), (1, "right", right)):
        written = Rimmed(
            drawable(words),
            (edge, row - ROW_WORDS),
            xycoords=axes.get_yaxis_transform(),
            ha=align,
            va="center",
            color=colour,
            annotation_clip=False,
        )
        written.set_transform(IdentityTransform())
        axes.add_artist(written)


def row_axes(axes: Axes, rows: int) -> None:
    """Let the y axis hold rows from the top down, each with room for words above it."""
    axes.set_ylim(rows - 0.6, -0.75)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def only_words(axes: Axes, words: str) -> None:
    """Say in an empty axes why there is nothing to see; pages leave such a picture out."""
    figure = axes.get_figure()
    if isinstance(figure, Drawing):
        figure.is_blank = True
    axes.set_axis_off()
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", color=GREY)
