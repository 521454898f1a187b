"""A run that could not even begin is told on the last good pages, once, until one ends well."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_analysis import storage
from partner_analysis.cli import main
from partner_analysis.faults import call_settings
from partner_analysis.reporting import runs
from partner_analysis.reporting.running import lastgood, refusals

from .quick_runs import SETTINGS, name_it, use_stand_ins, write_quick_practice

DAY = r"\d+ [A-Z][a-z]+ \d{4}"


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A practice whose report is published; each test breaks it and mends it."""
    with pytest.MonkeyPatch.context() as patch:
        use_stand_ins(patch.setattr)
        path = write_quick_practice(tmp_path_factory.mktemp("refused"))
        assert main(["run", str(path)]) == 0
        yield path


@pytest.fixture
def export(practice: Path) -> Iterator[Path]:
    """The practice's one export; after each test it is as it was, and a run has ended well."""
    path = practice.parent / "counts.csv"
    good = path.read_bytes()
    yield path
    path.write_bytes(good)
    practice.write_text(SETTINGS)
    assert main(["run", str(practice)]) == 0
    assert marks(practice) == {}


def reports(practice: Path) -> Path:
    return practice.parent / "reports" / "quick" / "latest"


def files(practice: Path) -> dict[str, bytes]:
    found = reports(practice).resolve().rglob("*.*")
    return {path.name: path.read_bytes() for path in found if path.is_file()}


def marks(practice: Path) -> dict[str, str]:
    """What is told above each page, without its tags; a page has one mark or none."""
    told = {}
    for path in sorted(reports(practice).glob("*.html")):
        found = refusals.MARK.findall(path.read_text())
        assert len(found) <= 1
        told |= {path.name: re.sub("<[^>]+>", "", found[0]).strip()} if found else {}
    return told


def spoil(export: Path) -> None:
    export.write_text(export.read_text().replace("2024-01-01", "first of January"))


def test_a_run_that_was_asked_for_wrongly_marks_nothing(practice: Path) -> None:
    assert main(["run", str(practice), "--only", "gmy"]) == 2
    assert marks(practice) == {}


