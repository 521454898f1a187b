"""A figure as pixels: lines and areas drawn by matplotlib, words written on top by Pillow.

Words are most of what a picture costs. Pillow writes them, and the rims around them, in a tenth
of the time, as sharp; all that matplotlib asks of words (how wide, how high) is asked of the
same font, so that what is placed is what is drawn.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from partner_analysis.reporting.figures.canvas import PNG_DPI, RIM, STYLE, Rimmed
from partner_analysis.reporting.figures.letters import POINTS, font_of_size

PAPER: Final = "white"


class Words(NamedTuple):
    """A line of words on a sheet, all in pixels: where its baseline begins, from the top left.

    ``size`` is that of the font, ``rim`` the width of paper around each letter.
    """

    x: float
    y: float
    text: str
    size: float
    colour: str
    rim: float


class Pen(RendererAgg):
    """Draws everything but words, which it keeps in the order in which they were asked for."""

    def __init__(self, width: float, height: float, dpi: float) -> None:
        super().__init__(width, height, dpi)
        self.words: list[Words] = []

    def clear(self) -> None:
        """Begin anew."""
        super().clear()
        self.words = []

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float,
        ismath: Any = False, mtext: Any = None,
    ) -> None:  # fmt: skip
        """Keep a line of words; none in a figure of ours is turned or has formulas."""
        rim = RIM / 2 * self.dpi / POINTS if isinstance(mtext, Rimmed) else 0.0
        self.words.append(Words(x, y, s, self._pixels(prop), to_hex(gc.get_rgb()), rim))

    def get_text_width_height_descent(
        self, s: str, prop: Any, ismath: Any
    ) -> tuple[float, float, float]:
        """How much room a line of words takes, in pixels: across, in all, below its baseline."""
        font = font_of_size(self._pixels(prop))
        _, top, _, bottom = font.getbbox(s, anchor="ls")
        return font.getlength(s), bottom - top, bottom

    def _pixels(self, prop: Any) -> float:
        return float(prop.get_size_in_points()) * self.dpi / POINTS


class Sheet(FigureCanvasAgg):
    """What a figure is drawn on."""

    renderer: Pen | None = None

    def get_renderer(self) -> Pen:
        """The pen for the size that the figure has now."""
        wanted = (*self.get_width_height(physical=True), self.figure.dpi)
        pen = self.renderer
        if pen is None or wanted != (pen.width, pen.height, pen.dpi):
            self.renderer = pen = Pen(*wanted)
        return pen


def drawn(figure: Figure, *, dpi: float = PNG_DPI) -> Image.Image:
    """Give the figure as an opaque picture in all its colours."""
    with mpl.rc_context(STYLE):
        figure.set_dpi(dpi)
        sheet = Sheet(figure)
        sheet.draw()
    size = sheet.get_width_height(physical=True)
    pixels = Image.frombytes("RGBA", size, bytes(sheet.buffer_rgba()))
    on_paper = ImageDraw.Draw(pixels)
    for words in sheet.get_renderer().words:
        on_paper.text(
            (words.x, words.y),
            words.text,
            fill=words.colour,
            font=font_of_size(words.size),
            anchor="ls",
            stroke_width=words.rim,
            stroke_fill=PAPER,
        )
    return pixels
