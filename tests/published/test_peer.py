"""The comparison fit is the same Poisson maximum-likelihood fit that statsmodels makes."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.panel import arrange_panel
from partner_analysis.tables import check_counts, check_partnerships

statsmodels = pytest.importorskip("statsmodels.api")


def test_levels_and_period_effects_are_those_of_a_two_way_poisson_regression():
    rng = np.random.default_rng(4)
    months = pd.date_range("2023-01-01", periods=18, freq="MS")
    keys = pd.MultiIndex.from_product([list("ABCDE"), months])
    counts = keys.to_frame(index=False, name=["clinic", "period"])
    counts["new_patients"] = rng.poisson(20, len(counts))
    counts["open_days"] = rng.integers(18, 24, len(counts)).astype(float)
    shop = pd.DataFrame(
        [{"partnership_id": "shop", "start_date": "2023-10-01", "clinics": ["A", "B"]}]
    )
    panel = arrange_panel(check_counts(counts), check_partnerships(shop))

    known = panel.untouched.reshape(-1)
    clinic, month = (np.indices(panel.untouched.shape)[k].reshape(-1) for k in (0, 1))
    dummies = np.column_stack(
        [np.equal.outer(clinic, np.arange(5)), np.equal.outer(month, np.arange(1, 18))]
    ).astype(float)
    exposure = panel.cells.exposure.reshape(-1)
    regression = statsmodels.GLM(
        panel.cells.observed.reshape(-1)[known],
        dummies[known],
        family=statsmodels.families.Poisson(),
        offset=np.log(exposure[known]),
    ).fit(tol=1e-12)
    theirs = regression.predict(dummies, offset=np.log(exposure)).reshape(panel.untouched.shape)

    comparison = panel.by_persona[0]
    ours = comparison.level[:, None] * comparison.pattern
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
