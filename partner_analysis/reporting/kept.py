"""What the notebooks of one run leave for one another: private tables and effects."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.cleaning.episodes.clean import Cleaned
from partner_analysis.practice import Practice
from partner_analysis.reporting.records import (
    effect_from_record,
    effect_record,
    standing_from_record,
    standing_record,
)

KEY_FILE: Final = "key.json"
SOURCES: Final = ("*.py", "*.toml", "*.j2", "*.css")
STANDINGS_FILE: Final = "standings.json"
ALONE: Final = "estimates-alone"
DECLARED: Final = "declared"
BASIS_FILE: Final = "basis.json"
MANIFEST_FILE: Final = "manifest.json"
SMALL_TABLES: Final = (
    "partnerships", "aliases", "clinics", "goals", "activities", "flows", "decisions",
    "candidates", "areas",
)  # fmt: skip


def processed_folder(practice: Practice) -> Path:
    """Private folder of everything that runs of this practice leave behind."""
    return practice.folder / "data" / "processed" / practice.slug


def reports_folder(practice: Practice) -> Path:
    """Folder of the practice's published reports, one folder per date."""
    return practice.folder / "reports" / practice.slug


# ------------------------------------------------------------------ tables of cleaning
def write_cleaned(cleaned: Cleaned, folder: Path) -> None:
    """Leave all cleaned tables in a private folder."""
    rest = {}
    for attribute in fields(cleaned):
        value = getattr(cleaned, attribute.name)
        if isinstance(value, pd.DataFrame):
            storage.write_table(value, folder / f"{attribute.name}.cleaned.parquet")
        elif isinstance(value, pd.Timestamp) or value is pd.NaT:
            rest[attribute.name] = {"day": value.isoformat()}
        else:
            rest[attribute.name] = {"value": value}
    storage.write_json(rest, folder / "cleaned.json", private=True)


def read_cleaned(folder: Path) -> Cleaned | None:
    """The cleaned tables left in a folder; None if there are none."""
    if not (folder / "cleaned.json").exists():
        return None
    rest = storage.read_json(folder / "cleaned.json")
    return Cleaned(**{attribute.name: _value(attribute.name, rest, folder)
                      for attribute in fields(Cleaned)})  # fmt: skip


def _value(name: str, rest: Mapping[str, Any], folder: Path) -> Any:
    """One attribute of the cleaned tables."""
    if name not in rest:
        table = storage.read_table(folder / f"{name}.cleaned.parquet")
        for column in {"clinics", "personas", "aims", "values", "weekdays"} & set(table.columns):
            table[column] = pd.Series([tuple(names) for names in table[column]], dtype=object)
        return table
    if "day" in rest[name]:
        return pd.Timestamp(rest[name]["day"])
    value = rest[name]["value"]
    return tuple(value) if isinstance(value, list) else value


# ------------------------------------------------------------------ effects
def write_effect(effect: Effect, folder: Path, *, private: bool = False) -> Path:
    """File that now holds the effect, named by its partnership; private: beside it its draws."""
    path = storage.make_folder(folder, private=private) / f"{effect.partnership_id}.json"
    if private and effect.draws is not None:
        draws = pd.DataFrame(effect.draws.T, columns=["came", "without"])
        storage.write_table(draws, _draws_beside(path))
    return storage.write_json(effect_record(effect), path, private=private)


def read_effects(folder: Path) -> dict[str, Effect]:
    """Effects left in a folder, by partnership id in alphabetical order."""
    effects = (_read_effect(path) for path in _by_id(folder))
    return {effect.partnership_id: effect for effect in effects}


def _by_id(folder: Path) -> list[Path]:
    """Records in a folder, each named by its partnership, in alphabetical order of these."""
    return sorted(folder.glob("*.json"), key=lambda path: path.stem)


def read_effect(folder: Path, partnership_id: str) -> Effect | None:
    """The effect left for one partnership; None where there is none. The others are not read."""
    places = {path.stem: path for path in folder.glob("*.json")}
    return _read_effect(places[partnership_id]) if partnership_id in places else None


def _read_effect(path: Path) -> Effect:
    """One effect, with its draws where a run has left them."""
    effect = effect_from_record(storage.read_json(path))
    if not _draws_beside(path).exists():
        return effect
    draws = storage.read_table(_draws_beside(path))[["came", "without"]]
    return replace(effect, draws=draws.to_numpy().T)


def _draws_beside(path: Path) -> Path:
    """Where the draws of an effect are kept: ids have no dot, so nothing else has this name."""
    return path.with_suffix(".draws.parquet")


# ------------------------------------------------------------------ one by one
def write_alone(effect: Effect, standing: Standing, tables: Path) -> None:
    """Leave what is estimated and declared of one partnership by itself."""
    write_effect(effect, tables / ALONE, private=True)
    path = storage.make_folder(tables / DECLARED, private=True) / f"{effect.partnership_id}.json"
    storage.write_json(standing_record(standing), path, private=True)


