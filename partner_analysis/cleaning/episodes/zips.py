"""Postal codes as far as they may be kept: the first three digits of those with many people."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.cleaning.distinct import on_distinct

# First three digits under which fewer than 20,000 people live, as the guidance on
# de-identification of the Department of Health and Human Services lists them (Census 2000 and
# 2010), with those that no census counts.
FEW_PEOPLE: Final = frozenset(
    ("036", "059", "063", "102", "203", "205", "369", "556", "692", "753", "772", "790", "821",
     "823", "830", "831", "878", "879", "884", "890", "893")
)  # fmt: skip
TOO_FEW: Final = "000"


def first_three(zips: pd.Series) -> pd.Series:
    """First three digits of each ZIP code, "000" where too few people live, "" where unknown.

    Four digits have lost a leading zero to a spreadsheet. What is no ZIP code of five digits is
    unknown: postal codes of other countries are not kept.

    Examples
    --------
    >>> first_three(pd.Series(["02886-1234", "2886", "03601", "K1A 0B1"])).tolist()
    ['028', '028', '000', '']
    """
    return on_distinct(zips, _first_three)


def _first_three(text: str) -> str:
    head = text.split("-")[0].strip()
    if not head.isdecimal() or len(head) not in (4, 5):
        return ""
    digits = head.zfill(5)[:3]
    return TOO_FEW if digits in FEW_PEOPLE else digits
