"""Reports a minute: each engine on the same partnerships of one made-up chain of clinics."""

from __future__ import annotations

import argparse
import csv
import os
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import psutil
from tables import write_section

from partner_analysis.reporting.notebooks import Calculation, Engine, Job, run_notebooks
from partner_analysis.reporting.notebooks.running import end_starters
from partner_analysis.reporting.pages import Frame, notebook_page
from partner_analysis.reporting.readied import keep_estimate
from partner_analysis.reporting.study import open_study

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
AS_OF = "2025-12-31"
GIB = 2**30
KINDS = ("gym", "running store", "employer", "Pilates studio", "school")
SETTINGS = """
[practice]
slug = "chain"
name = "A made-up chain"
made_up = true
period = "week"
week_starts = "monday"
audience = "practice"
level = 0.95

[[exports]]
profile = "episode-list"
files = "visits.csv"

[tables]
partnerships = "partnerships.csv"
goals = "goals.csv"

[[personas]]
name = "runner"
diagnosis_prefix = ["M76"]

[[personas]]
name = "older adult"
min_age = 65
"""


def make_chain(folder: Path, *, clinics: int, partnerships: int) -> Path:
    """Settings of a chain with about 40 new patients a month and clinic, over three years."""
    rng = np.random.default_rng([clinics, partnerships])
    names = [f"Clinic {number:02d}" for number in range(clinics)]
    partners = [
        f"Partner {number:03d} {KINDS[number % len(KINDS)]}" for number in range(partnerships)
    ]
    (folder / "practice.toml").write_text(SETTINGS)
    _write(folder / "partnerships.csv", _register(rng, names, partners))
    _write(folder / "goals.csv", _goals(partnerships))
    _write(folder / "visits.csv", _visits(rng, names, partners))
    return folder / "practice.toml"


def _register(rng: np.random.Generator, clinics: list[str], partners: list[str]) -> Iterator[list]:
    yield ["partnership_id", "name", "kind", "start_date", "end_date", "clinics", "personas",
           "provider"]  # fmt: skip
    for number, name in enumerate(partners):
        at = rng.choice(clinics, int(rng.integers(1, 3)), replace=False)
        day = np.datetime64("2024-01-01") + 7 * int(rng.integers(0, 70))
        whom = rng.choice(["runner", "older adult", "general", ""])
        yield [f"partner-{number:03d}", name, KINDS[number % 5], day, "", ";".join(at), whom, "no"]


def _goals(partnerships: int) -> Iterator[list]:
    """One partnership in four has a goal."""
    yield ["goal_id", "partnership_id", "measure", "target", "unit", "baseline", "window_months",
           "start_date", "counted"]  # fmt: skip
    for number in range(0, partnerships, 4):
        yield [f"goal-{number:03d}", f"partner-{number:03d}", "mean", 10, "percent",
               "same months last year", 6, "2025-01-06", "all"]  # fmt: skip


def _visits(rng: np.random.Generator, clinics: list[str], partners: list[str]) -> Iterator[list]:
    yield ["patient", "case", "birth_date", "created", "evaluated", "status", "clinic",
           "source", "diagnosis", "visits", "planned_visits"]  # fmt: skip
    rows = 36 * 40 * len(clinics)
    days = np.datetime64("2023-01-02") + np.sort(rng.integers(0, 1_090, rows))
    sources = rng.choice([*partners, "Google", "friend", "Dr. Smith"], rows)
    named = np.where(rng.uniform(size=rows) < 0.15, sources, rng.choice(["Google", "friend"], rows))
    for number in range(rows):
        yield [number, number, f"{1935 + number * 7 % 70}-05-01", days[number], days[number],
               "Finalized", clinics[int(rng.integers(len(clinics)))], named[number],
               "M76.6" if number % 4 == 0 else "M54.5", 5 + number % 9, 12]  # fmt: skip


def _write(path: Path, rows: Iterator[list]) -> None:
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)


def prepare(settings: Path) -> list[str]:
    """Run what comes before the partnerships' notebooks; their ids."""
    tables = settings.parent / "tables"
    for name in ("01-clean", "02-count"):
        [done] = run_notebooks([_job(settings, name, "", "fast")])
        assert done.succeeded, done.private
    study = open_study(settings, as_of=AS_OF, tables=tables)
    return list(dict.fromkeys(study.partnerships["partnership_id"]))


