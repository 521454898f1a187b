"""What a study says of a practice: who has no number yet, and how good the exports are."""

from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest

import partner_analysis as pa
from partner_analysis.reporting import estimated as study_module
from partner_analysis.reporting import kept
from partner_analysis.reporting.study import Study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The demo practice two weeks before its last partnership begins."""
    path = pa.write_practice(tmp_path_factory.mktemp("practice"))
    return pa.open_study(path, as_of="2025-09-30")


def test_partnership_not_begun_has_no_number_and_says_from_when(study: Study) -> None:
    effect = study.effect("handwell-ot")
    assert list(study.not_begun) == ["handwell-ot"]
    assert effect.verdict == "too early"
    assert not effect.total.is_number
    assert pa.effect_sentence(effect) == (
        "Handwell Occupational Therapy had not begun by 30 September 2025 (it begins on "
        "13 October 2025); there is nothing to judge yet."
    )


def test_partnership_not_begun_is_watched_until_its_first_review(study: Study) -> None:
    standing = study.standing("handwell-ot")
    assert standing is not None
    assert standing.standing == "watching"
    assert standing.next_review > pd.Timestamp("2026-01-12")


def test_declared_events_and_holidays_reach_every_estimate(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []

    def estimate(*_: object, **given: object) -> dict[str, object]:
        asked.append(given)
        return {}

    again = Study(study.practice, asked=study.as_of)
    vars(again).update(cleaned=study.cleaned, counts=study.counts, named=study.named)
    monkeypatch.setattr(study_module, "estimate_effects", estimate)
    monkeypatch.setattr(study_module, "estimate_effect", estimate)
    monkeypatch.setattr(study_module, "review_partnerships", estimate)
    again.effect("anvil-gym")
    assert again.standings == {}
    everywhere, estimates = {"events", "holidays"}, {"events", "holidays", "recounts"}
    given_to = [set(given) - {"named", "level"} for given in asked]
    assert given_to == [estimates, estimates, everywhere]
    assert {given["holidays"] for given in asked} == {"US"}


def test_every_other_definition_is_counted_for_the_same_clinics(study: Study) -> None:
    recounts = study.recounts
    assert set(recounts) == {
        "every new episode counted",
        "every case created counted",
    }
    for counts in recounts.values():
        for column in ("clinic", "persona"):
            assert set(counts[column]) == set(study.counts[column])
        assert counts["period"].max() == study.counts["period"].max()
        assert counts["new_patients"].sum() > study.counts["new_patients"].sum()


def test_only_a_provider_page_says_what_it_is_no_ground_for(study: Study) -> None:
    assert "no ground for payment" in pa.provider_sentence(study, "orchard-physicians")
    assert pa.provider_sentence(study, "anvil-gym") == ""


def test_partners_are_listed_by_name_and_providers_last(study: Study) -> None:
    partners = pa.named_by_partner(study)["partner"].tolist()
    assert partners[0] == "no partner"
    assert partners[1:7] == sorted(partners[1:7])
    assert partners[7:] == ["Handwell Occupational Therapy", "Orchard Physician Group"]


def test_quality_is_answered_first_and_later_rows_are_no_fault(study: Study) -> None:
    assert pa.quality_sentence(study) == "Yes: the exports are fit for every partnership."
    said = pa.finding_sentence(study, "rows")
    assert said.startswith("11 of 8,399 rows could not be read. All 10 totals")


def test_reasons_rules_and_files_are_in_words(study: Study) -> None:
    reasons = pa.rejected_by_reason(study)
    assert reasons["rows"].sum() == len(study.cleaned.rejected)
    assert {"later than 30 September 2025", "evaluation date is not month/day/year"} <= set(
        reasons["reason"]
    )
    assert not pa.rows_by_file(study)["file"].str.contains("/").any()
    rules = pa.episodes_by_rule(study.cleaned.episodes)
    assert rules["episodes"].sum() == len(study.cleaned.episodes)
    assert rules["episodes"].is_monotonic_decreasing
    assert {"nothing written", "nearly the same spelling"} <= set(rules.iloc[:, 0])
    assert pa.review_table(study)["text"].iloc[0] == "coastal orthopedics"


def test_cleaned_tables_that_a_run_leaves_are_the_same_when_read_again(
    study: Study, tmp_path: Path
) -> None:
    kept.write_cleaned(study.cleaned, tmp_path)
    again = kept.read_cleaned(tmp_path)
    for each in fields(study.cleaned):
        ours, read = getattr(study.cleaned, each.name), getattr(again, each.name)
        if isinstance(ours, pd.DataFrame) and len(ours.columns):
            pd.testing.assert_frame_equal(ours.reset_index(drop=True), read)
        elif not isinstance(ours, pd.DataFrame):
            assert ours == read
