"""Tables that put answers beside one another: partnerships, methods, assumptions, reviews."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.named.reconcile import READINGS
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.reporting.evidence import priors_title
from partner_analysis.reporting.html import NOTHING, Shown, html_table
from partner_analysis.reporting.long_lists import left_out_text, lines_of, names_text, shown_of
from partner_analysis.reporting.methods import level_note, method_rows, methods_title
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    day_text,
    interval_text,
    level_text,
    list_text,
    number_text,
    short_name,
)
from partner_analysis.reporting.overview import portfolio_rows, portfolio_title
from partner_analysis.reporting.phrases import VERDICT_WORDS, declared_of, is_answered
from partner_analysis.reporting.standings import reviewed_text
from partner_analysis.tables import Interval

NO_STANDINGS: Mapping[str, Standing] = {}
BY_STANDING: Final = "by standing and name"


def portfolio_table(
    effects: Mapping[str, Effect],
    *,
    standings: Mapping[str, Standing] = NO_STANDINGS,
    providers: Collection[str] = frozenset(),
) -> Shown:
    """Give all effects by standing and name, never by size; providers apart, by name.

    Without ``standings`` by verdict.
    """
    rows = []
    listed = _in_order(effects, standings, providers)
    for key, effect in shown_of(listed):
        standing = standings.get(key)
        told = is_answered(effect)
        is_provider = key in providers
        rows.append(
            (
                short_name(effect.name) + (" (provider)" if is_provider else ""),
                VERDICT_WORDS[declared_of(effect, standing)],
                reviewed_text(standing),
                effect.grade if told and effect.grade != "none" else NOT_APPLICABLE,
                interval_text(effect.per_month) if told else NOT_APPLICABLE,
                interval_text(effect.total, 0) if told else NOT_APPLICABLE,
            )
        )
    heads = ["partnership", "standing", "reviewed", "evidence"]
    heads += ["a month (estimated)", "in all (estimated)"]
    kinds = ("text", "text", "text", "text", "number", "number")
    note = (
        f"More or fewer than expected up to {_last_day(effects)}, in brackets {_levels(effects)} "
        "intervals; the standing is that of the last review. Totals of partnerships that overlap "
        f"do not add up{_joint_totals(effects)}. "
        f"{left_out_text(len(listed), 'effects.csv', which=BY_STANDING)}".strip()
    )
    title = portfolio_title(effects, standings=standings)
    return html_table(heads, rows, kinds, title=title, note=note if rows else "")


def together_table(
    effects: Mapping[str, Effect],
    *,
    standings: Mapping[str, Standing] = NO_STANDINGS,
    providers: Collection[str] = frozenset(),
) -> Shown:
    """Give named (counted) beside estimated, and both together; nothing if nobody was counted."""
    rows = []
    listed = _in_order(effects, standings, providers)
    counted = [(effect, effect.named) for _, effect in listed if effect.named is not None]
    for effect, named in shown_of(counted):
        told = is_answered(effect)
        both = effect.blended if told else None
        rows.append(
            [
                short_name(effect.name),
                number_text(named, digits=0),
                interval_text(effect.total, 0) if told else NOT_APPLICABLE,
                interval_text(both, 0) if both is not None else NOT_APPLICABLE,
                effect.reconciliation.reading if told and effect.reconciliation else NOT_APPLICABLE,
            ]
        )
    if not rows:
        return NOTHING
    heads = [
        "partnership",
        "named it (counted)",
        "more or fewer in all (estimated)",
        "counts and named referrals together (estimated)",
        "what the two say",
    ]
    blended = any(effect.blended is not None for effect in effects.values())
    note = f"In brackets {_levels(effects)} intervals."
    if blended:
        note += (
            " Together: how patients name partners is learnt from all partnerships of the "
            "practice. It stands beside the estimate and never in its place."
        )
    else:
        heads.pop(3)
        for row in rows:
            row.pop(3)
    note = f"{note} {left_out_text(len(counted), 'effects.csv', which=BY_STANDING)}".strip()
    kinds = ("text", *["number"] * (len(heads) - 2), "text")
    return html_table(heads, rows, kinds, title=_together_title(effects), note=note)


def methods_table(effect: Effect, methods: pd.DataFrame) -> Shown:
    """Give every method's answer with what it rests on; nothing without an answer."""
    found = method_rows(effect, methods)
    if found.empty:
        return NOTHING
    rows = [
        (
            row.method,
            interval_text(Interval(row.estimate, row.low, row.high)) if row.says else "no number",
            row.note or NOT_APPLICABLE,
        )
        for row in found.itertuples()
    ]
    return html_table(
        ["method", "a month", "what it rests on"],
        rows,
        ("text", "number", "text"),
        title=methods_title(effect, methods),
        note=f"New patients a month, more or fewer than expected; {level_note(effect)}.",
    )


