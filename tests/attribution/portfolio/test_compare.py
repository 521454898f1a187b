"""Partnerships side by side: who has a place, and laws of the estimates' correlation."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.estimate import estimate_effects
from partner_analysis.attribution.portfolio.compare import Portfolio, compare_partnerships
from partner_analysis.tables import DAYS_PER_MONTH

WEEKS = pd.date_range("2023-01-02", periods=120, freq="W-MON")
CLINICS = [f"c{k}" for k in range(7)]


def counts() -> pd.DataFrame:
    keys = pd.MultiIndex.from_product(
        [CLINICS, ["runner", "general"], WEEKS], names=["clinic", "persona", "period"]
    )
    came = np.random.default_rng(11).poisson(6, len(keys))
    return pd.DataFrame({"new_patients": came}, index=keys).reset_index()


def partnership(key: str, week: int, clinics: tuple[str, ...], **more: object) -> dict[str, object]:
    row = {"partnership_id": key, "name": key, "kind": "gym", "start_date": WEEKS[week]}
    return row | {"clinics": clinics, "personas": ("runner",)} | more


REGISTER = pd.DataFrame(
    [
        partnership("apart", 60, ("c0",)),
        partnership("first", 50, ("c1", "c2")),
        partnership("second", 80, ("c2", "c3")),
        partnership("doctor", 60, ("c4",), provider=True),
        partnership("neighbours", 60, ("c5",), aims=("community",)),
        partnership("young", 115, ("c6",)),
    ]
).assign(end_date=pd.NaT)
REGISTER["provider"] = REGISTER["provider"].fillna(False).astype(bool)
REGISTER["aims"] = pd.Series([v if isinstance(v, tuple) else () for v in REGISTER["aims"]])


@pytest.fixture(scope="module")
def estimated() -> dict[str, Effect]:
    return estimate_effects(counts(), REGISTER, checks=False)


@pytest.fixture(scope="module")
def side_by_side(estimated: dict[str, Effect]) -> Portfolio:
    return compare_partnerships(counts(), REGISTER, estimated)


def test_everyone_is_placed_or_left_out_with_a_reason(side_by_side: Portfolio) -> None:
    placed = [key for members in side_by_side.places["members"] for key in members]
    left_out = dict(side_by_side.left_out.itertuples(index=False, name=None))
    assert sorted([*placed, *left_out]) == sorted(REGISTER["partnership_id"])
    assert left_out == {
        "doctor": "provider", "neighbours": "other aims", "young": "no number"
    }  # fmt: skip


def test_what_is_credited_to_one_is_taken_from_the_other(side_by_side: Portfolio) -> None:
    """Partnerships that share cells err in opposite directions; the far one hardly at all."""
    order = side_by_side.places["partnership_id"].tolist()
    at = {key: position for position, key in enumerate(order)}
    matrix = side_by_side.correlation
    assert matrix[at["first"], at["second"]] < -0.1
    assert 0 <= matrix[at["apart"], at["first"]] < 0.4
    assert np.allclose(np.diag(matrix), 1)
    assert np.linalg.eigvalsh(matrix).min() > 0


def test_shrunk_values_lie_closer_together_and_to_nil(side_by_side: Portfolio) -> None:
    places = side_by_side.places
    assert (places["shrunk"] ** 2).sum() < (places["estimate"] ** 2).sum()
    assert places["place"].tolist() == [1, 2, 3]
    assert places["shrunk"].is_monotonic_decreasing
    assert ((places["first_place"] <= places["place"]) | (places["last_place"] > 0)).all()


def test_where_nothing_was_planted_places_cannot_be_told_apart(side_by_side: Portfolio) -> None:
    assert side_by_side.alike == ((1, 3),)
    assert side_by_side.together.low < 0 < side_by_side.together.high
    assert side_by_side.winner.low < 0


def test_without_partnerships_for_patients_there_is_no_place(estimated: dict[str, Effect]) -> None:
    alone = {"doctor": estimated["doctor"]}
    found = compare_partnerships(counts(), REGISTER, alone)
    assert found.places.empty
    assert not found.winner.is_number


def beside_a_doctor(weeks_later: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts with runners doubled at c0, and a provider that begins there so many weeks later."""
    came = counts()
    here = (came["clinic"] == "c0") & (came["persona"] == "runner")
    came.loc[here & (came["period"] >= WEEKS[60]), "new_patients"] += 6
    rows = [
        partnership("apart", 60, ("c0",), provider=False),
        partnership("doctor", 60 + weeks_later, ("c0",), provider=True),
        partnership("other", 50, ("c1",), provider=False),
    ]
    return came, pd.DataFrame(rows).assign(end_date=pd.NaT)


def test_the_joint_total_keeps_cells_in_which_a_provider_runs_too() -> None:
    """Where it starts in the midst of a partnership, none of the partnership's time drops out."""
    came, register = beside_a_doctor(20)
    effects = estimate_effects(came, register, checks=False)
    found = compare_partnerships(came, register, effects)
    assert len(found.places) == 2
    planted = 6 * 60 / (70 * 7 / DAYS_PER_MONTH)  # 60 weeks of it in the 70 that either ran
    assert found.together.low < planted < found.together.high
    assert found.together.low > 0
    only = register.loc[register["partnership_id"] != "other"]
    effects = estimate_effects(came, only, checks=False)
    alone = compare_partnerships(came, only, effects)
    assert alone.together.estimate == pytest.approx(effects["apart"].per_month.estimate)


def test_whoever_cannot_be_told_from_a_provider_is_left_out_with_a_reason() -> None:
    came, register = beside_a_doctor(1)
    effects = estimate_effects(came, register, checks=False)
    assert set(effects["apart"].bundle) == {"apart", "doctor"}
    found = compare_partnerships(came, register, effects)
    left_out = dict(found.left_out.itertuples(index=False, name=None))
    assert left_out == {"doctor": "provider", "apart": "no number"}


def test_a_provider_in_any_row_of_the_register_is_never_placed(
    estimated: dict[str, Effect],
) -> None:
    again = REGISTER.loc[REGISTER["partnership_id"] == "apart"]
    again = again.assign(start_date=WEEKS[110], provider=True)
    ended = REGISTER["end_date"].where(REGISTER["partnership_id"] != "apart", WEEKS[100])
    twice = pd.concat([REGISTER.assign(end_date=ended), again], ignore_index=True)
    found = compare_partnerships(counts(), twice, estimated)
    assert "apart" not in found.places["partnership_id"].tolist()
