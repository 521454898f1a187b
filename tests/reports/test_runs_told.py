"""What runs say of themselves: the log, the status, the message; and what is removed by rule."""

import json
import os
import stat
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from partner_analysis import storage
from partner_analysis.cli import main
from partner_analysis.practice import load_practice
from partner_analysis.progress import Progress
from partner_analysis.reporting.running import notify as notices
from partner_analysis.reporting.running.journal import Journal, read_events
from partner_analysis.reporting.running.notify import Summary, send
from partner_analysis.reporting.running.outcomes import RunRecord, recorded
from partner_analysis.reporting.running.retention import tidy, too_old
from partner_analysis.reporting.running.status import status_of
from partner_analysis.tables import DataError, SettingsError
from partner_analysis.upkeep import Notify, ReportsKept

from .quick_runs import write_quick_practice

START = datetime.fromisoformat("2026-03-02T02:30:00+00:00")
READS = "import os, sys; open('told.txt', 'w').write(os.environ['PARTNER_ANALYSIS_SUBJECT'] + '\\n' + sys.stdin.read())"  # noqa: E501


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    return write_quick_practice(tmp_path)


def log(practice: Path, *events: dict) -> None:
    """Write a log: each event with the hours after the start, and the number of its run."""
    path = practice.parent / "data" / "processed" / "quick" / "runs.jsonl"
    for event in events:
        at = START + timedelta(hours=event["after"])
        said = {**event, "at": at.isoformat(timespec="seconds"), "run": str(event["run"])}
        storage.append_line(json.dumps(said), path, private=True)


def began(run: int, after: float) -> dict:
    return {"event": "began", "run": run, "after": after}


def ended(run: int, after: float, outcome: str = "published", **values: object) -> dict:
    base = {"event": "ended", "run": run, "after": after, "outcome": outcome, "seconds": 60.0}
    return base | {"as_of": "2026-03-01", "failed": [], "stale": {}, "message": ""} | values


def lines(practice: Path, hours: float = 0) -> tuple[dict[str, str], bool]:
    found = status_of(practice, at=START + timedelta(hours=hours))
    assert len(found.lines) == 5
    return dict(line.split(": ", 1) for line in found.lines), found.good


# ------------------------------------------------------------------ status
def test_status_before_any_run(practice: Path) -> None:
    said, good = lines(practice)
    assert said["Last run"] == "none yet."
    assert not good


def test_status_of_nightly_runs_knows_the_next_and_when_it_is_overdue(practice: Path) -> None:
    for night in range(5):
        log(practice, began(night, 24 * night), ended(night, 24 * night + 0.1, "unchanged"))
    said, good = lines(practice, 24 * 4 + 1)
    assert said["Last run"] == "began on 2026-03-06 at 02:30, took 60 s and found nothing changed."
    assert said["Failed"] == said["Stale"] == "nothing."
    assert said["Next run"] == "expected on 2026-03-07 at 02:30, since they came every day."
    assert said["Where to look"].endswith("runs.jsonl")
    assert good
    late, good = lines(practice, 24 * 6)
    assert late["Next run"].endswith("since they came every day; it is overdue.")
    assert not good


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (ended(1, 1, "refused", message="counts.csv: no such file."), "was refused: counts.csv"),
        (ended(1, 1, "disk", message="No space."), "could not write: No space."),
        (ended(1, 1, "stopped"), "was stopped from outside."),
        (ended(1, 1, "published", failed=["gym"]), "published the report on data as of 2026-03"),
        (ended(1, 1, "of a later version"), "ended."),
        ({"event": "notebook", "run": 1, "after": 1}, "did not end: it was killed, or the machine"),
    ],
)
def test_status_says_what_went_wrong(practice: Path, event: dict, words: str) -> None:
    log(practice, began(1, 0), event)
    said, good = lines(practice)
    assert words in said["Last run"]
    assert not good
    if event.get("failed"):
        assert said["Failed"] == "gym."
        assert "failed (private" in said["Where to look"]