def estimated_alone(tables: Path, partnership_id: str) -> list[Path]:
    """Files in which that stands, as far as they are there."""
    found = [
        *(tables / ALONE).glob(f"{partnership_id}.*"),
        *(tables / DECLARED).glob(f"{partnership_id}.json"),
    ]
    return sorted(found)


def gather_standings(tables: Path) -> None:
    """Put what is declared of each partnership into one file."""
    records = [storage.read_json(path) for path in _by_id(tables / DECLARED)]
    storage.write_json({"standings": records}, tables / STANDINGS_FILE, private=True)


# ------------------------------------------------------------------ standings
def write_standings(
    standings: Mapping[str, Standing], folder: Path, *, private: bool = False
) -> Path:
    """File that now holds what is declared of every partnership."""
    records = [standing_record(standing) for standing in standings.values()]
    return storage.write_json({"standings": records}, folder / STANDINGS_FILE, private=private)


def read_standings(folder: Path) -> dict[str, Standing] | None:
    """What was declared, by partnership id; None where a folder does not say."""
    if not (folder / STANDINGS_FILE).exists():
        return None
    records = storage.read_json(folder / STANDINGS_FILE)["standings"]
    return {record["partnership_id"]: standing_from_record(record) for record in records}


def read_standing(folder: Path, partnership_id: str) -> Standing | None:
    """What was declared of one partnership; None where a folder does not say."""
    if not (folder / STANDINGS_FILE).exists():
        return None
    records = storage.read_json(folder / STANDINGS_FILE)["standings"]
    of_it = (record for record in records if record["partnership_id"] == partnership_id)
    return next(map(standing_from_record, of_it), None)


# ------------------------------------------------------------------ editions
def write_basis(basis: Mapping[str, Any], folder: Path) -> Path:
    """File that now holds what the next report compares itself with."""
    return storage.write_json(dict(basis), folder / BASIS_FILE)


def read_basis(folder: Path) -> dict[str, Any] | None:
    """What an edition rested on; None where it does not say."""
    path = folder / BASIS_FILE
    return dict(storage.read_json(path)) if path.exists() else None


def read_manifest(folder: Path) -> dict[str, Any]:
    """The record of the run that made an edition; empty where there is none."""
    path = folder / MANIFEST_FILE
    return dict(storage.read_json(path)) if path.exists() else {}


# ------------------------------------------------------------------ freshness
def input_fingerprints(practice: Practice) -> dict[str, str]:
    """SHA-256 of every file that a report of this practice rests on, by its place."""
    paths = [practice.path]
    for export in practice.exports:
        paths += storage.find_files(practice.folder, export.files)
        if export.profile and export.profile.endswith(".toml"):
            paths.append(practice.folder / export.profile)
    given = (getattr(practice.tables, name) for name in SMALL_TABLES)
    paths += [practice.folder / place for place in given if place]
    if practice.tables.shared:
        paths += storage.find_files(practice.folder, practice.tables.shared)
    return {_place(path, practice.folder): storage.fingerprint(path) for path in sorted(set(paths))}


def export_names(practice: Practice) -> list[str]:
    """Names of the exports of a practice, without the tables that are kept by hand."""
    found = (storage.find_files(practice.folder, export.files) for export in practice.exports)
    return sorted({path.name for paths in found for path in paths})


def input_key(practice: Practice) -> str:
    """One fingerprint of all inputs and of this package's own sources."""
    digest = hashlib.sha256()
    for place, fingerprint in input_fingerprints(practice).items():
        digest.update(f"{place} {fingerprint}\n".encode())
    package = Path(__file__).parents[1]
    for source in sorted(path for kind in SOURCES for path in package.rglob(kind)):
        digest.update(storage.fingerprint(source).encode())
    return digest.hexdigest()


def write_key(
    practice: Practice,
    folder: Path,
    *,
    as_of: pd.Timestamp,
    newest: bool,
    turns_on: str = "",
) -> None:
    """Note what the tables in a folder were made from, and until which day they hold."""
    noted = {
        "key": input_key(practice),
        "as_of": f"{as_of:%Y-%m-%d}",
        "newest": newest,
        "turns_on": turns_on,
    }
    storage.write_json(noted, folder / KEY_FILE, private=True)


def is_fresh(folder: Path, practice: Practice, *, asked: pd.Timestamp | None) -> bool:
    """Whether the tables in a folder are those that would be made now for this date."""
    if not (folder / KEY_FILE).exists():
        return False
    noted = storage.read_json(folder / KEY_FILE)
    if has_turned(noted.get("turns_on", "")):
        return False
    same_date = noted["newest"] if asked is None else noted["as_of"] == f"{asked:%Y-%m-%d}"
    return bool(same_date) and noted["key"] == input_key(practice)


def has_turned(turns_on: str) -> bool:
    """Whether the day has come on which the same files are read otherwise; "" = it never does."""
    return bool(turns_on) and f"{pd.Timestamp.now():%Y-%m-%d}" >= turns_on


def _place(path: Path, folder: Path) -> str:
    """Path from the practice's folder, where it lies in it."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
