"""The answer beside those of other methods: one rule for words, table and picture."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting.numbers import (
    count_text,
    interval_text,
    level_text,
    list_text,
    span_words,
)
from partner_analysis.reporting.phrases import CHANGES, is_answered, verdict_of
from partner_analysis.tables import DAYS_PER_MONTH, Interval

NAMES: Final = {
    "panel": "other clinics compared",
    "series": "its own past alone",
    "did": "difference in differences",
    "synthetic_control": "synthetic control",
    "synthetic_did": "synthetic difference in differences",
    "its": "interrupted time series",
}
OURS: Final = "this answer"
COLUMNS: Final = ("method", "estimate", "low", "high", "says", "note", "is_ours")


def method_rows(effect: Effect, methods: pd.DataFrame) -> pd.DataFrame:
    """One row per method, this answer first: new patients a month, what it says, its note.

    Parameters
    ----------
    effect
        The answer itself, which is not taken from the table.
    methods
        From ``compare_methods``, per treated cell and period; brought here to the same cells and
        a month, so that all rows compare.

    Returns
    -------
    DataFrame
        ``method`` in words; ``estimate``, ``low`` and ``high``; ``says`` ("more", "fewer", "no
        clear change", or "" without a number); ``note``; ``is_ours``. Empty where there is no
        answer to compare with.
    """
    if not is_answered(effect) or methods["mean_effect"].isna().all():
        return pd.DataFrame(columns=list(COLUMNS))
    scale = effect.n_cells * DAYS_PER_MONTH / effect.active_days  # treated cells and periods
    own = effect.per_month
    name = NAMES.get(effect.method, effect.method)
    rows = [(f"{OURS}: {name}", *_ends(own), verdict_of(effect), "", True)]
    for row in methods.itertuples():
        if row.method == effect.method:
            continue
        month = Interval(row.mean_effect, row.low, row.high).scaled(scale)
        rows.append(
            (NAMES.get(row.method, row.method), *_ends(month), _says(month), row.note, False)
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def methods_title(effect: Effect, methods: pd.DataFrame) -> str:
    """Say how many other methods say the same, as a title.

    Where all find no clear change that is no agreement on nil, and is not said as one.
    """
    others = _others(effect, methods)
    if others.empty:
        return "No other method gives an answer to compare with"
    same = int((others["says"] == verdict_of(effect)).sum())
    what = verdict_of(effect)
    if what not in CHANGES and same == len(others):
        return _none_either(same)
    if len(others) == 1:
        return f"The one other method {'says' if same else 'does not say'} the same: {what}"
    if same == len(others):
        return f"{'Both' if same == 2 else f'All {same}'} other methods say the same: {what}"
    if what not in CHANGES:
        return _would_call(others)
    side = 1 if what == "more" else -1
    along = int((others["estimate"] * side > 0).sum())
    all_of = "Both" if len(others) == 2 else f"All {len(others)}"
    pointing = all_of if along == len(others) else f"{along or 'None'} of {len(others)}"
    verb = "points" if along < 2 and along < len(others) else "point"
    alone = f"{same or 'none'} of them clearly"
    return f"{pointing} other methods {verb} to {what}; {alone}"


def _none_either(others: int) -> str:
    """Say that no other method finds a clear change where this answer finds none."""
    if others == 1:
        return "The one other method finds no clear change either"
    none = "Neither of the 2" if others == 2 else f"None of the {others}"
    return f"{none} other methods finds a clear change either"


def _would_call(others: pd.DataFrame) -> str:
    """Say how many other methods find a change where this answer finds no clear one."""
    found = others["says"].value_counts()
    parts = [f"{found[what]} would call it {what}" for what in CHANGES if what in found]
    return f"Of {len(others)} other methods {list_text(parts)}"


def methods_sentence(effect: Effect, methods: pd.DataFrame) -> str:
    """Say how far the answer depends on the choice of method; nothing without an answer."""
    if method_rows(effect, methods).empty:
        return ""
    others = _others(effect, methods)
    title = methods_title(effect, methods)
    if others.empty:
        return f"{title}."
    low, high = others["estimate"].min(), others["estimate"].max()
    span = span_words(Interval(low, low, high))
    here = interval_text(effect.per_month)
    said = f"{title}. Their estimates run from {span} new patients a month; this answer is {here}."
    opposite = int(sum({verdict_of(effect), says} == {"more", "fewer"} for says in others["says"]))
    if opposite:
        finds = "finds" if opposite == 1 else "find"
        said += f" {count_text(opposite, 'method')} {finds} the opposite."
    return said


def methods_alt(effect: Effect, methods: pd.DataFrame) -> str:
    """Give the same with every method's number, for those who cannot see the picture."""
    said = [
        f"{row.method} {interval_text(Interval(row.estimate, row.low, row.high))}"
        for row in _others(effect, methods).itertuples()
    ]
    sentence = methods_sentence(effect, methods) or f"{methods_title(effect, methods)}."
    return f"{sentence} By method: {list_text(said)}." if said else sentence


def level_note(effect: Effect) -> str:
    """Say what the intervals of the methods are, which are made at 95% whatever was asked."""
    own = level_text(effect.level)
    return "95% intervals" if own == "95%" else f"95% intervals, of this answer {own}"


def _others(effect: Effect, methods: pd.DataFrame) -> pd.DataFrame:
    """Rows of other methods that have a number."""
    rows = method_rows(effect, methods)
    return rows.loc[(rows["says"] != "") & ~rows["is_ours"].astype("bool")]


def _says(interval: Interval) -> str:
    if not np.isfinite([interval.estimate, interval.low, interval.high]).all():
        return ""
    if interval.low > 0:
        return "more"
    return "fewer" if interval.high < 0 else "no clear change"


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high
