"""The files of a made-up practice: referral exports as messy as real ones, and its register."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.simulate.agreements import AGREED, VALUES
from partner_analysis.simulate.care import Care, draw_care
from partner_analysis.simulate.cases import UNASSIGNED, Case, draw_cases, not_evaluated
from partner_analysis.simulate.flows import flow_rows
from partner_analysis.simulate.homes import AREA_ROWS, draw_homes
from partner_analysis.simulate.plan import CLINICS, LAST_DAY, PARTNERS, RENAMED_ON
from partner_analysis.simulate.texts import ACTIVITIES, CANDIDATES, GOALS

HEADER: Final = (
    "Patient ID",
    "Case ID",
    "Patient Name",
    "Date of Birth",
    "Referral Received Date",
    "Case Created Date",
    "Initial Evaluation Date",
    "IE Status",
    "Discharge Date",
    "Initial Evaluation Clinic",
    "Primary Treatment Clinic",
    "Referral Source",
    "Referral Contact",
    "Referred Diagnosis",
    "Insurance Type",
    "Visits",
    "Planned Visits",
    "Functional Score Change",
    "Likelihood to Recommend",
    "First Time in PT",
    "ZIP",
)


PARTNERSHIP_HEADER: Final = (
    *("partnership_id", "name", "kind", "start_date", "end_date"),
    *("clinics", "personas", "aims", "provider"),
    *("purpose", "objectives", "review_date", "values"),
)


@dataclass(frozen=True)
class ExportFile:
    """One file: which referrals it holds, when it was run, and its manners."""

    name: str
    received_from: date
    received_to: date
    run_on: date
    title: tuple[str, ...]
    encoding: str
    newline: str
    grouped_by: str
    trailing_comma: bool = False


EXPORT_FILES: Final = (
    ExportFile(
        "referrals-2023.csv",
        date(2023, 1, 1),
        date(2023, 12, 31),
        date(2024, 1, 22),
        ("Referrals", "Harborview Physical Therapy - all clinics (made-up data)"),
        encoding="utf-8-sig",
        newline="\r\n",
        grouped_by="clinic",
    ),
    ExportFile(
        "referrals-2024.csv",
        date(2023, 12, 1),
        date(2024, 12, 31),
        date(2025, 1, 21),
        ("Referrals \u2013 Analysis Grid", "Owner\u2019s saved view (made-up data)"),
        encoding="cp1252",
        newline="\r\n",
        grouped_by="month",
    ),
    ExportFile(
        "referrals-2025.csv",
        date(2024, 12, 1),
        date(2025, 12, 31),
        LAST_DAY,
        ("Referrals", "Harborview PT, made-up data"),
        encoding="utf-8",
        newline="\n",
        grouped_by="",
        trailing_comma=True,
    ),
)


def export_files(
    evaluations: pd.DataFrame,
    *,
    rng: np.random.Generator,
    care_rng: np.random.Generator,
    homes_rng: np.random.Generator,
) -> dict[str, bytes]:
    """The referral exports by file name.

    Parameters
    ----------
    evaluations
        One row per new patient: ``day``, ``clinic``, ``persona``, ``named``, ``vague``.
    rng
        Draws everything that is not in the evaluations: dates, names, texts and mishaps.
    care_rng
        Draws how care went, apart from all else.
    homes_rng
        Draws where patients live, apart from all else.
    """
    cases = draw_cases(rng, evaluations)
    care = draw_care(care_rng, cases, evaluations)
    homes = draw_homes(homes_rng, cases)
    patient_ids = _numbered((c.person for c in cases), first=3107, width=6)
    case_ids = _numbered((c.key for c in cases), first=20418, width=7)
    files = {}
    for file in EXPORT_FILES:
        rows = [
            (
                c,
                [
                    *_cells_of(c, patient_ids[c.person], case_ids[c.key], file, care[c.key]),
                    homes[c.person],
                ],
            )
            for c in cases
            if file.received_from <= c.received <= file.received_to
        ]
        files[file.name] = _grid(file, _with_repeats(rng, rows))
    return files


def register_files(*, rng: np.random.Generator) -> dict[str, bytes]:
    """The register, aliases, clinics, goals, activities, flows, candidates, areas by file name."""
    tables: dict[str, Iterable[Sequence[str]]] = {
        "partnerships.csv": _partnership_rows(),
        "aliases.csv": _alias_rows(),
        "clinics.csv": _clinic_rows(),
        "goals.csv": GOALS,
        "activities.csv": ACTIVITIES,
        "candidates.csv": CANDIDATES,
        "flows.csv": flow_rows(rng),
        "areas.csv": AREA_ROWS,
    }
    return {name: _csv_text(rows, newline="\n").encode() for name, rows in tables.items()}


def _partnership_rows() -> list[Sequence[str]]:
    """Header and one row per partnership; lists separated by semicolons."""
    rows: list[Sequence[str]] = [PARTNERSHIP_HEADER]
    for p in PARTNERS:
        lists = [";".join(names) for names in (p.clinics, p.personas, p.aims)]
        dates = (p.start.isoformat(), p.end.isoformat() if p.end else "")
        agreed = (*AGREED[p.partnership_id], ";".join(VALUES[p.partnership_id]))
        rows.append([p.partnership_id, p.name, p.kind, *dates, *lists, p.provider, *agreed])
    return rows


def _alias_rows() -> list[Sequence[str]]:
    """Header and one row per alias; a renamed partner's aliases have dates."""
    rows: list[Sequence[str]] = [("partnership_id", "alias", "from", "to")]
    for p in PARTNERS:
        since = RENAMED_ON.isoformat() if p.former_name else ""
        if p.former_name:
            last = (RENAMED_ON - timedelta(days=1)).isoformat()
            rows.append((p.partnership_id, p.former_name, "", last))
        rows += [(p.partnership_id, alias, since, "") for alias in p.aliases]
    return rows


