"""Notebooks run each by itself; outcome and words come from the exception alone."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from partner_analysis.reporting.notebooks import Job, check_parameters, run_notebooks
from partner_analysis.tables import SettingsError


def a_notebook(folder: Path, *sources: str) -> Path:
    parameters = new_code_cell("n = 1  # a number", metadata={"tags": ["parameters"]})
    cells = [parameters, *(new_code_cell(source) for source in sources)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / "one {odd} name.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata=kernel), path)
    return path


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


def test_one_failure_stops_no_other_and_shows_no_value(tmp_path: Path) -> None:
    path = a_notebook(
        tmp_path,
        "import os\nif n == 2:\n    raise KeyError('Jane Doe')\nif n == 3:\n    os._exit(1)",
    )
    jobs = [Job(str(n), path, tmp_path / f"{n}.ipynb", {"n": n}) for n in (1, 2, 3)]
    told: list[str] = []
    good, failed, dead = run_notebooks(jobs, tell=lambda done: told.append(done.job.label))
    assert good.succeeded
    assert failed.problem == "A cell stopped with KeyError."
    assert "Jane Doe" in failed.private
    assert "died" in dead.problem
    assert sorted(told) == ["1", "2", "3"]


def test_our_own_messages_are_passed_on(tmp_path: Path) -> None:
    source = "from partner_analysis.tables import DataError\nraise DataError('Export it again.')"
    [outcome] = run_notebooks([Job("a", a_notebook(tmp_path, source), tmp_path / "o.ipynb", {})])
    assert outcome.problem == "Export it again."
