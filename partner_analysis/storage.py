"""Only door to the file system: reading tables as text, and writing whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pandas as pd

from partner_analysis.files.books import workbook_bytes
from partner_analysis.files.encodings import decode, find_encoding
from partner_analysis.files.folders import copy_folder, mend, publish, remove_folder, retire
from partner_analysis.files.formulas import guard_formulas
from partner_analysis.files.opening import open_file, read_bytes
from partner_analysis.files.sheets import EPOCH, Sheet, iterate_sheets
from partner_analysis.tables import DataError, SettingsError

WAIT: Final = 1.0  # seconds

__all__ = [
    "EPOCH", "Sheet", "copy_folder", "mend", "publish", "read_bytes", "remove_folder",
    "retire",
]  # fmt: skip


# ------------------------------------------------------------------ reading
def find_files(folder: Path, pattern: str) -> list[Path]:
    """Files that fit a pattern, sorted by name; the pattern is relative to the folder.

    Raises
    ------
    DataError
        If no file fits.
    """
    given = Path(pattern)
    root, parts = (Path(given.anchor), given.parts[1:]) if given.is_absolute() else (folder, None)
    relative = str(Path(*parts)) if parts else pattern
    try:
        names = sorted(path for path in root.glob(relative) if path.is_file())
    except (ValueError, IndexError, NotImplementedError, OSError):
        names = []
    kept = [path for path in names if not path.name.startswith((".", "~$"))]
    if not kept:
        raise DataError(
            f"{pattern}: no such file. Looked in {folder}. "
            "Put the export there, or correct `files` in practice.toml."
        )
    return kept


def read_text(path: Path) -> str:
    """Text of a file, whatever its encoding, without a byte-order mark."""
    raw = read_bytes(path)
    return decode(raw, find_encoding(io.BytesIO(raw)))


def read_toml(path: Path) -> dict[str, Any]:
    """Content of a TOML file as nested dictionaries.

    Raises
    ------
    SettingsError
        If the file is missing or is no TOML; the message has the line.
    """
    if not Path(path).is_file():
        raise SettingsError(
            f"{path}: no such file. `partner-analysis init FOLDER` writes one to start from."
        )
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{path}: cannot be read as TOML ({error}). Correct that line; "
            'texts stand in quotes, lists in brackets: missing = ["N/A"].'
        ) from None
    except (ValueError, RecursionError):
        raise SettingsError(
            f"{path}: cannot be read as TOML (a number too long, or too many brackets in one "
            "another). Compare it with the file that `partner-analysis init FOLDER` writes."
        ) from None


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """Return what an export holds, as it stands: all cells text, nothing taken as a header.

    Delimited text (.csv, .tsv, .txt) and JSON (.json, .jsonl) give one sheet, JSON one for each
    name under which it has records; a workbook (.xlsx, .xlsm) each sheet that holds anything,
    hidden ones too. What a file holds decides, not its name. Encoding and delimiter are found.

    Returns
    -------
    tuple of Sheet
        One or more, each with a name and a grid: one row per row of the file that holds any text;
        columns 0, 1, 2 ...; the index is the line number in the file, from 1. Cells are trimmed,
        empty ones ``""``. Of JSON, line 1 has the flattened names and each record its own line. In
        a workbook dates are ISO; a number beyond 15 digits, which a spreadsheet has rounded,
        stands in scientific form.

    Raises
    ------
    DataError
        If the file is missing, empty, not readable, or beyond a limit in ``files.limits``.
    """
    return tuple(iterate_sheets(path))


def read_grid(path: Path) -> pd.DataFrame:
    """Grid of the first sheet that holds anything, as ``read_sheets`` describes it.

    Raises
    ------
    DataError
        If the file is missing, empty, not readable, or beyond a limit in ``files.limits``.
    """
    return next(iterate_sheets(path)).grid


def read_table(path: Path) -> pd.DataFrame:
    """Table that ``write_table`` kept.

    Raises
    ------
    DataError
        If it is missing or damaged.
    """
    content = io.BytesIO(read_bytes(path))
    try:
        return pd.read_parquet(content)
    except (ValueError, OSError):
        raise DataError(f"{path}: the table is damaged. Delete it and run again.") from None


def read_json(path: Path) -> Any:
    """Content of a JSON file.

    Raises
    ------
    DataError
        If it is missing or damaged.
    """
    try:
        return json.loads(read_text(path))
    except (ValueError, RecursionError):
        raise DataError(f"{path}: cannot be read as JSON. Delete it and run again.") from None


def fingerprint(path: Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits."""
    with open_file(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# ------------------------------------------------------------------ writing
def make_folder(folder: Path, *, private: bool = False) -> Path:
    """Folder, made with its parents where it was missing; private: for its owner only."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
    if private:
        folder.chmod(0o700)
    return folder


def probe_folder(folder: Path) -> None:
    """Make sure that a folder can be made and written to, before all work depends on it.

    Nothing is left behind, and the folder is not made.

    Raises
    ------
    DataError
        If it, or a folder above it, is a file, or does not let itself be written to.
    """
    folder = Path(folder)
    try:
        place = next(place for place in (folder, *folder.parents) if place.exists())
        with tempfile.NamedTemporaryFile(dir=place, prefix=".probe-"):
            pass
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be written to ({error.strerror}). Remove what stands there, or "
            "let this user write in it."
        ) from None


def write_bytes(content: bytes, path: Path, *, private: bool = False) -> Path:
    """Path, now holding the content; a reader sees the old file or the new, never a part."""
    path = Path(path)
    make_folder(path.parent, private=private and not path.parent.exists())
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(0o600 if private else 0o644)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return path


def write_text(text: str, path: Path, *, private: bool = False) -> Path:
    """Path, now holding the text as UTF-8 with plain line ends."""
    return write_bytes(text.encode("utf-8"), path, private=private)


def write_json(content: object, path: Path, *, private: bool = False) -> Path:
    """Path, now holding the content as indented JSON with sorted keys."""
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, default=str)
    return write_text(text + "\n", path, private=private)


def write_table(table: pd.DataFrame, path: Path, *, private: bool = True) -> Path:
    """Path, now holding the table as parquet, readable by its owner only."""
    return write_bytes(table.to_parquet(index=False), path, private=private)


def write_csv(table: pd.DataFrame, path: Path, *, private: bool = False) -> Path:
    """Path, now holding the table as CSV, in which no cell is a formula to a spreadsheet."""
    text = guard_formulas(table).to_csv(index=False, lineterminator="\n")
    return write_text(text, path, private=private)


def write_workbook(tables: Mapping[str, pd.DataFrame], path: Path) -> Path:
    """Path, now holding an Excel workbook, one sheet per table, without a formula or a link."""
    return write_bytes(workbook_bytes(tables), path)


def append_line(line: str, path: Path, *, private: bool = False) -> None:
    """Add one line to the end of a file, in one step, so that two writers do not mix theirs."""
    path = Path(path)
    make_folder(path.parent, private=private and not path.parent.exists())
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600 if private else 0o644)
    try:
        os.write(handle, f"{line}\n".encode())
    finally:
        os.close(handle)


def make_way(path: Path, *, most_bytes: int, keep: int) -> None:
    """Where a file is too large, call it ``name.1``, the one before ``name.2``, up to ``keep``."""
    path = Path(path)
    if not path.exists() or path.stat().st_size < most_bytes:
        return
    for number in range(keep - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    path.replace(path.with_name(f"{path.name}.1"))


def remove_parts(folder: Path) -> None:
    """Remove what writers that were ended half-way have left in a folder and below it."""
    for part in Path(folder).rglob(".*.part"):
        part.unlink(missing_ok=True)


def remove_file(path: Path) -> None:
    """Remove a file; nothing happens where there is none."""
    Path(path).unlink(missing_ok=True)


def point_latest(final: Path) -> Path:
    """Return ``latest`` beside a folder, now leading to it: a link, or a page that forwards.

    The page is for file systems without symbolic links, and where ``latest`` is a real folder.
    """
    final = Path(final)
    link = final.with_name("latest")
    part = final.with_name(".latest.part")
    part.unlink(missing_ok=True)
    try:
        part.symlink_to(final.name, target_is_directory=True)
        part.replace(link)
    except OSError:
        part.unlink(missing_ok=True)
        forward = f'<meta http-equiv="refresh" content="0; url={final.name}/index.html">\n'
        return write_text(forward, final.with_name("latest.html"))
    return link


# ------------------------------------------------------------------ runs
class LockedError(Exception):
    """Another run holds the folder."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a private folder for one run at a time.

    Raises
    ------
    LockedError
        If another run holds it; after a second, so that a look at the lock stops no run.
    """
    from filelock import FileLock, Timeout  # it loads asyncio, and few commands lock

    lock = FileLock(make_folder(folder, private=True) / ".lock", timeout=WAIT, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise LockedError(f"{folder}: another run is under way. Wait until it is done.") from None
    try:
        yield
    finally:
        lock.release()


def is_locked(folder: Path) -> bool:
    """Whether a run holds the folder now; the folder is left as it is."""
    if not (Path(folder) / ".lock").exists():
        return False
    try:
        with locked(folder):
            return False
    except LockedError:
        return True


def make_staging(folder: Path, *, private: bool = False) -> Path:
    """Return a new hidden folder for work that is not done yet; leftovers of it are removed."""
    make_folder(folder, private=private)
    for leftover in folder.glob(".staging-*"):
        remove_folder(leftover)
    staging = Path(tempfile.mkdtemp(dir=folder, prefix=".staging-"))
    staging.chmod(0o700 if private else 0o755)
    return staging


def keep_private(text: str) -> Path:
    """Return a new file in the folder for temporary files, readable by its owner only."""
    handle, name = tempfile.mkstemp(prefix="partner-analysis-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    return Path(name)
