"""What a term means, said where it first stands on a page."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Final

BLOCK: Final = re.compile(
    r"<p\b[^>]*>.*?</p>|<li>.*?</li>|<figcaption>.*?</figcaption>"
    r'|<div class="table-scroll">.*?</div>',
    re.DOTALL,
)
TAG: Final = re.compile(r"<[^>]+>")
# A term, how it is found, and what it means; a term of several words stands before its parts.
MEANINGS: Final = (
    (
        "review interval",
        r"review interval",
        "the range of numbers that the data allow at a planned review; wider than for a single "
        "look, since several looks give chance more occasions.",
    ),
    (
        "{0} interval",
        r"\b(\d+(?:\.\d+)?%) interval",
        "the range of numbers that the data allow; made so that about {0} of such ranges hold the "
        "true number.",
    ),
    (
        "expected",
        r"than expected|expected (?:without|mean)|expected, in all",
        "what would have come without it, worked out from the time before and from places that "
        "no partnership touched.",
    ),
    (
        "evidence",
        r"^Evidence: ",
        "how well founded the answer is, by written rules: strong, moderate, weak or none.",
    ),
    (
        "a picture, not a finding",
        r"a picture, not a finding",
        "today's number; a finding is declared only at a planned review.",
    ),
    (
        "comparison clinic, comparison group",
        r"comparison (?:clinic|group)",
        "a clinic, or a clinic's patients of one kind, that no partnership touched at that time; "
        "it shows what would have happened anyway.",
    ),
    ("persona", r"\bpersonas?\b", "a kind of patient, such as runners or people hurt at work."),
    (
        "synthetic difference in differences",
        r"synthetic difference in differences",
        "difference in differences against a mix of clinics and weeks that moved as this one did.",
    ),
    (
        "difference in differences",
        r"(?<!synthetic )difference in differences",
        "how much more this clinic changed than the others over the same time.",
    ),
    (
        "synthetic control",
        r"synthetic control",
        "a mix of other clinics that moved as this one did before the start.",
    ),
    (
        "interrupted time series",
        r"interrupted time series",
        "the clinic's own line from before the start, carried on.",
    ),
    (
        "placebo",
        r"\bplacebos?\b",
        "a place or a date without a partnership, judged as if there had been one.",
    ),
    (
        "degrees of freedom",
        r"degrees? of freedom",
        "how many independent comparisons the width of an interval rests on; few make it wide.",
    ),
    (
        "treated cells and periods",
        r"treated cells and periods",
        "the clinics and kinds of patient that the partnership reaches, week by week or month by "
        "month.",
    ),
    ("Newey-West", r"Newey-West", "a way to allow for weeks that resemble the weeks before them."),
    (
        "p",
        r"\bp-value\b|\bp = \d",
        "how often chance alone would move the number as far as this: 0.05 is 1 time in 20.",
    ),
    ("panel", r"\(panel\)", "many clinics followed over the same time."),
    (
        "drift",
        r"\bdrift\b",
        "a slow parting of two lines: of this clinic from those it is compared with.",
    ),
    (
        "verdict",
        r"\bverdict\b",
        "what the data say: more, fewer, no clear change, too early, too small to tell, or that "
        "they do not fit the question.",
    ),
    (
        "standing",
        r"\bstandings?\b",
        "what was declared at the last planned review; it stands until the next.",
    ),
    (
        "fingerprint",
        r"\bfingerprint\b",
        "a number that changes when any input or any line of the program changes.",
    ),
    (
        "provider",
        r"(?<!For )\bproviders?\b",
        "a physician or another who refers patients as part of care.",
    ),
    (
        "alliance",
        r"\balliances?\b",
        "any agreement with another organisation, be it for patients, care or community.",
    ),
    ("exploratory", r"\bexploratory\b", "good for ideas; it proves nothing by itself."),
)


def explained(html: str) -> str:
    """The HTML with each term's meaning below the block in which it first stands.

    Examples
    --------
    >>> explained("<p>So it drifts: a drift.</p>").count("<dfn>drift</dfn>")
    1
    """
    told: set[str] = set()

    def with_meanings(found: re.Match[str]) -> str:
        block = found.group(0)
        said = [_said(term, meaning) for term, meaning in _first_terms(block, told)]
        if not said:
            return block
        notes = f'<small class="meaning">{" ".join(said)}</small>'
        if block.startswith("<div"):
            return f'{block}<p class="pa-note">{notes}</p>'
        end = block.rindex("</")
        return f"{block[:end]}{notes}{block[end:]}"

    return BLOCK.sub(with_meanings, html)


def _first_terms(block: str, told: set[str]) -> list[tuple[str, str]]:
    """Terms that stand in the block and were not explained before, with their meanings."""
    text = unescape(TAG.sub(" ", block)).strip()
    terms = []
    for term, pattern, meaning in MEANINGS:
        found = re.search(pattern, text) if term not in told else None
        if found:
            told.add(term)
            terms.append((term.format(*found.groups()), meaning.format(*found.groups())))
    return terms


def _said(term: str, meaning: str) -> str:
    return f"<span><dfn>{escape(term)}</dfn>: {escape(meaning)}</span>"