def _clinic_rows() -> list[Sequence[str]]:
    """Header and one row per clinic."""
    rows: list[Sequence[str]] = [("clinic", "alias", "opened", "closed")]
    for c in CLINICS:
        aliases = ";".join(filter(None, (f"{c.name} PT", c.former_name)))
        rows.append((c.name, aliases, c.opened.isoformat(), ""))
    return rows


def _numbered(keys: Iterable[int], *, first: int, width: int) -> dict[int, str]:
    """Ids in the order of first appearance, as text with leading zeros."""
    seen = list(dict.fromkeys(keys))
    return {key: f"{first + position:0{width}d}" for position, key in enumerate(seen)}


def _cells_of(case: Case, patient_id: str, case_id: str, file: ExportFile, care: Care) -> list[str]:
    """One row of the grid as it looked on the day the file was run."""
    if case.evaluated is not None and case.evaluated > file.run_on:
        case = not_evaluated(case, "Scheduled")
    discharged = case.discharged if case.discharged and case.discharged <= file.run_on else None
    cells = [
        patient_id,
        case_id,
        case.name,
        _us(case.born),
        _us(case.received),
        _us(case.created),
        _us(case.evaluated),
        case.status,
        _us(discharged),
        _clinic_in(file, case.clinic),
        _clinic_in(file, case.treatment),
        case.source_type,
        case.source,
        case.diagnosis,
        case.payer,
        *_care_cells(care, evaluated=case.status == "Finalized", discharged=discharged is not None),
    ]
    if case.key < 0:
        _spoil(cells, -1 - case.key)
    return cells


def _care_cells(care: Care, *, evaluated: bool, discharged: bool) -> list[str]:
    """How care went, as far as a system knows: the plan from the start, the rest at the end."""
    first_time = {True: "Yes", False: "No", None: ""}[care.first_time]
    if not evaluated:
        return [""] * 5
    if not discharged:
        return ["", str(care.planned), "", "", first_time]
    told = ("" if value is None else f"{value:.0f}" for value in (care.change, care.recommend))
    return [str(care.visits), str(care.planned), *told, first_time]


def _spoil(cells: list[str], number: int) -> None:
    """Make a row unusable: no patient id, or an evaluation on a day that does not exist."""
    evaluated = HEADER.index("Initial Evaluation Date")
    year = cells[evaluated][-4:]
    match number % 4:
        case 0:
            cells[0] = ""
        case 1:
            cells[evaluated] = f"02/30/{year}"
        case 2:
            cells[evaluated] = f"13/45/{year}"
        case _:
            cells[evaluated] = f"{year}-06-31"


def _us(day: date | None) -> str:
    """A date as an American system writes it."""
    return day.strftime("%m/%d/%Y") if day else ""


def _clinic_in(file: ExportFile, name: str) -> str:
    """A clinic as it was called in that year's export."""
    former = {c.name: c.former_name for c in CLINICS if c.former_name}
    return former.get(name, name) if file.name.endswith("2023.csv") else name


Row = tuple[Case, list[str]]


def _with_repeats(rng: np.random.Generator, rows: Sequence[Row]) -> list[Row]:
    """The rows, a few of them exported twice."""
    return [row for row in rows for _ in range(2 if rng.random() < 0.006 else 1)]


def _grid(file: ExportFile, rows: Sequence[Row]) -> bytes:
    """One file: title lines, header, groups with their subtotals, grand total."""
    lines: list[Sequence[str]] = [
        *([line] for line in file.title),
        [f"Referral Received Date: {_us(file.received_from)} - {_us(file.received_to)}"],
        [f"Date Run: {_us(file.run_on)}"],
        [],
        HEADER,
    ]
    body = {
        "clinic": _grouped_by_clinic,
        "month": _grouped_by_month,
        "": lambda ungrouped: [cells for _, cells in ungrouped],
    }[file.grouped_by](rows)
    lines += [*body, ["Grand Total", f"{len(rows):,}"]]
    if file.trailing_comma:
        lines = [[*line, ""] if len(line) == len(HEADER) else line for line in lines]
    return _csv_text(lines, newline=file.newline).encode(file.encoding)


def _grouped_by_clinic(rows: Sequence[Row]) -> list[Sequence[str]]:
    """Group header, rows and subtotal of each clinic, the unassigned ones last."""
    place = HEADER.index("Initial Evaluation Clinic")
    lines: list[Sequence[str]] = []
    ordered = sorted(rows, key=lambda row: (row[1][place] == UNASSIGNED, row[1][place]))
    for clinic, group in groupby(ordered, key=lambda row: row[1][place]):
        members = [cells for _, cells in group]
        lines += [[f"Initial Evaluation Clinic: {clinic}"], *members]
        lines += [[f"Subtotal: {clinic}", f"{len(members):,}"]]
    return lines


def _grouped_by_month(rows: Sequence[Row]) -> list[Sequence[str]]:
    """Group header, rows and subtotal of each month, with the header again every quarter."""
    lines: list[Sequence[str]] = []
    for first, group in groupby(rows, key=lambda row: row[0].received.replace(day=1)):
        members = [cells for _, cells in group]
        if first.month in (4, 7, 10):
            lines.append(HEADER)
        month = first.strftime("%m/%Y")
        lines += [[f"Month: {month}"], *members, [f"Total {month}", f"Count: {len(members)}"]]
    return lines


def _csv_text(rows: Iterable[Sequence[str]], *, newline: str) -> str:
    """Rows as CSV text."""
    text = io.StringIO()
    csv.writer(text, lineterminator=newline).writerows(rows)
    return text.getvalue()
