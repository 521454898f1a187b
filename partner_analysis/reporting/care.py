"""Care of those who named a partner beside similar others, in words; never as a cause."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pandas as pd

from partner_analysis.attribution.access import FIRST_TIME, INTENDED
from partner_analysis.reporting.html import Shown, html_table
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    count_text,
    interval_text,
    level_text,
    list_text,
    number_text,
    short_name,
    span_text,
)
from partner_analysis.tables import Interval

NOT_WHY: Final = "This does not say that the partnership is why."
SEVERAL: Final = (
    " Several measures are looked at, so a difference is called clear only where chance would "
    "hardly make one among all of them."
)
NOT_COUNTED: Final = "How patients were cared for is not known from counts alone."
OPEN_LEFT_OUT: Final = (
    "Visits, plans and outcomes are those of episodes that began at least 180 days ago and, where "
    "the exports have discharge dates, have ended; open and recent ones are left out on both sides."
)
HOW_KNOWN: Final = (
    "Others are weighted to the mix of those who named it. Who came to a first visit is asked of "
    "patients whose source is written down, 60 days after their referral."
)


class Phrase(NamedTuple):
    """How a difference is said: the words around its size, and for more and for less."""

    start: str
    more: str
    less: str
    unit: str


PHRASES: Final = {
    "days to first visit": Phrase("typically waited", "more", "less", "day"),
    "seen on the day of the referral": Phrase(
        "were seen on the day of the referral", "more", "fewer", "in 100"
    ),
    "came to a first visit": Phrase("came to a first visit", "more", "fewer", "in 100"),
    "visits per episode": Phrase("had", "more", "fewer", "visit"),
    "completed the plan of care": Phrase("completed their plan of care", "more", "fewer", "in 100"),
    "outcome change": Phrase("improved by", "more", "less", "point"),
    "would recommend us (0 to 10)": Phrase("recommend us by", "more", "less", "point"),
}


def care_title(care: pd.DataFrame | None, name: str) -> str:
    """Give the finding: what differs clearly, or that nothing does."""
    who = short_name(name, most=45)
    if care is None or care["difference"].isna().all():
        return f"Too few patients named {who} to compare their care"
    clear = list(care.loc[care["is_clear"]].itertuples())
    if not clear:
        return f"No clear difference in care for patients who named {who}"
    more = f", and {len(clear) - 1} further clear differences" if len(clear) > 1 else ""
    more = more.removesuffix("s") if len(clear) == 2 else more
    return f"Patients who named {who} {_difference_words(clear[0])} than similar others{more}"


def care_sentence(care: pd.DataFrame | None, name: str) -> str | list[str]:
    """Give what differs with its interval and the numbers behind it, and that it is no cause.

    Parameters
    ----------
    care
        From ``compare_care``; None for a practice with counts only.
    name
        Of the partner.
    """
    if care is None:
        return NOT_COUNTED
    told = care.loc[care["difference"].notna()]
    who = short_name(name)
    if told.empty:
        return (
            f"Too few patients named {who} to compare their care with that of others: at least 10 "
            "with a measure are needed on either side, so look again when more have come."
        )
    said = [f"{_said(row, who)}." for row in told.loc[told["is_clear"]].itertuples()]
    rest = int((~told["is_clear"]).sum())
    if rest:
        lead = "In the other" if said else "In all"
        measures = "In the one measure" if rest == 1 else f"{lead} {rest} measures"
        said.append(
            f"{measures} that could be compared, patients who named "
            f"{who} did not clearly differ from similar others."
        )
    said += _alone_sentences(told)
    said.append(NOT_WHY + (SEVERAL if len(told) > 1 else ""))
    return said


def _alone_sentences(told: pd.DataFrame) -> list[str]:
    """Say which measures would look different if they were the only one looked at."""
    apart = (told["low"] > 0) | (told["high"] < 0)
    rows = told.loc[apart & ~told["is_clear"]]
    if rows.empty or len(told) < 2:
        return []
    level = level_text(float(rows["level"].iloc[0]))
    named = [f"{row.measure}, {difference_text(row)}" for row in rows.itertuples()]
    return [
        f"Looked at alone, this would differ: {'; '.join(named)}, in brackets the {level} "
        f"interval. Among {len(told)} measures that can be chance."
    ]


def care_table(care: pd.DataFrame | None, name: str) -> Shown:
    """Give every measure: those who named the partner, similar others, and the difference."""
    if care is None or not (care["of_partner"] > 0).any():
        return Shown("", "")
    rows = [_cells(row) for row in care.itertuples()]
    heads = ["measure", "who named it", "similar others",
             f"difference ({level_of(care)} interval)", "patients compared"]  # fmt: skip
    over = list(dict.fromkeys(care.loc[care["difference"].notna(), "standardised_over"]))
    alike = f"Similar: of the same {' or '.join(list_text(o.split(', ')) for o in over)}. "
    return html_table(
        heads,
        rows,
        ("text", "number", "number", "number", "text"),
        title=care_title(care, name),
        note=f"{alike if over else ''}{HOW_KNOWN} {OPEN_LEFT_OUT} {NOT_WHY}",
    )


def difference_text(row: Any) -> str:
    """Give the difference of one measure with its interval, or why there is none."""
    if pd.isna(row.difference):
        return str(row.note)
    is_share = row.unit == "%"
    return interval_text(_scaled(row), 0 if is_share else 1, unit="%" if is_share else "")


def kinds_sentence(kinds: pd.DataFrame | None, name: str) -> str | list[str]:
    """Give whether other kinds of patients came: intended personas, newcomers, areas."""
    if kinds is None:
        return ""
    who, said = short_name(name), list[str]()
    if not (kinds["of_named"] > 0).any():
        return (
            f"No new patient named {who} where and while it ran, so there are no kinds to compare."
        )
    for kind, words in ((INTENDED, "are of the kind it is meant to reach ({group})"),
                        (FIRST_TIME, "are new to physical therapy")):  # fmt: skip
        for row in kinds.loc[kinds["kind"] == kind].itertuples():
            said.append(_kind_said(row, who, words.format(group=row.group)))
    areas = kinds.loc[kinds["kind"] == "ZIP3"]
    if kinds.loc[kinds["kind"] == FIRST_TIME].empty:
        said.append("Who is new to physical therapy is not in the exports.")
    said.append(_areas_said(areas, who))
    return [
        *said,
        f"{NOT_WHY} Those who named it are not weighted here: their mix is the question.",
    ]


def kinds_table(kinds: pd.DataFrame | None, name: str) -> Shown:
    """Give every kind of patient: share of those who named the partner beside the others."""
    if kinds is None or not (kinds["of_named"] > 0).any():
        return Shown("", "")
    rows = []
    for row in kinds.itertuples():
        shares = [
            NOT_APPLICABLE if pd.isna(share) else f"{100 * share:.0f}%"
            for share in (row.share_named, row.share_others)
        ]
        gap = Interval(row.difference, row.low, row.high).scaled(100)
        told = row.note if pd.isna(row.difference) else interval_text(gap, 0, unit="%")
        counted = f"{row.named:,} of {row.of_named:,} beside {row.others:,} of {row.of_others:,}"
        rows.append((row.kind, row.group, *shares, told, counted))
    heads = ["what", "group", "of those who named it", "of all others",
             f"difference ({level_of(kinds)} intervals for all rows at once)",
             "counted"]  # fmt: skip
    kinds_of = ("text", "text", "number", "number", "number", "text")
    note = "New patients of the partnership's clinics since its start, each once."
    title = f"Who named {short_name(name, most=45)}, by kind of patient"
    return html_table(heads, rows, kinds_of, title=title, note=note)


def level_of(table: pd.DataFrame | None) -> str:
    """Give the level of the intervals of a table: "95%"."""
    return level_text(float(table["level"].iloc[0]) if table is not None and len(table) else 0.95)


def _said(row: Any, who: str) -> str:
    """One clear difference with its interval and numbers."""
    span = _scaled(row)
    span = Interval(-span.estimate, -span.high, -span.low) if row.difference < 0 else span
    return (
        f"Patients who named {who} {_difference_words(row)} than similar others "
        f"({level_text(row.level)} interval {span_text(span)}; {row.n_partner} "
        f"beside {row.n_others:,} patients)"
    )


def _difference_words(row: Any) -> str:
    """The size and direction of a difference: "typically waited 2.1 days less"."""
    phrase = PHRASES[row.measure]
    word = phrase.more if row.difference > 0 else phrase.less
    size = abs(_scaled(row).estimate)
    if phrase.unit == "in 100":
        return f"{phrase.start} {number_text(size, digits=0)} in 100 {word} of them"
    if word == "fewer" or phrase.unit == "visit":
        return f"{phrase.start} {number_text(size, digits=1)} {word} {phrase.unit}s"
    return f"{phrase.start} {number_text(size, digits=1)} {phrase.unit}s {word}"


def _scaled(row: Any) -> Interval:
    """Difference and interval, shares in percent."""
    span = Interval(row.difference, row.low, row.high)
    return span.scaled(100) if row.unit == "%" else span


def _cells(row: Any) -> tuple[str, ...]:
    """One row of the table."""
    scale, unit = (100, "%") if row.unit == "%" else (1, f" {row.unit}")
    values = [
        NOT_APPLICABLE if pd.isna(v) else number_text(scale * v, digits=1, unit=unit)
        for v in (row.partner, row.others)
    ]
    counted = f"{row.n_partner} of {row.of_partner} beside {row.n_others:,}"
    return (row.measure, *values, difference_text(row), counted)


def _kind_said(row: Any, who: str, words: str) -> str:
    """One share beside the others', with the interval of the difference."""
    counted = f"Of {count_text(row.of_named, 'patient')} who named {who}, {row.named} {words}"
    if pd.isna(row.difference):
        return f"{counted}: too few to compare with others."
    gap = Interval(row.difference, row.low, row.high).scaled(100)
    return (
        f"{counted}, {100 * row.share_named:.0f}% beside {100 * row.share_others:.0f}% of the "
        f"others (difference {number_text(gap.estimate, digits=0, unit='%')}, "
        f"{level_text(row.level)} interval {span_text(gap, 0, unit='%')})."
    )


def _areas_said(areas: pd.DataFrame, who: str) -> str:
    """Which areas stand out among those who named the partner."""
    if areas.empty:
        return "Where patients live is not in the exports: a ZIP column would tell."
    if areas["difference"].isna().all():
        return f"Too few of those who named {who} have a known ZIP code to compare areas."
    more = areas.loc[areas["low"] > 0].itertuples()
    listed = [
        f"{row.group} ({100 * row.share_named:.0f}% beside {100 * row.share_others:.0f}%)"
        for row in more
    ]
    if not listed:
        return (
            "They do not clearly come from other areas (ZIP3) than the others "
            f"({level_of(areas)} intervals over all areas)."
        )
    return f"More of them than of the others live in {list_text(listed)}."
