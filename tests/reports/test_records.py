"""An effect survives its file, and no spreadsheet runs a partner's name."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.effect import Effect, without_number
from partner_analysis.reporting.records import effect_from_record, effect_record, effects_table
from partner_analysis.tables import DataError, Interval


def an_effect(**changes: object) -> Effect:
    effect = without_number(
        identifier="gym", name="Gym", kind="gym", level=0.95, note="Nothing came before."
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
    ],
)
def test_effect_comes_back_to_the_last_digit(changes: dict[str, object]) -> None:
    effect = an_effect(**changes)
    text = json.dumps(effect_record(effect), allow_nan=False)
    assert_same(effect_from_record(json.loads(text)), effect)


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
