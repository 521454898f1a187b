"""A proposal as text to read on a screen."""

from __future__ import annotations

from partner_analysis.cleaning.exports.grids import TITLE
from partner_analysis.cleaning.mapping.block import quoted
from partner_analysis.cleaning.mapping.cells_only import look_of
from partner_analysis.cleaning.mapping.labels import UNKNOWN, find_labels
from partner_analysis.cleaning.mapping.propose import Proposal
from partner_analysis.cleaning.mapping.questions import questions_of

ROW = "  {:<16} {:<34} {:<8} {}"


def describe(proposal: Proposal) -> str:
    """What a file seems to be, column by column, and what only the practice can say."""
    lines = [
        *_what(proposal),
        "",
        ROW.format("ours", "theirs", "how sure", "why"),
        *_rows(proposal),
    ]
    if proposal.unread:
        lines += ["", "Not read, whatever happens:"]
        lines += [f"  {quoted(name)}: {why}" for name, why in proposal.unread.items()]
    lines += _labels(proposal)
    if not proposal.kind or proposal.why.startswith("only its cells"):
        lines += ["", "What the cells of each column look like:"]
        lines += [f"  {quoted(c.header)}: {look_of(c.contents)}" for c in proposal.every]
    elif proposal.left:
        lines += ["", "No use for: " + ", ".join(quoted(name) for name in proposal.left) + "."]
    if proposal.nameless:
        lines += [
            "",
            "1 filled column has no name of its own, and is not read."
            if proposal.nameless == 1
            else f"{proposal.nameless} filled columns have no name of their own, and are not read.",
        ]
    questions = questions_of(proposal)
    if questions:
        lines += ["", "For you to say:"]
        lines += [f"  {at}. {q.text} ({q.line})" for at, q in enumerate(questions, start=1)]
    return "\n".join(lines) + "\n"


def _what(proposal: Proposal) -> list[str]:
    """Profile, kind, header and rows."""
    table, recognised = proposal.table, proposal.recognised
    where = f"{proposal.path}, sheet {proposal.sheet}" if proposal.sheet else str(proposal.path)
    seems = "fits no profile that is known"
    if recognised:
        named = sum(names != (TITLE,) for names in recognised.profile.columns.values())
        seems = (
            f"seems to be {recognised.profile.title} (profile {recognised.profile.name}): "
            f"{len(recognised.places)} of the {named} columns it names are there"
        )
    looked = f", {len(table.rows):,} of them looked at" if len(table.rows) < table.below else ""
    return [
        f"{where}: {seems}.",
        f"A row is of {proposal.kind}: {proposal.why}."
        if proposal.kind
        else "What a row is of, its names do not tell: they are in words that are not known here.",
        f"The header is line {table.line}; {table.below:,} rows below it{looked}.",
    ]


def _labels(proposal: Proposal) -> list[str]:
    """Words for states and kinds of visits, and what they are taken for."""
    lines: list[str] = []
    for labels in find_labels(proposal):
        lines += ["", f"Words of {labels.ours}, and what each is taken for:"]
        for label in labels.shown:
            ask = "; say so in statuses" if label.means == UNKNOWN else ""
            lines.append(f"  {quoted(label.text)} ({label.rows:,}): {label.means}{ask}")
        if labels.hidden:
            more = "value" if labels.hidden == 1 else "values"
            lines.append(
                f"  {labels.hidden:,} more {more} in {labels.hidden_rows:,} rows: not shown, since "
                "they may be about patients."
            )
    return lines


def _rows(proposal: Proposal) -> list[str]:
    """One line for each column found or proposed."""
    lines = [
        ROW.format(ours, quoted(column.header), "sure", "the profile says so")
        for ours, column in proposal.known.items()
    ]
    for choice in proposal.choices:
        rival = f"; {quoted(choice.rival)} would fit about as well" if choice.rival else ""
        lines.append(
            ROW.format(
                choice.ours,
                quoted(choice.column.header),
                choice.confidence,
                choice.evidence + rival,
            )
        )
    return lines
