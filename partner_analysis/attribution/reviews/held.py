"""What is declared of a partnership: its standing, and the reviews that were held."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import pandas as pd

WATCHING: Final = "watching"
REVIEW_COLUMNS: Final = {
    "review": "datetime64[ns]",
    "months": "int64",
    "level": "float64",
    "verdict": "str",
    "estimate": "float64",
    "low": "float64",
    "high": "float64",
    "bundle": "object",
}


@dataclass(frozen=True)
class Standing:
    """What is declared of one partnership until its next review.

    Attributes
    ----------
    partnership_id
        As in the register.
    standing
        "watching" before the first review whose counts are complete, then the verdict at the
        last one: "more", "fewer", "no clear change", "too early", "too small to tell" or "data
        not fit". A later review may take an earlier finding back; ``reviews`` keeps both.
    reviewed_on
        Date of the last review, the day after the last day it counts; NaT before the first.
    next_review
        Date of the next one; NaT where there will be none because the partnership has ended.
    reviews
        One row per review held: ``review`` (its date), ``months`` (after the start), ``level``
        (of its interval, so that all reviews together spend what one look would), ``verdict``,
        ``estimate``, ``low`` and ``high`` (extra new patients since the start, in total) and
        ``bundle`` (ids that this number is for together; empty where it stands alone).
    """

    partnership_id: str
    standing: str
    reviewed_on: pd.Timestamp
    next_review: pd.Timestamp
    reviews: pd.DataFrame = field(repr=False)
