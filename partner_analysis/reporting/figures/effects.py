"""Figures of one effect: what came, and what the comparison groups did."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting.figures.canvas import (
    BAND,
    BLUE,
    GREY,
    INK,
    LIGHT,
    SMALL_SIZE,
    VERMILION,
    Label,
    count_axis,
    date_axis,
    fitted,
    label_ends,
    mark_day,
    only_words,
    open_figure,
    styled,
)
from partner_analysis.reporting.figures.lines import gather
from partner_analysis.reporting.numbers import (
    count_text,
    level_text,
    month_text,
    number_text,
)
from partner_analysis.reporting.phrases import (
    period_word,
    verdict_of,
)
from partner_analysis.reporting.wording import (
    effect_sentence,
    effect_title,
    placebo_sentence,
    placebo_title,
)

WIDEST_PERCENT: Final = 150.0
STRIP_COLUMNS: Final = 30
LARGEST_DOT: Final = 120.0


@styled
def plot_effect(effect: Effect) -> Figure:
    """Draw observed against expected new patients, with the band of the expected mean."""
    periods = effect.periods
    if periods.empty:
        figure, axes = open_figure(effect_title(effect), "", alt=effect_sentence(effect))
        only_words(axes, "There is nothing to draw.")
        return figure
    bounds = ["expected", "expected_low", "expected_high"]
    if verdict_of(effect) == "data not fit":
        periods = periods.assign(**dict.fromkeys(bounds, math.nan))
    means, size = gather(periods, columns=["observed", *bounds])
    figure, axes = open_figure(
        effect_title(effect),
        _effect_subtitle(effect, periods, size),
        alt=effect_sentence(effect),
        right=88,
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
    _mark_changes(axes, periods)
    _label_last(axes, means)
    return figure


@styled
def plot_placebos(effect: Effect) -> Figure:
    """Draw what the comparison groups did at the same time, ours marked."""
    title, alt = placebo_title(effect), placebo_sentence(effect)
    placebos = effect.placebos
    if placebos.empty:
        figure, axes = open_figure(title, "", alt=alt)
        only_words(axes, "There is no comparison group to draw.")
        return figure
    figure, axes = open_figure(
        title,
        "Change against what was expected, over the same time. One dot for each comparison group, "
        "larger where it says more; dark ones moved as much.",
        alt=alt,
        height=3.6,
        left=24,
        right=24,
        bottom=50,
    )
    is_ours = (placebos["unit"].astype("str") == effect.partnership_id).to_numpy()
    reach = np.nanmax([1.0, *placebos.loc[is_ours, "score"].abs()]) if is_ours.any() else math.inf
    limit = _percent_limit(placebos.loc[is_ours, "percent"], placebos["percent"])
    others = placebos.loc[~is_ours].dropna(subset=["percent"])
    across, up = _stacked(others["percent"].clip(-limit, limit), limit)
    much = (others["score"].abs() >= reach).to_numpy()
    for chosen, colour in ((~much, LIGHT), (much, INK)):
        axes.scatter(across[chosen], up[chosen], _areas(others)[chosen], color=colour, lw=0)
    axes.axvline(0, color=GREY, lw=0.9)
    axes.set_xlim(-limit * 1.04, limit * 1.04)
    axes.set_ylim(-1.7, max(3.5, up.max(initial=0) + 0.8))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    axes.xaxis.set_major_formatter(_signed_percent)
    for side, words in ((0, "fewer than expected"), (1, "more than expected")):
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
    for percent in placebos.loc[is_ours, "percent"].dropna():
        _mark_ours(axes, min(percent, limit), f"{effect.name} {_signed_percent(percent)}", limit)
    return figure


def _effect_subtitle(effect: Effect, periods: pd.DataFrame, size: int) -> str:
    word = period_word(periods)
    first, last = month_text(periods["period"].min()), month_text(periods["period"].max())
    said = f"New patients a {word} where the partnership reaches, {first} to {last}."
    if size > 1:
        said += f" Dots: single {word}s; lines: means of {count_text(size, word)}."
    if periods["expected_high"].notna().any():
        said += f" Band: {level_text(effect.level)} interval of the expected mean."
    return said


def _mark_changes(axes: Axes, periods: pd.DataFrame) -> None:
    """Draw a thin line with words where the partnership starts, pauses and ends."""
    rows = periods.sort_values("period", ignore_index=True)
    active = rows["active"].astype("bool").to_numpy()
    changes = np.flatnonzero(active[1:] != active[:-1]) + 1
    starts = [0] * bool(active[0]) + changes.tolist()
    for number, row in enumerate(starts):
        words = "partnership starts" if number == 0 else "starts again"
        if not active[row]:
            words = "ends" if row == starts[-1] else "pauses"
        mark_day(axes, rows.loc[row, "period"], words)


def _label_last(axes: Axes, means: pd.DataFrame) -> None:
    labels = []
    for column, colour in (("observed", INK), ("expected", BLUE)):
        known = means[column].dropna()
        if len(known):
            labels.append(Label(float(known.iloc[-1]), column, colour))
    label_ends(axes, labels)


def _percent_limit(ours: pd.Series, percents: pd.Series) -> float:
    """Give the reach of the axis: everything, unless a few groups are far out."""
    sizes = percents.abs().replace(math.inf, math.nan).dropna()
    widest = max(10.0, float(sizes.max()) if len(sizes) else 10.0)
    kept = max(WIDEST_PERCENT, 1.5 * float(ours.abs().replace(math.inf, 0).max() or 0))
    return min(widest, kept) if math.isfinite(kept) else min(widest, WIDEST_PERCENT)


def _stacked(percents: pd.Series, limit: float) -> tuple[np.ndarray, np.ndarray]:
    """Place dots in columns, one above the other."""
    width = 2 * limit / STRIP_COLUMNS
    columns = np.round(percents.to_numpy(dtype=float) / width)
    up = pd.Series(columns).groupby(columns).cumcount().to_numpy(dtype=float)
    return columns * width, up


def _areas(placebos: pd.DataFrame) -> np.ndarray:
    """Give dots an area that grows with the certainty of their percentage."""
    certain = (placebos["score"] / placebos["percent"]).abs().replace([0, math.inf], math.nan)
    share = (certain / certain.max()).fillna(1.0).to_numpy(dtype=float)
    return LARGEST_DOT * np.clip(share, 0.15, 1.0)


def _mark_ours(axes: Axes, percent: float, words: str, limit: float) -> None:
    axes.plot([percent], [-0.95], "D", color=VERMILION, ms=10, clip_on=False)
    right = percent > 0.1 * limit
    axes.annotate(
        fitted(words, width=300),
        (percent, -0.95),
        xytext=(-11 if right else 11, 0),
        textcoords="offset points",
        ha="right" if right else "left",
        va="center",
    )


def _signed_percent(value: float, _: float = 0) -> str:
    sign = "+" if round(value) > 0 else ""
    return f"{sign}{number_text(value, digits=0)}%".replace("just above 0", "0").replace(
        "just below 0", "0"
    )
