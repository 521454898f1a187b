"""A figure as a small picture: its own colours as they are, and few steps between them."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from partner_analysis.reporting.figures.sheets import drawn

OWN: Final = 0.0005  # share of all pixels from which on a colour is drawn, no edge of a letter
STEP: Final = 32  # of 255: edges of letters in eight steps look as they do in all
MOST: Final = 256  # colours of a palette


def picture(figure: Figure) -> bytes:
    """Give the figure as a PNG with few colours, well under 60 kB; equal figures, equal bytes."""
    file = io.BytesIO()
    in_few_colours(drawn(figure)).save(file, "PNG", compress_level=7)
    return file.getvalue()


def in_few_colours(pixels: Image.Image) -> Image.Image:
    """Give the same opaque picture with a palette: no channel of a pixel moves by over a step.

    Colours that cover something stay as they are. Those in between, which smooth the edges of
    letters and lines, are rounded to steps from white; a step beside a colour that covers
    something becomes it.
    """
    each = np.ascontiguousarray(pixels).view(np.uint32).ravel()
    places, found = pd.factorize(each)
    colours = found.view(np.uint8).reshape(-1, 4)[:, :3].astype(int)
    covers = np.bincount(places) >= OWN * len(each)
    rounded = 255 - np.rint((255 - colours) / STEP).astype(int) * STEP
    rounded = np.clip(rounded, 0, 255)
    own = colours[covers]
    if len(own):
        away = np.abs(rounded[:, None] - own[None]).max(axis=2)
        near = away.min(axis=1) <= STEP / 2
        rounded[near] = own[away.argmin(axis=1)[near]]
        rounded[covers] = own
    palette, steps = np.unique(rounded, axis=0, return_inverse=True)
    if len(palette) > MOST:
        whole = pixels.convert("RGB")
        return whole.quantize(MOST, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few = Image.fromarray(steps.ravel().astype(np.uint8)[places].reshape(pixels.height, -1))
    few.putpalette(palette.astype(np.uint8).tobytes())
    return few
