"""Effects as files: one JSON each, one CSV of all, and what differs between two reports."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, Final

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.named.reconcile import Reconciliation
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.tables import NO_NUMBER, DataError, Interval

SCHEMA_VERSION: Final = 1
INTERVALS: Final = ("total", "per_month", "percent")
MAYBE_INTERVALS: Final = ("control", "blended", "together")
TABLES: Final = (
    "periods", "checks", "comparison", "placebos",
    "priors", "moved", "event_study", "trend_bounds", "course", "ahead",
)  # fmt: skip
DAYS: Final = ("first_day", "last_day", "tell_from", "end_day")
NAME_LISTS: Final = ("notes", "bundle", "grade_limits", "together_with")
AS_THEY_ARE: Final = (
    "partnership_id", "name", "kind", "verdict", "method", "n_pre", "n_post", "n_cells",
    "grade", "at_least", "capacity",
)  # fmt: skip
NOT_KEPT: Final = "draws"
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def effect_record(effect: Effect) -> dict[str, Any]:
    """The effect as plain JSON values; ``effect_from_record`` gives the same effect back.

    No number is null, an open end "Infinity" or "-Infinity", a day ISO text, a table its columns
    with their types. The draws are left out; everything made from them is there.
    """
    record: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
    for attribute in fields(effect):
        if attribute.name != NOT_KEPT:
            record[attribute.name] = _recorded(getattr(effect, attribute.name))
    return record


def _recorded(value: Any) -> Any:
    """One attribute of an effect as JSON values."""
    if isinstance(value, Interval):
        return [_plain(end) for end in (value.estimate, value.low, value.high)]
    if isinstance(value, Reconciliation):
        return {name.name: _recorded(getattr(value, name.name)) for name in fields(value)}
    if isinstance(value, pd.DataFrame):
        return table_record(value)
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return _plain(value)


def effect_from_record(record: Mapping[str, Any]) -> Effect:
    """The effect that ``effect_record`` wrote down; what an earlier version lacked is empty.

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
    names = [attribute.name for attribute in fields(Effect) if attribute.name in record]
    missing = [
        attribute.name
        for attribute in fields(Effect)
        if attribute.name not in record
        and attribute.default is MISSING
        and attribute.default_factory is MISSING
    ]
    if missing:
        raise DataError(f"The effect file lacks {', '.join(missing)}. Make that report again.")
    return Effect(**{name: _restored(name, record[name]) for name in names})


def standing_record(standing: Standing) -> dict[str, Any]:
    """The standing as plain JSON values; ``standing_from_record`` gives the same back."""
    plain = standing.reviews.assign(bundle=[";".join(ids) for ids in standing.reviews["bundle"]])
    return {
        "partnership_id": standing.partnership_id,
        "standing": standing.standing,
        "reviewed_on": _plain(standing.reviewed_on),
        "next_review": _plain(standing.next_review),
        "reviews": table_record(plain.astype({"bundle": "str"})),
    }


def standing_from_record(record: Mapping[str, Any]) -> Standing:
    """The standing that ``standing_record`` wrote down."""
    reviews = table_from_record(record["reviews"])
    bundles = [tuple(filter(None, ids.split(";"))) for ids in reviews["bundle"]]
    return Standing(
        partnership_id=record["partnership_id"],
        standing=record["standing"],
        reviewed_on=_day(record["reviewed_on"]),
        next_review=_day(record["next_review"]),
        reviews=reviews.assign(bundle=pd.Series(bundles, index=reviews.index, dtype=object)),
    )


def effects_table(
    effects: Mapping[str, Effect], *, standings: Mapping[str, Standing] | None = None
) -> pd.DataFrame:
    """One row per partnership: standing, intervals and named counts, safe to open as a sheet.

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
            **_standing_cells((standings or {}).get(identifier)),
            "verdict": effect.verdict,
            "grade": effect.grade,
        }
        for measure in (*INTERVALS, *MAYBE_INTERVALS):
            interval = getattr(effect, measure) or NO_NUMBER
            row |= {
                measure: interval.estimate,
                f"{measure}_low": interval.low,
                f"{measure}_high": interval.high,
            }
        row |= {
            "level": effect.level,
            "p_value": effect.p_value,
            "named": effect.named,
            "reading": effect.reconciliation.reading if effect.reconciliation else None,
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


def _standing_cells(standing: Standing | None) -> dict[str, Any]:
    if standing is None:
        return {"standing": None, "reviewed_on": None, "next_review": None}
    return {
        "standing": standing.standing,
        "reviewed_on": _plain(standing.reviewed_on),
        "next_review": _plain(standing.next_review),
    }


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
    return _RESTORE.get(name, _number)(value)


def _interval(value: Any) -> Interval:
    return Interval(*(_number(end) for end in value))


def _day(value: Any) -> pd.Timestamp:
    return pd.NaT if value is None else pd.Timestamp(value)


def _reconciliation(value: Any) -> Reconciliation:
    return Reconciliation(
        _number(value["named"]),
        _interval(value["estimated"]),
        _interval(value["ratio"]),
        value["reading"],
    )


def _maybe(restore: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same, with null for nothing."""
    return lambda value: None if value is None else restore(value)


def table_record(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as JSON values, its columns with their types."""
    return [
        {
            "column": str(name),
            "dtype": str(table[name].dtype),
            "values": [_plain(value) for value in table[name]],
        }
        for name in table.columns
    ]


def table_from_record(columns: list[dict[str, Any]]) -> pd.DataFrame:
    """The table that ``table_record`` wrote down."""
    restored = {}
    for column in columns:
        values, dtype = column["values"], column["dtype"]
        if dtype == "float64":
            values = [_number(value) for value in values]
        restored[column["column"]] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(restored)


_RESTORE: Final[Mapping[str, Callable[[Any], Any]]] = (
    dict.fromkeys(INTERVALS, _interval)
    | dict.fromkeys(MAYBE_INTERVALS, _maybe(_interval))
    | dict.fromkeys(TABLES, table_from_record)
    | dict.fromkeys(NAME_LISTS, tuple)
    | dict.fromkeys(DAYS, _day)
    | dict.fromkeys(AS_THEY_ARE, lambda value: value)
    | {"named": _maybe(float), "reconciliation": _maybe(_reconciliation)}
)
