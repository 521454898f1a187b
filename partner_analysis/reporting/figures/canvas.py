"""The paper that figures are drawn on: one style, fitted text, labels that do not collide."""

from __future__ import annotations

import io
import textwrap
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import cache, lru_cache, wraps
from typing import Any, Final, NamedTuple, ParamSpec

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.ticker import MaxNLocator
from PIL import Image

from partner_analysis.reporting.numbers import ELLIPSIS, short_name

INK: Final = "#222222"
BLUE: Final = "#0072B2"
VERMILION: Final = "#D55E00"
GREY: Final = "#767676"
LIGHT: Final = "#BDBDBD"
FAINT: Final = "#E6E6E6"
BAND: Final = 0.18
WIDTH: Final = 8.0
HEIGHT: Final = 4.2
POINTS: Final = 72.0
MARGIN: Final = 10.0
ROW_GAP: Final = 11.0
TITLE_SIZE: Final = 15.0
SMALL_SIZE: Final = 11.5
TEXT_SIZE: Final = 12.0
FONT: Final = "DejaVu Sans"
UNKNOWN_SIGN: Final = "\N{WHITE SQUARE}"
PNG_DPI: Final = 144
COLOURS: Final = 64

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


class Label(NamedTuple):
    """Words beside a height on the y axis."""

    height: float
    text: str
    colour: str


def styled(draw: Callable[Parameters, Figure]) -> Callable[Parameters, Figure]:
    """Give a function that draws in this style and leaves everybody else's settings alone."""

    @wraps(draw)
    def drawn(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Figure:
        with mpl.rc_context(STYLE):
            return draw(*args, **kwargs)

    return drawn


def open_figure(
    title: str,
    subtitle: str,
    *,
    alt: str,
    height: float = HEIGHT,
    left: float = 44.0,
    right: float = 20.0,
    bottom: float = 34.0,
) -> tuple[Figure, Axes]:
    """Give a figure with title, subtitle and one axes; margins are in points.

    ``alt`` is kept on the figure; ``alt_text`` gives it back.
    """
    figure = Figure(figsize=(WIDTH, height))
    figure.set_label(alt)
    wide, tall = WIDTH * POINTS, height * POINTS
    top = tall - MARGIN
    for text, size, weight, colour, space in (
        (title, TITLE_SIZE, "bold", INK, 1.28),
        (subtitle, SMALL_SIZE, "normal", GREY, 1.36),
    ):
        for line in wrapped(text, size=size, width=wide - 2 * MARGIN, weight=weight):
            figure.text(
                MARGIN / wide, top / tall, line, size=size, weight=weight, color=colour, va="top"
            )
            top -= size * space
        top -= 3.0
    top -= 9.0
    box = (left / wide, bottom / tall, (wide - left - right) / wide, (top - bottom) / tall)
    axes = figure.add_axes(box)
    axes.tick_params(length=3, width=0.8)
    return figure, axes


def alt_text(figure: Figure) -> str:
    """Give the sentence that stands for the figure where it cannot be seen."""
    return str(figure.get_label())


def picture(figure: Figure) -> bytes:
    """Give the figure as a PNG with few colours, well under 60 kB; equal figures, equal bytes."""
    with mpl.rc_context(STYLE):
        figure.set_dpi(PNG_DPI)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        size = canvas.get_width_height()
    pixels = Image.frombuffer("RGBA", size, bytes(canvas.buffer_rgba())).convert("RGB")
    few = pixels.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    file = io.BytesIO()
    few.save(file, "PNG", compress_level=8)
    return file.getvalue()


def drawable(text: str, *, weight: str = "normal") -> str:
    """Give text with a square for every sign that the font cannot draw."""
    known = _signs(weight)
    line = unicodedata.normalize("NFC", short_name(text, most=1000))
    return "".join(sign if ord(sign) in known else UNKNOWN_SIGN for sign in line)


@lru_cache(maxsize=4096)
def text_width(text: str, *, size: float, weight: str = "normal") -> float:
    """Measure one line of drawable text, in points."""
    font = _font(weight)
    font.set_size(size, POINTS)
    font.set_text(text, 0.0)
    return font.get_width_height()[0] / 64


def fitted(text: str, *, size: float = TEXT_SIZE, width: float) -> str:
    """Give text cut to a width in points."""
    text = drawable(text)
    if text_width(text, size=size) <= width:
        return text
    kept = bisect_left(
        range(len(text)), True, key=lambda n: text_width(text[:n] + ELLIPSIS, size=size) > width
    )
    return text[: max(0, kept - 1)].rstrip() + ELLIPSIS


def wrapped(text: str, *, size: float, width: float, weight: str = "normal") -> list[str]:
    """Give text as lines that fit a width in points; words too long for a line are broken."""
    text = drawable(text, weight=weight)
    signs = int(width / size * 2)
    while True:
        lines = textwrap.wrap(text, signs)
        widest = max((text_width(line, size=size, weight=weight) for line in lines), default=0.0)
        if widest <= width or signs == 1:
            return lines
        signs = max(1, min(signs - 1, int(signs * width / widest) + 2))


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
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def date_axis(axes: Axes) -> None:
    """Write short dates on the x axis."""
    locator = AutoDateLocator(minticks=3, maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))


