"""Every kind of identifier of the Safe Harbor rule is planted in an export, and none comes out."""

import csv
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import partner_analysis as pa
from partner_analysis.cli import main

# 45 CFR 164.514(b)(2)(i), (A) to (R); nobody and nothing here exists.
IDENTIFIERS = {
    "A name": "Quilliam Zebrowsky",
    "A relative's name": "Ottoline Brambleby",
    "B street": "4417 Marrowbone Lane",
    "B five digits of a ZIP code": "02879",
    "C date of birth": "1931-02-17",
    "C date of a death": "11/23/1987",
    "C age above 89": "aged 94",
    "D telephone": "401-555-0173",
    "E fax": "401-555-0188",
    "F e-mail": "quilliam.z@example.org",
    "G social security": "078-05-1120",
    "H medical record": "MRN8841207",
    "I health plan": "XQH100293847",
    "J account": "ACCT-77120934",
    "K licence": "RI-DL-9920417",
    "L vehicle": "1HGCM82633A004352",
    "M device serial": "SN-PACER-55012",
    "N web address": "https://example.org/quilliam",
    "O internet address": "203.0.113.77",
    "P biometric": "fingerprint-9f2c77",
    "Q photograph": "IMG_quilliam_0042.jpg",
    "R other code": "UNIQ-CODE-31337",
}
EXTRA = ("Phone", "E-mail", "SSN", "Notes", "Medical Alerts")
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def planted_export(header: list[str], usual: dict[str, str]) -> str:
    """An export in which each identifier stands in every column that takes a text, one by one."""
    columns = ("Patient ID", "Case ID", "Patient Name", "IE Status", "Referral Source",
               "Referral Contact", "Referred Diagnosis", "Insurance Type",
               "Initial Evaluation Clinic", "Date of Birth")  # fmt: skip
    file = io.StringIO()
    writer = csv.DictWriter(file, [*header, *EXTRA], lineterminator="\n")
    file.write(f"Report for {IDENTIFIERS['A name']}, {IDENTIFIERS['D telephone']}\n")
    writer.writeheader()
    number = 0
    for identifier in IDENTIFIERS.values():
        file.write(f"{identifier}\n")  # as the heading of a group
        for column in columns:
            number += 1
            row = {**usual, "Patient ID": f"P{number}", "Case ID": f"C{number}"}
            texts = dict.fromkeys(EXTRA, identifier)
            writer.writerow({**row, **texts, column: identifier})
        source = f"{identifier} sent by Harbor Run Shop"
        writer.writerow({**usual, "Patient ID": f"Q{number}", "Referral Contact": source})
    file.write(f"Total for {IDENTIFIERS['A name']}: {number}\n")
    return file.getvalue()


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo practice with a fourth export, and a notebook that fails."""
    path = pa.write_practice(tmp_path_factory.mktemp("practice"))
    settings = path.read_text().replace('audience = "practice" ', 'audience = "shareable" ', 1)
    path.write_text(settings)
    raw = path.parent / "data" / "raw" / "demo"
    lines = (raw / "referrals-2025.csv").read_text(encoding="utf-8-sig").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("Patient ID"))
    rows = csv.DictReader(lines[start:])
    usual = next(row for row in rows if row["IE Status"] == "Finalized" and row["Referral Contact"])
    assert rows.fieldnames is not None
    text = planted_export(list(rows.fieldnames), usual)
    (raw / "referrals-planted.csv").write_text(text, encoding="utf-8")
    shutil.copytree(NOTEBOOKS, path.parent / "notebooks")
    portfolio = path.parent / "notebooks" / "04-portfolio.ipynb"
    broken = portfolio.read_text().replace("pa.open_study(practice", "pa.open_nothing(practice")
    portfolio.write_text(broken)
    return path


@pytest.fixture(scope="module")
def said(practice: Path) -> str:
    """Everything that check and run have said."""
    file = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", file)
        patch.setattr("sys.stderr", file)
        main(["check", str(practice)])
        main(["run", str(practice), "--only", "harbor-run-shop"])
        main(["review", str(practice)])
    return file.getvalue()


def written(practice: Path) -> Iterator[tuple[str, str]]:
    """Name and content of every file that came to be; tables as text."""
    for folder in ("data/processed", "reports"):
        for path in sorted((practice.parent / folder).rglob("*")):
            yield str(path), path.name
            if path.suffix == ".parquet":
                yield str(path), pd.read_parquet(path).to_csv()
            elif path.is_file():
                yield str(path), path.read_bytes().decode("utf-8", errors="replace")


def test_no_identifier_comes_out_anywhere(practice: Path, said: str) -> None:
    pages = list(written(practice))
    assert any("failed" in name and name.endswith(".ipynb") for name, _ in pages)
    assert any(name.endswith("index.html") for name, _ in pages)
    assert any(name.endswith("board.html") for name, _ in pages)
    texts = [("what was said", said), *pages]
    patterns = {
        kind: re.compile(rf"(?<![\w.]){re.escape(identifier)}(?!\w)", re.IGNORECASE)
        for kind, identifier in IDENTIFIERS.items()
    }
    found = [
        (kind, name)
        for kind, pattern in patterns.items()
        for name, text in texts
        if pattern.search(text)
    ]
    assert found == []


def test_the_planted_rows_are_accounted_for(practice: Path, said: str) -> None:
    account = pa.open_study(practice).cleaned.row_account.set_index("file")
    row = account.loc["data/raw/demo/referrals-planted.csv"]
    parts = row[["used", "rejected", "totals_and_headers", "superseded"]]
    assert row["raw_rows"] == parts.sum()
    assert row["rejected"] > 0
    assert "referrals-planted.csv" in said


@pytest.mark.parametrize("column", ["Referral Received Date", "Initial Evaluation Date"])
def test_a_refusal_shows_no_value(practice: Path, tmp_path: Path, column: str) -> None:
    """A file whose dates are identifiers is refused by its lines."""
    path = pa.write_practice(tmp_path)
    export = tmp_path / "data" / "raw" / "demo" / "referrals-2025.csv"
    lines = export.read_text(encoding="utf-8-sig").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("Patient ID"))
    rows = list(csv.DictReader(lines[start:]))
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, column: IDENTIFIERS["A name"]} for row in rows if row["Case ID"])
    export.write_text(file.getvalue())
    study = pa.open_study(path)
    with pytest.raises(pa.DataError, match=f'dates in "{column}" are not written') as error:
        study.exports  # noqa: B018
    assert IDENTIFIERS["A name"] not in str(error.value)
