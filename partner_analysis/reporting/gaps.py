"""Where else to look for a partner, in words: gaps with their reasons."""

from __future__ import annotations

import math
from typing import Any, Final

import pandas as pd

from partner_analysis.reporting.care import level_of
from partner_analysis.reporting.html import Shown, html_table
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    count_text,
    interval_text,
    level_text,
    list_text,
    number_text,
    short_name,
    signed_percent,
    span_text,
)
from partner_analysis.reporting.portfolio.ranking import places_text
from partner_analysis.tables import ONE_PERSONA, Interval

MOST: Final = 10
TOLD: Final = 5
NOT_PROOF: Final = (
    "The order is a place to begin looking, not a measurement of need: who never came is in no "
    "export."
)
PARTS: Final = (
    "Need adds up three parts, each from 0 to 1: clearly growing, with chance among all of them "
    "allowed for (1 or 0), the share that is surely missing from what a clinic of its size would "
    "see by the other clinics' mix (1 less the upper end), and a kind of partner that worked for "
    "such patients at another clinic (1 or 0; one partner at one clinic proves little for "
    "another). Equal need shares a place. How many come is no need by itself; where clearly more "
    "come than usual and they are not growing there is no gap. Physicians and other providers "
    "count as cover and are never proposed."
)


def gaps_title(gaps: pd.DataFrame) -> str:
    """Give the finding: who is growing without a partner, or that nobody clearly is."""
    if gaps.empty:
        return "There are no counts in which to look for a gap"
    free = _without_partner(gaps)
    growing = free.loc[free["is_growing"]]
    if len(growing):
        named = [who(row) for row in growing.head(2).itertuples()]
        more = f" and {len(growing) - 2} more" if len(growing) > 2 else ""
        joined = ", ".join(named) if more else list_text(named)
        return f"Growing without a partner: {joined}{more}"
    if free.empty:
        return "A partner runs for every kind of patient at every clinic"
    if free["growth"].isna().all():
        kinds = "1 kind of patient has" if len(free) == 1 else f"{len(free)} kinds of patient have"
        return f"Who is growing cannot be told yet ({kinds} no partner)"
    return (
        f"None of {count_text(len(free), 'group')} of patients without a partner is clearly growing"
    )


def gaps_sentence(gaps: pd.DataFrame) -> list[str]:
    """Give what is growing without a partner and which kinds worked elsewhere, and the limits.

    Parameters
    ----------
    gaps
        From ``find_gaps``.
    """
    if gaps.empty:
        return [f"{gaps_title(gaps)}."]
    free, told = _without_partner(gaps), gaps.loc[gaps["rank"].notna()].head(TOLD)
    said = [f"{gaps_title(gaps)}.{_beginning(told)}"]
    reasons = [gap_reason(row) for row in told.itertuples()]
    said += [f"{reason[:1].upper()}{reason[1:]}." for reason in reasons]
    untold = int(free["growth"].isna().sum())
    if untold:
        said.append(
            f"For {count_text(untold, 'clinic and kind of patient')} without a partner growth "
            "cannot be told: that takes two years of counts and at least 20 patients in them."
            .replace("kind of patients", "kinds of patient")
        )  # fmt: skip
    return [*said, NOT_PROOF]


def gap_reason(row: Any) -> str:
    """Give one gap with its reasons: growth, size, no partner, and what worked elsewhere."""
    size = f"{number_text(row.a_month, digits=1)} new patients a month"
    parts = [size, *filter(None, [_usual_words(row)]), _growth_words(row)]
    if row.partners:
        running = [short_name(name, most=45) for name in row.partners]
        return f"{who(row)}: {', '.join([*parts, f'with {list_text(running)}'])}"
    said = f"{who(row)}: {', '.join(['no partner', *parts])}"
    worked = [
        f"{_so_many(kind, at, by)} worked ({list_text(at.split(', '))})"
        for kind, at, by in zip(row.worked, row.worked_at, row.worked_by, strict=True)
    ]
    tried = [
        f"{_a(kind)} is or was a partner at {list_text(at.split(', '))}, whether it worked is open"
        for kind, at in zip(row.elsewhere, row.elsewhere_at, strict=True)
    ]
    return "; ".join([said, *worked, *tried])


def _beginning(told: pd.DataFrame) -> str:
    """Say where to begin though nobody clearly grows: where a kind of partner worked elsewhere."""
    first = next(told.itertuples(), None)
    if first is None or first.is_growing or not first.worked:
        return ""
    kind, at, by = first.worked[0], first.worked_at[0], first.worked_by[0]
    where = list_text(at.split(", "))
    return (
        f" A place to begin is {who(first)}, since {_so_many(kind, at, by)} worked ({where}); "
        "whether such a partner would work there is open."
    )


