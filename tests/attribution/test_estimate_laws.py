"""Whatever a practice looks like, an estimate keeps its word: no exception, no contradiction."""

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partner_analysis.attribution.estimate import estimate_effects
from partner_analysis.tables import VERDICTS, InputError

FIRST = pd.Timestamp("2023-01-02")


@st.composite
def practices(draw):
    """Small practices with gaps, closed periods, late openings and crossing partnerships."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    clinics = draw(st.integers(1, 5))
    personas = draw(st.integers(1, 3))
    freq, days = draw(st.sampled_from([("W-MON", 7), ("MS", 30), ("D", 1)]))
    count = draw(st.integers(2, 60))
    periods = pd.date_range(FIRST, periods=count, freq=freq)
    keys = pd.MultiIndex.from_product([range(clinics), range(personas), periods])
    counts = keys.to_frame(index=False, name=["clinic", "persona", "period"])
    counts["new_patients"] = rng.poisson(draw(st.sampled_from([0.02, 0.5, 3, 200])), len(counts))
    counts["open_days"] = rng.choice([0, 3, 5], len(counts), p=[0.05, 0.15, 0.8])
    counts["new_patients"] = counts["new_patients"].where(counts["open_days"] > 0, 0).astype(float)
    counts.loc[rng.random(len(counts)) < draw(st.sampled_from([0, 0.2])), "new_patients"] = np.nan
    counts = counts[rng.random(len(counts)) < draw(st.sampled_from([1, 0.8]))]
    rows = []
    for number in range(draw(st.integers(1, 3))):
        start = FIRST + pd.Timedelta(days=int(rng.integers(-10, count * days + 10)))
        end = start + pd.Timedelta(days=int(rng.integers(0, 300)))
        rows.append(
            {
                "partnership_id": f"p{number}",
                "start_date": start,
                "end_date": end if rng.random() < 0.4 else pd.NaT,
                "clinics": tuple(
                    map(str, rng.choice(clinics, rng.integers(0, clinics + 1), False))
                ),
                "personas": tuple(
                    map(str, rng.choice(personas, rng.integers(0, personas + 1), False))
                ),
            }
        )
    return counts, pd.DataFrame(rows)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(practices())
def test_any_practice_gets_a_verdict_that_agrees_with_its_numbers(practice):
    counts, partnerships = practice
    if counts.empty:
        return
    try:
        effects = estimate_effects(counts, partnerships)
    except InputError as refusal:  # so few rows that it cannot be seen that they are days
        assert "Count all clinics by the same" in str(refusal)
        return
    for effect in effects.values():
        assert effect.verdict in VERDICTS
        numbers = (effect.total, effect.per_month, effect.percent)
        if effect.verdict == "data not fit":
            assert not any(number.is_number for number in numbers)
            continue
        if not effect.total.is_number:
            assert effect.verdict == "too early"
            assert effect.n_post == 0
            continue
        for number in numbers:
            known = [v for v in (number.low, number.estimate, number.high) if not np.isnan(v)]
            assert known == sorted(known)
        assert 0 < effect.p_value <= 1
        outside = effect.total.low > 0 or effect.total.high < 0
        assert outside == (effect.p_value < 1 - effect.level)
        if effect.verdict in ("more", "fewer"):
            assert outside
        assert len(effect.periods) == counts["period"].nunique()
