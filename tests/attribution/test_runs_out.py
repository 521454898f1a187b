"""Where every clinic has begun and nothing is left to compare with: what the waves share."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.foreseen import weighed_until
from partner_analysis.attribution.joint import choose_window
from partner_analysis.attribution.panel import arrange_panel
from partner_analysis.attribution.posterior import partly_common, weigh
from partner_analysis.attribution.shocks import kernel
from partner_analysis.tables import check_counts, check_partnerships

WEEKS = pd.date_range("2023-01-02", periods=140, freq="W-MON")
PERSONAS = ("runner", "general")
STARTS = (85, 98, 111)


def practice(moved=None, *, seed=1):
    """Three clinics of two personas that begin a quarter apart; ``moved`` (weeks) moves all alike.

    Nothing is brought.
    """
    keys = [["A", "B", "C"], PERSONAS, WEEKS]
    index = pd.MultiIndex.from_product(keys, names=["clinic", "persona", "period"])
    mean = np.tile(15.0 * np.exp(np.zeros(len(WEEKS)) if moved is None else moved), 6)
    counts = np.random.default_rng(seed).poisson(mean)
    return pd.DataFrame({"new_patients": counts}, index=index).reset_index()


def judged(counts, *, together=False):
    rows = [
        {"partnership_id": "gym", "clinics": [clinic], "start_date": WEEKS[start]}
        for clinic, start in zip("ABC", (STARTS[:1] * 3 if together else STARTS), strict=True)
    ]
    panel = arrange_panel(check_counts(counts), check_partnerships(pd.DataFrame(rows)))
    return weigh(panel, choose_window(panel, "gym", "auto"))


def test_the_waves_are_one_unit_with_nothing_to_compare_with():
    found = judged(practice())
    (unit,) = found.units
    assert found.window.route == "series"
    assert len(np.unique(unit.channel)) == len(STARTS)
    assert set(unit.kind) == {0}  # of the same personas: they share a season


def test_one_wave_alone_moves_as_much_however_much_is_shared():
    """Shares are of a shock's variance, so what a single wave strays stays what it was."""
    found = judged(practice(), together=True)
    (unit,) = found.units
    apart = np.zeros((3, 8))
    apart[:, 4:] = [[0.1, 0.5, 0.05, 0.08], [0.2, 0.92, 0.0, 0.0], [0.0, 0.0, 0.15, 0.2]]
    assert len(np.unique(unit.channel)) == 1
    assert kernel(unit, partly_common(apart)) == pytest.approx(kernel(unit, apart))


def test_waves_stray_together_and_by_themselves():
    found = judged(practice())
    (unit,) = found.units
    fading = found.sizes[:, [0, 4]] ** 2
    assert (fading[fading.sum(axis=1) > 0] > 0).all()
    strayed = kernel(unit, found.sizes).mean(axis=0)
    blocks = len(unit.years) // len(STARTS)
    own, across = strayed[5, 5], strayed[5, 5 + blocks]
    assert 0 < across < own


def fading(seed):
    """A shock to the whole practice that fades within months."""
    steps = np.random.default_rng([7, seed]).normal(0, 0.15, len(WEEKS))
    course = steps.copy()
    for week in range(1, len(WEEKS)):
        course[week] = 0.93 * course[week - 1] + 0.37 * steps[week]
    return course


def test_what_moves_all_of_them_alike_widens_the_interval_and_is_no_effect():
    """Were each wave moved by itself alone, 5 of 24 such practices would be called changed."""
    called, spread = 0, {"calm": [], "restless": []}
    for seed in range(8):
        restless = judged(practice(fading(seed), seed=seed))
        spread["calm"].append(np.std(np.log(judged(practice(seed=seed)).without)))
        spread["restless"].append(np.std(np.log(restless.without)))
        low, high = np.quantile(restless.came - restless.without, [0.025, 0.975])
        called += not low <= 0 <= high
    assert np.median(spread["restless"]) > 1.5 * np.median(spread["calm"])
    assert called <= 1


def test_a_supposed_year_teaches_nothing_of_how_far_waves_stray():
    """Settings are weighed by what came; a limit before all counts leaves the prior's width."""
    found = judged(practice(fading(1)))
    (unit,) = found.units
    last = float(unit.years.max())
    expected, without = weighed_until(found, last)
    assert expected == pytest.approx(found.expected, rel=0.02)
    assert np.std(np.log(without)) == pytest.approx(np.std(np.log(found.without)), rel=0.02)
    _, early = weighed_until(found, last / 4)
    assert np.std(np.log(early)) != pytest.approx(np.std(np.log(found.without)), rel=0.02)
