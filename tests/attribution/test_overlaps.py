"""Partnerships that share clinics and weeks: told apart where dates allow, never split at will."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.estimate import estimate_effect, estimate_effects

WEEKS = pd.date_range("2023-01-02", periods=104, freq="W-MON")


def practice(mean: np.ndarray, seed: int = 0) -> pd.DataFrame:
    """Poisson counts of a mean (clinics, personas, weeks); clinics are A, B, C and so on."""
    clinics, personas = "ABCDEFGH"[: len(mean)], "vwxyz"[: mean.shape[1]]
    keys = pd.MultiIndex.from_product([list(clinics), list(personas), WEEKS])
    counts = keys.to_frame(index=False, name=["clinic", "persona", "period"])
    return counts.assign(new_patients=np.random.default_rng(seed).poisson(mean).reshape(-1))


def register(*rows: tuple) -> pd.DataFrame:
    """Rows of id, first week, last week (None = running), clinics and personas (none = all)."""
    return pd.DataFrame(
        [
            {
                "partnership_id": identifier,
                "start_date": WEEKS[first],
                "end_date": pd.NaT if last is None else WEEKS[last] + pd.Timedelta(days=6),
                "clinics": tuple(clinics),
                "personas": tuple(personas),
            }
            for identifier, first, last, clinics, personas in rows
        ]
    )


def test_a_partnership_inside_another_is_told_from_it():
    mean = np.full((8, 5, 104), 4.0)
    mean[0, :, 50:] *= 1.2
    mean[0, 0, 70:] *= 3
    both = register(("outer", 50, None, "A", ""), ("inner", 70, None, "A", "v"))
    effects = estimate_effects(practice(mean), both)
    assert effects["inner"].percent.low < 200 < effects["inner"].percent.high
    assert effects["inner"].total.high - effects["inner"].total.low < 300
    assert effects["outer"].percent.low < 20 < effects["outer"].percent.high


def test_a_partnership_everywhere_at_once_does_not_hide_the_others():
    mean = np.full((8, 1, 104), 10.0)
    mean[:, :, 50:] *= 1.2
    mean[0, :, 70:] *= 1.5
    alone = register(("shop", 70, None, "A", ""))
    both = register(("shop", 70, None, "A", ""), ("everywhere", 50, None, "", ""))
    effect = estimate_effect(practice(mean), both, "shop")
    assert effect.total == estimate_effect(practice(mean), alone, "shop").total
    assert "everywhere ran in all clinics at once" in " ".join(effect.notes)


def test_clinics_where_an_overlapped_partnership_does_less_keep_their_own_effect():
    mean = np.full((8, 1, 104), 20.0)
    mean[0] = 200.0
    mean[1:4, :, 60:] *= 1.8
    mean[3, :, 80:] *= 1.3
    both = register(("wide", 60, None, "ABCD", ""), ("late", 80, None, "D", ""))
    effect = estimate_effect(practice(mean), both, "wide")
    truth = 20 * 0.8 * 3 * 44 + 20 * 0.8 * 0.3 * 24
    assert effect.total.low < truth < effect.total.high


def test_all_members_of_a_bundle_get_the_same_answer():
    crowd = register(
        ("a", 60, None, "A", ""),
        ("b", 60, None, "AB", ""),
        ("c", 60, None, "BC", ""),
        ("d", 62, None, "C", ""),
    )
    effects = estimate_effects(practice(np.full((6, 1, 104), 8.0)), crowd)
    for effect in effects.values():
        for member in effect.bundle:
            assert effects[member].bundle == effect.bundle
            assert effects[member].total == effect.total


def test_nobody_before_stays_estimable_beside_another():
    mean = np.full((6, 3, 104), 4.0)
    mean[0, 0] = 0.0
    mean[0, 0, 60:] = 1.5
    both = register(("new", 60, None, "A", "v"), ("other", 85, None, "AB", ""))
    effect = estimate_effect(practice(mean), both, "new")
    assert np.isfinite([effect.total.low, effect.total.high]).all()
    assert effect.verdict == "more"
    assert any("the total leaves them out" in note for note in effect.notes)


@pytest.mark.parametrize("last", [None, 103, 80])
def test_an_old_partner_elsewhere_that_runs_or_ends_spoils_nothing(last):
    counts = practice(np.full((6, 1, 104), 10.0))
    rows = register(("shop", 52, None, "A", ""), ("employer", 0, last, "", ""))
    rows.loc[1, "start_date"] = pd.Timestamp("2015-01-05")
    effect = estimate_effect(counts, rows, "shop")
    assert effect.verdict == "no clear change"
    assert effect.n_pre == 52


def test_wash_out_of_another_costs_no_patients():
    mean = np.full((8, 1, 104), 10.0)
    mean[:2, :, 60:] *= 1.5
    with_other = register(("shop", 60, None, "AB", ""), ("other", 20, 61, "A", ""))
    alone = register(("shop", 60, None, "AB", ""))
    months = [estimate_effect(practice(mean), r, "shop").per_month for r in (with_other, alone)]
    assert months[0].estimate == pytest.approx(months[1].estimate, rel=0.1)


@pytest.mark.parametrize("head_start", [0, 1, 3, 5])
def test_a_comparison_that_opens_too_late_is_not_used(head_start):
    counts = practice(np.full((4, 1, 104), 8.0))
    late = (counts["clinic"] != "A") & (counts["period"] < WEEKS[60 - head_start])
    effect = estimate_effect(counts[~late], register(("shop", 60, None, "A", "")), "shop")
    assert effect.method == "series"
    assert effect.n_pre == 60
