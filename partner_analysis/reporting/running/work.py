"""The work of a run, kept between runs: what is done with the same key is not done again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.practice import Practice
from partner_analysis.reporting import kept
from partner_analysis.tables import DataError

FOLDER: Final = "work"
MANIFEST: Final = "manifest.json"
WORK_VERSION: Final = 1


@dataclass
class Work:
    """A private folder of tables and executed notebooks, and the manifest that says what is done.

    Attributes
    ----------
    folder
        Where it stands.
    manifest
        ``key``; ``done`` by label: key, outcome, seconds, when it was made, and the fingerprint
        of every file that it left; ``as_of`` and ``turns_on`` once the data were read;
        ``published`` once the report was.
    """

    folder: Path
    manifest: dict[str, Any]

    @property
    def tables(self) -> Path:
        """Where the notebooks leave their tables for one another."""
        return self.folder / "tables"

    def executed(self, label: str) -> Path:
        """Where the executed notebook of a label stands."""
        return self.folder / "executed" / f"{label}.ipynb"

    def entry(self, label: str) -> dict[str, Any]:
        """What the manifest has of a label; empty if nothing."""
        return dict(self.manifest["done"].get(label, {}))

    def is_done(self, label: str, key: str) -> bool:
        """Whether that was done with this key, and every file that it left is as it was."""
        return self.entry(label).get("key") == key and self.is_whole(label)

    def is_whole(self, label: str) -> bool:
        """Whether that was done, and every file that it left is as it was."""
        entry = self.entry(label)
        outputs = entry.get("outputs", {}) if entry.get("outcome") == "done" else {}
        return bool(outputs) and all(self._print(name) == own for name, own in outputs.items())

    def note(self, label: str, entry: Mapping[str, Any], outputs: Iterable[Path] = ()) -> None:
        """Write down what became of a label, and what it left."""
        names = sorted(path.relative_to(self.folder).as_posix() for path in outputs)
        prints = {name: self._print(name) for name in names}
        self.manifest["done"][label] = {**entry, "outputs": prints}
        self.save()

    def forget(self, label: str) -> None:
        """Take back what is written of a label, before it is done anew."""
        if self.manifest["done"].pop(label, None) is not None:
            self.save()

    def save(self, **values: Any) -> None:
        """Write the manifest, with these values in it."""
        self.manifest.update(values)
        storage.write_json(self.manifest, self.folder / MANIFEST, private=True)

    def discard(self) -> None:
        """Remove all of it."""
        storage.remove_folder(self.folder)

    def _print(self, name: str) -> str:
        path = self.folder / name
        return storage.fingerprint(path) if path.is_file() else ""


def open_work(
    practice: Practice, key: str, *, asked: pd.Timestamp | None, force: bool = False
) -> Work:
    """The work that was begun with this key, else a new one.

    It is begun anew if ``force`` is set, if its manifest is damaged, or if the day has come on
    which the same files are read otherwise.
    """
    folder = kept.processed_folder(practice) / FOLDER / key[:16]
    before = _manifest_of(folder)
    known = before.get("work_version") == WORK_VERSION and before.get("key") == key
    if known and not force and not kept.has_turned(before.get("turns_on", "")):
        storage.remove_parts(folder)
        return Work(folder, before)
    storage.remove_folder(folder)
    for place in (folder.parent, folder, folder / "tables", folder / "executed"):
        storage.make_folder(place, private=True)
    day = "" if asked is None else f"{asked:%Y-%m-%d}"
    work = Work(folder, {"work_version": WORK_VERSION, "key": key, "asked": day, "done": {}})
    work.save()
    return work


def remove_old_work(practice: Practice, *, keep: int) -> None:
    """Remove the work of earlier keys, but for the newest."""
    folder = kept.processed_folder(practice) / FOLDER
    found = [path for path in folder.glob("*") if (path / MANIFEST).exists()]
    newest = sorted(found, key=lambda path: (path / MANIFEST).stat().st_mtime, reverse=True)
    for path in folder.glob("*"):
        if path not in newest[:keep]:
            storage.remove_folder(path)


def seconds_before(practice: Practice) -> dict[str, float]:
    """Seconds that each label took when it was last done, by label."""
    folder = kept.processed_folder(practice) / FOLDER
    found = sorted(folder.glob(f"*/{MANIFEST}"), key=lambda path: path.stat().st_mtime)
    took: dict[str, float] = {}
    for path in found:
        done = _manifest_of(path.parent).get("done", {})
        took |= {label: float(each.get("seconds", 0.0)) for label, each in done.items()}
    return took


def _manifest_of(folder: Path) -> dict[str, Any]:
    """What a folder's manifest holds; empty if there is none that can be read."""
    if not (folder / MANIFEST).exists():
        return {}
    try:
        found = storage.read_json(folder / MANIFEST)
    except DataError:
        return {}
    return found if isinstance(found, dict) else {}
