"""Answers of several parts shown at once: words, then a picture, then a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.reporting.display import say, show, show_now
from partner_analysis.reporting.figures.beside import plot_waits
from partner_analysis.reporting.figures.moved import plot_moved
from partner_analysis.reporting.figures.timing import plot_course
from partner_analysis.reporting.moved import moved_sentences
from partner_analysis.reporting.tiers import counts_sentence, tiers_table
from partner_analysis.reporting.timing import timing_sentences
from partner_analysis.reporting.waits import waits_sentences

if TYPE_CHECKING:
    from partner_analysis.reporting.study import Study


def show_moved(effect: Effect) -> None:
    """Show how many merely moved: gross, beside it and net, in words and as a picture."""
    say(moved_sentences(effect))
    show_now(show(plot_moved(effect)))


def show_tiers(tiers: pd.DataFrame | None, effect: Effect) -> None:
    """Show both tiers of the source, and before them why more are counted than in the estimate."""
    say(counts_sentence(tiers, effect))
    show_now(tiers_table(tiers, effect.name))


def show_waits(waits: pd.DataFrame | None, effect: Effect) -> None:
    """Show how long patients waited, in words and as a picture."""
    say(waits_sentences(waits, effect.name))
    show_now(show(plot_waits(waits, effect.name)))


def show_timing(study: Study, effect: Effect, standing: Standing | None) -> None:
    """Show whether it has had time, how it came since, and what waiting would tell."""
    say(timing_sentences(effect, standing, study.standings))
    show_now(show(plot_course(effect)))
