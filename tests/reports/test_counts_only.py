"""A practice that has nothing but counts gets its report like any other."""

import csv
from pathlib import Path

import numpy as np

from partner_analysis.cli import main

SETTINGS = """
[practice]
slug = "counts"
name = "Counts Only"
period = "month"

[[exports]]
kind = "counts"
files = "counts.csv"

[exports.columns]
unit = "clinic"
date = "month"
count = "new"

[tables]
partnerships = "partnerships.csv"
"""
REGISTER = "partnership_id,name,kind,start_date,clinics\ngym,Iron Gym,gym,2025-02-01,North\n"


def write_counts_only(folder: Path) -> Path:
    """A made-up practice of three clinics and thirty months."""
    rng = np.random.default_rng(20261126)
    months = [f"{2023 + month // 12}-{month % 12 + 1:02d}-01" for month in range(30)]
    rows = [(clinic, month, rng.poisson(60)) for clinic in ("North", "South", "East")
            for month in months]  # fmt: skip
    with (folder / "counts.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("clinic", "month", "new"), *rows])
    (folder / "partnerships.csv").write_text(REGISTER, encoding="utf-8")
    (folder / "practice.toml").write_text(SETTINGS, encoding="utf-8")
    return folder / "practice.toml"


def test_practice_with_counts_only_is_reported(tmp_path: Path) -> None:
    assert main(["run", str(write_counts_only(tmp_path))]) == 0
    pages = tmp_path / "reports" / "counts" / "latest"
    made = {path.stem for path in pages.glob("*.html")}
    assert made == {"index", "gym", "portfolio", "where-next", "data-quality"}
    quality = (pages / "data-quality.html").read_text(encoding="utf-8")
    assert "New patients are counted by the practice itself." in quality
    assert "source text is understood" not in quality  # nobody wrote any
    assert "had been there before" not in quality  # nobody can see that
