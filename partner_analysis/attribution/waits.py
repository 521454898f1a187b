"""Was it faster to be seen? Days from the referral to the first visit, and no causal claim.

Those who named a partner beside similar others, and all patients of its clinics since it began
beside the year before. The person ends here.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.alike import FEWEST, Strata, compare_alike, strata_of
from partner_analysis.attribution.care import (
    ARRIVED_DAYS,
    NEEDED,
    NEVER_SAME_DAY,
    NOT_KNOWN,
    TOO_FEW,
    asked_on,
    new_patients_of,
    rows_of,
    waits_of,
    while_it_ran,
)
from partner_analysis.attribution.standardise import SHARE, TYPICAL
from partner_analysis.tables import require_columns

NAMED_IT, SINCE = "named it", "since it began"
DAYS: Final = "typical days"
WITHIN: Final = {"on the same day": 0, "within 2 days": 2, "within a week": 7, "within 2 weeks": 14}
SAME_DAY: Final = "on the same day"
WAIT_COLUMNS: Final = (
    "who", "measure", "own", "own_low", "own_high", "others", "difference", "low", "high",
    "n_own", "n_others", "from_case", "note", "level",
)  # fmt: skip


def compare_waits(
    episodes: pd.DataFrame,
    partnerships: pd.DataFrame,
    partnership_id: str,
    *,
    as_of: object = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Waits for a first visit: of those who named a partner, and of all since it began.

    The others are weighted to the first group's mix over clinic, persona, age band and payer, as
    in ``compare_care``. A wait starts with the referral, or the case where that is not known.

    Parameters
    ----------
    episodes
        One row per episode, as cleaning makes them.
    partnerships
        The register.
    partnership_id
        Whose patients.
    as_of
        Last day of the data; default: the newest day on which a patient counts.
    level
        Level at which all intervals of one ``who`` hold together (Bonferroni).

    Returns
    -------
    DataFrame
        One row per ``who`` ("named it": beside similar others who asked while it ran; "since it
        began": all who asked while it ran beside those of the year before) and measure ("typical
        days", the geometric mean; shares from 0 to 1 of those seen "on the same day", "within 2
        days", "within a week", "within 2 weeks"): own, own_low, own_high, others, difference (own
        less others), low, high, n_own, n_others, from_case (share of all whose wait is known
        for whom it starts with the case, since no day of referral is known), note, level. NaN
        with a note where fewer than 10 of either can be compared.

    Raises
    ------
    InputError
        If the register does not list the partnership, or columns are missing.

    Notes
    -----
    ``standardise`` gives the method and its source.
    """
    require_columns(episodes, NEEDED, "episodes")
    rows = rows_of(partnerships, partnership_id)
    last = pd.Timestamp(as_of) if as_of is not None else episodes["counted_on"].max()
    strict = 1 - (1 - level) / (1 + len(WITHIN))
    groups = {
        NAMED_IT: _who_named(episodes, rows, partnership_id),
        SINCE: _before_and_since(episodes, rows, last),
    }
    table = [
        {"who": who, **_row(name, people, strata, level=strict)}
        for who, people in groups.items()
        for strata in [strata_of(people)]
        for name in (DAYS, *WITHIN)
    ]
    return pd.DataFrame(table).assign(level=level)[list(WAIT_COLUMNS)]


def _who_named(episodes: pd.DataFrame, rows: pd.DataFrame, partnership_id: str) -> pd.DataFrame:
    """New patients who asked while it ran, with ``wait`` and who of them is its own."""
    people = new_patients_of(episodes, rows, partnership_id)
    ran = while_it_ran(people["clinic"], asked_on(people), rows)
    return people.assign(wait=waits_of(people).where(ran), is_own=people["is_named"])


def _before_and_since(
    episodes: pd.DataFrame, rows: pd.DataFrame, last: pd.Timestamp
) -> pd.DataFrame:
    """New patients of its clinics and kinds who asked in the year before it began, or since.

    Of those who asked in the last 60 days the slow ones are not seen yet, so all are left out.
    """
    new = episodes.loc[episodes["new_patient"].astype("bool")]
    asked, began = asked_on(new), rows["start_date"].min()
    since = while_it_ran(new["clinic"], asked, rows)
    since &= asked <= last - pd.Timedelta(days=ARRIVED_DAYS)
    early = rows.assign(start_date=began - pd.DateOffset(years=1), end_date=began)
    before = while_it_ran(new["clinic"], asked, early) & (asked < began)
    aimed = {name for listed in rows["personas"] for name in listed}
    if all(rows["personas"]):
        kinds = new["persona"].isin(aimed)
        since, before = since & kinds, before & kinds
    people = new.assign(wait=waits_of(new), is_named=since).loc[since | before]
    order = asked_on(people).sort_values(kind="stable").index
    people = people.loc[order]
    people = people.loc[~people["patient_key"].duplicated()]
    return people.assign(is_own=people["is_named"])


def _row(name: str, people: pd.DataFrame, strata: Strata, *, level: float) -> dict[str, object]:
    """One measure of one group beside the other."""
    wait, is_own = people["wait"], people["is_own"].to_numpy("bool")
    values = wait.to_numpy("float64")
    if name in WITHIN:
        values = np.where(np.isfinite(values), values <= WITHIN[name], np.nan).astype("float64")
    nobody = name == SAME_DAY and len(values) > 0 and not np.nansum(values) > 0
    if nobody:
        values = np.full(len(values), np.nan)
    summary = SHARE if name in WITHIN else TYPICAL
    found, _ = compare_alike(values, is_own, strata, summary=summary, level=level)
    known = wait.notna()
    from_case = float(people.loc[known, "received"].isna().mean()) if known.any() else np.nan
    note = ""
    if not found.difference.is_number:
        unknown = not wait.notna().any() and len(people) >= FEWEST
        note = NOT_KNOWN if unknown else NEVER_SAME_DAY if nobody else TOO_FEW
    return {
        "measure": name,
        "own": found.own.estimate,
        "own_low": found.own.low,
        "own_high": found.own.high,
        "others": found.others.estimate,
        "difference": found.difference.estimate,
        "low": found.difference.low,
        "high": found.difference.high,
        "n_own": found.n_own,
        "n_others": found.n_others,
        "from_case": from_case,
        "note": note,
    }
