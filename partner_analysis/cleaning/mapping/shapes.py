"""What one cell looks like, whatever column it stands in."""

from __future__ import annotations

import re
from typing import Final

from partner_analysis.cleaning.exports.cells import NO, TIME_OF_DAY, YES
from partner_analysis.cleaning.exports.referrals import STATUSES

LONGEST_NAME: Final = 60
SEXES: Final = frozenset(
    {"m", "f", "x", "u", "male", "female", "man", "woman", "other", "unknown", "non-binary",
     "nonbinary", "undisclosed"}
)  # fmt: skip
DATE_LIKE: Final = re.compile(
    r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}|\d{1,2}[ -][A-Za-z]{3,9}[ ,-]+\d{2,4}|\d{4}-\d{2}"
    r"|[A-Za-z]{3,9}\.? (?:\d{1,2},? )?\d{4}"
)
UTC: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z")
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
PHONE: Final = re.compile(r"\+?\(?\d{1,5}\)?(?:[\s.-]\(?\d{2,6}\)?){1,4}|\(\d{3}\)\s?\d{3}-\d{4}")
NUMBER: Final = re.compile(r"[-+(]?[$£€]?\s?\d[\d,]*(?:\.\d+)?%?\)?")
EVALUATIONS: Final = re.compile(
    r"\b(?:eval(?:uation)?s?|ie|initial|assessment|new (?:patient|client)|first visit|intake)\b"
)
OTHER_VISITS: Final = re.compile(
    r"\b(?:follow[\s-]?ups?|treatment|session|therapy|re-?eval\w*|progress|discharge|daily|"
    r"recheck|re-?assessment|standard|return|subsequent|maintenance|group|class|visit|consult\w*|"
    r"fitting|screen(?:ing)?|aquatic|manual|massage|telehealth|appointment)\b"
)
PATTERNS: Final = {
    "e-mail address": EMAIL,
    "social security number": re.compile(r"\d{3}-\d{2}-\d{4}"),
    "diagnosis": re.compile(
        r"[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?(?:[\s,;|]+[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?)*",
        re.IGNORECASE,
    ),
    "procedure": re.compile(r"(?:97|98|99|95)\d{3}(?:[\s-][A-Z0-9]{2})?|[GS]\d{4}"),
    "zip": re.compile(
        r"\d{5}(?:-?\d{4})?|\d{3,4}|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d",
        re.IGNORECASE,
    ),
    "whole number": re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,6}(?:\.0)?"),
    "amount": re.compile(r"[-(]?[$£€]?\s?\d{1,3}(?:,?\d{3})*(?:\.\d{1,2})?\)?"),
    "age": re.compile(r"\d{1,2}|1[01]\d"),
    "serial": re.compile(r"[2-6]\d{4}(?:\.\d+)?"),
    "code": re.compile(r"(?=\S*\d)[\w./:#-]+|(?=.*\d)\S{1,4} \S{1,12}"),
    "two letters": re.compile(r"[A-Z]{2}"),
    "number": NUMBER,
    "words": re.compile(r"[^\d]*[^\W\d_]{2}[^\d]*"),
    "letters": re.compile(r".*[^\W\d_].*"),
}


def shapes_of(text: str) -> frozenset[str]:
    """Names of all shapes that a cell has.

    Examples
    --------
    >>> sorted(shapes_of("M25.561"))
    ['code', 'diagnosis', 'letters']
    """
    found = {name for name, pattern in PATTERNS.items() if pattern.fullmatch(text)}
    low = text.casefold()
    if "e-mail address" not in found and _is_phone(text):
        found.add("telephone number")
    if low in YES | NO:
        found.add("yes or no")
    if low in SEXES:
        found.add("sex")
    if " ".join(re.split(r"[\s_-]+", low)).strip() in STATUSES:
        found.add("status")
    if visit_kind(text):
        found.add("visit type")
    if UTC.fullmatch(text):
        found.add("utc")
    if len(text) > LONGEST_NAME:
        found.add("long text")
    return frozenset(found)


def visit_kind(text: str) -> str:
    """What a word for a kind of visit seems to mean: "evaluation", "other", "" for none.

    Examples
    --------
    >>> visit_kind("PT Initial Evaluation"), visit_kind("Re-Evaluation"), visit_kind("Warwick")
    ('evaluation', 'other', '')
    """
    low = " ".join(re.split(r"[\s_]+", text.casefold()))
    again = re.search(r"\bre-?\s?(?:eval|assess)", low)
    if EVALUATIONS.search(low) and not again:
        return "evaluation"
    return "other" if again or OTHER_VISITS.search(low) else ""


def _is_phone(text: str) -> bool:
    """Whether a text is a telephone number and no date."""
    digits = sum(mark.isdecimal() for mark in text)
    return 7 <= digits <= 15 and bool(PHONE.fullmatch(text)) and not looks_like_a_date(text)


def looks_like_a_date(text: str) -> bool:
    """Whether a text is written as days are, with a time of day or without."""
    return bool(DATE_LIKE.fullmatch(TIME_OF_DAY.sub("", text.removesuffix("Z"))))


def looks_like_data(text: str) -> bool:
    """Whether a cell of a header may be of a patient, so that it is not repeated anywhere.

    Examples
    --------
    >>> looks_like_data("ICD10-1"), looks_like_data("a@b.org"), looks_like_data("01/02/2024")
    (False, True, True)
    """
    if not text or len(text) > LONGEST_NAME or looks_like_a_date(text):
        return True
    if not text.isprintable() or text.startswith(("=", "http")) or "@" in text:
        return True
    digits = sum(mark.isdecimal() for mark in text)
    return digits > len(text) / 2 or bool(re.search(r"\d{4}", text))


def is_a_name(text: str) -> bool:
    """Whether a cell could be the name of a column."""
    return any(mark.isalpha() for mark in text) and not looks_like_data(text)
