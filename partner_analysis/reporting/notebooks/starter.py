"""The starter: starts a keeper for each notebook, watches the clock, and ends those too late.

It is asked over its input and answers over its output, and ends when the run ends.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection
from typing import Final

from partner_analysis.reporting.notebooks.child import Child
from partner_analysis.reporting.notebooks.jobs import DIED, Done, Engine, Request
from partner_analysis.reporting.notebooks.keeper import Answer, get_ready, keep
from partner_analysis.reporting.notebooks.processes import (
    adopt_orphans,
    end_all_below,
    why_no_copy,
)

LOOK: Final = 0.25  # seconds between two looks at the clock
WORTH_IT: Final = 4  # notebooks from which opening their study once takes less than each its own
OPENED_BY: Final = ("practice", "as_of", "tables", "partnership_id")
# what the libraries of this package load only when they are first used
LATER: Final = (
    "holidays.countries",
    "pandas.io.formats.string",
    "pandas.io.parquet",
    "PIL.PngImagePlugin",
    "pyarrow.dataset",
    "pyarrow.fs",
    "pyarrow.parquet",
)
GRACE: Final = 15.0  # seconds that a keeper has to say that its notebook was ended


@dataclass
class Kept:
    """A notebook under way."""

    number: int
    keeper: Child
    began: float
    late: bool = False


def main() -> None:
    """Serve one run after the other until nobody asks any more."""
    engine: Engine = "fast" if sys.argv[-1] == "fast" else "plain"
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints is no answer
    adopt_orphans()
    get_ready()
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
    for name in LATER:
        importlib.import_module(name)
    figures = importlib.import_module(f"{package.__name__}.reporting.figures")
    blank, _ = figures.canvas.open_figure("", "", alt="")
    figures.picture(blank)  # fonts are read with the first picture
    gc.collect()
    gc.freeze()  # collecting in a copy would else write to, and so double, all of this memory


def serve(request: Request, engine: Engine) -> Iterator[Done]:
    """Notebooks in the order in which they are done."""
    if engine == "fast" and not why_no_copy():
        _open_once(request)
    waiting = list(reversed(list(enumerate(request.jobs))))
    under_way: list[Kept] = []
    while waiting or under_way:
        while waiting and len(under_way) < request.at_once:
            number, job = waiting.pop()
            keeper = Child(keep, job, engine, request.environment)
            under_way.append(Kept(number, keeper, time.monotonic()))
        _wait(under_way)
        for kept in list(under_way):
            answer = _answer(kept, request.seconds)
            if answer is not None:
                under_way.remove(kept)
                yield Done(kept.number, time.monotonic() - kept.began, *answer)
        if not under_way:
            end_all_below(os.getpid())  # left by a keeper that was killed


def _open_once(request: Request) -> None:
    """Open the study that all notebooks of a request are about, for all of them at once."""
    from partner_analysis.reporting.readied import forget, hand_on, make_ready

    forget()
    asked = {tuple(job.parameters.get(name) for name in OPENED_BY) for job in request.jobs}
    alike = len({given[:3] for given in asked}) == 1 and all(map(all, asked))
    if len(asked) < WORTH_IT or not alike:
        return
    reader = Child(make_ready, *min(asked))
    if not reader.answers.poll(request.seconds):
        reader.end()
    with suppress(EOFError):
        hand_on(reader.answer())


def _wait(under_way: list[Kept]) -> None:
    """Wait until one has answered, for a short while; end all where the run is gone."""
    lifeline = [] if sys.platform == "win32" else [0]
    answers = [kept.keeper.answers for kept in under_way]
    if 0 in connection.wait([*answers, *lifeline], timeout=LOOK):
        end_all_below(os.getpid())  # nobody asks while a request is served: the end was closed
        os._exit(1)


def _answer(kept: Kept, seconds: float) -> Answer | None:
    """What became of a notebook; None while it is under way and has time."""
    taken = time.monotonic() - kept.began
    if taken > seconds and not kept.late:
        kept.late = True
        kept.keeper.end_below()
    if taken > seconds + GRACE:
        kept.keeper.end()
    if not kept.keeper.answers.poll(0) and kept.keeper.is_there():
        return None
    problem, private = _said(kept.keeper)
    if kept.late and problem:
        problem = f"It took longer than the {_length(seconds)} that it may, and was ended."
    return problem, private


def _said(keeper: Child) -> Answer:
    """What the keeper said, or that it died before it could."""
    try:
        problem, private = keeper.answer()
    except EOFError as error:
        return DIED, f"{error}\n"
    return problem, private


def _length(seconds: float) -> str:
    """A length of time in words."""
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes"


def _log(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
