"""Sentences about the whole practice: its rows, its counts, all its partnerships."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.reviews.held import WATCHING, Standing
from partner_analysis.reporting.long_lists import names_text
from partner_analysis.reporting.numbers import (
    count_text,
    day_text,
    list_text,
    month_text,
    number_text,
    short_name,
)
from partner_analysis.reporting.phrases import declared_of, is_answered, period_word

PARTS: Final = {
    "more": "More new patients than expected",
    "fewer": "Fewer new patients than expected",
    "no clear change": "No clear change",
    "too early": "Too early",
    "too small to tell": "Too small to tell",
    "data not fit": "Not answered by the data",
    WATCHING: "Watching until the first review",
}
NO_STANDINGS: Final[Mapping[str, Standing]] = {}
LATE: Final = "after as_of"
ROW_FATES: Final = {
    "used": "used",
    "rejected": "set aside with a reason",
    "totals_and_headers": "headings or totals",
    "superseded": "the same row again or replaced by a newer copy",
}
REPEATED: Final = "the same row again"
REPLACED: Final = "replaced by a newer copy"


def portfolio_title(
    effects: Mapping[str, Effect], *, standings: Mapping[str, Standing] = NO_STANDINGS
) -> str:
    """Give the finding over all partnerships as a title."""
    if not effects:
        return "There is no partnership to report"
    declared = [declared_of(effect, standings.get(key)) for key, effect in effects.items()]
    clear = declared.count("more")
    of_all = f"{clear or 'None'} of {count_text(len(effects), 'partnership')}"
    return f"{of_all} {'shows' if clear == 1 else 'show'} more new patients than expected"


def portfolio_parts(
    effects: Mapping[str, Effect], *, standings: Mapping[str, Standing] = NO_STANDINGS
) -> dict[str, list[str]]:
    """Give the ids of the partnerships with each standing in words, by name, never by size.

    One that no review can judge is listed by its verdict.
    """
    by_name = sorted(effects, key=lambda key: (effects[key].name.casefold(), key))
    return {
        words: found
        for declared, words in PARTS.items()
        if (
            found := [
                key for key in by_name if declared_of(effects[key], standings.get(key)) == declared
            ]
        )
    }


def portfolio_sentence(
    effects: Mapping[str, Effect], *, standings: Mapping[str, Standing] = NO_STANDINGS
) -> str:
    """Say which partnerships have which standing, and how many would by luck alone."""
    if not effects:
        return "There is no partnership to report."
    said = [
        f"{words}: {names_text(_called(effects, found), of=len(effects))}."
        for words, found in portfolio_parts(effects, standings=standings).items()
    ]
    return " ".join([*said, luck_sentence(effects, standings=standings)]).strip()


def _called(effects: Mapping[str, Effect], keys: Sequence[str]) -> list[str]:
    return [short_name(effects[key].name, most=45) for key in keys]


def luck_sentence(
    effects: Mapping[str, Effect], *, standings: Mapping[str, Standing] = NO_STANDINGS
) -> str:
    """Say how many answers would look clear by luck alone; nothing where there are not several."""
    levels = {effect.level for effect in effects.values()}
    if sum(map(is_answered, effects.values())) < 2 or len(levels) > 1 or max(levels) >= 1:
        return ""
    odds = number_text(1 / (1 - max(levels)), digits=0)
    if standings:
        return (
            f"Of partnerships that changed nothing, about 1 in {odds} would still be called more "
            "or fewer at one of their reviews, by luck."
        )
    return (
        f"Of partnerships that changed nothing, about 1 in {odds} would still look clear by luck."
    )


def portfolio_rows(
    effects: Mapping[str, Effect],
    *,
    standings: Mapping[str, Standing] = NO_STANDINGS,
    providers: Collection[str] = frozenset(),
) -> list[Effect | str]:
    """Order effects by standing, then name, never by size; providers apart, by name.

    A text among them is a heading.
    """
    rows: list[Effect | str] = [
        effects[key]
        for found in portfolio_parts(effects, standings=standings).values()
        for key in found
        if key not in providers
    ]
    apart = [effect for key, effect in effects.items() if key in providers]
    apart.sort(key=lambda effect: effect.name.casefold())
    return [*rows, "Providers, by name:", *apart] if apart else rows


def cleaning_sentence(
    row_account: pd.DataFrame,
    *,
    rejected: pd.DataFrame | None = None,
    as_of: pd.Timestamp | None = None,
) -> str:
    """Say where all raw rows went; the parts add up.

    With ``rejected`` and ``as_of``, rows later than that day are told from those with a fault.
    """
    raw = int(row_account["raw_rows"].sum())
    if raw == 0:
        return "The files hold no rows."
    sums = {fate: int(row_account[fate].sum()) for fate in ROW_FATES}
    late = 0 if rejected is None or as_of is None else late_rows(rejected)
    parts = [f"{sums['used']:,} {'was' if sums['used'] == 1 else 'were'} used"]
    if late and as_of is not None:
        parts.append(f"{late:,} later than {day_text(as_of)} set aside")
    if sums["rejected"] > late:
        words = "that could not be read" if late else ROW_FATES["rejected"]
        parts.append(f"{sums['rejected'] - late:,} {words}")
    sums["repeated"] = int(row_account["repeated"].sum()) if "repeated" in row_account else 0
    parts += fate_texts(sums, fates=("totals_and_headers", "superseded"))
    files = count_text(len(row_account), "file")
    return f"Of {count_text(raw, 'row')} in {files}, {list_text(parts)}."


def fate_texts(sums: Mapping[str, int], *, fates: Collection[str] = tuple(ROW_FATES)) -> list[str]:
    """Give how many rows came to what, without fates that no row had.

    Of the rows superseded, those equal to the row in their place are told from the others.
    """
    again = int(sums.get("repeated", 0))
    numbers = {words: int(sums[fate]) for fate, words in ROW_FATES.items() if fate in fates}
    if "superseded" in fates:
        replaced = numbers.pop(ROW_FATES["superseded"]) - again
        numbers |= {REPEATED: again, REPLACED: replaced}
    one = {ROW_FATES["totals_and_headers"]: "heading or total"}
    return [
        f"{number:,} {one.get(words, words) if number == 1 else words}"
        for words, number in numbers.items()
        if number
    ]


def late_rows(rejected: pd.DataFrame) -> int:
    """Count the rows set aside only because they are later than the day of the report."""
    return int((rejected["reason"] == LATE).sum())


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
