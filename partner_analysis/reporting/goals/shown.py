"""Goals one after the other: each read back, told and drawn."""

from __future__ import annotations

from collections.abc import Mapping

from partner_analysis.attribution.goals.progress import GoalProgress
from partner_analysis.reporting.display import say, show, show_now
from partner_analysis.reporting.figures.goals import plot_goal
from partner_analysis.reporting.goals.stated import goal_sentence, window_sentence
from partner_analysis.reporting.goals.told import progress_sentences


def show_goals(followed: Mapping[str, GoalProgress]) -> None:
    """Show every goal at once: as it is understood, how far it is, whether it can be measured."""
    for progress in followed.values():
        say(f"{goal_sentence(progress.goal)} {window_sentence(progress)}".strip())
        say(progress_sentences(progress))
        show_now(show(plot_goal(progress)))
