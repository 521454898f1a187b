"""The demo practice is what it says: the same bytes every time, messy, and true to its counts."""

import csv
import io
import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partner_analysis.simulate import Simulated, simulate_practice, write_practice
from partner_analysis.tables import (
    AIMS,
    PARTNERSHIP_ID,
    RESERVED_IDS,
    SettingsError,
    check_counts,
    check_named,
    check_partnerships,
)

CHECKOUT = Path(__file__).parents[1]
DEMO = Path("data") / "raw" / "demo"
EXPORTS = {
    "referrals-2023.csv": "utf-8-sig",
    "referrals-2024.csv": "cp1252",
    "referrals-2025.csv": "utf-8",
}


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    return simulate_practice()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_practice(tmp_path_factory.mktemp("practice")).parent


@pytest.fixture(scope="module")
def rows(written: Path) -> list[dict[str, str]]:
    """Every data row of the three exports, read as simply as possible."""
    found = []
    for name, encoding in EXPORTS.items():
        text = (written / DEMO / name).read_bytes().decode(encoding)
        lines = list(csv.reader(io.StringIO(text, newline="")))
        header = next(line for line in lines if "Patient ID" in line)
        found += [
            dict(zip(header, line, strict=True))
            for line in lines
            if len(line) == len(header) and line != header
        ]
    return found


