"""Care and kinds of those who named a partner: who is compared, who is left out, and no claim."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.access import compare_kinds
from partner_analysis.attribution.care import (
    ARRIVED,
    ASKED_AT_VISIT,
    NEVER_SAME_DAY,
    NOT_KNOWN,
    SAME_DAY,
    TOO_FEW,
    compare_care,
)
from partner_analysis.tables import InputError

REGISTER = pd.DataFrame(
    {
        "partnership_id": ["gym", "shop"],
        "start_date": pd.to_datetime(["2023-07-03", "2023-01-02"]),
        "clinics": [("A",), ()],
        "personas": [("runner",), ()],
    }
)
LAST = pd.Timestamp("2024-12-31")


def some_episodes(seed: int = 1, people: int = 600) -> pd.DataFrame:
    """One episode each, of two clinics in two years; a fifth of clinic A names the gym."""
    rng = np.random.default_rng(seed)
    day = pd.Timestamp("2023-01-02") + pd.to_timedelta(rng.integers(0, 725, people), unit="D")
    wait = rng.choice([0, 1, 2, 3, 5, 8, 13, 21], people)
    clinic = rng.choice(["A", "B"], people)
    names = (rng.random(people) < 0.2) & (clinic == "A") & (day >= REGISTER["start_date"][0])
    planned = rng.choice([6.0, 8, 12], people)
    return pd.DataFrame(
        {
            "patient_key": np.arange(people),
            "clinic": clinic,
            "persona": rng.choice(["runner", "general"], people),
            "age_band": rng.choice(["18 to 29", "30 to 44"], people),
            "payer": rng.choice(["PPO", "HMO"], people),
            "zip3": rng.choice(["028", "029", "000", ""], people),
            "received": day - pd.to_timedelta(wait, unit="D"),
            "created": pd.NaT,
            "evaluated": day,
            "first_visit": day,
            "discharged": day + pd.Timedelta(days=60),
            "new_patient": True,
            "counted_on": day,
            "partnership_id": pd.Series(np.where(names, "gym", ""), dtype="str").replace("", None),
            "also_named": "",
            "state": "matched",
            "visits": np.round(planned * rng.uniform(0.3, 1.3, people)),
            "planned_visits": planned,
            "outcome_change": rng.normal(10, 8, people),
            "recommend": rng.choice([10.0, 9, 8, 5], people),
            "first_time": rng.choice([1.0, 0, np.nan], people),
        }
    )


def of(care: pd.DataFrame, measure: str) -> pd.Series:
    return care.set_index("measure").loc[measure]


def test_every_measure_is_compared_in_the_same_clinics_and_months() -> None:
    episodes = some_episodes()
    care = compare_care(episodes, REGISTER, "gym", as_of=LAST)
    here = (episodes["clinic"] == "A") & (episodes["counted_on"] >= "2023-07-03")
    waits = of(care, "days to first visit")
    asked = episodes["received"] >= REGISTER["start_date"][0]
    assert waits["of_partner"] == (episodes["partnership_id"].notna() & asked).sum()
    assert waits["n_partner"] + waits["n_others"] <= here.sum()
    assert care["difference"].notna().all()
    assert ((care["low"] <= care["difference"]) & (care["difference"] <= care["high"])).all()
    everywhere = episodes.assign(clinic=episodes["clinic"].replace("B", "C"), visits=99.0)
    changed = episodes.where(here, everywhere)
    pd.testing.assert_frame_equal(care, compare_care(changed, REGISTER, "gym", as_of=LAST))


def test_a_young_partnership_has_no_shorter_waits_because_it_is_young() -> None:
    """Whoever named it asked since it began; others who came had asked long before."""
    rng, size = np.random.default_rng(4), 8_000
    start = LAST - pd.Timedelta(days=120)
    named = np.arange(size) < 3_200
    asked = start + pd.to_timedelta(np.where(named, 0, -200) + rng.integers(0, 320, size), unit="D")
    came = asked + pd.to_timedelta(np.floor(20 * np.exp(0.8 * rng.normal(size=size))), unit="D")
    episodes = some_episodes(people=size).assign(
        received=asked, evaluated=came, first_visit=came, counted_on=came, clinic="A",
        partnership_id=pd.Series(np.where(named, "gym", ""), dtype="str").replace("", None),
    )  # fmt: skip
    seen = episodes.loc[episodes["counted_on"] <= LAST]
    waits = of(compare_care(seen, REGISTER.assign(start_date=start), "gym"), "days to first visit")
    assert waits["low"] < 0 < waits["high"]


def test_a_known_difference_is_found_and_told_from_all_others() -> None:
    episodes = some_episodes()
    named = episodes["partnership_id"].notna()
    better = episodes.assign(outcome_change=episodes["outcome_change"] + 12 * named)
    care = compare_care(better, REGISTER, "gym", as_of=LAST)
    found = of(care, "outcome change")
    assert found["low"] <= 12 <= found["high"]
    assert care.loc[care["is_clear"], "measure"].tolist() == ["outcome change"]


def test_where_nothing_differs_hardly_anything_is_called_clear() -> None:
    clear = [
        compare_care(some_episodes(seed, 400), REGISTER, "gym", as_of=LAST)["is_clear"].any()
        for seed in range(10)
    ]
    assert sum(clear) <= 3


def test_open_and_recent_episodes_are_left_out_on_both_sides() -> None:
    episodes = some_episodes()
    is_open = np.arange(len(episodes)) % 3 == 0
    left = episodes.assign(discharged=episodes["discharged"].mask(is_open))
    strange = left.assign(visits=left["visits"].where(~is_open, 400.0))
    recent = strange["counted_on"] > LAST - pd.Timedelta(days=180)
    strange = strange.assign(visits=strange["visits"].mask(recent, 400.0))
    for measure in ("visits per episode", "completed the plan of care"):
        one, two = (
            of(compare_care(table, REGISTER, "gym", as_of=LAST), measure)
            for table in (left, strange)
        )
        pd.testing.assert_series_equal(one, two)


def test_each_patient_counts_once_and_the_order_does_not_matter() -> None:
    episodes = some_episodes()
    again = episodes.iloc[:200].assign(counted_on=episodes["counted_on"] + pd.Timedelta(days=1))
    twice = pd.concat([episodes, again], ignore_index=True).sample(frac=1, random_state=2)
    one, two = (compare_care(t, REGISTER, "gym", as_of=LAST) for t in (episodes, twice))
    pd.testing.assert_frame_equal(one, two)


def test_what_cannot_be_told_says_why() -> None:
    episodes = some_episodes().drop(columns=["visits", "recommend"])
    few = episodes["partnership_id"].where(episodes["partnership_id"].notna().cumsum() <= 9)
    notes = compare_care(
        episodes.assign(partnership_id=few), REGISTER, "gym", as_of=LAST
    ).set_index("measure")["note"]
    assert notes["outcome change"] == TOO_FEW
    assert notes["visits per episode"] == NOT_KNOWN
    slow = episodes.assign(received=episodes["evaluated"] - pd.Timedelta(days=2))
    care = compare_care(slow, REGISTER, "gym", as_of=LAST)
    assert of(care, SAME_DAY)["note"] == NEVER_SAME_DAY
    blind = episodes.copy()
    stayed_away = np.arange(len(blind)) % 5 == 0
    blind.loc[stayed_away, ["evaluated", "first_visit"]] = pd.NaT
    blind.loc[stayed_away, "state"] = "missing"
    assert of(compare_care(blind, REGISTER, "gym", as_of=LAST), ARRIVED)["note"] == ASKED_AT_VISIT


def test_payer_is_let_go_where_it_would_leave_too_few() -> None:
    episodes = some_episodes().assign(
        payer=lambda t: np.where(t["partnership_id"].notna(), "x", "y")
    )
    care = compare_care(episodes, REGISTER, "gym", as_of=LAST)
    assert set(care["standardised_over"]) == {"clinic, persona, age band"}


def test_a_partnership_that_is_not_listed_is_refused() -> None:
    with pytest.raises(InputError, match="has no club"):
        compare_care(some_episodes(), REGISTER, "club")


def test_kinds_add_up_and_small_areas_are_no_areas() -> None:
    episodes = some_episodes()
    kinds = compare_kinds(episodes, REGISTER, "gym")
    personas = kinds.loc[kinds["kind"] == "persona"]
    assert personas["named"].sum() == personas["of_named"].iloc[0]
    assert personas["others"].sum() == personas["of_others"].iloc[0]
    assert set(kinds.loc[kinds["kind"] == "ZIP3", "group"]) == {"028", "029"}
    aimed = kinds.loc[kinds["kind"] == "intended personas"].iloc[0]
    own = personas.loc[personas["group"] == "runner"].iloc[0]
    assert aimed["difference"] == own["difference"]
    assert own["high"] - own["low"] > aimed["high"] - aimed["low"]


def test_without_anybody_who_named_it_there_is_no_number() -> None:
    nobody = some_episodes().assign(partnership_id=None)
    assert compare_care(nobody, REGISTER, "gym", as_of=LAST)["difference"].isna().all()
    assert compare_kinds(nobody, REGISTER, "gym")["difference"].isna().all()
    assert compare_care(nobody.iloc[:0], REGISTER, "gym", as_of=LAST)["difference"].isna().all()
    assert compare_kinds(nobody.iloc[:0], REGISTER, "gym")["named"].sum() == 0
