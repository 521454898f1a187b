"""The same work on other machines: the only door to Dask.

A worker runs notebooks as this machine would, in processes of their own, and reads files as it
would; scheduler, workers and this machine see the same folders, and have the same version of this
package.
"""

from __future__ import annotations

import math
import platform
import uuid
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from partner_analysis import storage
from partner_analysis.reporting.notebooks.jobs import Engine, Job, Outcome, Piece
from partner_analysis.tables import DataError, SettingsError

if TYPE_CHECKING:
    from distributed import Client

PACKAGES: Final = ("partner-analysis", "numpy", "pandas", "scipy", "matplotlib", "papermill")
TO_ANSWER: Final = "10s"  # how long a scheduler may take to answer
TRIES: Final = 3  # a worker that dies takes its share along, which others then do again
SHARES: Final = 4  # shares for each thread of a worker, so that none waits long for the last
AHEAD: Final = 2  # tasks that are sent for each thread of a worker
LOST: Final = "The workers that ran it died (out of memory, or ended from outside)."


def run_on_cluster(
    jobs: Sequence[Piece],
    *,
    scheduler: str,
    engine: Engine,
    seconds: float,
    tell: Callable[[Outcome], None],
) -> list[Outcome]:
    """The outcomes of all jobs, in the order of the jobs, run by the workers of a cluster.

    Parameters
    ----------
    jobs
        What to run; every folder in it is seen by every worker under the same path.
    scheduler
        Address of a Dask scheduler, "tcp://host:8786".
    engine, seconds, tell
        As of ``run_notebooks``.

    Raises
    ------
    SettingsError
        If the scheduler does not answer or has no worker, or a worker has other versions or does
        not see the notebooks; then none has run.
    """
    run, outcomes = uuid.uuid4().hex, dict[int, Outcome]()
    with _connected(scheduler) as client:
        _check_workers(client, [place for job in jobs for place in _places_of(job)])
        for number, outcome in _outcomes(client, jobs, run, engine, seconds):
            outcomes[number] = outcome
            tell(outcome)
    for folder in {job.output.parent for job in jobs if isinstance(job, Job)}:
        for left in folder.glob(f".{run}-*"):  # by workers that died
            storage.remove_file(left)
    return [outcomes[number] for number in range(len(jobs))]


def by_cluster(
    work: Callable[[Any], Any], tasks: Iterable[Any], *, scheduler: str, folder: Path
) -> Iterator[Any]:
    """What came of each task, in the order of the tasks, done by the workers of a cluster.

    A task is asked for when somebody can do it, and kept until it is done: a worker that dies
    takes none along.

    Parameters
    ----------
    work
        A function of this package, the same for the same task wherever it is done.
    tasks
        What to give it.
    scheduler
        Address of a Dask scheduler, "tcp://host:8786".
    folder
        The practice's folder, which every worker sees under the same path.

    Raises
    ------
    SettingsError
        As ``run_on_cluster``, and if a worker would put patients' rows on its disk.
    DataError
        If the workers that did it died, again and again.
    """
    run = uuid.uuid4().hex
    with _connected(scheduler) as client:
        _check_workers(client, [folder])
        _refuse_disks(client)
        under_way: deque[Any] = deque()
        for number, task in enumerate(tasks):
            while len(under_way) >= AHEAD * max(1, sum(client.nthreads().values())):
                yield _came(under_way.popleft())
            with warnings.catch_warnings():  # parts of the patients are large, and meant to be
                warnings.filterwarnings("ignore", message="Sending large graph")
                sent = client.submit(work, task, key=f"cleaning-{run}-{number}", retries=TRIES)
            under_way.append(sent)
        while under_way:
            yield _came(under_way.popleft())


def _came(sent: Any) -> Any:
    """What came of a task."""
    from distributed import KilledWorker

    try:
        return sent.result()
    except KilledWorker:
        raise DataError(f"--scheduler: cleaning was not done. {LOST}") from None


def _connected(scheduler: str) -> Client:
    """The cluster behind an address."""
    try:
        from distributed import Client
    except ImportError:
        raise SettingsError(
            "--scheduler: needs the package distributed. Install partner-analysis[scale]."
        ) from None
    try:
        return Client(scheduler, timeout=TO_ANSWER, set_as_default=False)
    except (OSError, ValueError):
        raise SettingsError(
            f'--scheduler: no Dask scheduler answers at "{scheduler}". Start one with '
            "`dask scheduler`, or correct the address."
        ) from None