def test_status_of_a_run_under_way(practice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log(practice, began(1, 0))
    with storage.locked(practice.parent / "data" / "processed" / "quick"):
        said, good = lines(practice)
    assert said["Last run"] == "is under way; it began on 2026-03-02 at 02:30."
    assert good
    assert main(["status", str(practice)]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 5


def test_status_names_stale_pages(practice: Path) -> None:
    pages = {"gym": {"state": "stale", "made_on": "2026-02-01", "as_of": "2026-01-31"}}
    edition = practice.parent / "reports" / "quick" / "2026-03-01"
    storage.write_json({"pages": pages}, edition / "manifest.json")
    log(practice, began(1, 0), ended(1, 0.1))
    said, good = lines(practice)
    assert said["Stale"] == "gym (of 2026-02-01)."
    assert not good


# ------------------------------------------------------------------ log
def test_log_makes_way_and_survives_a_torn_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("partner_analysis.reporting.running.journal.MOST_BYTES", 2000)
    journal = Journal(tmp_path)
    for number in range(150):
        journal.note("began", number=number)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["runs.jsonl", *(f"runs.jsonl.{n}" for n in range(1, 6))]
    assert all(path.stat().st_size < 2200 for path in tmp_path.iterdir())
    with journal.path.open("a") as stream:
        stream.write('{"at": "torn')
    assert read_events(tmp_path)[-1]["number"] == 149


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "runs.jsonl").mkdir()
    Journal(tmp_path).note("began")


# ------------------------------------------------------------------ messages
@pytest.mark.parametrize(
    ("on", "failed", "changed", "sent"),
    [
        ("always", False, False, True), ("failure", False, True, False),
        ("failure", True, True, True), ("change", False, True, True),
        ("change", False, False, False),
    ],
)  # fmt: skip
def test_a_message_is_sent_when_it_is_wanted(
    tmp_path: Path, on: str, failed: bool, changed: bool, sent: bool
) -> None:
    told = Notify(on=on, command=[sys.executable, "-c", READS])
    summary = Summary("subject", ("one", "two"), failed=failed, changed=changed)
    assert send(told, summary, folder=tmp_path) == ""
    assert (tmp_path / "told.txt").exists() == sent
    if sent:
        assert (tmp_path / "told.txt").read_text() == "subject\none\ntwo\n"


def test_mail_goes_through_the_local_sendmail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "sendmail"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/mail; cat >> {tmp_path}/mail\n')
    program.chmod(stat.S_IRWXU)
    monkeypatch.setattr(notices, "SENDMAIL", (str(program),))
    summary = Summary("partner-analysis quick: published", ("Ö",), failed=True, changed=True)
    assert send(Notify(mail="owner@example.org"), summary, folder=tmp_path) == ""
    mail = (tmp_path / "mail").read_text()
    assert mail.startswith("-t -oi\nTo: owner@example.org\nSubject: partner-analysis quick: ")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ([sys.executable, "-c", "raise SystemExit(3)"], "ended with code 3"),
        (["no-such-program-at-all"], "cannot be started"),
        (["sleep", "60"], "did not end in 0 seconds"),
    ],
)
def test_a_message_that_fails_is_told_and_fails_no_run(
    tmp_path: Path, command: list[str], words: str
) -> None:
    summary = Summary("s", (), failed=True, changed=True)
    assert words in send(Notify(command=command), summary, folder=tmp_path, seconds=0.3)


