"""The command line: partner-analysis init | check | review | run | plan | share | pool ..."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from tqdm import tqdm

import partner_analysis as pa
from partner_analysis.tables import InputError, SettingsError

DONE: Final = 0
SOME_FAILED: Final = 1
BAD_INPUT: Final = 2
UNEXPECTED: Final = 70
LOCKED: Final = 75
STOPPED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code of one command.

    0: all done, whatever the verdicts. 1: a row of the register or a notebook failed, the others
    are reported. 2: a file or a setting is wrong, and nothing was run. 75: another run is under
    way. 70: something nobody foresaw; the traceback is kept in a private file.
    """
    given = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = given.command
    try:
        return command(given)
    except InputError as error:
        _complain(str(error))
        return BAD_INPUT
    except OSError as error:
        _complain(_about_files(error))
        return BAD_INPUT
    except KeyboardInterrupt:
        _complain("Stopped. Nothing half-made was published.")
        return STOPPED
    except Exception as error:
        return _unexpected(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="partner-analysis",
        description="Did a partnership bring patients who would not have come?",
    )
    parser.add_argument("--version", action="version", version=f"partner-analysis {pa.__version__}")
    commands = parser.add_subparsers(
        required=True,
        metavar="init | check | review | run | plan | map | share | pool | simulate",
    )

    init = commands.add_parser("init", help="write a commented practice.toml and empty tables")
    init.add_argument("folder", type=Path, metavar="FOLDER")
    init.set_defaults(command=_init)

    check = commands.add_parser("check", help="read everything, write nothing, list every problem")
    check.add_argument("practice", type=Path, metavar="practice.toml")
    check.set_defaults(command=_check)

    review = commands.add_parser(
        "review", help="ask what unclear source texts mean, in the table of decisions"
    )
    review.add_argument("practice", type=Path, metavar="practice.toml")
    review.set_defaults(command=_review)

    run = commands.add_parser("run", help="make the reports")
    run.add_argument("practice", type=Path, metavar="practice.toml")
    run.add_argument("--as-of", metavar="DATE", help="last day of data to use, YYYY-MM-DD")
    run.add_argument(
        "--only",
        metavar="ID",
        action="append",
        default=[],
        help="this partnership; may be repeated",
    )
    run.set_defaults(command=_run)

    plan = commands.add_parser(
        "plan", help="would a partnership be noticed, and what would it take"
    )
    plan.add_argument("practice", type=Path, metavar="practice.toml")
    plan.add_argument("--clinics", default="", metavar="A;B", help="that could take part")
    plan.add_argument("--personas", default="", metavar="A;B", help="whom it would reach")
    effect = plan.add_mutually_exclusive_group()
    effect.add_argument("--percent", type=float, metavar="N", help="the effect; 25 if not stated")
    effect.add_argument("--per-month", type=float, metavar="N", help="or in new patients in all")
    plan.add_argument("--months", type=int, default=12, metavar="N", help="by when; 12")
    plan.add_argument("--page", action="store_true", help="leave a page in reports as well")
    plan.set_defaults(command=_plan)

    mapped = commands.add_parser("map", help="propose how to read a file of any other system")
    mapped.add_argument("file", type=Path, metavar="FILE")
    mapped.add_argument(
        "--write", type=Path, metavar="BLOCK.toml", help="keep the [[exports]] block in a new file"
    )
    mapped.set_defaults(command=_map)

    share = commands.add_parser("share", help="write what other practices may learn from")
    share.add_argument("practice", type=Path, metavar="practice.toml")
    share.add_argument("file", type=Path, metavar="FILE.csv")
    share.set_defaults(command=_share)

    pool = commands.add_parser("pool", help="what shared files say together, by kind of partner")
    pool.add_argument("files", type=Path, nargs="+", metavar="FILE.csv")
    pool.add_argument(
        "--write", type=Path, metavar="PRIOR.csv", help="keep a prior for each kind in a new file"
    )
    pool.set_defaults(command=_pool)

    simulate = commands.add_parser("simulate", help="write a made-up practice")
    simulate.add_argument("folder", type=Path, metavar="FOLDER")
    simulate.add_argument("--seed", type=int, default=None, metavar="N")
    simulate.set_defaults(command=_simulate)
    return parser


