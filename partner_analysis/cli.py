"""The command line: partner-analysis init | check | review | run | status | plan | map ..."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import partner_analysis as pa
from partner_analysis import commands
from partner_analysis.commands import BAD_INPUT, STOPPED, UNEXPECTED, complain
from partner_analysis.faults import call_settings
from partner_analysis.tables import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code of one command.

    0: all done, whatever the verdicts. 1: a row of the register or a notebook failed, the others
    are reported. 2: a file or a setting is wrong, and nothing was run. 74: the disk is full or
    fails, and the last reports stand. 75: another run is under way. 130, 143: stopped from outside.
    70: something nobody foresaw; the traceback is kept in a private file.
    """
    given = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = given.command
    try:
        return command(given)
    except InputError as error:
        complain(call_settings(str(error), getattr(given, "practice", "practice.toml")))
        return BAD_INPUT
    except OSError as error:
        complain(_about_files(error))
        return BAD_INPUT
    except KeyboardInterrupt as stop:
        complain("Stopped. Nothing half-made was published.")
        return getattr(stop, "code", STOPPED)
    except Exception as error:
        return _unexpected(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="partner-analysis",
        description="Did a partnership bring patients who would not have come?",
    )
    parser.add_argument("--version", action="version", version=f"partner-analysis {pa.__version__}")
    sub = parser.add_subparsers(
        required=True,
        metavar="init | check | review | run | status | plan | map | share | pool | pitch | ...",
    )

    init = sub.add_parser("init", help="write a commented practice.toml and empty tables")
    init.add_argument("folder", type=Path, metavar="FOLDER")
    init.set_defaults(command=commands.init)

    check = sub.add_parser("check", help="read everything, write nothing, list every problem")
    check.add_argument("practice", type=Path, metavar="practice.toml")
    check.set_defaults(command=commands.check)

    review = sub.add_parser(
        "review", help="ask what unclear source texts mean, in the table of decisions"
    )
    review.add_argument("practice", type=Path, metavar="practice.toml")
    review.set_defaults(command=commands.review)

    run = sub.add_parser("run", help="make the reports")
    run.add_argument("practice", type=Path, metavar="practice.toml")
    run.add_argument("--as-of", metavar="DATE", help="last day of data to use, YYYY-MM-DD")
    run.add_argument(
        "--only",
        metavar="ID",
        action="append",
        default=[],
        help="this partnership; may be repeated",
    )
    run.add_argument(
        "--engine",
        choices=("fast", "plain"),
        default="fast",
        help="plain: each notebook in a new Jupyter kernel; the pages are the same",
    )
    run.add_argument(
        "--view",
        type=Path,
        metavar="VIEW.toml",
        help="only the page of a view kept while exploring",
    )
    run.add_argument(
        "--force", action="store_true", help="run all notebooks, also where nothing has changed"
    )
    run.add_argument(
        "--scheduler",
        default="",
        metavar="tcp://HOST:PORT",
        help="let the workers of a Dask cluster clean large exports and run the notebooks",
    )
    run.set_defaults(command=commands.run)

    status = sub.add_parser("status", help="what ran last, what failed, what is stale")
    status.add_argument("practice", type=Path, metavar="practice.toml")
    status.set_defaults(command=commands.status)

    plan = sub.add_parser("plan", help="would a partnership be noticed, and what would it take")
    plan.add_argument("practice", type=Path, metavar="practice.toml")
    plan.add_argument("--clinics", default="", metavar="A;B", help="that could take part")
    plan.add_argument("--personas", default="", metavar="A;B", help="whom it would reach")
    effect = plan.add_mutually_exclusive_group()
    effect.add_argument("--percent", type=float, metavar="N", help="the effect; 25 if not stated")
    effect.add_argument("--per-month", type=float, metavar="N", help="or in new patients in all")
    plan.add_argument("--months", type=int, default=12, metavar="N", help="by when; 12")
    plan.add_argument("--page", action="store_true", help="leave a page in reports as well")
    plan.set_defaults(command=commands.plan)

    mapped = sub.add_parser("map", help="propose how to read a file of any other system")
    mapped.add_argument("file", type=Path, metavar="FILE")
    mapped.add_argument(
        "--write", type=Path, metavar="BLOCK.toml", help="keep the [[exports]] block in a new file"
    )
    mapped.set_defaults(command=commands.map)

    share = sub.add_parser(
        "share", help="write pages for partners and the board, or a FILE.csv for other practices"
    )
    share.add_argument("practice", type=Path, metavar="practice.toml")
    share.add_argument("file", type=Path, nargs="?", metavar="FILE.csv")
    share.set_defaults(command=commands.share)

    pool = sub.add_parser("pool", help="what shared files say together, by kind of partner")
    pool.add_argument("files", type=Path, nargs="+", metavar="FILE.csv")
    pool.add_argument(
        "--write", type=Path, metavar="PRIOR.csv", help="keep a prior for each kind in a new file"
    )
    pool.set_defaults(command=commands.pool)

    pitch = sub.add_parser("pitch", help="write one page for each possible partner")
    pitch.add_argument("practice", type=Path, metavar="practice.toml")
    pitch.set_defaults(command=commands.pitch)

    simulate = sub.add_parser("simulate", help="write a made-up practice")
    simulate.add_argument("folder", type=Path, metavar="FOLDER")
    simulate.add_argument("--seed", type=int, default=None, metavar="N")
    simulate.set_defaults(command=commands.simulate)
    return parser


def _about_files(error: OSError) -> str:
    """What the file system refused, and what to do."""
    where = f"{error.filename}: " if error.filename else ""
    return (
        f"{where}the file system refused it ({error.strerror or type(error).__name__}). Choose "
        "another place, make room, or let this user read and write there."
    )


def _unexpected(error: Exception) -> int:
    """Keep the traceback where only its owner can read it; it may show a patient."""
    import traceback

    from partner_analysis import storage

    path = storage.keep_private("".join(traceback.format_exception(error)))
    complain(
        f"Something went wrong that nobody foresaw ({type(error).__name__}). The details are in "
        f"{path}; they may show a patient, so do not pass the file on."
    )
    return UNEXPECTED


if __name__ == "__main__":
    sys.exit(main())
