"""The draws behind every interval are those of the distribution they stand for."""

import numpy as np
import pytest
from scipy.stats import gamma

from partner_analysis.attribution.draws import DRAWS, amount_draws, lattice


@pytest.mark.parametrize("amount", [-0.49, 0, 0.3, 1, 7, 300, 20_000])
def test_draws_of_a_mean_are_the_quantiles_of_its_gamma(amount):
    points = lattice(DRAWS, 2)[1]
    exact = gamma.ppf(points, amount + 0.5)
    np.testing.assert_allclose(amount_draws(amount, points), exact, atol=5e-5)
