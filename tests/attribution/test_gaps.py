"""Gaps: who runs where, who is growing, what worked elsewhere, and which areas cannot be told."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_analysis.attribution.areas import (
    FEWER,
    NO_NEIGHBOUR,
    NOT_AN_AREA,
    NOT_FEWER,
    THIN,
    compare_areas,
    count_areas,
)
from partner_analysis.attribution.areas import TOO_FEW as TOO_FEW_AREA
from partner_analysis.attribution.gaps import find_gaps
from partner_analysis.attribution.growth import SHORT, TOO_FEW, held_together
from partner_analysis.attribution.shares import beside_the_others

CLINICS, PERSONAS = ("A", "B", "C"), ("general", "runner")
REGISTER = pd.DataFrame(
    {
        "partnership_id": ["shop", "doc", "old"],
        "name": ["Shop", "Doctor", "Old gym"],
        "kind": ["running store", "physician group", "gym"],
        "start_date": pd.to_datetime(["2023-01-02", "2023-01-02", "2023-01-02"]),
        "end_date": pd.to_datetime([None, None, "2023-12-31"]),
        "clinics": [("A",), ("B",), ("C",)],
        "personas": [("runner",), (), ()],
        "provider": [False, True, False],
    }
)
WORKED = pd.DataFrame(
    {"kind": ["running store", "physician group"], "ratio": [1.3, 1.9], "low": [1.1, 1.5],
     "high": [1.6, 2.4]}
)  # fmt: skip


def some_counts(
    *, grows: float = 1.0, rate: float = 3.0, weeks: int = 104, seed: int = 1
) -> pd.DataFrame:
    """Weeks of two personas at three clinics; runners at C grow in the second year."""
    rng = np.random.default_rng(seed)
    period = pd.date_range("2023-01-02", periods=weeks, freq="7D")
    keys = pd.MultiIndex.from_product(
        [CLINICS, PERSONAS, period], names=["clinic", "persona", "period"]
    ).to_frame(index=False)
    here = (keys["clinic"] == "C") & (keys["persona"] == "runner")
    later = keys["period"] >= period[weeks // 2]
    return keys.assign(new_patients=rng.poisson(rate * np.where(here & later, grows, 1.0)))


def of(gaps: pd.DataFrame, clinic: str, persona: str) -> pd.Series:
    return gaps.set_index(["clinic", "persona"]).loc[(clinic, persona)]


def test_each_clinic_and_persona_has_one_row_and_its_counts() -> None:
    counts = some_counts()
    gaps = find_gaps(counts, REGISTER)
    assert len(gaps) == len(CLINICS) * len(PERSONAS)
    assert gaps[["last_year", "year_before"]].sum().sum() == counts["new_patients"].sum()
    assert gaps["a_month"].tolist() == pytest.approx((gaps["last_year"] / 12).tolist(), rel=0.01)


def test_growth_without_a_partner_comes_first_and_is_the_only_one_called() -> None:
    gaps = find_gaps(some_counts(grows=1.8), REGISTER, effects_by_kind=WORKED)
    first = gaps.iloc[0]
    assert (first["clinic"], first["persona"], first["rank"]) == ("C", "runner", 1)
    assert first["low"] <= 0.8 <= first["high"]
    assert gaps["is_growing"].sum() == 1
    assert (first["worked"], first["worked_at"]) == (("running store",), ("A",))


def test_running_partners_are_cover_and_only_others_than_providers_are_proposed() -> None:
    gaps = find_gaps(some_counts(), REGISTER, effects_by_kind=WORKED)
    assert of(gaps, "A", "runner")["kinds"] == ("running store",)
    assert of(gaps, "B", "general")["kinds"] == ("physician group",)
    assert of(gaps, "C", "general")["kinds"] == ()
    proposed = {
        kind for column in ("worked", "elsewhere") for kinds in gaps[column] for kind in kinds
    }
    assert proposed == {"running store", "gym"}
    covered = gaps["kinds"].map(len) > 0
    assert gaps.loc[covered, "rank"].isna().all()
    assert (gaps.loc[covered, "need"] == 0).all()


def test_need_is_the_sum_of_its_parts_and_orders_the_list() -> None:
    gaps = find_gaps(some_counts(grows=1.8), REGISTER, effects_by_kind=WORKED)
    free = gaps.loc[gaps["rank"].notna()]
    parts = free[["growing_part", "missing_part", "worked_part"]]
    assert parts.sum(axis=1).tolist() == pytest.approx(free["need"].tolist())
    assert ((parts >= 0) & (parts <= 1)).all().all()
    assert free["need"].is_monotonic_decreasing
    assert free["rank"].tolist() == list(range(1, len(free) + 1))


def test_size_alone_is_no_need_and_a_kind_missing_beside_the_others_is() -> None:
    """The largest kind has hardly any need where nothing else speaks for it."""
    counts = some_counts(rate=6.0)
    general = counts["persona"] == "general"
    here = (counts["clinic"] == "C") & ~general
    counts["new_patients"] = counts["new_patients"].mask(general, 5 * counts["new_patients"])
    counts["new_patients"] = counts["new_patients"].mask(here, counts["new_patients"] // 3)
    gaps = find_gaps(counts, REGISTER.iloc[:0])
    first = gaps.iloc[0]
    assert (first["clinic"], first["persona"]) == ("C", "runner")
    assert first["of_usual_high"] < 1
    assert gaps.loc[gaps["persona"] == "general", "missing_part"].max() < 0.1


def test_where_clearly_more_than_usual_come_there_is_no_gap() -> None:
    counts = some_counts(rate=6.0)
    many = (counts["clinic"] == "C") & (counts["persona"] == "runner")
    counts["new_patients"] = counts["new_patients"].mask(many, 3 * counts["new_patients"])
    gaps = find_gaps(counts, REGISTER, effects_by_kind=WORKED)
    row = of(gaps, "C", "runner")
    assert row["of_usual_low"] > 1 and not row["is_growing"]
    assert np.isnan(row["rank"])


def test_equal_need_shares_a_place() -> None:
    gaps = find_gaps(some_counts(grows=1.8), REGISTER, effects_by_kind=WORKED)
    free = gaps.loc[gaps["rank"].notna()]
    assert (free["rank"].between(free["first_place"], free["last_place"])).all()
    for _, alike in free.groupby(free["need"].round(2)):
        assert alike["last_place"].iloc[0] - alike["first_place"].iloc[0] == len(alike) - 1


def test_a_kind_worked_only_through_the_partnerships_that_a_review_declared() -> None:
    """Another partner of the same kind does not lend it its clinics."""
    none = WORKED.assign(partnership_ids=[("elsewhere",)] * len(WORKED))
    gaps = find_gaps(some_counts(), REGISTER, effects_by_kind=none)
    assert not gaps["worked"].map(len).any()
    assert {kind for kinds in gaps["elsewhere"] for kind in kinds} == {"running store", "gym"}


@given(st.integers(2, 50))
def test_need_beside_the_others_does_not_hang_on_the_size_of_a_clinic(times: int) -> None:
    """A clinic many times larger with the same mix misses nobody more."""
    rows = [("A", "runner", 20), ("A", "general", 80), ("B", "runner", 20), ("B", "general", 80)]
    came = pd.DataFrame(rows, columns=["clinic", "persona", "last_year"])
    large = came.assign(last_year=came["last_year"].where(came["clinic"] == "B", 20 * times))
    large.loc[1, "last_year"] = 80 * times
    for table in (came, large):
        found = beside_the_others(table, level=0.95)
        assert found["of_usual"].tolist() == pytest.approx([1.0] * 4)
        assert (found["of_usual_low"] < 1).all()
        assert (found["of_usual_high"] > 1).all()


def test_one_clinic_or_few_patients_are_beside_nobody() -> None:
    alone = pd.DataFrame({"clinic": "A", "persona": ["x", "y"], "last_year": [50, 60]})
    rows = [("A", "x", 5), ("B", "x", 4), ("A", "y", 50), ("B", "y", 60)]
    few = pd.DataFrame(rows, columns=["clinic", "persona", "last_year"])
    assert beside_the_others(alone, level=0.95)["of_usual"].isna().all()
    unknown = beside_the_others(few, level=0.95)["of_usual"].isna()
    assert unknown.tolist() == [True, True, False, False]


def test_what_cannot_be_told_is_said_and_never_called_growing() -> None:
    short = find_gaps(some_counts(weeks=80), REGISTER)
    assert (short["note"] == SHORT).all()
    small = find_gaps(some_counts(rate=0.05), REGISTER)
    assert (small["note"] == TOO_FEW).all()
    for gaps in (short, small):
        assert gaps["growth"].isna().all()
        assert not gaps["is_growing"].any()


def test_without_counts_there_is_no_gap() -> None:
    assert find_gaps(some_counts().iloc[:0], REGISTER).empty
    one_week = find_gaps(some_counts().iloc[:1], REGISTER)
    assert one_week["note"].tolist() == [SHORT]


def test_a_persona_that_nobody_had_before_is_growing_without_an_upper_end() -> None:
    counts = some_counts()
    here = (counts["clinic"] == "C") & (counts["persona"] == "runner")
    early = counts["period"] < counts["period"].iloc[52]
    gaps = find_gaps(
        counts.assign(new_patients=counts["new_patients"].mask(here & early, 0)), REGISTER
    )
    found = of(gaps, "C", "runner")
    assert np.isinf(found["growth"])
    assert found["low"] > 5
    assert found["is_growing"]


def test_months_say_the_same_as_their_weeks_nearly() -> None:
    months = pd.date_range("2023-01-01", periods=24, freq="MS")
    keys = pd.MultiIndex.from_product([CLINICS, months], names=["clinic", "period"])
    counts = keys.to_frame(index=False).assign(new_patients=np.tile([10] * 12 + [14] * 12, 3))
    gaps = find_gaps(counts, REGISTER.iloc[:0])
    assert gaps["growth"].tolist() == pytest.approx([0.4] * 3, abs=0.02)
    assert gaps["is_growing"].all()


def test_without_growth_nothing_is_called_growing() -> None:
    called = [find_gaps(some_counts(seed=seed), REGISTER)["is_growing"].any() for seed in range(8)]
    assert sum(called) <= 2


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12).map(np.array))
def test_findings_together_are_fewer_than_alone_and_the_smallest_first(p_values) -> None:
    found = held_together(p_values, rate=0.05)
    assert (p_values[found] <= 0.05).all()
    assert not found.any() or p_values[found].max() <= p_values[~found].min(initial=1)


def areas_of(**came: int) -> pd.DataFrame:
    names = [name.removeprefix("z") for name in came]
    return pd.DataFrame({"clinic": "A", "zip3": names, "new_patients": list(came.values())})


def test_an_area_is_thin_only_for_its_people() -> None:
    areas = areas_of(z028=60, z029=12, z030=55, z041=3, z000=7, z=9)
    found = compare_areas(areas).set_index("zip3")["finding"]
    assert found.to_dict() == {
        "": NOT_AN_AREA, "000": NOT_AN_AREA, "028": NOT_FEWER, "029": FEWER, "030": NOT_FEWER,
        "041": NO_NEIGHBOUR,
    }  # fmt: skip
    people = pd.DataFrame({"zip3": ["028", "029", "030"], "people": [50_000, 50_000, 50_000]})
    named = compare_areas(areas, populations=people.assign(name=["bay", "hill", ""]))
    assert named.set_index("zip3")["name"].to_dict()["029"] == "hill"
    assert compare_areas(areas, populations=people).set_index("zip3")["finding"]["029"] == THIN
    people["people"] = [50_000, 10_000, 50_000]
    assert compare_areas(areas, populations=people).set_index("zip3")["finding"]["029"] == NOT_FEWER


def test_few_patients_tell_nothing_of_an_area() -> None:
    found = compare_areas(areas_of(z028=15, z029=0))
    assert set(found["finding"]) == {TOO_FEW_AREA}
    assert compare_areas(areas_of()).empty


def test_areas_count_every_new_patient_of_twelve_months_once() -> None:
    days = pd.to_datetime(["2024-01-01", "2024-12-31", "2023-12-31", "2024-06-01", "2025-01-01"])
    episodes = pd.DataFrame(
        {"clinic": "A", "zip3": ["028", "028", "028", "", "028"], "new_patient": True,
         "counted_on": days}
    )  # fmt: skip
    areas = count_areas(episodes, last_day="2024-12-31")
    assert areas["new_patients"].tolist() == [1, 2]
    assert areas["zip3"].tolist() == ["", "028"]
