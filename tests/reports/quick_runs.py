"""A practice small enough to be run in two seconds, and notebooks that stand in for the real ones.

Everything but the kernels is real: cleaning, counts, estimates, keys, pages and publication.
As a program it loads all this once, and makes each run in a process of its own, which it kills
after so many seconds: ``python quick_runs.py practice.toml``, then a number a line (0: let it
end); it answers with the exit code.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from partner_analysis.cli import main
from partner_analysis.reporting.notebooks import Job, Outcome
from partner_analysis.reporting.running import making
from partner_analysis.reporting.study import open_study

CLINICS = ("Dockside", "Warwick", "Lakeview", "Hillcrest")
REGISTER = """partnership_id,name,kind,start_date,end_date,clinics,personas,aims,provider
gym,Anvil Gym,gym,2025-03-03,,Dockside,,patients,no
shop,Run Shop,running store,2025-04-07,,Warwick,,patients,no
"""
SETTINGS = """[practice]
slug = "quick"
name = "Quick Practice"
made_up = true

[[exports]]
kind = "counts"
files = "counts.csv"
date_format = "%Y-%m-%d"
date_is = "begins"
[exports.columns]
unit = "clinic"
date = "week"
count = "new"

[tables]
partnerships = "partnerships.csv"
"""


def write_quick_practice(folder: Path) -> Path:
    """A practice of four clinics, eighty weeks and two partnerships."""
    draws = np.random.default_rng(1)
    weeks = pd.date_range("2024-01-01", periods=80, freq="W-MON")
    rows = [(c, week.date(), draws.poisson(9)) for c in CLINICS for week in weeks]
    pd.DataFrame(rows, columns=["clinic", "week", "new"]).to_csv(folder / "counts.csv", index=False)
    (folder / "partnerships.csv").write_text(REGISTER)
    path = folder / "practice.toml"
    path.write_text(SETTINGS)
    return path


def name_it(practice: Path, name: str) -> None:
    """Give the practice another name, which stands on every page."""
    practice.write_text(SETTINGS.replace("Quick Practice", name))


def stand_in(
    jobs: Sequence[Job],
    *,
    tell: Callable[[Outcome], None] = lambda outcome: None,
    fail: Sequence[str] = (),
) -> list[Outcome]:
    """Do what the notebooks do, in this process; those of ``fail`` come to nothing."""
    outcomes = []
    for job in jobs:
        problem = "A cell stopped with KeyError." if job.label in fail else ""
        if not problem:
            _execute(job)
        outcomes.append(Outcome(job=job, seconds=0.1, problem=problem, private="Jane Doe"))
        tell(outcomes[-1])
    return outcomes


def _execute(job: Job) -> None:
    given = job.parameters
    study = open_study(given["practice"], as_of=given["as_of"], tables=given["tables"])
    if job.label == "all exports":
        study.keep_cleaned()
    elif job.label == "all counts":
        study.keep_counts()
    elif "partnership_id" in given:
        study.keep_effect(study.effect(given["partnership_id"]))
    html = {"text/html": f"<p>What {job.label} says.</p>", "text/plain": ""}
    shown = new_code_cell("", outputs=[new_output("display_data", data=html)])
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Q?"), shown]), job.output)


def killed_after(seconds: float, practice: str) -> int:
    """Exit code of one run in a process of its own, which is killed after so many seconds."""
    process = os.fork()
    if process == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os._exit(main(["run", practice]))
    if seconds:
        time.sleep(seconds)
        os.kill(process, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


if __name__ == "__main__":
    making.run_notebooks = stand_in
    print("ready", flush=True)
    for line in sys.stdin:
        print(killed_after(float(line), sys.argv[1]), flush=True)
