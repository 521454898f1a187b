"""A large practice is cleaned in parts of patients: whoever does it, what comes out is the same."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partner_analysis.cleaning.episodes.clean import Cleaned, clean_episodes
from partner_analysis.cleaning.exports import files
from partner_analysis.cleaning.exports.isolation import outside, tally_days, usual_span
from partner_analysis.cleaning.exports.parts import linked_patients, pack, split, unpack
from partner_analysis.cleaning.exports.reading import read_exports
from partner_analysis.cleaning.register.register import read_register
from partner_analysis.practice import Practice, load_practice

Spread = Callable[[int], None]
KEYS = ["patient_key", "episode_key"]
SETTINGS = """
[practice]
slug = "parts"
name = "Parts PT"
[definitions]
new_patient = "{definition}"
[[exports]]
kind = "referrals"
files = "referrals-*.csv"
[exports.columns]
patient = "id"
case = "case"
patient_name = "name"
birth_date = "born"
received = "received"
evaluated = "evaluated"
status = "status"
clinic = "clinic"
source = "source"
payer = "payer"
diagnosis = "diagnosis"
[[exports]]
kind = "visits"
files = "visits-*.csv"
evaluations = ["IE"]
[exports.columns]
key = "record"
change = "change"
modified = "modified"
patient = "id"
clinic = "clinic"
visited = "day"
visit_type = "type"
status = "status"
[[exports]]
kind = "patients"
files = "patients.csv"
[exports.columns]
patient = "id"
merged_into = "stays"
source = "source"
[[personas]]
name = "runner"
diagnosis_prefix = ["M76"]
[tables]
partnerships = "partnerships.csv"
"""
DEFINITIONS = ("first evaluation", "case created")


def write_random_practice(folder: Path, seed: int) -> Practice:
    """A practice with all that joins patients: spelt, merged, moved, repeated, held twice."""
    rng = np.random.default_rng(seed)

    def some(*of: str, size: int) -> np.ndarray:
        return rng.choice(np.array(of), size)

    def days(size: int) -> np.ndarray:
        drawn = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, size), unit="D")
        return drawn.strftime("%Y-%m-%d").to_numpy()

    size = 240
    number = rng.integers(1, 90, size)
    ids = np.where(rng.random(size) < 0.7, np.char.zfill(number.astype(str), 6), number.astype(str))
    referrals = pd.DataFrame({
        "id": ids, "case": rng.integers(1, 150, size),
        "name": np.char.add("Faux", (number % 60).astype(str)),
        "born": np.where(number % 7 == 0, "", "1961-04-02"),
        "received": days(size), "evaluated": np.where(rng.random(size) < 0.3, "", days(size)),
        "status": some("Finalized", "Cancelled", "", "Nonsense", size=size),
        "clinic": some("Dockside", "DOCKSIDE", "Warwick", "", size=size),
        "source": some("Harbor Run Shop", "harbor run shp", "Dr. Faux7", "Google", "", size=size),
        "payer": some("PPO", "HMO", "ppo", "Aunt 7", size=size),
        "diagnosis": some("M76.1", "M54.5", size=size),
    })  # fmt: skip
    referrals.loc[0, "received"] = "2009-01-01"
    referrals.loc[30:36, "clinic"] = "Faux7"  # a patient's name, too frequent to be taken for one
    for name, part in zip(("2", "10", "1"), np.array_split(np.arange(size), 3), strict=True):
        table = pd.concat([referrals.iloc[part], referrals.iloc[:5]])
        table.to_csv(folder / f"referrals-{name}.csv", index=False)
    with (folder / "referrals-1.csv").open("a") as stream:
        stream.write("Total,85\n")
    record = rng.integers(1, 120, size)
    visitor = np.where(rng.random(size) < 0.04, rng.integers(1, 90, size), record % 89 + 1)
    visits = pd.DataFrame({
        "record": record, "change": some("1", "2", "2", "3", size=size),
        "modified": days(size), "id": np.char.zfill(visitor.astype(str), 6),
        "clinic": some("Dockside", "Warwick", size=size), "day": days(size),
        "type": some("IE", "Follow Up", size=size),
        "status": some("Arrived", "No Show", size=size),
    })  # fmt: skip
    visits.iloc[:150].to_csv(folder / "visits-a.csv", index=False)
    visits.iloc[120:].to_csv(folder / "visits-b.csv", index=False)
    pd.DataFrame({
        "id": ["000001", "000002", "000003", "000050", "000400"],
        "stays": ["000002", "000003", "", "000011", ""],
        "source": ["Harbor Run Shop", "", "Google", "", "Google"],
    }).to_csv(folder / "patients.csv", index=False)  # fmt: skip
    (folder / "partnerships.csv").write_text(
        "partnership_id,name,kind,start_date,end_date,clinics,personas,aims,provider\n"
        "harbor-run-shop,Harbor Run Shop,running store,2024-02-01,,,,patients,no\n"
    )
    settings = SETTINGS.format(definition=DEFINITIONS[seed % 2])
    (folder / "practice.toml").write_text(settings)
    return load_practice(folder)


@pytest.fixture
def spread(monkeypatch: pytest.MonkeyPatch) -> Spread:
    """Let so many bytes of files be one part."""
    return lambda size: monkeypatch.setattr(files, "AT_ONCE", size)


def clean(practice: Practice, *, backwards: bool = False) -> tuple[Cleaned, int]:
    """What cleaning gives, by someone who may do the tasks in another order; in how many parts."""

    def run_all(work, tasks):  # type: ignore[no-untyped-def]
        listed = list(tasks)
        done = [work(task) for task in reversed(listed)]
        return iter(done[::-1])

    given = {"run_all": run_all} if backwards else {}
    exports = read_exports(practice, **given)
    cleaned = clean_episodes(exports, practice, read_register(practice), **given)
    return cleaned, len(exports.parts)


def patients_of(episodes: pd.DataFrame) -> list[int]:
    """What each patient's episodes say, in an order that tells nothing of the keys."""
    said = pd.util.hash_pandas_object(episodes.drop(columns=KEYS), index=False)
    return sorted(said.groupby(episodes["patient_key"]).sum())


