"""Did it fall back once the partnership had ended? What lasts would hide in its usual level."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from partner_analysis.attribution.cells import Bools
from partner_analysis.attribution.draws import interval_of
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.posterior import weigh
from partner_analysis.attribution.windows import ENOUGH_BEFORE, Window
from partner_analysis.tables import DAYS_PER_MONTH, Interval

Check = tuple[str, str, str, str]


def after_end_checks(
    panel: Panel, window: Window, *, brought: Interval, level: float
) -> list[Check]:
    """The check of what came after an end, or a pause, as a list; empty where there was none.

    The periods after the wash-out are judged as if they were the partnership's own, by what was
    known before it began. A change there has outlived the partnership, or something else began.
    It fell back only where the interval holds no change and not what it ``brought`` a month while
    it ran; where it holds both, nothing can be told.
    """
    name, question = "after the end", "Did it fall back after it ended or paused?"
    judged: Bools = np.any(window.active, axis=1, keepdims=True)
    periods = np.arange(window.active.shape[1])
    began = np.where(judged[:, 0], window.active.argmax(axis=1), 0)
    ahead = judged & (periods < began[:, None])
    after = judged & window.known & ~ahead & (window.design[:, :, 0] == 0)
    fit = (window.known & ahead).sum(axis=1, keepdims=True) >= ENOUGH_BEFORE
    if not (after & fit).any():
        return []
    later = replace(window, active=after & fit, known=window.known & ~after)
    posterior = weigh(panel, later)
    differences = posterior.came - posterior.without
    total = interval_of(differences, posterior.observed - posterior.expected, level)
    days = float(panel.cells.length[later.when].sum())
    month = total.scaled(DAYS_PER_MONTH / days)
    span = f"{_signed(month.low)} to {_signed(month.high)} new patients a month"
    if month.low > 0 or month.high < 0:
        detail = (
            f"It did not fall back to what the time before its start leads one to expect: {span} "
            f"({100 * level:g}% interval). That time also tells what is usual, so the answer may "
            "be too near to no change."
        )
        return [(name, question, "warn", detail)]
    return [(name, question, *_fell_back(span, brought.estimate, month, level))]


def _fell_back(span: str, brought: float, since: Interval, level: float) -> tuple[str, str]:
    """Result and detail where no change since the end is among what the data fit."""
    told = f"{span} since ({100 * level:g}% interval)"
    if not np.isfinite(brought) or since.low <= brought <= since.high:
        return "not possible", (
            f"Cannot tell whether it fell back: {told} holds no change as well as all that came "
            "while it ran. It would take longer after the end, or more patients, to tell."
        )
    return "pass", f"It fell back, as far as can be told: {told}."


def without_what_came_after(window: Window) -> Window:
    """The window with nothing learnt from its judged cells after they were first active."""
    judged: Bools = np.any(window.active, axis=1, keepdims=True)
    began = np.where(judged[:, 0], window.active.argmax(axis=1), window.active.shape[1])
    own_past = np.arange(window.active.shape[1]) < began[:, None]
    kept = window.known & (own_past | ~judged | (window.design[:, :, 0] > 0))
    return replace(window, known=kept)


def _signed(value: float) -> str:
    return f"{value:+,.1f}".replace("-", "\N{MINUS SIGN}")
