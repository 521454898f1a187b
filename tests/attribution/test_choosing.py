"""Candidates: weights, ranges where something is not known, and no volume for providers."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_analysis.attribution.choosing import (
    PARTS,
    PROVIDER_PARTS,
    score_candidates,
    score_parts,
)
from partner_analysis.attribution.together.pool import pool_effects
from partner_analysis.tables import InputError

EQUAL = dict.fromkeys(PARTS, 1.0)
SCORES = st.one_of(st.just(np.nan), st.integers(0, 5).map(float))


def candidates(*scores, kinds=None, providers=None):
    names = [f"c{n}" for n in range(len(scores))]
    about = {"candidate_id": names, "name": names, "personas": [()] * len(names)}
    about |= {"clinics": [()] * len(names), "kind": kinds or ["gym"] * len(names)}
    about |= {"provider": providers or [False] * len(names)}
    return pd.DataFrame(about).join(pd.DataFrame(list(scores), columns=list(PARTS)))


def test_a_score_is_the_weighted_mean_of_its_parts():
    weights = EQUAL | {"trust": 3.0}
    scored = score_candidates(candidates((4, 5, 2, 3, 1)), weights=weights).iloc[0]
    assert scored["low"] == scored["high"] == pytest.approx((4 + 3 * 5 + 2 + 3 + 1) / 7)


def test_only_proportions_of_weights_count_and_a_part_without_weight_is_not_asked():
    table = candidates((4, np.nan, 2, 3, 1))
    weights = EQUAL | {"trust": 0.0}
    once, tenfold = (
        score_candidates(table, weights={p: w * k for p, w in weights.items()}).iloc[0]
        for k in (1, 10)
    )
    assert once["low"] == once["high"] == tenfold["low"] == 2.5
    assert once["unknown"] == ()


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(*[SCORES] * len(PARTS)), min_size=1, max_size=3),
    st.lists(st.integers(0, 5), min_size=3, max_size=3),
)
def test_ranges_and_places_hold_whatever_the_unknown_scores_turn_out_to_be(rows, chance):
    scored = score_candidates(candidates(*rows), weights=EQUAL).set_index("candidate_id")
    known = np.array(rows)
    for guess in itertools.product(*([0, 5, c] for c in chance[: len(rows)])):
        true = np.where(np.isnan(known), np.array(guess)[:, None], known).mean(axis=1)
        for n, own in enumerate(true):
            told = scored.loc[f"c{n}"]
            assert told["low"] - 1e-6 <= own <= told["high"] + 1e-6
            assert told["first"] <= 1 + (true > own + 1e-6).sum() <= told["last"]


def test_nothing_known_is_everything_possible():
    scored = score_candidates(candidates([np.nan] * 5, (1, 1, 1, 1, 1)), weights=EQUAL)
    unknown = scored.set_index("candidate_id").loc["c0"]
    assert (unknown["low"], unknown["high"]) == (0, 5)
    assert (unknown["first"], unknown["last"]) == (1, 2)
    assert unknown["unknown"] == PARTS


@pytest.mark.parametrize(("kind", "declared"), [("gym", True), ("physician group", False)])
def test_a_provider_is_scored_without_volume_and_has_no_place(kind, declared):
    weak, strong = (4, 3, 5, 0, 0), (4, 3, 5, 5, 5)
    for scores in (weak, strong):
        table = candidates(scores, kinds=[kind], providers=[declared])
        scored = score_candidates(table, weights=EQUAL, pooled=gyms()).iloc[0]
        assert scored["low"] == 4
        assert np.isnan(scored["first"])
        assert not scored["elsewhere"].is_number
        assert scored["practices"] == 0
        assert tuple(score_parts(table, weights=EQUAL)["part"]) == PROVIDER_PARTS


def test_providers_come_last_and_take_no_place_from_others():
    table = candidates((5,) * 5, (1,) * 5, providers=[True, False])
    scored = score_candidates(table, weights=EQUAL)
    assert scored["candidate_id"].tolist() == ["c1", "c0"]
    assert scored.iloc[0]["last"] == 1


def gyms():
    rows = pd.DataFrame({"practice": list("abcd"), "kind": "gym", "effect": [0.1, 0.2, 0.1, 0.2]})
    return pool_effects(rows.assign(standard_error=0.1))


def test_what_the_kind_brought_elsewhere_is_where_one_more_is_to_be_expected():
    scored = score_candidates(
        candidates((1,) * 5, (2,) * 5, kinds=["Fitness centre", "school"]),
        weights=EQUAL,
        pooled=gyms(),
    ).set_index("candidate_id")
    assert scored.loc["c0", "elsewhere"] == gyms()["gym"].prediction_percent
    assert scored.loc["c0", "practices"] == 4
    assert not scored.loc["c1", "elsewhere"].is_number


def test_the_gap_it_would_fill_is_by_persona_and_clinic_and_a_provider_has_no_reasons():
    gaps = pd.DataFrame(
        [("runner", "Warwick", "growing without a partner"), ("all", "Dockside", "thin")],
        columns=["persona", "clinic", "reason"],
    )
    table = candidates((1,) * 5, (2,) * 5, providers=[False, True])
    table["personas"] = pd.Series([("runner",), ()], dtype=object)
    table["clinics"] = pd.Series([("Warwick",), ("Warwick", "Dockside")], dtype=object)
    scored = score_candidates(table, weights=EQUAL, gaps=gaps).set_index("candidate_id")
    assert scored.loc["c0", "gaps"] == ("runner at Warwick: growing without a partner",)
    assert scored.loc["c1", "gaps"] == ("runner at Warwick", "all at Dockside")


@pytest.mark.parametrize(
    ("scores", "weights", "message"),
    [
        ((6, 1, 1, 1, 1), EQUAL, "a score is not 0 to 5"),
        ((1,) * 5, EQUAL | {"trust": -1.0}, "weights are numbers from 0"),
        ((1,) * 5, {"reach": 1.0}, "has one above 0"),
    ],
)
def test_what_makes_no_sense_is_refused(scores, weights, message):
    with pytest.raises(InputError, match=message):
        score_candidates(candidates(scores), weights=weights)


def test_no_candidates_give_no_rows():
    assert score_candidates(candidates().astype({"provider": bool}), weights=EQUAL).empty
