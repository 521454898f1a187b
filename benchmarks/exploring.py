"""Seconds from a change of choices in ``00-explore`` to its counts, effect, picture and checks."""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from tables import write_section

import partner_analysis as pa
from partner_analysis.attribution.panel import latest
from partner_analysis.reporting.exploring.view import Choices, forget_views
from partner_analysis.reporting.exploring.widgets import Explorer
from partner_analysis.reporting.study import Study

AIM = 0.5
CHANGES = (  # the partnership that is looked at, and what is chosen then
    ("harbor-run-shop", {"partnership_id": "tidewater-pilates"}),
    ("tidewater-pilates", {"method": "series"}),
    ("tidewater-pilates", {"partnership_id": "anvil-gym"}),
    ("causeway-runners", {"personas": "runner"}),
    ("elm-street-center", {"months": "2024-01 to 2025-06"}),
    ("tidewater-pilates", {"definition": "new episode"}),
)


def seconds_of(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and seconds of processor time, of some work whose display goes nowhere."""
    with capture_output():
        used, began = time.process_time(), time.perf_counter()
        work()
        return time.perf_counter() - began, time.process_time() - used


def time_change(study: Study, looked_at: str, chosen: dict[str, str]) -> dict[str, float]:
    """What one change costs somebody who looks at a partnership as the practice declares it."""
    forget_views(study)
    latest.clear()
    vars(study).pop("_recounted", None)  # another definition was not counted yet
    explorer = Explorer(study, looked_at)
    seconds_of(explorer.show)
    estimated = seconds_of(lambda: explorer.choose(**chosen))
    shown = seconds_of(explorer.show)
    return {
        "seconds": estimated[0] + shown[0],
        "CPU s": estimated[1] + shown[1],
        "CPU s without drawing": estimated[1],
    }


def in_words(looked_at: str, chosen: dict[str, str]) -> str:
    """A change as a row's name."""
    name, value = next(iter(chosen.items()))
    return f"{looked_at}: {name.removesuffix('_id')} {value}"


def table_of(study: Study, repeats: int) -> str:
    """One row per change: the median of all repeats."""
    lines = []
    for looked_at, chosen in CHANGES:
        assert {**asdict(Choices(looked_at)), **chosen}  # refused where there is no such choice
        taken = [time_change(study, looked_at, chosen) for _ in range(repeats)]
        row = {name: statistics.median(each[name] for each in taken) for name in taken[0]}
        if not lines:
            lines = [["change", *row, "under the aim"], ["---"] * (len(row) + 2)]
        fit = "yes" if row["CPU s"] < AIM else "no"
        lines.append([in_words(looked_at, chosen), *(f"{v:.2f}" for v in row.values()), fit])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--write", type=Path, help="page whose section is written anew")
    given = parser.parse_args()
    InteractiveShell.instance()  # as in a notebook: everything shown is made into HTML
    with tempfile.TemporaryDirectory() as folder:
        study = pa.open_study(pa.write_practice(Path(folder)))
        text = (
            f"The demo practice, median of {given.repeats} on one processor: from a change to the "
            f"answer, its picture, numbers\nand checks. The aim is {AIM} seconds.\n\n"
            f"{table_of(study, given.repeats)}"
        )
    print(text)
    if given.write:
        write_section(given.write, "Exploring", text)


if __name__ == "__main__":
    main()
