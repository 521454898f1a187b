"""Questions that share a past are answered together, and as if each had been asked alone."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaincinv, ndtr, ndtri

from partner_analysis.attribution.draws import DRAWS, NODES, Mixture, amount_draws, lattice
from partner_analysis.attribution.fits import fit_targets, fit_unit
from partner_analysis.attribution.joint import choose_window
from partner_analysis.attribution.panel import arrange_panel, panel_of
from partner_analysis.attribution.posterior import weigh, weigh_anew, weigh_parts
from partner_analysis.attribution.shocks import (
    combine,
    kernel,
    parts_between,
    parts_toward,
    weights_of,
)
from partner_analysis.attribution.variability import FEW_SETTINGS
from partner_analysis.tables import check_counts, check_partnerships

WEEKS = pd.date_range("2023-01-02", periods=130, freq="W-MON")
PERSONAS = ["runner", "pregnancy", "general"]
GYM = {"partnership_id": "gym", "clinics": ["A"], "personas": ["runner"], "start_date": WEEKS[80]}
CLUB = {"partnership_id": "club", "clinics": ["A"], "personas": [], "start_date": WEEKS[95]}


@pytest.fixture(scope="module", params=["alone", "beside another", "its own past"])
def judged(request):
    """Panel and posterior of the gym, with and without another partnership in its cells."""
    keys = pd.MultiIndex.from_product(
        [list("ABCDE"), PERSONAS, WEEKS], names=["clinic", "persona", "period"]
    )
    drawn = np.random.default_rng(7).poisson(9.0, len(keys))
    counts = check_counts(pd.DataFrame({"new_patients": drawn}, index=keys).reset_index())
    listed = [GYM, CLUB] if request.param == "beside another" else [GYM]
    panel = arrange_panel(counts, check_partnerships(pd.DataFrame(listed)))
    method = "series" if request.param == "its own past" else "auto"
    return panel, weigh(panel, choose_window(panel, "gym", method))


def quarters(window):
    when = np.flatnonzero(window.when)
    return [np.isin(np.arange(len(WEEKS)), part) for part in np.array_split(when, 4)]


def test_parts_of_the_time_are_judged_as_each_would_be_alone(judged):
    panel, posterior = judged
    parts = quarters(posterior.window)
    for part, found in zip(parts, weigh_parts(panel, posterior, parts), strict=True):
        window = replace(posterior.window, active=posterior.window.active & part)
        alone = weigh(panel, window, settings=FEW_SETTINGS)
        ends = np.quantile(found.without, [0.025, 0.5, 0.975])
        expected = np.quantile(alone.without, [0.025, 0.5, 0.975])
        np.testing.assert_allclose(ends, expected, atol=0.01 * np.ptp(expected))
        assert found.observed == alone.observed


def test_one_factorisation_serves_all_targets(judged):
    _, posterior = judged
    unit, sizes = posterior.units[0], posterior.sizes[:5]
    late = replace(unit, target=np.where(unit.years > np.median(unit.years), unit.target, 0.0))
    for target, found in zip((unit, late), fit_targets([unit, late], sizes), strict=True):
        for name, value in vars(fit_unit(target, sizes)).items():
            np.testing.assert_allclose(getattr(found, name), value, rtol=1e-9, atol=1e-12)


def test_a_pace_asked_later_is_the_pace_asked_at_once(judged):
    panel, posterior = judged
    later = weigh_anew(panel, posterior, "like the others")
    at_once = weigh(panel, posterior.window, pace="like the others")
    np.testing.assert_allclose(later.without, at_once.without, rtol=1e-9)


def test_covariances_with_a_sum_are_sums_of_covariances(judged):
    _, posterior = judged
    unit, sizes = posterior.units[0], posterior.sizes[:3]
    weight = np.random.default_rng(1).uniform(size=len(unit.years))
    whole = (kernel(unit, sizes) - unit.always) @ weight
    found = combine(weights_of(sizes), parts_toward(unit, weight))
    np.testing.assert_allclose(found, whole, rtol=1e-9, atol=1e-12)


def test_a_panel_of_fewer_cells_is_the_panel_made_of_them(judged):
    panel, _ = judged
    keep = panel.cells.clinic != 1
    fewer = panel.only(keep)
    anew = panel_of(panel.cells.only(keep), panel.register, panel.events, panel.holidays)
    for name, touch in anew.touches.items():
        np.testing.assert_array_equal(fewer.touches[name].cells, touch.cells)
        np.testing.assert_array_equal(fewer.touches[name].share, touch.share)
    np.testing.assert_array_equal(fewer.untouched, anew.untouched)


def test_rows_given_later_stand_for_those_of_their_partnership(judged):
    panel, _ = judged
    moved = panel.register[panel.register["partnership_id"] == "gym"].assign(clinics=[("B",)])
    changed = panel.with_rows(moved)
    anew = panel_of(panel.cells, changed.register, panel.events, panel.holidays)
    assert sorted(changed.register["partnership_id"]) == sorted(panel.register["partnership_id"])
    np.testing.assert_array_equal(changed.touching, anew.touching)
    np.testing.assert_array_equal(changed.touches["gym"].cells, anew.touches["gym"].cells)


@pytest.mark.parametrize("amount", [0.0, 1.0, 7.0, 400.0])
def test_draws_of_an_amount_are_as_if_every_node_were_exact(amount):
    points = lattice(DRAWS, 2)[1]
    exact = np.interp(ndtri(points), NODES, gammaincinv(amount + 0.5, ndtr(NODES)))
    np.testing.assert_allclose(amount_draws(amount, points), exact, rtol=1e-8)


def test_a_mixture_is_read_as_if_every_step_had_been_worked_out():
    wide = Mixture(np.log([0.9, 0.1]), np.array([0.0, 0.5]), np.array([0.01, 4.0]))
    levels = np.array([0.0005, 0.025, 0.5, 0.975, 0.9995])
    narrow = [wide.quantiles(np.array([level]))[0] for level in levels]
    np.testing.assert_allclose(wide.quantiles(levels), narrow, rtol=1e-12)
    one = Mixture(np.zeros(1), np.array([2.0]), np.array([9.0]))
    np.testing.assert_allclose(one.quantiles(levels), 2 + 3 * ndtri(levels), atol=1e-3)


def test_rows_given_later_leave_all_other_partnerships_where_they_were(judged):
    panel, _ = judged
    wide = {"partnership_id": "all", "clinics": [], "personas": [], "start_date": WEEKS[70]}
    listed = check_partnerships(pd.DataFrame([GYM, wide]))
    narrow = panel_of(panel.cells, listed, None, "US").narrow
    assert set(narrow.touches) == {"gym"}
    later = check_partnerships(pd.DataFrame([GYM | {"personas": []}]))
    for found in (narrow.with_rows(later), narrow.only(np.ones(len(panel.cells.persona), bool))):
        assert set(found.touches) == {"gym", "all"}


def test_any_unevenness_gives_covariances(judged):
    _, posterior = judged
    unit, rng = posterior.units[0], np.random.default_rng()
    odd = replace(unit, unevenness=rng.choice([0.01, 1.0, 30.0], len(unit.years)))
    rows = np.arange(len(unit.years))
    parts = parts_between(odd, rows, rows)
    found = combine(weights_of(posterior.sizes), parts)
    assert np.linalg.eigvalsh(found).min() > -1e-8 * np.abs(found).max()
    toward = parts_toward(odd, unit.weight)
    np.testing.assert_allclose(toward, parts @ unit.weight, atol=1e-9 * np.abs(parts).max())
