"""Each threat to the exports is found, and reaches the partnerships that it touches."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import partner_analysis as pa
from partner_analysis.attribution.missing import missing_periods
from partner_analysis.reporting.quality.findings import CARE, FIT, NOT_FIT, TOPICS, list_findings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pa.write_practice(tmp_path_factory.mktemp("practice")).parent


def rewritten(folder: Path, tmp_path: Path, change) -> pa.Study:
    """The demo practice with each line of its exports changed, or left out where None is given."""
    path = pa.write_practice(tmp_path)
    for export in (tmp_path / "data" / "raw" / "demo").glob("referrals-*.csv"):
        lines = export.read_bytes().decode("cp1252").splitlines()
        kept = [new for line in lines if (new := change(line)) is not None]
        export.write_text("\n".join(kept) + "\n", encoding="cp1252")
    return pa.open_study(path)


def test_a_sound_practice_is_fit_for_all(folder: Path) -> None:
    study = pa.open_study(folder)
    assert {finding.level for finding in list_findings(study)} == {FIT}
    assert pa.quality_sentence(study) == "Yes: the exports are fit for every partnership."


def test_weeks_that_were_not_exported_are_found_at_their_clinic(
    folder: Path, tmp_path: Path
) -> None:
    def change(line: str) -> str | None:
        lost = "Warwick" in line and any(f"0{m}/" in line and "/2024" in line for m in (5, 6))
        return None if lost else line

    study = rewritten(folder, tmp_path, change)
    finding = TOPICS["gaps"](study)
    assert finding.level == CARE
    assert "at 1 clinic" in finding.sentence
    assert pa.fitness_table(study)["what_stands_in_the_way"].str.contains("gaps").all()
    assert pa.quality_sentence(study).startswith("With care.")


def test_rows_cut_out_by_hand_contradict_the_totals(folder: Path, tmp_path: Path) -> None:
    seen = iter(range(10**6))
    study = rewritten(folder, tmp_path, lambda line: None if next(seen) % 400 == 399 else line)
    finding = TOPICS["rows"](study)
    assert finding.level == CARE
    assert "differ from the rows above" in finding.sentence


def test_a_fault_in_the_register_makes_that_partnership_unfit(folder: Path, tmp_path: Path) -> None:
    path = pa.write_practice(tmp_path)
    register = tmp_path / "data" / "raw" / "demo" / "partnerships.csv"
    register.write_text(register.read_text().replace("gym,2024-04-01", "gym,"))
    verdicts = pa.fitness_table(pa.open_study(path)).set_index("partnership_id")["verdict"]
    assert verdicts["anvil-gym"] == NOT_FIT
    assert (verdicts.drop("anvil-gym") == FIT).all()


@pytest.mark.parametrize("seed", range(5))
def test_empty_weeks_by_luck_are_no_gap(seed: int) -> None:
    """Small, seasonal and growing clinics, half as variable again as Poisson counts."""
    rng = np.random.default_rng([9, seed])
    weeks = pd.date_range("2022-01-03", periods=156, freq="7D")
    season = 1 + 0.2 * np.sin(2 * np.pi * np.arange(156) / 52)
    means = {f"c{n}": level * season * 1.002 ** np.arange(156) for n, level in
             enumerate((0.5, 1.0, 2.0, 4.0, 8.0, 16.0))}  # fmt: skip
    counts = pd.concat(
        pd.DataFrame({"period": weeks, "clinic": clinic, "persona": "all",
                      "new_patients": rng.negative_binomial(2 * mean, 2 / 3)})
        for clinic, mean in means.items()
    )  # fmt: skip
    assert missing_periods(counts).empty
    lost = (counts["clinic"] == "c4") & counts["period"].between("2023-03-06", "2023-03-20")
    found = missing_periods(counts.assign(new_patients=counts["new_patients"].mask(lost, 0)))
    assert len(found) == 3
