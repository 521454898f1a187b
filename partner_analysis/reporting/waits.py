"""Was it faster to be seen? Days from the referral to the first visit, in words; never a cause."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from partner_analysis.attribution.waits import DAYS, NAMED_IT, SAME_DAY, SINCE, WITHIN
from partner_analysis.reporting.care import NOT_WHY, level_of
from partner_analysis.reporting.html import NOTHING, Shown, html_table
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    interval_text,
    number_text,
    short_name,
    span_text,
)
from partner_analysis.tables import Interval

BESIDE: Final = {NAMED_IT: "similar others", SINCE: "the year before"}
FROM_COUNTS: Final = "How long patients waited is not known from counts alone."
NOTE: Final = (
    "A wait starts with the referral, or with the case where the day of the referral is not known, "
    "and ends with the first visit. Days are typical ones (geometric mean). Others are weighted to "
    "the same mix of clinics and kinds of patient. Since it began: all patients of the clinics and "
    "kinds it is for, without the last 60 days, of which some still wait."
)


def waits_title(waits: pd.DataFrame | None, name: str) -> str:
    """Give the finding: whether those who named it were seen sooner or later than others."""
    who = short_name(name, most=45)
    rows = _told(waits, NAMED_IT)
    if rows.empty:
        return f"Too few who named {who} have a known wait to compare"
    days = rows.loc[rows["measure"] == DAYS]
    if days["high"].lt(0).any() or _shares(rows)["low"].gt(0).any():
        return f"Patients who named {who} were seen sooner than similar others"
    if days["low"].gt(0).any() or _shares(rows)["high"].lt(0).any():
        return f"Patients who named {who} waited longer than similar others"
    return f"No clear difference in waiting for patients who named {who}"


def waits_sentences(waits: pd.DataFrame | None, name: str) -> list[str]:
    """Give typical days and same-day access, beside others and beside the year before.

    Parameters
    ----------
    waits
        From ``compare_waits``; None for a practice with counts only.
    name
        Of the partner.
    """
    if waits is None:
        return [FROM_COUNTS]
    said = [sentence for sentence in [_counted_from(waits)] if sentence]
    for who in (NAMED_IT, SINCE):
        rows = waits.loc[waits["who"] == who].set_index("measure", drop=False)
        said += _group_said(rows, who, short_name(name, most=45))
    return [*said, f"{NOT_WHY} {_looked_at(waits)}"]


def waits_alt(waits: pd.DataFrame | None, name: str) -> str:
    """Give the same for those who cannot see the picture."""
    return f"{waits_title(waits, name)}. {' '.join(waits_sentences(waits, name))}"


def waits_table(waits: pd.DataFrame | None, name: str) -> Shown:
    """Give every measure of waiting, of those who named it and of all since it began."""
    if waits is None or waits["difference"].isna().all():
        return NOTHING
    rows = [
        (
            f"named it, beside {BESIDE[NAMED_IT]}" if row.who == NAMED_IT
            else f"all since it began, beside {BESIDE[SINCE]}",
            row.measure,
            _value(row.own, row.measure),
            _value(row.others, row.measure),
            difference_words(row),
            f"{row.n_own:,} beside {row.n_others:,}",
        )
        for row in waits.itertuples()
    ]  # fmt: skip
    over_all = f"difference ({level_of(waits)} intervals for all rows at once)"
    heads = ["who", "seen", "they", "others", over_all, "patients"]
    kinds = ("text", "text", "number", "number", "number", "text")
    note = f"{NOTE} {NOT_WHY}"
    return html_table(heads, rows, kinds, title=waits_title(waits, name), note=note)


def difference_words(row: Any) -> str:
    """Give a difference with its interval, or why there is none."""
    if pd.isna(row.difference):
        return str(row.note)
    span = Interval(row.difference, row.low, row.high)
    if row.measure == DAYS:
        return interval_text(span, 1)
    return interval_text(span.scaled(100), 0, unit="%")


def _group_said(rows: pd.DataFrame, who: str, name: str) -> list[str]:
    """Sentences of one group: its typical days and its same-day access."""
    days, same = rows.loc[DAYS], rows.loc[SAME_DAY]
    lead = f"Patients who named {name}" if who == NAMED_IT else "All patients since it began"
    if pd.isna(days["difference"]):
        why = str(days["note"])
        cure = (
            "the exports would need the days of referral and first visit" if "export" in why
            else "at least 10 on either side with both days are needed"
        )  # fmt: skip
        return [f"{lead}, beside {BESIDE[who]}: cannot tell, {why}; {cure}."]
    span = Interval(days["difference"], days["low"], days["high"])
    said = (
        f"{lead} typically waited {number_text(days['own'], digits=1)} days for their first visit, "
        f"{BESIDE[who]} {number_text(days['others'], digits=1)}: {_sooner(span)} (interval of the "
        f"difference {span_text(span, 1)} days; {days['n_own']:,} beside {days['n_others']:,} "
        "patients)."
    )
    if pd.isna(same["difference"]):
        return [said, f"Same-day access: {same['note'].removeprefix('cannot tell: ')}."]
    gap = Interval(same["difference"], same["low"], same["high"]).scaled(100)
    return [
        said,
        f"Seen on the same day: {_value(same['own'], SAME_DAY)} of them, beside "
        f"{_value(same['others'], SAME_DAY)} (interval of the difference "
        f"{span_text(gap, 0, unit='%')}).",
    ]


def _counted_from(waits: pd.DataFrame) -> str:
    """Say for how many a wait starts with the case; nothing where no number is told, or none do."""
    told = waits.loc[waits["difference"].notna(), "from_case"]
    if told.empty or not told.iloc[0] > 0:
        return ""
    share = number_text(max(100 * float(told.iloc[0]), 1.0), digits=0)
    return (
        f"For {share}% of those compared the wait is counted from the day the case was opened, "
        "since no day of referral is written down: how long they had waited before is not known."
    )


def _sooner(span: Interval) -> str:
    """What a difference of days says."""
    if span.high < 0:
        return f"{number_text(-span.estimate, digits=1)} days sooner"
    if span.low > 0:
        return f"{number_text(span.estimate, digits=1)} days later"
    return "no clear difference"


def _looked_at(waits: pd.DataFrame) -> str:
    return (
        f"Intervals are {level_of(waits)} ones, made to hold for all {1 + len(WITHIN)} "
        "measures looked at."
    )


def _value(value: float, measure: str) -> str:
    if pd.isna(value):
        return NOT_APPLICABLE
    if measure == DAYS:
        return number_text(value, digits=1, unit=" days")
    return number_text(100 * value, digits=0, unit="%")


def _told(waits: pd.DataFrame | None, who: str) -> pd.DataFrame:
    """Rows of one group that have a number."""
    if waits is None:
        return pd.DataFrame()
    return waits.loc[(waits["who"] == who) & waits["difference"].notna()]


def _shares(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.loc[rows["measure"] != DAYS]
