"""One run of the demo practice that several files read: hostile names, a provider, a fault."""

import csv
import io
from pathlib import Path

import pytest

import partner_analysis as pa
from partner_analysis.cli import main

REGISTER = """partnership_id,name,kind,start_date,end_date,clinics,personas,aims,provider
harbor-run-shop,<script>alert(1)</script>,running store,2024-02-19,,Dockside;Warwick,runner,patients,no
formula,=cmd(),gym,2024-04-01,,Dockside,general,patients,no
no-start,../../etc/passwd,gym,,,Lakeview,general,patients,no
kestrel-boatworks,Kestrel Boatworks,employer,2024-11-18,,Hillcrest,work injury,patients,no
orchard-physicians,Orchard Physicians,physician group,2024-01-15,2025-06-27,Millbrook,,patients,yes
"""  # noqa: E501
EMPTIED = {
    "aliases": "partnership_id,alias,from,to\nharbor-run-shop,Harbor Run Shop,,\n",
    "goals": "goal_id,partnership_id,measure,target\n",
}
INSTEAD = 'audience = "shareable" '


@pytest.fixture(scope="session")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo practice with five partners, two of hostile names, one without a start."""
    path = pa.write_practice(tmp_path_factory.mktemp("practice"))
    text = path.read_text(encoding="utf-8").replace('audience = "practice" ', INSTEAD, 1)
    path.write_text(text, encoding="utf-8")
    raw = path.parent / "data" / "raw" / "demo"
    (raw / "partnerships.csv").write_text(REGISTER, encoding="utf-8")
    for name, text in EMPTIED.items():
        (raw / f"{name}.csv").write_text(text, encoding="utf-8")
    listed = {row["partnership_id"] for row in csv.DictReader(io.StringIO(REGISTER))}
    for name in ("activities", "flows"):
        lines = (raw / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines[1:] if line.split(",")[0] in listed]
        (raw / f"{name}.csv").write_text("".join([lines[0], *kept]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def reports(practice: Path) -> Path:
    """The published report of a run in which one partnership has no start."""
    assert main(["run", str(practice)]) == 1
    return practice.parent / "reports" / "demo" / "latest"


@pytest.fixture(scope="session")
def first_pages(reports: Path) -> dict[str, str]:
    """Every page as it was first published, before a later test makes one of them again."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(reports.glob("*.html"))}


@pytest.fixture(scope="session")
def shared_pages(reports: Path) -> dict[str, str]:
    """Every page of the same run that may be passed on."""
    folder = reports.parent / "shareable" / reports.resolve().name
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}
