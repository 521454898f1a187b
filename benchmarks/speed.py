"""Seconds and memory of an effect, beside what the machine needs merely to read the counts."""

from __future__ import annotations

import argparse
import inspect
import multiprocessing
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from tables import write_section

from partner_analysis.attribution.estimate import estimate_effect, estimate_effects
from partner_analysis.attribution.panel import latest

REPEATS = 15
SMALL = (12, 5, 156)
LARGE = (1000, 10, 260)
CELLS = (25, 50, 100, 200)  # clinics, at five personas and 156 weeks
WEEKS = (104, 156, 260, 416)  # at 25 clinics and five personas
GIB = 2**20  # ru_maxrss is in KiB


def make_practice(
    clinics: int, personas: int, weeks: int, partnerships: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts with season and clinics of their own sizes; partnerships on one to three clinics."""
    rng = np.random.default_rng([clinics, personas, weeks])
    mondays = pd.date_range("2020-01-06", periods=weeks, freq="W-MON")
    names = [f"clinic {c:04d}" for c in range(clinics)]
    whom = [f"persona {p}" for p in range(personas)]
    size = rng.gamma(4, 0.8, (clinics, personas, 1))
    phase = rng.uniform(size=(personas, 1))
    season = 1 + 0.15 * np.cos(2 * np.pi * (np.arange(weeks) / 52.18 - phase))
    cells = pd.MultiIndex.from_product(
        [names, whom, mondays], names=["clinic", "persona", "period"]
    )
    drawn = rng.poisson(size * season * rng.gamma(8, 1 / 8, (clinics, personas, weeks)))
    counts = pd.DataFrame({"new_patients": drawn.ravel()}, index=cells).reset_index()
    rows = [
        {
            "partnership_id": f"partner-{number:03d}",
            "name": f"Partner {number}",
            "kind": "gym",
            "clinics": tuple(rng.choice(names, min(clinics, rng.integers(1, 4)), replace=False)),
            "personas": () if rng.random() < 0.5 else (str(rng.choice(whom)),),
            "start_date": mondays[int(rng.integers(weeks // 2, int(weeks * 0.75)))],
            "end_date": pd.NaT,
        }
        for number in range(partnerships)
    ]
    return counts, pd.DataFrame(rows)


def seconds_of(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median seconds of a call that knows nothing of the last, after one that is not counted."""
    call()
    taken = []
    for _ in range(repeats):
        latest.clear()
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return float(np.median(taken))


def _unchecked(function: Callable[..., object]) -> dict[str, bool]:
    return {"checks": False} if "checks" in inspect.signature(function).parameters else {}


def one_effect() -> list[str]:
    """One effect at the small size, as seconds and as multiples of reading the counts once."""
    counts, partnerships = make_practice(*SMALL, 1)
    matrix = counts["new_patients"].to_numpy().reshape(-1, SMALL[2])
    one = partnerships["partnership_id"].iloc[0]
    numpy_pass = seconds_of(lambda: np.log1p(matrix).sum(axis=1), 200)
    keys = ["clinic", "persona"]
    grouped = seconds_of(lambda: counts.groupby(keys, observed=True)["new_patients"].sum())
    timed = {"effect, checks off": _unchecked(estimate_effect), "effect, checks on": {}}
    lines = [
        _line("one numpy pass over the counts", numpy_pass, numpy_pass, grouped),
        _line("one pandas groupby of the counts", grouped, numpy_pass, grouped),
    ]
    for label, extra in timed.items():
        taken = seconds_of(lambda extra=extra: estimate_effect(counts, partnerships, one, **extra))
        lines.append(_line(label, taken, numpy_pass, grouped))
    return lines


def _line(label: str, taken: float, numpy_pass: float, grouped: float) -> str:
    return f"| {label} | {taken * 1000:.2f} | {taken / numpy_pass:.0f} | {taken / grouped:.1f} |"


def many_effects(size: tuple[int, int, int], partnerships: int) -> dict[str, float]:
    """All effects of a large practice: seconds, and peak memory in GiB before and in all."""
    counts, register = make_practice(*size, partnerships)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB
    began = time.perf_counter()
    grouped = counts.groupby(["clinic", "persona"], observed=True)["new_patients"].sum()
    read = time.perf_counter() - began
    began = time.perf_counter()
    effects = estimate_effects(counts, register, **_unchecked(estimate_effects))
    taken = time.perf_counter() - began
    return {
        "seconds": taken,
        "groupby seconds": read,
        "cells": float(len(grouped)),
        "with a number": float(np.mean([e.total.is_number for e in effects.values()])),
        "GiB before": before,
        "GiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB,
    }


def in_a_child(size: tuple[int, int, int], partnerships: int) -> dict[str, float]:
    """``many_effects`` in a process of its own, so that its peak memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as child:
        return child.apply(many_effects, (size, partnerships))


def _prepared(size: tuple[int, int, int]) -> Callable[[], object]:
    counts, register = make_practice(*size, 1)
    one, extra = register["partnership_id"].iloc[0], _unchecked(estimate_effect)
    return lambda: estimate_effect(counts, register, one, **extra)


def growth(sizes: list[tuple[int, int, int]], along: int) -> str:
    """Slope of log seconds on log size for one effect without checks."""
    taken = [seconds_of(_prepared(size), 5) for size in sizes]
    reach = np.array([size[along] for size in sizes], dtype=float)
    if along == 0:
        reach *= sizes[0][1]
    slope, _ = np.polyfit(np.log(reach), np.log(taken), 1)
    shown = ", ".join(f"{t * 1000:.0f}" for t in taken)
    steps = ", ".join(f"{r:.0f}" for r in reach)
    return f"| {['cells', '', 'weeks'][along]} | {steps} | {shown} | {slope:.2f} |"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--write", type=Path, help="file with a section 'Speed', else the screen")
    asked.add_argument("--small", action="store_true", help="without the 1,000 clinics")
    chosen = asked.parse_args()
    text = [
        "12 clinics x 5 personas x 156 weeks, one persona at three clinics, median of 15 "
        "(the growth rows reach one to\nthree clinics, as drawn):\n",
        "| what | ms | x numpy pass | x groupby |",
        "| --- | --- | --- | --- |",
        *one_effect(),
        "\nGrowth, one effect without checks:\n",
        "| along | sizes | ms | slope of log seconds |",
        "| --- | --- | --- | --- |",
        growth([(clinics, 5, 156) for clinics in CELLS], 0),
        growth([(25, 5, weeks) for weeks in WEEKS], 2),
    ]
    if not chosen.small:
        large = in_a_child(LARGE, 200)
        text += [
            "\n200 partnerships, 1,000 clinics x 10 personas x 260 weeks, one process:\n",
            "| " + " | ".join(large) + " |",
            "|" + " --- |" * len(large),
            "| " + " | ".join(f"{value:.2f}" for value in large.values()) + " |",
        ]
    print("\n".join(text))
    if chosen.write:
        write_section(chosen.write, "Speed", "\n".join(text))


if __name__ == "__main__":
    main()
