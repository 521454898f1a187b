"""All partnerships side by side, worked out once in a run and read by all that tell of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.portfolio.compare import Portfolio
from partner_analysis.reporting.kept import STANDINGS_FILE
from partner_analysis.reporting.records import table_from_record, table_record
from partner_analysis.tables import DataError, Interval

FILE: Final = "portfolio.json"
INTERVALS: Final = ("winner", "together")


def portfolio_kept(tables: Path, make: Callable[[], Portfolio]) -> Portfolio:
    """The portfolio that a run has left for the effects in its tables; else made, and left."""
    key = _key(tables)
    before = _read(tables / FILE)
    if before.keys() == {"key", "portfolio"} and before["key"] == key:
        return portfolio_from_record(before["portfolio"])
    made = make()
    record = {"key": key, "portfolio": portfolio_record(made)}
    storage.write_json(record, tables / FILE, private=True)
    return made


def portfolio_record(portfolio: Portfolio) -> dict[str, Any]:
    """A portfolio as plain JSON values; ``portfolio_from_record`` gives the same back."""
    places = portfolio.places
    together = [";".join(members) for members in places["members"]]
    ends = {name: getattr(portfolio, name) for name in INTERVALS}
    return {
        "places": table_record(places.assign(members=together)),
        "left_out": table_record(portfolio.left_out),
        "alike": [[int(first), int(last)] for first, last in portfolio.alike],
        "correlation": [_plain(row) for row in portfolio.correlation],
        **{name: _plain((each.estimate, each.low, each.high)) for name, each in ends.items()},
        **{name: getattr(portfolio, name) for name in ("winner_id", "level", "prior")},
        "false_share": _plain([portfolio.false_share])[0],
    }


def portfolio_from_record(record: Mapping[str, Any]) -> Portfolio:
    """The portfolio that ``portfolio_record`` wrote down."""
    places = table_from_record(record["places"])
    members = pd.Series([tuple(text.split(";")) for text in places["members"]], dtype=object)
    size = len(places)
    return Portfolio(
        places=places.assign(members=members),
        left_out=table_from_record(record["left_out"]),
        alike=tuple((first, last) for first, last in record["alike"]),
        correlation=np.array(record["correlation"], dtype=float).reshape(size, size),
        winner_id=record["winner_id"],
        level=record["level"],
        prior=record["prior"],
        false_share=float(record["false_share"]),
        **{name: Interval(*map(float, record[name])) for name in INTERVALS},
    )


def _plain(numbers: Any) -> list[float | str]:
    """Numbers as JSON knows them; what is none as its name, which ``float`` understands."""
    return [float(n) if np.isfinite(n) else str(float(n)) for n in numbers]


def _key(tables: Path) -> str:
    """Fingerprint of the effects and standings in some tables, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in [*sorted((tables / "effects").glob("*")), tables / STANDINGS_FILE]:
        if path.is_file():
            digest.update(f"{path.name} {storage.fingerprint(path)}\n".encode())
    return digest.hexdigest()


def _read(path: Path) -> dict[str, Any]:
    """What a run has left; empty where that is nothing that can be read."""
    try:
        found = storage.read_json(path) if path.exists() else {}
    except DataError:
        return {}
    return found if isinstance(found, dict) else {}
