"""Patients' numbers of several systems: each numbers its own, so that they never meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from partner_analysis.cleaning.exports.people import pad_ids, zero_led_lengths
from partner_analysis.cleaning.exports.supersede import natural_key
from partner_analysis.cleaning.plain import plain
from partner_analysis.practice import Practice
from partner_analysis.tables import DataError

FEWEST: Final = 5
NUMBERS: Final = ("patient", "merged_into")


def systems_of(practice: Practice) -> list[str]:
    """System of each ``[[exports]]`` block; "" for all where at most one is named."""
    named = [plain(export.system) if _has_patients(export.kind) else "" for export in
             practice.exports]  # fmt: skip
    return named if len(set(named) - {""}) > 1 else [""] * len(named)


def systems_hint(practice: Practice) -> str:
    """What to say of a practice whose exports come from several systems; "" for one."""
    if not any(systems_of(practice)):
        return ""
    names = {plain(e.system): e.system for e in practice.exports if _has_patients(e.kind)}
    return (
        f"the patients of {' and '.join(names.values())} are kept apart, since each system numbers "
        "its own: who is in both counts in both. If they share their numbers, write the same "
        "system in these [[exports]] blocks."
    )


def zero_led(rows: pd.DataFrame, system: str) -> dict[str, frozenset[int]]:
    """Lengths of the patients' numbers with leading zeros in a file, by its system."""
    return {system: zero_led_lengths(rows["patient"].fillna(""))} if "patient" in rows else {}


def keep_apart(rows: pd.DataFrame, lengths: Mapping[str, frozenset[int]]) -> pd.DataFrame:
    """Rows whose patients' numbers have their zeros back, and name their system where several are.

    Parameters
    ----------
    rows
        One row per row of all exports, or of a part of the patients: patient, merged_into if
        given, and system where there is more than one.
    lengths
        Of all numbers with leading zeros, by system ("" where there is one).
    """
    if "system" not in rows:
        return pad_ids(rows, lengths.get("", frozenset()))
    parts = []
    for system, part in rows.groupby("system", sort=False):
        padded = pad_ids(part, lengths.get(str(system), frozenset()))
        for column in (c for c in NUMBERS if c in padded):
            own = padded[column].fillna("").astype("str")
            padded[column] = own.mask(own != "", f"{system}: " + own)
        parts.append(padded)
    return pd.concat(parts).sort_index().drop(columns="system")


@dataclass(frozen=True)
class Shared:
    """Patients' numbers that stand in two exports, and of how many the birth date differs.

    ``files`` is the first file of each export that has any with a birth date.
    """

    numbers: int = 0
    others: int = 0
    files: Mapping[int, str] = field(default_factory=dict)


def shared_numbers(rows: pd.DataFrame) -> Shared:
    """Numbers of patients that two exports of one system share."""
    if "birth_date" not in rows or rows["export"].nunique() < 2:
        return Shared()
    said = rows.loc[(rows["fate"] == "") & rows["birth_date"].notna()]
    said = said.loc[said["patient"].fillna("") != ""]
    by = [c for c in ("system", "patient") if c in said]
    births = (
        said.drop_duplicates([*by, "export"]).groupby(by)["birth_date"].agg(["size", "nunique"])
    )
    first = said.drop_duplicates("export")
    files = dict(zip(first["export"].tolist(), first["file"], strict=True))
    return Shared(int((births["size"] > 1).sum()), int((births["nunique"] > 1).sum()), files)


def refuse_strangers(found: Sequence[Shared]) -> None:
    """Refuse two exports of one system in which most numbers that they share are other people.

    Raises
    ------
    DataError
        If at least 5 and most of the patients' numbers that stand in two exports with a birth
        date have another one there.
    """
    shared, other = sum(each.numbers for each in found), sum(each.others for each in found)
    if other < FEWEST or other <= shared / 2:
        return
    files: dict[int, str] = {}
    for export, file in (item for each in found for item in each.files.items()):
        files[export] = min(files.get(export, file), file, key=natural_key)
    listed = ", ".join(sorted(files.values(), key=natural_key))
    raise DataError(
        f"{listed}: of {shared:,} patients' numbers that stand in two exports {other:,} "
        "have another birth date there. If two systems number their patients by themselves, write "
        'system = "..." in each [[exports]] block; else correct date_format in one of them.'
    )


def _has_patients(kind: str) -> bool:
    """Whether exports of a kind have patients' numbers."""
    return kind in ("referrals", "visits", "patients")
