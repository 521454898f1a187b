"""What all tests share: where published data may lie, and words of figures that collide."""

import os
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.axis import Axis, Tick
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox

os.environ.setdefault("MPLBACKEND", "agg")
TOUCH = 1.5  # points by which the boxes of two lines of words may overlap: they hold empty margins
PLACES = (os.environ.get("PARTNER_ANALYSIS_DATA", ""), "../shared/data")


@pytest.fixture(scope="session")
def outside_data():
    """Path of a data file that is not ours to ship; the test is skipped where it is absent."""

    def find(name: str) -> Path:
        root = Path(__file__).parents[1]
        for place in filter(None, PLACES):
            if (root / place / name).exists():
                return root / place / name
        pytest.skip(
            f"{name} is third-party data and not part of this repository; "
            "set PARTNER_ANALYSIS_DATA to a folder that has it"
        )

    return find


# ------------------------------------------------------------------ words in figures
@pytest.fixture(scope="session")
def collisions() -> Callable[[Figure], list[str]]:
    """Words of a figure that overlap others or leave the picture, as sentences."""
    return find_collisions


def drawn_words(figure: Figure) -> Iterator[tuple[str, Bbox]]:
    """Every word that is drawn, with its box in points; ticks out of sight are not."""
    from partner_analysis.reporting.figures.canvas import STYLE
    from partner_analysis.reporting.figures.letters import PNG_DPI, POINTS
    from partner_analysis.reporting.figures.sheets import Sheet

    in_points = Affine2D().scale(POINTS / PNG_DPI)
    with mpl.rc_context(STYLE):
        figure.set_dpi(PNG_DPI)
        sheet = Sheet(figure)
        sheet.draw()
    pen = sheet.get_renderer()
    axes_ticks = [tick for axes in figure.axes for axis in both(axes) for tick in all_ticks(axis)]
    shown = [tick for axes in figure.axes for axis in both(axes) for tick in axis._update_ticks()]
    hidden = set(labels(axes_ticks)) - set(labels(shown))
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in hidden:
            assert text.get_rotation() == 0, "sheets write level words only"
            yield text.get_text(), Text.get_window_extent(text, pen).transformed(in_points)


def both(axes: mpl.axes.Axes) -> tuple[Axis, Axis]:
    return axes.xaxis, axes.yaxis


def all_ticks(axis: Axis) -> list[Tick]:
    return [*axis.get_major_ticks(), *axis.get_minor_ticks()]


def labels(ticks: list[Tick]) -> list[Text]:
    return [label for tick in ticks for label in (tick.label1, tick.label2)]


def find_collisions(figure: Figure) -> list[str]:
    """Words that overlap others or leave the picture, as sentences; none is what we want."""
    if figure.is_blank:
        return []
    words = list(drawn_words(figure))
    wide, tall = 72 * figure.get_size_inches()
    said = [
        f"{text!r} leaves the picture"
        for text, box in words
        if min(box.x0, box.y0) < -0.5 or box.x1 > wide + 0.5 or box.y1 > tall + 0.5
    ]
    for (one, a), (other, b) in combinations(words, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        if across > TOUCH and down > TOUCH:
            said.append(f"{one!r} stands on {other!r}")
    return said
