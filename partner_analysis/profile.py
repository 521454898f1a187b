"""Profiles of practice-management systems: what their exports are called, as data."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, Final

from pydantic import Field, ValidationError

from partner_analysis import storage
from partner_analysis.columns import COLUMNS, EXPORTS, Frozen, Line
from partner_analysis.tables import SettingsError

NEEDED: Final = {
    "referrals": ("patient",),
    "visits": ("patient", "visited"),
    "patients": ("patient", "merged_into"),
    "counts": ("unit", "date", "count"),
    "tallies": ("source",),
}
FOLDER: Final = Path(__file__).with_name("profiles")


class Profile(Frozen):
    """What is known of one kind of export of one system.

    Attributes
    ----------
    name, title
        Short name, and what the system calls the export.
    about
        Where its column names were read, and what to mind.
    ask
        Our columns whose names in this export no public page shows: the practice names them.
    export
        Keys of an ``[[exports]]`` block that hold unless the practice says otherwise.
    """

    name: Line
    title: Line
    about: str
    ask: tuple[str, ...] = Field(default=(), strict=False)
    export: dict[str, Any]

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """Names that the export uses, by ours."""
        given = self.export.get("columns", {})
        return {
            ours: (names,) if isinstance(names, str) else tuple(names)
            for ours, names in given.items()
        }


def list_profiles(folder: Path = FOLDER) -> tuple[Profile, ...]:
    """All profiles in a folder, by name; default: those of the package."""
    return tuple(read_profile(path) for path in storage.find_files(folder, "*.toml"))


def read_profile(path: Path) -> Profile:
    """One profile.

    Raises
    ------
    SettingsError
        If the file is missing, is no TOML, or has keys that a profile does not take.
    """
    if not path.is_file():
        shipped = ", ".join(place.stem for place in storage.find_files(FOLDER, "*.toml"))
        raise SettingsError(
            f"{path}: there is no such profile. Put your own there (its path counts from the "
            f"folder of practice.toml), or name one of the package's: {shipped}."
        )
    given = storage.read_toml(path)
    try:
        profile = Profile(name=path.stem, **given)
    except (ValidationError, TypeError) as error:
        faults = error.errors() if isinstance(error, ValidationError) else []
        where = ", ".join(str(fault["loc"][0]) for fault in faults) or "name"
        raise SettingsError(
            f"{path}: is no profile of an export ({where}). It takes title, about, ask and "
            "[export]; compare it with one of the package's."
        ) from None
    kind, columns = profile.export.get("kind"), profile.export.get("columns", {})
    theirs = list(columns.values()) if isinstance(columns, dict) else [columns, 0]
    if not all(isinstance(names, str | list) for names in theirs):
        raise SettingsError(
            f'{path}: [export.columns] takes names, ours = "theirs", or lists of names.'
        )
    if not isinstance(kind, str) or kind not in EXPORTS:
        raise SettingsError(f"{path}: [export] needs a kind: one of {', '.join(EXPORTS)}. Add it.")
    for named, known in (
        (profile.export, EXPORTS[kind].model_fields),
        (profile.columns, COLUMNS[kind].model_fields),
    ):
        strange = [key for key in named if key not in known]
        if strange:
            raise SettingsError(f"{path}: {strange[0]} is not known. It takes {', '.join(known)}.")
    return profile


def with_profile(block: object, folder: Path) -> object:
    """An ``[[exports]]`` block with what its profile says where the block itself says nothing.

    Parameters
    ----------
    block
        As practice.toml has it. ``profile`` is the name of one of the package's, or the path of
        one of the practice's own, ending in ``.toml``, from ``folder``.

    Raises
    ------
    SettingsError
        For a profile that is not known, with the nearest that is.
    """
    if not isinstance(block, dict) or not isinstance(block.get("profile"), str):
        return block
    profile = find_profile(block["profile"], folder)
    own = block.get("columns", {})
    if not isinstance(own, dict):
        return block
    columns = {**profile.columns, **own}
    kept = {key: value for key, value in profile.export.items() if key != "columns"}
    needed = {*NEEDED[str(kept["kind"])], *own}
    optional = tuple(ours for ours in columns if ours not in needed)
    known = {"title": profile.title, "ask": profile.ask, "optional": optional}
    return {**kept, **known, **block, "columns": columns}


def find_profile(name: str, folder: Path) -> Profile:
    """The profile of a name, or in a file of the practice."""
    if name.endswith(".toml"):
        return read_profile(folder / name)
    known = {profile.name: profile for profile in list_profiles()}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
        hint = f'Did you mean "{near[0]}"?' if near else f"It knows {', '.join(known)}."
        raise SettingsError(
            f'[[exports]]: there is no profile "{name}". {hint} `partner-analysis map FILE` '
            "proposes how to read a file of any other system."
        )
    return known[name]
