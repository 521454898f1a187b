"""Was care better for those who named a partner? They beside similar others, and no causal claim.

Episodes come in, aggregates go out: the person ends here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.alike import STRATA, Strata, compare_alike, strata_of
from partner_analysis.attribution.standardise import MEAN, SHARE, TYPICAL, Standardised
from partner_analysis.tables import InputError, check_partnerships, require_columns

SETTLED_DAYS: Final = 180
ARRIVED_DAYS: Final = 60
STRATUM_WORDS: Final = {"age_band": "age band"}
ARRIVED: Final = "came to a first visit"
SAME_DAY: Final = "seen on the day of the referral"
WAITED: Final = "days to first visit"
WAITS: Final = (WAITED, SAME_DAY)
WRITTEN: Final = {
    "visits per episode": "visits",
    "completed the plan of care": "planned_visits",
    "outcome change": "outcome_change",
    "would recommend us (0 to 10)": "recommend",
}
NEEDED: Final = (
    *STRATA, "patient_key", "new_patient", "counted_on", "partnership_id", "received", "created",
    "evaluated", "first_visit", "discharged", "state",
)  # fmt: skip
TOO_FEW: Final = "too few to compare"
NOT_KNOWN: Final = "not in the exports"
NEVER_SAME_DAY: Final = "cannot tell: nobody is on record as seen on the day of the referral"
ASKED_AT_VISIT: Final = "cannot tell: of those who never came the source is hardly ever written"
CARE_COLUMNS: Final = (
    "measure", "unit", "partner", "others", "difference", "low", "high", "is_clear", "n_partner",
    "n_others", "of_partner", "standardised_over", "note", "level",
)  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """What is compared: its name, how it is summed up, and its unit."""

    name: str
    summary: str
    unit: str


MEASURES: Final = (
    Measure(WAITED, TYPICAL, "days"),
    Measure(SAME_DAY, SHARE, "%"),
    Measure(ARRIVED, SHARE, "%"),
    Measure("visits per episode", MEAN, "visits"),
    Measure("completed the plan of care", SHARE, "%"),
    Measure("outcome change", MEAN, "points"),
    Measure("would recommend us (0 to 10)", MEAN, "points"),
)


def compare_care(
    episodes: pd.DataFrame,
    partnerships: pd.DataFrame,
    partnership_id: str,
    *,
    as_of: object = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Care of patients who named a partner beside that of similar others. No causal claim.

    Compared are new patients of the partnership's clinics while it ran, each once. The others
    are weighted to the mix of those who named it over clinic, persona, age band and payer (less
    where too few would have others like them). Visits, plans and outcomes are those of episodes
    begun 180 days before ``as_of`` and discharged, where the data have discharges.

    Parameters
    ----------
    episodes
        One row per episode, as cleaning makes them; ``visits``, ``planned_visits``,
        ``outcome_change`` and ``recommend`` may be missing.
    partnerships
        The register.
    partnership_id
        Whose patients.
    as_of
        Last day of the data; default: the newest day on which a patient counts.
    level
        Level of the intervals.

    Returns
    -------
    DataFrame
        One row per measure: measure, unit, partner, others (values; shares from 0 to 1),
        difference (partner less others), low, high, is_clear (whether 0 is outside an interval
        at which all measures hold together, after Bonferroni), n_partner, n_others (compared),
        of_partner (who have the measure), standardised_over, note, level. NaN with a note where
        fewer than 10 of either can be compared.

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
    came = new_patients_of(episodes, rows, partnership_id)
    asked = _referred_of(episodes, rows, partnership_id, last=last)
    has_discharges = bool(episodes["discharged"].notna().any())
    values = _values(came, rows, last=last, has_discharges=has_discharges)
    with_referral, with_visit = (asked, strata_of(asked)), (came, strata_of(came))
    given = [
        (measure, *with_referral, asked["came"]) if measure.name == ARRIVED
        else (measure, *with_visit, values[measure.name])
        for measure in MEASURES
    ]  # fmt: skip
    table = pd.DataFrame([_row(*each, level=level) for each in given], columns=list(CARE_COLUMNS))
    told = table["difference"].notna()
    strict = 1 - (1 - level) / max(int(told.sum()), 1)
    wider = pd.DataFrame([_row(*each, level=strict) for each in given])
    return table.assign(is_clear=told & ((wider["low"] > 0) | (wider["high"] < 0)))


def rows_of(partnerships: pd.DataFrame, partnership_id: str) -> pd.DataFrame:
    """The checked rows of one partnership.

    Raises
    ------
    InputError
        If there are none.
    """
    checked = check_partnerships(partnerships)
    rows = checked.loc[checked["partnership_id"] == partnership_id]
    if rows.empty:
        raise InputError(
            f"partnerships: has no {partnership_id}. Name one of its partnership_id, or add a row."
        )
    return rows


def new_patients_of(
    episodes: pd.DataFrame, rows: pd.DataFrame, partnership_id: str
) -> pd.DataFrame:
    """New patients of a partnership's clinics while it ran, each once, with ``is_named``."""
    new = episodes.loc[episodes["new_patient"].astype("bool")]
    return _once(new, new["counted_on"], rows, partnership_id)


