"""Which partnerships something in the data touches, by clinic and the day they began."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from partner_analysis.reporting.counted import CountedStudy

NEAR: Final = pd.Timedelta(days=92)


def near_start(study: CountedStudy, moments: Sequence[tuple[str, pd.Timestamp]]) -> set[str]:
    """Ids of partnerships that began within three months of a moment at one of their clinics."""
    touched: set[str] = set()
    for row in study.partnerships.itertuples():
        touched |= {
            row.partnership_id
            for clinic, day in moments
            if abs(row.start_date - day) <= NEAR and (not row.clinics or clinic in row.clinics)
        }
    return touched
