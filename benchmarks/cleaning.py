"""Seconds and memory of cleaning a chain's export, beside ``pandas.read_csv(path, dtype=str)``."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from matching import make_register, make_texts
from reading import make_export
from tables import write_section

MILLION = 1_000_000
SIZES = (MILLION // 2, MILLION, 5 * MILLION // 2, 5 * MILLION)
TEXTS = 20_000
SETTINGS = """
[practice]
slug = "chain"
name = "Chain PT"
[[exports]]
profile = "episode-list"
files = "export.csv"
date_format = "%m/%d/%Y"
[exports.columns]
received = "Received"
created = "Created"
evaluated = "Evaluated"
discharged = "Discharged"
status = "IE Status"
source_type = "Type"
source = "Contact"
payer = "Payer"
[tables]
partnerships = "partnerships.csv"
aliases = "aliases.csv"
[[personas]]
name = "runner"
diagnosis_prefix = ["M76", "S86"]
[[personas]]
name = "older adult"
min_age = 65
"""
CHILD = """
import json, sys, time
from pathlib import Path
import pandas as pd
from partner_analysis.cleaning.episodes.clean import clean_episodes
from partner_analysis.cleaning.exports.reading import read_exports
from partner_analysis.cleaning.register.register import read_register
from partner_analysis.practice import load_practice
def clean(folder):
    practice = load_practice(folder)
    cleaned = clean_episodes(read_exports(practice), practice, read_register(practice))
    account = cleaned.row_account.iloc[0]
    parts = ["used", "rejected", "totals_and_headers", "superseded"]
    assert account["raw_rows"] == account[parts].sum()
    return int(account["raw_rows"])
ways = {"ours": clean, "pandas": lambda folder: len(pd.read_csv(folder / "export.csv", dtype=str))}
begun = time.perf_counter()
rows = ways[sys.argv[1]](Path(sys.argv[2]))
seconds = time.perf_counter() - begun
status = Path("/proc/self/status").read_text()  # ru_maxrss would know the parent's too
print(json.dumps([seconds, int(status.split("VmHWM:")[1].split()[0]) / 2**20, rows]))
"""


def write_chain(folder: Path, rows: int) -> None:
    """A made-up chain: 1,000 clinics, five years, 20,000 source texts, 500 partners."""
    register = make_register()
    texts = np.array(make_texts(register, size=TEXTS))
    table = make_export(rows)
    number = table["Contact"].str.rsplit(" ", n=1).str[-1].astype("int64")
    table["Contact"] = texts[number.to_numpy() % TEXTS]
    table.to_csv(folder / "export.csv", index=False)
    partners = register[["partnership_id", "name", "kind"]].assign(start_date="2022-01-03")
    partners.to_csv(folder / "partnerships.csv", index=False)
    aliases = register[["partnership_id", "aliases"]].explode("aliases")
    aliases = aliases.rename(columns={"aliases": "alias"}).drop_duplicates("alias")
    aliases.to_csv(folder / "aliases.csv", index=False)
    (folder / "practice.toml").write_text(SETTINGS)


def measure(way: str, folder: Path) -> tuple[float, float, int]:
    """Seconds, peak GiB and rows of one way, in a process of its own."""
    command = [sys.executable, "-c", CHILD, way, str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, peak, rows = json.loads(run.stdout)
    return seconds, peak, rows


def compare(sizes: tuple[int, ...]) -> str:
    """The table of all sizes, with the slope of log seconds on log rows."""
    lines = [
        "| rows | seconds | seconds of read_csv | ratio | peak GiB |",
        "|---:|---:|---:|---:|---:|",
    ]
    took = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_chain(Path(folder), size)
            yardstick, _, _ = measure("pandas", Path(folder))
            seconds, peak, rows = measure("ours", Path(folder))
        took.append(seconds)
        ratio = seconds / yardstick
        line = f"| {rows:,} | {seconds:.1f} | {yardstick:.1f} | {ratio:.1f} | {peak:.1f} |"
        print(line, flush=True)
        lines.append(line)
    if len(sizes) > 1:
        slope = np.polyfit(np.log(sizes), np.log(took), 1)[0]
        lines += ["", f"Slope of log seconds on log rows: {slope:.2f}."]
    return "\n".join(lines)


def main() -> None:
    """Print the table, or write it into a section of a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="file with a section `cleaning`")
    parser.add_argument("--rows", type=int, nargs="*", default=SIZES)
    given = parser.parse_args()
    table = compare(tuple(given.rows))
    if given.write:
        write_section(given.write, "cleaning", table)
    else:
        print(table)


if __name__ == "__main__":
    main()
