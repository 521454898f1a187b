"""A practice small enough to be run in two seconds, and notebooks that stand in for the real ones.

Everything but kernels and the making of HTML is real: cleaning, counts, estimates, keys, work,
publication. As a program it loads all this once, and makes each run in a process of its own,
which it kills after so many seconds: ``python quick_runs.py practice.toml``, then a number a
line (0: let it end); it answers with the exit code.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from partner_analysis import storage
from partner_analysis.cli import main
from partner_analysis.reporting import front, publishing, runs
from partner_analysis.reporting.estimated import EstimatedStudy
from partner_analysis.reporting.notebooks import Calculation, Job, Outcome, Piece
from partner_analysis.reporting.pages import Frame, notice_page
from partner_analysis.reporting.study import open_study

CLINICS = ("Dockside", "Warwick", "Lakeview", "Hillcrest")
LEFT: dict[str, dict[str, bytes]] = {}
keep_blended = EstimatedStudy.keep_blended
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
    jobs: Sequence[Piece],
    *,
    tell: Callable[[Outcome], None] = lambda outcome: None,
    fail: Sequence[str] = (),
    **_: object,
) -> list[Outcome]:
    """Do what the notebooks do, in this process; those of ``fail`` come to nothing."""
    outcomes = []
    for job in jobs:
        problem = "A cell stopped with KeyError." if job.label in fail else ""
        if not problem and isinstance(job, Calculation):
            _once(job.label, Path(job.parameters["tables"]), partial(job.work, **job.parameters))
        elif not problem:
            _execute(job)
        outcomes.append(Outcome(job=job, seconds=0.1, problem=problem, private="Jane Doe"))
        tell(outcomes[-1])
    return outcomes


def plain_page(notebooks: Sequence[Path], *, frame: Frame) -> str:
    """A page in its frame, without what nbconvert makes of notebooks."""
    return notice_page(f"{len(notebooks)} notebooks", sections=[], frame=frame)


def use_stand_ins(replace: Callable[[object, str, object], None] = setattr) -> None:
    """Put the stand-ins in the place of what takes long."""
    replace(runs, "run_notebooks", stand_in)
    replace(runs, "prepare", lambda engine: None)
    replace(publishing, "notebook_page", plain_page)
    for module in (publishing, front):
        replace(module, "decision_sentence", lambda study, identifier: "")
    replace(front, "decisions_sentence", lambda recommendations, names: "")
    replace(EstimatedStudy, "keep_blended", keep_blended_once)


def _execute(job: Job) -> None:
    given = job.parameters

    def leave() -> None:
        study = open_study(given["practice"], as_of=given["as_of"], tables=given["tables"])
        if job.label == "all exports":
            study.keep_cleaned()
        elif job.label == "all counts":
            study.keep_counts()
        elif "partnership_id" in given:
            study.keep_effect(study.effect(given["partnership_id"]))

    _once(job.label, Path(given["tables"]), leave)
    job.output.write_text(job.label)


def keep_blended_once(study: EstimatedStudy) -> None:
    """Leave all estimates, as the study does; they are worked out once."""
    _once("estimates", study._place(), lambda: keep_blended(study))


def _once(label: str, tables: Path, leave: Callable[[], object]) -> None:
    """Leave the files of a label; the name of the practice changes none of them."""
    if label not in LEFT:
        before = set(tables.rglob("*"))
        leave()
        new = [path for path in set(tables.rglob("*")) - before if path.is_file()]
        LEFT[label] = {path.relative_to(tables).as_posix(): path.read_bytes() for path in new}
        return
    for name, content in LEFT[label].items():
        storage.write_bytes(content, tables / name, private=True)


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
    use_stand_ins()
    sys.stdout = sys.stderr
    main(["run", sys.argv[1]])
    sys.stdout = sys.__stdout__
    print("ready", flush=True)
    for line in sys.stdin:
        print(killed_after(float(line), sys.argv[1]), flush=True)
