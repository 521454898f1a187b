"""Sentences about the whole practice: its rows, its counts, all its partnerships."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting.numbers import (
    count_text,
    day_text,
    list_text,
    month_text,
    number_text,
    short_name,
)
from partner_analysis.reporting.phrases import is_answered, period_word, verdict_of
from partner_analysis.tables import VERDICTS, Interval

ROW_FATES: Final = {
    "used": "used",
    "rejected": "set aside with a reason",
    "totals_and_headers": "headings and totals",
    "superseded": "replaced by a newer copy",
}


def portfolio_title(effects: Mapping[str, Effect]) -> str:
    """Give the finding over all partnerships as a title."""
    if not effects:
        return "There is no partnership to report"
    clear = sum(verdict_of(effect) == "more" for effect in effects.values())
    of_all = f"{clear or 'None'} of {count_text(len(effects), 'partnership')}"
    return f"{of_all} {'shows' if clear == 1 else 'show'} more new patients than expected"


def portfolio_sentence(effects: Mapping[str, Effect]) -> str:
    """Say how many partnerships have which verdict, and how many would by luck alone."""
    if not effects:
        return "There is no partnership to report."
    parts = {
        "more": "with more new patients than expected",
        "fewer": "with fewer than expected",
        "no clear change": "without a clear change",
        "too early": "too early to judge",
        "too small to tell": "with numbers too small to judge",
        "data not fit": "that the data cannot answer",
    }
    found = [verdict_of(effect) for effect in effects.values()]
    said = [f"{found.count(v):,} {parts[v]}" for v in VERDICTS if v in found]
    sentence = f"Of {count_text(len(effects), 'partnership')}: {list_text(said)}."
    levels = {effect.level for effect in effects.values()}
    if sum(map(is_answered, effects.values())) > 1 and len(levels) == 1 and max(levels) < 1:
        odds = number_text(1 / (1 - max(levels)), digits=0)
        sentence += f" By luck alone about 1 in {odds} would look clear where nothing changed."
    return sentence


def portfolio_rows(
    effects: Mapping[str, Effect], *, providers: Collection[str] = frozenset()
) -> list[Effect | str]:
    """Order effects: by estimate, then those without a number, then providers by name.

    A text among them is a heading.
    """
    ours = [effect for key, effect in effects.items() if key not in providers]
    numbered = sorted(filter(is_answered, ours), key=lambda e: (-_middle(e.per_month), e.name))
    others = sorted((e for e in ours if not is_answered(e)), key=lambda e: (e.verdict, e.name))
    apart = sorted((e for key, e in effects.items() if key in providers), key=lambda e: e.name)
    rows: list[Effect | str] = [*numbered, *others]
    return [*rows, "Providers, by name:", *apart] if apart else rows


def cleaning_sentence(row_account: pd.DataFrame) -> str:
    """Say where all raw rows went; the parts add up."""
    raw = int(row_account["raw_rows"].sum())
    if raw == 0:
        return "The files hold no rows."
    sums = {fate: int(row_account[fate].sum()) for fate in ROW_FATES}
    parts = [f"{sums['used']:,} {'was' if sums['used'] == 1 else 'were'} used"]
    parts += [f"{sums[f]:,} {words}" for f, words in ROW_FATES.items() if f != "used" and sums[f]]
    files = count_text(len(row_account), "file")
    return f"Of {count_text(raw, 'row')} in {files}, {list_text(parts)}."


def changes_sentence(
    verdicts: Mapping[str, str],
    previous: Mapping[str, str] | None,
    *,
    names: Mapping[str, str] | None = None,
    previous_as_of: pd.Timestamp | None = None,
) -> str:
    """Say whose verdict changed since the last report, who is new and who is gone.

    Parameters
    ----------
    verdicts, previous
        Verdict by partnership id, now and in the last report (None = this is the first).
    names
        Name by partnership id, for both.
    previous_as_of
        The date at which the last report's data were cut.
    """
    if previous is None:
        return "This is the first report."

    def name(identifier: str) -> str:
        return short_name((names or {}).get(identifier, identifier), most=45)

    parts = [
        f'{name(key)} went from "{previous[key]}" to "{verdict}"'
        for key, verdict in verdicts.items()
        if key in previous and previous[key] != verdict
    ]
    for here, there, what in ((verdicts, previous, "new"), (previous, verdicts, "gone")):
        others = [name(key) for key in here if key not in there]
        if others:
            parts.append(f"{list_text(others)} {'is' if len(others) == 1 else 'are'} {what}")
    since = f" ({day_text(previous_as_of)})" if previous_as_of is not None else ""
    return f"Since the last report{since}: {'; '.join(parts) or 'no verdict changed'}."


def counts_title(counts: pd.DataFrame) -> str:
    """Give the finding of the counts as a title."""
    by_period = _by_period(counts)
    if by_period.empty:
        return "No period of the counts is known"
    usual = _usual(by_period)
    return f"{usual[0].upper()}{usual[1:]} in a usual {word_of_spacing(by_period.index)}"


def counts_sentence(counts: pd.DataFrame) -> str:
    """Say how many new patients came in all and in a usual period."""
    by_period = _by_period(counts)
    if by_period.empty:
        return "No period of the counts is known."
    word = word_of_spacing(by_period.index)
    first, last = (month_text(day) for day in (by_period.index.min(), by_period.index.max()))
    span = f"in {first}" if first == last else f"from {first} to {last}"
    came = count_text(float(by_period.sum()), "new patient")
    return f"{came[0].upper()}{came[1:]} came {span}; {_usual(by_period)} in a usual {word}."


def completeness_sentence(counts: pd.DataFrame, *, complete_until: pd.Timestamp) -> str:
    """Say up to which day the counts are complete and how many periods are left out."""
    periods = pd.DatetimeIndex(counts["period"].unique()).sort_values()
    left_out = int((~complete_periods(periods, complete_until=complete_until)).sum())
    what = "no period is left out"
    if left_out:
        verb = "is" if left_out == 1 else "are"
        what = f"{count_text(left_out, f'later {word_of_spacing(periods)}')} {verb} left out"
    return f"Complete up to {day_text(complete_until)}; {what}."


def complete_periods(periods: pd.DatetimeIndex, *, complete_until: pd.Timestamp) -> np.ndarray:
    """Whether each of these periods, in order, ends by a day (months differ in length)."""
    if len(periods) == 0:
        return np.zeros(0, dtype=bool)
    spacing = np.diff(periods).min() * 9 // 10 if len(periods) > 1 else np.timedelta64(1, "D")
    nexts = np.append(periods[1:].to_numpy(), periods.to_numpy()[-1] + spacing)
    return nexts <= np.datetime64(complete_until) + np.timedelta64(1, "D")


def word_of_spacing(periods: pd.Index) -> str:
    """Give what one period is called, from the first days of the periods."""
    days = pd.Series(pd.DatetimeIndex(periods).sort_values()).diff().dt.days.dropna()
    return period_word(pd.DataFrame({"days": days}))


def _by_period(counts: pd.DataFrame) -> pd.Series:
    return counts.groupby("period")["new_patients"].sum(min_count=1).dropna()


def _usual(by_period: pd.Series) -> str:
    mean = float(by_period.mean())
    if mean == 0:
        return "no new patients"
    return f"about {number_text(mean, digits=0 if mean >= 10 else 1)} new patients"


def _middle(interval: Interval) -> float:
    """Give the estimate, or where there is none the end that is known."""
    known = (interval.estimate, interval.low, interval.high)
    return next((number for number in known if math.isfinite(number)), 0.0)
