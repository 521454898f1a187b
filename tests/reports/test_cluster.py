"""A run on a cluster: real scheduler, real workers, one of which is killed half-way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from partner_analysis.cleaning.episodes.clean import clean_episodes
from partner_analysis.cleaning.exports import files, reading
from partner_analysis.cleaning.exports.reading import read_exports
from partner_analysis.cleaning.register.register import read_register
from partner_analysis.practice import Practice, load_practice
from partner_analysis.reporting.notebooks import Job, Outcome, run_notebooks
from partner_analysis.reporting.notebooks import cluster as notebook_cluster
from partner_analysis.reporting.notebooks.cluster import by_cluster
from partner_analysis.reporting.running.keys import NOTEBOOKS
from partner_analysis.reporting.runs import run_practice
from partner_analysis.tables import SettingsError

from .quick_runs import write_quick_practice

distributed = pytest.importorskip("distributed", reason="distributed is not installed")
pytestmark = pytest.mark.filterwarnings("default")  # Dask's own warnings are not ours

ROOT = Path(__file__).parents[2]
WRITES_DOWN = """
import os, time
from pathlib import Path

with Path("done.txt").open("a") as done:
    done.write(f"{n} ")
time.sleep(0.8)
print(f"number {n}")
"""


class Cluster:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        self.processes: list[subprocess.Popen[bytes]] = []
        told = folder / "scheduler.json"
        self.start("scheduler", "--port=0", "--no-dashboard", "--scheduler-file", str(told))
        self.wait_for(told.exists)
        with told.open(encoding="utf-8") as stream:
            self.address = __import__("json").load(stream)["address"]

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *command],
            env=os.environ | {"PYTHONPATH": self.paths},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.processes.append(process)
        return process

    def add_worker(self, name: str, *, memory: str = "0") -> subprocess.Popen[bytes]:
        return self.start(
            "worker", self.address, "--no-nanny", "--nthreads=1", "--no-dashboard",
            f"--name={name}", f"--local-directory={self.folder}", f"--memory-limit={memory}",
        )  # fmt: skip

    def wait_for_workers(self, many: int) -> None:
        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(many, timeout=60)

    def wait_for(self, happened) -> None:  # type: ignore[no-untyped-def]
        for _ in range(600):
            if happened():
                return
            time.sleep(0.1)
        raise AssertionError("It did not happen within a minute.")

    def end(self) -> None:
        for process in reversed(self.processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=60)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler; workers come with the tests."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        yield made
    finally:
        made.end()


def jobs_of(folder: Path, source: str, numbers: range) -> list[Job]:
    cells = [new_code_cell("n = 1", metadata={"tags": ["parameters"]}), new_code_cell(source)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / "one.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata=kernel), path)
    (folder / "out").mkdir()
    return [Job(str(n), path, folder / "out" / f"{n}.ipynb", {"n": n}) for n in numbers]


def printed(outcome: Outcome) -> str:
    cells = nbformat.read(outcome.job.output, as_version=4).cells
    return "".join(output.get("text", "") for output in cells[-1].outputs)


def test_nobody_at_the_address_is_said_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook_cluster, "TO_ANSWER", "1s")
    jobs = jobs_of(tmp_path, WRITES_DOWN, range(1))
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        with pytest.raises(SettingsError, match="no Dask scheduler answers"):
            run_notebooks(jobs, scheduler=address)
    assert not (tmp_path / "done.txt").exists()


def test_cluster_without_workers_is_said_before_anything_runs(
    cluster: Cluster, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="has no worker"):
        run_notebooks(jobs_of(tmp_path, WRITES_DOWN, range(1)), scheduler=cluster.address)


def test_killed_worker_loses_nothing_and_each_output_is_whole(
    cluster: Cluster, tmp_path: Path
) -> None:
    first = cluster.add_worker("first")
    cluster.add_worker("second")
    cluster.wait_for_workers(2)
    told: list[Outcome] = []

    def tell(outcome: Outcome) -> None:
        told.append(outcome)
        if len(told) == 2:
            os.killpg(first.pid, signal.SIGKILL)

    jobs = jobs_of(tmp_path, WRITES_DOWN, range(8))
    outcomes = run_notebooks(jobs, scheduler=cluster.address, tell=tell)
    assert [outcome.problem for outcome in outcomes] == [""] * 8
    assert [outcome.job for outcome in outcomes] == jobs
    assert [printed(outcome) for outcome in outcomes] == [f"number {n}\n" for n in range(8)]
    assert sorted(outcome.job.label for outcome in told) == [str(n) for n in range(8)]
    assert sorted(path.name for path in (tmp_path / "out").glob("*.ipynb")) == sorted(
        f"{n}.ipynb" for n in range(8)
    )
    assert first.wait() == -signal.SIGKILL
    started = (tmp_path / "done.txt").read_text(encoding="utf-8").split()
    assert len(started) > len(set(started)) == 8  # what the killed one had begun was done again


def test_notebook_that_fails_fails_alone_and_says_why(cluster: Cluster, tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, "if n == 1: raise ValueError('secret')\nprint(n)", range(3))
    outcomes = run_notebooks(jobs, scheduler=cluster.address)
    assert [outcome.succeeded for outcome in outcomes] == [True, False, True]
    assert outcomes[1].problem == "A cell stopped with ValueError."
    assert "secret" in outcomes[1].private


# ------------------------------------------------------------------ cleaning
VISITS = """
[practice]
slug = "chain"
name = "Chain PT"
[[exports]]
kind = "visits"
files = "visits-*.csv"
evaluations = ["IE"]
[exports.columns]
patient = "id"
clinic = "clinic"
visited = "day"
visit_type = "type"
source = "source"
[tables]
partnerships = "partnerships.csv"
"""


def write_chain(folder: Path) -> Practice:
    """Visits of a year in a file a month; each patient comes in several of them."""
    draws = np.random.default_rng(2)
    for month in range(1, 13):
        table = pd.DataFrame({
            "id": draws.integers(1, 300, 80), "clinic": draws.choice(["Dockside", "Warwick"], 80),
            "day": [f"2024-{month:02d}-{day:02d}" for day in draws.integers(1, 29, 80)],
            "type": draws.choice(["IE", "Follow Up"], 80), "source": "Anvil Gym",
        })  # fmt: skip
        table.to_csv(folder / f"visits-{month}.csv", index=False)
    (folder / "practice.toml").write_text(VISITS, encoding="utf-8")
    (folder / "partnerships.csv").write_text(
        "partnership_id,name,kind,start_date,end_date,clinics,personas,aims,provider\n"
        "gym,Anvil Gym,gym,2024-03-03,,Dockside,,patients,no\n"
    )
    return load_practice(folder)


def named(client: Any) -> set[str]:
    return {worker["name"] for worker in client.scheduler_info(n_workers=-1)["workers"].values()}


def test_worker_that_would_put_patients_on_its_disk_is_refused(
    cluster: Cluster, tmp_path: Path
) -> None:
    worker = cluster.add_worker("spills", memory="2GB")
    try:
        with distributed.Client(cluster.address, set_as_default=False) as client:
            cluster.wait_for(lambda: "spills" in named(client))
        with pytest.raises(SettingsError, match="--memory-limit"):
            list(by_cluster(str, range(2), scheduler=cluster.address, folder=tmp_path))
    finally:
        os.killpg(worker.pid, signal.SIGKILL)


def test_cleaning_on_a_cluster_survives_a_killed_worker(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files, and then parts of the patients, go to two workers; one dies after two files."""
    practice = write_chain(tmp_path)
    register = read_register(practice)
    here = clean_episodes(read_exports(practice), practice, register)
    monkeypatch.setattr(files, "AT_ONCE", 5_000)
    worker = cluster.add_worker("cleans")
    cluster.add_worker("cleans too")
    cluster.wait_for_workers(2)
    worked: dict[str, int] = {}

    def run_all(work: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        shared = by_cluster(work, tasks, scheduler=cluster.address, folder=tmp_path)
        for came in shared:
            worked[work.__name__] = worked.get(work.__name__, 0) + 1
            if worked == {"read_files": 2}:
                os.killpg(worker.pid, signal.SIGKILL)
            yield came

    exports = read_exports(practice, run_all=run_all)
    there = clean_episodes(exports, practice, register, run_all=run_all)
    assert worker.wait() == -signal.SIGKILL
    parts = len(exports.parts)
    assert parts > 2
    assert worked == {"read_files": 12, "settle_part": parts, "cut_part": parts, "fold_part": parts}
    keys = ["patient_key", "episode_key"]
    pd.testing.assert_frame_equal(there.episodes.drop(columns=keys),
                                  here.episodes.drop(columns=keys))  # fmt: skip
    assert there.episodes["patient_key"].nunique() == here.episodes["patient_key"].nunique()
    pd.testing.assert_frame_equal(there.row_account, here.row_account)
    assert there.row_account["raw_rows"].sum() == 12 * 81


# ------------------------------------------------------------------ a whole run
CELLS = {
    "all exports": "study.keep_cleaned()",
    "all counts": "study.keep_counts()",
    "effect": "import time; time.sleep(1.5)\neffect = study.effect(partnership_id)\n"
    "study.keep_effect(effect)\npa.say(pa.effect_sentence(effect))",
}
OPEN = """import partner_analysis as pa
study = pa.open_study(practice, as_of=as_of, tables=tables)
pa.say("Here it is.")
"""


def write_small_notebooks(folder: Path) -> None:
    """Notebooks that do what the real ones leave for others, and show one sentence."""
    (folder / "notebooks").mkdir()
    names = ("practice", "as_of", "tables", "partnership_id")
    given = new_code_cell(
        "\n".join(f'{name} = ""' for name in names), metadata={"tags": ["parameters"]}
    )
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    for label, name in NOTEBOOKS.items():
        cells = [given, new_code_cell(OPEN + CELLS.get(label, ""))]
        nbformat.write(new_notebook(cells=cells, metadata=kernel), folder / "notebooks" / name)


def published(practice: Path, slug: str = "quick") -> dict[str, bytes]:
    """Every page and table of the report; the workbook holds the time of its making."""
    folder = practice.parent / "reports" / slug / "latest"
    found = [path for path in folder.rglob("*") if path.suffix in (".html", ".csv")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.mark.slow
def test_run_on_a_cluster_publishes_what_this_machine_would(
    cluster: Cluster, tmp_path: Path
) -> None:
    practice = write_quick_practice(tmp_path)
    register = (tmp_path / "partnerships.csv").read_text(encoding="utf-8")
    more = "".join(f"shop-{n},Shop {n},shop,2025-02-03,,Lakeview,,patients,no\n" for n in range(4))
    (tmp_path / "partnerships.csv").write_text(register + more, encoding="utf-8")
    write_small_notebooks(tmp_path)
    third = cluster.add_worker("third")
    cluster.add_worker("fourth")
    cluster.wait_for_workers(2)
    told: list[str] = []

    def tell(done: int, total: int, label: str, seconds: float) -> None:
        told.append(label)
        if len(told) == 4:
            os.killpg(third.pid, signal.SIGKILL)

    record = run_practice(practice, scheduler=cluster.address, tell=tell)
    assert record.problems == ()
    assert len(told) == len(set(told)) == 4 + 2 * 6  # an estimate and a page of each
    there = published(practice)
    assert third.wait() == -signal.SIGKILL
    assert run_practice(practice, force=True).problems == ()
    assert published(practice) == there


@pytest.mark.slow
def test_large_run_on_a_cluster_cleans_there_and_publishes_the_same(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here in one part by one process, there in parts by workers of which one dies."""
    practice = write_chain(tmp_path).path
    write_small_notebooks(tmp_path)
    assert run_practice(practice).problems == ()
    here = published(practice, "chain")
    fifth = cluster.add_worker("fifth")
    cluster.add_worker("sixth")
    cluster.wait_for_workers(2)
    monkeypatch.setattr(files, "AT_ONCE", 5_000)
    settle, settled = reading.linked_patients, []

    def linked_patients(*given: Any) -> Any:
        """What is asked once all files are read."""
        settled.append(fifth.pid)
        os.killpg(fifth.pid, signal.SIGKILL)
        return settle(*given)

    monkeypatch.setattr(reading, "linked_patients", linked_patients)
    record = run_practice(practice, scheduler=cluster.address, force=True)
    assert record.problems == ()
    assert settled == [fifth.pid]  # it was cleaned once, in parts
    assert published(practice, "chain") == here