def priors_table(effect: Effect) -> Shown:
    """Give the total under each assumption on how the clinic grows; nothing if there is one."""
    title = priors_title(effect)
    if not title:
        return NOTHING
    rows = [
        (
            row.prior + (" (used here)" if place == 0 else ""),
            interval_text(Interval(row.estimate, row.low, row.high), 0),
        )
        for place, row in enumerate(effect.priors.itertuples())
    ]
    heads = ["the clinic is assumed to grow at", f"in all ({level_text(effect.level)} interval)"]
    return html_table(heads, rows, ("text", "number"), title=title, note="")


def reviews_table(standing: Standing | None) -> Shown:
    """Give every review held so far: its date, its verdict, its number; nothing before."""
    if standing is None or standing.reviews.empty:
        return NOTHING
    rows = []
    for row in standing.reviews.itertuples():
        total = Interval(row.estimate, row.low, row.high)
        told = row.verdict not in ("too early", "data not fit")
        rows.append(
            (
                day_text(row.review),
                f"{row.months}",
                row.verdict,
                interval_text(total, 0) if told else NOT_APPLICABLE,
                level_text(row.level),
            )
        )
    heads = ["review", "months", "verdict", "in all (review interval)", "its level"]
    kinds = ("text", "number", "text", "number", "number")
    title = f"{'One review has' if len(rows) == 1 else f'{len(rows)} reviews have'} been held"
    note = (
        "A review interval is wider than one of a single look, most so early on, since several "
        "looks give chance more occasions."
    )
    if pd.notna(standing.next_review):
        note += f" The next is of {day_text(standing.next_review)}."
    return html_table(heads, rows, kinds, title=title, note=note)


def _in_order(
    effects: Mapping[str, Effect], standings: Mapping[str, Standing], providers: Collection[str]
) -> list[tuple[str, Effect]]:
    """Ids and effects in the order in which they are shown."""
    keys = {id(effect): key for key, effect in effects.items()}
    rows = portfolio_rows(effects, standings=standings, providers=providers)
    return [(keys[id(row)], row) for row in rows if isinstance(row, Effect)]


def _together_title(effects: Mapping[str, Effect]) -> str:
    """Say whom more, and whom fewer, named than came because of them, as a title."""
    by_reading: dict[str, list[str]] = {reading: [] for reading in READINGS}
    for effect in effects.values():
        if effect.reconciliation and is_answered(effect):
            by_reading[effect.reconciliation.reading].append(short_name(effect.name, most=45))
    anyway, silent, neither = by_reading.values()
    parts = [
        f"{amount} named {names_text(names, of=len(effects))} than came because of "
        f"{'it' if one else 'them'}"
        for amount, names in (("more", anyway), ("fewer", silent))
        if (one := len(names) == 1) or names
    ]
    if not parts:
        contradict = "Named and estimated do not contradict each other anywhere"
        return contradict if neither else "Whom patients named, beside what is estimated"
    words = "; ".join(parts)
    return f"{words[0].upper()}{words[1:]}"


def _joint_totals(effects: Mapping[str, Effect]) -> str:
    """Give the totals of partnerships that overlap, each group once: ": A and B together 9"."""
    found: dict[frozenset[str], str] = {}
    for key, effect in effects.items():
        group = frozenset({key, *effect.together_with})
        if effect.together is None or group in found or not is_answered(effect):
            continue
        names = sorted(short_name(effects[k].name) for k in group if k in effects)
        found[group] = f"{list_text(names)} together {interval_text(effect.together, 0)}"
    rest = "they stand on their pages"
    told = lines_of(list(found.values()), of=len(effects), rest=rest)
    return f": {'; '.join(told)}" if found else ""


def _levels(effects: Mapping[str, Effect]) -> str:
    return " and ".join(sorted({level_text(effect.level) for effect in effects.values()}))


def _last_day(effects: Mapping[str, Effect]) -> str:
    days = [effect.last_day for effect in effects.values() if pd.notna(effect.last_day)]
    return day_text(max(days)) if days else "now"
