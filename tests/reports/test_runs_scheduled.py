"""What stands in ``schedule/`` is ready to use: each file is given to what would read it."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from partner_analysis.cli import _parser

SCHEDULE = Path(__file__).parents[2] / "schedule"
COMMAND = "/opt/partner_analysis/.venv/bin/partner-analysis"
CALLED = re.compile(r"partner-analysis (run \S+practice\.toml)")


def systemd(*arguments: object) -> subprocess.CompletedProcess[str]:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this machine")
    words = ["systemd-analyze", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_systemd_takes_service_and_timer(tmp_path: Path) -> None:
    for name in ("partner-analysis.service", "partner-analysis.timer"):
        text = (SCHEDULE / name).read_text().replace(COMMAND, sys.executable)
        (tmp_path / name).write_text(text)
    done = systemd("verify", "--man=no", tmp_path / "partner-analysis.timer",
                   tmp_path / "partner-analysis.service")  # fmt: skip
    said = [line for line in done.stderr.splitlines() if "partner-analysis" in line]
    assert said == []
    assert done.returncode == 0
    assert "Persistent=true" in (SCHEDULE / "partner-analysis.timer").read_text()


def test_systemd_finds_the_service_hardened() -> None:
    done = systemd("security", "--offline=yes", SCHEDULE / "partner-analysis.service")
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    if found is None:
        pytest.skip("this systemd-analyze judges no file")
    assert float(found.group(1)) <= 2.0  # of 10


@pytest.mark.parametrize("name", ["partner-analysis.service", "crontab"])
def test_the_command_that_is_called_is_one_that_there_is(name: str) -> None:
    [called] = CALLED.findall((SCHEDULE / name).read_text())
    assert _parser().parse_args(called.split()).practice.name == "practice.toml"


def test_crontab_line_has_five_times_and_no_percent_sign() -> None:
    *_, line = (SCHEDULE / "crontab").read_text().splitlines()
    assert re.match(r"30 2 \* \* \* /opt/", line)
    assert "%" not in line  # to cron it is the end of the line


def test_airflow_dag_compiles_and_calls_the_command() -> None:
    text = (SCHEDULE / "airflow_dag.py").read_text()
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    assert {"DAG", "BashOperator"} <= names
    assert "run {PRACTICE}" in text
    assert "skip_on_exit_code=LOCKED" in text


def test_notebook_of_jupyter_scheduler_calls_the_command() -> None:
    notebook = nbformat.read(SCHEDULE / "nightly.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert [cell.metadata.get("tags") for cell in notebook.cells] == [None, ["parameters"], None]
    assert '"partner_analysis.cli", "run", practice' in notebook.cells[2].source
    assert not any(cell.get("outputs") for cell in notebook.cells)
