"""What a partnership cost the practice, and what the partner paid: never for a provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.ledger.kinds import kind_of
from partner_analysis.tables import InputError, as_amounts, require_columns

SET_UP_DAYS: Final = 90
COUNTED: Final = "counted"
LONG_BEFORE: Final = "long before it began"
NOT_YET: Final = "after the estimate"
ACTIVITY_COLUMNS: Final = (
    "partnership_id",
    "date",
    "kind",
    "own_cost",
    "staff_hours",
    "partner_share",
)
REGISTER_COLUMNS: Final = ("partnership_id", "start_date", "provider")


@dataclass(frozen=True)
class Costs:
    """What some activities cost, as recorded.

    Attributes
    ----------
    partnership_ids
        For which partnerships: one, or all of a bundle that the data cannot tell apart.
    activities
        One row per activity, by date: ``partnership_id``, ``date``, ``kind`` (one of a fixed
        list, or "other"), ``written`` (as the practice writes it), ``own_money``,
        ``staff_hours``, ``partner_money`` (dollars and hours; NaN where not recorded) and
        ``when``: "counted", "long before it began" or "after the estimate".
    hourly_rate
        Dollars of an hour of staff time; None where the practice states none. Hours then stay
        hours and are no part of ``total``.
    days
        Days that the partnerships ran up to the last one that the estimate covers: those that
        costs are of, more than were judged where some periods tell nothing.
    """

    partnership_ids: tuple[str, ...]
    activities: pd.DataFrame = field(repr=False)
    hourly_rate: float | None = None
    days: int = 0

    @property
    def counted(self) -> pd.DataFrame:
        """The activities whose patients the estimate can see."""
        return self.activities.loc[self.activities["when"] == COUNTED]

    @property
    def own_money(self) -> float:
        """Dollars that the practice paid itself."""
        return float(self.counted["own_money"].sum())

    @property
    def staff_hours(self) -> float:
        """Hours that its staff gave."""
        return float(self.counted["staff_hours"].sum())

    @property
    def hours_cost(self) -> float:
        """Dollars of those hours; 0 where hours are not priced."""
        return self.staff_hours * (self.hourly_rate or 0.0)

    @property
    def saved(self) -> float:
        """Dollars that the partner paid, and that doing the same alone would have added."""
        return float(self.counted["partner_money"].sum())

    @property
    def total(self) -> float:
        """Dollars that it cost the practice: own money, and hours where they are priced."""
        return self.own_money + self.hours_cost

    @property
    def alone(self) -> float:
        """Dollars that the same would have cost the practice without the partner's share."""
        return self.total + self.saved

    @property
    def unknown(self) -> dict[str, int]:
        """How many counted activities lack own money, staff hours or the partner's dollars."""
        amounts = ("own_money", "staff_hours", "partner_money")
        return {column: int(self.counted[column].isna().sum()) for column in amounts}

    @property
    def is_known(self) -> bool:
        """Whether any amount that makes up the total is recorded."""
        parts = ["own_money", *(["staff_hours"] if self.hourly_rate is not None else [])]
        return bool(self.counted[parts].notna().any(axis=None))

    @property
    def by_kind(self) -> pd.DataFrame:
        """One row per kind, by name: activities, own_money, staff_hours, partner_money.

        An amount that none of them has recorded is NaN.
        """
        together = self.counted.groupby("kind")
        sums = together[["own_money", "staff_hours", "partner_money"]].sum(min_count=1)
        return sums.assign(activities=together.size()).reset_index()


def may_be_priced(effect: Effect, partnerships: pd.DataFrame) -> bool:
    """Whether the register says of all that the effect is for that they are no provider."""
    require_columns(partnerships, ("partnership_id", "provider"), "partnerships")
    rows = partnerships.loc[partnerships["partnership_id"].isin(members_of(effect))]
    registered = set(rows["partnership_id"]) == set(members_of(effect))
    return registered and not rows["provider"].astype("bool").any()


def members_of(effect: Effect) -> tuple[str, ...]:
    """The partnerships that an effect is for: itself, or its whole bundle."""
    return effect.bundle or (effect.partnership_id,)


