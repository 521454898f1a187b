"""Two months of exports, whole runs: the index says what moved and why, in the planted numbers."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

import partner_analysis as pa
from partner_analysis.cli import main

from . import quick_runs

KEPT = ("harbor-run-shop", "kestrel-boatworks")
OCTOBER, NOVEMBER = pd.Timestamp("2025-10-31"), pd.Timestamp("2025-11-30")
FORMAT = "%m/%d/%Y"
Row = dict[str, str]


def day(text: str) -> pd.Timestamp:
    """A day of the export; NaT where there is none, or one that is written wrongly."""
    return pd.to_datetime(text, format=FORMAT, errors="coerce")


class Practice:
    """The demo practice with two partners, whose export of 2025 is cut at a day as it was then."""

    def __init__(self, folder: Path) -> None:
        self.settings = pa.write_practice(folder)
        self.raw = folder / "data" / "raw" / "demo"
        tables = "goals|activities|flows|candidates|areas"
        text = re.sub(rf"(?m)^({tables}) = .*\n", "", self.settings.read_text())
        self.settings.write_text(text)
        for name in ("partnerships.csv", "aliases.csv"):
            head, *lines = (self.raw / name).read_text().splitlines(keepends=True)
            kept = [line for line in lines if line.startswith(KEPT)]
            (self.raw / name).write_text("".join([head, *kept]))
        self.export = self.raw / "referrals-2025.csv"
        before, after = self.export.read_text().split("Patient ID", 1)
        self.title = before
        self.rows: list[Row] = list(csv.DictReader(io.StringIO("Patient ID" + after)))[:-1]

    def write(self, until: pd.Timestamp, change: Callable[[Row], Row | None]) -> int:
        """Write the export as of a day, each row changed or left out; how many rows it has."""
        kept = [row for one in self.rows if (row := change(as_it_was(one, until))) is not None]
        kept = [row for row in kept if not day(row["Case Created Date"]) > until]
        out = io.StringIO(newline="")
        table = csv.DictWriter(out, self.rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(kept)
        self.export.write_text(f'{self.title}{out.getvalue()}Grand Total,"{len(kept):,}"\n')
        return len(kept)

    def run(self) -> None:
        quick_runs.LEFT.clear()  # each run cleans, counts and estimates anew
        assert main(["run", str(self.settings)]) == 0

    def seen_once(self, clinic: str, diagnosis: str) -> list[Row]:
        """Patients of one row in all exports, who began in weeks that October counts already."""
        texts = (
            path.read_bytes().decode("cp1252") for path in self.raw.glob("referrals-202[34].csv")
        )
        older = {line.split(",")[0] for text in texts for line in text.splitlines()}
        times = Counter(row["Patient ID"] for row in self.rows)
        weeks = pd.Timestamp("2025-07-01"), pd.Timestamp("2025-09-26")
        return [
            row
            for row in self.rows
            if times[row["Patient ID"]] == 1
            and row["Patient ID"] not in older
            and row["IE Status"] == "Finalized"
            and row["Initial Evaluation Clinic"] == clinic
            and row["Referred Diagnosis"].startswith(diagnosis)
            and weeks[0] <= day(row["Initial Evaluation Date"]) <= weeks[1]
        ]

    @property
    def changes(self) -> str:
        """What the index begins with, without its tags."""
        page = (self.settings.parent / "reports/demo/latest/index.html").read_text()
        opening = page[page.index('<div class="opening">') :]
        assert opening.index('class="changes"') < opening.index('class="answer"')
        [section] = re.findall(r'(?s)<section class="changes".*?</section>', opening)
        return " ".join(unescape(re.sub("<[^>]+>", " ", section)).split())


def as_it_was(row: Row, until: pd.Timestamp) -> Row:
    """A row as an export of that day would have had it: what came later is not known yet."""
    if not day(row["Initial Evaluation Date"]) > until:
        return row
    unknown = {"Initial Evaluation Date": "", "Discharge Date": "", "IE Status": "Scheduled"}
    return {**row, **unknown, "Initial Evaluation Clinic": "(Unassigned)"}


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with pytest.MonkeyPatch.context() as patch:
        quick_runs.use_stand_ins(patch.setattr)
        yield Practice(tmp_path_factory.mktemp("late"))
        quick_runs.LEFT.clear()


def test_what_moved_is_told_with_its_reason_in_the_planted_numbers(practice: Practice) -> None:
    runners = practice.seen_once("Dockside", "M76")
    others = practice.seen_once("Millbrook", "M54.50")
    late = {row["Patient ID"] for row in [*runners[:4], *others[:3]]}
    unnamed = next(row for row in runners[4:] if row["Referral Contact"] == "Harbor Run Shop")
    moved = {row["Patient ID"] for row in others[3:5]}
    named_late = sum("Harb" in row["Referral Contact"] for row in runners[:4])  # some misspell it
    assert len(late) == 7

    def october(row: Row) -> Row | None:
        if row["Patient ID"] in late:
            return None
        if row["Patient ID"] == unnamed["Patient ID"]:
            return {**row, "Referral Source": "Internet", "Referral Contact": "Facebook ad"}
        if row["Patient ID"] in moved:
            return {**row, "Initial Evaluation Clinic": "Eastgate"}
        return row

    rows = practice.write(OCTOBER, october)
    practice.run()
    more = practice.write(NOVEMBER, lambda row: row) - rows
    practice.run()

    told = practice.changes
    assert told.startswith("What changed since the last report, and why ")
    assert f"New data: referrals-2025.csv has {more} rows more." in told
    assert "complete up to 2 November 2025; in the last report, up to 5 October 2025." in told
    first = min(day(row["Initial Evaluation Date"]) for row in [*runners[:4], *others[:3]])
    monday = first - pd.Timedelta(days=first.day_of_week)
    assert (
        "Late data: 7 new patients more in periods that the last report had counted already, "
        f"from {monday.day} {monday:%B %Y} on."
    ) in told
    assert (
        "Corrected data: 2 new patients of periods that the last report had counted already now "
        "count for another clinic or kind of patient."
    ) in told
    assert f"Harbor Run Shop ({named_late + 1} patients more); entered late, or their" in told
    [harbor] = re.findall(r"Harbor Run Shop: [^:]* now\. Why: .*?corrected", told)
    assert re.search(r"\d more weeks count, in which \d+ came and \d+ were expected", harbor)
    assert "; 4 new patients more in weeks counted before, entered late or corrected" in harbor
    assert (
        "Kestrel Boatworks:" not in told or "late" not in told.split("Kestrel Boatworks:")[1][:99]
    )
