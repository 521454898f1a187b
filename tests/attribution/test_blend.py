"""The blend of counts and named referrals: it keeps its word, and the counts have the last one.

The quick tests run always, the full grid behind a marker (``make calibrate``). The worlds and the
limit (93 percent coverage in each, beyond Monte Carlo error) were set before the first run.
"""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import binom, gamma

from partner_analysis.attribution.named.blend import NamedEvidence, blend

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "blend_grid.py"
spec = importlib.util.spec_from_file_location("blend_grid", SCRIPT)
grid = importlib.util.module_from_spec(spec)
sys.modules["blend_grid"] = grid
spec.loader.exec_module(grid)

LEAST_COVERED = 0.93
QUICK = 12
POINTS = (np.arange(2048) + 0.5) / 2048
SCATTERED = (np.arange(1, 2049) * 0.6180339887498949) % 1


def evidence(name, came, without, named, *, sd=0.15, **rest):
    """A partnership to which ``came`` came, ``without`` being expected, give or take ``sd``."""
    return NamedEvidence(
        partnership_id=name,
        came=gamma.ppf(SCATTERED, came + 0.5),
        without=without * np.exp(sd * ndtri(POINTS)),
        named=named,
        observed=came,
        **rest,
    )


def practice(false_naming=0.0, capture=0.7, sd=0.05):
    """Eight partnerships with effects of 0 to +60 percent whose patients name alike."""
    extras = (0, 0, 10, 20, 30, 40, 50, 60)
    return [
        evidence(f"p{k}", 100 + extra, 100, round(capture * extra + 100 * false_naming), sd=sd)
        for k, extra in enumerate(extras)
    ]


def interval_from_counts(one):
    return np.quantile(one.came - one.without, [0.025, 0.975])


def test_named_that_agree_make_the_interval_much_narrower():
    unsure = evidence("unsure", 130, 100, 21, sd=0.2)
    low, high = interval_from_counts(unsure)
    blended = blend([*practice(), unsure])["unsure"]
    assert blended.high - blended.low < 0.6 * (high - low)
    assert blended.low < 30 < blended.high


def test_false_naming_of_others_tells_what_a_name_is_worth():
    doubtful = evidence("doubtful", 120, 100, 20, sd=0.2)
    honest, false = (blend([*practice(rate), doubtful])["doubtful"] for rate in (0.0, 0.2))
    assert honest.estimate > 20 > 10 > false.estimate
    assert false.low <= 0


def test_where_named_and_estimated_disagree_the_counts_have_the_last_word():
    silent = evidence("silent", 160, 100, 0, sd=0.08)
    low, high = interval_from_counts(silent)
    blended = blend([*practice(), silent])["silent"]
    assert blended.estimate == pytest.approx(60, abs=15)
    assert blended.high - blended.low > 0.8 * (high - low)


def test_a_partnership_after_which_fewer_came_keeps_its_loss():
    loss = evidence("loss", 60, 100, 6, sd=0.08)
    low, high = interval_from_counts(loss)
    blended = blend([*practice(0.1), loss])["loss"]
    assert (blended.low, blended.high) == pytest.approx((low, high), abs=3)


@pytest.mark.parametrize("came", [85, 100, 115])
def test_that_nobody_names_it_is_no_sign_of_harm(came):
    one = evidence("quiet", came, 100, 0, sd=0.15)
    low, high = interval_from_counts(one)
    assert low < 0 < high
    assert blend([*practice(), one])["quiet"].high >= 0


def test_naming_without_a_partnership_speaks_against_the_named():
    plain = evidence("plain", 125, 100, 20, sd=0.2)
    warned = replace(plain, could_name_patients=300.0, named_when_inactive=45.0)
    believed, doubted = (blend([*practice(), one])["plain"] for one in (plain, warned))
    assert doubted.estimate < believed.estimate


def test_fewer_than_five_partnerships_have_no_blend():
    assert blend(practice()[:4]) == {}
    assert blend([]) == {}
    more_named_than_came = replace(practice()[4], named=1000.0)
    assert blend([*practice()[:4], more_named_than_came]) == {}


def test_neither_order_nor_repetition_changes_the_answer():
    listed = practice(0.1)
    assert blend(listed) == blend(listed)
    turned = blend(listed[::-1])
    for name, interval in blend(listed).items():
        assert turned[name].estimate == pytest.approx(interval.estimate, rel=1e-9)


@pytest.mark.parametrize("named", [0, 1, 50_000, 100_000])
def test_windows_of_any_size_get_a_number(named):
    huge = evidence("huge", 100_000, 90_000, named, sd=0.02)
    tiny = evidence("tiny", 1, 0.4, min(named, 1), sd=0.3)
    for interval in blend([*practice(), huge, tiny]).values():
        assert interval.low <= interval.estimate <= interval.high
        assert np.isfinite([interval.low, interval.high]).all()


@pytest.mark.parametrize("name", list(grid.WORLDS)[::2])
def test_intervals_hold_what_was_planted(name):
    runs = grid.try_world(grid.WORLDS[name], range(500, 500 + QUICK))
    held = runs["truth"].between(runs["low"], runs["high"])
    assert held.sum() >= binom.ppf(0.001, len(held), LEAST_COVERED)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(grid.WORLDS))
def test_every_world_keeps_the_limit(name):
    runs = grid.try_world(grid.WORLDS[name], range(30_000, 30_250))
    held = runs["truth"].between(runs["low"], runs["high"])
    for some in (held, held[runs["truth"] == 0]):
        assert some.sum() >= binom.ppf(0.001, len(some), LEAST_COVERED)