def _referred_of(
    episodes: pd.DataFrame, rows: pd.DataFrame, partnership_id: str, *, last: pd.Timestamp
) -> pd.DataFrame:
    """First referrals of patients whose source is written down, with ``came`` (1 or 0)."""
    days = ["received", "created", "evaluated", "first_visit"]
    begun = episodes[days].min(axis="columns")
    order = begun.sort_values(kind="stable").index
    first = ~episodes.loc[order, "patient_key"].duplicated().reindex(episodes.index)
    kept = first & (begun <= last - pd.Timedelta(days=ARRIVED_DAYS))
    people = _once(episodes.loc[kept], begun.loc[kept], rows, partnership_id)
    came = people["evaluated"].notna() | people["first_visit"].notna()
    if "free_evaluated" in people:
        came |= people["free_evaluated"].notna()
    written = people["state"] != "missing"
    told = [float(written[group].mean()) if group.any() else 1.0 for group in (came, ~came)]
    value = came.astype("float64").where(written & (told[1] >= told[0] / 2))
    return people.assign(came=value, blind=told[1] < told[0] / 2)


def _once(
    episodes: pd.DataFrame, days: pd.Series, rows: pd.DataFrame, partnership_id: str
) -> pd.DataFrame:
    """Episodes within the partnership's clinics and time, the first of each patient."""
    within = while_it_ran(episodes["clinic"], days, rows)
    order = days.loc[within].sort_values(kind="stable").index
    people = episodes.loc[order]
    people = people.loc[~people["patient_key"].duplicated()]
    first = people["partnership_id"].astype("str").where(people["partnership_id"].notna(), "")
    further = people["also_named"].fillna("") if "also_named" in people else ""
    listed = ";" + first + ";" + further + ";"
    return people.assign(is_named=listed.str.contains(f";{partnership_id};", regex=False))


def while_it_ran(clinic: pd.Series, days: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Whether a day lies within the partnership's time at a clinic of its."""
    within = pd.Series(False, index=days.index)
    for row in rows.itertuples():
        here = (days >= row.start_date) & ~(days > row.end_date)
        within |= here & (clinic.isin(row.clinics) | (len(row.clinics) == 0))
    return within


def _values(
    people: pd.DataFrame, rows: pd.DataFrame, *, last: pd.Timestamp, has_discharges: bool
) -> pd.DataFrame:
    """One column per measure of new patients; NaN where it is not known or not over yet."""
    numbers = people.reindex(columns=["visits", "planned_visits", "outcome_change", "recommend"])
    numbers = numbers.astype("float64")
    wait = waits_of(people).where(while_it_ran(people["clinic"], asked_on(people), rows))
    over = people["counted_on"] <= last - pd.Timedelta(days=SETTLED_DAYS)
    if has_discharges:
        over &= people["discharged"].notna()
    visits, planned = numbers["visits"], numbers["planned_visits"]
    completed = (visits >= planned).astype("float64").where(visits.notna() & (planned > 0))
    same_day = (wait == 0).astype("float64").where(wait.notna() & bool((wait == 0).any()))
    return pd.DataFrame(
        {
            WAITED: wait,
            SAME_DAY: same_day,
            "visits per episode": visits.where(over),
            "completed the plan of care": completed.where(over),
            "outcome change": numbers["outcome_change"].where(over),
            "would recommend us (0 to 10)": numbers["recommend"],
        }
    )


def asked_on(people: pd.DataFrame) -> pd.Series:
    """Day of the referral, or of the case where that is not known."""
    return people["received"].fillna(people["created"])


def waits_of(people: pd.DataFrame) -> pd.Series:
    """Days from asking to the first visit; NaN where either day is not known or they contradict.

    Compare only those who asked while a partnership ran: of others who came in its first weeks
    some had waited since long before, as nobody who named it could have.
    """
    came = people["first_visit"].fillna(people["evaluated"])
    wait = (came - asked_on(people)).dt.days.astype("float64")
    return wait.where(wait >= 0)


def _row(
    measure: Measure, people: pd.DataFrame, strata: Strata, given: pd.Series, *, level: float
) -> dict[str, object]:
    """One measure compared, with a note where it cannot be or not in full."""
    values = given.to_numpy("float64")
    is_own = people["is_named"].to_numpy("bool")
    found, over = compare_alike(values, is_own, strata, summary=measure.summary, level=level)
    return {
        "measure": measure.name,
        "unit": measure.unit,
        "partner": found.own.estimate,
        "others": found.others.estimate,
        "difference": found.difference.estimate,
        "low": found.difference.low,
        "high": found.difference.high,
        "n_partner": found.n_own,
        "n_others": found.n_others,
        "of_partner": found.n_own + found.n_left,
        "standardised_over": ", ".join(STRATUM_WORDS.get(name, name) for name in over),
        "note": _note(measure, people, values, found),
        "level": level,
    }


def _note(measure: Measure, people: pd.DataFrame, values: np.ndarray, found: Standardised) -> str:
    """Why there is no number, or how many are compared."""
    if found.difference.is_number:
        whole = found.n_own + found.n_left
        return f"compares {found.n_own} of {whole}" if found.n_left else ""
    if np.isfinite(values).any():
        return TOO_FEW
    if people.empty:
        return TOO_FEW
    if measure.name == SAME_DAY and people["received"].notna().any():
        return NEVER_SAME_DAY
    if "blind" in people and people["blind"].any():
        return ASKED_AT_VISIT
    column = WRITTEN.get(measure.name, "")
    some = column in people and people[column].notna().any()
    return TOO_FEW if some else NOT_KNOWN