def _init(given: argparse.Namespace) -> int:
    from partner_analysis.practice import init_practice

    path = init_practice(given.folder)
    print(f"{path} is written. Fill it and the tables beside it, then run:")
    print(f"  partner-analysis check {path}")
    return DONE


def _check(given: argparse.Namespace) -> int:
    from partner_analysis.reporting.problems import find_problems

    problems = find_problems(given.practice)
    for problem in problems.faults + problems.register_faults:
        _complain(problem)
    for line in problems.summary:
        print(line)
    if problems.faults:
        return BAD_INPUT
    return SOME_FAILED if problems.register_faults else DONE


def _review(given: argparse.Namespace) -> int:
    from partner_analysis.cleaning.sources.questions import ask_questions

    for line in ask_questions(given.practice):
        print(line)
    return DONE


def _run(given: argparse.Namespace) -> int:
    from partner_analysis import storage
    from partner_analysis.reporting.runs import run_practice

    if given.as_of is not None and not given.as_of.strip():
        raise SettingsError("--as-of: is empty. Write a day as YYYY-MM-DD, or leave it out.")
    try:
        with _Progress() as progress:
            record = run_practice(
                given.practice, as_of=given.as_of, only=given.only, tell=progress.step
            )
    except storage.LockedError as error:
        _complain(str(error))
        return LOCKED
    for problem in record.problems:
        _complain(problem)
    if record.index is not None:
        print(f"The report on data as of {record.as_of} is ready: {record.index}")
    return SOME_FAILED if record.problems else DONE


def _plan(given: argparse.Namespace) -> int:
    from partner_analysis import storage
    from partner_analysis.reporting.plan_page import write_plan_page
    from partner_analysis.reporting.planning import plan_lines, plan_study
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
    for line in plan_lines(plan_study(study, **asked)):
        print(line)
    if given.page:
        try:
            print(f"The page is ready: {write_plan_page(study, asked)}")
        except storage.LockedError as error:
            _complain(str(error))
            return LOCKED
    return DONE


def _map(given: argparse.Namespace) -> int:
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


def _share(given: argparse.Namespace) -> int:
    from partner_analysis.reporting.sharing import write_shared

    for line in write_shared(given.practice, given.file):
        print(line)
    return DONE


def _pool(given: argparse.Namespace) -> int:
    from partner_analysis.reporting.pool import pool_files

    for line in pool_files(given.files, write=given.write):
        print(line)
    return DONE


def _simulate(given: argparse.Namespace) -> int:
    from partner_analysis.simulate import write_practice

    if given.seed is not None and given.seed < 0:
        raise SettingsError("--seed: give a whole number from 0.")
    seed = {} if given.seed is None else {"seed": given.seed}
    path = write_practice(given.folder, **seed)
    print(f"A made-up practice is written to {path}.")
    return DONE


def _about_files(error: OSError) -> str:
    """What the file system refused, and what to do."""
    where = f"{error.filename}: " if error.filename else ""
    return (
        f"{where}the file system refused it ({error.strerror or type(error).__name__}). Choose "
        "another place, make room, or let this user read and write there."
    )


def _complain(message: str) -> None:
    """One paragraph on the error stream."""
    print(" ".join(message.split()), file=sys.stderr)


def _unexpected(error: Exception) -> int:
    """Keep the traceback where only its owner can read it; it may show a patient."""
    import traceback

    from partner_analysis import storage

    path = storage.keep_private("".join(traceback.format_exception(error)))
    _complain(
        f"Something went wrong that nobody foresaw ({type(error).__name__}). The details are in "
        f"{path}; they may show a patient, so do not pass the file on."
    )
    return UNEXPECTED


class _Progress:
    """A bar on a terminal, plain lines otherwise."""

    def __init__(self) -> None:
        self.bar = tqdm(unit="notebook", leave=False) if sys.stderr.isatty() else None

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def step(self, done: int, total: int, label: str, seconds: float) -> None:
        """One more notebook is done."""
        if self.bar is None:
            print(f"[{done}/{total}] {label}: {seconds:.1f} s", file=sys.stderr, flush=True)
            return
        self.bar.total = total
        self.bar.set_postfix_str(label, refresh=False)
        self.bar.update(done - self.bar.n)


if __name__ == "__main__":
    sys.exit(main())
