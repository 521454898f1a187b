"""A portfolio that a run has left is read as it was, and made anew where its effects changed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partner_analysis import storage
from partner_analysis.attribution.portfolio.compare import PLACE_COLUMNS, Portfolio
from partner_analysis.reporting.portfolio.kept import (
    FILE,
    portfolio_from_record,
    portfolio_kept,
    portfolio_record,
)
from partner_analysis.tables import NO_NUMBER, Interval


def a_portfolio(number: int) -> Portfolio:
    rng = np.random.default_rng(number)
    places = pd.DataFrame({name: rng.normal(size=number) for name in PLACE_COLUMNS})
    places["partnership_id"] = [f"p{k}" for k in range(number)]
    places["members"] = pd.Series([(f"p{k}", f"q{k}")[: 1 + k % 2] for k in range(number)],
                                  dtype=object)  # fmt: skip
    for name in ("place", "first_place", "last_place"):
        places[name] = np.arange(1, number + 1)
    left_out = pd.DataFrame({"partnership_id": ["doc"], "reason": ["provider"]})
    winner = Interval(1.0, -np.inf, 2.5) if number else NO_NUMBER
    correlation = np.corrcoef(rng.normal(size=(number, 9))) if number > 1 else np.eye(number)
    return Portfolio(places, left_out, ((1, number),), winner, "p0", NO_NUMBER,
                     float("nan"), correlation, 0.95)  # fmt: skip


@pytest.mark.parametrize("number", [0, 1, 7])
def test_what_is_read_is_what_was_written(number: int, tmp_path: Path) -> None:
    given = a_portfolio(number)
    storage.write_json(portfolio_record(given), tmp_path / "a.json")
    found = portfolio_from_record(storage.read_json(tmp_path / "a.json"))
    assert found.places["members"].tolist() == given.places["members"].tolist()
    for name in ("places", "left_out"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(given, name), check_dtype=True)
    np.testing.assert_array_equal(found.correlation, given.correlation)
    assert repr((found.alike, found.winner, found.together, found.false_share)) == repr(
        (given.alike, given.winner, given.together, given.false_share)
    )
    assert found.sizes == given.sizes


def test_it_is_made_once_for_the_same_effects(tmp_path: Path) -> None:
    (tmp_path / "effects").mkdir()
    effect = tmp_path / "effects" / "gym.json"
    effect.write_text("1")
    made: list[int] = []

    def make() -> Portfolio:
        made.append(1)
        return a_portfolio(3)

    for _ in range(2):
        assert len(portfolio_kept(tmp_path, make).places) == 3
    assert len(made) == 1
    effect.write_text("2")
    portfolio_kept(tmp_path, make)
    assert len(made) == 2
    (tmp_path / FILE).write_text("torn")
    portfolio_kept(tmp_path, make)
    assert len(made) == 3
