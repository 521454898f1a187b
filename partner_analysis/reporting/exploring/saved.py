"""A set of choices kept in a small file, which ``partner-analysis run --view`` takes."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Final

from partner_analysis import storage
from partner_analysis.practice import Practice
from partner_analysis.reporting.exploring.view import Choices
from partner_analysis.tables import PARTNERSHIP_ID, SettingsError

HEAD: Final = "# One view of the data, kept for: partner-analysis run practice.toml --view FILE\n"


def views_folder(practice: Practice) -> Path:
    """Folder of the views that somebody kept: inputs, like the register, so they stay."""
    return practice.folder / "views" / practice.slug


def keep_view(choices: Choices, practice: Practice, *, name: str) -> Path:
    """File that now holds the choices, as the parameters of a notebook.

    Raises
    ------
    SettingsError
        If the name would not do as that of a file, or a view of that name is there already.
    """
    if not PARTNERSHIP_ID.fullmatch(name):
        raise SettingsError(
            "The name of a view has small letters, digits and single hyphens: runners-since-may."
        )
    path = views_folder(practice) / f"{name}.toml"
    if path.exists():
        raise SettingsError(f"{path}: is there already. Choose another name; nothing is changed.")
    lines = (f"{name} = {_quoted(value)}\n" for name, value in asdict(choices).items())
    return storage.write_text(HEAD + "".join(lines), path)


def read_view(path: Path) -> Choices:
    """Choices of a file that ``keep_view`` wrote, or that somebody wrote by hand.

    Raises
    ------
    SettingsError
        If it is missing, is no TOML, or holds anything but texts for the choices there are.
    """
    given = storage.read_toml(path)
    known = [field.name for field in fields(Choices)]
    wrong = [k for k, v in given.items() if k not in known or not isinstance(v, str)]
    if wrong or "partnership_id" not in given:
        said = f'"{wrong[0]}" does not belong there' if wrong else "it names no partnership_id"
        raise SettingsError(f"{path}: {said}. It takes {', '.join(known)}, each as a text.")
    return Choices(**given)


def _quoted(text: str) -> str:
    """A text as TOML writes it: as JSON does, but for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
