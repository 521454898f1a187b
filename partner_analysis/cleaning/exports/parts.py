"""Rows of a large practice in parts of patients: each fits in memory, and any process can take it.

All rows of one patient are in one part. A part that nobody works on is kept small: as compressed
columns, in memory and never on a disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

Held: TypeAlias = pd.DataFrame | bytes
"""Rows as they are, or packed."""

CODEC: Final = "zstd"
LEVEL: Final = 1
ZEROS: Final = "0"  # a spreadsheet takes them from the front of a number


class RunAll(Protocol):
    """What does one piece of work per task, in order: ``map``, or other processes as well."""

    def __call__(self, work: Callable[[Any], Any], tasks: Iterable[Any], /) -> Iterator[Any]:
        """What came of each task, in the order of the tasks."""


def pack(rows: pd.DataFrame) -> bytes:
    """Rows as compressed columns, without their index."""
    return _as_bytes(_table(rows))


def unpack(held: Sequence[Held]) -> pd.DataFrame:
    """Rows of several pieces, one below the other; what a piece has no column for is missing."""
    if all(isinstance(piece, bytes) for piece in held):
        tables = [pa.ipc.open_stream(piece).read_all() for piece in held]
        return pa.concat_tables(tables, promote_options="permissive").to_pandas()
    given = [piece if isinstance(piece, pd.DataFrame) else unpack([piece]) for piece in held]
    return pd.concat(given, ignore_index=True) if len(given) > 1 else given[0]


def split(rows: pd.DataFrame, parts: int) -> list[Held]:
    """Rows in so many parts, packed, in each in the order given; one part stays as it is."""
    if parts == 1:
        return [rows]
    part = (patient_marks(rows) % np.uint64(parts)).astype("int64")
    order = np.argsort(part, kind="stable")
    table = _table(rows).take(pa.array(order))
    ends = np.searchsorted(part[order], np.arange(parts + 1))
    return [_as_bytes(table.slice(a, b - a)) for a, b in pairwise(ends)]


def patient_marks(rows: pd.DataFrame, column: str = "patient") -> np.ndarray:
    """A whole number for each row that is equal for equal patients, with leading zeros or not.

    Rows of an export without patients have one number in common.
    """
    if column not in rows:
        return np.zeros(len(rows), dtype="uint64")
    codes, numbers = pd.factorize(rows[column].fillna(""))
    bare = pd.Series(numbers, dtype="str").str.lstrip(ZEROS)
    return pd.util.hash_array(bare.to_numpy(dtype=object), categorize=False)[codes]


def find_links(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Marks of patients that a list joins, and those of records with the patient each is of."""
    joined, records = np.empty(0, dtype="uint64"), np.empty((0, 2), dtype="uint64")
    if "merged_into" in rows:
        told = rows.loc[rows["merged_into"].fillna("") != ""]
        joined = np.r_[patient_marks(told), patient_marks(told, "merged_into")]
    if "key" in rows:
        keyed = rows.loc[(rows["key"].fillna("") != "") & (rows["fate"] == "")]
        own = pd.util.hash_pandas_object(keyed[["export", "key"]], index=False).to_numpy()
        records = np.unique(np.c_[own, patient_marks(keyed)], axis=0)
    return joined, records


def linked_patients(joined: Sequence[np.ndarray], records: Sequence[np.ndarray]) -> np.ndarray:
    """Marks of patients whose rows may be of one: joined by a list, or in copies of one record."""
    both = np.concatenate([np.empty((0, 2), dtype="uint64"), *records])
    record, patient = both[np.argsort(both[:, 0], kind="stable")].T
    moved = np.flatnonzero((record[1:] == record[:-1]) & (patient[1:] != patient[:-1]))
    return np.unique(np.concatenate([*joined, patient[moved], patient[moved + 1]]))


def _table(rows: pd.DataFrame) -> pa.Table:
    """Rows as columns of Arrow."""
    return pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(None)


def _as_bytes(table: pa.Table) -> bytes:
    """A table, compressed."""
    stream = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=pa.Codec(CODEC, LEVEL))
    with pa.ipc.new_stream(stream, table.schema, options=options) as writer:
        writer.write_table(table)
    return bytes(stream.getvalue())
