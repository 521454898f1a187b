"""Real weekly counts of eight emergency departments, where no partnership ever was."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from partner_analysis.attribution.estimate import estimate_effect

DATES_PER_UNIT = 20


@pytest.fixture(scope="module")
def attendances(outside_data):
    table = pd.read_csv(outside_data("counts/scotland_small_ed_weekly.csv.gz"))
    period = pd.to_datetime(table["time"]) - pd.Timedelta(days=6)
    return pd.DataFrame({"period": period, "clinic": table["unit"], "new_patients": table["count"]})


def invented_starts(attendances: pd.DataFrame) -> pd.DataFrame:
    """One row per unit and invented Monday, with a year before and half a year after it."""
    rng = np.random.default_rng(20261122)
    rows = []
    for clinic, weeks in attendances.groupby("clinic")["period"]:
        eligible = weeks.sort_values().iloc[52:-26]
        for start in rng.choice(eligible.to_numpy(), DATES_PER_UNIT, replace=False):
            rows.append({"clinics": (clinic,), "start_date": pd.Timestamp(start)})
    return pd.DataFrame(rows)


def verdicts(attendances: pd.DataFrame, method: str, weeks: int | None) -> list[str]:
    found = []
    for row in invented_starts(attendances).to_dict("records"):
        window = attendances
        if weeks is not None:
            last = row["start_date"] + pd.Timedelta(weeks=weeks)
            window = attendances[attendances["period"] < last]
        partnership = pd.DataFrame([{"partnership_id": "none", **row}])
        found.append(estimate_effect(window, partnership, "none", method=method).verdict)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("method", ["panel", "series"])
@pytest.mark.parametrize("weeks", [26, 52])
def test_an_effect_is_seldom_found_where_there_is_none(attendances, method, weeks):
    found = verdicts(attendances, method, weeks)
    wrong = sum(verdict in ("more", "fewer") for verdict in found)
    low, high = binomtest(wrong, len(found)).proportion_ci()
    share = wrong / len(found)
    print(
        f"{method}, {weeks} weeks: {wrong} of {len(found)}, {share:.1%} ({low:.1%} to {high:.1%})"
    )
    print(pd.Series(found).value_counts().to_dict())
    assert low <= 0.05
