"""A made-up chain's export as its system would write it: a list of visits, a file a month."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

CLINICS = 1_000
VISITS_A_CASE = 12
FIRST, LAST = pd.Timestamp("2020-01-01"), pd.Timestamp("2024-12-31")
SETTINGS = """
[practice]
slug = "chain"
name = "Chain PT"
[[exports]]
kind = "visits"
files = "visits-*.csv"
date_format = "%m/%d/%Y"
evaluations = ["Initial Evaluation"]
[exports.columns]
patient = "Patient ID"
case = "Case ID"
patient_name = "Patient Name"
birth_date = "Date of Birth"
visited = "Visit Date"
visit_type = "Visit Type"
status = "Status"
clinic = "Clinic"
source_type = "Type"
source = "Contact"
diagnosis = "Diagnosis"
payer = "Payer"
[tables]
partnerships = "partnerships.csv"
aliases = "aliases.csv"
[[personas]]
name = "runner"
diagnosis_prefix = ["M76", "S86"]
[[personas]]
name = "older adult"
min_age = 65
"""
CHOICES = {
    "Type": ["Physician", "Other", "Internet"],
    "Diagnosis": ["M76.61", "S86.0", "O26.8", "M54.5", "M25.51", "Z47.1"],
    "Payer": ["PPO", "HMO", "Medicare"],
}
STATES = ["Arrived"] * 17 + ["Cancelled", "Cancelled", "No Show"]


def write_visits(folder: Path, rows: int, texts: np.ndarray) -> None:
    """About so many visits in a file a month, each case 12 of them at one clinic; with settings.

    One patient in four has two cases. What is said of a patient or case follows from its number,
    so that no table of all rows is ever in memory.
    """
    cases = rows // VISITS_A_CASE
    rng = np.random.default_rng([7, rows])
    start = rng.integers(0, (LAST - FIRST).days, cases, dtype="int32")
    steps = rng.integers(1, 6, (cases, VISITS_A_CASE), dtype="int32")
    steps[:, 0] = 0
    day = (start[:, None] + np.cumsum(steps, axis=1, dtype="int32")).ravel()
    case = np.repeat(np.arange(cases, dtype="int32"), VISITS_A_CASE)
    is_first = np.tile(np.arange(VISITS_A_CASE) == 0, cases)
    dates = pd.date_range(FIRST, periods=int(day.max()) + 1)
    month = ((dates.year - FIRST.year) * 12 + dates.month - 1).to_numpy("int32")[day]
    order = np.argsort(month, kind="stable")
    for number, some in enumerate(np.split(order, np.flatnonzero(np.diff(month[order])) + 1)):
        some = some[np.argsort(day[some], kind="stable")]
        table = _visits(case[some], day[some], is_first[some], dates, texts, cases)
        pa_csv.write_csv(table, folder / f"visits-{number + 1:03d}.csv")
    (folder / "practice.toml").write_text(SETTINGS)


def _visits(
    case: np.ndarray, day: np.ndarray, is_first: np.ndarray,
    dates: pd.DatetimeIndex, texts: np.ndarray, cases: int,
) -> pa.Table:  # fmt: skip
    """The visits of a month as texts."""
    patient = np.where(case % 5 == 4, case - 1, case).astype("int64")
    mixed = (patient * 2_654_435_761) % 4_294_967_291
    born = pd.date_range("1930-01-01", "2009-12-31").strftime("%m/%d/%Y").to_numpy()
    names = np.array([f"Faux{n}, Ada{n % 97}" for n in range(60_000)])
    state = np.random.default_rng([cases, int(case[0])]).integers(0, len(STATES), len(case))
    columns = {
        "Patient ID": pa.array(patient + 10_000_000),
        "Case ID": pa.array(case.astype("int64") + 5_000_000),
        "Patient Name": _of(names, mixed % len(names)),
        "Date of Birth": _of(born, (mixed // 7) % len(born)),
        "Visit Date": _of(dates.strftime("%m/%d/%Y").to_numpy(), day),
        "Visit Type": _of(np.array(["Follow Up", "Initial Evaluation"]), is_first.astype(int)),
        "Status": _of(np.array(STATES), state),
        "Clinic": _of(np.array([f"Clinic {n:04d}" for n in range(CLINICS)]), mixed % CLINICS),
        "Contact": _of(texts, case % len(texts)),
        **{name: _of(np.array(of), (mixed // 11) % len(of)) for name, of in CHOICES.items()},
    }
    return pa.table(columns)


def _of(texts: np.ndarray, numbers: np.ndarray) -> pa.Array:
    """The text of each number."""
    return pa.array(texts).take(pa.array(numbers))
