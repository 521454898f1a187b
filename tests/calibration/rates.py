"""Shares with their Monte Carlo intervals, and tables as they stand in docs/method.md."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from partner_analysis.attribution.effect import Effect
from partner_analysis.tables import DAYS_PER_MONTH

CHANGES = ("more", "fewer")


def answer(effect: Effect, truth: float) -> dict[str, object]:
    """What one estimate said, beside the truth."""
    total = effect.total
    return {
        "truth": truth,
        "estimate": total.estimate,
        "low": total.low,
        "high": total.high,
        "expected": effect.expected,
        "months": max(effect.active_days, 1.0) / DAYS_PER_MONTH,
        "verdict": effect.verdict,
        "own": total.is_number and not effect.bundle,
    }


def told(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs that ended with a number of the partnership's own, none for a bundle."""
    return runs[runs["own"].fillna(False).astype(bool)]


def accuracy(runs: pd.DataFrame) -> dict[str, object]:
    """Coverage, findings, error and width of some runs, the share without a number beside them."""
    numbers = told(runs)
    error = (numbers["estimate"] - numbers["truth"]) / numbers["months"]
    covered = (numbers["low"] <= numbers["truth"]) & (numbers["truth"] <= numbers["high"])
    return {
        "runs": len(runs),
        "no_number": 1 - len(numbers) / max(len(runs), 1),
        **share("coverage", covered),
        **share("found", numbers["verdict"].isin(CHANGES)),
        **share("more", numbers["verdict"] == "more"),
        **share("fewer", numbers["verdict"] == "fewer"),
        "error_rms": float(np.sqrt((error**2).mean())),
        "bias": float(error.mean()),
        "width": float(((numbers["high"] - numbers["low"]) / numbers["months"]).median()),
        "expected": float((numbers["expected"] / numbers["months"]).median()),
    }


def share(name: str, hits: pd.Series) -> dict[str, float]:
    """A share with the ends of its 95% Clopper-Pearson interval, in three columns."""
    if hits.empty:
        return {name: np.nan, f"{name}_low": 0.0, f"{name}_high": 1.0}
    low, high = binomtest(int(hits.sum()), len(hits)).proportion_ci()
    return {name: float(hits.mean()), f"{name}_low": float(low), f"{name}_high": float(high)}


def in_words(table: pd.DataFrame, name: str) -> pd.Series:
    """A share and its interval, as in "98.3% (96.2% to 99.5%)"; a dash where nothing was asked."""
    ends = table[[name, f"{name}_low", f"{name}_high"]].itertuples(index=False, name=None)
    words = [f"{a:.1%} ({b:.1%} to {c:.1%})" if a == a else "-" for a, b, c in ends]
    return pd.Series(words, index=table.index, dtype="str")


def planted(table: pd.DataFrame) -> pd.Series:
    """The size of the effect that was planted, as in "+25%"."""
    return table["effect"].map("{:+.0%}".format)


def percent(values: pd.Series) -> pd.Series:
    """Shares to a tenth of a percent; a dash where nothing was asked."""
    return values.map(lambda value: f"{value:.1%}" if value == value else "-")


def as_markdown(table: pd.DataFrame) -> str:
    """The table as it stands in docs/method.md."""
    rows = [
        list(table.columns),
        ["---"] * len(table.columns),
        *table.astype(str).to_numpy().tolist(),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def write_section(page: Path, name: str, text: str) -> None:
    """Put a text between the markers of a calibration, in place of what stood there."""
    begin, end = f"<!-- calibration:{name} -->", "<!-- /calibration -->"
    between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    before = page.read_text(encoding="utf-8")
    if not between.search(before):
        raise ValueError(f"{page}: put {begin} and {end} where the table is to stand.")
    after = between.sub(lambda _: f"{begin}\n{text}\n{end}", before)
    page.write_text(after, encoding="utf-8")
