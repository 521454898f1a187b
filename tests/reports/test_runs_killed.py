"""Whatever ends a run, the last good report stands and the next run finishes."""

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from partner_analysis import storage
from partner_analysis.cli import main
from partner_analysis.files import folders
from partner_analysis.reporting.running import keys, lastgood
from partner_analysis.reporting.running.journal import read_events
from partner_analysis.reporting.running.stopping import descendants

from .quick_runs import name_it, use_stand_ins, write_quick_practice

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("quick_runs.py")
SURROUNDINGS = {**os.environ, "PYTHONPATH": str(ROOT)}


class Driver:
    """Makes runs in processes of their own, and kills them."""

    def __init__(self, practice: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, PROGRAM, practice], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, bufsize=1, env=SURROUNDINGS,
        )  # fmt: skip
        assert self.process.stdout.readline() == "ready\n"

    def run(self, seconds: float = 0) -> int:
        """Exit code of a run that is killed after so many seconds; 0: it may end."""
        self.process.stdin.write(f"{seconds}\n")
        return int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[Driver]:
    """A practice of its own whose report is published, and what kills its runs."""
    found = Driver(write_quick_practice(tmp_path))
    yield found
    found.close()


def whole_report_of(folder: Path, *names: str) -> None:
    """The report is whole, all its pages are of one run, and ``latest`` leads to it."""
    latest = folder / "reports" / "quick" / "latest"
    assert lastgood.is_whole(latest)
    pages = [path.read_text() for path in sorted(latest.glob("*.html"))]
    assert len(pages) == 6
    assert sum(all(name in page for page in pages) for name in names) == 1


def pages(folder: Path) -> dict[str, bytes]:
    latest = folder / "reports" / "quick" / "latest"
    return {path.name: path.read_bytes() for path in latest.glob("*.html")}


def nothing_half_made(folder: Path) -> None:
    for place in (folder / "reports", folder / "data"):
        left = [p for p in place.rglob(".*") if p.name != ".lock"]
        assert left == []


def kill_at_random(driver: Driver, folder: Path, moments: int, seed: int) -> int:
    """Kill runs at random moments of their work; how many were killed before they ended."""
    draws, killed, name = random.Random(seed), 0, "Quick Practice"
    name_it(folder / "practice.toml", "Timed Practice")
    start = time.monotonic()
    assert driver.run() == 0
    usual, name = time.monotonic() - start, "Timed Practice"
    for moment in range(moments):
        before, name = name, f"Practice {moment}"
        name_it(folder / "practice.toml", name)
        killed += driver.run(draws.uniform(0.02, usual)) == -signal.SIGKILL
        whole_report_of(folder, before, name)
        assert driver.run() == 0
        whole_report_of(folder, name)
        nothing_half_made(folder)
    return killed


