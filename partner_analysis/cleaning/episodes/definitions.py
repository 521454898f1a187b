"""Who is a new patient, and on which day: one definition at a time, and all side by side."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.practice import Definitions

DEFINITIONS: Final = ("first evaluation", "first visit", "new episode", "case created")
ONCE: Final = {
    "first evaluation": "patient", "first visit": "patient", "new episode": "episode",
}  # fmt: skip


def mark_new(
    episodes: pd.DataFrame, *, definition: str, count_no_charge: bool = False
) -> pd.DataFrame:
    """Episodes with ``new_patient`` and ``counted_on``, the day on which it counts.

    Parameters
    ----------
    episodes
        One row per episode or case: patient, episode, evaluated, free_evaluated, first_visit,
        received, created (days; NaT = not known).
    definition
        "first evaluation": the first finalised evaluation ever of a patient. "first visit": the
        first visit ever that took place. "new episode": every episode with a finalised
        evaluation. "case created": every row from the day of its first case, seen or not. So
        each case counts where the rows are cases; where the export names no case, an episode is
        the best that is known of them.
    count_no_charge
        Whether evaluations without a charge count as evaluations.
    """
    days = counting_days(episodes, definition=definition, count_no_charge=count_no_charge)
    new = days.notna()
    if definition in ONCE:
        order = episodes[["patient", "episode"]].assign(day=days).sort_values(["day", "episode"])
        again = order.loc[order["day"].notna()].duplicated(ONCE[definition])
        new &= ~again.reindex(episodes.index, fill_value=False)
    return episodes.assign(new_patient=new, counted_on=days.where(new))


def counting_days(
    episodes: pd.DataFrame, *, definition: str, count_no_charge: bool = False
) -> pd.Series:
    """Day on which each episode would count; NaT where it does not."""
    if definition == "case created":
        return episodes["created"].fillna(episodes["received"]).fillna(episodes["evaluated"])
    day = "first_visit" if definition == "first visit" else "evaluated"
    if not count_no_charge:
        return episodes[day]
    return episodes[[day, "free_evaluated"]].min(axis="columns")


def compare_definitions(
    episodes: pd.DataFrame, *, used: Definitions, until: pd.Timestamp
) -> pd.DataFrame:
    """One row per definition of a new patient: how many it counts.

    Parameters
    ----------
    episodes
        One row per episode or case under its key, as ``clean_episodes`` gives them.
    used
        The definition of the practice.
    until
        Last day that is counted.

    Returns
    -------
    DataFrame
        definition, new_patients, difference (from the one used, as a share of it), is_used. A
        definition that counts evaluations without a charge too comes last, where there are any.
    """
    asked = [(name, used.count_no_charge) for name in DEFINITIONS]
    if episodes["free_evaluated"].notna().any():
        asked.append((used.new_patient, not used.count_no_charge))
    rows = []
    for name, free in asked:
        counted = recount(episodes, definition=name, count_no_charge=free)
        total = int((counted["counted_on"] <= until).sum())
        other = free != used.count_no_charge
        words = f"{name}, {'with' if free else 'without'} those without a charge" if other else name
        rows.append((words, total, name == used.new_patient and not other))
    table = pd.DataFrame(rows, columns=["definition", "new_patients", "is_used"])
    base = int(table.loc[table["is_used"], "new_patients"].iloc[0])
    share = (table["new_patients"] - base) / base if base else float("nan")
    return table.assign(difference=share)[["definition", "new_patients", "difference", "is_used"]]


def recount(
    episodes: pd.DataFrame, *, definition: str, count_no_charge: bool = False
) -> pd.DataFrame:
    """The same episodes by another definition: ``new_patient`` and ``counted_on`` made anew.

    Of two episodes of one patient that begin on one day the first in the table counts. Further
    cases of an episode stand below as rows of their own where cases count; what else is said of
    their episode (clinic, persona, partner) is taken to hold for them.
    """
    if definition == "case created":
        episodes = pd.concat([episodes, _further(episodes)], ignore_index=True)
    number = pd.factorize(episodes["episode_key"])[0]
    numbered = episodes.assign(patient=episodes["patient_key"], episode=number)
    marked = mark_new(numbered, definition=definition, count_no_charge=count_no_charge)
    return marked.drop(columns=["patient", "episode"])


def _further(episodes: pd.DataFrame) -> pd.DataFrame:
    """One row per further case of an episode, created on its day; nothing else took place."""
    several = episodes.loc[episodes["further_cases"] != ""]
    days = several["further_cases"].str.split(";").explode()
    rows = several.loc[days.index]
    created = pd.to_datetime(days, format="%Y-%m-%d").astype("datetime64[us]")
    blank = {c: pd.NaT for c in ("received", "evaluated", "free_evaluated", "first_visit")}
    return rows.assign(**blank, created=created, further_cases="").astype(
        {c: "datetime64[us]" for c in blank}
    )
