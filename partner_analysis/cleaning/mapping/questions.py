"""What a file does not tell, as questions to the practice."""

from __future__ import annotations

from dataclasses import dataclass

from partner_analysis.cleaning.mapping.propose import Proposal
from partner_analysis.cleaning.plain import plain


@dataclass(frozen=True)
class Question:
    """A question, the line of the block that its answer fills, and where that line stands."""

    text: str
    line: str
    is_column: bool = False


def questions_of(proposal: Proposal) -> list[Question]:
    """Questions that remain, those that hinder reading first."""
    return [
        *_on_columns(proposal),
        *_on_dates(proposal),
        *_on_clinic(proposal),
        *_on_words(proposal),
        *_on_tables(proposal),
    ]


def _on_columns(proposal: Proposal) -> list[Question]:
    """Columns that are needed, or that the profile asks for, and nothing points to."""
    have = proposal.columns
    dates = ("evaluated", "received", "created")
    wanted = {
        "referrals": ["patient"] + ["evaluated"] * (not any(ours in have for ours in dates)),
        "visits": ["patient", "visited"],
        "patients": ["patient"],
        "counts": ["unit", "date", "count"],
        "tallies": ["source"] + ["patients"] * ("cases" not in have),
    }[proposal.kind]
    profile = proposal.recognised.profile if proposal.recognised else None
    if profile:
        wanted = [ours for ours in wanted if ours not in profile.columns]
        wanted += [ours for ours in profile.ask if ours not in wanted]
    needed = {"patient", "visited", "unit", "date", "count"}
    return [
        Question(
            f"which column is {ours}? "
            + ("It is needed." if ours in needed else "Leave it out if there is none."),
            f'{ours} = "..."',
            True,
        )
        for ours in dict.fromkeys(wanted)
        if ours not in have
    ]


def _on_dates(proposal: Proposal) -> list[Question]:
    """Day and month in an order that nothing tells."""
    dating = proposal.dating
    if not dating.other:
        return []
    first = dating.formats[0]
    return [
        Question(
            f"every date also fits {dating.other}: does the month or the day stand first?",
            f'date_format = "{first}"',
        )
    ]


def _on_clinic(proposal: Proposal) -> list[Question]:
    """A clinic that no column names."""
    event = proposal.kind in ("referrals", "visits")
    if not event or {"clinic", "treatment_clinic"} & set(proposal.columns):
        return []
    return [Question("no column names the clinic: which one is it?", 'one_clinic = "..."')]


def _on_words(proposal: Proposal) -> list[Question]:
    """Words of states and types that nothing explains yet."""
    export = proposal.recognised.profile.export if proposal.recognised else {}
    asked = []
    status = proposal.columns.get("status")
    if status and not export.get("statuses") and status.contents.share("status") < 1:
        share = 1 - status.contents.share("status")
        asked.append(
            Question(
                f"{share:.0%} of the cells of status are no known state: what does each mean "
                "(finalized, scheduled, cancelled, no show)?",
                'statuses = { "their word" = "finalized" }',
            )
        )
    types = {"visit_type", "note_type"} & set(proposal.columns)
    told = "procedure" in proposal.columns or "evaluations" in export
    if proposal.kind == "visits" and types and not told:
        ours = min(types)
        asked.append(
            Question(
                f"which words of {ours} ({proposal.columns[ours].contents.distinct:,} different) "
                "are initial evaluations? Without them every visit counts as one.",
                'evaluations = ["Initial Evaluation"]',
            )
        )
    return asked


def _on_tables(proposal: Proposal) -> list[Question]:
    """Tables of one sheet that may count the same patients again."""
    export = proposal.recognised.profile.export if proposal.recognised else {}
    titled = "(title above the table)" in [
        plain(name) for names in export.get("columns", {}).values() for name in [str(names)]
    ]
    if proposal.kind != "tallies" or not proposal.table.repeated or titled or "blocks" in export:
        return []
    return [
        Question(
            f"the table stands {proposal.table.repeated + 1} times: which titles are above those "
            "that count each patient once?",
            'blocks = ["..."]',
        )
    ]
