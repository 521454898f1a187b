"""Made-up practices with a known effect: the demo practice, and small panels for calibration."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from partner_analysis import storage
from partner_analysis.simulate import exports
from partner_analysis.simulate.care import planted_care
from partner_analysis.simulate.means import (
    COMPLETE_WEEKS,
    WEEKS,
    active_weeks,
    base_means,
    expected_arrivals,
    random_stream,
    touched_cells,
)
from partner_analysis.simulate.plan import (
    CLINICS,
    CLOSED_DAYS,
    LAST_DAY,
    PARTNERS,
    PERSONAS,
    SEED,
    SLUG,
    Partner,
)
from partner_analysis.simulate.texts import PRACTICE_TOML
from partner_analysis.tables import DAYS_PER_MONTH, SettingsError

NOTES: Final = [
    "total: expected extra new patients over the active cells and complete weeks, given the "
    "shocks that occurred and all other partnerships running as they did; not a draw.",
    "per_month: total / (active days / 30.4375), all cells together.",
    "log_rate_ratio: log of the expected patients with and without, over the active window; "
    "null where almost nobody would have come without.",
    "capture: share of the patients who came through the partner and name it; false_naming: "
    "share of the other patients of its cells who name it while it runs.",
    "named: patients of the active window whose text names the partner in words that can be told.",
]


@dataclass(frozen=True)
class Simulated:
    """A made-up practice and everything that is true of it.

    Attributes
    ----------
    counts
        One row per clinic, persona and complete week since the clinic opened: ``period``,
        ``clinic``, ``persona``, ``new_patients``. Correct cleaning recovers exactly these.
    named
        One row per clinic, persona, complete week and partnership that somebody named in words
        that can be told: ``period``, ``clinic``, ``persona``, ``partnership_id``, ``named``.
    partnerships
        The register, in the columns that ``estimate_effect`` takes, with ``aims`` and ``provider``.
    evaluations
        One row per new patient: ``day``, ``clinic``, ``persona``, ``through`` (the partnership
        that brought the patient, or empty), ``named`` (ids in the order written), ``vague``.
    truth
        What is written to ``truth.json``: the planted effects and how they were counted.
    """

    counts: pd.DataFrame
    named: pd.DataFrame
    partnerships: pd.DataFrame
    evaluations: pd.DataFrame
    truth: dict[str, Any]


def simulate_practice(*, seed: int = SEED) -> Simulated:
    """The demo practice in memory: true counts, named counts, register and planted truth.

    Planted totals are expected extra new patients given the shocks that occurred: the sum of the
    mean with the partnership minus the mean without it (all others running as they did) over its
    active cells and complete weeks. They are no draws.
    """
    base = base_means(random_stream(seed, 1))
    means = expected_arrivals(base, PARTNERS)
    without = {
        partner.partnership_id: expected_arrivals(base, [p for p in PARTNERS if p is not partner])
        for partner in PARTNERS
    }
    drawn = random_stream(seed, 2).poisson(means)
    drawn[:, :, -1] = random_stream(seed, 3).poisson(
        means[:, :, -1] * 0.5
    )  # the year ends on Wednesday
    evaluations = _draw_evaluations(random_stream(seed, 4), drawn, means, without)
    named = _count_named(evaluations)
    truth = {
        "made_up": True,
        "seed": seed,
        "definition": "first evaluation",
        "first_period": WEEKS[0].isoformat(),
        "last_period": WEEKS[COMPLETE_WEEKS - 1].isoformat(),
        "new_patients": int(drawn[:, :, :COMPLETE_WEEKS].sum()),
        "partnerships": {
            p.partnership_id: _truth_of(p, means, without[p.partnership_id], named)
            for p in PARTNERS
        },
        "care": planted_care(),
        "notes": NOTES,
    }
    return Simulated(_count_table(drawn), named, _partnership_table(), evaluations, truth)


def write_practice(folder: str | Path, *, seed: int = SEED) -> Path:
    """Write the made-up practice and return the path of its ``practice.toml``.

    The folder then holds ``practice.toml`` and ``data/raw/demo/``: three referral exports, the
    register with its aliases, clinics, goals, activities, flows and areas, and ``truth.json``. The
    same seed gives the same bytes.

    Raises
    ------
    SettingsError
        If the folder holds another practice, or files in ``data/raw/demo`` of none.
    """
    root = Path(folder)
    _refuse_another(root)
    simulated = simulate_practice(seed=seed)
    files = exports.export_files(
        simulated.evaluations,
        rng=random_stream(seed, 5),
        care_rng=random_stream(seed, 6),
        homes_rng=random_stream(seed, 9),
    )
    files |= exports.register_files(rng=random_stream(seed, 8))
    files["truth.json"] = (json.dumps(simulated.truth, indent=2) + "\n").encode()
    for name, content in files.items():
        storage.write_bytes(content, root / "data" / "raw" / SLUG / name)
    return storage.write_bytes(PRACTICE_TOML.encode(), root / "practice.toml")


def _refuse_another(root: Path) -> None:
    """Refuse a folder whose practice is not the made-up one; its files would be lost."""
    settings, raw = root / "practice.toml", root / "data" / "raw" / SLUG
    if settings.exists():
        try:
            head = storage.read_toml(settings).get("practice", {})
            ours = head.get("made_up") is True and head.get("slug") == SLUG
        except (SettingsError, AttributeError):
            ours = False
    else:
        ours = not (raw.exists() and any(raw.iterdir()))
    if not ours:
        raise SettingsError(
            f"{root}: holds a practice that is not the made-up one, and nothing is written over. "
            "Name a new or empty folder: partner-analysis simulate FOLDER."
        )


def _truth_of(
    partner: Partner, means: np.ndarray, without: np.ndarray, named: pd.DataFrame
) -> dict[str, Any]:
    """The planted effect of one partnership in its active cells and complete weeks."""
    active = np.flatnonzero(active_weeks(partner)[:COMPLETE_WEEKS])
    cells = touched_cells(partner)
    with_it, without_it = (float(m[cells][:, active].sum()) for m in (means, without))
    total = with_it - without_it
    named_here = named[
        (named["partnership_id"] == partner.partnership_id)
        & named["clinic"].isin(partner.clinics)
        & named["persona"].isin(partner.personas)
        & named["period"].isin(pd.to_datetime([WEEKS[week] for week in active]))
    ]
    return {
        "total": round(total, 4) + 0.0,
        "per_month": round(total / (7 * len(active) / DAYS_PER_MONTH), 4) + 0.0,
        "log_rate_ratio": (
            round(float(np.log(with_it / without_it)), 4) if without_it >= 5 else None
        ),
        "expected_without": round(without_it, 4),
        "active_weeks": len(active),
        "cells": int(cells.sum()),
        "named": int(named_here["named"].sum()),
        "capture": partner.capture,
        "false_naming": partner.false_naming,
    }


def _draw_evaluations(
    rng: np.random.Generator,
    drawn: np.ndarray,
    means: np.ndarray,
    without: dict[str, np.ndarray],
) -> pd.DataFrame:
    """Every new patient: the day, the cell, who brought them and whom they name."""
    rows: list[tuple[date, str, str, str, tuple[str, ...], str]] = []
    for week, clinic, persona in np.ndindex(len(WEEKS), len(CLINICS), len(PERSONAS)):
        cell = (clinic, persona, week)
        for _ in range(int(drawn[cell])):
            day = _draw_day(rng, WEEKS[week])
            through = _draw_partner(
                rng, float(means[cell]), {k: float(m[cell]) for k, m in without.items()}
            )
            named, vague = _draw_named(rng, through, clinic, persona, day)
            names = (CLINICS[clinic].name, PERSONAS[persona].name)
            rows.append((day, *names, through, named, vague))
    columns = ["day", "clinic", "persona", "through", "named", "vague"]
    return pd.DataFrame(rows, columns=columns)


def _draw_day(rng: np.random.Generator, week: date) -> date:
    """An open day of the week, Monday to Friday, before the practice's last day."""
    days = [week + timedelta(days=d) for d in range(5)]
    open_days = [day for day in days if day not in CLOSED_DAYS and day <= LAST_DAY]
    return open_days[int(rng.random() * len(open_days))]


