"""Runs notebooks, each in a process of its own: the only door to papermill.

Four kinds of process work together, so that nothing that a notebook does reaches the run:

    the run        asks for notebooks, and is told of each as it is done        (running)
    the starter    starts a keeper for each, watches the clock, ends the late   (starter)
    a keeper       gives one notebook to papermill and says what became of it   (keeper)
    the cells      a Jupyter kernel; or, by the fast engine, a copy of the
                   keeper, which has loaded everything already                  (engine, cells)
"""

from partner_analysis.reporting.notebooks.jobs import (
    Calculation,
    Engine,
    Job,
    Outcome,
    Piece,
    check_parameters,
    declared_parameters,
)
from partner_analysis.reporting.notebooks.running import RunAll, prepare, run_notebooks

__all__ = [
    "Calculation",
    "Engine",
    "Job",
    "Outcome",
    "Piece",
    "RunAll",
    "check_parameters",
    "declared_parameters",
    "prepare",
    "run_notebooks",
]
