"""The troubled practices are those of the calibration, and only what is meant happens to them."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("calibrate", HERE / "calibrate.py")
calibrate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(calibrate)
stress = calibrate.stress
PLAIN = "nothing unusual"
KEYS = ["clinic", "persona", "period"]


def drawn(name: str, effect: float = 0.0, seed: int = 3):
    return stress.draw(stress.TROUBLES[name], effect, seed)


def by_clinic(practice) -> pd.DataFrame:
    """New patients of each clinic and week."""
    return practice.counts.pivot_table(
        index="clinic", columns="period", values="new_patients", aggfunc="sum"
    )


@pytest.mark.parametrize("name", [name for name in stress.TROUBLES if name.startswith(PLAIN)])
def test_nothing_unusual_is_the_practice_of_the_calibration(name):
    counts, partnerships, _ = calibrate.regimes.draw(stress.TROUBLES[name].world, 3)
    mine = drawn(name)
    pd.testing.assert_frame_equal(mine.counts[counts.columns], counts)
    assert mine.partnerships["start_date"].tolist() == partnerships["start_date"].tolist()
    assert mine.truth == 0


def test_a_planted_effect_is_as_large_as_in_the_calibration():
    world = replace(stress.CLINIC, effect=0.25)
    truths = [calibrate.regimes.draw(world, seed)[2] for seed in range(5)]
    mine = [drawn(PLAIN, 0.25, seed).truth for seed in range(5)]
    np.testing.assert_allclose(mine, truths)


@pytest.mark.parametrize("name", ["a hire, +20% over 8 weeks", "advertising for 12 weeks, +30%"])
def test_what_happens_at_one_clinic_leaves_the_truth_alone(name):
    troubled, plain = drawn(name), drawn(PLAIN)
    assert troubled.truth == plain.truth == 0
    after = plain.partnerships["start_date"].iloc[0] + pd.Timedelta(weeks=stress.NEAR)
    start = by_clinic(troubled).columns > after
    ratio = by_clinic(troubled).loc["clinic 00", start].sum()
    assert ratio > by_clinic(plain).loc["clinic 00", start].sum()


def test_the_neighbour_loses_a_fifth():
    names = ["spill-over, neighbour named", "nothing unusual, three clinics"]
    lost = kept = 0
    for seed in range(20):
        troubled, plain = (drawn(name, seed=seed) for name in names)
        after = by_clinic(plain).columns >= plain.partnerships["start_date"].iloc[0]
        lost += by_clinic(troubled).loc["clinic 01", after].sum()
        kept += by_clinic(plain).loc["clinic 01", after].sum()
    assert troubled.partnerships["neighbours"].iloc[0] == ("clinic 01",)
    assert lost / kept == pytest.approx(0.8, abs=0.03)


def test_a_dip_is_a_dip_and_the_fastest_growing_grows():
    week = pd.Timedelta(weeks=1)
    for seed in range(5):
        dipped = drawn("starts after a dip", seed=seed)
        start, clinic = dipped.partnerships["start_date"].iloc[0], by_clinic(dipped).iloc[0]
        last = clinic[(clinic.index >= start - 8 * week) & (clinic.index < start)].mean()
        before = clinic[(clinic.index >= start - 34 * week) & (clinic.index < start - 8 * week)]
        assert last < before.mean()
        grown = drawn("chosen as fastest growing of twelve", seed=seed)
        start, clinics = grown.partnerships["start_date"].iloc[0], by_clinic(grown)
        half = (clinics.columns >= start - 26 * week) & (clinics.columns < start)
        year = (clinics.columns >= start - 52 * week) & (clinics.columns < start - 26 * week)
        growth = clinics.loc[:, half].sum(axis=1) / clinics.loc[:, year].sum(axis=1)
        assert (growth.idxmax(),) == grown.partnerships["clinics"].iloc[0]


def test_who_is_not_recorded_is_missing_from_the_clinic_alone():
    troubled, plain = drawn("20% not recorded, of unknown source"), drawn(PLAIN)
    missing = plain.counts["new_patients"] - troubled.counts["new_patients"]
    assert (missing >= 0).all()
    assert missing[plain.counts["clinic"] != "clinic 00"].eq(0).all()
    np.testing.assert_array_equal(
        troubled.counts["unknown_source"], plain.counts["unknown_source"] - missing
    )


def test_a_stopped_calibration_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(calibrate, "HERE", tmp_path)
    jobs = [("real", {"seed": seed}) for seed in range(3)]
    (tmp_path / "runs.jsonl").write_text('["{}", {"cut sh')
    calibrate._keep(tmp_path / "runs.jsonl", jobs, [{"low": float("-inf")}] * 3)
    kept = dict(calibrate._kept(tmp_path / "runs.jsonl"))
    assert list(kept) == [calibrate._key(task) for _, task in jobs]


def test_a_table_stands_between_its_markers(tmp_path):
    page = tmp_path / "method.md"
    page.write_text("a\n<!-- calibration:real -->\nold\n<!-- /calibration -->\nb\n")
    calibrate.write_section(page, "real", "new")
    assert page.read_text() == "a\n<!-- calibration:real -->\nnew\n<!-- /calibration -->\nb\n"
    with pytest.raises(ValueError, match="looks"):
        calibrate.write_section(page, "looks", "new")
