"""The list of all alliances: what each is for, how old and how alive it is, whom to call first."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.tables import DAYS_PER_MONTH

ROUNDING: Final = 0.1  # of a month: half a year of 181 days is six months
QUIET_DAYS: Final = 182
DUE_SOON_DAYS: Final = 30
LISTS: Final = ("clinics", "personas", "aims")
AGREED: Final = ("purpose", "objectives", "review_date")
TOGETHER: Final = (
    "education_sessions", "space_hours", "shared_events", "planning_meetings", "feedback_answers",
)  # fmt: skip
SENT: Final = ("referrals_out", "same_day_slots")  # of a provider these are no activity
SHARED: Final = "shared cost"
STATES: Final = ("not begun", "running", "paused", "ended")


def list_alliances(
    partnerships: pd.DataFrame,
    activities: pd.DataFrame,
    flows: pd.DataFrame | None = None,
    *,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Give all alliances, those that need a talk first: due, quiet, soon due, then by name.

    Parameters
    ----------
    partnerships
        One row per partnership and stretch: see ``tables.check_partnerships``, optionally with
        ``aims``, ``provider``, ``purpose``, ``objectives``, ``review_date`` and ``values``
        (sequences of the values that both share, as written down).
    activities
        One row per activity: ``partnership_id`` and ``date``, optionally ``kind``, ``own_cost``
        and ``partner_share``.
    flows
        One row per partnership, month, clinic and giver of what each side gave
        (``Register.flows``); without one only activities tell who is active.
    as_of
        Day of the report; later activities are not known yet.

    Returns
    -------
    DataFrame
        One row per partnership: partnership_id, name, kind, provider, purpose, objectives, values
        (tuple; empty = not written down), aims, personas, clinics (tuples; empty = all), state
        ("not begun", "running", "paused", "ended"),
        began, ended (NaT while it runs), months (whole, in which it ran), last_activity (NaT =
        none noted; where only the month is known, its last day or ``as_of``: the latest of
        activities and of what either side gave, of providers without who was sent), quiet_days
        (since then, or since the start), review_date, and talk: "due" (the agreed day has come),
        "quiet" (half a year without any activity noted), "soon" (due within 30 days) or empty.
        One that is paused or over needs no talk. Last paid_alone (tuple): of one that is meant for
        shared cost, the kinds of activities that cost money and of which the partner paid nothing.

    Examples
    --------
    >>> gym = {"partnership_id": "gym", "name": "Gym", "kind": "gym", "end_date": pd.NaT}
    >>> listed = pd.DataFrame([gym | {"start_date": pd.Timestamp("2024-01-01")}])
    >>> none = pd.DataFrame({"partnership_id": [], "date": []})
    >>> list_alliances(listed, none, as_of=pd.Timestamp("2024-12-31"))["talk"].tolist()
    ['quiet']
    """
    known = activities.loc[pd.to_datetime(activities["date"]) <= as_of]
    last = known.groupby("partnership_id")["date"].max()
    given = {} if flows is None else _last_given(flows, _providers(partnerships), as_of)
    rows = [
        _alliance(str(key), stretches, _latest(last.get(key), given.get(key)), as_of)
        for key, stretches in partnerships.groupby("partnership_id", sort=True)
    ]
    columns = list(_alliance("", _NOBODY, pd.NaT, as_of))
    alliances = pd.DataFrame(rows, columns=columns)
    alone = _paid_alone(known)
    alliances["paid_alone"] = [
        alone.get(key, ()) if SHARED in aims else ()
        for key, aims in zip(alliances["partnership_id"], alliances["aims"], strict=True)
    ]
    order = alliances["talk"].map({"due": 0, "quiet": 1, "soon": 2, "": 3})
    order = order.where(alliances["state"] != "ended", 4)
    by = alliances.assign(order=order, key=alliances["name"].str.casefold())
    return by.sort_values(["order", "key"], ignore_index=True).drop(columns=["order", "key"])


_NOBODY: Final = pd.DataFrame(
    {"name": [""], "kind": [""], "start_date": [pd.Timestamp(0)], "end_date": [pd.NaT]}
)