def test_every_page_is_marked_and_unmarked_though_nothing_has_changed(
    practice: Path, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, good = files(practice), export.read_bytes()
    export.unlink()
    assert main(["run", str(practice)]) == 2
    told = marks(practice)
    assert set(told) == {name for name in before if name.endswith(".html")}
    head = "These are the last good pages, on data as of 13 July 2025"
    assert re.match(
        rf"{head}\. The run of {DAY} was refused: counts\.csv: no such", told["index.html"]
    )
    head = "This page is of the last good report, on data as of 13 July 2025"
    other = rf"{head}\. The run of {DAY} was refused\. The overview says why\."
    assert all(re.fullmatch(other, said) for name, said in told.items() if name != "index.html")
    assert lastgood.is_whole(reports(practice))
    for name, page in files(practice).items():
        if name in told:
            assert refusals.without_mark(page.decode()) == before[name].decode()
    capsys.readouterr()
    assert main(["status", str(practice)]) == 1
    assert "Stale: every page (data as of 2025-07-13; no report since " in capsys.readouterr().out

    export.write_bytes(good)
    assert main(["run", str(practice)]) == 0
    assert "Nothing has changed" in capsys.readouterr().out
    assert files(practice) == before
    assert main(["status", str(practice)]) == 0


def test_thirty_nights_are_one_line_with_the_first_and_the_last_day(
    practice: Path, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(export)
    for night in range(30):
        day = datetime(2025, 7, 14) + timedelta(days=night)
        monkeypatch.setattr(refusals, "now", lambda day=day: day)
        refusal = refusals.refusal_of(runs.storage.DataError("counts.csv: a date is wrong."))
        if night in (0, 29):
            assert main(["run", str(practice)]) == 2
        refusals.mark_refused(reports(practice).parent, refusal)
    [said] = {re.sub("^.*?2025. ", "", said) for k, said in marks(practice).items() if "index" in k}
    assert said == (
        "No run since 14 July 2025 has made a report; the run of 12 August 2025 was refused: "
        "counts.csv: a date is wrong."
    )


def test_the_same_refusal_twice_a_day_writes_nothing(practice: Path, export: Path) -> None:
    spoil(export)
    assert main(["run", str(practice)]) == 2
    written = {p: p.stat().st_mtime_ns for p in reports(practice).resolve().iterdir()}
    assert main(["run", str(practice)]) == 2
    assert {p: p.stat().st_mtime_ns for p in reports(practice).resolve().iterdir()} == written


def test_settings_that_cannot_be_read_mark_the_pages_they_made(
    practice: Path, export: Path
) -> None:
    practice.write_text("[practice")
    assert main(["run", str(practice)]) == 2
    assert "practice.toml: cannot be read as TOML" in marks(practice)["index.html"]
    other = practice.with_name("other.toml")
    other.write_text("[practice")
    practice.write_text(SETTINGS)
    assert main(["run", str(practice)]) == 0
    assert main(["run", str(other)]) == 2
    assert marks(practice) == {}


def test_what_nobody_foresaw_says_its_kind_and_no_patient(
    practice: Path, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("Jane Doe")

    name_it(practice, "Jane's Practice")
    with monkeypatch.context() as patch:
        patch.setattr(runs, "_study", fail)
        assert main(["run", str(practice)]) == 70
    said = marks(practice)["index.html"]
    assert said.endswith("broke off: something went wrong that nobody foresaw (ValueError).")
    assert "Doe" not in said


def test_a_run_that_was_stopped_or_had_to_wait_marks_nothing(
    practice: Path, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(runs, "_run", stop)
        assert main(["run", str(practice)]) == 130
    with storage.locked(practice.parent / "data" / "processed" / "quick"):
        assert main(["run", str(practice)]) == 75
    assert marks(practice) == {}


def test_a_damaged_page_is_not_taken_for_whole(practice: Path, export: Path) -> None:
    good, before = export.read_bytes(), files(practice)["shop.html"]
    page = reports(practice) / "shop.html"
    page.write_bytes(before.replace(b"</main>", b"<p>Changed by hand</p></main>"))
    spoil(export)
    assert main(["run", str(practice)]) == 2
    assert "shop.html" in marks(practice)
    export.write_bytes(good)
    assert main(["run", str(practice)]) == 0
    assert files(practice)["shop.html"] == before


def test_pages_that_are_carried_over_leave_the_mark_behind(practice: Path, export: Path) -> None:
    good, before = export.read_bytes(), files(practice)["shop.html"]
    spoil(export)
    assert main(["run", str(practice)]) == 2
    export.write_bytes(good)
    name_it(practice, "Second Name")
    assert main(["run", str(practice), "--only", "gym"]) == 0
    assert marks(practice) == {}
    assert files(practice)["shop.html"] == before


def test_every_older_report_is_unmarked_and_no_later_one(practice: Path, export: Path) -> None:
    spoil(export)
    assert main(["run", str(practice)]) == 2
    old = reports(practice).resolve()
    refusals.clear_refused(old.parent, until="2025-07-12")
    assert refusals.refusal_on(old) is not None
    refusals.clear_refused(old.parent, until="2025-07-20")
    assert refusals.refusal_on(old) is None
    assert marks(practice) == {}


def test_settings_of_another_name_are_called_by_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_quick_practice(tmp_path).rename(tmp_path / "north-practice.toml")
    counts = tmp_path / "counts.csv"
    good = counts.read_text()
    counts.write_text(good + "Nowhere,2025-07-07,1\n")
    assert main(["check", str(other)]) == 0
    assert "([tables] clinics in north-practice.toml)" in capsys.readouterr().out
    counts.write_text(good.replace("2024-01-01", "first of January"))
    for command in ("check", "run"):
        assert main([command, str(other)]) == 2
        said = capsys.readouterr().err
        assert "set date_format in north-practice.toml" in said
        assert " practice.toml" not in said
    known = f"{other}: a word. Correct it in practice.toml."
    assert call_settings(known, other) == f"{other}: a word. Correct it in north-practice.toml."


@given(reason=st.text(), night=st.integers(0, 400), overview=st.booleans())
def test_a_mark_is_plain_text_and_comes_off_whole(reason: str, night: int, overview: bool) -> None:
    page = "<html>\n<header>\n</header>\n<main>Words</main>\n</html>\n"
    last = f"{datetime(2025, 7, 14) + timedelta(days=night):%Y-%m-%d}"
    refusal = refusals.Refusal("2025-07-14", last, "was refused", reason)
    mark = refusal.mark("2025-07-13", overview=overview)
    marked = page.replace(lastgood.HEAD_ENDS, mark + lastgood.HEAD_ENDS)
    assert set(re.findall(r"<(\w+)", mark)) <= {"div", "p", "strong", "a"}
    assert refusals.without_mark(marked) == page
    assert refusals.without_mark(page) == page


def test_long_reasons_end_with_a_sentence() -> None:
    said = "visits.csv: 3 rows are wrong. " + "Look at the first of them. " * 40
    reason = refusals.refusal_of(runs.storage.DataError(said)).reason
    assert len(reason) < 450
    assert reason.endswith("Look at the first of them. The log of runs has the rest.")
