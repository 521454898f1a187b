"""Notebooks run each by itself, in a kernel or in a copy: what becomes of them, and of the rest."""

import os
import subprocess
import sys
import threading
import time
import tomllib
from importlib import import_module
from pathlib import Path

import nbformat
import papermill
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from partner_analysis.reporting.notebooks import (
    Calculation,
    Job,
    Outcome,
    check_parameters,
    engine,
    run_notebooks,
)
from partner_analysis.reporting.notebooks.pictures import shortfall
from partner_analysis.reporting.notebooks.processes import why_no_copy
from partner_analysis.tables import SettingsError

ENGINES = ("fast", "plain")
assert papermill  # loaded before the engine, which it looks for while it is loaded itself
DIED = "The process that ran it died (out of memory, or ended from outside)."


def a_notebook(folder: Path, *sources: str) -> Path:
    parameters = new_code_cell("n = 1  # a number", metadata={"tags": ["parameters"]})
    cells = [parameters, *(new_code_cell(source) for source in sources)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / "one {odd} name.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata=kernel), path)
    return path


def run(folder: Path, engine: str, *sources: str, numbers: tuple[int, ...] = (1,), seconds=60.0):
    """The outcome for each number, of a notebook that is given it as ``n``."""
    path = a_notebook(folder, *sources)
    jobs = [Job(str(n), path, folder / f"{engine}-{n}.ipynb", {"n": n}) for n in numbers]
    return run_notebooks(jobs, engine=engine, seconds=seconds)


def printed(outcome: Outcome) -> str:
    """What the last cell of the executed notebook has printed."""
    cells = nbformat.read(outcome.job.output, as_version=4).cells
    return "".join(output.get("text", "") for output in cells[-1].outputs)


# ------------------------------------------------------------------ calculations
@pytest.mark.parametrize("engine", ENGINES)
def test_a_calculation_that_fails_stops_no_other_and_names_nobody(tmp_path, engine) -> None:
    path = a_notebook(tmp_path, "n")
    calculations = [
        Calculation("made", os.mkdir, {"path": str(tmp_path / "made")}),
        Calculation("broken", os.mkdir, {"path": str(tmp_path / "Jane Doe" / "below")}),
        Calculation("refused", check_parameters, {"notebook": path, "parameters": ["m"]}),
        Calculation("too", os.mkdir, {"path": str(tmp_path / "too")}),
    ]
    made, broken, refused, too = run_notebooks(calculations, engine=engine)
    assert made.succeeded and too.succeeded and (tmp_path / "too").exists()
    assert broken.problem == "It could not be run: FileNotFoundError."
    assert "Jane Doe" in broken.private
    assert refused.problem.startswith('one {odd} name.ipynb has no parameter "m".')


# ------------------------------------------------------------------ parameters
def test_unknown_parameter_is_refused_before_anything_runs(tmp_path: Path) -> None:
    path = a_notebook(tmp_path, "n")
    jobs = [
        Job("good", path, tmp_path / "good.ipynb", {"n": 2}),
        Job("bad", path, tmp_path / "bad.ipynb", {"m": 2}),
    ]
    with pytest.raises(SettingsError, match=r'has no parameter "m"\. It takes n\.'):
        run_notebooks(jobs)
    assert not (tmp_path / "good.ipynb").exists()


def test_nearest_parameter_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r'Did you mean "n"\?'):
        check_parameters(a_notebook(tmp_path), ["nn"])


# ------------------------------------------------------------------ failures
MISHAPS = """
import os, signal, sys
if n == 2: raise KeyError('Jane Doe')
if n == 3: os._exit(1)
if n == 4: os.kill(os.getpid(), signal.SIGKILL)
if n == 5: x = bytearray(10**17)
if n == 6: raise DataError('Export it again.')
if n == 7: sys.exit(1)
if n == 8: sys.exit(0)
if n == 9: input('who? ')
if n == 10: exit()
"""
BECOMES = {
    1: "",
    2: "A cell stopped with KeyError.",
    3: DIED,
    4: DIED,
    5: "It needed more memory than there is.",
    6: "Export it again.",
    7: "A cell stopped with SystemExit.",
    8: "It stopped before its last cell.",
    9: "A cell stopped with StdinNotImplementedError.",
    10: DIED,
}


@pytest.mark.parametrize("engine", ENGINES)
def test_one_failure_stops_no_other_and_shows_no_value(tmp_path: Path, engine: str) -> None:
    error = "from partner_analysis.tables import DataError"
    cells = (error, MISHAPS, "import time; time.sleep(.3)", "n")
    numbers = tuple(BECOMES) if engine == "fast" else (1, 2, 4)
    outcomes = run(tmp_path, engine, *cells, numbers=numbers)
    assert {int(done.job.label): done.problem for done in outcomes} == {
        number: BECOMES[number] for number in numbers
    }
    assert "Jane Doe" in outcomes[1].private
    assert "Jane Doe" not in repr(outcomes[1])


def test_all_are_told_as_they_are_done(tmp_path: Path) -> None:
    path = a_notebook(tmp_path, "import time; time.sleep(3 / n)")
    jobs = [Job(str(n), path, tmp_path / f"{n}.ipynb", {"n": n}) for n in (1, 20, 30)]
    told: list[str] = []
    run_notebooks(jobs, tell=lambda done: told.append(done.job.label), at_once=2)
    assert sorted(told) == ["1", "20", "30"]
    assert told[-1] == "1"


