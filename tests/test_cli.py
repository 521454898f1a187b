"""The command line: exit codes, one paragraph for each fault, no traceback."""

import re
from pathlib import Path

import pytest

import partner_analysis as pa
from partner_analysis import storage
from partner_analysis.cli import main
from partner_analysis.reporting import kept, problems


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pa.write_practice(tmp_path_factory.mktemp("practice"))


@pytest.fixture
def register(practice: Path) -> object:
    path = practice.parent / "data" / "raw" / "demo" / "partnerships.csv"
    before = path.read_text(encoding="utf-8")
    yield path
    path.write_text(before, encoding="utf-8")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out.startswith("partner-analysis ")


def test_init_writes_a_template_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "mine")]) == 0
    assert (tmp_path / "mine" / "practice.toml").exists()
    assert main(["init", str(tmp_path / "mine")]) == 2
    assert "is there already" in capsys.readouterr().err


def test_check_of_a_sound_practice(practice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(practice.parent.rglob("*"))
    assert main(["check", str(practice)]) == 0
    said = capsys.readouterr()
    assert "8 partnerships can be reported." in said.out
    assert said.err == ""
    assert sorted(practice.parent.rglob("*")) == before


def test_check_names_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "practice.toml")]) == 2
    said = capsys.readouterr().err
    assert "no such file" in said
    assert "Traceback" not in said


def test_fault_of_one_row_is_no_fault_of_the_file(
    practice: Path, register: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = register.read_text(encoding="utf-8")
    register.write_text(text.replace("2024-04-01", ""), encoding="utf-8")
    assert main(["check", str(practice)]) == 1
    assert "anvil-gym: line 4" in capsys.readouterr().err


def test_check_lists_faults_of_several_files(
    practice: Path, register: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register.write_text("", encoding="utf-8")
    settings = practice.read_text(encoding="utf-8").replace("referrals-*", "nothing-*")
    other = practice.with_name("other.toml")
    other.write_text(settings, encoding="utf-8")
    assert main(["check", str(other)]) == 2
    said = capsys.readouterr().err
    assert "partnerships.csv: the file is empty" in said
    assert "nothing-*.csv: no such file" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--only", "harbour"], 'no partnership "harbour"'),
        (["--as-of", "31/12"], "as_of: is not a date"),
        (["--as-of", "20250601"], "as_of: is not a date"),
        (["--as-of", ""], "--as-of: is empty"),
        (["--as-of", "2023-01-15"], "no new patient in any complete week"),
    ],
)
def test_wrong_arguments_run_nothing(
    practice: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["run", str(practice), *arguments]) == 2
    assert words in capsys.readouterr().err
    assert not (practice.parent / "reports").exists()


def test_reports_that_cannot_be_written_are_noticed_before_any_notebook(
    practice: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = practice.with_name("reports")
    reports.write_text("a file")
    assert main(["run", str(practice)]) == 2
    assert "reports/demo: cannot be written to" in capsys.readouterr().err
    reports.unlink()


def test_places_that_cannot_hold_a_practice_are_refused(
    practice: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(practice / "x")]) == 2
    assert "the file system refused it" in capsys.readouterr().err
    assert main(["simulate", str(practice.parent / "new"), "--seed", "-1"]) == 2
    assert "--seed: give a whole number from 0" in capsys.readouterr().err


def test_check_hints_at_what_deserves_a_second_look(
    practice: Path, register: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = register.read_text(encoding="utf-8")
    early = "old-one,Old One,gym,2019-01-01,,,,patients,no\n"
    late = "new-one,New One,gym,2031-01-01,,,,patients,\n"
    register.write_text(text + early + late, encoding="utf-8")
    exports = practice.parent / "data" / "raw" / "demo"
    bare = exports / "referrals-2026.csv"
    lines = (exports / "referrals-2025.csv").read_text(encoding="utf-8").splitlines()
    bare.write_text(next(line for line in lines if "Patient ID" in line))
    assert main(["check", str(practice)]) == 0
    said = capsys.readouterr().out
    assert "Set aside: 3 rows: no patient (first in data/raw/demo/referrals-2023.csv" in said
    assert "If they are visits, fill in the patient's number" in said
    assert "referrals-2026.csv has no row below its header" in said
    assert "old-one begins before the first counted period" in said
    assert "new-one begins after the last day of the data" in said
    assert (
        "of 1 partnership the partnerships table does not say" in said
        and "Write yes or no under provider." in said
    )
    bare.unlink()


def test_check_says_how_many_clinics_hardly_occur_and_names_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = pa.write_practice(tmp_path)
    settings = path.read_text(encoding="utf-8").replace("clinics = ", "# clinics = ")
    path.write_text(settings, encoding="utf-8")
    exports = tmp_path / "data" / "raw" / "demo" / "referrals-2025.csv"
    text = exports.read_text(encoding="utf-8")
    exports.write_text(",Zyzzyva Qoph,Dockside,".join(text.rsplit(",Dockside,Dockside,", 3)))
    main(["check", str(path)])
    said = capsys.readouterr()
    assert re.search(
        r"(1 of \d+ clinics has|[2-9] of \d+ clinics have) fewer than 5 rows", said.out
    )
    assert "Zyzzyva" not in said.out + said.err


def test_fault_found_while_counting_runs_nothing(
    practice: Path, register: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = register.read_text(encoding="utf-8")
    register.write_text(text + text.splitlines()[1] + "\n", encoding="utf-8")
    assert main(["run", str(practice)]) == 2
    assert "harbor-run-shop" in capsys.readouterr().err
    assert not (practice.parent / "reports").exists()


def test_two_runs_never_meet(practice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = kept.processed_folder(pa.load_practice(practice))
    with storage.locked(folder):
        assert main(["run", str(practice)]) == 75
    assert "another run is under way" in capsys.readouterr().err


def test_the_unforeseen_is_kept_in_a_private_file(
    practice: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Jane Doe")

    monkeypatch.setattr(problems, "find_problems", fail)
    assert main(["check", str(practice)]) == 70
    said = capsys.readouterr().err
    assert "Jane" not in said
    path = Path(said.split("details are in ")[1].split(";")[0])
    assert "Jane Doe" in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    path.unlink()


def test_simulate_is_the_same_each_time(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        assert main(["simulate", str(tmp_path / folder), "--seed", "3"]) == 0
    files = [path for path in (tmp_path / "a").rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
