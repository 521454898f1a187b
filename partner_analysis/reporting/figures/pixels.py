"""A figure as a small picture: its own colours as they are, and few steps between them."""

from __future__ import annotations

import io
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from partner_analysis.reporting.figures.canvas import PNG_DPI, STYLE

OWN: Final = 0.0005  # share of all pixels from which on a colour is drawn, no edge of a letter
STEP: Final = 32  # of 255: edges of letters in eight steps look as they do in all
MOST: Final = 256  # colours of a palette


def picture(figure: Figure) -> bytes:
    """Give the figure as a PNG with few colours, well under 60 kB; equal figures, equal bytes."""
    with mpl.rc_context(STYLE):
        figure.set_dpi(PNG_DPI)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        size = canvas.get_width_height()
    pixels = Image.frombuffer("RGBA", size, bytes(canvas.buffer_rgba())).convert("RGB")
    file = io.BytesIO()
    in_few_colours(pixels).save(file, "PNG", compress_level=8)  # the last takes twice the time
    return file.getvalue()


def in_few_colours(pixels: Image.Image) -> Image.Image:
    """Give the same picture with a palette: no channel of a pixel moves by more than a step.

    Colours that cover something stay as they are. Those in between, which smooth the edges of
    letters and lines, are rounded to steps from white; a step beside a colour that covers
    something becomes it.
    """
    area = pixels.width * pixels.height
    found = pixels.getcolors(area) or []
    colours = np.array([colour for _, colour in found])
    covers = np.array([number for number, _ in found]) >= OWN * area
    rounded = 255 - np.rint((255 - colours) / STEP).astype(int) * STEP
    rounded = np.clip(rounded, 0, 255)
    own = colours[covers]
    if len(own):
        away = np.abs(rounded[:, None] - own[None]).max(axis=2)
        near = away.min(axis=1) <= STEP / 2
        rounded[near] = own[away.argmin(axis=1)[near]]
        rounded[covers] = own
    palette, places = np.unique(rounded, axis=0, return_inverse=True)
    if len(palette) > MOST:
        return pixels.quantize(MOST, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    table = np.zeros(1 << 24, dtype=np.uint8)
    table[_keys(colours)] = places.ravel()
    few = Image.fromarray(table[_keys(np.asarray(pixels))])
    few.putpalette(palette.astype(np.uint8).tobytes())
    return few


def _keys(colours: np.ndarray) -> np.ndarray:
    """One number for each colour."""
    red, green, blue = (colours[..., channel].astype(np.int32) for channel in range(3))
    return (red << 16) | (green << 8) | blue
