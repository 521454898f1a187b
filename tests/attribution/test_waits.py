"""Waits for a first visit: who is compared with whom, and what is not told."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.care import NEVER_SAME_DAY, NOT_KNOWN, TOO_FEW
from partner_analysis.attribution.waits import DAYS, NAMED_IT, SAME_DAY, SINCE, compare_waits
from partner_analysis.tables import InputError

BEGAN = pd.Timestamp("2023-07-03")
REGISTER = pd.DataFrame(
    {
        "partnership_id": ["gym"], "start_date": [BEGAN], "clinics": [("A",)],
        "personas": [("runner",)],
    }
)  # fmt: skip


def some_episodes(
    *, people: int = 800, seed: int = 1, named_wait: float = 6.0, later_wait: float = 6.0
) -> pd.DataFrame:
    """One patient each of two clinics over three years; half of the runners at A name the gym."""
    rng = np.random.default_rng(seed)
    asked = pd.Timestamp("2022-01-03") + pd.to_timedelta(rng.integers(0, 1000, people), unit="D")
    clinic, persona = rng.choice(["A", "B"], people), rng.choice(["runner", "general"], people)
    own = (clinic == "A") & (persona == "runner") & (asked >= BEGAN)
    names = own & (rng.random(people) < 0.5)
    mean = np.where(names, named_wait, np.where(asked >= BEGAN, later_wait, 6.0))
    wait = rng.poisson(mean)
    seen = asked + pd.to_timedelta(wait, unit="D")
    return pd.DataFrame(
        {
            "patient_key": np.arange(people), "clinic": clinic, "persona": persona,
            "age_band": "30 to 44", "payer": "PPO", "received": asked, "created": pd.NaT,
            "evaluated": seen, "first_visit": seen, "discharged": pd.NaT, "new_patient": True,
            "counted_on": seen, "state": "matched",
            "partnership_id": pd.Series(np.where(names, "gym", ""), dtype="str").replace("", None),
        }
    )  # fmt: skip


def rows_of(waits: pd.DataFrame, who: str) -> pd.DataFrame:
    return waits.loc[waits["who"] == who].set_index("measure")


def test_a_shorter_wait_of_those_who_named_it_is_found() -> None:
    found = rows_of(compare_waits(some_episodes(named_wait=2.0), REGISTER, "gym"), NAMED_IT)
    assert found.loc[DAYS, "high"] < 0
    assert found.loc["within 2 days", "low"] > 0
    shares = found.loc[[SAME_DAY, "within 2 days", "within a week", "within 2 weeks"], "own"]
    assert shares.is_monotonic_increasing


def test_a_wait_that_all_share_is_seen_beside_the_year_before_only() -> None:
    found = compare_waits(some_episodes(named_wait=2.0, later_wait=2.0), REGISTER, "gym")
    named, since = (rows_of(found, who).loc[DAYS] for who in (NAMED_IT, SINCE))
    assert named["low"] < 0 < named["high"]
    assert since["high"] < 0


@pytest.mark.parametrize("who", [NAMED_IT, SINCE])
def test_without_a_difference_hardly_any_is_called(who: str) -> None:
    called = 0
    for seed in range(12):
        rows = rows_of(compare_waits(some_episodes(seed=seed, people=400), REGISTER, "gym"), who)
        called += bool(((rows["low"] > 0) | (rows["high"] < 0)).any())
    assert called <= 2  # at 5 percent each, more than two of twelve has a chance of 2 percent


def test_recent_requests_do_not_shorten_the_wait() -> None:
    """Of those who asked in the last 60 days only the quick ones have been seen."""
    episodes = some_episodes()
    last = episodes["counted_on"].max()
    late = episodes["received"] > last - pd.Timedelta(days=60)
    quick = episodes.loc[~late | (episodes["first_visit"] == episodes["received"])]
    whole, cut = (
        rows_of(compare_waits(table, REGISTER, "gym", as_of=last), SINCE).loc[DAYS]
        for table in (episodes, quick)
    )
    assert (whole["n_own"], whole["own"]) == (cut["n_own"], pytest.approx(cut["own"]))


def test_what_cannot_be_told_says_why() -> None:
    few = rows_of(compare_waits(some_episodes(people=30), REGISTER, "gym"), NAMED_IT)
    assert set(few["note"]) == {TOO_FEW, NEVER_SAME_DAY}
    assert few[["own", "difference"]].isna().all().all()
    unknown = some_episodes().assign(received=pd.NaT, created=pd.NaT)
    assert NOT_KNOWN in set(compare_waits(unknown, REGISTER, "gym")["note"])
    never = some_episodes()
    never["received"] = never["received"] - pd.Timedelta(days=1)
    found = rows_of(compare_waits(never, REGISTER, "gym"), NAMED_IT)
    assert found.loc[SAME_DAY, "note"] == NEVER_SAME_DAY
    assert np.isfinite(found.loc[DAYS, "difference"])


def test_an_unlisted_partnership_is_refused() -> None:
    with pytest.raises(InputError, match="has no club"):
        compare_waits(some_episodes(), REGISTER, "club")


def test_it_is_told_for_how_many_a_wait_starts_with_the_case() -> None:
    table = some_episodes(named_wait=2.0)
    assert (compare_waits(table, REGISTER, "gym")["from_case"] == 0).all()
    no_referral = table.assign(created=table["received"], received=pd.NaT)
    assert (compare_waits(no_referral, REGISTER, "gym")["from_case"] == 1).all()
