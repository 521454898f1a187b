"""An effect survives its file, and no spreadsheet runs a partner's name."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.effect import Effect, without_number
from partner_analysis.attribution.named.reconcile import reconcile
from partner_analysis.attribution.reviews.held import REVIEW_COLUMNS, Standing
from partner_analysis.reporting import kept
from partner_analysis.reporting.records import (
    effect_from_record,
    effect_record,
    effects_table,
    standing_from_record,
    standing_record,
)
from partner_analysis.tables import DataError, Interval


def an_effect(**changes: object) -> Effect:
    effect = without_number(
        partnership_id="gym", name="Gym", kind="gym", level=0.95, note="Nothing came before."
    )
    days = pd.to_datetime(["2024-01-01", "2024-01-08"]).astype("datetime64[ns]")
    periods = pd.DataFrame(
        {
            "period": days,
            "observed": [3.0, np.nan],
            "expected": [1.1, 2.2],
            "expected_low": [0.1, -np.inf],
            "expected_high": [2.0, np.inf],
            "active": [False, True],
            "days": [7, 7],
        }
    )
    return dataclasses.replace(effect, periods=periods, **changes)  # type: ignore[arg-type]


def assert_same(one: Effect, other: Effect) -> None:
    for field in dataclasses.fields(Effect):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, pd.DataFrame):
            pd.testing.assert_frame_equal(a, b, check_exact=True)
        else:
            assert repr(a) == repr(b), field.name


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"total": Interval(1 / 3, -np.inf, 7.0), "named": 4.0, "bundle": ("gym", "club")},
        {"total": Interval(np.nan, 0.5, np.inf), "first_day": pd.Timestamp("2024-01-01")},
        {"verdict": "more", "p_value": 1e-17, "notes": ("a", "ü <b>"), "n_pre": 12},
        {
            "grade": "moderate",
            "grade_limits": ("Warned: pre-trend.",),
            "control": Interval(12.0, 3.0, 22.0),
            "at_least": True,
            "capacity": "It was full.",
            "blended": Interval(1 / 3, -1.0, 2.0),
            "reconciliation": reconcile(3.0, Interval(2.0, -1.0, 5.0)),
            "priors": pd.DataFrame(
                {"prior": ["a"], "estimate": [1 / 3], "low": [0.1], "high": [1.0]}
            ),
            "event_study": pd.DataFrame(
                {"month": [-1, 0], "log_ratio": [np.nan, 0.1], "variance": [np.nan, 0.2]}
            ),
        },
    ],
)
def test_effect_comes_back_to_the_last_digit(changes: dict[str, object]) -> None:
    effect = an_effect(**changes)
    text = json.dumps(effect_record(effect), allow_nan=False)
    assert_same(effect_from_record(json.loads(text)), effect)


def test_draws_stay_behind_since_all_that_is_shown_is_made_from_them() -> None:
    record = effect_record(an_effect(draws=np.ones((2, 100))))
    assert "draws" not in record
    assert effect_from_record(record).draws is None


def test_a_record_of_before_the_checks_is_read_with_nothing_in_their_place() -> None:
    record = effect_record(an_effect())
    for name in ("grade", "blended", "priors", "reconciliation"):
        del record[name]
    effect = effect_from_record(record)
    assert effect.grade == "none"
    assert effect.blended is None
    assert effect.priors.empty


def a_standing(*reviews: tuple[str, str, tuple[str, ...]]) -> Standing:
    rows = [(pd.Timestamp(day), 12, 0.982, verdict, 1 / 3, -np.inf, np.nan, bundle)
            for day, verdict, bundle in reviews]  # fmt: skip
    table = pd.DataFrame(rows, columns=list(REVIEW_COLUMNS)).astype(REVIEW_COLUMNS)
    return Standing(
        partnership_id="gym",
        standing=reviews[-1][1] if reviews else "watching",
        reviewed_on=table["review"].iloc[-1] if reviews else pd.NaT,
        next_review=pd.NaT if reviews else pd.Timestamp("2025-01-01"),
        reviews=table,
    )


@pytest.mark.parametrize(
    "reviews",
    [(), (("2024-04-01", "too early", ()), ("2025-01-06", "more", ("club", "gym")))],
)
def test_standing_comes_back_to_the_last_digit(
    reviews: tuple[tuple[str, str, tuple[str, ...]], ...],
) -> None:
    standing = a_standing(*reviews)
    again = standing_from_record(json.loads(json.dumps(standing_record(standing))))
    for name in ("partnership_id", "standing", "reviewed_on", "next_review"):
        assert repr(getattr(again, name)) == repr(getattr(standing, name))
    pd.testing.assert_frame_equal(again.reviews, standing.reviews, check_exact=True)


def test_the_sheet_has_what_is_declared_beside_what_the_data_say() -> None:
    standing = a_standing(("2025-01-06", "more", ()))
    effect = an_effect(blended=Interval(3.0, 1.0, 5.0), grade="weak")
    row = effects_table({"gym": effect}, standings={"gym": standing}).iloc[0]
    assert (row["standing"], row["reviewed_on"], row["next_review"]) == ("more", "2025-01-06", None)
    assert (row["verdict"], row["grade"]) == ("data not fit", "weak")
    assert (row["blended"], row["blended_low"], row["blended_high"]) == (3.0, 1.0, 5.0)


def test_another_schema_is_refused() -> None:
    record = effect_record(an_effect()) | {"schema_version": 99}
    with pytest.raises(DataError, match=r"schema version 99, and 1 is needed\. Make that report"):
        effect_from_record(record)


def test_a_damaged_record_is_refused() -> None:
    record = effect_record(an_effect())
    del record["total"]
    with pytest.raises(DataError, match="lacks total"):
        effect_from_record(record)


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@sum", "\t=1", " =1"])
def test_no_spreadsheet_runs_a_name(name: str) -> None:
    table = effects_table({"gym": an_effect(name=name)})
    assert table["name"].iloc[0] == "'" + name
    assert table["verdict"].iloc[0] == "data not fit"


def test_draws_are_left_in_private_and_never_published(tmp_path: Path) -> None:
    """They tell how probably a partnership paid for itself, and a report does not hold them."""
    empty = without_number(partnership_id="gym", name="Gym", kind="gym", level=0.95, note="")
    effect = dataclasses.replace(empty, draws=np.arange(6.0).reshape(2, 3))
    kept.write_effect(effect, tmp_path / "private", private=True)
    kept.write_effect(effect, tmp_path / "published")
    again = kept.read_effects(tmp_path / "private")["gym"].draws
    assert again is not None
    assert again.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert kept.read_effects(tmp_path / "published")["gym"].draws is None
    assert [path.name for path in (tmp_path / "published").iterdir()] == ["gym.json"]
