"""A run does what has changed and no more, and a report that failed keeps its last good page."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from partner_analysis import storage
from partner_analysis.cleaning.exports.ahead import first_day_ahead
from partner_analysis.cli import main
from partner_analysis.practice import load_practice
from partner_analysis.reporting import kept, runs
from partner_analysis.reporting.running import lastgood, making
from partner_analysis.reporting.running.keys import work_key
from partner_analysis.reporting.running.work import open_work
from partner_analysis.reporting.runs import run_practice

from .quick_runs import name_it, stand_in, use_stand_ins, write_quick_practice

ALL = [
    "all exports", "all counts", "estimate of gym", "estimate of shop", "gym", "shop", "portfolio",
    "where-next",
]  # fmt: skip


@pytest.fixture(scope="module")
def quick() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        use_stand_ins(patch.setattr)
        yield patch


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory, quick: pytest.MonkeyPatch) -> Path:
    """A practice whose report is published; tests go through its life in their order."""
    path = write_quick_practice(tmp_path_factory.mktemp("quick"))
    assert main(["run", str(path)]) == 0
    return path


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Labels of the notebooks that a run executes."""
    labels: list[str] = []

    def run(jobs: list, **given: object) -> object:
        labels.extend(job.label for job in jobs)
        return stand_in(jobs, **given)

    monkeypatch.setattr(runs, "run_notebooks", run)
    return labels


def reports(practice: Path) -> Path:
    return practice.parent / "reports" / "quick" / "latest"


def pages(practice: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in reports(practice).glob("*.html")}


