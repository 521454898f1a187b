"""The made-up practice through the whole door: what was planted is what is counted."""

from pathlib import Path

import pandas as pd
import pytest

from partner_analysis import storage
from partner_analysis.attribution.care import compare_care
from partner_analysis.attribution.counts import complete_until, count_named, count_new_patients
from partner_analysis.cleaning.episodes.clean import Cleaned, clean_episodes
from partner_analysis.cleaning.exports.reading import read_exports
from partner_analysis.cleaning.register.register import read_register
from partner_analysis.practice import Practice, load_practice
from partner_analysis.simulate import simulate_practice

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def practice() -> Practice:
    return load_practice(ROOT / "practice.toml")


@pytest.fixture(scope="module")
def demo(practice: Practice) -> Cleaned:
    return clean_episodes(read_exports(practice), practice, read_register(practice))


def test_counted_and_named_patients_are_those_that_were_planted(
    practice: Practice, demo: Cleaned
) -> None:
    truth = storage.read_json(ROOT / "data" / "raw" / "demo" / "truth.json")
    days = practice.definitions.complete_days
    counts = count_new_patients(
        demo.episodes,
        period=practice.period,
        clinics=demo.clinics,
        personas=demo.personas,
        last_day=complete_until(demo.as_of, complete_days=days, period=practice.period),
    )
    assert counts["new_patients"].sum() == truth["new_patients"]
    keys = ["clinic", "persona", "period"]
    both = counts.merge(simulate_practice().counts, on=keys, how="outer", suffixes=("", "_planted"))
    assert both["new_patients"].tolist() == both["new_patients_planted"].tolist()
    named = count_named(demo.episodes, counts=counts, period=practice.period)
    for partner in demo.partnerships.itertuples():
        rows = named.loc[
            (named["partnership_id"] == partner.partnership_id)
            & named["clinic"].isin(partner.clinics)
            & named["persona"].isin(partner.personas)
            & (named["period"] >= partner.start_date)
            & ~(named["period"] > partner.end_date)
        ]
        planted = truth["partnerships"][partner.partnership_id]["named"]
        assert rows["named"].sum() == pytest.approx(planted, abs=2)


def test_every_row_of_the_demo_has_its_place(demo: Cleaned) -> None:
    account = demo.row_account
    parts = account[["used", "rejected", "totals_and_headers", "superseded"]]
    assert (account["raw_rows"] == parts.sum(axis="columns")).all()
    assert (parts.sum() > 0).all()
    assert demo.register_faults.empty


def test_the_planted_difference_in_care_is_found_and_no_other(
    practice: Practice, demo: Cleaned
) -> None:
    planted = storage.read_json(ROOT / "data" / "raw" / "demo" / "truth.json")["care"]
    care = pd.concat(
        compare_care(demo.episodes, demo.partnerships, identifier, as_of=demo.as_of).assign(
            partnership_id=identifier
        )
        for identifier in demo.partnerships["partnership_id"]
    )
    clear = care.loc[care["is_clear"], ["partnership_id", "measure"]].to_numpy().tolist()
    assert clear == [[planted["partnership_id"], "outcome change"]]
    own = care.loc[care["partnership_id"] == planted["partnership_id"]].set_index("measure")
    for measure, truth in (
        ("outcome change", planted["outcome_change"]),
        ("completed the plan of care", planted["completion"]),
    ):
        assert own.loc[measure, "low"] <= truth <= own.loc[measure, "high"]