def _draw_partner(rng: np.random.Generator, mean: float, without: dict[str, float]) -> str:
    """The partnership through which one arrival came, with the share that it adds, or none."""
    position = rng.random() * mean
    for partnership_id, mean_without in without.items():
        position -= mean - mean_without
        if position < 0 and mean > mean_without:
            return partnership_id
    return ""


def _draw_named(
    rng: np.random.Generator, through: str, clinic: int, persona: int, day: date
) -> tuple[tuple[str, ...], str]:
    """Whom one patient names in words that can be told (at most two), and whom only vaguely."""
    named: list[str] = []
    vague = ""
    for partner in PARTNERS:
        names_it = rng.random() < _naming_rate(partner, through, clinic, persona, day)
        tellable = rng.random() >= 0.06
        if names_it and tellable:
            named.append(partner.partnership_id)
        elif names_it:
            vague = partner.partnership_id
    return tuple(named[:2]), "" if named else vague


def _naming_rate(partner: Partner, through: str, clinic: int, persona: int, day: date) -> float:
    """How probably one patient names one partner."""
    if through == partner.partnership_id:
        return partner.capture
    running = partner.start <= day <= (partner.end or LAST_DAY)
    if not touched_cells(partner)[clinic, persona]:
        return 0.003 if running else 0.0
    return partner.false_naming if running else partner.stray_naming


def _count_table(drawn: np.ndarray) -> pd.DataFrame:
    """One row per clinic, persona and complete week since the clinic opened."""
    rows = [
        (WEEKS[week], clinic.name, persona.name, int(drawn[i, j, week]))
        for i, clinic in enumerate(CLINICS)
        for j, persona in enumerate(PERSONAS)
        for week in range(COMPLETE_WEEKS)
        if WEEKS[week] >= clinic.opened
    ]
    counts = pd.DataFrame(rows, columns=["period", "clinic", "persona", "new_patients"])
    return counts.assign(period=pd.to_datetime(counts["period"]))


def _count_named(evaluations: pd.DataFrame) -> pd.DataFrame:
    """One row per clinic, persona, complete week and partnership that somebody named."""
    days = pd.to_datetime(evaluations["day"])
    told = evaluations.assign(period=days - pd.to_timedelta(days.dt.day_of_week, unit="D"))
    told = told[told["period"] <= pd.Timestamp(WEEKS[COMPLETE_WEEKS - 1])]
    told = told.explode("named").dropna(subset="named").rename(columns={"named": "partnership_id"})
    keys = ["period", "clinic", "persona", "partnership_id"]
    return told.groupby(keys).size().rename("named").reset_index()


def _partnership_table() -> pd.DataFrame:
    """The register as ``estimate_effect`` takes it."""
    columns = ("partnership_id", "name", "kind", "clinics", "personas", "aims", "provider")
    register = pd.DataFrame([{c: getattr(p, c) for c in columns} for p in PARTNERS])
    register["start_date"] = pd.to_datetime([p.start for p in PARTNERS])
    register["end_date"] = pd.to_datetime(pd.Series([p.end for p in PARTNERS], dtype=object))
    return register
