"""Keys of work: two runs with the same key would make the same thing."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.practice import Practice
from partner_analysis.reporting import kept

NOTEBOOKS: Final = {
    "all exports": "01-clean.ipynb",
    "all counts": "02-count.ipynb",
    "effect": "03-partnership-effect.ipynb",
    "portfolio": "04-portfolio.ipynb",
    "where-next": "07-where-next.ipynb",
}


def notebook_folder(practice: Practice) -> Path | None:
    """Folder of the notebooks: the practice's own, or those beside the package; None = none."""
    for folder in (practice.folder, Path(__file__).parents[3]):
        if all((folder / "notebooks" / name).exists() for name in NOTEBOOKS.values()):
            return folder / "notebooks"
    return None


def notebooks_digest(practice: Practice) -> str:
    """One fingerprint of all notebooks that a run would use."""
    folder = notebook_folder(practice)
    names = NOTEBOOKS.values() if folder is not None else ()
    return digest(storage.fingerprint(folder / name) for name in names)  # type: ignore[operator]


def work_key(practice: Practice, *, asked: pd.Timestamp | None) -> str:
    """One fingerprint of all that every notebook of a run rests on, as 64 hexadecimal digits.

    It covers practice.toml, the exports and all tables of the practice, this package's own
    sources, every installed package with its version, Python, and the day that was asked for.
    """
    day = "newest" if asked is None else f"{asked:%Y-%m-%d}"
    parts = [kept.input_key(practice), day, platform.python_version(), platform.machine()]
    return digest([*parts, *_packages()])


@cache
def _packages() -> tuple[str, ...]:
    """Every installed package with its version; those of a process stay what they were."""
    return tuple(sorted({f"{each.name} {each.version}" for each in distributions()}))


def notebook_key(
    key: str, notebooks: Iterable[Path], parameters: Mapping[str, Any], *, also: Iterable[str] = ()
) -> str:
    """Fingerprint of one executed notebook, as 64 hexadecimal digits.

    Parameters
    ----------
    key
        Of the run, from ``work_key``.
    notebooks
        The notebook, and those whose tables it reads.
    parameters
        Its parameters, without the folder of the tables.
    also
        Fingerprints of what else it reads.
    """
    sources = [storage.fingerprint(path) for path in notebooks]
    given = json.dumps(dict(parameters), sort_keys=True, default=str)
    return digest([key, *sources, given, *also])


def digest(parts: Iterable[str]) -> str:
    """SHA-256 of texts in their order, as 64 hexadecimal digits."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
