"""Which partners should we call? Whom patients still name, and when each was last heard of.

Providers are never judged by how many name them: for them only activities and contacts are told.
The person ends here.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import nbinom

from partner_analysis.tables import as_names, require_columns

RECENT_MONTHS: Final = 3
USUAL_MONTHS: Final = 12
LEAST_MONTHS: Final = 3
QUIET, MORE, USUAL = "gone quiet", "more than usual", "as usual"
NOT_ASKED: Final = "not asked of providers"
NOT_KNOWN: Final = "not known from counts alone"
TOO_YOUNG: Final = "cannot tell: it has run for less than half a year"
TOO_FEW: Final = "cannot tell: so few usually name it that nobody in 3 months is no news"
CONTACTS: Final = ("education_sessions", "shared_events", "planning_meetings", "feedback_answers")
CALL_COLUMNS: Final = (
    "partnership_id", "name", "kind", "provider", "talk", "last_named", "recent", "usual", "low",
    "high", "finding", "last_activity", "quiet_days", "last_contact", "level",
)  # fmt: skip
_NOTHING: Final = {
    "last_named": pd.NaT, "recent": np.nan, "usual": np.nan, "low": np.nan, "high": np.nan,
}  # fmt: skip


def list_calls(
    alliances: pd.DataFrame,
    partnerships: pd.DataFrame,
    flows: pd.DataFrame,
    episodes: pd.DataFrame | None,
    *,
    last_day: pd.Timestamp,
    level: float = 0.95,
) -> pd.DataFrame:
    """Every running alliance: who names it lately, what is usual, and when it was last heard of.

    Parameters
    ----------
    alliances
        From ``list_alliances``.
    partnerships
        The register: clinics and start of each.
    flows
        One row per partnership and month of what was done together.
    episodes
        One row per episode; None where only counts are known.
    last_day
        Last day that is counted.
    level
        Level at which the ranges of all partners hold together (Bonferroni).

    Returns
    -------
    DataFrame
        One row per running alliance, in the order of ``alliances``: partnership_id, name, kind,
        provider, talk, last_named (first day of the month in which the last patient who named it
        came; NaT = nobody, or not asked), recent (who named it in the last 3 months), usual
        (expected in 3 months by the 12 before), low, high (range in which a new count lies),
        finding ("gone quiet": below it; "more than usual"; "as usual"; or why it cannot be told),
        last_activity (NaT = none noted), quiet_days (since then), last_contact
        (first day of its last month with a shared event, meeting, session or feedback; NaT = none
        noted), level.

    Notes
    -----
    The range is predictive: months before are Poisson with one unknown rate (Jeffreys prior), so
    the new count is negative binomial, widened by how much the months stray beyond chance
    (quasi-likelihood; McCullagh and Nelder 1989, "Generalized linear models").
    """
    running = alliances.loc[alliances["state"] == "running"]
    asked = int((~running["provider"].astype("bool")).sum())
    strict = 1 - (1 - level) / max(asked, 1)
    met = flows.loc[flows.reindex(columns=list(CONTACTS)).fillna(0).gt(0).any(axis="columns")]
    met = met.loc[met["month"] <= last_day].groupby("partnership_id")["month"].max()
    rows = []
    for row in running.to_dict("records"):
        key = str(row["partnership_id"])
        own = partnerships.loc[partnerships["partnership_id"] == key]
        found = _named_lately(own, episodes, row["provider"], last_day=last_day, level=strict)
        told = {name: row[name] for name in CALL_COLUMNS[:5]}
        rows.append(
            told | found
            | {"last_activity": row["last_activity"], "quiet_days": row["quiet_days"]}
            | {"last_contact": met.get(key, pd.NaT)}
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(CALL_COLUMNS[:-1])).assign(level=level)


def predict_count(months: np.ndarray, ahead: float, *, level: float) -> tuple[float, int, int]:
    """Expected count of a stretch of months, and the range in which it lies, from months before.

    Parameters
    ----------
    months
        Counts of single months.
    ahead
        How many months the stretch has.
    level
        Of the range.

    Examples
    --------
    >>> predict_count(np.array([4, 5, 3, 6, 4, 5]), 3, level=0.95)
    (13.5, 6, 24)
    """
    mean = float(months.mean())
    stray = 1.0
    if len(months) >= LEAST_MONTHS and mean > 0:
        stray = max(1.0, float(((months - mean) ** 2).sum()) / mean / (len(months) - 1))
    shape = float(months.sum()) / stray + 0.5
    chance = len(months) / (len(months) + ahead)
    low, high = nbinom.ppf([(1 - level) / 2, (1 + level) / 2], shape, chance)
    return mean * ahead, int(np.floor(low * stray)), int(np.ceil(high * stray))


def _named_lately(
    own: pd.DataFrame,
    episodes: pd.DataFrame | None,
    provider: bool,
    *,
    last_day: pd.Timestamp,
    level: float,
) -> dict[str, object]:
    """Who named one partner lately, beside what is usual for it."""
    if provider:
        return _NOTHING | {"finding": NOT_ASKED}
    if episodes is None:
        return _NOTHING | {"finding": NOT_KNOWN}
    days = _days_named(own, episodes, last_day)
    back = np.array([_months_back(day, last_day) for day in days], dtype=int)
    ran = _months_back(own["start_date"].min(), last_day)
    recent = int((back < RECENT_MONTHS).sum())
    last = days.max().to_period("M").to_timestamp() if len(days) else pd.NaT
    found = _NOTHING | {"last_named": last, "recent": float(recent)}
    before = min(ran - RECENT_MONTHS, USUAL_MONTHS)
    if before < LEAST_MONTHS:
        return found | {"finding": TOO_YOUNG}
    months = np.bincount(back, minlength=RECENT_MONTHS + before)[RECENT_MONTHS:][:before]
    usual, low, high = predict_count(months, RECENT_MONTHS, level=level)
    finding = QUIET if recent < low else MORE if recent > high else USUAL if low else TOO_FEW
    return found | {"usual": usual, "low": low, "high": high, "finding": finding}


def _days_named(own: pd.DataFrame, episodes: pd.DataFrame, last_day: pd.Timestamp) -> pd.Series:
    """Days on which new patients came who named one partner, at its clinics since it began."""
    require_columns(episodes, ("clinic", "new_patient", "counted_on", "partnership_id"), "episodes")
    key = str(own["partnership_id"].iloc[0])
    clinics = [as_names(names) for names in own["clinics"]]
    new = episodes.loc[episodes["new_patient"].astype("bool")]
    if all(clinics):
        new = new.loc[new["clinic"].isin([name for names in clinics for name in names])]
    also = new["also_named"].fillna("") if "also_named" in new else pd.Series("", new.index)
    named = (new["partnership_id"] == key).fillna(False) | also.str.split(";").map(
        lambda ids: key in ids
    ).astype("bool")
    days = new.loc[named.astype("bool"), "counted_on"]
    return days.loc[(days <= last_day) & (days >= own["start_date"].min())]


def _months_back(day: pd.Timestamp, last_day: pd.Timestamp) -> int:
    """Whole months from a day to the last one: 0 for the month that ends on the last day."""
    months = (last_day.year - day.year) * 12 + last_day.month - day.month
    return months if day <= last_day - pd.DateOffset(months=months) else months - 1
