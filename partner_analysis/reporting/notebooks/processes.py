"""Processes: what one has started, how all of it ends, and whether one may be copied."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from contextlib import suppress
from typing import Final

import psutil

ON_LINUX: Final = sys.platform.startswith("linux")
DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG
ADOPT: Final = 36  # PR_SET_CHILD_SUBREAPER
ROUNDS: Final = 200


def why_no_copy() -> str:
    """Why this process cannot be copied by a fork; empty where it can.

    Only the thread that forks lives on in the copy: a lock that another one held stays locked.
    """
    if not ON_LINUX:
        return "this system cannot tell whether a process may be copied"
    threads = psutil.Process().num_threads()
    return f"{threads} threads run in this process" if threads > 1 else ""


def adopt_orphans() -> None:
    """Let whatever this process starts, at any remove, stay below it when its own parent ends."""
    _control(ADOPT, 1)


def end_with(parent: int) -> None:
    """Let this process be killed when its parent ends, whose id is given."""
    _control(DIE_WITH_PARENT, signal.SIGKILL if ON_LINUX else 0)
    if os.getppid() != parent:
        os._exit(1)


def end_all_below(process: int, *, but: frozenset[int] = frozenset()) -> None:
    """Kill whatever a process has started, at any remove and in any session."""
    for _ in range(ROUNDS):
        below = [each for each in _below(process) if each.pid not in but]
        if not below:
            return
        for each in below:
            with suppress(psutil.Error):
                each.kill()
        _reap(below, process)
        time.sleep(0.005)


def _below(process: int) -> list[psutil.Process]:
    """Everything below a process that still runs."""
    try:
        found = psutil.Process(process).children(recursive=True)
    except psutil.Error:
        return []
    return [each for each in found if _runs(each)]


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _reap(ended: list[psutil.Process], process: int) -> None:
    """Take leave of children of this very process, so that they do not stay as zombies."""
    if process != os.getpid() or not hasattr(os, "waitpid"):
        return
    for each in ended:
        with suppress(ChildProcessError):
            os.waitpid(each.pid, os.WNOHANG)


def _control(option: int, value: int) -> None:
    """Set a property of this process; elsewhere than on Linux there is no such thing."""
    if ON_LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
