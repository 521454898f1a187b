"""Goals posed at earlier dates are worked out beside one another, once, and read by the page."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from partner_analysis.attribution.goals.backtest import back_test_goals
from partner_analysis.cli import main
from partner_analysis.practice import load_practice
from partner_analysis.reporting import kept, runs
from partner_analysis.reporting.goals.posed import FOLDER, TOGETHER, parts_of
from partner_analysis.reporting.study import open_study

from .quick_runs import stand_in, use_stand_ins, write_quick_practice

PARTS = ["goals posed before (1 of 2)", "goals posed before (2 of 2)"]


def write_goals(settings: Path, number: int) -> None:
    """So many goals of the gym, the first of which cannot be posed earlier."""
    rows = [
        {
            "goal_id": f"goal-{k}", "partnership_id": "gym", "measure": "mean", "target": 10,
            "unit": "percent" if k else "count", "window_months": 2 + k % 3,
            "baseline": "prior months" if k else "", "start_date": f"2025-0{3 + k % 4}-03",
            "counted": "all" if k else "extra",
        }
        for k in range(number)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(settings.parent / "goals.csv", index=False)
    text = settings.read_text()
    settings.write_text(text.replace("[tables]", '[tables]\ngoals = "goals.csv"', 1))


@pytest.fixture(scope="module")
def quick() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        use_stand_ins(patch.setattr)
        yield patch


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory, quick: pytest.MonkeyPatch) -> Path:
    path = write_quick_practice(tmp_path_factory.mktemp("goals"))
    write_goals(path, 12)
    return path


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    labels: list[str] = []

    def run(jobs: list, **given: object) -> object:
        labels.extend(job.label for job in jobs)
        return stand_in(jobs, **given)

    monkeypatch.setattr(runs, "run_notebooks", run)
    return labels


def test_each_part_is_worked_out_once(practice: Path, ran: list[str]) -> None:
    assert main(["run", str(practice)]) == 0
    assert [label for label in ran if "goals" in label] == PARTS
    ran.clear()
    assert main(["run", str(practice)]) == 0
    assert ran == []


def test_the_page_reads_what_the_parts_left(
    practice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = open_study(practice)
    assert study.tables is not None
    goals = study.register.goals
    anew = back_test_goals(study.counts, study.partnerships, goals)
    monkeypatch.setattr("partner_analysis.reporting.goals.study.back_test_goals", None)
    assert list(study.back_tests) == list(goals["goal_id"])
    for key, test in study.back_tests.items():
        assert (test.goal, test.reason) == (anew[key].goal, anew[key].reason)
        pd.testing.assert_frame_equal(test.poses, anew[key].poses, rtol=1e-9)
    assert study.back_tests["goal-0"].reason
    assert len(study.back_tests["goal-1"].poses)


def test_a_damaged_part_is_done_again_and_no_other(practice: Path, ran: list[str]) -> None:
    [work] = (kept.processed_folder(load_practice(practice)) / "work").iterdir()
    (work / "tables" / FOLDER / "2-of-2.json").write_text("{}")
    reports = practice.parent / "reports" / "quick" / "latest"
    (reports / "goals.csv").unlink()
    assert main(["run", str(practice)]) == 0
    assert ran == PARTS[1:]


def test_a_part_that_fails_stops_nothing(practice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "run_notebooks", partial(stand_in, fail=PARTS[:1]))
    assert main(["run", str(practice), "--force"]) == 0
    study = open_study(practice)
    assert len(study.back_tests) == 12


def test_a_few_goals_are_posed_where_they_are_shown() -> None:
    goals = pd.DataFrame({"goal_id": [f"g{k}" for k in range(TOGETHER + 1)]})
    assert parts_of(goals.head(TOGETHER)) == {}
    starts = pd.to_datetime(["2025-01-01"] * TOGETHER + [None])
    parts = parts_of(goals.assign(start_date=starts))
    assert parts == {"1 of 2": list(goals["goal_id"][:TOGETHER]), "2 of 2": [f"g{TOGETHER}"]}
