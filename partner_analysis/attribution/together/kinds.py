"""Broad kinds of partners and of patients, as far as a file that leaves the practice may say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

KINDS: Final = (
    "running store",
    "gym",
    "studio",
    "club",
    "employer",
    "school",
    "nonprofit or community",
    "other",
)
PROVIDER_KINDS: Final = ("physician group", "other provider")
PERSONAS: Final = ("any", "runner", "athlete", "older adult", "general", "other")

# The first that fits wins; providers come first, so that none of them passes for a business.
_KIND_WORDS: Final = {
    "physician group": r"physicians?|doctors?|m\.?d|surg\w*|orthop\w*|primary care|p?a?ediatric\w*|"
    r"obstetric\w*|ob-?gyn|medical (?:group|practice)|family medicine",
    "other provider": r"(?:occupational|speech|massage|hand|physical)?[ -]?therap\w*|"
    r"chiropract\w*|dentist\w*|midwi\w*|doula\w*|hospitals?|clinics?|nurs\w*|acupunct\w*|"
    r"podiatr\w*|psycholog\w*|dietiti?c?ians?|optomet\w*|pharmac\w*|home health|health system",
    "running store": r"(?:run|running|runners?|shoe)s? (?:store|shop)s?",
    "club": r"clubs?|teams?|leagues?",
    "gym": r"gyms?|fitness|cross-?fit|strength|climbing|health club|personal train\w*",
    "studio": r"studios?|pilates|yoga|dance|barre|tai chi",
    "employer": r"employers?|company|factory|industry|workplace|business(?:es)?|union",
    "school": r"schools?|universit\w*|colleges?|academ\w*|kindergartens?",
    "nonprofit or community": r"non-?profits?|charit\w*|communit\w*|church\w*|senior cent\w*|"
    r"foundations?|librar\w*|associations?|ymca|volunteer\w*",
}
_KEPT_CLOSE: Final = (
    r"pregnan|prenatal|perinatal|post-?part|pelvi|matern|child|youth|teen|minor|p?a?ediatric|"
    r"student|school|junior|\bu-?1\d\b|work|\bwc\b|comp\b|auto|accident"
)
_PERSONA_WORDS: Final = {
    "runner": r"\brun|marathon|jog",
    "athlete": r"athlet|sport|player|lifter|cycl|swim|danc",
    "older adult": r"older|senior|elder|medicare|\b65|retire|balance",
    "general": r"^general$",
}


def broad_kind(kind: str) -> str:
    """Kind of partner from the fixed list, or of provider; "other" where no word tells.

    >>> broad_kind("Pilates studio"), broad_kind("occupational-therapy clinic")
    ('studio', 'other provider')
    """
    words = " ".join(re.split(r"[\s_/]+", str(kind).casefold())).strip()
    for name, pattern in _KIND_WORDS.items():
        if re.search(rf"\b(?:{pattern})\b", words):
            return name
    return "other"


def is_provider(kind: str) -> bool:
    """Whether a kind of partner is one that can refer: never compared by volume.

    >>> is_provider("physician group"), is_provider("gym")
    (True, False)
    """
    return broad_kind(kind) in PROVIDER_KINDS


def is_kept_close(persona: str) -> bool:
    """Whether a kind of patient is told to nobody outside: pregnancy, minors, injuries.

    >>> is_kept_close("Pelvic health"), is_kept_close("runner")
    (True, False)
    """
    return re.search(_KEPT_CLOSE, " ".join(str(persona).casefold().split())) is not None


def broad_persona(personas: Sequence[str]) -> str:
    """Kind of patient from the fixed list: "any" for all or several, "other" where it is close.

    Pregnancy, minors and injuries at work or on the road are "other", whatever else is said.

    >>> broad_persona(["runner"]), broad_persona(["pregnancy"]), broad_persona([])
    ('runner', 'other', 'any')
    """
    if len(personas) != 1:
        return "any"
    words = " ".join(str(personas[0]).casefold().split())
    if is_kept_close(words):
        return "other"
    return next((name for name, p in _PERSONA_WORDS.items() if re.search(p, words)), "other")