def estimate(settings: Path, partnerships: Sequence[str]) -> dict[str, float]:
    """Estimate and review each partnership, blend all: what that took."""
    tables = settings.parent / "tables"
    given = {"practice": str(settings), "as_of": AS_OF, "tables": str(tables)}
    calculations = [
        Calculation(each, keep_estimate, given | {"partnership_id": each}) for each in partnerships
    ]

    def work() -> None:
        for done in run_notebooks(calculations):
            assert done.succeeded, done.private
        open_study(settings, as_of=AS_OF, tables=tables).keep_blended()

    return measured(work, pieces=len(partnerships))


def measured(work: Callable[[], object], *, pieces: int) -> dict[str, float]:
    """What some work took, in processes that start with it."""
    end_starters()
    before, began = _cpu(), time.perf_counter()
    with peak_memory() as peak:
        work()
        taken = time.perf_counter() - began
    end_starters()
    return {
        "partnerships": pieces,
        "a minute": 60 * pieces / taken,
        "seconds": taken,
        "CPU s each": (_cpu() - before) / pieces,
        "peak GiB": max(peak) / GIB,
    }


def _job(settings: Path, name: str, partnership: str, engine: str) -> Job:
    given = {"practice": str(settings), "as_of": AS_OF, "tables": str(settings.parent / "tables")}
    if partnership:
        given["partnership_id"] = partnership
    output = settings.parent / engine / f"{partnership or name}.ipynb"
    output.parent.mkdir(exist_ok=True)
    return Job(partnership or name, NOTEBOOKS / f"{name}.ipynb", output, given)


def report(settings: Path, partnerships: Sequence[str], engine: Engine) -> dict[str, float]:
    """Run the notebook of each partnership and make its page: what that took."""
    jobs = [_job(settings, "03-partnership-effect", each, engine) for each in partnerships]

    def work() -> None:
        for done in run_notebooks(jobs, engine=engine):
            assert done.succeeded, done.private
            output = settings.parent / engine / f"{done.job.label}.ipynb"
            page = notebook_page([output], frame=_frame(done.job.label))
            output.with_suffix(".html").write_text(page)

    return measured(work, pieces=len(jobs))


def _frame(label: str) -> Frame:
    return Frame(
        title=label, practice="A made-up chain", as_of=AS_OF, version="0", made_up=True,
        here=f"{label}.html",
    )  # fmt: skip


def _cpu() -> float:
    """CPU seconds of this process and of all that have ended below it."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


@contextmanager
def peak_memory() -> Iterator[list[int]]:
    """Bytes in use by this process and all below it, looked at now and then; shared pages once."""
    seen, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(4.0):
            here = psutil.Process()
            total = 0
            for each in (here, *here.children(recursive=True)):
                try:
                    total += each.memory_full_info().pss
                except psutil.Error:
                    continue
            seen.append(total)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clinics", type=int, default=30)
    parser.add_argument("--fast", type=int, default=200, help="reports by the fast engine")
    parser.add_argument("--plain", type=int, default=20, help="reports by plain papermill")
    parser.add_argument("--write", type=Path, help="page whose section on reports is written anew")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = make_chain(Path(folder), clinics=given.clinics, partnerships=given.fast)
        ids = prepare(settings)
        rows = {
            "estimates and reviews": estimate(settings, ids),
            "plain papermill, then pages": report(settings, ids[: given.plain], "plain"),
            "fast": report(settings, ids, "fast"),
        }
    _, plain, fast = rows.values()
    lines = [["what", *plain], ["---"] * (len(plain) + 1)]
    lines += [[name, *(f"{value:.2f}" for value in row.values())] for name, row in rows.items()]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    ratio = {of: fast[of] / plain[of] for of in ("a minute", "CPU s each")}
    text = (
        f"{table}\n\nFast over plain: {ratio['a minute']:.1f} times the reports a minute, "
        f"{1 / ratio['CPU s each']:.1f} times fewer CPU seconds a report."
    )
    print(text)
    if given.write:
        write_section(given.write, "Reports", text)


if __name__ == "__main__":
    main()