def test_the_message_names_reports_and_nothing_else(practice: Path) -> None:
    text = practice.read_text() + (
        f'\n[notify]\non = "always"\ncommand = {json.dumps([sys.executable, "-c", READS])}\n'
    )
    practice.write_text(text)
    settings = load_practice(practice)
    problems = ("gym: the notebook failed. A cell stopped with KeyError.",)
    with recorded(settings) as told:
        told.record = RunRecord("2026-03-01", practice, problems, failed=("gym",),
                                stale={"gym": "2026-02-01"})  # fmt: skip
    assert (practice.parent / "told.txt").read_text().splitlines() == [
        "partner-analysis quick: published, 1 failed",
        "Practice: Quick Practice (quick).",
        "Outcome: published.",
        "Could not be made: gym.",
        "Older pages stand in their place: gym (of 2026-02-01).",
        f"Report on data as of 2026-03-01: {practice}",
        f"Log: {practice.parent / 'data/processed/quick/runs.jsonl'}",
    ]
    with pytest.raises(DataError), recorded(settings):
        raise DataError("counts.csv: no such file.")
    assert "counts.csv: no such file." in (practice.parent / "told.txt").read_text()
    with pytest.raises(ValueError, match="Jane"), recorded(settings):
        raise ValueError("Jane Doe")
    everything = (practice.parent / "told.txt").read_text()
    everything += told.journal.path.read_text()
    assert "nobody foresaw (ValueError)" in everything
    assert "Jane" not in everything


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ('[notify]\non = "always"', "nobody would be told"),
        ('[notify]\nmail = "owner"', "write a mail address"),
        ('[notify]\nmail = "-oQ/tmp@example.org"', "write a mail address"),
        ('[notify]\non = "sometimes"\nmail = "a@b.org"', "notify"),
        ("[reports]\nkeep = 0", "keep"),
        ("[reports]\nkept = 3", 'Did you mean "keep"'),
    ],
)
def test_settings_that_cannot_hold_are_refused(practice: Path, block: str, words: str) -> None:
    practice.write_text(f"{practice.read_text()}\n{block}\n")
    with pytest.raises(SettingsError, match=words):
        load_practice(practice)


# ------------------------------------------------------------------ retention
def test_an_edition_goes_only_if_it_is_neither_new_nor_young(tmp_path: Path) -> None:
    days = ["2024-01-01", "2025-01-01", "2025-12-01", "2026-01-01", "2026-02-01"]
    found = [tmp_path / day for day in days]
    gone = too_old(found, ReportsKept(keep=2, keep_days=100))
    assert [path.name for path in gone] == ["2024-01-01", "2025-01-01"]
    assert too_old(found, ReportsKept(keep=9, keep_days=0)) == []
    assert too_old(found, ReportsKept(keep=1, keep_days=3000)) == []
    assert too_old([], ReportsKept()) == []


def test_old_editions_failures_and_work_are_removed(practice: Path) -> None:
    practice.write_text(practice.read_text() + "\n[reports]\nkeep = 1\nkeep_days = 0\n")
    reports = practice.parent / "reports" / "quick"
    processed = practice.parent / "data" / "processed" / "quick"
    for day in ("2025-01-01", "2025-06-01", "2026-01-01"):
        storage.write_text("page", reports / day / "index.html")
    storage.point_latest(reports / "2026-01-01")
    for name in ("old", "new"):
        storage.write_text("text", processed / "failed" / name / "traceback.txt")
    os.utime(processed / "failed" / "old", (0, 0))
    for age, name in enumerate("abcd"):
        storage.write_json({}, processed / "work" / name / "manifest.json")
        os.utime(processed / "work" / name / "manifest.json", (1000 - age, 1000 - age))
    assert tidy(load_practice(practice), spare="2025-06-01") == ["2025-01-01"]
    assert sorted(p.name for p in reports.iterdir()) == ["2025-06-01", "2026-01-01", "latest"]
    assert [path.name for path in (processed / "failed").iterdir()] == ["new"]
    assert sorted(path.name for path in (processed / "work").iterdir()) == ["a", "b"]


# ------------------------------------------------------------------ progress
def test_plain_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as progress:
        progress.foresee(90)
        progress.step(1, 2, "gym", 3.21)
        progress.step(2, 2, "shop", 0)
    said = capsys.readouterr().err
    assert said == "[1/2] gym: 3.2 s\n[2/2] shop: as before, since nothing has changed\n"


def test_one_bar_with_the_time_left_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress() as progress:
        progress.foresee(float("nan"))
        progress.step(1, 2, "gym", 3.2)
        progress.foresee(130)
    said = capsys.readouterr().err
    assert "gym:  50%" in said
    assert "about 2 min left" in said
    assert "\n" not in said.strip("\r\n ")
