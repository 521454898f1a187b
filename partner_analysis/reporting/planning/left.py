"""A plan as files: a page is made of the plan that was told, and nothing is planned twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.planning.designs import Design
from partner_analysis.attribution.planning.plan import Plan

PLAN_FILE: Final = "plan.json"
TABLES: Final = ("answers", "looks")
NUMBERS: Final = ("percent", "per_month", "best_months")


def leave_plan(plan: Plan, asked: Mapping[str, object], folder: Path) -> None:
    """Leave a plan, with what was asked, in a private folder."""
    left: dict[str, Any] = {
        each.name: getattr(plan, each.name) for each in fields(plan) if each.name not in TABLES
    }
    left |= {name: None if pd.isna(left[name]) else left[name] for name in NUMBERS}
    left["start"] = f"{plan.start:%Y-%m-%d}"
    left["designs"] = [
        {"key": key, "name": each.name, "waves": each.waves, "personas": each.personas}
        for key, each in plan.designs.items()
    ]
    for name in TABLES:
        storage.write_table(getattr(plan, name), folder / f"plan.{name}.parquet")
    storage.write_json({"asked": asked, "plan": left}, folder / PLAN_FILE, private=True)


def left_plan(asked: Mapping[str, object], folder: Path | None) -> Plan | None:
    """The plan that was left in a folder for just this question; None where there is none."""
    if folder is None or not (folder / PLAN_FILE).exists():
        return None
    found = storage.read_json(folder / PLAN_FILE)
    if found["asked"] != asked:
        return None
    left = found["plan"]
    left |= {name: float("nan") for name in NUMBERS if left[name] is None}
    left |= {name: storage.read_table(folder / f"plan.{name}.parquet") for name in TABLES}
    designs = {each["key"]: _design(each) for each in left["designs"]}
    return Plan(**{**left, "start": pd.Timestamp(left["start"]), "designs": designs})


def _design(left: Mapping[str, Any]) -> Design:
    waves = tuple(tuple(wave) for wave in left["waves"])
    return Design(left["name"], waves, tuple(left["personas"]))
