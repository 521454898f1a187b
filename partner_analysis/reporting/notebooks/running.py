"""What a run asks for: notebooks run beside one another, none able to harm another or the run."""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from typing import Final, Protocol

from partner_analysis.reporting.notebooks.jobs import (
    DIED,
    Done,
    Engine,
    Job,
    Outcome,
    Piece,
    Request,
    check_parameters,
)

SECONDS: Final = 900.0
START: Final = "from partner_analysis.reporting.notebooks.starter import main; main()"
ENVIRONMENT: Final = {
    # one thread each, so that a result does not hang on the number of processors
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # pictures are drawn into the notebook
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    # pyarrow would start a thread when it is loaded, and a process with threads is not copied
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}


def run_notebooks(
    jobs: Sequence[Piece],
    *,
    engine: Engine = "fast",
    at_once: int = 2,
    seconds: float = SECONDS,
    scheduler: str = "",
    tell: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """The outcomes of all jobs, in the order of the jobs; one that fails stops no other.

    Each notebook runs in its own folder, in processes of its own that are gone when it is done;
    a calculation in a process of its own.

    Parameters
    ----------
    jobs
        What to run.
    engine
        "fast": cells run in a copy of a process that has loaded everything; "plain": in a new
        Jupyter kernel. Outputs are the same.
    at_once
        How many notebooks may run beside one another.
    seconds
        Wall time that one notebook may take; then it is ended.
    scheduler
        Address of a Dask scheduler whose workers run them; default: this machine does.
    tell
        Called with each outcome as soon as it is there.

    Raises
    ------
    SettingsError
        If any job has an unknown parameter, or the cluster cannot run them; then none has run.
    """
    for job in jobs:
        if isinstance(job, Job):
            check_parameters(job.notebook, job.parameters)
    if not jobs:
        return []
    if not scheduler:
        return run_here(jobs, engine=engine, at_once=at_once, seconds=seconds, tell=tell)
    from partner_analysis.reporting.notebooks.cluster import run_on_cluster

    return run_on_cluster(jobs, scheduler=scheduler, engine=engine, seconds=seconds, tell=tell)


def run_here(
    jobs: Sequence[Piece],
    *,
    engine: Engine,
    at_once: int,
    seconds: float,
    tell: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """The outcomes of jobs whose parameters are known, run by this machine."""
    outcomes: dict[int, Outcome] = {}
    with closing(_ask(jobs, engine, at_once, seconds)) as answers:
        for number, taken, problem, private in answers:
            outcomes[number] = Outcome(jobs[number], taken, problem, private)
            tell(outcomes[number])
    return [outcomes[number] for number in range(len(jobs))]


def prepare(engine: Engine = "fast") -> None:
    """Start what the engine needs, so that it is there when the first notebook is to run."""
    with _asking:
        _starter(engine)


def _ask(
    jobs: Sequence[Piece], engine: Engine, at_once: int, seconds: float
) -> Generator[Done, None, None]:
    """Each job as it is done; an interruption ends all that are under way."""
    request = Request(tuple(jobs), {**os.environ, **ENVIRONMENT}, at_once, seconds)
    with _asking:
        try:
            yield from _starter(engine).run(request)
        except BaseException:
            _starters.pop(engine).end()
            raise


class RunAll(Protocol):
    """What runs notebooks: ``run_notebooks``, with how and where already said."""

    def __call__(
        self, jobs: Sequence[Piece], /, *, tell: Callable[[Outcome], None]
    ) -> list[Outcome]:
        """The outcomes of all jobs, in the order of the jobs."""


class Starter:
    """The process that starts notebooks, kept from one request to the next."""

    def __init__(self, engine: Engine) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", START, engine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ENVIRONMENT},
            start_new_session=True,
        )
        self._is_asked = False

    def is_there(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def run(self, request: Request) -> Iterator[Done]:
        """Each job as it is done; all that are left have failed where the starter ends."""
        left = dict(enumerate(request.jobs))
        self._is_asked = True
        for done in self._answers(request):
            del left[done.number]
            yield done
        self._is_asked = False
        if left:
            self.end()
            yield from (Done(number, 0.0, DIED, "The starter ended.\n") for number in left)

    def _answers(self, request: Request) -> Iterator[Done]:
        """What the starter answers, as far as it comes."""
        try:
            pickle.dump(request, self._process.stdin)  # type: ignore[arg-type]
            self._process.stdin.flush()  # type: ignore[union-attr]
            yield from iter(lambda: pickle.load(self._process.stdout), None)  # type: ignore[arg-type]
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            return

    def end(self) -> None:
        """End it, with every notebook that is under way."""
        if not self._is_asked:
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_starters: dict[Engine, Starter] = {}
_asking = threading.RLock()


def _starter(engine: Engine) -> Starter:
    """The starter of an engine, started where it is not there."""
    found = _starters.get(engine)
    if found is not None and not found.is_there():
        _starters.pop(engine).end()
        found = None
    if found is None:
        found = _starters[engine] = Starter(engine)
    return found


@atexit.register
def end_starters() -> None:
    """End every process that starts notebooks; the next run starts another."""
    while _starters:
        _starters.popitem()[1].end()
