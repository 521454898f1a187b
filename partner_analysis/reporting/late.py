"""What became of periods that the last report had counted already: entered late, or corrected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from partner_analysis.reporting.numbers import count_text, day_text, list_text, short_name

if TYPE_CHECKING:
    from partner_analysis.reporting.study import Study

BEFORE = "periods that the last report had counted already"


def counted_by(study: Study) -> dict[str, Any]:
    """New patients by period, by clinic and kind of patient, and those who named each partner.

    ``cells`` and ``named`` have one number for each period of ``new_patients``, in its order,
    as one text each.
    """
    periods = pd.Index(sorted(study.counts["period"].unique()))
    total = study.counts.groupby("period")["new_patients"].sum()
    return {
        "new_patients": {f"{day:%Y-%m-%d}": float(number) for day, number in total.items()},
        "cells": _rows(study.counts, ["clinic", "persona"], "new_patients", periods),
        "named": _rows(study.named, ["partnership_id"], "named", periods),
        "names": dict(study.names),
    }


def late_sentences(basis: Mapping[str, Any], previous: Mapping[str, Any]) -> list[str]:
    """Say who joined or left periods counted before, who moved within them, who named whom.

    Parameters
    ----------
    basis, previous
        What ``counted_by`` gave, and ``complete_until``, now and in the last report.
    """
    counted = [
        (pd.Timestamp(day), number - previous["new_patients"][day])
        for day, number in basis["new_patients"].items()
        if day in previous["new_patients"] and day <= previous["complete_until"]
    ]
    said = _late(counted)
    if "cells" not in previous:  # a report of an earlier version
        return said
    change = _changes(basis, previous, "cells")
    net = np.abs(change.sum(axis=0))
    moved = int((np.abs(change).sum(axis=0) - net).sum() / 2)
    if moved:
        verb = "counts" if moved == 1 else "count"
        said.append(
            f"Corrected data: {count_text(moved, 'new patient')} of {BEFORE} now {verb} for "
            "another clinic or kind of patient."
        )
    return said + _named(basis, previous)


def more_and_fewer(changes: np.ndarray, what: str) -> str:
    """How many more and how many fewer: ``"3 new patients more and 1 new patient fewer"``."""
    more, fewer = changes[changes > 0].sum(), -changes[changes < 0].sum()
    parts = [f"{count_text(more, what)} more"] if more else []
    parts += [f"{count_text(fewer, what)} fewer"] if fewer else []
    return list_text(parts)


def _late(counted: list[tuple[pd.Timestamp, float]]) -> list[str]:
    """How many new patients joined or left periods counted before, by their totals."""
    days = [day for day, change in counted if change]
    if not days:
        return []
    parts = more_and_fewer(np.array([change for _, change in counted]), "new patient")
    return [f"Late data: {parts} in {BEFORE}, from {day_text(min(days))} on."]


def _named(basis: Mapping[str, Any], previous: Mapping[str, Any]) -> list[str]:
    """Of which partners more or fewer patients now say that they came through them."""
    parts = []
    keys = _both(basis, previous, "named")
    for key, change in zip(keys, _changes(basis, previous, "named"), strict=True):
        if change.any() and key in basis["names"]:
            name = short_name(basis["names"][key], most=45)
            parts.append(f"{name} ({more_and_fewer(change, 'patient')})")
    if not parts:
        return []
    return [
        f"Named otherwise in {BEFORE}: {list_text(parts)}; entered late, or their source corrected."
    ]


def _both(basis: Mapping[str, Any], previous: Mapping[str, Any], what: str) -> list[str]:
    return sorted({*basis[what], *previous[what]})


def _changes(basis: Mapping[str, Any], previous: Mapping[str, Any], what: str) -> np.ndarray:
    """What changed in periods that both counted: one row per cell or partner, one column each."""
    then, now = (list(one["new_patients"]) for one in (previous, basis))
    shared = [day for day in then if day in now and day <= previous["complete_until"]]
    keys = _both(basis, previous, what)

    def numbers(of: Mapping[str, Any], days: list[str]) -> np.ndarray:
        at = [days.index(day) for day in shared]
        nothing = " ".join(["0"] * len(days))
        rows = [np.array(of[what].get(key, nothing).split(), dtype=float)[at] for key in keys]
        return np.array(rows).reshape(len(keys), len(shared))

    return numbers(basis, now) - numbers(previous, then)


def _rows(
    table: pd.DataFrame | None, keys: list[str], value: str, periods: pd.Index
) -> dict[str, str]:
    """One text of numbers by period for each group of a table; groups of nobody are left out."""
    if table is None or table.empty:
        return {}
    wide = table.pivot_table(index=keys, columns="period", values=value, aggfunc="sum")
    wide = wide.reindex(columns=periods).fillna(0)
    names = [name if isinstance(name, str) else ", ".join(name) for name in wide.index]
    texts = (" ".join(f"{number:g}" for number in row) for row in wide.to_numpy())
    return dict(zip(names, texts, strict=True))
