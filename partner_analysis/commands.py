"""The commands of the command line: each takes what was given and returns an exit code."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from partner_analysis.progress import Progress
from partner_analysis.tables import SettingsError

DONE: Final = 0
SOME_FAILED: Final = 1
BAD_INPUT: Final = 2
UNEXPECTED: Final = 70
DISK: Final = 74
LOCKED: Final = 75
STOPPED: Final = 130


def init(given: argparse.Namespace) -> int:
    """Write a new practice.toml and its empty tables."""
    from partner_analysis.small_tables import init_practice

    path = init_practice(given.folder)
    print(f"{path} is written. Fill it and the tables beside it, then run:")
    print(f"  partner-analysis check {path}")
    return DONE


def check(given: argparse.Namespace) -> int:
    """Read everything, write nothing, list every problem."""
    from partner_analysis.reporting.problems import find_problems

    problems = find_problems(given.practice)
    for problem in problems.faults + problems.register_faults:
        complain(problem)
    for line in problems.summary:
        print(line)
    if problems.faults:
        return BAD_INPUT
    return SOME_FAILED if problems.register_faults else DONE


def review(given: argparse.Namespace) -> int:
    """Ask what unclear source texts mean."""
    from partner_analysis.cleaning.sources.questions import ask_questions

    for line in ask_questions(given.practice):
        print(line)
    return DONE


def run(given: argparse.Namespace) -> int:
    """Make the reports."""
    from partner_analysis import storage
    from partner_analysis.reporting.runs import run_practice

    if given.as_of is not None and not given.as_of.strip():
        raise SettingsError("--as-of: is empty. Write a day as YYYY-MM-DD, or leave it out.")
    if given.view is not None:
        return _view(given)
    asked = {name: getattr(given, name) for name in ("as_of", "only", "force")}
    means = {"engine": given.engine, "scheduler": given.scheduler}
    try:
        with Progress() as progress:
            record = run_practice(
                given.practice, **asked, **means, tell=progress.step, foresee=progress.foresee
            )
    except storage.LockedError as error:
        complain(str(error))
        return LOCKED
    except OSError as error:
        complain(
            f"The file system refused it ({error.strerror or type(error).__name__}). The last "
            "reports stand as they were. Make room, or let this user write there, and run again."
        )
        return DISK
    for problem in record.problems:
        complain(problem)
    if record.unchanged:
        print(f"Nothing has changed. The report on data as of {record.as_of} stands: ", end="")
        print(record.index)
    elif record.index is not None:
        print(f"The report on data as of {record.as_of} is ready: {record.index}")
    return SOME_FAILED if record.problems else DONE


def _view(given: argparse.Namespace) -> int:
    """Make the page of a view that somebody kept."""
    from partner_analysis import storage
    from partner_analysis.reporting.exploring.page import write_view_page
    from partner_analysis.reporting.exploring.saved import read_view
    from partner_analysis.reporting.study import open_study

    choices = read_view(given.view)
    study = open_study(given.practice, as_of=given.as_of)
    try:
        print(f"The page is ready: {write_view_page(study, choices, name=given.view.stem)}")
    except storage.LockedError as error:
        complain(str(error))
        return LOCKED
    return DONE


def status(given: argparse.Namespace) -> int:
    """Say what ran last, what failed, what is stale, when the next is expected, where to look."""
    from partner_analysis.reporting.running.status import status_of

    found = status_of(given.practice)
    for line in found.lines:
        print(line)
    return DONE if found.good else SOME_FAILED


def plan(given: argparse.Namespace) -> int:
    """Say what a planned partnership would show, and when."""
    from partner_analysis import storage
    from partner_analysis.reporting.plan_page import write_plan_page
    from partner_analysis.reporting.planning.asked import plan_study
    from partner_analysis.reporting.planning.tables import plan_lines
    from partner_analysis.reporting.study import open_study

    for name in ("percent", "per_month"):
        if getattr(given, name) == 0:
            raise SettingsError(f"--{name.replace('_', '-')}: an effect of 0 cannot be noticed.")
    asked: dict[str, Any] = {
        "clinics": given.clinics,
        "personas": given.personas,
        "percent": given.percent or 0.0,
        "per_month": given.per_month or 0.0,
        "months": given.months,
    }
    study = open_study(given.practice)
    found = plan_study(study, **asked)
    for line in plan_lines(found):
        print(line)
    if given.page:
        try:
            print(f"The page is ready: {write_plan_page(study, found, asked)}")
        except storage.LockedError as error:
            complain(str(error))
            return LOCKED
    return DONE


def map(given: argparse.Namespace) -> int:
    """Propose how to read a file of any other system."""
    from partner_analysis import storage
    from partner_analysis.cleaning.mapping.block import write_block
    from partner_analysis.cleaning.mapping.propose import map_file
    from partner_analysis.cleaning.mapping.screen import describe

    target: Path | None = given.write
    if target is not None and target.exists():
        raise SettingsError(f"{target}: is there already. Choose another name; nothing is changed.")
    proposal = map_file(given.file)
    print(describe(proposal))
    block = write_block(proposal)
    if target is None:
        print(block, end="")
        return DONE
    print(f"{storage.write_text(block, target)} is written. Paste it into practice.toml.")
    return DONE


def share(given: argparse.Namespace) -> int:
    """Write pages that may be passed on, or the file that other practices may read."""
    if given.file is None:
        return _share_pages(given.practice)
    from partner_analysis.reporting.sharing import write_shared

    for line in write_shared(given.practice, given.file):
        print(line)
    return DONE


def _share_pages(practice: Path) -> int:
    """Write one page for each partner, and one for the board or a talk."""
    from partner_analysis import storage
    from partner_analysis.reporting.kept import processed_folder
    from partner_analysis.reporting.shareable.editions import write_shareable
    from partner_analysis.reporting.study import open_study

    study = open_study(practice)
    try:
        with storage.locked(processed_folder(study.practice)):
            folder = write_shareable(study)
    except storage.LockedError as error:
        complain(str(error))
        return LOCKED
    print(f"The pages are in {folder}. Read each before you pass it on.")
    return DONE


def pool(given: argparse.Namespace) -> int:
    """Say what partners of each kind brought in many practices."""
    from partner_analysis.reporting.pool import pool_files

    for line in pool_files(given.files, write=given.write):
        print(line)
    return DONE


def pitch(given: argparse.Namespace) -> int:
    """Write one page for each possible partner, fit to be passed on."""
    from partner_analysis.reporting.pitch import write_pitches
    from partner_analysis.reporting.study import open_study

    study = open_study(given.practice)
    if study.register.candidates.empty:
        raise SettingsError(
            f"{given.practice}: no possible partner is listed. Name a table of candidates under "
            "[tables] and fill it."
        )
    for path in write_pitches(study.practice, study.register.candidates):
        print(f"{path} is written. Read it before you pass it on.")
    return DONE


def simulate(given: argparse.Namespace) -> int:
    """Write a made-up practice."""
    from partner_analysis.simulate import write_practice

    if given.seed is not None and given.seed < 0:
        raise SettingsError("--seed: give a whole number from 0.")
    seed = {} if given.seed is None else {"seed": given.seed}
    path = write_practice(given.folder, **seed)
    print(f"A made-up practice is written to {path}.")
    return DONE


def complain(message: str) -> None:
    """One paragraph on the error stream."""
    print(" ".join(message.split()), file=sys.stderr)