def _check_workers(client: Client, places: Iterable[object]) -> None:
    """Refuse a cluster that does not see what the work needs, or would do it otherwise."""
    asked = sorted({str(place) for place in places})
    found = client.run(_what_it_has, asked, on_error="return")
    for worker, answer in list(found.items()):
        if isinstance(answer, OSError):  # it died just now, and others will do its work
            del found[worker]
        elif isinstance(answer, Exception):
            raise answer
    if not found:
        raise SettingsError(
            "--scheduler: the cluster has no worker. Start some with `dask worker ADDRESS`."
        )
    ours = _versions()
    for worker, (versions, missing) in sorted(found.items()):
        others = [f"{name} {versions[name]}" for name in ours if versions[name] != ours[name]]
        if others:
            raise SettingsError(
                f"--scheduler: the worker {worker} has {', '.join(others)}, this machine "
                f"{', '.join(f'{name} {ours[name]}' for name in ours)}. Install the same there."
            )
        if missing:
            raise SettingsError(
                f"--scheduler: the worker {worker} does not see {missing[0]}. Mount the practice's "
                "folder there under the same path."
            )


def _refuse_disks(client: Client) -> None:
    """Refuse a worker that puts what it holds on its disk where memory is short."""
    for worker, spills in sorted(client.run(_spills, on_error="ignore").items()):
        if spills:
            raise SettingsError(
                f"--scheduler: the worker {worker} may write what it holds to its disk, and parts "
                "of an export hold patients' names. Start it with `dask worker ADDRESS "
                "--memory-limit 0`, which keeps all in memory."
            )


def _spills(dask_worker: Any) -> bool:
    """Whether a worker, which Dask hands over, holds results in anything but memory alone."""
    return not isinstance(dask_worker.data, dict)


def _places_of(job: Piece) -> tuple[object, ...]:
    """What a worker has to see."""
    if isinstance(job, Job):
        return job.notebook, job.output.parent
    return tuple(job.parameters[name] for name in ("practice", "tables"))


def _what_it_has(places: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Versions on a worker, and the places that it does not see."""
    return _versions(), [place for place in places if not Path(place).exists()]


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def _outcomes(
    client: Client, jobs: Sequence[Piece], run: str, engine: Engine, seconds: float
) -> Iterator[tuple[int, Outcome]]:
    """Each job's number and outcome, as its share is done."""
    from distributed import as_completed

    shares = _shares(len(jobs), sum(client.nthreads().values()))
    share_of: dict[Any, range] = {
        client.submit(
            _run_share,
            [jobs[number] for number in share],
            run,
            engine,
            seconds,
            key=f"notebooks-{run}-{share.start}",
            retries=TRIES,
        ): share
        for share in shares
    }
    for future in as_completed(share_of, loop=client.loop):
        share = share_of[future]
        done = future.result() if future.status == "finished" else [None] * len(share)
        for number, outcome in zip(share, done, strict=True):
            yield number, outcome or Outcome(jobs[number], 0.0, LOST, f"{future.exception()!r}\n")


def _shares(jobs: int, threads: int) -> list[range]:
    """The jobs in shares of equal size."""
    size = max(1, math.ceil(jobs / (SHARES * max(1, threads))))
    return [range(first, min(first + size, jobs)) for first in range(0, jobs, size)]


def _run_share(jobs: Sequence[Piece], run: str, engine: Engine, seconds: float) -> list[Outcome]:
    """What a worker does: run its share as this machine would.

    A worker that was given up may go on: each writes into a file of its own, which takes the
    place of the output at once, so that two never write into one.
    """
    from partner_analysis.reporting.notebooks.running import run_here

    mine = uuid.uuid4().hex
    ours = [
        replace(job, output=job.output.with_name(f".{run}-{mine}-{job.output.name}"))
        if isinstance(job, Job)
        else job  # its files are put in place at once by itself
        for job in jobs
    ]
    done = run_here(ours, engine=engine, at_once=1, seconds=seconds)
    for job, own in zip(jobs, ours, strict=True):
        if isinstance(job, Job) and isinstance(own, Job) and own.output.exists():
            storage.write_bytes(storage.read_bytes(own.output), job.output, private=True)
            storage.remove_file(own.output)
    return [replace(outcome, job=job) for job, outcome in zip(jobs, done, strict=True)]
