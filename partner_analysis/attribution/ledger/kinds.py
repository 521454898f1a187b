"""Kinds of activity: one name each for what practices write in many ways."""

from __future__ import annotations

import re
from typing import Final

OTHER: Final = "other"
KINDS: Final[dict[str, tuple[str, ...]]] = {
    "co-branded print": ("print", "print ad", "newspaper", "magazine", "co-brand print"),
    "co-branded online": ("online", "online ad", "website", "e-mail", "newsletter", "web"),
    "radio and TV": ("radio", "tv", "television", "radio ad", "tv ad", "radio and television"),
    "social post": ("social", "social media", "facebook", "instagram", "post"),
    "brochure": ("flyer", "leaflet", "rack card", "card", "postcard", "handout"),
    "sponsorship": ("sponsor", "sponsored event", "race sponsorship", "team sponsorship"),
    "exhibit table": ("exhibit", "booth", "expo", "table", "race expo", "fair", "health fair"),
    "display": ("banner", "poster", "sign", "display at the partner"),
    "event": ("open house", "screening", "joint event", "shared event", "screening event"),
    "workshop": ("class", "classes", "talk", "lecture", "seminar", "education session", "training"),
    "staff visit": ("visit", "meeting", "lunch", "planning meeting", "site visit"),
}


def kind_of(text: str) -> str:
    """The kind of activity that a text means, or "other".

    Capitals, hyphens, a plural and the words "co-branded" or "shared" before it do not matter.

    Examples
    --------
    >>> kind_of("Co-brand Social Posts"), kind_of("Race expo"), kind_of("parade float")
    ('social post', 'exhibit table', 'other')
    """
    words = _plain(text)
    bare = re.sub(r"^(co ?brand(ed)?|joint|shared) ", "", words)
    return next((_KIND_OF[w] for w in (words, bare) if w in _KIND_OF), OTHER)


def _plain(text: str) -> str:
    """Small letters and single words, each without its plural."""
    words = re.sub(r"[^a-z0-9]+", " ", str(text).casefold()).split()
    return " ".join(w[:-1] if len(w) > 2 and w.endswith("s") else w for w in words)


_KIND_OF: Final = {
    _plain(word): kind for kind, synonyms in KINDS.items() for word in (kind, *synonyms)
}
