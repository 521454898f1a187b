"""Seconds and memory of cleaning a chain's export, beside ``pandas.read_csv(path, dtype=str)``.

The memory is that of all processes together, the cores are those of this machine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from chain import write_visits
from matching import make_register, make_texts
from reading import make_export
from tables import write_section

MILLION = 1_000_000
SIZES = (MILLION, 5 * MILLION)
LARGE = (MILLION, 5 * MILLION, 20 * MILLION)
TEXTS = 20_000
LOOK = 0.2  # seconds between two looks at the memory of all processes
SETTINGS = """
[practice]
slug = "chain"
name = "Chain PT"
[[exports]]
profile = "episode-list"
files = "export*.csv"
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
import json, resource, sys, time
from pathlib import Path
import pandas as pd
from partner_analysis.cleaning.episodes.clean import clean_episodes
from partner_analysis.cleaning.exports.reading import read_exports
from partner_analysis.cleaning.register.register import read_register
from partner_analysis.practice import load_practice
from partner_analysis.reporting.notebooks.hands import by_processes
def clean(folder):
    practice = load_practice(folder)
    exports = read_exports(practice, run_all=by_processes)
    cleaned = clean_episodes(exports, practice, read_register(practice), run_all=by_processes)
    account = cleaned.row_account.sum(numeric_only=True)
    parts = ["used", "rejected", "totals_and_headers", "superseded"]
    assert account["raw_rows"] == account[parts].sum()
    return int(account["raw_rows"]), len(cleaned.episodes)
def read(folder):
    files = sorted(path for name in ("export*.csv", "visits-*.csv") for path in folder.glob(name))
    tables = [pd.read_csv(path, dtype=str) for path in files]
    return sum(map(len, tables)), 0
begun = time.perf_counter()
rows, episodes = {"ours": clean, "pandas": read}[sys.argv[1]](Path(sys.argv[2]))
seconds = time.perf_counter() - begun
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
processor = sum(each.ru_utime + each.ru_stime for each in used)
print(json.dumps([seconds, processor, rows, episodes]))
"""


def write_chain(folder: Path, rows: int, *, visits: bool = False) -> None:
    """A made-up chain: 1,000 clinics, five years, 20,000 source texts, 500 partners.

    A list of visits in a file a month; else one row per case in files of a million, which is the
    most that a row can ask for, since hardly two are of one case.
    """
    register = make_register()
    texts = np.array(make_texts(register, size=TEXTS))
    if visits:
        write_visits(folder, rows, texts)
    else:
        _write_cases(folder, rows, texts)
    partners = register[["partnership_id", "name", "kind"]].assign(start_date="2022-01-03")
    partners.to_csv(folder / "partnerships.csv", index=False)
    aliases = register[["partnership_id", "aliases"]].explode("aliases")
    aliases = aliases.rename(columns={"aliases": "alias"}).drop_duplicates("alias")
    aliases.to_csv(folder / "aliases.csv", index=False)


def _write_cases(folder: Path, rows: int, texts: np.ndarray) -> None:
    """One row per case; where there are several files the numbers of each go on from the last."""
    for number, first in enumerate(range(0, rows, MILLION), start=1):
        table = make_export(min(MILLION, rows - first))
        table[["Patient ID", "Case ID"]] += first
        text = table["Contact"].str.rsplit(" ", n=1).str[-1].astype("int64")
        table["Contact"] = texts[text.to_numpy() % TEXTS]
        table.to_csv(folder / f"export-{number}.csv", index=False)
    (folder / "practice.toml").write_text(SETTINGS)


def measure(way: str, folder: Path) -> tuple[float, float, float, int, int]:
    """Seconds, processor seconds, peak GiB, rows and episodes of one way, by itself."""
    command = [sys.executable, "-c", CHILD, way, str(folder)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = 0
    while child.poll() is None:
        peak = max(peak, _held(child.pid))
        time.sleep(LOOK)
    if child.returncode:
        raise SystemExit(child.returncode)
    seconds, processor, rows, episodes = json.loads(child.stdout.read())
    return seconds, processor, peak / 2**30, rows, episodes


def _held(pid: int) -> int:
    """Bytes that a process and all that it has started hold, each shared page once."""
    held = 0
    try:
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            held += each.memory_full_info().pss
    except psutil.Error:
        pass
    return held


def compare(sizes: tuple[int, ...], *, visits: bool) -> str:
    """The table of all sizes, with the slopes of log seconds and memory on log rows."""
    lines = [
        "| rows | episodes | seconds | processor seconds | peak GiB | read_csv: seconds "
        "| processor seconds | peak GiB | ratio of seconds |",
        "|" + "---:|" * 9,
    ]
    took = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_chain(Path(folder), size, visits=visits)
            theirs = measure("pandas", Path(folder))
            *ours, rows, episodes = measure("ours", Path(folder))
        took.append(ours)
        cells = [f"{rows:,}", f"{episodes:,}", *(f"{n:.1f}" for n in (*ours, *theirs[:3])),
                 f"{ours[0] / theirs[0]:.1f}"]  # fmt: skip
        print(f"| {' | '.join(cells)} |", flush=True)
        lines.append(f"| {' | '.join(cells)} |")
    if len(sizes) > 1:
        slopes = [np.polyfit(np.log(sizes), np.log(each), 1)[0] for each in zip(*took, strict=True)]
        lines += ["", "Slopes on log rows: seconds {:.2f}, processor seconds {:.2f}, peak {:.2f}."
                  .format(*slopes)]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Print the tables, or write them into sections of a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="file with sections `cleaning` and `visits`")
    parser.add_argument("--rows", type=int, nargs="*", help="default: 1 and 5 million")
    parser.add_argument("--large", action="store_true", help="20 million rows as well")
    parser.add_argument("--visits", action="store_true", help="only the list of visits")
    given = parser.parse_args()
    sizes = tuple(given.rows or (LARGE if given.large else SIZES))
    for section, visits in (("visits", True), ("cleaning", False)):
        if visits or not given.visits:
            table = compare(sizes, visits=visits)
            if given.write:
                write_section(given.write, section, table)
            print(table)


if __name__ == "__main__":
    main()
