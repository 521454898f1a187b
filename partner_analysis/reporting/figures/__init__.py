"""Figures of results, titled with their finding: the only door to matplotlib.

Each function takes a result, returns a ``Figure`` with its title beside it, computes no estimate
and reads no file.
"""

from partner_analysis.reporting.figures.canvas import Drawing, alt_text
from partner_analysis.reporting.figures.effects import plot_effect, plot_placebos
from partner_analysis.reporting.figures.intervals import plot_named, plot_portfolio
from partner_analysis.reporting.figures.methods import plot_methods
from partner_analysis.reporting.figures.pixels import picture
from partner_analysis.reporting.figures.practices import (
    plot_completeness,
    plot_counts,
    plot_row_account,
)
from partner_analysis.reporting.figures.trends import plot_trends

__all__ = [
    "Drawing",
    "alt_text",
    "picture",
    "plot_completeness",
    "plot_counts",
    "plot_effect",
    "plot_methods",
    "plot_named",
    "plot_placebos",
    "plot_portfolio",
    "plot_row_account",
    "plot_trends",
]
