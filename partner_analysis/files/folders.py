"""Whole folders: published by one switch, mended after a power cut, copied, removed."""

from __future__ import annotations

import ctypes
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

HERE: Final = -100  # AT_FDCWD: paths are taken from the working directory
EXCHANGE: Final = 2  # RENAME_EXCHANGE


def publish(staging: Path, final: Path) -> Path:
    """Put what stands in staging in the place of the final folder, whole, and return that.

    A reader sees the old folder or the new one. Where the file system can exchange two names
    (Linux), there is no moment without a folder; elsewhere ``mend`` puts back the old one if the
    process ends between two renames.
    """
    staging, final = Path(staging), Path(final)
    final.parent.mkdir(parents=True, exist_ok=True)
    sync_folders(staging)
    if not final.exists():
        staging.rename(final)
    elif exchange_names(staging, final):
        remove_folder(staging)
    else:
        _rename_twice(staging, final)
    _sync(final.parent)
    return final


def exchange_names(one: Path, other: Path) -> bool:
    """Whether two names were exchanged, in one step that is done whole or not at all."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):  # no Linux
        return False
    return bool(call(HERE, os.fsencode(one), HERE, os.fsencode(other), EXCHANGE) == 0)


def mend(folder: Path) -> None:
    """Put back every folder that a run, ended half-way through ``publish``, had set aside.

    What was staged, and never published, is removed.
    """
    for leftover in Path(folder).glob(".staging-*"):
        remove_folder(leftover)
    for aside in sorted(Path(folder).glob(".*.old")):
        final = aside.with_name(aside.name.removeprefix(".").removesuffix(".old"))
        if final.exists():
            remove_folder(aside)
        else:
            aside.rename(final)


def copy_folder(source: Path, target: Path) -> Path:
    """Return a new folder with the same files; each is shared until one of the two is replaced."""
    return Path(shutil.copytree(source, target, copy_function=_link_or_copy, symlinks=True))


def remove_folder(folder: Path) -> None:
    """Remove a folder with all it holds; nothing happens where there is none."""
    shutil.rmtree(folder, ignore_errors=True)


def retire(folder: Path) -> None:
    """Remove a published folder; a reader never sees a part of it."""
    folder = Path(folder)
    aside = folder.with_name(f".staging-{folder.name}")
    remove_folder(aside)
    folder.rename(aside)
    remove_folder(aside)


def sync_folders(folder: Path) -> None:
    """Have the names in a folder, and in all below it, on the disk when this returns."""
    for place, _, _ in os.walk(folder):
        _sync(Path(place))


def _rename_twice(staging: Path, final: Path) -> None:
    """Set the old folder aside, and put the new one in its place."""
    aside = final.with_name(f".{final.name}.old")
    remove_folder(aside)
    final.rename(aside)
    try:
        staging.rename(final)
    except OSError:
        aside.rename(final)
        raise
    remove_folder(aside)


def _link_or_copy(source: str, target: str) -> str:
    """Give one file a second name, or copy it where the file system has one name for each."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _sync(folder: Path) -> None:
    with suppress(OSError):  # Windows opens no folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