LEAVES = """
import os, subprocess, sys, time
marks = [sys.executable, '-c', 'import time; time.sleep(300)', MARK]
subprocess.Popen(marks)
subprocess.Popen(marks, start_new_session=True)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            subprocess.Popen(marks, start_new_session=True)
        time.sleep(300) if n == 1 else os._exit(0)
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_hanging_notebook_is_ended_with_all_that_it_started(tmp_path: Path, engine: str) -> None:
    """Also what has moved into sessions of its own, and what has lost its parent."""
    mark = f"left-by-{tmp_path.name}-{engine}"
    cells = (LEAVES.replace("MARK", repr(mark)), "if n == 2:\n    while True: pass")
    good, late = run(tmp_path, engine, *cells, numbers=(1, 2), seconds=6.0)
    assert good.problem == ""
    assert late.problem == "It took longer than the 6 seconds that it may, and was ended."
    left = [
        each for each in psutil.process_iter(["cmdline"]) if mark in (each.info["cmdline"] or [])
    ]
    assert left == []


def test_nobody_is_left_when_the_run_is_killed(tmp_path: Path) -> None:
    path = a_notebook(tmp_path, "import time; time.sleep(300)")
    code = (
        "from pathlib import Path\n"
        "from partner_analysis.reporting.notebooks import Job, run_notebooks\n"
        f"job = Job('a', Path({str(path)!r}), Path({str(tmp_path / 'o.ipynb')!r}), {{}})\n"
        "run_notebooks([job], engine='plain')"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as killed:
        _wait_for(lambda: len(psutil.Process(killed.pid).children(recursive=True)) >= 3)
        below = psutil.Process(killed.pid).children(recursive=True)
        killed.kill()
    assert len(below) >= 3
    assert psutil.wait_procs(below, timeout=15)[1] == []


def _wait_for(condition, *, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)


# ------------------------------------------------------------------ pictures
def cell(source: str, *outputs: dict) -> dict:
    return {"cell_type": "code", "source": source, "execution_count": 1, "outputs": list(outputs)}


def test_a_lost_picture_is_noticed() -> None:
    drawn = {"data": {"image/png": "..."}}
    shown = {"data": {"text/html": '<figure><img src="data:..."></figure>'}}
    nothing_to_see = {"data": {"text/html": "", "text/plain": "There is nothing to see."}}
    words = {"data": {"text/html": "<p>12 more.</p>"}}
    assert shortfall([cell("pa.show(a)", shown), cell("plt.show()", drawn, drawn)]) == ""
    assert shortfall([cell("%time 1\npa.show(a)", words, nothing_to_see)]) == ""
    assert shortfall([cell("pa.show(a)", words)]) == "1 of its 1 pictures is missing."
    lost = [cell("plt.show()\npa.show(b)", drawn), cell("show(c)")]
    assert shortfall(lost) == "2 of its 3 pictures are missing."
    assert shortfall([cell("if late: pa.show(a)"), cell("pa.show_table(t)")]) == ""


def test_a_run_without_its_pictures_has_failed(tmp_path: Path) -> None:
    """The drawing library draws to nowhere: every cell runs, and nothing is to be seen."""
    cells = (
        "import matplotlib\nmatplotlib.use('agg')\nfrom matplotlib import pyplot as plt",
        "plt.plot([1, 2])\nfigure = plt.gcf()",
        "import warnings\nwarnings.simplefilter('ignore')\nplt.show()",
    )
    [outcome] = run(tmp_path, "fast", *cells)
    assert outcome.problem == "1 of its 1 pictures is missing."


# ------------------------------------------------------------------ copies
def test_copies_share_no_chance_and_leave_nothing_behind(tmp_path: Path) -> None:
    cells = (
        "import os, random, sys, numpy as np",
        "before = (os.environ.get('LEFT'), getattr(os, 'left', None), '' in sys.path)",
        "os.environ['LEFT'] = os.left = 'here'\nos.chdir('/')",
        "print(before, random.random(), np.random.random(), np.random.default_rng().random())",
    )
    first, second = (printed(done) for done in run(tmp_path, "fast", *cells, numbers=(1, 2)))
    assert first.startswith("(None, None, True)")
    assert second.startswith("(None, None, True)")
    assert not set(first.split()[3:]) & set(second.split()[3:])


def test_a_notebook_works_in_its_own_folder_and_sees_what_this_process_sees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAID_TO_NOTEBOOKS", "later than the starter began")
    cells = ("import os", "print(os.getcwd(), os.environ['SAID_TO_NOTEBOOKS'])")
    [outcome] = run(tmp_path, "fast", *cells)
    assert printed(outcome) == f"{tmp_path} later than the starter began\n"


def test_a_process_with_threads_is_not_copied(tmp_path: Path) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert "threads run in this process" in why_no_copy()
    finally:
        stop.set()
        thread.join()


def test_the_process_that_is_copied_has_one_thread(tmp_path: Path) -> None:
    starter = "psutil.Process().parent().parent()"
    [outcome] = run(tmp_path, "fast", "import psutil", f"print({starter}.num_threads())")
    assert printed(outcome) == "1\n"


def test_a_kernel_is_started_aloud_where_nothing_can_be_copied(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine, "why_no_copy", lambda: "2 threads run in this process")
    started = lambda notebook, kernel, **given: (kernel, given)  # noqa: E731
    monkeypatch.setattr(engine.NBClientEngine, "execute_managed_notebook", started)
    given = engine.CopiedEngine.execute_managed_notebook(None, "python3", execution_timeout=9)
    assert given == ("python3", {"execution_timeout": 9})
    assert "takes longer: 2 threads run in this process" in caplog.text


def test_papermill_finds_the_engine_by_its_name() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    module, name = project["entry-points"]["papermill.engine"]["partner-analysis"].split(":")
    engine = getattr(import_module(module), name)
    assert callable(engine.execute_managed_notebook)
