"""A proposal as an ``[[exports]]`` block to paste into practice.toml."""

from __future__ import annotations

import glob
import json
from collections.abc import Iterable
from pathlib import Path

from partner_analysis.cleaning.mapping.propose import Proposal
from partner_analysis.cleaning.mapping.questions import Question, questions_of

UNTOLD = "its columns are named in words that are not known"
NEEDED = {
    "referrals": ("patient", "clinic", "evaluated", "received", "created"),
    "visits": ("patient", "visited", "clinic"),
    "patients": ("patient",),
    "counts": ("unit", "date", "count"),
    "tallies": ("source", "patients", "cases"),
}


def write_block(proposal: Proposal) -> str:
    """The block as TOML, with its evidence; what cannot be told is a question in a comment.

    Guesses are comments too, but for columns without which no row could be read.
    """
    questions = questions_of(proposal)
    lines = [
        f"# Proposed by `partner-analysis map`: {proposal.why or UNTOLD}.",
        "# Confirm each line; take away the # of those that are right, and answer the questions.",
        "[[exports]]",
        *_head(proposal),
        *_asked(question for question in questions if not question.is_column),
        "[exports.columns]",
    ]
    for ours, column in proposal.known.items():
        lines.append(f"# {ours} = {quoted(column.header)}  # the profile says so")
    for choice in proposal.choices:
        rival = f"; {quoted(choice.rival)} would fit about as well" if choice.rival else ""
        shown = choice.confidence != "a guess" or choice.ours in NEEDED.get(proposal.kind, ())
        lines.append(
            f"{'' if shown else '# '}{choice.ours} = {quoted(choice.column.header)}"
            f"  # {choice.confidence}: {choice.evidence}{rival}"
        )
    lines += _asked(question for question in questions if question.is_column)
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)


def place_of(path: Path) -> str:
    """Path of a file as seen from its practice: the nearest folder above with a practice.toml.

    Without one, that which holds ``data/raw``; else the name alone.
    """
    whole = path.absolute()
    for folder in whole.parents:
        if (folder / "practice.toml").is_file() or (folder / "data" / "raw") in whole.parents:
            return whole.relative_to(folder).as_posix()
    return path.name


def _head(proposal: Proposal) -> list[str]:
    """Lines on the file: profile or kind, its name, its dates."""
    recognised, dating = proposal.recognised, proposal.dating
    lines = [f'kind = "{proposal.kind}"'] if proposal.kind else []
    export = recognised.profile.export if recognised else {}
    if recognised:
        lines = [f'profile = "{recognised.profile.name}"  # {recognised.profile.title}']
    place = quoted(glob.escape(place_of(proposal.path)))
    lines.append(f"files = {place}  # from the folder of practice.toml")
    given = export.get("date_format", "%Y-%m-%d")
    given = (given,) if isinstance(given, str) else tuple(given)
    unsaid = [f for f in dating.formats if f not in (*given, "%Y-%m-%d")]
    if not dating.other and (unsaid or (dating.formats and not recognised)):
        shown = quoted(dating.formats[0]) if len(dating.formats) == 1 else _list(dating.formats)
        lines.append(f"date_format = {shown}")
    if dating.utc and "time_zone" not in export:
        lines.append('time_zone = "UTC"  # times end in Z; [practice] needs its own time_zone')
    if proposal.kind == "counts" and _ends(proposal):
        lines.append('date_is = "ends"  # days are the last of their months, or the name says end')
    return lines


def _list(texts: Iterable[str]) -> str:
    """Texts as a TOML list."""
    return "[" + ", ".join(quoted(text) for text in texts) + "]"


def _ends(proposal: Proposal) -> bool:
    """Whether the dates of counts are the last days of their periods."""
    column = proposal.columns.get("date")
    if column is None:
        return False
    days = column.contents.days
    last = bool(len(days)) and bool(days.dt.is_month_end.all())
    return last or "end" in column.header.casefold()


def _asked(questions: Iterable[Question]) -> list[str]:
    """Questions as comments; one that has an answer to be confirmed as a line."""
    return [
        f"{'' if question.is_answered else '# '}{question.line}  # {question.text}"
        for question in questions
    ]
