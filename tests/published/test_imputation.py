"""The comparison fit gives the published numbers of multiplicative imputation."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.designs.blocks import check_outcomes
from partner_analysis.attribution.panel import arrange_panel
from partner_analysis.tables import check_partnerships

# Wooldridge's Poisson imputation on the county teen-employment data of Callaway and Sant'Anna
# (2021), no covariates: average effect per treated county and year, its ratio, and by years since
# the start. Recomputed from the raw data with pooled Poisson regression (cohort dummies).
AVERAGE, RATIO = -28.913833, 0.979228
BY_YEARS_SINCE = (-25.572, 0.8736, -76.747, -102.358)


@pytest.fixture(scope="module")
def counties(outside_data):
    table = pd.read_csv(outside_data("published/mpdta.csv"))
    counts = pd.DataFrame(
        {
            "period": pd.to_datetime(table["time"].astype(str) + "-01-01"),
            "clinic": table["unit"].astype(str),
            "new_patients": table["emp"],
            "open_days": 1.0,
        }
    )
    first = table.drop_duplicates("unit").query("start > 0")
    wage = pd.DataFrame(
        {
            "partnership_id": "minimum-wage",
            "start_date": pd.to_datetime(first["start"].astype(int).astype(str) + "-01-01"),
            "clinics": [(str(county),) for county in first["unit"]],
        }
    )
    return arrange_panel(check_outcomes(counts), check_partnerships(wage))


def test_average_and_event_time_effects_are_the_published_ones(counties):
    touch = counties.touches["minimum-wage"]
    no_one = np.zeros(len(counties.cells.persona), dtype=bool)
    level, pattern, _ = counties.patterns(touch.cells, no_one)
    expected = level[:, None] * pattern
    observed = counties.cells.observed[touch.cells]
    since = np.where(touch.active, touch.active.cumsum(axis=1) - 1, -1)
    effect = observed - expected
    assert effect[touch.active].mean() == pytest.approx(AVERAGE, abs=1e-5)
    assert observed[touch.active].sum() / expected[touch.active].sum() == pytest.approx(
        RATIO, abs=1e-6
    )
    by_years = [effect[since == years].mean() for years in range(4)]
    assert by_years == pytest.approx(BY_YEARS_SINCE, abs=1e-3)
