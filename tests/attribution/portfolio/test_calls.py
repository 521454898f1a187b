"""Whom to call: a range that holds new counts, quiet only below it, providers never by count."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_analysis.attribution.portfolio.alliances import list_alliances
from partner_analysis.attribution.portfolio.calls import (
    NOT_ASKED,
    NOT_KNOWN,
    QUIET,
    TOO_FEW,
    TOO_YOUNG,
    USUAL,
    list_calls,
    predict_count,
)

LAST = pd.Timestamp("2025-12-07")
FLOWS = pd.DataFrame({"partnership_id": ["a", "a", "c"], "month": pd.to_datetime(
    ["2025-03-01", "2026-03-01", "2025-06-01"]), "shared_events": [1, 1, 0]})  # fmt: skip


def register() -> pd.DataFrame:
    rows = pd.DataFrame({"partnership_id": ["a", "b", "c", "d"], "provider": [0, 0, 0, 1]})
    rows["name"] = rows["kind"] = rows["partnership_id"]
    rows["start_date"] = pd.to_datetime(["2024-01-01", "2025-08-01", "2024-01-01", "2024-01-01"])
    return rows.assign(
        end_date=pd.NaT, clinics=[("X",)] * 4, personas=[()] * 4,
        provider=rows["provider"].astype(bool),
    )  # fmt: skip


def named(**days: list[str]) -> pd.DataFrame:
    rows = [(key, pd.Timestamp(day)) for key, listed in days.items() for day in listed]
    seen = pd.DataFrame(rows, columns=["partnership_id", "counted_on"])
    return seen.assign(clinic="X", new_patient=True, also_named="")


def weekly(first: str, last: str) -> list[str]:
    return [str(day.date()) for day in pd.date_range(first, last, freq="7D")]


def called(episodes: pd.DataFrame | None) -> pd.DataFrame:
    none = pd.DataFrame({"partnership_id": [], "date": []})
    alliances = list_alliances(register(), none, as_of=pd.Timestamp("2025-12-31"))
    found = list_calls(alliances, register(), FLOWS, episodes, last_day=LAST)
    return found.set_index("partnership_id")


def test_a_partner_that_nobody_names_any_more_has_gone_quiet() -> None:
    seen = named(a=weekly("2024-01-02", "2025-08-30"), c=weekly("2024-01-02", "2025-12-01"))
    found = called(seen)
    assert found["finding"].to_dict() == {
        "a": QUIET, "b": TOO_YOUNG, "c": USUAL, "d": NOT_ASKED,
    }  # fmt: skip
    assert found.loc["a", "last_named"] == pd.Timestamp("2025-08-01")
    assert (found.loc["a", "recent"], found.loc["c", "recent"]) == (0, 12)
    assert found.loc["c", "usual"] == pytest.approx(13, abs=1)


def test_a_rarely_named_partner_is_never_called_quiet() -> None:
    assert called(named(a=["2025-01-05", "2025-05-05"])).loc["a", "finding"] == TOO_FEW


def test_no_count_is_made_of_a_provider_or_without_patients() -> None:
    seen = called(named(d=weekly("2024-01-02", "2025-08-30")))
    assert seen.loc["d", ["last_named", "recent", "usual", "low", "high"]].isna().all()
    without = called(None)
    assert without["recent"].isna().all()
    assert without.loc["a", "finding"] == NOT_KNOWN


def test_a_contact_is_the_last_month_with_one_up_to_now() -> None:
    found = called(named(a=[]))
    assert found.loc["a", "last_contact"] == pd.Timestamp("2025-03-01")
    assert pd.isna(found.loc["c", "last_contact"])


def test_months_are_counted_back_from_the_last_day() -> None:
    found = called(named(a=["2025-12-07", "2025-09-08", "2025-09-07", "2025-12-08"]))
    assert found.loc["a", "recent"] == 2


@pytest.mark.parametrize("shape", [np.inf, 4.0])
def test_the_range_holds_new_counts_as_often_as_it_says(shape: float) -> None:
    """Months that vary by chance alone, and months that vary more."""
    rng, held = np.random.default_rng(7), []
    for _ in range(600):
        rate = rng.uniform(1, 8)
        rates = rate if np.isinf(shape) else rng.gamma(shape, rate / shape, 15)
        months = rng.poisson(rates, 15)
        _, low, high = predict_count(months[:12], 3, level=0.95)
        held.append(low <= months[12:].sum() <= high)
    assert np.mean(held) >= 0.93


@given(st.lists(st.integers(0, 40), min_size=3, max_size=12), st.floats(0.8, 0.99))
def test_the_range_holds_what_is_usual_and_widens_with_its_level(
    months: list[int], level: float
) -> None:
    usual, low, high = predict_count(np.array(months), 3, level=level)
    assert 0 <= low <= usual + 1
    assert high >= usual - 1
    _, lower, higher = predict_count(np.array(months), 3, level=0.995)
    assert (lower <= low) & (higher >= high)