def _alliance(
    identifier: str, stretches: pd.DataFrame, last_activity: object, as_of: pd.Timestamp
) -> dict[str, object]:
    """One row: the stretches of one partnership, taken together."""
    began, ended = stretches["start_date"].min(), stretches["end_date"].max(skipna=False)
    state = _state(stretches, as_of)
    agreed = {column: _first_filled(stretches, column) for column in AGREED}
    review = pd.Timestamp(agreed["review_date"]) if agreed["review_date"] else pd.NaT
    active = pd.Timestamp(last_activity)
    quiet = max((as_of - (active if pd.notna(active) else began)).days, 0)
    return {
        "partnership_id": identifier,
        "name": str(stretches["name"].iloc[0]),
        "kind": str(stretches["kind"].iloc[0]),
        "provider": _is_provider(stretches),
        "purpose": agreed["purpose"],
        "objectives": agreed["objectives"],
        "values": _all_written(stretches, "values"),
        **{column: _all_named(stretches, column) for column in LISTS},
        "state": state,
        "began": began,
        "ended": ended if state == "ended" else pd.NaT,
        "months": _months_run(stretches, as_of),
        "last_activity": active,
        "quiet_days": quiet,
        "review_date": review,
        "talk": _talk(state, review, quiet, as_of),
    }


def _is_provider(stretches: pd.DataFrame) -> bool:
    return bool(stretches["provider"].any()) if "provider" in stretches else True


def _providers(partnerships: pd.DataFrame) -> set[str]:
    by = partnerships.groupby("partnership_id")
    return {str(key) for key, stretches in by if _is_provider(stretches)}


def _last_given(
    flows: pd.DataFrame, providers: set[str], as_of: pd.Timestamp
) -> dict[str, pd.Timestamp]:
    """By id the last day, known so far, of the last month in which either side gave anything."""
    together, sent = (_any_above_nil(flows, amounts) for amounts in (TOGETHER, SENT))
    counts = together | (sent & ~flows["partnership_id"].isin(providers))
    known = flows.loc[counts & (flows["month"] <= as_of)]
    last = known.groupby("partnership_id")["month"].max()
    return {str(key): min(day + pd.offsets.MonthEnd(0), as_of) for key, day in last.items()}


def _paid_alone(activities: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """By id the kinds of activities that we paid for and the partner did not, by name."""
    if not {"kind", "own_cost", "partner_share"} <= set(activities.columns):
        return {}
    paid = activities.loc[activities["own_cost"] > 0, ["partnership_id", "kind"]]
    share = activities["partner_share"].fillna(0)
    most = paid.assign(share=share).groupby(["partnership_id", "kind"])["share"].max()
    alone = most.loc[most == 0].reset_index().groupby("partnership_id")["kind"]
    return {str(key): tuple(sorted(kinds.astype("str"))) for key, kinds in alone}


def _any_above_nil(flows: pd.DataFrame, amounts: tuple[str, ...]) -> pd.Series:
    return flows.reindex(columns=list(amounts)).fillna(0).gt(0).any(axis="columns")


def _latest(*days: object) -> pd.Timestamp:
    known = [pd.Timestamp(day) for day in days if pd.notna(day)]
    return max(known) if known else pd.NaT


def _talk(state: str, review: pd.Timestamp, quiet: int, as_of: pd.Timestamp) -> str:
    if state != "running":
        return ""
    if review <= as_of:
        return "due"
    if quiet > QUIET_DAYS:
        return "quiet"
    return "soon" if review <= as_of + pd.Timedelta(days=DUE_SOON_DAYS) else ""


def _first_filled(stretches: pd.DataFrame, column: str) -> str:
    """What the first row that is filled in says."""
    if column not in stretches:
        return ""
    written = (str(value).strip() for value in stretches[column] if pd.notna(value))
    return next((text for text in written if text), "")


def _all_written(stretches: pd.DataFrame, column: str) -> tuple[str, ...]:
    """All that any stretch says; none where nothing is written."""
    if column not in stretches:
        return ()
    return tuple(dict.fromkeys(value for values in stretches[column] for value in values))


def _all_named(stretches: pd.DataFrame, column: str) -> tuple[str, ...]:
    """All names of all stretches; none where one of them means all."""
    if column not in stretches or any(len(names) == 0 for names in stretches[column]):
        return ()
    return tuple(dict.fromkeys(name for names in stretches[column] for name in names))


def _state(stretches: pd.DataFrame, as_of: pd.Timestamp) -> str:
    """Whether it runs on a day, did, will, or both did and will."""
    begun = stretches["start_date"] <= as_of
    if not begun.any():
        return "not begun"
    if (begun & ~(stretches["end_date"] < as_of)).any():
        return "running"
    return "ended" if begun.all() else "paused"


def _months_run(stretches: pd.DataFrame, as_of: pd.Timestamp) -> int:
    """Whole months in which it ran; stretches that run side by side count once."""
    days: set[int] = set()
    for start, end in zip(stretches["start_date"], stretches["end_date"], strict=True):
        last = min(end, as_of) if pd.notna(end) else as_of
        days.update(range(start.toordinal(), last.toordinal() + 1))
    return int(len(days) / DAYS_PER_MONTH + ROUNDING)
