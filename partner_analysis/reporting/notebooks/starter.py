"""The starter: starts a keeper for each notebook, watches the clock, and ends those too late.

It is asked over its input and answers over its output, and ends when the run ends.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe, connection, get_context
from typing import Any, Final, NamedTuple, NoReturn, Protocol

from partner_analysis.reporting.notebooks.jobs import Engine, Job
from partner_analysis.reporting.notebooks.keeper import DIED, Answer, keep
from partner_analysis.reporting.notebooks.processes import (
    adopt_orphans,
    end_all_below,
    why_no_copy,
)

LOOK: Final = 0.25  # seconds between two looks at the clock
GRACE: Final = 15.0  # seconds that a keeper has to say that its notebook was ended


class Request(NamedTuple):
    """Notebooks to run, and how."""

    jobs: tuple[Job, ...]
    environment: dict[str, str]
    at_once: int
    seconds: float


class Done(NamedTuple):
    """One notebook that is done: its number among the jobs, wall time, and both texts."""

    number: int
    seconds: float
    problem: str
    private: str


class Keeper(Protocol):
    """The process of one notebook."""

    pid: int | None

    def is_alive(self) -> bool:
        """Whether it still runs."""

    def kill(self) -> None:
        """End it."""


@dataclass
class Kept:
    """A notebook under way."""

    number: int
    keeper: Keeper
    answers: connection.Connection
    began: float
    late: bool = False


def main() -> None:
    """Serve one run after the other until nobody asks any more."""
    engine: Engine = "fast" if sys.argv[-1] == "fast" else "plain"
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints is no answer
    adopt_orphans()
    if engine == "fast":
        load_everything()
    reason = why_no_copy()
    if reason:
        _log(f"Each notebook starts by itself, which takes longer: {reason}.")
    while True:
        try:
            request = pickle.load(requests)
        except EOFError:
            return
        for done in serve(request, engine):
            pickle.dump(done, answers)
            answers.flush()
        pickle.dump(None, answers)
        answers.flush()


def load_everything() -> None:
    """Load all that notebooks of this package use, so that copies need not.

    Drawing to notebooks is not loaded: it looks for a shell when it is loaded, and finds one only
    in the copy.
    """
    package = importlib.import_module(__package__.partition(".")[0])
    for name in package.__all__:
        getattr(package, name)
    gc.collect()
    gc.freeze()  # collecting in a copy would else write to, and so double, all of this memory


def serve(request: Request, engine: Engine) -> Iterator[Done]:
    """Notebooks in the order in which they are done."""
    waiting = list(reversed(list(enumerate(request.jobs))))
    under_way: list[Kept] = []
    while waiting or under_way:
        while waiting and len(under_way) < request.at_once:
            number, job = waiting.pop()
            under_way.append(_start(number, job, engine, request.environment))
        _wait(under_way)
        for kept in list(under_way):
            answer = _answer(kept, request.seconds)
            if answer is not None:
                under_way.remove(kept)
                yield Done(kept.number, time.monotonic() - kept.began, *answer)
        if not under_way:
            end_all_below(os.getpid())  # left by a keeper that was killed


def _start(number: int, job: Job, engine: Engine, environment: dict[str, str]) -> Kept:
    """Start the keeper of a notebook: a copy of this process where that is safe."""
    ours, theirs = Pipe(duplex=False)
    given = (theirs, job, engine, environment, os.getpid())
    keeper: Any
    if why_no_copy():
        keeper = get_context("spawn").Process(target=_keep, args=given)
        keeper.start()
    else:
        keeper = Fork(*given)
    theirs.close()
    return Kept(number, keeper, ours, time.monotonic())


class Fork:
    """A copy of this process that keeps a notebook."""

    def __init__(self, *given: Any) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            _keep(*given)
        self._runs = True

    def is_alive(self) -> bool:
        """Whether it still runs."""
        if self._runs:
            self._runs = os.waitpid(self.pid, os.WNOHANG)[0] == 0
        return self._runs

    def kill(self) -> None:
        """End it."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def _keep(answers: connection.Connection, *given: Any) -> NoReturn:
    """Keep a notebook and say what became of it; this process ends there."""
    try:
        answers.send(keep(*given))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _wait(under_way: list[Kept]) -> None:
    """Wait until one has answered, for a short while; end all where the run is gone."""
    lifeline = [] if sys.platform == "win32" else [0]
    ready = connection.wait([*(kept.answers for kept in under_way), *lifeline], timeout=LOOK)
    if 0 in ready:  # nobody asks while a request is served, so the other end is closed
        end_all_below(os.getpid())
        os._exit(1)


def _answer(kept: Kept, seconds: float) -> Answer | None:
    """What became of a notebook; None while it is under way and has time."""
    taken = time.monotonic() - kept.began
    process = kept.keeper.pid or 0
    if taken > seconds and not kept.late:
        kept.late = True
        end_all_below(process)
    if taken > seconds + GRACE:
        end_all_below(process)
        kept.keeper.kill()
    if not kept.answers.poll(0) and kept.keeper.is_alive():
        return None
    problem, private = _said(kept)
    if kept.late and problem:
        problem = f"It took longer than the {_length(seconds)} that it may, and was ended."
    return problem, private


def _said(kept: Kept) -> Answer:
    """What the keeper said, or that it died before it could."""
    try:
        answer: Answer = kept.answers.recv()
    except (EOFError, OSError):
        answer = (DIED, "The process that kept this notebook ended before it could say more.\n")
    kept.answers.close()
    while kept.keeper.is_alive():
        time.sleep(0.001)
    return answer


def _length(seconds: float) -> str:
    """A length of time in words."""
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes"


def _log(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
