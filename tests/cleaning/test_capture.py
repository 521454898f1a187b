"""A change in how sources are recorded is told from luck."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.cleaning.sources.capture import capture_by_month, capture_shifts
from partner_analysis.tables import InputError


def practice(seed: int, *, clinics: int = 4, months: int = 30, jump: float = 0.0) -> pd.DataFrame:
    """Shares that vary by themselves; at the first clinic one jumps in month 18."""
    rng = np.random.default_rng(seed)
    level = np.full((clinics, months), 0.8)
    level[0, 18:] -= jump
    whole = rng.poisson(25, (clinics, months))
    written = rng.binomial(whole, rng.beta(level * 40, (1 - level) * 40))
    clear = rng.binomial(written, rng.beta(36, 4, (clinics, months)))
    cells = pd.MultiIndex.from_product(
        [[f"c{c}" for c in range(clinics)], pd.date_range("2022-01-01", periods=months, freq="MS")],
        names=["clinic", "month"],
    )
    counts = {
        "new_patients": whole.ravel(),
        "nothing_written": (whole - written).ravel(),
        "not_understood": (written - clear).ravel(),
    }
    return pd.DataFrame(counts, index=cells).reset_index()


def test_false_alarms_are_at_most_about_five_in_a_hundred_practices() -> None:
    alarms = sum(not capture_shifts(practice(seed), seed=seed).empty for seed in range(40))
    assert alarms <= 6  # 99 percent of the time at 5 in 100


@pytest.mark.parametrize("seed", range(5))
def test_a_jump_is_found_with_its_month(seed: int) -> None:
    shifts = capture_shifts(practice(seed, jump=0.35))
    first = shifts.iloc[0]
    assert (first["clinic"], first["what"]) == ("c0", "written down")
    assert abs((first["month"] - pd.Timestamp("2023-07-01")).days) <= 62
    assert first["before"] - first["after"] > 0.2
    assert first["p_value"] <= 0.05


def test_few_months_show_nothing() -> None:
    assert capture_shifts(practice(1, months=5, jump=0.0)).empty
    assert capture_shifts(practice(1).iloc[:0]).empty


def test_impossible_parts_are_refused() -> None:
    with pytest.raises(InputError, match="Make it by capture_by_month"):
        capture_shifts(practice(1).assign(not_understood=100))


def test_every_new_patient_is_in_one_part() -> None:
    rows = [
        ("missing", "missing", "none"), ("unmatched", "unknown", "none"),
        ("ambiguous", "unknown", "review"), ("unmatched", "internet", "general"),
        ("unmatched", "nobody", "decided"), ("matched", "Run", "exact"),
        ("matched", "Run", "decided"), ("matched", "Run", "short name"),
    ]  # fmt: skip
    episodes = pd.DataFrame(rows, columns=["state", "label", "rule"]).assign(
        clinic="Dock", new_patient=True, counted_on=pd.Timestamp("2024-03-05")
    )
    other = episodes.assign(new_patient=False)
    row = capture_by_month(pd.concat([episodes, other])).iloc[0]
    parts = ["nothing_written", "not_understood", "general", "partner", "fuzzy"]
    assert row[parts].tolist() == [1, 2, 2, 3, 1]
    assert row["new_patients"] == len(rows)
