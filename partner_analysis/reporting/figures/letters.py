"""Letters as they will be drawn: what the font can draw, and how wide it is."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from functools import cache, lru_cache
from typing import Final

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font

from partner_analysis.reporting.numbers import ELLIPSIS, short_name

FONT: Final = "DejaVu Sans"
POINTS: Final = 72.0
TEXT_SIZE: Final = 12.0
SMALL_SIZE: Final = 11.5
UNKNOWN_SIGN: Final = "\N{WHITE SQUARE}"


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


@cache
def _font(weight: str) -> FT2Font:
    return get_font(findfont(FontProperties(family=FONT, weight=weight)))


@cache
def _signs(weight: str) -> frozenset[int]:
    return frozenset(_font(weight).get_charmap())
