"""What deserves a second look in data that can be used all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from partner_analysis import storage
from partner_analysis.faults import call_settings
from partner_analysis.fields import some_of
from partner_analysis.reporting.counted import CountedStudy
from partner_analysis.reporting.cures import cure_of
from partner_analysis.reporting.numbers import count_text

FEW_ROWS: Final = 5
TABLES: Final = frozenset({".csv", ".txt", ".tsv", ".xls", ".xlsx", ".xlsm"})


def find_hints(study: CountedStudy) -> list[str]:
    """One sentence for each thing in a practice's data that may be a mistake, without a value."""
    said = [
        *_unread_files(study),
        *_said_of_files(study),
        *_odd_totals(study),
        *_rejected(study),
        *_bare_files(study),
        *_rare_clinics(study),
        *_other_period(study),
        *_odd_starts(study),
        *_unsaid_providers(study),
    ]
    return [call_settings(hint, study.practice.path) for hint in said]


def _unread_files(study: CountedStudy) -> list[str]:
    """Tables that lie beside the exports, and that no setting names."""
    practice = study.practice
    claimed = {
        path for e in practice.exports for path in storage.find_files(practice.folder, e.files)
    }
    endings = {path.suffix.lower() for path in claimed} | TABLES
    tables = {practice.folder / place for place in dict(practice.tables).values() if place}
    beside = {path for folder in {c.parent for c in claimed} for path in folder.glob("*.*")}
    unread = sorted(
        path
        for path in beside - claimed - tables
        if path.suffix.lower() in endings and not path.name.startswith((".", "~$"))
    )
    return [
        f"Not read: {_place(path, practice.folder)}, since no [[exports]] block names it. "
        "`partner-analysis map` on it proposes one."
        for path in unread
    ]


def _place(path: Path, folder: Path) -> str:
    """Path as seen from the practice's folder."""
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _said_of_files(study: CountedStudy) -> list[str]:
    """What cleaning noticed about single files."""
    hints = study.cleaned.hints
    return [f"Look again: {row.file}: {row.hint}" for row in hints.itertuples()]


def _odd_totals(study: CountedStudy) -> list[str]:
    """Totals that a file states and that differ from the rows above them."""
    totals = study.cleaned.totals
    return [
        f"Look again: {row.file} line {row.line} states {int(row.stated):,}, but {row.counted:,} "
        "stand above it. Export the file again."
        for row in totals.loc[~totals["agrees"].astype("bool")].itertuples()
    ]


def _rejected(study: CountedStudy) -> list[str]:
    """How many rows were set aside for each reason, the first, and what to do."""
    said = []
    for reason, rows in study.cleaned.rejected.groupby("reason", sort=False):
        first = rows.iloc[0]
        said.append(
            f"Set aside: {count_text(len(rows), 'row')}: {reason} (first in {first['file']} at "
            f"line {first['line']}). {cure_of(str(reason))}"
        )
    return sorted(said)


def _bare_files(study: CountedStudy) -> list[str]:
    """Files with a header and nothing below it."""
    account = study.cleaned.row_account
    bare = account.loc[account["raw_rows"] == account["totals_and_headers"], "file"]
    return [f"Look again: {file} has no row below its header." for file in bare]


def _rare_clinics(study: CountedStudy) -> list[str]:
    """Clinics that hardly occur, where no table says which clinics there are."""
    if len(study.register.clinics):
        return []
    cleaned = study.cleaned
    rows = cleaned.episodes if study.practice.has_episodes else cleaned.counts
    often = rows.loc[rows["clinic"].isin(cleaned.clinics["clinic"]), "clinic"].value_counts()
    rare = int((often < FEW_ROWS).sum())
    if not rare:
        return []
    return [
        f"Look again: {some_of(rare, len(often), 'clinic', f'have fewer than {FEW_ROWS} rows')}. "
        "List the clinics in a table ([tables] clinics in practice.toml), and rows of others are "
        "set aside."
    ]


def _other_period(study: CountedStudy) -> list[str]:
    """Counts that come in other periods than the settings ask for."""
    asked, got = study.practice.period, study.cleaned.period
    if asked == got:
        return []
    return [f"Look again: period is {asked}, but the counts are by {got}; they are kept so."]


def _odd_starts(study: CountedStudy) -> list[str]:
    """Partnerships that begin before all data, or after them."""
    first, said = study.counts["period"].min(), []
    for row in study.partnerships.drop_duplicates("partnership_id").itertuples():
        if row.start_date <= first:
            when = f"before the first counted period ({first:%Y-%m-%d}), so nothing precedes it"
        elif row.start_date > study.as_of:
            when = "after the last day of the data, so there is nothing to judge yet"
        else:
            continue
        said.append(f"Look again: {row.partnership_id} begins {when}.")
    return said


def _unsaid_providers(study: CountedStudy) -> list[str]:
    """Partnerships that are taken as providers because the table does not say what they are."""
    unsaid = len(study.taken_as_providers)
    if not unsaid:
        return []
    return [
        f"Look again: of {count_text(unsaid, 'partnership')} the partnerships table does not say "
        "whether the partner can refer patients, so it is taken as a provider: counted, but never "
        "ranked or priced. Write yes or no under provider."
    ]
