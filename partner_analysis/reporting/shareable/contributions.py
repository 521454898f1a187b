"""What both sides gave to a partnership, by month: activities, never money or patients."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.attribution.ledger.balance import BOTH, GIVEN_BY, PARTNER, US
from partner_analysis.attribution.ledger.kinds import OTHER, kind_of
from partner_analysis.reporting.html import Shown, html_table
from partner_analysis.reporting.ledger.balance import ITEMS
from partner_analysis.reporting.numbers import count_text, list_text, month_text

OF_PATIENTS: Final = ("referrals_out", "same_day_slots")
FOR_ALL: Final = ("education_sessions", "shared_events", "planning_meetings")
COLUMNS: Final = ("month", "giver", "what")


def contributions_of(
    activities: pd.DataFrame,
    flows: pd.DataFrame,
    partnership_id: str,
    *,
    is_provider: bool,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """What was done in a partnership: month (its first day), giver ("us", "partner", "both"), what.

    Kinds and amounts only: no note, no cost, no share of a cost, and nobody sent to anybody. Of
    a provider neither hours nor space, and no word of which side gave what.
    """
    done = [
        (row.date.to_period("M").start_time, _giver(row.partner_share), _activity(row, is_provider))
        for row in activities.loc[activities["partnership_id"] == partnership_id].itertuples()
    ]
    mine = flows.loc[flows["partnership_id"] == partnership_id]
    items = [i for i in GIVEN_BY if i in FOR_ALL or not (is_provider or i in OF_PATIENTS)]
    for item in items if len(mine) else []:
        usual = GIVEN_BY[item]
        givers = mine["given_by"].where((mine["given_by"] != "") & (usual != BOTH), usual)
        amounts = mine[item].groupby([mine["month"], givers]).sum()
        _, noun, more = ITEMS[item]
        done += [(m, g, f"{count_text(n, noun)}{more}") for (m, g), n in amounts.items() if n > 0]
    table = pd.DataFrame(done, columns=list(COLUMNS))
    table["giver"] = BOTH if is_provider else table["giver"]
    until = pd.to_datetime(table["month"]) <= as_of
    return table.loc[until].sort_values(["month", "giver"], kind="stable", ignore_index=True)


def contributions_table(done: pd.DataFrame, *, partner: str, is_provider: bool) -> Shown:
    """Give what was done, one row per month and giver; of a provider without the giver."""
    who = {US: "the practice", PARTNER: partner, BOTH: "both"}
    rows = [
        (month_text(month), who[giver], list_text(list(part["what"])))
        for (month, giver), part in done.groupby(["month", "giver"])
    ]
    if is_provider:
        short = [(month, what) for month, _, what in rows]
        return html_table(("month", "what"), short, ("text", "text"), title="What was done")
    heads = ("month", "given by", "what")
    return html_table(heads, rows, ("text",) * 3, title="What was given, by month")


def given_sentence(done: pd.DataFrame, *, is_provider: bool) -> str:
    """Say what kinds of things are listed, and that nobody who was sent is."""
    if done.empty:
        return "Nothing that either side gave is written down yet."
    if is_provider:
        return "Events, sessions and meetings only, as far as they were written down."
    return (
        "Events, hours, sessions and space only, as far as they were written down; how many people "
        "either side sends is not listed."
    )


def kinds_by_year(activities: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """Activities of all partnerships by kind and year: how many there were."""
    known = activities.loc[activities["date"] <= as_of]
    kinds = known["kind"].map(_kind)
    return pd.crosstab(kinds, known["date"].dt.year.astype(str))


def kinds_table(kinds: pd.DataFrame) -> Shown:
    """Give activities of all partnerships by kind and year."""
    heads = ["activity", *kinds.columns]
    rows = [(kind, *map(str, amounts)) for kind, *amounts in kinds.itertuples()]
    title = "What was done, over all partnerships"
    return html_table(heads, rows, ["text"] + ["number"] * (len(heads) - 1), title=title)


def _activity(row: object, is_provider: bool) -> str:
    """Kind of activity, with hours of staff time except for a provider."""
    kind, hours = _kind(str(row.kind)), row.staff_hours  # type: ignore[attr-defined]
    if is_provider or not hours > 0:
        return kind
    return f"{kind} ({count_text(hours, 'hour')} of the practice's time)"


def _kind(text: str) -> str:
    kind = kind_of(text)
    return "other activity" if kind == OTHER else kind


def _giver(partner_share: float) -> str:
    """Who bore an activity: both where the partner took any part in it."""
    return BOTH if partner_share > 0 else US
