"""A file opened: only where it is one, never a pipe that would wait or a device without end."""

from __future__ import annotations

import stat
from io import BufferedReader
from pathlib import Path

from partner_analysis.tables import DataError


def spell(path: Path) -> str:
    r"""Path as text of one line: what cannot be printed stands as its code.

    >>> spell(Path("a\nb.csv"))
    'a\\nb.csv'
    """
    return "".join(
        mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in str(path)
    )


def open_file(path: Path) -> BufferedReader:
    """Open a file for reading bytes.

    Raises
    ------
    DataError
        If it is not there, is no regular file, or may not be opened.
    """
    name = spell(path)
    try:
        kind = Path(path).stat().st_mode
        if stat.S_ISDIR(kind):
            raise DataError(f"{name}: is a folder, and a file is needed. Name a file in it.")
        if not stat.S_ISREG(kind):
            raise DataError(
                f"{name}: is a pipe or a device, and a file is needed. Save its content as a file."
            )
        return Path(path).open("rb")
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(
            f"{name}: no such file. Put it there, or correct its name in practice.toml."
        ) from None
    except OSError as error:
        raise DataError(
            f"{name}: cannot be opened ({error.strerror}). Close it elsewhere, or let this user "
            "read it."
        ) from None
    except ValueError:
        raise DataError(
            "A file name in practice.toml holds a character no name can. Correct the name."
        ) from None


def read_bytes(path: Path) -> bytes:
    """Bytes of a file.

    Raises
    ------
    DataError
        If it is not there, is no regular file, or cannot be read.
    """
    with open_file(path) as stream:
        try:
            return stream.read()
        except OSError as error:
            raise DataError(
                f"{spell(path)}: cannot be read ({error.strerror}). Copy it to this computer."
            ) from None
