"""A small practice written to a folder: exports and tables as rows of texts."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from partner_analysis.practice import Practice, load_practice

HEADER = (
    "Patient ID", "Case ID", "Patient Name", "Date of Birth", "Received", "Created",
    "Evaluated", "IE Status", "Discharged", "Clinic", "Treatment Clinic", "Type", "Contact",
    "Diagnosis", "Payer",
)  # fmt: skip
SETTINGS = """
[practice]
slug = "small"
name = "Small PT"
[definitions]
new_patient = "{new_patient}"
[[exports]]
kind = "referrals"
files = "visits*.*"
date_format = "%m/%d/%Y"
[exports.columns]
patient = "Patient ID"
case = "Case ID"
patient_name = "Patient Name"
birth_date = "Date of Birth"
received = "Received"
created = "Created"
evaluated = "Evaluated"
status = "IE Status"
discharged = "Discharged"
clinic = "Clinic"
treatment_clinic = "Treatment Clinic"
source_type = "Type"
source = "Contact"
diagnosis = "Diagnosis"
payer = "Payer"
[tables]
partnerships = "partnerships.csv"
aliases = "aliases.csv"
clinics = "clinics.csv"
goals = "goals.csv"
activities = "activities.csv"
[[personas]]
name = "runner"
diagnosis_prefix = ["M76", "S86"]
[[personas]]
name = "older adult"
min_age = 65
"""
COUNTS = """
[practice]
slug = "small"
name = "Small PT"
[[exports]]
kind = "counts"
files = "counts*.csv"
date_format = "{date_format}"
date_is = "{date_is}"
[exports.columns]
unit = "unit"
date = "date"
count = "count"
[tables]
partnerships = "partnerships.csv"
"""
TABLES = {
    "partnerships.csv": "partnership_id,name,kind,start_date,end_date,"
    "clinics,personas,aims,provider\n"
    "harbor-run-shop,Harbor Run Shop,running store,2024-02-01,,Warwick,runner,patients,no\n",
    "aliases.csv": "partnership_id,alias,from,to\nharbor-run-shop,HRS,,\n",
    "clinics.csv": "clinic,alias,opened,closed\nWarwick,Warwick PT;Warick,,\n"
    "Dockside,,,\nCranston,,,\n",
    "goals.csv": "goal_id,partnership_id,persona,measure,target,unit,baseline,window_months,"
    "start_date,counted\n",
    "activities.csv": "partnership_id,date,kind,own_cost,staff_hours,partner_share,note\n",
}


def referral(patient: str = "1", **values: str) -> list[str]:
    """One row of an export, finalized unless told otherwise."""
    row = {
        "Patient ID": patient, "Case ID": f"{patient}0", "Patient Name": "Faux, Ada",
        "Date of Birth": "04/02/1961", "Received": "01/08/2024", "Created": "01/08/2024",
        "Evaluated": "01/15/2024", "IE Status": "Finalized", "Discharged": "",
        "Clinic": "Warwick", "Treatment Clinic": "Warwick", "Type": "Other",
        "Contact": "Harbor Run Shop", "Diagnosis": "M76.61", "Payer": "PPO",
    }  # fmt: skip
    given = {
        name.replace("_", " ").title().replace(" Id", " ID"): value
        for name, value in values.items()
    }
    given = {"IE Status" if name == "Status" else name: value for name, value in given.items()}
    return [{**row, **given}[name] for name in HEADER]


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV."""
    return "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows)


@pytest.fixture
def row() -> Callable[..., list[str]]:
    return referral


@pytest.fixture
def write_practice(tmp_path: Path) -> Callable[..., Practice]:
    """Write a practice and load it: rows of one file, or texts by file name."""

    def write(
        rows: Sequence[Sequence[str]] = (),
        *,
        files: dict[str, str] | None = None,
        new_patient: str = "first evaluation",
    ) -> Practice:
        written = {"visits.csv": csv_text([HEADER, *rows]), **TABLES, **(files or {})}
        for name, text in written.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        settings = SETTINGS.format(new_patient=new_patient)
        (tmp_path / "practice.toml").write_text(settings)
        return load_practice(tmp_path)

    return write


@pytest.fixture
def write_counts(tmp_path: Path) -> Callable[..., Practice]:
    """Write a practice that has counts only and load it."""

    def write(
        text: str,
        *,
        date_is: str = "begins",
        date_format: str = "%Y-%m-%d",
        files: dict[str, str] | None = None,
    ) -> Practice:
        for name, content in {**TABLES, "counts.csv": text, **(files or {})}.items():
            (tmp_path / name).write_text(content)
        settings = COUNTS.format(date_is=date_is, date_format=date_format)
        (tmp_path / "practice.toml").write_text(settings)
        return load_practice(tmp_path)

    return write
