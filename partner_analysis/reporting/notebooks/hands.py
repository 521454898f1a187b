"""Processes of this machine that share work which needs no notebook, such as reading files."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import Pipe, connection, get_context
from typing import Any, Final

from partner_analysis.reporting.notebooks.processes import end_with
from partner_analysis.tables import DataError

MOST: Final = 8  # each holds a part of the patients
TRIES: Final = 3  # a process that dies takes its task along, which another then does again
DIED: Final = (
    "The processes that read the exports died (out of memory, or ended from outside). End other "
    "programs, or run on a machine with more memory."
)


def by_processes(work: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
    """What came of each task, in the order of the tasks, done by a process per processor.

    They are gone at the end, and hold no file. A task is asked for when somebody can do it.

    Raises
    ------
    Exception
        What the work raised, at the place of its task.
    DataError
        If a task ended its process three times.
    """
    hands = [Hand(work) for _ in range(min(MOST, os.cpu_count() or 1))]
    waiting = enumerate(tasks)
    done: dict[int, Answer] = {}
    asked = True
    told = 0
    try:
        while asked or told in done or any(hand.is_busy for hand in hands):
            for hand in hands if asked and len(done) < len(hands) else ():
                asked = asked and (hand.is_busy or hand.take(next(waiting, None)))
            busy = {hand.pipe: hand for hand in hands if hand.is_busy}
            for pipe in connection.wait(list(busy)) if busy else ():
                done |= busy[pipe].answer()  # type: ignore[index]
            while told in done:
                yield done.pop(told).value()
                told += 1
    finally:
        for hand in hands:
            hand.end()


@dataclass(frozen=True)
class Answer:
    """What came of a task, or what it raised."""

    came: Any
    raised: Exception | None = None

    def value(self) -> Any:
        """What came of it.

        Raises
        ------
        Exception
            What the work raised.
        """
        if self.raised is not None:
            raise self.raised
        return self.came


class Hand:
    """A process that does one task after the other, and another in its place if it dies."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self._work = work
        self._task: tuple[int, Any] | None = None
        self._tries = 0
        self._start()

    def _start(self) -> None:
        self.pipe, theirs = Pipe()
        call = (os.getpid(), theirs, self._work)
        self._process = get_context("spawn").Process(target=_serve, args=call, daemon=True)
        self._process.start()
        theirs.close()

    @property
    def is_busy(self) -> bool:
        """Whether it has a task."""
        return self._task is not None

    def take(self, task: tuple[int, Any] | None) -> bool:
        """Give it a numbered task; whether there was one."""
        if task is not None:
            self._task, self._tries = task, 0
            self._ask()
        return task is not None

    def _ask(self) -> None:
        """Send the task; a process that died is found out when its answer is waited for."""
        self._tries += 1
        try:
            self.pipe.send(self._task[1])  # type: ignore[index]
        except OSError:
            return

    def answer(self) -> dict[int, Answer]:
        """What came of its task, by number; nothing where the process died and it is done again."""
        number, _ = self._task  # type: ignore[misc]
        try:
            answer = self.pipe.recv()
        except (EOFError, OSError):
            self.end()
            if self._tries == TRIES:
                self._task = None
                self._start()
                return {number: Answer(None, DataError(DIED))}
            self._start()
            self._ask()
            return {}
        self._task = None
        return {number: answer}

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _serve(parent: int, pipe: connection.Connection, work: Callable[[Any], Any]) -> None:
    """Do what is asked for until nobody asks any more."""
    end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever is interrupted ends this process
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        try:
            answer = Answer(work(task))
        except Exception as error:
            answer = Answer(None, error)
        del task
        pipe.send(answer)
