"""What is said of places and of the largest estimate: every number with its interval."""

from typing import Any

import numpy as np
import pandas as pd

from partner_analysis.attribution.portfolio.compare import PLACE_COLUMNS, Portfolio
from partner_analysis.reporting.portfolio.ranking import chances_table, ranking_sentence
from partner_analysis.tables import NO_NUMBER, Interval


def place(key: str, estimate: float) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(PLACE_COLUMNS, 0.5)
    return row | {"partnership_id": key, "members": (key,), "estimate": estimate, "first_place": 1}


def some_portfolio(together: Interval = NO_NUMBER) -> Portfolio:
    return Portfolio(
        places=pd.DataFrame([place("gym", 4.0), place("club", 1.0)]),
        left_out=pd.DataFrame(columns=["partnership_id", "reason"]),
        alike=(),
        winner=Interval(2.6, -0.4, 5.9),
        winner_id="gym",
        together=together,
        false_share=float("nan"),
        correlation=np.eye(2),
        level=0.95,
    )


def test_the_largest_estimate_is_said_as_too_high_as_often_as_too_low():
    assert (
        "The largest estimate alone is that of Gym; allowing for its having been chosen as the "
        "largest, 2.6 (\u22120.4 to 5.9), which is too high as often as too low."
    ) in chances_table(some_portfolio(), {"gym": "Gym", "club": "Club"}).html


def test_nobody_is_said_to_have_brought_patients_where_none_fits_as_well():
    said = ranking_sentence(some_portfolio(Interval(7.2, -3.4, 15.9)), {"gym": "Gym"})
    assert "Together 2 partnerships come to anything from 3.4 fewer to 15.9 more" in said
    assert "That is no sum of the lines" in said
    assert "pulled towards one another" in said
    assert " brought an" not in said
    clear = ranking_sentence(some_portfolio(Interval(7.2, 3.4, 15.9)), {"gym": "Gym"})
    assert "Together 2 partnerships come to 3.4 to 15.9 more new patients a month" in clear