def _without_partner(gaps: pd.DataFrame) -> pd.DataFrame:
    """Rows of clinics and kinds of patient that come, and for whom no partner runs."""
    return gaps.loc[(gaps["partners"].map(len) == 0) & (gaps["a_month"] > 0)]


def _so_many(kind: str, at: str, by: str) -> str:
    """Through how many partners at how many clinics a kind worked: "one gym, at one clinic"."""
    places = len(at.split(", "))
    clinics = "one clinic" if places == 1 else count_text(places, "clinic")
    if by == "1":
        return f"one {short_name(kind, most=45)}, at {clinics},"
    return f"{by} of the kind {short_name(kind, most=45)}, at {clinics},"


def gaps_table(gaps: pd.DataFrame) -> Shown:
    """Give the ranked list of clinics and kinds of patient without a partner, with the parts."""
    free = gaps.loc[gaps["rank"].notna()].head(MOST) if len(gaps) else gaps
    rows = [
        (
            who(row),
            places_text(int(row.first_place), int(row.last_place)),
            number_text(row.a_month, digits=1),
            _usual_cell(row),
            _growth_cell(row),
            _worked_cell(row),
            number_text(row.need, digits=2),
        )
        for row in free.itertuples()
    ]
    heads = ["who and where", "place", "new patients a month", "in percent of the usual mix",
             f"growth a year ({level_of(gaps)} interval)", "worked elsewhere", "need"]  # fmt: skip
    left = int(gaps["rank"].notna().sum()) - len(free) if len(gaps) else 0
    more = f" {left} further {'has' if left == 1 else 'have'} less need." if left > 0 else ""
    return html_table(
        heads,
        rows,
        ("text", "number", "number", "number", "number", "text", "number"),
        title=gaps_title(gaps),
        note=f"{PARTS} {NOT_PROOF}{more}",
    )


def who(row: Any) -> str:
    """Give a kind of patient at a clinic: "runner at Lakeview"; the clinic where all are one."""
    clinic, persona = short_name(row.clinic, most=45), short_name(row.persona, most=45)
    return clinic if persona == ONE_PERSONA else f"{persona} at {clinic}"


def _a(kind: str) -> str:
    """A kind with its article."""
    return f"{'an' if kind[:1].casefold() in 'aeiou' else 'a'} {short_name(kind, most=45)}"


def _usual_words(row: Any) -> str:
    """That a kind is clearly missing beside the other clinics; nothing where it is not."""
    if not row.of_usual_high < 1:
        return ""
    span = span_text(_usual_of(row), 0, unit="%")
    return f"{number_text(100 * row.of_usual, digits=0)}% of the usual for its size ({span})"


def _worked_cell(row: Any) -> str:
    """The kinds that worked elsewhere, with how many of them and where."""
    told = zip(row.worked, row.worked_at, row.worked_by, strict=True)
    return "; ".join(_so_many(*each).removesuffix(",") for each in told) or NOT_APPLICABLE


def _usual_cell(row: Any) -> str:
    """Patients in percent of the usual for the clinic's size, with the interval."""
    return NOT_APPLICABLE if pd.isna(row.of_usual) else interval_text(_usual_of(row), 0, unit="%")


def _usual_of(row: Any) -> Interval:
    return Interval(row.of_usual, row.of_usual_low, row.of_usual_high).scaled(100)


def _growth_words(row: Any) -> str:
    """Growth in a phrase, with its interval."""
    if pd.isna(row.growth):
        return "growth cannot be told"
    ends = f"{level_text(row.level)} interval {span_text(_growth_of(row), 0, unit='%')}"
    if math.isinf(row.growth):
        return f"nobody came the year before (growth: {ends})"
    if row.is_growing:
        return f"growing {number_text(100 * row.growth, digits=0)}% a year ({ends})"
    return f"not clearly growing ({signed_percent(row.growth)}, {ends})"


def _growth_cell(row: Any) -> str:
    """Growth with its interval, or why it cannot be told."""
    return str(row.note) if pd.isna(row.growth) else interval_text(_growth_of(row), 0, unit="%")


def _growth_of(row: Any) -> Interval:
    """Growth in percent; only its low end where nobody came before."""
    growth = math.nan if math.isinf(row.growth) else row.growth
    return Interval(growth, row.low, row.high).scaled(100)
