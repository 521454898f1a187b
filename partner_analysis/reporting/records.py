"""Effects as files: one JSON each, one CSV of all, and what differs between two reports."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.tables import DataError, Interval

SCHEMA_VERSION: Final = 1
INTERVALS: Final = ("total", "per_month", "percent")
TABLES: Final = ("periods", "checks", "comparison", "placebos")
DAYS: Final = ("first_day", "last_day", "tell_from")
NAME_LISTS: Final = ("notes", "bundle")
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def effect_record(effect: Effect) -> dict[str, Any]:
    """The effect as plain JSON values; ``effect_from_record`` gives the same effect back.

    No number is null, an open end "Infinity" or "-Infinity", a day ISO text, a table its columns
    with their types.
    """
    record: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
    for attribute in fields(effect):
        value = getattr(effect, attribute.name)
        if isinstance(value, Interval):
            value = [_plain(end) for end in (value.estimate, value.low, value.high)]
        elif isinstance(value, pd.DataFrame):
            value = _table_record(value)
        elif isinstance(value, tuple):
            value = [str(item) for item in value]
        else:
            value = _plain(value)
        record[attribute.name] = value
    return record


def effect_from_record(record: Mapping[str, Any]) -> Effect:
    """The effect that ``effect_record`` wrote down.

    Raises
    ------
    DataError
        If the record is of another schema or not whole.
    """
    if record.get("schema_version") != SCHEMA_VERSION:
        raise DataError(
            f"The effect file has schema version {record.get('schema_version')}, and "
            f"{SCHEMA_VERSION} is needed. Make that report again with this version."
        )
    names = [attribute.name for attribute in fields(Effect)]
    missing = [name for name in names if name not in record]
    if missing:
        raise DataError(f"The effect file lacks {', '.join(missing)}. Make that report again.")
    return Effect(**{name: _restored(name, record[name]) for name in names})


def effects_table(effects: Mapping[str, Effect]) -> pd.DataFrame:
    """One row per partnership: verdict, intervals and named counts, safe to open as a sheet.

    Returns
    -------
    DataFrame
        Numbers as they are; a text that a spreadsheet would run as a formula has ``'`` before it.
    """
    rows = []
    for identifier, effect in effects.items():
        row: dict[str, Any] = {
            "partnership_id": identifier,
            "name": effect.name,
            "kind": effect.kind,
            "verdict": effect.verdict,
        }
        for measure in INTERVALS:
            interval = getattr(effect, measure)
            row |= {
                measure: interval.estimate,
                f"{measure}_low": interval.low,
                f"{measure}_high": interval.high,
            }
        row |= {
            "level": effect.level,
            "p_value": effect.p_value,
            "named": effect.named,
            "observed": effect.observed,
            "expected": effect.expected,
            "first_day": _plain(effect.first_day),
            "last_day": _plain(effect.last_day),
            "n_pre": effect.n_pre,
            "n_post": effect.n_post,
            "method": effect.method,
            "bundle": ";".join(effect.bundle),
        }
        rows.append({column: _cell(value) for column, value in row.items()})
    return pd.DataFrame(rows)


def _cell(value: Any) -> Any:
    """A cell that no spreadsheet runs."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + value
    return value


def _plain(value: Any) -> Any:
    """A number, day or text as JSON knows it."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat() if value != value.normalize() else f"{value:%Y-%m-%d}"
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
    return value


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _restored(name: str, value: Any) -> Any:
    """One attribute of an effect from its JSON value."""
    if name in INTERVALS:
        return Interval(*(_number(end) for end in value))
    if name in TABLES:
        return _table_from_record(value)
    if name in NAME_LISTS:
        return tuple(value)
    if name in DAYS:
        return pd.NaT if value is None else pd.Timestamp(value)
    if name in ("partnership_id", "name", "kind", "verdict", "method", "n_pre", "n_post"):
        return value
    if name == "named":
        return None if value is None else float(value)
    return _number(value)


def _table_record(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "column": str(name),
            "dtype": str(table[name].dtype),
            "values": [_plain(value) for value in table[name]],
        }
        for name in table.columns
    ]


def _table_from_record(columns: list[dict[str, Any]]) -> pd.DataFrame:
    restored = {}
    for column in columns:
        values, dtype = column["values"], column["dtype"]
        if dtype == "float64":
            values = [_number(value) for value in values]
        restored[column["column"]] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(restored)
