"""What each side of a partnership gives, as counts of what was done: never money, never a ratio."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.effect import empty_table
from partner_analysis.tables import InputError, require_columns

US: Final = "us"
PARTNER: Final = "partner"
BOTH: Final = "both"
GIVEN_BY: Final = {
    "referrals_out": US,
    "same_day_slots": US,
    "education_sessions": US,
    "space_hours": PARTNER,
    "shared_events": BOTH,
    "planning_meetings": BOTH,
}
FOR_PROVIDERS: Final = (
    "same_day_slots",
    "education_sessions",
    "shared_events",
    "planning_meetings",
)
ITEM_COLUMNS: Final = {
    "item": "str",
    "given_by": "str",
    "amount": "float64",
    "months": "int64",
    "recorded": "int64",
}


@dataclass(frozen=True)
class Balance:
    """What was given in a partnership, as counts.

    Attributes
    ----------
    partnership_id, is_provider
        Of a provider nothing is given by one side or the other: only what was done is listed,
        without referrals and without space.
    items
        One row per item and giver: ``item``, ``given_by`` ("us", "partner" or "both"; "" for a
        provider), ``amount``, ``months`` in which there was any, and ``recorded`` months.
    months
        Months with any record.
    score, answers
        Mean feedback, 0 to 10, weighted by how many answered; NaN and 0 without any.
    left_out
        Months of the table before the start or not complete yet.
    """

    partnership_id: str
    is_provider: bool
    items: pd.DataFrame = field(repr=False)
    months: int
    score: float
    answers: int
    left_out: int


def balance_of(
    flows: pd.DataFrame,
    partnerships: pd.DataFrame,
    partnership_id: str,
    *,
    until: pd.Timestamp | None = None,
) -> Balance:
    """What each side of one partnership gave, from its start on.

    Parameters
    ----------
    flows
        One row per partnership, month, clinic and giver: ``partnership_id``, ``month`` (its
        first day), ``clinic``, ``given_by``, the items, ``feedback_score`` and
        ``feedback_answers``. NaN = not recorded, 0 = none.
    partnerships
        The register, with ``start_date`` and ``provider``.
    partnership_id
        Which partnership. One that the register does not call no provider is taken for one.
    until
        Only months that end by this day; None = all.

    Raises
    ------
    InputError
        For an id that the register does not list, and missing columns.
    """
    columns = ("partnership_id", "start_date", "provider")
    require_columns(partnerships, columns, "partnerships")
    listed = partnerships.loc[partnerships["partnership_id"] == partnership_id]
    if listed.empty:
        raise InputError(f"partnerships: there is no partnership_id {partnership_id!r}.")
    is_provider = bool(listed["provider"].astype("bool").any())
    mine, left_out = _within(flows, listed, partnership_id, until)
    answers = mine["feedback_answers"].fillna(0)
    asked = (answers > 0) & mine["feedback_score"].notna()
    total = int(answers[asked].sum())
    weighted = float((mine["feedback_score"] * answers)[asked].sum())
    return Balance(
        partnership_id=partnership_id,
        is_provider=is_provider,
        items=_items(mine, is_provider=is_provider),
        months=int(mine["month"].nunique()),
        score=weighted / total if total else np.nan,
        answers=total,
        left_out=left_out,
    )


def referrals_out_by_clinic(
    flows: pd.DataFrame,
    partnerships: pd.DataFrame,
    partnership_id: str,
    *,
    until: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """How often each clinic sent somebody to the partner: whether staff use it.

    Returns
    -------
    DataFrame
        One row per clinic, by name: ``clinic`` ("" where none was written), ``referrals_out``,
        ``months`` recorded. No rows for a provider.

    Examples
    --------
    >>> row = dict.fromkeys([*GIVEN_BY, "given_by", "feedback_score", "feedback_answers"])
    >>> gym = {"partnership_id": "gym", "start_date": "2024-05-06", "provider": False}
    >>> row |= {"partnership_id": "gym", "month": "2024-06-01", "clinic": "A", "referrals_out": 3}
    >>> sent = referrals_out_by_clinic(pd.DataFrame([row]), pd.DataFrame([gym]), "gym")
    >>> sent[["clinic", "referrals_out"]].to_numpy().tolist()
    [['A', 3.0]]
    """
    columns = {"clinic": "str", "referrals_out": "float64", "months": "int64"}
    listed = partnerships.loc[partnerships["partnership_id"] == partnership_id]
    if listed.empty or listed["provider"].astype("bool").any():
        return empty_table(columns)
    mine, _ = _within(flows, listed, partnership_id, until)
    together = mine.loc[mine["referrals_out"].notna()].groupby("clinic")
    table = pd.DataFrame(
        {"referrals_out": together["referrals_out"].sum(), "months": together["month"].nunique()}
    )
    return table.reset_index().astype(columns)


def _within(
    flows: pd.DataFrame, listed: pd.DataFrame, partnership_id: str, until: pd.Timestamp | None
) -> tuple[pd.DataFrame, int]:
    """Rows of one partnership from the month of its start on, and how many months are left out."""
    needed = ("partnership_id", "month", "clinic", "given_by", *GIVEN_BY)
    require_columns(flows, (*needed, "feedback_score", "feedback_answers"), "flows")
    mine = flows.loc[flows["partnership_id"] == partnership_id]
    month = pd.to_datetime(mine["month"])
    first = pd.Timestamp(listed["start_date"].min()).to_period("M").to_timestamp()
    inside = month >= first
    if until is not None and pd.notna(until):
        inside &= month + pd.offsets.MonthEnd(1) <= until
    return mine.loc[inside], int(month[~inside].nunique())


def _items(mine: pd.DataFrame, *, is_provider: bool) -> pd.DataFrame:
    """One row per item and giver with any record."""
    rows = []
    for item, usual in GIVEN_BY.items():
        if is_provider and item not in FOR_PROVIDERS:
            continue
        givers = mine["given_by"].where(mine["given_by"] != "", usual)
        if is_provider or usual == BOTH:
            givers = pd.Series("" if is_provider else BOTH, mine.index)
        known = mine[item].notna()
        for giver, part in mine.loc[known].groupby(givers[known]):
            by_month = part.groupby("month")[item].sum()
            months = int((by_month > 0).sum())
            rows.append((item, giver, float(by_month.sum()), months, len(by_month)))
    table = pd.DataFrame(rows, columns=list(ITEM_COLUMNS))
    return table.astype(ITEM_COLUMNS) if rows else empty_table(ITEM_COLUMNS)
