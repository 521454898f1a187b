"""What a file does not tell, as questions to the practice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from partner_analysis.cleaning.mapping.labels import find_labels
from partner_analysis.cleaning.mapping.propose import Proposal
from partner_analysis.cleaning.plain import plain

WORD: Final = '"their word" = "..."'


@dataclass(frozen=True)
class Question:
    """A question, the line of the block that its answer fills, and where that line stands.

    ``is_answered``: the line holds an answer, to be confirmed.
    """

    text: str
    line: str
    is_column: bool = False
    is_answered: bool = False


def questions_of(proposal: Proposal) -> list[Question]:
    """Questions that remain, those that hinder reading first."""
    if not proposal.kind:
        return _on_everything(proposal)
    return [
        *_on_columns(proposal),
        *_on_dates(proposal),
        *_on_clinic(proposal),
        *_on_words(proposal),
        *_on_tables(proposal),
    ]


def _on_everything(proposal: Proposal) -> list[Question]:
    """What a file in unknown words has to be asked."""
    found = {choice.ours for choice in proposal.choices}
    return [
        Question(
            "what is a row: a referral, a visit, a patient (referrals, visits, patients), or a "
            "number of patients (counts, tallies)?",
            'kind = "..."',
        ),
        *_on_dates(proposal),
        *(
            Question(f"which column is {ours}? Leave it out if there is none.", line, True)
            for ours in ("patient", "evaluated", "visited", "clinic", "source", "status")
            if ours not in found
            for line in [f'{ours} = "..."']
        ),
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
    labels = {found.ours: found for found in find_labels(proposal)}
    status = proposal.columns.get("status")
    if status and not export.get("statuses") and status.contents.share("status") < 1:
        share = 1 - status.contents.share("status")
        words = labels["status"].unknown if "status" in labels else ()
        pairs = ", ".join(f'{json.dumps(word, ensure_ascii=False)} = "..."' for word in words)
        asked.append(
            Question(
                f"{share:.0%} of the cells of status are no known state: what does each mean "
                "(finalized, scheduled, cancelled, no show)?",
                f"statuses = {{ {pairs or WORD} }}",
            )
        )
    types = [found for ours, found in labels.items() if ours != "status"]
    told = "procedure" in proposal.columns or "evaluations" in export
    if proposal.kind == "visits" and types and not told:
        kinds = next((found for found in types if found.evaluations), types[0])
        number = proposal.columns[kinds.ours].contents.distinct
        listed = json.dumps(kinds.evaluations or ["Initial Evaluation"], ensure_ascii=False)
        asked.append(
            Question(
                f"which words of {kinds.ours} ({number:,} different) are initial evaluations? "
                "Without them every visit counts as one.",
                f"evaluations = {listed}",
                is_answered=bool(kinds.evaluations),
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
