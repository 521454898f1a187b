"""Processes that share work: in order, none lost when one dies, none left at the end."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from partner_analysis.reporting.notebooks.hands import by_processes
from partner_analysis.tables import DataError

WORK = """
import os, signal, time
from partner_analysis.tables import DataError

def wait_and_square(number):
    time.sleep(0.02 * (5 - number))
    return number**2

def refuse_two(number):
    if number == 2:
        raise DataError("two.csv: is empty.")
    return number

def die_once(given):
    number, mark = given
    if number == 3 and not mark.exists():
        mark.touch()
        die(number)
    return number

def die(number):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """What is to be done, in a module that another process finds."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "shared_work.py").write_text(WORK, encoding="utf-8")
    sys.path.insert(0, str(folder))
    yield importlib.import_module("shared_work")
    sys.path.remove(str(folder))


def below() -> int:
    return len([c for c in psutil.Process().children() if "spawn_main" in " ".join(c.cmdline())])


def test_answers_come_in_the_order_of_the_tasks_and_nobody_is_left(work: ModuleType) -> None:
    assert list(by_processes(work.wait_and_square, range(5))) == [0, 1, 4, 9, 16]
    assert below() == 0


def test_what_a_task_raises_is_raised_at_its_place(work: ModuleType) -> None:
    answers = by_processes(work.refuse_two, range(4))
    assert [next(answers), next(answers)] == [0, 1]
    with pytest.raises(DataError, match="is empty"):
        next(answers)
    assert below() == 0


def test_task_of_a_process_that_was_killed_is_done_again(work: ModuleType, tmp_path: Path) -> None:
    tasks = [(number, tmp_path / "died") for number in range(5)]
    assert list(by_processes(work.die_once, tasks)) == [0, 1, 2, 3, 4]
    assert (tmp_path / "died").exists()


def test_task_that_ends_every_process_is_given_up(work: ModuleType) -> None:
    with pytest.raises(DataError, match="more memory"):
        list(by_processes(work.die, range(1)))
    assert below() == 0
