"""The long calibration, in one command: every table of docs/method.md, section 9.

    python tests/calibration/calibrate.py 1000                    all tables, 1,000 practices each
    python tests/calibration/calibrate.py 300 --only looks,real   some of them
    python tests/calibration/calibrate.py 1000 --minutes 60       stop in an hour, show what is kept

Every run is kept in ``runs/`` as it ends, under the code that made it: a command that was stopped
goes on where it was, one that asks for more adds to what is there, and a change of the estimators
forgets it. The tables go to docs/calibration/*.csv and between the markers of docs/method.md.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import care
import goals
import growth
import looks
import moved
import pandas as pd
import plans
import pools
import portfolio
import real
import regimes
import shapes
import stress
import waiting
import worlds
from rates import answer, write_section
from tqdm import tqdm

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TABLES = {
    "regimes": regimes,
    "shapes": shapes,
    "stress": stress,
    "looks": looks,
    "planning": plans,
    "real": real,
    "portfolio": portfolio,
    "goals": goals,
    "pools": pools,
    "care": care,
    "growth": growth,
    "waiting": waiting,
    "moved": moved,
}
ESTIMATORS = "partner_analysis."
CHUNK = 40

Job = tuple[str, dict[str, object]]


def run(job: Job) -> dict[str, object]:
    """One run with what it was asked; what it raised, if it did, for the command to tell."""
    name, task = job
    try:
        return task | TABLES[name].one(**task)
    except Exception as error:
        return task | {"raised": f"{type(error).__name__}: {error}"}


def runs_of(name: str, replications: int, processes: int, until: float) -> pd.DataFrame:
    """All runs that a table asks for: what is kept, and what was missing until the time is up."""
    asked = TABLES[name].tasks(replications)
    path = HERE / "runs" / f"{name}-{code_of(name)}.jsonl"
    path.parent.mkdir(exist_ok=True)
    kept = dict(_kept(path))
    missing = [(name, task) for task in asked if _key(task) not in kept]
    progress = tqdm(desc=name, total=len(asked), initial=len(asked) - len(missing), mininterval=5)
    with ProcessPoolExecutor(processes) as pool, progress:
        for first in range(0, len(missing), CHUNK):
            if time.monotonic() > until:
                break
            jobs = missing[first : first + CHUNK]
            rows = list(pool.map(run, jobs))
            kept |= {_key(job[1]): row for job, row in zip(jobs, rows, strict=True)}
            _keep(path, jobs, rows)
            progress.update(len(jobs))
    return pd.DataFrame([kept[_key(task)] for task in asked if _key(task) in kept])


def code_of(name: str) -> str:
    """A short name of the code that makes a table's runs: estimators, draws, its own module.

    What stands below ``summarise`` in a module only reads runs, so it may change.
    """
    used = {
        module.__file__
        for known_as, module in sys.modules.items()
        if known_as.startswith(ESTIMATORS) and module.__file__
    }
    texts = [Path(path).read_text(encoding="utf-8") for path in sorted({*used, worlds.__file__})]
    texts += [inspect.getsource(answer)]
    texts += [inspect.getsource(TABLES[name]).partition("def summarise")[0]]
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:10]


def _key(task: dict[str, object]) -> str:
    return json.dumps(task)


def _kept(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Key and row of every run that is kept; a line cut short by a stop is not."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for line in lines:
        try:
            key, row = json.loads(line)
        except ValueError:
            continue
        yield key, row


def _keep(path: Path, jobs: list[Job], rows: list[dict[str, object]]) -> None:
    lines = [json.dumps([_key(task), row]) for (_, task), row in zip(jobs, rows, strict=True)]
    with path.open("a", encoding="utf-8") as kept:
        kept.write("\n".join(["", *lines, ""]))


def publish(name: str, runs: pd.DataFrame, docs: Path) -> None:
    """Write the table of some runs, as numbers and as it stands in the method page."""
    table = TABLES[name].summarise(runs)
    text = TABLES[name].shown(table)
    (docs / "calibration").mkdir(exist_ok=True)
    table.round(4).to_csv(docs / "calibration" / f"{name}.csv", index=False)
    write_section(docs / "method.md", name, text)
    print(f"\n{name}\n\n{text}\n", flush=True)


def main() -> int:
    """Run and publish what is asked; 1 where a run raised an error."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("replications", type=int, nargs="?", default=1000)
    asked.add_argument("--only", default=",".join(TABLES), help="tables, with commas between")
    asked.add_argument("--processes", type=int, default=os.cpu_count())
    asked.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many")
    asked.add_argument("--docs", type=Path, default=ROOT / "docs", help="where the tables go")
    given = asked.parse_args()
    until = time.monotonic() + 60 * given.minutes
    raised = 0
    for name in given.only.split(","):
        runs = runs_of(name, given.replications, given.processes, until)
        if runs.empty:
            print(f"{name}: nothing was run, so its table stays as it is.")
            continue
        if "raised" in runs:
            failed = runs[runs["raised"].notna()]
            raised += len(failed)
            print(
                f"{name}: {len(failed)} runs raised an error, the first of them\n{failed.iloc[0]}"
            )
        publish(name, runs, given.docs)
    return 1 if raised else 0


if __name__ == "__main__":
    sys.exit(main())
