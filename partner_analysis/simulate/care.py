"""How care went in a made-up practice: visits, plans, outcomes, and one known difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from partner_analysis.simulate.cases import Case
from partner_analysis.simulate.means import bell_draws

PLANS: Final = (6, 8, 8, 10, 10, 12, 12, 16)
RECOMMENDED: Final = (10, 10, 10, 10, 9, 9, 9, 8, 8, 7, 7, 6, 5, 3)
CHANGE, CHANGE_SD, COMPLETED, FIRST_TIME = 11.0, 8.0, 0.60, 0.55
BETTER: Final = "tidewater-pilates"  # those who name it: the one known difference
MORE_CHANGE, MORE_COMPLETED, MORE_FIRST_TIME = 9.0, 0.15, 0.20
DECLINED: Final = 99.0  # how the front desk writes that somebody would not answer


class Care(NamedTuple):
    """What an export says of the care of one case; each may be unknown (None)."""

    visits: int
    planned: int
    change: float | None
    recommend: float | None
    first_time: bool | None


def draw_care(
    rng: np.random.Generator, cases: Sequence[Case], evaluations: pd.DataFrame
) -> dict[int, Care]:
    """How the care of every case went, by its key.

    Parameters
    ----------
    rng
        A stream of its own, so that nothing else in the files changes.
    cases
        From ``draw_cases``.
    evaluations
        One row per new patient, in the order of ``Case.person``: ``named``.
    """
    named = evaluations["named"].tolist()
    return {
        key: _draw_one(rng, BETTER in named[key // 10] if 0 <= key < 10 * len(named) else False)
        for key in sorted({case.key for case in cases})
    }


def planted_care() -> dict[str, Any]:
    """What is true of care, for ``truth.json``."""
    return {
        "partnership_id": BETTER,
        "outcome_change": MORE_CHANGE,
        "completion": MORE_COMPLETED,
        "first_time": MORE_FIRST_TIME,
        "notes": "Patients who name this partner differ by so much from all others, whatever "
        "their persona, clinic, age and payer: points of functional score, and shares that "
        "complete their plan and are new to physical therapy. No other partner's patients differ "
        "in these, nor in days to the first visit; nearly all patients who name any partner "
        "arrive.",
    }


def _draw_one(rng: np.random.Generator, better: bool) -> Care:
    """How the care of one case went."""
    drawn = rng.random(7)
    planned = PLANS[int(drawn[0] * len(PLANS))]
    completes = drawn[1] < COMPLETED + MORE_COMPLETED * better
    visits = planned + int(3 * drawn[2] ** 2) if completes else 1 + int((planned - 1) * drawn[2])
    change = CHANGE + MORE_CHANGE * better + CHANGE_SD * float(bell_draws(rng, 1)[0])
    score = float(RECOMMENDED[int(drawn[3] * len(RECOMMENDED))])
    answered = drawn[4] < 0.5
    declined = 0.5 <= drawn[4] < 0.504
    return Care(
        visits=visits,
        planned=planned,
        change=round(change) if drawn[5] < 0.7 else None,
        recommend=score if answered else DECLINED if declined else None,
        first_time=None
        if drawn[6] > 0.9
        else bool(drawn[6] / 0.9 < FIRST_TIME + MORE_FIRST_TIME * better),
    )