def mark_day(
    axes: Axes,
    day: pd.Timestamp,
    words: str,
    *,
    colour: str = GREY,
    drop: float = 0.0,
    late: bool | None = None,
) -> None:
    """Draw a thin line at a day, with words beside its top, on the side that has room.

    ``drop`` lowers the top, in points; ``late`` decides the side (True = left of the line).
    """
    at = float(date2num(day))
    left, right = axes.get_xlim()
    box = axes.get_position()
    room = (right - at) / (right - left) * box.width * WIDTH * POINTS + 50
    if late is None:
        late = text_width(drawable(words), size=SMALL_SIZE) + 8 > room
    tall = box.height * axes.get_figure().get_figheight() * POINTS  # type: ignore[union-attr]
    axes.axvline(at, ymax=1 - drop / tall, color=colour, lw=0.9, zorder=0.8)
    axes.annotate(
        drawable(words),
        (at, 1),
        xycoords=axes.get_xaxis_transform(),
        xytext=(-4 if late else 4, -1 - drop),
        textcoords="offset points",
        ha="right" if late else "left",
        va="top",
        color=GREY,
        size=SMALL_SIZE,
        annotation_clip=False,
        bbox={"boxstyle": "square,pad=0.06", "facecolor": "white", "edgecolor": "none"},
    )


def side_room(texts: Sequence[str], *, most: float) -> float:
    """Give the margin in points that these words need beside a row, up to ``most``."""
    lines = [drawable(line) for text in texts for line in text.split("\n")]
    widths = [text_width(line, size=TEXT_SIZE) for line in lines if line]
    return min(most, max(widths, default=0.0) + ROW_GAP + MARGIN)


def write_row(axes: Axes, row: int, left: str, right: str, *, colour: str = INK) -> None:
    """Write words on both sides of a row, cut to the room there is."""
    box = axes.get_position()
    wide = WIDTH * POINTS
    rooms = (box.x0 * wide, (1 - box.x1) * wide)
    for edge, align, words, room in ((0, "right", left, rooms[0]), (1, "left", right, rooms[1])):
        width = room - ROW_GAP - MARGIN + 1
        axes.annotate(
            "\n".join(fitted(line, width=width) for line in words.split("\n")),
            (edge, row),
            xycoords=axes.get_yaxis_transform(),
            xytext=(ROW_GAP if edge else -ROW_GAP, 0),
            textcoords="offset points",
            ha=align,
            va="center",
            color=colour,
            annotation_clip=False,
        )


def row_axes(axes: Axes, rows: int) -> None:
    """Let the y axis hold rows from the top down, without ticks or lines."""
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def only_words(axes: Axes, words: str) -> None:
    """Say in an empty axes why there is nothing to see."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", color=GREY)


@cache
def _font(weight: str) -> FT2Font:
    return get_font(findfont(FontProperties(family=FONT, weight=weight)))


@cache
def _signs(weight: str) -> frozenset[int]:
    return frozenset(_font(weight).get_charmap())
