"""What is said of places and of the largest estimate: every number with its interval."""

from typing import Any

import numpy as np
import pandas as pd

from partner_analysis.attribution.portfolio.compare import PLACE_COLUMNS, Portfolio
from partner_analysis.reporting.portfolio.ranking import chances_table
from partner_analysis.tables import NO_NUMBER, Interval


def place(key: str, estimate: float) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(PLACE_COLUMNS, 0.5)
    return row | {"partnership_id": key, "members": (key,), "estimate": estimate}


def test_the_largest_estimate_is_said_as_too_high_as_often_as_too_low():
    portfolio = Portfolio(
        places=pd.DataFrame([place("gym", 4.0), place("club", 1.0)]),
        left_out=pd.DataFrame(columns=["partnership_id", "reason"]),
        alike=(),
        winner=Interval(2.6, -0.4, 5.9),
        winner_id="gym",
        together=NO_NUMBER,
        false_share=float("nan"),
        correlation=np.eye(2),
        level=0.95,
    )
    assert (
        "The largest estimate alone is that of Gym; allowing for its having been chosen as the "
        "largest, 2.6 (\u22120.4 to 5.9), which is too high as often as too low."
    ) in chances_table(portfolio, {"gym": "Gym", "club": "Club"}).html
