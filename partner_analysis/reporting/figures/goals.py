"""Figure of one goal: what came so far, what is asked for, and what is to come."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from partner_analysis.attribution.goals.progress import GoalProgress
from partner_analysis.reporting.figures.canvas import (
    BAND,
    BLUE,
    GREY,
    INK,
    VERMILION,
    Drawing,
    Label,
    count_axis,
    date_axis,
    label_ends,
    only_words,
    open_figure,
    styled,
)
from partner_analysis.reporting.figures.marks import mark_day
from partner_analysis.reporting.goals.told import goal_title, progress_sentence
from partner_analysis.reporting.numbers import amount_text, day_text, level_text

ROOM_FOR_NUMBERS: Final = 44.0
ROOM_FOR_WORDS: Final = 113.0
HEADROOM: Final = 1.2


@styled
def plot_goal(progress: GoalProgress) -> Drawing:
    """Draw what came against what is asked for, with the band of what is to come.

    New patients since the window began, added up; for a rate, those of each four weeks or month.
    Extra patients are estimated, so that their line has a band in the past as well.
    """
    course = progress.course.dropna(subset=["middle"])
    if progress.goal.counted != "extra":
        course = course.assign(needed=np.ceil(course["needed"] - 1e-9))
    figure, axes = open_figure(
        goal_title(progress),
        _subtitle(progress),
        alt=progress_sentence(progress),
        left=ROOM_FOR_NUMBERS,
        right=ROOM_FOR_WORDS,
    )
    if course.empty:
        only_words(axes, "There is nothing to draw.")
        return figure
    is_estimated = progress.goal.counted == "extra"
    points = _with_beginning(progress, course)
    past = points[points["is_past"]]
    ahead = points.loc[past.index[-1] if len(past) else points.index[0] :]
    colour = VERMILION if is_estimated else INK
    if is_estimated:
        axes.fill_between(past["until"], past["low"], past["high"], color=colour, alpha=BAND, lw=0)
    axes.plot(past["until"], past["middle"], "-o", color=colour, lw=1.9, ms=4, clip_on=False)
    if len(ahead) > 1:
        axes.fill_between(ahead["until"], ahead["low"], ahead["high"], color=BLUE, alpha=BAND, lw=0)
        axes.plot(ahead["until"], ahead["middle"], "--", color=BLUE, lw=1.9, clip_on=False)
    axes.plot(points["until"], points["needed"], color=GREY, lw=1.2)
    _set_axes(axes, points)
    _label(axes, progress, points)
    if len(past) and len(ahead) > 1 and progress.counted_to > progress.first_day:
        mark_day(axes, progress.counted_to, "counted to here")
    return figure


def _with_beginning(progress: GoalProgress, course: pd.DataFrame) -> pd.DataFrame:
    """The course from nothing on the first day, where it is added up."""
    if progress.goal.measure == "rate":
        return course.reset_index(drop=True)
    needed = course["needed"].iloc[0]
    first = pd.DataFrame(
        {
            "until": [progress.first_day],
            "low": [0.0],
            "middle": [0.0],
            "high": [0.0],
            "needed": [needed],
            "is_past": [True],
        }
    )
    return pd.concat([first, course], ignore_index=True)


def _set_axes(axes: Axes, points: pd.DataFrame) -> None:
    count_axis(axes, float(points[["high", "needed"]].max().max()), headroom=HEADROOM)
    lowest = float(points["low"].min())
    if lowest < 0:
        axes.set_ylim(bottom=1.1 * lowest)
        axes.axhline(0, color=GREY, lw=0.9, zorder=0.8)
    date_axis(axes)


def _label(axes: Axes, progress: GoalProgress, points: pd.DataFrame) -> None:
    """Words at the ends of the lines."""
    last = points.iloc[-1]
    asked = Label(float(last["needed"]), f"asked for: {amount_text(float(last['needed']))}", GREY)
    is_estimated = progress.goal.counted == "extra"
    words = "extra" if is_estimated else "named it" if progress.goal.counted == "named" else "came"
    if bool(last["is_past"]):
        line = Label(float(last["middle"]), words, VERMILION if is_estimated else INK)
    else:
        line = Label(float(last["middle"]), "to come", BLUE)
    label_ends(axes, [asked, line])


def _subtitle(progress: GoalProgress) -> str:
    goal = progress.goal
    what = {"all": "New patients", "named": "New patients who named it (counted)"}.get(
        goal.counted, "Extra new patients (estimated)"
    )
    if pd.isna(progress.first_day):
        return f"{what}."
    how = f"since {day_text(progress.first_day)}, added up"
    if goal.measure == "rate":
        how = "in each four weeks or month; the last one decides"
    level = level_text(progress.level)
    of = []
    if goal.counted == "extra":
        of.append("the estimate")
    if not progress.course["is_past"].all():
        of.append("what is to come")
    band = f" Band: {level} interval of {' and '.join(of)}." if of else ""
    return f"{what} {how}.{band}"