def add_costs(
    effect: Effect,
    activities: pd.DataFrame,
    partnerships: pd.DataFrame,
    *,
    hourly_rate: float | None = None,
) -> Costs:
    """What a partnership cost up to the last day of its estimate, and what sharing saved.

    Parameters
    ----------
    effect
        Its estimate. A bundle has one number for several partnerships, so their costs are added.
    activities
        One row per activity: ``partnership_id``, ``date``, ``kind``, ``own_cost`` (dollars that
        the practice paid itself, after the partner's share), ``staff_hours``, ``partner_share``.
        A share below 1 is that of the whole cost: with half of it shared, an own cost of 180
        dollars stands beside 180 of the partner. Above 1 it is the partner's dollars. 1 is the
        whole cost, so that nothing can be left for ``own_cost``. Missing amounts are unknown;
        a missing share is none.
    partnerships
        The register, with ``start_date`` and ``provider``, and ``signed_date`` if there is one.
    hourly_rate
        Dollars that an hour of staff time costs; None = hours are not priced.

    Returns
    -------
    Costs
        Counted is what was done from the day it was signed (else 90 days before its start), so
        that its preparation is in, up to the last day that the estimate covers.

    Raises
    ------
    InputError
        For a partnership that is a provider, or whose register row does not say that it is none;
        for missing columns, negative amounts, and a share of 1 beside an own cost.

    Examples
    --------
    >>> from partner_analysis.attribution.effect import without_number
    >>> gym = without_number(partnership_id="gym", name="Gym", kind="", level=0.95, note="")
    >>> empty = pd.DataFrame(columns=list(ACTIVITY_COLUMNS))
    >>> listed = pd.DataFrame([{"partnership_id": "gym", "start_date": None, "provider": False}])
    >>> add_costs(gym, empty, listed).total
    0.0

    Notes
    -----
    That the same would have been done alone, with as many of our own hours, is taken for granted.
    """
    if not may_be_priced(effect, partnerships):
        raise InputError(
            f"{effect.partnership_id}: it is a provider who can refer, or the register does not "
            "say that it is none. Nothing of it is priced; use list_activities."
        )
    ids = members_of(effect)
    priced = _priced(activities.loc[activities["partnership_id"].isin(ids)])
    first = _first_days(partnerships)
    began = priced["partnership_id"].map(first)
    when = np.where(priced["date"] > effect.last_day, NOT_YET, COUNTED)
    if pd.isna(effect.last_day):
        when = np.full(len(priced), NOT_YET)
    when = np.where(priced["date"] < began, LONG_BEFORE, when)
    listed = priced.assign(when=pd.Series(when, priced.index, dtype="str"))
    return Costs(ids, listed, hourly_rate, _days_run(partnerships, ids, effect.last_day))


def list_activities(activities: pd.DataFrame, partnership_id: str) -> pd.DataFrame:
    """What was done together, for any partner: one row per activity, date and kind alone.

    Returns
    -------
    DataFrame
        ``date``, ``kind`` and ``written``, by date. No money and no hours: for a provider
        these are never shown.

    Examples
    --------
    >>> days = pd.to_datetime(["2024-05-02"])
    >>> talk = pd.DataFrame({"partnership_id": "gym", "date": days, "kind": "Talks"})
    >>> list_activities(talk, "gym")["kind"].tolist()
    ['workshop']
    """
    require_columns(activities, ("partnership_id", "date", "kind"), "activities")
    mine = activities.loc[activities["partnership_id"] == partnership_id]
    kinds = pd.Series([kind_of(text) for text in mine["kind"]], mine.index, dtype="str")
    listed = pd.DataFrame({"date": mine["date"], "kind": kinds, "written": mine["kind"]})
    return listed.sort_values(["date", "kind"], kind="stable", ignore_index=True)


def _priced(activities: pd.DataFrame) -> pd.DataFrame:
    """Activities with what each side paid, by date."""
    require_columns(activities, ACTIVITY_COLUMNS, "activities")
    amounts = {
        column: as_amounts(activities[column], "activities", column)
        for column in ("own_cost", "staff_hours", "partner_share")
    }
    own, share = amounts["own_cost"].to_numpy(), amounts["partner_share"].to_numpy()
    kinds = [kind_of(text) for text in activities["kind"]]
    partner_money = _partner_money(own, share)
    rows = pd.DataFrame(
        {
            "partnership_id": activities["partnership_id"].astype("str"),
            "date": pd.to_datetime(activities["date"]),
            "kind": pd.Series(kinds, activities.index, dtype="str"),
            "written": activities["kind"].astype("str"),
            "own_money": np.where(share == 1, 0.0, own),
            "staff_hours": amounts["staff_hours"],
            "partner_money": partner_money,
        }
    )
    return rows.sort_values(["date", "kind"], kind="stable", ignore_index=True)


def _partner_money(own: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Dollars of the partner: of a share from own cost, as written above 1; NaN where unknown."""
    if ((share == 1) & (own > 0)).any():
        raise InputError(
            "activities: a partner_share of 1 is the whole cost, and cannot stand beside an "
            "own_cost. Write a share below 1, or the partner's dollars."
        )
    part = np.where(share < 1, share, 0.0)
    dollars = np.where(share > 1, share, own * part / (1 - part))
    dollars = np.where(share == 1, np.nan, dollars)
    return np.where((share == 0) | np.isnan(share), 0.0, dollars)


def _days_run(partnerships: pd.DataFrame, ids: tuple[str, ...], until: pd.Timestamp) -> int:
    """Days up to one on which any of some partnerships ran."""
    rows = partnerships.loc[partnerships["partnership_id"].isin(ids)]
    if pd.isna(until):
        return 0
    first = pd.to_datetime(rows["start_date"])
    none = pd.Series(pd.NaT, rows.index, dtype=first.dtype)
    last = pd.to_datetime(rows.get("end_date", none)).fillna(until).clip(upper=until)
    spans = [pd.date_range(*span) for span in zip(first, last, strict=True) if span[0] <= span[1]]
    return len({day for span in spans for day in span})


def _first_days(partnerships: pd.DataFrame) -> pd.Series:
    """The day from which costs count, by partnership id."""
    require_columns(partnerships, REGISTER_COLUMNS, "partnerships")
    starts = pd.to_datetime(partnerships["start_date"]) - pd.Timedelta(days=SET_UP_DAYS)
    if "signed_date" in partnerships:
        signed = pd.to_datetime(partnerships["signed_date"])
        starts = signed.where(signed.notna(), starts)
    return starts.groupby(partnerships["partnership_id"]).min()
