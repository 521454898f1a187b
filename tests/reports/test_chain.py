"""The whole chain on a made-up practice: exports in, published pages out, and nobody in them."""

import csv
import json
import re
import shutil
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

import nbformat
import openpyxl
import pytest

import partner_analysis as pa
from partner_analysis import storage
from partner_analysis.cli import main
from partner_analysis.reporting import kept
from partner_analysis.reporting.phrases import is_answered

SCRIPT = "<script>alert(1)</script>"
PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")  # may hold any four letters
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def pages(reports: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(reports.glob("*.html")):
        yield path.name, path.read_text(encoding="utf-8")


def test_everything_is_there(reports: Path) -> None:
    names = {path.relative_to(reports).as_posix() for path in reports.rglob("*") if path.is_file()}
    ids = ("formula", "harbor-run-shop", "kestrel-boatworks", "no-start", "orchard-physicians")
    assert names == {
        "index.html", "portfolio.html", "data-quality.html", "effects.csv", "manifest.json",
        "standings.json", "where-next.html", "basis.json", "summary.xlsx", "decisions.csv",
        "reviews.csv", "goals.csv", "ranking.csv", "alliances.csv", "calls.csv", "reach.csv",
        *(f"{i}.html" for i in ids), *(f"effects/{i}.json" for i in ids),
    }  # fmt: skip
    left = [p.name for p in reports.parent.iterdir() if p.name.startswith(".")]
    assert left == []


def test_what_is_declared_comes_first_and_is_the_standing(reports: Path) -> None:
    effects = kept.read_effects(reports / "effects")
    standings = kept.read_standings(reports) or {}
    assert sorted(standings) == sorted({*effects} - {"no-start"})
    for identifier in ("formula", "harbor-run-shop"):
        standing = standings[identifier]
        page = (reports / f"{identifier}.html").read_text(encoding="utf-8").split("</h1>")[1]
        sentence = escape(pa.standing_sentence(effects[identifier], standing))
        assert sentence.startswith("Reviewed on ")
        assert page.index(sentence) < page.index("So far, up to") < page.index("<h2")
        assert sentence in (reports / "index.html").read_text(encoding="utf-8")


def test_register_fault_gets_a_page_of_its_own(reports: Path) -> None:
    page = (reports / "no-start.html").read_text(encoding="utf-8")
    assert "it has no start_date; say when it began" in page
    assert "../../etc/passwd" in page
    assert kept.read_effects(reports / "effects")["no-start"].verdict == "data not fit"


def test_index_says_what_changed_then_what_is_due_then_the_answer(reports: Path) -> None:
    page = (reports / "index.html").read_text(encoding="utf-8").split("<body>")[1]
    assert "This is the first report." in page
    assert 'class="changes"' not in page  # one line, not a box
    order = ['id="changes"', 'id="due"', 'class="answer"', 'class="decision"', 'id="cards"']
    assert sorted(order, key=page.index) == order
    assert 'href="harbor-run-shop.html"' in page


def test_hostile_names_are_harmless(reports: Path) -> None:
    for name, page in pages(reports):
        ours = name == "index.html"
        assert page.lower().count("<script") == page.count("<script>\n// Without") == ours, name
    lines = (reports / "effects.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines))
    names = [row["name"] for row in rows]
    assert names[:2] == ["'=cmd()", SCRIPT]
    assert "../../etc/passwd" in names


def published_text(path: Path) -> str:
    """What a published file holds; of a workbook, all its parts."""
    if path.suffix != ".xlsx":
        return path.read_text(encoding="utf-8")
    with ZipFile(path) as book:
        return "\n".join(book.read(part).decode("utf-8") for part in book.namelist())


def test_the_workbook_holds_the_tables_and_calculates_nothing(reports: Path) -> None:
    book = openpyxl.load_workbook(reports / "summary.xlsx")
    assert book.sheetnames == [
        "effects", "decisions", "reviews", "goals", "ranking", "alliances", "calls", "reach",
    ]  # fmt: skip
    for sheet in book:
        with (reports / f"{sheet.title}.csv").open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        assert [cell.value for cell in sheet[1]] == lines[0]
        assert sheet.max_row == max(1, len(lines))
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    page = (reports / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{name}"' in page for name in ("summary.xlsx", "goals.csv"))


def test_no_patient_leaves_the_door(practice: Path, reports: Path) -> None:
    published = "\n".join(published_text(path) for path in reports.rglob("*") if path.is_file())
    words = set(re.findall(r"[\w/',-]+", PICTURE.sub("", published)))
    secrets = set()
    for path in (practice.parent / "data" / "raw" / "demo").glob("referrals-*.csv"):
        lines = storage.read_text(path).splitlines()
        header = next(i for i, line in enumerate(lines) if line.startswith("Patient ID"))
        for row in csv.DictReader(lines[header:]):
            for column in ("Patient ID", "Case ID", "Patient Name", "Date of Birth"):
                secrets |= set(filter(None, (row[column] or "").split(", ")))
    long = {secret for secret in secrets if len(secret) >= 6}
    assert len(long) > 1000
    assert long & words <= {"Patient"}


class Finder(HTMLParser):
    """Collects addresses, and pictures without words."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        for name in ("src", "href", "action", "srcset", "data"):
            address = given.get(name) or ""
            if re.match(r"(?!data:)[a-z]+:|//", address):
                self.outside.append(address)
        self.silent += tag == "img" and not given.get("alt")


def test_no_address_leads_outside_and_every_picture_has_words(
    practice: Path, reports: Path
) -> None:
    for name, page in pages(reports):
        finder = Finder()
        finder.feed(page)
        assert finder.outside == [], name
        assert finder.silent == 0, name
        assert "default-src 'none'" in page
        assert "These data are made up." in page
    study = pa.open_study(practice)
    for identifier, effect in kept.read_effects(reports / "effects").items():
        care = study.care(identifier)
        pictures = 0 if identifier == "no-start" else 2 + 3 * is_answered(effect)
        pictures += care is not None and bool(care["difference"].notna().any())
        waits = study.waits(identifier)
        if waits is not None:
            named = waits.loc[waits["who"] == "named it"]
            pictures += bool(named["difference"].iloc[1:].notna().any())
        pictures += is_answered(effect) * (len(effect.moved) > 0)
        pictures += is_answered(effect) * (len(effect.course) > 1)
        pictures += 2 * (identifier in ("harbor-run-shop", "kestrel-boatworks"))  # its ledger
        assert (reports / f"{identifier}.html").read_text("utf-8").count("<img") == pictures


def test_what_a_run_leaves_is_private(practice: Path, reports: Path) -> None:
    folder = practice.parent / "data" / "processed" / "demo"
    assert reports.exists()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not list(folder.glob(".staging-*"))
    for path in (folder / "tables").glob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_manifest_says_how_it_was_made(reports: Path) -> None:
    manifest = json.loads((reports / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["outcome"] == "all done"
    assert manifest["notebooks"]["harbor-run-shop"]["parameters"] == {
        "practice": "practice.toml",
        "as_of": "2025-12-31",
        "partnership_id": "harbor-run-shop",
    }
    assert len(manifest["inputs"]) == 12
    assert set(manifest["files"]) >= {"index.html", "effects/formula.json"}


def test_tables_of_the_run_are_read_again(practice: Path, reports: Path) -> None:
    assert reports.exists()
    study = pa.open_study(practice)
    again = study.effect("harbor-run-shop")
    assert "exports" not in vars(study)
    assert again.total == kept.read_effects(reports / "effects")["harbor-run-shop"].total


def test_failed_notebook_leaves_the_others_alone(
    practice: Path, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Last in this file, since it changes the report."""
    before = (reports / "formula.html").read_bytes()
    own = practice.parent / "notebooks"
    shutil.copytree(NOTEBOOKS, own)
    path = own / "03-partnership-effect.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[3].source = "raise KeyError('Jane Doe')"
    nbformat.write(notebook, path)

    assert main(["run", str(practice), "--only", "harbor-run-shop"]) == 1

    said = capsys.readouterr().err
    assert "harbor-run-shop: the notebook failed. A cell stopped with KeyError." in said
    page = (reports / "harbor-run-shop.html").read_text(encoding="utf-8")
    assert "it could not be made anew on" in page
    assert (reports / "formula.html").read_bytes() == before
    assert not (reports / "effects" / "harbor-run-shop.json").exists()
    index = (reports / "index.html").read_text(encoding="utf-8")
    assert "Not made again, and as they were: =cmd()" in index
    assert "Jane" not in said + "".join(PICTURE.sub("", page) for _, page in pages(reports))
    failed = practice.parent / "data" / "processed" / "demo" / "failed" / "harbor-run-shop"
    assert failed.stat().st_mode & 0o777 == 0o700
    assert "Jane Doe" in (failed / "traceback.txt").read_text(encoding="utf-8")
