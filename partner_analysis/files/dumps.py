"""JSON dumps of practice-management systems to grids: one line per record, names flattened."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

import pandas as pd

from partner_analysis.files.limits import (
    LARGEST_JSON,
    LONGEST_NUMBER,
    MIB,
    MOST_CELLS,
    MOST_VALUES,
)
from partner_analysis.files.pieces import grid_of, piece_of_rows
from partner_analysis.tables import DataError

DEEPEST: Final = 8  # objects within objects, of one record
Record = dict[str, Any]


def read_dump(raw: bytes, text: str, name: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and grid of each list of records in a JSON text.

    A list of objects, one object a line, or pages (objects that hold lists of objects under a
    name, such as ``appointments``) alone, in a list or one a line.

    Parameters
    ----------
    raw, text
        Content of the file as bytes and as text.
    name
        What messages call it.

    Raises
    ------
    DataError
        If it is no JSON, too large, nested too deep, or holds no records.
    """
    if len(raw) > LARGEST_JSON or sum(map(raw.count, b",[{")) > MOST_VALUES:
        raise DataError(
            f"{name}: is larger than {LARGEST_JSON // MIB} MB or {MOST_VALUES:,} values. Split it, "
            "or export as .csv."
        )
    tables: dict[str, list[Record]] = {}
    for key, records in _tables(_load(text, name)):
        tables.setdefault(key, []).extend(records)
    for key, records in tables.items():
        if records:
            yield key, _grid(records, name)


def _load(text: str, name: str) -> Any:
    """Content of a JSON text, or the list of its lines' contents; numbers stay as written."""
    decoder = json.JSONDecoder(
        parse_int=lambda digits: _number(digits, name),
        parse_float=lambda digits: _number(digits, name),
        parse_constant=lambda _: _refuse(name, "a number that is none (NaN or Infinity)"),
    )
    text = text.strip().removeprefix("\ufeff")
    try:
        content, end = decoder.raw_decode(text)
        if not text[end:].strip():
            return content
        return [decoder.decode(line) for line in text.splitlines() if line.strip()]
    except json.JSONDecodeError as error:
        line = text.count("\n", 0, error.pos) + 1 if error.doc is text else 0
        _refuse(name, f"a fault in line {line:,}" if line else "a line that is no JSON")
    except RecursionError:
        _refuse(name, "too many brackets in one another")


def _number(digits: str, name: str) -> str:
    """Return a number as it is written."""
    if len(digits) > LONGEST_NUMBER:
        _refuse(name, f"a number of more than {LONGEST_NUMBER} digits")
    return digits


def _tables(content: Any) -> Iterator[tuple[str, list[Record]]]:
    """Lists of records in a JSON content, each with the name it has there."""
    if isinstance(content, dict):
        found = _lists(content)
        yield from found.items() if found else [("", [content])]
    elif isinstance(content, list):
        pages = bool(content) and all(_is_page(item) for item in content)
        for item in content:
            if pages:
                yield from _lists(item).items()
            elif isinstance(item, list):
                yield from _tables(item)
            elif isinstance(item, dict):
                yield "", [item]


def _is_page(item: Any) -> bool:
    """Whether an object is a page of records rather than one."""
    return isinstance(item, dict) and "id" not in item and bool(_lists(item))


def _lists(item: Record) -> dict[str, list[Record]]:
    """Return the values of an object that are lists of objects."""
    return {
        key: value for key, value in item.items()
        if isinstance(value, list) and all(isinstance(record, dict) for record in value)
        and (value or "total_entries" in item)
    }  # fmt: skip


def _grid(records: list[Record], name: str) -> pd.DataFrame:
    """Grid of records: the first line has the names, in the order in which they first come."""
    flat = [dict(_flatten(record, "", 0, name)) for record in records]
    names: dict[str, None] = {}
    for cells in flat:
        names.update(dict.fromkeys(cells))
        if len(names) > MOST_CELLS:
            _refuse(name, f"records with more than {MOST_CELLS:,} names")
    rows = [list(names), *([cells.get(key, "") for key in names] for cells in flat)]
    return grid_of([piece_of_rows(rows, range(1, len(rows) + 1), name)])


def _flatten(value: Any, path: str, depth: int, name: str) -> Iterator[tuple[str, str]]:
    """Names and texts within a value; lists of objects within a record are left out."""
    if isinstance(value, dict):
        if depth >= DEEPEST:
            _refuse(name, "too many brackets in one another")
        for key, inner in value.items():
            yield from _flatten(inner, f"{path}.{key}" if path else key, depth + 1, name)
    elif isinstance(value, list):
        if not any(isinstance(item, dict | list) for item in value):
            yield path, ";".join(map(_text, value))
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    """Return a scalar as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return re.sub("[\ud800-\udfff]", "\ufffd", value)


def _refuse(name: str, what: str) -> NoReturn:
    raise DataError(
        f"{name}: cannot be read as JSON: {what}. Export it again, or as .csv."
    ) from None