def test_nothing_changed_and_nothing_is_run_or_written(
    practice: Path, ran: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    files = {p: p.stat().st_mtime_ns for p in practice.parent.rglob("*") if p.is_file()}
    assert main(["run", str(practice)]) == 0
    assert "Nothing has changed. The report on data as of 2025-07-13" in capsys.readouterr().out
    assert ran == []
    touched = {p.name for p, t in files.items() if p.stat().st_mtime_ns != t}
    assert touched <= {"runs.jsonl", ".lock"}


def test_a_report_that_somebody_has_damaged_is_published_again_from_the_same_work(
    practice: Path, ran: list[str]
) -> None:
    before = pages(practice)
    (reports(practice) / "effects.csv").unlink()
    assert main(["run", str(practice)]) == 0
    assert ran == []
    assert pages(practice) == before


def test_damaged_work_is_done_again_and_no_other(practice: Path, ran: list[str]) -> None:
    settings = load_practice(practice)
    work = open_work(settings, work_key(settings, asked=None), asked=None)
    work.save(published={})
    (work.tables / "effects" / "gym.json").write_text("{}")
    assert main(["run", str(practice)]) == 0
    assert ran == ["gym"]


@pytest.mark.parametrize("what", ["settings", "register", "export", "day"])
def test_every_input_has_its_part_in_the_key(tmp_path: Path, what: str) -> None:
    path = write_quick_practice(tmp_path)
    before = work_key(load_practice(path), asked=None)
    name = {"settings": "practice.toml", "register": "partnerships.csv", "export": "counts.csv"}
    asked = pd.Timestamp("2025-01-01") if what == "day" else None
    if what in name:
        changed = tmp_path / name[what]
        changed.write_text(changed.read_text() + "\n")
    assert work_key(load_practice(path), asked=asked) != before
    assert work_key(load_practice(path), asked=asked) == work_key(load_practice(path), asked=asked)


def test_the_clock_has_its_part_only_where_days_are_ahead(tmp_path: Path) -> None:
    ahead = pd.Timestamp.now().normalize() + pd.Timedelta(days=3)
    rows = pd.DataFrame({"evaluated": [ahead, ahead - pd.Timedelta(days=9), pd.NaT]})
    assert first_day_ahead(rows) == ahead
    assert pd.isna(first_day_ahead(rows.iloc[1:]))
    born = pd.DataFrame({"birth_date": [ahead - pd.DateOffset(years=100)]})
    assert first_day_ahead(born) == ahead
    settings = load_practice(write_quick_practice(tmp_path))
    work = open_work(settings, "k" * 64, asked=None)
    work.save(turns_on=f"{ahead:%Y-%m-%d}", published={"as_of": "2025-07-13"})
    assert "published" in open_work(settings, "k" * 64, asked=None).manifest
    work.save(turns_on=f"{pd.Timestamp.now():%Y-%m-%d}")
    assert "published" not in open_work(settings, "k" * 64, asked=None).manifest


def test_one_notebook_changed_and_only_what_reads_it_is_run(
    practice: Path, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = storage.fingerprint
    changed = "07-where-next.ipynb"
    monkeypatch.setattr(storage, "fingerprint", lambda p: "0" if p.name == changed else real(p))
    assert main(["run", str(practice)]) == 0
    assert ran == ["where-next"]


def test_only_one_is_run_and_the_other_pages_stay(practice: Path, ran: list[str]) -> None:
    name_it(practice, "Second Name")
    before = pages(practice)
    assert main(["run", str(practice), "--only", "gym"]) == 0
    assert ran == [label for label in ALL if label != "shop"]
    now = pages(practice)
    assert now["shop.html"] == before["shop.html"]
    assert b"Second Name" in now["gym.html"]
    assert lastgood.pages_of(reports(practice))["shop"]["state"] == "as it was"
    ran.clear()
    assert main(["run", str(practice), "--only", "gym"]) == 0
    assert ran == []
    assert main(["run", str(practice)]) == 0
    assert set(ran) == {"shop", "portfolio", "where-next"}
    assert b"Second Name" in pages(practice)["shop.html"]


def test_a_failed_report_keeps_its_last_good_page_and_says_of_when_it_is(
    practice: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = pages(practice)["gym.html"].decode()
    for name in ("Third Name", "Fourth Name"):
        name_it(practice, name)
        monkeypatch.setattr(runs, "run_notebooks", partial(stand_in, fail=["gym", "where-next"]))
        assert main(["run", str(practice)]) == 1
        page = pages(practice)["gym.html"].decode()
        [said] = re.findall(r'<p class="made-up stale" role="note"><strong>(.*?)</strong>', page)
        day = r"\d+ [A-Z][a-z]+ \d{4}"
        form = rf"This page is of {day}, on data as of 13 July 2025; it could not be made anew on "
        assert re.fullmatch(form + rf"{day}\.", said)
        assert lastgood.BANNER.sub("", page) == good
        index = pages(practice)["index.html"].decode()
        assert said in index
        assert "an older one stands in its place" in index
        assert "made-up stale" in pages(practice)["where-next.html"].decode()
        assert not (reports(practice) / "effects" / "gym.json").exists()
    assert "Jane Doe" not in capsys.readouterr().err
    states = {k: p["state"] for k, p in lastgood.pages_of(reports(practice)).items()}
    assert states["gym"] == states["where-next"] == "stale"
    assert states["shop"] == states["portfolio"] == states["data-quality"] == "made"


def test_what_failed_is_tried_again_and_nothing_else(practice: Path, ran: list[str]) -> None:
    assert main(["run", str(practice)]) == 0
    assert set(ran) == {"gym", "portfolio", "where-next"}  # the portfolio rests on all effects
    assert "stale" not in str(lastgood.pages_of(reports(practice)))
    assert "made-up stale" not in pages(practice)["gym.html"].decode()
    assert not list((practice.parent / "data" / "processed" / "quick" / "failed").iterdir())


def test_a_fault_before_counting_leaves_the_report_and_marks_all_of_it(
    practice: Path, monkeypatch: pytest.MonkeyPatch, ran: list[str]
) -> None:
    before = pages(practice)
    settings = practice.read_text()
    name_it(practice, "Fifth Name")
    with monkeypatch.context() as patch:
        patch.setattr(runs, "run_notebooks", partial(stand_in, fail=["all counts"]))
        assert main(["run", str(practice)]) == 1
        assert main(["run", str(practice)]) == 1
    for name, page in pages(practice).items():
        assert page.count(b"it could not be made anew on") == 1
        assert lastgood.BANNER.sub("", page.decode()) == before[name].decode()
    assert set(lastgood.stale_pages(reports(practice))) == {name[:-5] for name in before}
    practice.write_text(settings)
    assert main(["run", str(practice)]) == 0  # the work is there, so nothing is run again
    assert ran == []
    assert pages(practice) == before
    name_it(practice, "Fifth Name")


def test_a_run_that_ended_half_way_is_taken_up_where_it_was(
    practice: Path, monkeypatch: pytest.MonkeyPatch, ran: list[str]
) -> None:
    def break_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(making, "publish_edition", break_off)
        assert main(["run", str(practice)]) == 130
    done = list(ran)
    ran.clear()
    assert main(["run", str(practice)]) == 0
    assert set(done) == set(ALL) - {"all exports"}  # done by the run before this one
    assert ran == []


def test_files_that_change_meanwhile_are_read_again(
    practice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(["Sixth Name", "Seventh Name"])
    name_it(practice, "Changing Name")

    def change(jobs: list, **given: object) -> object:
        if jobs[0].label == "portfolio":
            name_it(practice, next(names, "Seventh Name"))
        return stand_in(jobs, **given)

    monkeypatch.setattr(runs, "run_notebooks", change)
    assert main(["run", str(practice)]) == 2  # twice: it gives up
    assert b"Fifth Name" in pages(practice)["index.html"]
    assert main(["run", str(practice)]) == 0
    assert b"Seventh Name" in pages(practice)["index.html"]


def test_manifest_says_what_was_made_from_what(practice: Path) -> None:
    manifest = json.loads((reports(practice) / "manifest.json").read_text())
    entry = manifest["notebooks"]["gym"]
    assert set(entry) == {
        "notebook", "outcome", "seconds", "parameters", "key", "made_on", "executed",
    }  # fmt: skip
    assert re.fullmatch(r"[0-9a-f]{64}", entry["executed"])
    assert manifest["work_key"] == work_key(load_practice(practice), asked=None)
    assert lastgood.is_whole(reports(practice))
    assert "Jane" not in json.dumps(manifest)


def test_what_is_kept_between_runs_is_private(practice: Path) -> None:
    folder = kept.processed_folder(load_practice(practice))
    for path in (folder / "work").rglob("*"):
        if path.is_dir():
            assert path.stat().st_mode & 0o077 == 0, path
    assert (folder / "runs.jsonl").stat().st_mode & 0o077 == 0
    assert len(list((folder / "work").iterdir())) <= 2


def test_force_runs_all_the_same_and_time_left_is_foreseen_from_earlier_runs(
    practice: Path, ran: list[str]
) -> None:
    left: list[float] = []
    told: list[tuple[int, int]] = []
    given = {"tell": lambda done, total, *_: told.append((done, total)), "foresee": left.append}
    run_practice(practice, force=True, **given)
    assert ran == ALL
    assert told == [(n, len(ALL)) for n in range(1, len(ALL) + 1)]
    assert left[0] == pytest.approx(0.6)  # four alone and four by twos, 0.1 s each
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0


@pytest.mark.parametrize("wrong", [["--only", "nobody"], ["--as-of", "13/07"]])
def test_wrong_parameters_are_refused_before_anything_is_run(
    practice: Path, ran: list[str], wrong: list[str]
) -> None:
    assert main(["run", str(practice), *wrong]) == 2
    assert ran == []
