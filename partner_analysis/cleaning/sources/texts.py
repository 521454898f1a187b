"""Referral-source texts as comparable words, and the vocabulary of a front desk."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


def _words(listed: str) -> frozenset[str]:
    """Words of a list written with spaces."""
    return frozenset(listed.split())


EXPANDED: Final = {
    "rd": "road", "st": "street", "ave": "avenue", "ctr": "center", "cntr": "center",
    "centre": "center", "comm": "community", "ortho": "orthopedics",
    "orthopaedic": "orthopedics", "orthopaedics": "orthopedics", "orthopedic": "orthopedics",
    "grp": "group", "assoc": "associates", "hosp": "hospital", "occ": "occupational",
    "mt": "mount", "shoppe": "shop", "doctor": "dr", "drs": "dr", "pilate": "pilates",
    "n't": "not", "isnt": "not", "wasnt": "not", "didnt": "not", "dont": "not", "never": "not",
}  # fmt: skip
DROPPED: Final = _words("the a an of llc inc co corp ltd pllc pc company incorporated")
GENERIC: Final = _words(
    "shop store studio gym club center community group fitness yoga pilates running run "
    "runners runner road street strength training sports sport physician physicians clinic "
    "clinics therapy occupational physical health wellness medical academy class coach "
    "crossfit place restaurant cafe bar hotel office practice house north south east west "
    "downtown local orthopedics associates team works service services senior county city public "
    "state district department independent foundation trust society association"
)
ORGANISATIONS: Final = _words(
    "hospital pharmacy dental dentist church school college university bank insurance freight "
    "supply apartments market mart hotel restaurant grill diner brewery salon spa library museum "
    "clinic clinics medicine orthopedics urgent surgery surgical imaging radiology cardiology "
    "pediatrics chiropractic chiro shop store studio gym club center group fitness yoga "
    "pilates runners boatworks academy crossfit associates physicians works company motors "
    "realty physician plaza mall park hardware nursery veterinary vet dance"
)
HOSTED: Final = _words(
    "group club gym fitness yoga pilates runners studio center shop store academy dance park team "
    "running training class program"
)
OTHER_PLACE: Final = _words(
    "old new upper lower little big great north south east west northern southern eastern western "
    "northeast northwest southeast southwest"
)
PLACE_WORDS: Final = _words(
    "lake hill hills road street avenue beach park springs river valley creek ridge bay harbor "
    "island county city town village heights grove falls point mountain shore square plaza "
    "crossing landing meadows woods forest garden gardens end"
)
STATES: Final = _words(
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm "
    "ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc us usa uk nyc sf"
)
NEGATIONS: Final = {"not": 5, "nor": 3, "without": 3, "than": 3, "except": 3, "non": 1, "no": 1}
NOT_NEGATED: Final = _words("sure only certain just")
REVERSALS: Final = _words("but saw so actually")
TITLES: Final = _words("dr mr mrs ms coach prof rev sr")
CREDENTIALS: Final = _words("md do np pa dpm dc dpt phd rn fnp pac")
LINKS: Final = _words(
    "at from via by with and to through sent referred ref told per for in on near then also "
    "saw heard maybe think about event events post ad class staff member members owner employee "
    "trainer friend sister partner website facebook google flyer or her his their my our was is "
    "orig originally race expo demo booth workshop talk"
)
LABELS: Final = {
    "internet": "google website web online internet search yelp bing maps site zocdoc",
    "social": "facebook fb instagram insta ig tiktok twitter linkedin youtube social nextdoor",
    "word of mouth": "friend friends family wom neighbor neighbour sister brother mother father "
    "mom dad husband wife spouse daughter son coworker colleague relative cousin aunt uncle",
    "returning": "returning return returned former prev previous previously prior",
    "advertising": "mailer flyer radio tv billboard sign newspaper coupon postcard magazine "
    "brochure ad advert",
    "insurance": "insurance adjuster bcbs medicare medicaid insurer",
    "physician": "pcp physician doctor dr",
    "other": "other",
    "self": "self",
}
LABEL_OF: Final = {word: label for label, words in LABELS.items() for word in words.split()}
LABEL_PAIRS: Final = {
    ("word", "mouth"): "word of mouth", ("came", "back"): "returning",
    ("case", "manager"): "insurance", ("drive", "by"): "advertising",
    ("drove", "by"): "advertising", ("walk", "in"): "advertising",
}  # fmt: skip
PLACE_ENDINGS: Final = (
    "side", "town", "ville", "port", "field", "brook", "view", "wood", "ford", "burg", "shore",
    "gate", "hill", "land", "crest", "point", "haven", "street", "road", "lake",
)  # fmt: skip
_STRONG: Final = re.compile(r"\s[-\u2013\u2014]+\s|[/;|+(),:\n\[\]]|\bthen\b")
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Words:
    """A text as words; ``parts`` tells which part of the text each stands in.

    ``shouted`` says which were written in capitals throughout, ``joined`` at which words a new
    half begins after an "and", ``negated`` which stand after a "not".
    """

    words: tuple[str, ...]
    parts: tuple[int, ...]
    shouted: tuple[bool, ...]
    joined: tuple[bool, ...]
    negated: tuple[bool, ...]


def repaired(text: str) -> str:
    """Text with its encoding repaired, plain spaces and straight quotation marks."""
    if text.isascii():
        return " ".join(text.split())
    if "â€" in text or "Ã" in text:
        try:
            text = text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            text = text.replace("â€™", "'")
    text = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u2018", "'")
    return " ".join(text.replace("\u00ad", "").split())


def split_words(text: str) -> Words:
    """Text as comparable words: small letters, no accents, abbreviations written out."""
    text = repaired(text)
    text = re.sub(r"n['`]t\b", " not", text)
    text = re.sub(r"['`][sS]\b", "", text).replace("'", "").replace("`", "")
    words: list[str] = []
    parts: list[int] = []
    shouted: list[bool] = []
    joined: list[bool] = []
    for part, piece in enumerate(_STRONG.split(text)):
        after_and = False
        for match in _WORD.finditer(piece.replace("&", " and ")):
            raw = match.group()
            word = _comparable(raw)
            if word == "and":
                after_and = True
            elif word not in DROPPED or (word == "a" and _is_initial(piece, match.end(), words)):
                words.append(word)
                parts.append(part)
                shouted.append(raw.isupper() and raw.isalpha())
                joined.append(after_and)
                after_and = False
    negated = _negated(words, parts)
    return Words(tuple(words), tuple(parts), tuple(shouted), tuple(joined), negated)


def plain_words(text: str) -> str:
    """Text as comparable words in one line: the form in which the review list shows it.

    Examples
    --------
    >>> plain_words("Harbor-Run Shop, LLC")
    'harbor run shop'
    """
    return " ".join(split_words(text).words)


def _negated(words: list[str], parts: list[int]) -> tuple[bool, ...]:
    """Which words stand shortly after a "not", in the same part of the text."""
    negated = [False] * len(words)
    if NEGATIONS.keys().isdisjoint(words):
        return tuple(negated)
    for place, word in enumerate(words):
        reach = NEGATIONS.get(word, 0)
        for after in range(place + 1, min(place + 1 + reach, len(words))):
            ends = words[after] in REVERSALS or (after == place + 1 and words[after] in NOT_NEGATED)
            if ends or parts[after] != parts[place]:
                break
            negated[after] = True
    return tuple(negated)


def _is_initial(piece: str, end: int, words: list[str]) -> bool:
    """Whether an "a" is the initial of a person."""
    return piece[end : end + 1] == "." or words[-1:] == ["dr"]


@lru_cache(maxsize=50_000)
def _comparable(raw: str) -> str:
    """A word folded and, if it is an abbreviation, written out."""
    word = _folded(raw)
    return EXPANDED.get(word, word)


def _folded(raw: str) -> str:
    """A word in small letters without accents."""
    if raw.isascii():
        return raw.lower()
    split = unicodedata.normalize("NFKD", raw.casefold())
    return "".join(mark for mark in split if not unicodedata.combining(mark))
