"""Accuracy of ours and its peers on the same made-up practices: see README.md beside this."""

from __future__ import annotations

import argparse
import functools
import hashlib
import importlib
import os
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")
os.environ.setdefault("RAYON_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from latent import Practice, practice, worlds
from methods import METHODS, Answer
from tables import as_markdown, compare_runs, summarise, write_section

REGIMES = (
    "one clinic, five personas",
    "one clinic, total only",
    "eight clinics, one treated",
    "eight clinics, one treated, all personas",
    "twelve clinics, staggered",
    "twelve clinics, overlapping",
    "one to three patients a cell-week",
    "already growing 15% a year faster",
    "one clinic, total only, monthly",
    "eight clinics, monthly",
)
EFFECTS = (0.0, 0.25)
RESULTS = Path(__file__).parent / "results"
KEPT_EVERY = 20


def run_missing(
    method: str, regime: str, replications: int, *, again: bool, only_kept: bool
) -> pd.DataFrame:
    """All runs of a method in a regime, from what is kept; what is missing is run and kept."""
    kept = RESULTS / method / f"{regime.replace(' ', '-').replace('%', '')}.csv"
    kept.parent.mkdir(parents=True, exist_ok=True)
    if again:
        kept.unlink(missing_ok=True)
    runs = pd.read_csv(kept) if kept.exists() else pd.DataFrame(columns=["effect", "seed"])
    code = code_of(method)
    runs = runs[runs["code"] == code] if "code" in runs else runs
    done = set(zip(runs["effect"], runs["seed"], strict=True))
    wanted = range(min(replications, METHODS[method].at_most))
    tasks = [(e, s) for s in wanted for e in EFFECTS if (e, s) not in done]
    if tasks and only_kept:
        tasks = []
    if tasks:
        answer = METHODS[method].load()
        _try(answer, practice(worlds.WORLDS[regime], 999_999))
    for first in range(0, len(tasks), KEPT_EVERY):
        some = tasks[first : first + KEPT_EVERY]
        rows = [run_one(answer, regime, *task) | {"code": code} for task in some]
        runs = pd.concat([runs, pd.DataFrame(rows)]) if len(runs) else pd.DataFrame(rows)
        runs.to_csv(kept, index=False)
    return runs[runs["seed"].isin(wanted)].assign(method=method, regime=regime)


@functools.cache
def code_of(method: str) -> str:
    """Short hash of what the answer hangs on: ours is run again once the estimators change."""
    read = [Path(worlds.__file__)]
    if method == "ours":
        library = Path(importlib.import_module("partner_analysis").__path__[0])
        read += [library / "tables.py", *sorted((library / "attribution").glob("*.py"))]
    return "code " + hashlib.sha256(b"".join(path.read_bytes() for path in read)).hexdigest()[:12]


def run_one(
    answer: Callable[[Practice], Answer], regime: str, effect: float, seed: int
) -> dict[str, object]:
    """One practice, one method: what was true, what was said, and its processor time."""
    drawn = practice(replace(worlds.WORLDS[regime], effect=effect), seed)
    began = time.process_time()
    (estimate, low, high), note = _try(answer, drawn)
    seconds = time.process_time() - began
    return {
        "effect": effect,
        "seed": seed,
        "truth": drawn.truth,
        "months": drawn.months,
        "estimate": estimate,
        "low": low,
        "high": high,
        "seconds": seconds,
        "note": note,
    }


def _try(answer: Callable[[Practice], Answer], drawn: Practice) -> tuple[Answer, str]:
    """The answer, or no number with the reason, whatever the method throws."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return answer(drawn), ""
        except Exception as reason:
            return (np.nan, np.nan, np.nan), f"{type(reason).__name__}: {reason}"[:200]


def main() -> None:
    """Run what is missing, then write the tables."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--methods", default=",".join(METHODS), help="comma-separated names")
    asked.add_argument("--replications", type=int, default=200)
    asked.add_argument("--regimes", default="", help="only those whose name contains this")
    asked.add_argument("--again", default="", help="of these, what was said before is forgotten")
    asked.add_argument("--write", type=Path, help="file with a section 'Accuracy', else the screen")
    asked.add_argument("--kept", action="store_true", help="run nothing, show what is kept")
    chosen = asked.parse_args()
    runs = []
    for regime in [name for name in REGIMES if chosen.regimes in name]:
        for method in chosen.methods.split(","):
            began = time.perf_counter()
            again = method in chosen.again.split(",")
            given = {"again": again, "only_kept": chosen.kept}
            runs.append(run_missing(method, regime, chosen.replications, **given))
            print(f"{regime}: {method} {time.perf_counter() - began:.0f} s", flush=True)
    all_runs = pd.concat(runs)
    text = as_markdown(compare_runs(all_runs), summarise(all_runs))
    if chosen.write:
        write_section(chosen.write, "Accuracy", f"{_made_by(chosen)}\n\n{text}")
    else:
        print(text)


def _made_by(chosen: argparse.Namespace) -> str:
    return (
        f"Made by `python benchmarks/compare.py --replications {chosen.replications}"
        f"{'' if chosen.methods == ','.join(METHODS) else f' --methods {chosen.methods}'}`."
    )


if __name__ == "__main__":
    main()
