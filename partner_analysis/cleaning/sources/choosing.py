"""Which of the candidates in a text are taken: without overlap, with a margin, not negated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from partner_analysis.cleaning.sources.aliases import Partners
from partner_analysis.cleaning.sources.forms import Candidate
from partner_analysis.cleaning.sources.labels import Label
from partner_analysis.cleaning.sources.texts import GENERIC, Words

MARGIN: Final = 6.0
FUZZY_MARGIN: Final = 12.0
SURE: Final = frozenset({"exact", "normalised"})


@dataclass(slots=True)
class Found:
    """What one text names."""

    taken: list[Candidate] = field(default_factory=list)
    doubtful: list[Candidate] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def choose_candidates(
    candidates: Sequence[Candidate], words: Words, partners: Partners, town: frozenset[str]
) -> Found:
    """Candidates that are taken, weightiest first, without overlap and with a clear margin.

    Parameters
    ----------
    candidates
        Of one text, the weightiest first.
    town
        Words of the place of the text, as far as it is known.
    """
    found, used = Found(), set[int]()
    for candidate in candidates:
        span = set(range(candidate.start, candidate.end))
        if span & used:
            continue
        used |= span
        rivals = _rivals(candidate, candidates)
        winner = _nearest([candidate, *rivals], partners, town) if rivals else candidate
        if words.negated[candidate.start]:
            found.notes.append("a partner is named, but with a not")
        elif winner is None:
            doubt = candidate.doubt or "several partners"
            found.doubtful += [replace(candidate, doubt=doubt), *rivals]
        elif doubt := _doubt_in_place(winner, partners.addresses[winner.partner], town):
            found.doubtful.append(replace(winner, doubt=doubt))
        elif all(winner.partner != other.partner for other in found.taken):
            found.taken.append(winner)
    found.taken.sort(key=lambda c: c.start)
    return found


def _rivals(candidate: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Best candidate of each other partner for the same words, within the margin or wider."""
    if len(candidates) == 1:
        return []
    size = candidate.end - candidate.start
    margin = MARGIN if candidate.rule in SURE else FUZZY_MARGIN
    rivals: dict[int, Candidate] = {}
    for other in candidates:
        overlap = min(candidate.end, other.end) - max(candidate.start, other.start)
        wide = other.end - other.start
        as_wide = 2 * overlap > size and wide >= size
        wider = overlap == size and wide > size
        near = other.score > candidate.score - margin or wider
        if other.partner != candidate.partner and as_wide and near:
            rivals.setdefault(other.partner, other)
    return list(rivals.values())


def _nearest(
    candidates: list[Candidate], partners: Partners, town: frozenset[str]
) -> Candidate | None:
    """The one candidate whose address fits the place of the text; none if it is not one."""
    if not town:
        return None
    shared = [len(town & partners.addresses[c.partner]) for c in candidates]
    best = max(shared)
    if best == 0 or shared.count(best) > 1:
        return None
    return candidates[shared.index(best)]


def _doubt_in_place(candidate: Candidate, address: frozenset[str], town: frozenset[str]) -> str:
    """What is doubtful about a candidate once its address is held against the text's place.

    The same house and street settle a doubt about the name. Other streets raise one, and so do
    other towns where the name is not quite that of the register.
    """
    if not address or not town:
        return candidate.doubt
    shared = {word for word in address & town if word not in GENERIC}
    numbers = [{word for word in words if word.isdigit()} for words in (address, town)]
    if numbers[0] & numbers[1] and any(not word.isdigit() for word in shared):
        return ""
    streets_differ = all(numbers) and not shared
    loose = candidate.rule not in SURE and not shared
    return candidate.doubt or ("the address differs" if streets_differ or loose else "")
