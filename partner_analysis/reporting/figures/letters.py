"""Letters as they will be drawn: what the font can draw, and how wide it is."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from functools import cache, lru_cache
from typing import Final

from matplotlib.font_manager import FontProperties, findfont, get_font
from PIL import ImageFont

from partner_analysis.reporting.numbers import ELLIPSIS, short_name

FONT: Final = "DejaVu Sans"
POINTS: Final = 72.0
PNG_DPI: Final = 192
TEXT_SIZE: Final = 12.0
SMALL_SIZE: Final = 11.5
UNKNOWN_SIGN: Final = "\N{WHITE SQUARE}"


def drawable(text: str) -> str:
    """Give text with a square for every sign that the font cannot draw."""
    known = _signs()
    line = unicodedata.normalize("NFC", short_name(text, most=1000))
    return "".join(sign if ord(sign) in known else UNKNOWN_SIGN for sign in line)


@lru_cache(maxsize=4096)
def text_width(text: str, *, size: float) -> float:
    """Measure one line of drawable text, in points, as it will be drawn."""
    return font_of_size(size * PNG_DPI / POINTS).getlength(text) * POINTS / PNG_DPI


def fitted(text: str, *, size: float = TEXT_SIZE, width: float) -> str:
    """Give text cut to a width in points."""
    text = drawable(text)
    if text_width(text, size=size) <= width:
        return text
    kept = bisect_left(
        range(len(text)), True, key=lambda n: text_width(text[:n] + ELLIPSIS, size=size) > width
    )
    return text[: max(0, kept - 1)].rstrip() + ELLIPSIS


@cache
def font_of_size(pixels: float) -> ImageFont.FreeTypeFont:
    """Give the font of all figures, its size in pixels."""
    return ImageFont.truetype(_file(), pixels)


@cache
def _signs() -> frozenset[int]:
    return frozenset(get_font(_file()).get_charmap())


@cache
def _file() -> str:
    return findfont(FontProperties(family=FONT))
