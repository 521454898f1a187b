"""The practice's own small tables, checked at the file door: partners, aliases, clinics, goals."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from partner_analysis.cleaning.plain import plain
from partner_analysis.cleaning.register.areas import read_areas
from partner_analysis.cleaning.register.candidates import read_candidates
from partner_analysis.cleaning.register.clinics import read_clinics
from partner_analysis.cleaning.register.flows import read_flows
from partner_analysis.cleaning.register.goals import read_activities, read_goals
from partner_analysis.cleaning.register.lists import (
    read_list,
    refuse_lines,
    refuse_strangers,
    type_days,
)
from partner_analysis.cleaning.register.partnerships import NAMES_OF, check_ids, type_partnerships
from partner_analysis.cleaning.sources.decisions import read_decisions
from partner_analysis.practice import GENERAL_PERSONA, Practice
from partner_analysis.tables import (
    ONE_PERSONA,
    DataError,
    InputError,
    SettingsError,
    as_names,
    check_partnerships,
    some_rows,
)

SAY: Final = {
    "clinics": "clinic",
    "neighbours": "neighbour",
    "personas": "persona",
    "negative_control": "negative control",
}


@dataclass(frozen=True)
class Register:
    """The practice's own tables, and what is wrong in single rows.

    Attributes
    ----------
    partnerships
        One row per partnership and stretch, without those that have a fault: partnership_id,
        name, kind, start_date, end_date, clinics, personas, aims, provider, signed_date,
        negative_control, neighbours, values; ``provider_said`` is whether the table says if it can
        refer, else it is taken as one that can.
    names
        One row per partner, those with a fault too: partnership_id, name, aliases (tuples of
        text, from, to), kind. What ``match_sources`` needs.
    clinics
        One row per clinic of the clinics table: clinic, alias, opened, closed.
    goals, activities, flows, decisions, candidates, areas
        As in their files, checked.
    faults
        One row per fault of a partnership: partnership_id, name, kind, message.
    """

    partnerships: pd.DataFrame
    names: pd.DataFrame
    clinics: pd.DataFrame
    goals: pd.DataFrame
    activities: pd.DataFrame
    flows: pd.DataFrame
    decisions: pd.DataFrame
    candidates: pd.DataFrame
    areas: pd.DataFrame
    faults: pd.DataFrame


def read_register(practice: Practice) -> Register:
    """Read the practice's own tables, checked; faults of single partnerships are listed.

    Raises
    ------
    DataError
        For a fault of a whole file: missing, empty, no header, two columns of one name, an id
        that could not name a page, rows of one id that disagree or overlap, an alias that two
        partners claim, a goal or an activity that makes no sense.
    """
    listed = read_list(practice, "partnerships")
    where = practice.tables.partnerships
    check_ids(listed, where)
    clinics = read_clinics(practice)
    rows, faults = type_partnerships(listed, clinics)
    sound = ~rows["partnership_id"].isin(faults["partnership_id"])
    try:
        partnerships = check_partnerships(rows.loc[sound])
    except InputError as error:
        lines = listed.loc[sound.to_numpy(), "line"].tolist()
        message = str(error).removeprefix("partnerships: ")
        raise DataError(f"{where}: {_in_lines(message, lines)}") from None
    ids = set(listed["partnership_id"])
    providers = set(rows.loc[rows["provider"].astype("bool"), "partnership_id"])
    return Register(
        partnerships=partnerships,
        names=_gather_names(listed, _read_aliases(practice, ids), practice),
        clinics=clinics,
        goals=read_goals(practice, ids, providers=providers, clinics=clinics),
        activities=read_activities(practice, ids),
        flows=read_flows(practice, ids, clinics),
        decisions=read_decisions(practice, ids),
        candidates=read_candidates(practice, clinics),
        areas=read_areas(practice),
        faults=faults,
    )


def compare_register(
    register: Register,
    *,
    clinics: Iterable[str],
    personas: Iterable[str],
    sayable: Iterable[str] = (),
) -> Register:
    """Register in which partnerships with a clinic or persona unknown to the data are faults.

    Parameters
    ----------
    clinics, personas
        All that the data mention.
    sayable
        Those of them that a message may show; those of the clinics table always may. Others
        could be patients' names, where a column is mistaken for that of the clinics.
    """
    shown = {*sayable, *register.clinics["clinic"], GENERAL_PERSONA, ONE_PERSONA}
    faults = []
    known = {"clinics": sorted(set(clinics)), "personas": sorted(set(personas))}
    for column, kind in NAMES_OF.items():
        for row in register.partnerships.itertuples():
            strange = [name for name in as_names(getattr(row, column)) if name not in known[kind]]
            if strange:
                message = (
                    f"its {SAY[column]} {', '.join(strange)} is never mentioned in the data. "
                    f"{_near(strange[0], known[kind], shown, kind)}"
                )
                faults.append((row.partnership_id, row.name, row.kind, message))
    found = pd.DataFrame(faults, columns=register.faults.columns).astype("str")
    sound = ~register.partnerships["partnership_id"].isin(found["partnership_id"])
    return replace(
        register,
        partnerships=register.partnerships.loc[sound].reset_index(drop=True),
        faults=pd.concat([register.faults, found], ignore_index=True),
    )


def check_events_in(
    practice: Practice, *, clinics: Iterable[str], sayable: Iterable[str] = ()
) -> None:
    """Refuse an event of practice.toml at a clinic that the data never mention.

    Parameters
    ----------
    clinics, sayable
        As for ``compare_register``.

    Raises
    ------
    SettingsError
        With the event's number and label, and the nearest clinic that may be shown.
    """
    known, shown = sorted(set(clinics)), set(sayable)
    for number, event in enumerate(practice.events, start=1):
        strange = [name for name in event.clinics if name not in known]
        if strange:
            raise SettingsError(
                f"{practice.path}: [events] no. {number} ({event.label}): clinic {strange[0]} is "
                f"never mentioned in the data. {_near(strange[0], known, shown, 'clinics')}"
            )


def _near(name: str, known: list[str], shown: set[str], column: str) -> str:
    """The nearest name that the data have, as far as it may be shown."""
    safe = [other for other in known if other in shown]
    near = difflib.get_close_matches(name, safe, n=1)
    if near:
        return f'Did you mean "{near[0]}"?'
    if len(safe) < len(known):
        return (
            f"The data have {len(known):,} {column}; compare their spelling, and the column that "
            "practice.toml names for them."
        )
    return f"The data have {_some(known)}."


def _some(names: list[str]) -> str:
    """A few names in words."""
    return ", ".join(names[:8]) + (" and others" if len(names) > 8 else "")


# ------------------------------------------------------------------ names and lines
def _in_lines(message: str, lines: list[int]) -> str:
    """A message about rows counted from 0, told in lines of the file."""

    def told(found: re.Match[str]) -> str:
        numbers = [int(number) for number in re.findall(r"\d+(?! more)", found.group(1))]
        more = re.findall(r" and \d+ more", found.group(1))
        return some_rows(lines[number] for number in numbers).replace("row", "line", 1) + "".join(
            more
        )

    return re.sub(r"(rows? [\d, and more]+), counted from 0", told, message)


def _gather_names(listed: pd.DataFrame, aliases: pd.DataFrame, practice: Practice) -> pd.DataFrame:
    """One row per partner with its name and aliases; an alias of two partners is refused."""
    names = listed.drop_duplicates("partnership_id")[["partnership_id", "name", "kind"]]
    own = names.rename(columns={"name": "alias"}).assign(line=0)
    own["from"] = own["to"] = pd.NaT
    claims = pd.concat([own, aliases], ignore_index=True)
    claims["plain"] = claims["alias"].map(plain)
    for _, rivals in claims.loc[claims["plain"] != ""].groupby("plain"):
        _refuse_rivals(rivals, practice)
    spans = {
        identifier: tuple(rows[["alias", "from", "to"]].itertuples(index=False, name=None))
        for identifier, rows in aliases.groupby("partnership_id")
    }
    given = [spans.get(identifier, ()) for identifier in names["partnership_id"]]
    return names.reset_index(drop=True).assign(aliases=pd.Series(given, dtype=object))


def _refuse_rivals(rivals: pd.DataFrame, practice: Practice) -> None:
    """Refuse one alias that two partners claim for the same days."""
    if len(set(rivals["partnership_id"])) == 1:
        return
    spans = rivals.assign(
        start=rivals["from"].fillna(pd.Timestamp.min), end=rivals["to"].fillna(pd.Timestamp.max)
    ).sort_values(["start", "end"])
    earlier = spans["end"].cummax().shift()
    if (spans["start"] <= earlier).any():
        both = " and ".join(sorted(rivals["partnership_id"].unique()))
        lines = [line for line in rivals["line"] if line]
        where = f" ({some_rows(lines).replace('row', 'line', 1)})" if lines else ""
        raise DataError(
            f"{practice.tables.aliases or practice.tables.partnerships}: one alias or name is "
            f"claimed by {both}{where}. Keep it for one of them, or give each its own from and to."
        )


# ------------------------------------------------------------------ the other tables
def _read_aliases(practice: Practice, ids: set[str]) -> pd.DataFrame:
    """Aliases with their dates, checked."""
    rows, where = read_list(practice, "aliases"), practice.tables.aliases
    refuse_strangers(where, rows, ids)
    refuse_lines(
        where, rows, rows["alias"] == "", "have no alias", "Write the text as it is typed."
    )
    type_days(where, rows, "from", "to")
    refuse_lines(
        where, rows, rows["to"] < rows["from"], "end before they start", "Correct from or to."
    )
    return rows
