"""Figures of one effect: what came, and what the comparison groups did."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import IdentityTransform

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.reporting.figures.canvas import (
    BAND,
    BLUE,
    GREY,
    INK,
    LIGHT,
    MARGIN,
    VERMILION,
    WIDTH,
    Drawing,
    Label,
    Rimmed,
    count_axis,
    date_axis,
    label_ends,
    only_words,
    open_figure,
    styled,
)
from partner_analysis.reporting.figures.letters import POINTS, SMALL_SIZE, fitted
from partner_analysis.reporting.figures.lines import gather
from partner_analysis.reporting.figures.marks import mark_days
from partner_analysis.reporting.numbers import count_text, level_text, month_text
from partner_analysis.reporting.phrases import has_ended, period_word, verdict_of
from partner_analysis.reporting.placebos import placebo_alt, placebo_groups, placebo_title
from partner_analysis.reporting.standings import (
    all_reviewed,
    review_words,
    standing_alt,
    standing_title,
)

DOT_AREA: Final = 110.0
DOT_WIDTH: Final = 13.0
ROOM: Final = (WIDTH * POINTS / 2 - MARGIN) / 1.05


@styled
def plot_effect(effect: Effect, standing: Standing | None = None) -> Drawing:
    """Draw observed against expected new patients, with the band of the expected mean.

    Titled with what is declared; a thin line marks the last review. Without a standing, with
    what the data given say.
    """
    periods, title = effect.periods, standing_title(effect, standing)
    if periods.empty:
        figure, axes = open_figure(title, "", alt=standing_alt(effect, standing))
        only_words(axes, "There is nothing to draw.")
        return figure
    bounds = ["expected", "expected_low", "expected_high"]
    if verdict_of(effect) == "data not fit":
        periods = periods.assign(**dict.fromkeys(bounds, math.nan))
    means, size = gather(periods, columns=["observed", *bounds])
    figure, axes = open_figure(
        title,
        f"{_effect_subtitle(effect, periods, size)} {review_words(effect, standing)}".strip(),
        alt=standing_alt(effect, standing),
        right=70,
    )
    if size > 1:
        middle = periods["period"] + pd.to_timedelta(periods["days"] / 2, unit="D")
        axes.plot(
            middle, periods["observed"], "o", color=INK, ms=2.6, alpha=0.28, mew=0, clip_on=False
        )
    for _, run in means.groupby("run"):
        marker = "o" if len(run) == 1 else ""
        axes.fill_between(
            run["middle"], run["expected_low"], run["expected_high"], color=BLUE, alpha=BAND, lw=0
        )
        axes.plot(
            run["middle"], run["expected"], "--", color=BLUE, lw=1.9, marker=marker, clip_on=False
        )
        axes.plot(
            run["middle"], run["observed"], "-", color=INK, lw=1.9, marker=marker, clip_on=False
        )
    tops = [periods["observed"] if size > 1 else means["observed"], means["expected_high"]]
    count_axis(axes, np.nanmax([0.0, *(top.max() for top in tops)]), headroom=1.2)
    date_axis(axes)
    mark_days(axes, [*_changes_to_mark(effect), *_review_to_mark(effect, standing)])
    _label_last(axes, means)
    return figure


@styled
def plot_placebos(effect: Effect) -> Drawing:
    """Draw how unusual the change of each comparison clinic was, ours marked."""
    title, groups = placebo_title(effect), placebo_groups(effect)
    if groups.empty:
        figure, axes = open_figure(title, "", alt=placebo_alt(effect))
        only_words(axes, f"{title}.")
        return figure
    others, ours = groups.loc[~groups["is_ours"]], groups.loc[groups["is_ours"], "score"].iloc[0]
    limit = _score_limit(ours, others["score"])
    across = others["score"].clip(-limit, limit).to_numpy(dtype=float)
    up = _stacked(across * ROOM / limit)
    figure, axes = open_figure(
        title,
        "Each mark is a comparison clinic: how unusual its change was over the same time, allowing "
        "for its size. Squares moved at least as much.",
        alt=placebo_alt(effect),
        height=2.3 + 0.16 * up.max(initial=0),
        left=MARGIN,
        bottom=46,
    )
    much = others["as_much"]
    for chosen, colour, shape in ((~much, LIGHT, "o"), (much, INK, "s")):
        axes.scatter(across[chosen], up[chosen], DOT_AREA, color=colour, marker=shape, lw=0)
    axes.axvline(0, color=GREY, lw=0.9, zorder=0.8)
    axes.set_xlim(-limit * 1.05, limit * 1.05)
    axes.set_ylim(-2.6, up.max(initial=0) + 1.2)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xticks([0], ["as expected"])
    _name_sides(axes)
    _mark_ours(axes, float(np.clip(ours, -limit, limit)), effect.name, limit)
    return figure


def _name_sides(axes: Axes) -> None:
    for side, words in ((0, "unusually few"), (1, "unusually many")):
        axes.annotate(
            words,
            (side, 0),
            xycoords="axes fraction",
            xytext=(0, -24),
            textcoords="offset points",
            ha="right" if side else "left",
            va="top",
            color=GREY,
            size=SMALL_SIZE,
        )


def _effect_subtitle(effect: Effect, periods: pd.DataFrame, size: int) -> str:
    word = period_word(periods)
    first, last = month_text(periods["period"].min()), month_text(periods["period"].max())
    said = f"New patients a {word} where the partnership reaches, {first} to {last}."
    if size > 1:
        said += f" Dots: single {word}s; lines: means of {count_text(size, word)}."
    if periods["expected_high"].notna().any():
        said += f" Band: {level_text(effect.level)} interval of the expected mean."
    return said


def _changes_to_mark(effect: Effect) -> list[tuple[pd.Timestamp, str]]:
    """The days from which on it is judged and is not, with words for its start and its end."""
    rows = effect.periods.sort_values("period", ignore_index=True)
    active = rows["active"].astype("bool").to_numpy()
    changes = np.flatnonzero(active[1:] != active[:-1]) + 1
    starts = [0] * bool(active[0]) + changes.tolist()
    marks = []
    for number, row in enumerate(starts):
        words = "partnership starts" if number == 0 else "judged again"
        if not active[row]:
            words = "ends" if row == starts[-1] and has_ended(effect) else "not judged"
        marks.append((rows.loc[row, "period"], words))
    return marks


def _review_to_mark(effect: Effect, standing: Standing | None) -> list[tuple[pd.Timestamp, str]]:
    """The day of the last review, unless it had all that is shown."""
    if standing is None or pd.isna(standing.reviewed_on) or all_reviewed(effect, standing):
        return []
    return [(standing.reviewed_on, "last review")]


def _label_last(axes: Axes, means: pd.DataFrame) -> None:
    labels = []
    for column, colour in (("observed", INK), ("expected", BLUE)):
        known = means[column].dropna()
        if len(known):
            labels.append(Label(float(known.iloc[-1]), column, colour))
    label_ends(axes, labels)


def _score_limit(ours: float, scores: pd.Series) -> float:
    """Give the reach of the axis: everything, unless a few clinics are far out."""
    return min(max(2.0, abs(ours), float(scores.abs().max())), max(4.0, 1.5 * abs(ours)))


def _stacked(across: np.ndarray) -> np.ndarray:
    """Give each dot a level, so that dots side by side, in points, do not hide one another."""
    up = np.zeros(len(across))
    done: list[int] = []
    for dot in np.argsort(across, kind="stable"):
        near = {up[other] for other in done if across[dot] - across[other] < DOT_WIDTH}
        up[dot] = next(level for level in range(len(across)) if level not in near)
        done.append(int(dot))
    return up


def _mark_ours(axes: Axes, score: float, name: str, limit: float) -> None:
    """Draw our own mark below the dots, with its name on the side that has room."""
    axes.plot([score], [-1.6], "D", color=VERMILION, ms=10, clip_on=False)
    right = score > 0
    room = ROOM * (1 + abs(score) / limit) - 16
    written = Rimmed(
        fitted(name, width=room),
        (score, -1.6),
        xytext=(-11 if right else 11, 0),
        textcoords="offset points",
        ha="right" if right else "left",
        va="center",
    )
    written.set_transform(IdentityTransform())
    axes.add_artist(written)