def assert_same(one: Cleaned, other: Cleaned) -> None:
    """All is equal, up to keys drawn anew."""
    for name in (each.name for each in fields(Cleaned)):
        left, right = getattr(one, name), getattr(other, name)
        if name == "episodes":
            assert patients_of(left) == patients_of(right)
            left, right = left.drop(columns=KEYS), right.drop(columns=KEYS)
        if isinstance(left, pd.DataFrame):
            pd.testing.assert_frame_equal(left, right)
        else:
            assert left == right or (pd.isna(left) and pd.isna(right))


@pytest.mark.parametrize("seed", range(2))
def test_parts_change_nothing_and_every_row_is_accounted_for(
    tmp_path: Path, spread: Spread, seed: int
) -> None:
    practice = write_random_practice(tmp_path, seed)
    whole, parts = clean(practice)
    assert parts == 1
    spread(10_000)
    found, parts = clean(practice, backwards=True)
    assert parts > 3
    assert_same(found, whole)
    account = found.row_account
    fates = ["used", "rejected", "totals_and_headers", "superseded"]
    assert (account["raw_rows"] == account[fates].sum(axis="columns")).all()
    assert account["rejected"].sum() == len(found.rejected) > 0
    assert whole.alike_patients > 0
    assert whole.row_account["superseded"].sum() > 0


def test_shown_task_shows_no_patient(tmp_path: Path, spread: Spread) -> None:
    """A worker's log shows the task that failed."""
    practice = write_random_practice(tmp_path, 1)
    spread(10_000)
    shown: list[str] = []

    def run_all(work, tasks):  # type: ignore[no-untyped-def]
        for task in tasks:
            shown.append(repr(task))
            yield work(task)

    exports = read_exports(practice, run_all=run_all)
    clean_episodes(exports, practice, read_register(practice), run_all=run_all)
    assert len(shown) > 10
    assert not [text for text in shown if "Faux1" in text or "000011" in text or "b'" in text]


def test_patients_whose_rows_may_be_of_one_are_told() -> None:
    """Joined by a list: 1 with 2; record 8 was moved from patient 5 to patient 6."""
    joined = np.array([1, 2], dtype="uint64")
    records = np.array([[7, 4], [8, 5], [9, 3], [7, 4], [8, 6]], dtype="uint64")
    assert linked_patients([joined], [records]).tolist() == [1, 2, 5, 6]
    assert len(linked_patients([joined[:0]], [records[:0]])) == 0


def test_packed_rows_come_back_as_they_were() -> None:
    rows = pd.DataFrame({
        "patient": pd.Series(["007", "8", None, "7"], dtype="str"),
        "evaluated": pd.Series(["2024-01-02", None, None, None]).astype("datetime64[us]"),
        "count": [1.0, np.nan, 2.0, 3.0], "line": [1, 2, 3, 4], "free": [True, False, True, True],
    })  # fmt: skip
    pd.testing.assert_frame_equal(unpack([pack(rows)]), rows)
    parts = [unpack([part]) for part in split(rows, 4)]
    assert sum(map(len, parts)) == len(rows)
    (together,) = (part for part in parts if "7" in set(part["patient"]))
    assert "007" in set(together["patient"])  # a spreadsheet may have taken the zeros


def test_days_counted_in_parts_are_far_from_the_same_others() -> None:
    days = pd.Series(pd.date_range("2024-01-01", periods=60).repeat(30))
    days = pd.concat([days, pd.Series([pd.Timestamp("2021-05-05")])], ignore_index=True)
    counted = days.value_counts().reset_index()
    span = usual_span(tally_days(counted.iloc[:, 0], counted["count"]))
    assert outside(days, span).sum() == 1
    assert span == usual_span(tally_days(days))