def files_under(folder: Path) -> dict[str, bytes]:
    paths = [folder / "practice.toml", *(folder / DEMO).iterdir()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_the_demo_in_the_checkout_is_made_from_its_seed(written: Path) -> None:
    made_again = files_under(written)
    committed = files_under(CHECKOUT)
    assert committed.keys() == made_again.keys()
    assert [name for name in committed if committed[name] != made_again[name]] == []


def test_a_practice_of_ones_own_is_never_written_over(tmp_path: Path) -> None:
    own = tmp_path / "practice.toml"
    own.write_text('[practice]\nslug = "mine"\nname = "Mine"\n')
    with pytest.raises(SettingsError, match="nothing is written over"):
        write_practice(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["practice.toml"]
    own.unlink()
    (tmp_path / DEMO).mkdir(parents=True)
    (tmp_path / DEMO / "partnerships.csv").write_text("mine")
    with pytest.raises(SettingsError, match="Name a new or empty folder"):
        write_practice(tmp_path)


def test_the_made_up_practice_is_made_again_over_itself(tmp_path: Path) -> None:
    assert write_practice(tmp_path) == write_practice(tmp_path, seed=3)


def test_another_seed_makes_another_practice(simulated: Simulated) -> None:
    other = simulate_practice(seed=1)
    assert not other.counts.equals(simulated.counts)
    assert simulate_practice(seed=1).counts.equals(other.counts)


def test_the_demo_is_small(written: Path) -> None:
    assert sum(len(content) for content in files_under(written).values()) < 1_500_000


def test_tables_keep_their_contracts(simulated: Simulated) -> None:
    assert len(check_counts(simulated.counts)) == len(simulated.counts)
    assert len(check_named(simulated.named)) == len(simulated.named)
    assert len(check_partnerships(simulated.partnerships)) == 8
    for partnership_id in simulated.partnerships["partnership_id"]:
        assert PARTNERSHIP_ID.fullmatch(partnership_id)
        assert partnership_id not in RESERVED_IDS
    assert set(simulated.partnerships["aims"].explode()) <= set(AIMS)


def test_register_files_and_truth_list_the_same_partnerships(
    simulated: Simulated, written: Path
) -> None:
    register = pd.read_csv(written / DEMO / "partnerships.csv")
    truth = json.loads((written / DEMO / "truth.json").read_text())
    expected = list(simulated.partnerships["partnership_id"])
    assert list(register["partnership_id"]) == expected == list(truth["partnerships"])
    assert truth == simulated.truth
    for name in ("aliases.csv", "goals.csv", "activities.csv"):
        listed = pd.read_csv(written / DEMO / name)["partnership_id"].dropna()
        assert set(listed) <= set(expected)  # a goal without one is of the practice


def test_planted_effects_are_as_described(simulated: Simulated) -> None:
    planted = pd.DataFrame(simulated.truth["partnerships"]).T
    assert sorted(planted.index[planted["total"] == 0]) == ["anvil-gym", "elm-street-center"]
    assert planted.loc["anvil-gym", "named"] > 50  # many name it all the same
    assert 4 < planted.loc["harbor-run-shop", "per_month"] < 6
    assert planted.loc["handwell-ot", "active_weeks"] == 8  # too young to judge
    assert planted.loc["kestrel-boatworks", "expected_without"] < 5  # almost nobody before
    planted = planted.astype(float)
    months = planted["active_weeks"] * 7 / 30.4375
    assert np.allclose(planted["per_month"] * months, planted["total"], atol=0.01)


def test_every_persona_keeps_four_clinics_that_no_partnership_touches(
    simulated: Simulated,
) -> None:
    touched = simulated.partnerships.explode("clinics").explode("personas")
    clinics_touched = touched.groupby("personas")["clinics"].nunique()
    assert (simulated.counts["clinic"].nunique() - clinics_touched).min() >= 4


def test_patients_name_most_but_not_all_partners_that_brought_them(simulated: Simulated) -> None:
    brought = simulated.evaluations[simulated.evaluations["through"] != ""]
    names_it = [p in named for p, named in zip(brought["through"], brought["named"], strict=True)]
    assert 0.4 < np.mean(names_it) < 0.8


def test_named_never_exceeds_new_patients(simulated: Simulated) -> None:
    keys = ["period", "clinic", "persona"]
    joined = simulated.named.merge(simulated.counts, on=keys, how="left", validate="many_to_one")
    assert (joined["named"] <= joined["new_patients"]).all()


def persona_of(row: dict[str, str]) -> str:
    """The persona by the rules of practice.toml, told once more as simply as possible."""
    if row["Referred Diagnosis"].startswith(("O26", "O99")):
        return "pregnancy"
    if row["Insurance Type"] in ("Workers Comp", "WCOMP"):
        return "work injury"
    if row["Referred Diagnosis"].startswith(("M76", "S86", "M72.2", "M22.2")):
        return "runner"
    born = row["Date of Birth"]
    return "older adult" if born and int(born[-4:]) <= 1958 else "general"


def first_evaluation(row: dict[str, str]) -> datetime | None:
    if row["IE Status"] != "Finalized" or not row["Patient ID"]:
        return None
    try:
        return datetime.strptime(row["Initial Evaluation Date"], "%m/%d/%Y")
    except ValueError:
        return None


def test_first_finalised_evaluations_in_the_files_are_the_true_counts(
    simulated: Simulated, rows: list[dict[str, str]]
) -> None:
    first: dict[str, tuple[datetime, str, str]] = {}
    for row in rows:
        if day := first_evaluation(row):
            clinic = row["Initial Evaluation Clinic"].replace("Mill Brook", "Millbrook")
            came = (day, clinic, persona_of(row))
            first[row["Patient ID"]] = min(first.get(row["Patient ID"], came), came)
    recounted = pd.DataFrame(first.values(), columns=["day", "clinic", "persona"])
    recounted["period"] = [day - timedelta(days=day.weekday()) for day in recounted["day"]]
    recounted = recounted[recounted["period"] <= simulated.truth["last_period"]]
    cells = ["clinic", "persona", "period"]
    expected = simulated.counts.set_index(cells)["new_patients"]
    assert recounted.groupby(cells).size().to_dict() == expected[expected > 0].to_dict()
    assert len(recounted) == simulated.truth["new_patients"]


def test_the_exports_are_messy(written: Path, rows: list[dict[str, str]]) -> None:
    contents = {name: (written / DEMO / name).read_bytes() for name in EXPORTS}
    assert contents["referrals-2023.csv"].startswith(b"\xef\xbb\xbf")
    assert b"\x92" in contents["referrals-2024.csv"]  # a curly quote of cp1252
    assert all(b"Grand Total" in content for content in contents.values())
    seen = pd.DataFrame(rows).drop(columns="", errors="ignore").fillna("")
    assert seen["Patient ID"].str.startswith("00").any()
    assert (seen["Patient ID"] == "").any()
    assert seen.duplicated().sum() > 20
    assert seen.drop_duplicates()["Case ID"].duplicated().sum() > 50  # seen again, changed
    assert {"Finalized", "Scheduled", "Cancelled", "No Show", ""} == set(seen["IE Status"])
    assert seen["Initial Evaluation Clinic"].eq("(Unassigned)").sum() > 300
    texts = set(seen["Referral Contact"])
    assert {
        "HARBOR RUN SHOP",
        "  Harbor Run Shop ",
        "Harber Run Shop",
        "Tidewater Hospital",
    } <= texts


def test_nothing_in_the_exports_is_later_than_their_last_day(rows: list[dict[str, str]]) -> None:
    for column in ("Referral Received Date", "Initial Evaluation Date", "Discharge Date"):
        days = pd.to_datetime(
            pd.Series([row[column] for row in rows]), format="%m/%d/%Y", errors="coerce"
        )
        assert days.max() <= pd.Timestamp("2025-12-31")
        assert (days.dropna().dt.day_of_week < 5).all()