def test_killed_at_random_moments(driver: Driver, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    assert kill_at_random(driver, tmp_path, 5, seed) >= 1


@pytest.mark.slow
def test_killed_at_a_hundred_random_moments(driver: Driver, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    killed = kill_at_random(driver, tmp_path, 100, seed)
    print(f"seed {seed}: {killed} of 100 runs were killed before they ended")
    assert killed >= 50


def test_killed_between_the_two_renames_where_names_cannot_be_exchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "exchange_names", lambda one, other: False)
    for word in ("old", "new"):
        staging = storage.make_staging(tmp_path)
        storage.write_text(word, staging / "index.html")
        storage.publish(staging, tmp_path / "2025-01-01")
    assert (tmp_path / "2025-01-01" / "index.html").read_text() == "new"
    (tmp_path / "2025-01-01").rename(tmp_path / ".2025-01-01.old")  # and here it was killed
    staging = storage.make_staging(tmp_path)
    storage.mend(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["2025-01-01"]
    assert (tmp_path / "2025-01-01" / "index.html").read_text() == "new"


def test_names_are_exchanged_in_one_step_where_the_system_can(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux exchanges two names in one step")
    for word in ("old", "new"):
        storage.write_text(word, tmp_path / word / "index.html")
    if not folders.exchange_names(tmp_path / "old", tmp_path / "new"):
        pytest.skip("this file system does not exchange names")
    assert (tmp_path / "old" / "index.html").read_text() == "new"


# ------------------------------------------------------------------ a full disk
@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_stand_ins(monkeypatch.setattr)
    path = write_quick_practice(tmp_path)
    assert main(["run", str(path)]) == 0
    return path


def test_full_disk_at_any_write_leaves_the_report_and_the_next_run_finishes(
    published: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real, folder, left = os.fsync, published.parent, [10**6]

    def sync(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(storage.os, "fsync", sync)
    name_it(published, "Practice 0")
    assert main(["run", str(published)]) == 0
    writes = 10**6 - left[0]
    for moment, share in enumerate((0.1, 0.4, 0.6), start=1):
        before = pages(folder)
        name_it(published, f"Practice {moment}")
        left[0] = int(writes * share)
        assert main(["run", str(published)]) == 74
        assert "No space left on device" in capsys.readouterr().err
        assert pages(folder) == before
        assert read_events(folder / "data/processed/quick")[-1]["outcome"] == "disk"
        left[0] = 10**6
        assert main(["run", str(published)]) == 0
        whole_report_of(folder, f"Practice {moment}")
        nothing_half_made(folder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of eight megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    if sys.platform != "linux" or not shutil.which("mount") or os.getuid() != 0:
        pytest.skip("only root can mount a small disk")
    if subprocess.run(options, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_disk_that_is_really_full(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_stand_ins(monkeypatch.setattr)
    path = write_quick_practice(small_disk)
    assert main(["run", str(path)]) == 0
    before = pages(small_disk)
    name_it(path, "Second Name")
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free - 150_000))
    assert main(["run", str(path)]) == 74
    assert "No space left on device" in capsys.readouterr().err
    assert pages(small_disk) == before
    assert main(["status", str(path)]) == 1
    ballast.unlink()
    assert main(["run", str(path)]) == 0
    whole_report_of(small_disk, "Second Name")


# ------------------------------------------------------------------ a signal
def is_alive(process: int) -> bool:
    """Whether a process runs; one that only waits for its parent to take note does not."""
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_signal_ends_the_run_and_its_kernels(tmp_path: Path) -> None:
    """With real kernels, which sleep."""
    path = write_quick_practice(tmp_path)
    (tmp_path / "notebooks").mkdir()
    parameters = {name: '""' for name in ("practice", "as_of", "tables", "partnership_id")}
    lines = "\n".join(f"{name} = {value}" for name, value in parameters.items())
    here = new_code_cell(lines, metadata={"tags": ["parameters"]})
    sleep = f"import pathlib, time\npathlib.Path({str(tmp_path / 'asleep')!r}).touch()\n"
    cells = [here, new_code_cell(sleep + "time.sleep(300)")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    for name in keys.NOTEBOOKS.values():
        nbformat.write(new_notebook(cells=cells, metadata=kernel), tmp_path / "notebooks" / name)
    command = [sys.executable, "-m", "partner_analysis.cli", "run", str(path)]
    process = subprocess.Popen(command, env=SURROUNDINGS, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not (tmp_path / "asleep").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    below = descendants(process.pid)
    assert below
    process.terminate()
    _, said = process.communicate(timeout=20)
    assert process.returncode == 143
    assert "Stopped. Nothing half-made was published." in said
    deadline = time.monotonic() + 10
    while any(psutil.pid_exists(each) and is_alive(each) for each in below):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not (tmp_path / "reports").exists()
    nothing_half_made(tmp_path)
    assert read_events(tmp_path / "data/processed/quick")[-1]["outcome"] == "stopped"
    with storage.locked(tmp_path / "data/processed/quick"):
        pass


def test_one_run_at_a_time_and_a_dead_one_holds_nothing(
    published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = published.parent / "data" / "processed" / "quick"
    code = (
        f"import time; from partner_analysis import storage\n"
        f"with storage.locked({str(folder)!r}):\n    print('held', flush=True); time.sleep(300)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], env=SURROUNDINGS, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    assert main(["run", str(published)]) == 75
    assert "another run is under way" in capsys.readouterr().err
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert main(["run", str(published)]) == 0
