"""Seconds and memory of reading an export, beside ``pandas.read_csv(path, dtype=str)``."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
from tables import write_section

MILLION = 1_000_000
SIZES = (MILLION // 2, MILLION, 5 * MILLION // 2, 5 * MILLION)
WORKBOOK = 50_000
REPEATS = 3
CHILD = """
import json, sys, time
from pathlib import Path
import pandas as pd
from partner_analysis import storage
def openpyxl_rows(path):
    import openpyxl
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))
ways = {
    "ours": lambda path: len(storage.read_sheets(Path(path))[0].grid),
    "pandas": lambda path: len(pd.read_csv(path, dtype=str)),
    "openpyxl": openpyxl_rows,
}
begun = time.perf_counter()
rows = ways[sys.argv[1]](sys.argv[2])
status = Path("/proc/self/status").read_text()  # ru_maxrss would know the parent's too
peak = int(status.split("VmHWM:")[1].split()[0]) / 2**20
print(json.dumps([time.perf_counter() - begun, peak, rows]))
"""


def make_export(rows: int) -> pd.DataFrame:
    """Made-up referrals: 14 columns, names in quotes for their comma, dates as mm/dd/yyyy."""
    rng = np.random.default_rng([5, rows])
    days = pd.date_range("2020-01-01", "2024-12-31").strftime("%m/%d/%Y").to_numpy()
    last = np.array([f"Faux{number}" for number in range(8_000)])
    first = np.array([f", Ada{number}" for number in range(3_000)])
    contacts = np.array([f"Partner name {n % 500} spelling {n}" for n in range(20_000)])
    evaluated = rng.integers(0, len(days), rows)
    received = np.maximum(evaluated - rng.integers(0, 20, rows), 0)
    choices = {
        "IE Status": ["Finalized", "Scheduled", "Cancelled", "No Show"],
        "Clinic": [f"Clinic {number:04d}" for number in range(1_000)],
        "Type": ["Physician", "Other", "Internet"],
        "Diagnosis": ["M76.61", "S86.0", "O26.8", "M54.5", "M25.51", "Z47.1"],
        "Payer": ["PPO", "HMO", "Medicare"],
    }
    drawn = {name: np.array(of)[rng.integers(0, len(of), rows)] for name, of in choices.items()}
    people = np.char.add(last[rng.integers(0, 8_000, rows)], first[rng.integers(0, 3_000, rows)])
    return pd.DataFrame(
        {
            "Patient ID": rng.integers(10_000_000, 10_000_000 + rows, rows),
            "Case ID": np.arange(rows) + 5_000_000,
            "Patient Name": people,
            "Date of Birth": days[rng.integers(0, len(days), rows)],
            "Received": days[received],
            "Created": days[received],
            "Evaluated": days[evaluated],
            "Discharged": "",
            "Contact": contacts[rng.integers(0, 20_000, rows)],
            **drawn,
        }
    )


def make_messy(path: Path) -> Path:
    """Write the export with a title, and every 1,000 rows a blank line, a total and a page line."""
    messy = path.with_name("messy.csv")
    with path.open() as lines, messy.open("w") as stream:
        stream.write("Referrals\nDate Run: 01/22/2024\n\n")
        for number, line in enumerate(lines):
            stream.write(line)
            if number % 1_000 == 999:
                stream.write("\nSubtotal,1000\nPage 7,,,,,,,,,,,,,,,9\n")
    return messy


def measure(way: str, path: Path) -> tuple[float, float, int]:
    """Least seconds of some runs, each in a process of its own, the GiB then, and the rows."""
    runs = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", CHILD, way, str(path)],
                capture_output=True, text=True, check=True,
            ).stdout
        )
        for _ in range(REPEATS)
    ]  # fmt: skip
    return tuple(min(runs))


def compare(what: str, path: Path, peer: str) -> dict[str, str | float]:
    ours, theirs = measure("ours", path), measure(peer, path)
    return {
        "file": what, "rows": ours[2], "MB": round(path.stat().st_size / 1e6),
        "seconds": round(ours[0], 2), f"seconds of {peer}": round(theirs[0], 2),
        "ratio": round(ours[0] / theirs[0], 2),
        "peak GiB": round(ours[1], 2), f"peak GiB of {peer}": round(theirs[1], 2),
    }  # fmt: skip


def slope_of(rows: list[dict[str, str | float]]) -> float:
    """Slope of log seconds by log rows; 1 where twice the rows take twice as long."""
    if len(rows) < 2:
        return np.nan
    sizes, seconds = (np.log([float(row[of]) for row in rows]) for of in ("rows", "seconds"))
    return float(np.polyfit(sizes, seconds, 1)[0])


def as_table(rows: list[dict[str, str | float]]) -> str:
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([*row.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def make_workbook(folder: Path) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    export = make_export(WORKBOOK)
    for column in ("Date of Birth", "Received", "Created", "Evaluated"):
        export[column] = pd.to_datetime(export[column], format="%m/%d/%Y")
    sheet.append(list(export.columns))
    for row in export.itertuples(index=False):
        sheet.append(list(row))
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only the smallest file")
    parser.add_argument("--write", type=Path, help="page whose section on reading is written anew")
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES[:1] if given.small else SIZES:
            path = Path(folder) / "a.csv"
            make_export(size).to_csv(path, index=False)
            rows.append(compare("regular", path, "pandas"))
            print(rows[-1], flush=True)
            if size == MILLION:
                messy = make_messy(path)
                ours = measure("ours", messy)
                print(f"messy: {ours[0] / rows[-1]['seconds of pandas']:.2f}", flush=True)
                rows.append({**rows[-1], "file": "with titles, blank lines, totals",
                             "rows": ours[2], "seconds": round(ours[0], 2),
                             "ratio": round(ours[0] / rows[-1]["seconds of pandas"], 2),
                             "peak GiB": round(ours[1], 2)})  # fmt: skip
        book = compare("workbook", make_workbook(Path(folder)), "openpyxl")
    regular = [row for row in rows if row["file"] == "regular"]
    slope = slope_of(regular)
    text = (
        f"{as_table(rows)}\n\nSlope of log seconds by log rows: {slope:.2f}. Least of {REPEATS} "
        "runs, each in a process of its own; 14 columns, every cell text on both sides. pandas "
        "cannot read the file with titles, blank lines and totals: its numbers are those of the "
        "regular one.\n\n"
        f"{as_table([book])}"
    )
    print(text)
    if given.write:
        write_section(given.write, "Reading", text)


if __name__ == "__main__":
    main()
