"""Which partners should we call, in words: last patient, usual number, last contact."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from partner_analysis.attribution.portfolio.alliances import QUIET_DAYS
from partner_analysis.attribution.portfolio.calls import MORE, QUIET, USUAL
from partner_analysis.reporting.care import level_of
from partner_analysis.reporting.html import NOTHING, Shown, html_table
from partner_analysis.reporting.long_lists import left_out_text, lines_of, names_text, shown_of
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    amount_text,
    count_text,
    month_text,
    number_text,
    short_name,
)

TALKS: Final = {
    "due": "the agreed talk is due",
    "soon": "the agreed talk comes up",
}
WHY_RANGE: Final = (
    "The usual range is where a new number lies by chance alone, from the months before; season is "
    "not taken out. Named is counted: fewer who name a partner may also mean fewer who were asked."
)
PROVIDERS: Final = (
    "Of providers only activities and contacts are told; whom they send decides nothing."
)


def calls_title(calls: pd.DataFrame) -> str:
    """Give whom to call first, or that nobody has gone quiet."""
    quiet = _names(calls.loc[calls["finding"] == QUIET])
    if quiet:
        return f"Gone quiet: {names_text(quiet, of=len(calls))}"
    told = calls["finding"].isin([QUIET, MORE, USUAL])
    if not told.any():
        return "Whether a partner has gone quiet cannot be told yet"
    return "No partner that can be judged is named less than usual"


def calls_sentences(calls: pd.DataFrame) -> list[str]:
    """Say how many to call, who has gone quiet, whose talk is due, and what is not known.

    Who has gone quiet is said with counts and range.

    Parameters
    ----------
    calls
        From ``list_calls``.
    """
    if calls.empty:
        return ["No alliance is running, so there is nobody to call."]
    said = [_how_many(calls), f"{calls_title(calls)}."]
    unusual = calls.loc[calls["finding"].isin([QUIET, MORE])]
    said += lines_of(
        [_unusual_said(row) for row in unusual.itertuples()], of=len(calls), rest="see the table."
    )
    for which, words in (
        (calls["talk"] == "due", "The talk that was agreed is due with"),
        (calls["quiet_days"] > QUIET_DAYS, "No activity was noted for half a year with"),
    ):
        names = _names(calls.loc[which])
        if names:
            said.append(f"{words} {names_text(names, of=len(calls))}.")
    return [*said, f"{WHY_RANGE} {PROVIDERS}"]


def calls_table(calls: pd.DataFrame) -> Shown:
    """Give every running alliance: last patient, last three months, last contact, why to call."""
    if calls.empty:
        return NOTHING
    rows = [
        (
            short_name(row.name, most=45) + (" (provider)" if row.provider else ""),
            _last_named(row),
            _recently(row),
            _heard(row),
            _why(row),
        )
        for row in shown_of(list(calls.itertuples()), first=_is_no_call)
    ]
    heads = ["partner", "last patient who named it", "named in the last 3 months (usually)",
             "last activity; last contact", "why call"]  # fmt: skip
    level = f"Ranges: {level_of(calls)}, holding together over all partners."
    part = left_out_text(len(calls), "calls.csv", which="first those to call")
    note = f"{level} {WHY_RANGE} {PROVIDERS} {part}".strip()
    return html_table(heads, rows, ("text",) * 5, title=calls_title(calls), note=note)


def _is_no_call(row: Any) -> int:
    """0 for those who have gone quiet or whose talk is due, then 1, last those without a reason."""
    if row.finding == QUIET or row.talk == "due":
        return 0
    return 1 if row.talk or row.finding == MORE else 2


def _unusual_said(row: Any) -> str:
    word = "fewer" if row.finding == QUIET else "more"
    return (
        f"{short_name(row.name, most=45)}: {count_text(row.recent, 'new patient')} named it in "
        f"the last 3 months, {word} than the {_range(row)} that would be usual."
    )


def _how_many(calls: pd.DataFrame) -> str:
    """How many to call now, for a reason of their own, and how many soon."""
    now = calls["talk"].isin(["due", "quiet"]) | (calls["finding"] == QUIET)
    counted = ((now.sum(), "now"), (((calls["talk"] == "soon") & ~now).sum(), "soon"))
    parts = [f"{number_text(float(many), digits=0)} {when}" for many, when in counted if many]
    return f"Call {', '.join(parts)}." if parts else "Nobody has to be called now."


def _range(row: Any) -> str:
    return f"{number_text(row.low, digits=0)} to {number_text(row.high, digits=0)}"


def _last_named(row: Any) -> str:
    if pd.isna(row.recent):
        return str(row.finding)
    return "nobody yet" if pd.isna(row.last_named) else month_text(row.last_named)


def _recently(row: Any) -> str:
    if pd.isna(row.recent):
        return NOT_APPLICABLE
    recent = number_text(row.recent, digits=0)
    if pd.isna(row.usual):
        return f"{recent} (usual number not known yet)"
    return f"{recent} (about {amount_text(row.usual)}, {_range(row)})"


def _heard(row: Any) -> str:
    days = (("activity", row.last_activity), ("contact", row.last_contact))
    parts = [month_text(day) if pd.notna(day) else f"no {what} noted" for what, day in days]
    return "; ".join(parts)


def _why(row: Any) -> str:
    parts = [TALKS.get(row.talk, "")]
    if row.quiet_days > QUIET_DAYS:
        parts.append("no activity for half a year")
    if row.finding == QUIET:
        parts.insert(0, "named less than usual")
    elif row.finding == MORE:
        parts.append("named more than usual: say thanks")
    elif str(row.finding).startswith("cannot tell"):
        parts.append(str(row.finding))
    return "; ".join(part for part in parts if part) or "no reason in the numbers"


def _names(rows: pd.DataFrame) -> list[str]:
    return [short_name(name, most=45) for name in rows["name"]]
