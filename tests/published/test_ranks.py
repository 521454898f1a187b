"""Places of countries by their mathematics score (PISA 2018, the 37 OECD countries of the file).

Numbers as printed by the package csranks (Mogstad, Romano, Shaikh and Wilhelm; article "Inference
for Ranks"). The set of places of the United Kingdom is 7 to 23 in its text and 8 to 23 in its
output: the former is the single step, the latter stepwise.
"""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.ranking.ranks import rank_sets

AMONG_FIVE = {
    "Belgium", "Canada", "Denmark", "Estonia", "Finland", "Japan", "Korea", "Netherlands",
    "Poland", "Slovenia", "Sweden", "Switzerland",
}  # fmt: skip


@pytest.fixture(scope="module")
def scores(outside_data):
    return pd.read_csv(outside_data("published/pisa.csv"), encoding="utf-8-sig")


@pytest.mark.parametrize(("stepwise", "first"), [(False, 7), (True, 8)])
def test_places_of_the_united_kingdom(scores, stepwise, first):
    covariance = np.diag(scores["math_se"] ** 2)
    sets = rank_sets(scores["math_score"], covariance, stepwise=stepwise)
    [row] = np.flatnonzero(scores["jurisdiction"] == "United Kingdom")
    assert (sets.place[row], sets.first[row], sets.last[row]) == (13, first, 23)


@pytest.mark.parametrize(("level", "without"), [(0.95, set()), (0.90, {"Sweden"})])
def test_who_may_be_among_the_five_best(scores, level, without):
    covariance = np.diag(scores["math_se"] ** 2)
    sets = rank_sets(scores["math_score"], covariance, level=level, jointly=True)
    found = set(scores["jurisdiction"][sets.may_be_among(5)])
    assert found == AMONG_FIVE - without


def test_places_that_do_not_overlap(scores):
    """Chile, Mexico and Colombia come after all others, at once and at 95%."""
    covariance = np.diag(scores["math_se"] ** 2)
    sets = rank_sets(scores["math_score"], covariance, jointly=True)
    last = scores["jurisdiction"].isin(["Chile", "Mexico", "Colombia"])
    assert sets.first[last].min() == 35
    assert sets.last[~last].max() == 34
