"""From single runs to the tables: errors against the limit, intervals, findings, time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from methods import METHODS

BOOTSTRAPS = 2000
ENOUGH_OF_OURS = 0.5
LIMIT = "limit_siblings"
LIMITS = ("limit", "limit_siblings", "limit_learning")
APART = (*LIMITS, "ours", "named")


def compare_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per regime and method, in the order they were run."""
    rows = []
    for regime, of_regime in runs.groupby("regime", sort=False):
        by_method = dict(list(of_regime.groupby("method", sort=False)))
        for method, mine in by_method.items():
            rows.append(
                {"regime": regime, "method": METHODS[method].label}
                | _accuracy(mine)
                | {"x limit": _ratio(mine, by_method.get(LIMIT))}
                | {"ours / it": _ratio(by_method.get("ours"), mine) if method != "ours" else "1"}
                | _intervals(mine)
            )
    return pd.DataFrame(rows)


def _error(runs: pd.DataFrame) -> pd.Series:
    return (runs["estimate"] - runs["truth"]) / runs["months"]


def _rms(error: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(error))))


def _accuracy(runs: pd.DataFrame) -> dict[str, object]:
    told = runs[runs["estimate"].notna()]
    if told.empty:
        return {"runs": len(runs), "no number": 1.0, "rmse +0%": np.nan, "rmse +25%": np.nan}
    by_effect = {effect: of_effect for effect, of_effect in told.groupby("effect")}
    return {
        "runs": len(runs),
        "no number": runs["estimate"].isna().mean(),
        "rmse +0%": _rms(_error(by_effect[0.0])) if 0.0 in by_effect else np.nan,
        "rmse +25%": _rms(_error(by_effect[0.25])) if 0.25 in by_effect else np.nan,
    }


def _paired_squares(above: pd.DataFrame, below: pd.DataFrame) -> pd.DataFrame:
    """Squared errors of two methods by practice, where both give a number."""
    keys = ["effect", "seed"]
    both = above[[*keys, "estimate", "truth", "months"]].merge(
        below[[*keys, "estimate", "truth"]], on=keys, suffixes=("", "_below")
    )
    both = both.dropna(subset=["estimate", "estimate_below"])
    if not np.allclose(both["truth"], both["truth_below"]):
        raise ValueError("the two methods did not see the same practices: run them again")
    errors = both[["estimate", "estimate_below"]].sub(both["truth"], axis=0)
    return errors.div(both["months"], axis=0).pow(2).assign(seed=both["seed"])


def _ratio(above: pd.DataFrame | None, below: pd.DataFrame | None) -> str:
    """Ratio of root-mean-square errors on the same practices, paired bootstrap interval."""
    if above is None or below is None:
        return ""
    squares = _paired_squares(above, below)
    if len(squares) < 2:
        return ""
    # a practice with and without effect shares its draws: resample practices, not runs
    of_seed = squares.groupby("seed").sum().to_numpy()
    rng = np.random.default_rng(1)
    drawn = of_seed[rng.integers(0, len(of_seed), (BOOTSTRAPS, len(of_seed)))].sum(axis=1)
    low, high = np.quantile(np.sqrt(drawn[:, 0] / drawn[:, 1]), [0.025, 0.975])
    ratio = np.sqrt(np.divide(*of_seed.sum(axis=0)))
    return f"{ratio:.2f} ({low:.2f} to {high:.2f})"


def _covered(told: pd.DataFrame) -> pd.Series:
    return (told["low"] <= told["truth"]) & (told["truth"] <= told["high"])


def _intervals(runs: pd.DataFrame) -> dict[str, object]:
    told = runs[runs["low"].notna()]
    if told.empty:
        return {"seconds": runs["seconds"].median()}
    covered = _covered(told)
    found = (told["low"] > 0) | (told["high"] < 0)
    none = told["effect"] == 0
    width = (told["high"] - told["low"]) / told["months"]
    return {
        "coverage +0%": covered[none].mean(),
        "coverage +25%": covered[~none].mean(),
        "false findings": found[none].mean(),
        "power": (told["low"] > 0)[~none].mean(),
        "width": width.median(),
        "seconds": runs["seconds"].median(),
    }


FORMATS = {
    "no number": "{:.0%}",
    "rmse +0%": "{:.2f}",
    "rmse +25%": "{:.2f}",
    "coverage +0%": "{:.1%}",
    "coverage +25%": "{:.1%}",
    "false findings": "{:.1%}",
    "power": "{:.0%}",
    "width": "{:.1f}",
    "seconds": "{:.3f}",
}


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per regime: the limits, ours, and the peer with the smallest error.

    A peer competes where it gives a number in at least half of the practices, and was tried on at
    least half as many as ours: on ten practices one is the best by luck. Which one is the best is
    read off the same runs, to its favour.
    """
    rows = []
    for regime, of_regime in runs.groupby("regime", sort=False):
        by_method = dict(list(of_regime.groupby("method", sort=False)))
        peers = {
            name: _against(mine, by_method.get(LIMIT))
            for name, mine in by_method.items()
            if name not in APART
            and mine["estimate"].notna().mean() >= 0.5
            and len(mine) >= ENOUGH_OF_OURS * len(by_method.get("ours", mine))
        }
        best = min(peers, key=peers.__getitem__, default=None)
        ours = by_method.get("ours")
        rows.append(
            {"regime": regime}
            | {METHODS[name].label: _told_rms(by_method.get(name)) for name in LIMITS}
            | {"ours (coverage)": _with_coverage(ours)}
            | {"ours / limit": _ratio(ours, by_method.get(LIMIT))}
            | {"ours / learning limit": _ratio(ours, by_method.get("limit_learning"))}
            | {"best peer": METHODS[best].label if best else "-"}
            | {"its error (coverage)": _with_coverage(by_method.get(best))}
            | {"ours / best peer": _ratio(ours, by_method.get(best))}
        )
    return pd.DataFrame(rows)


def _against(runs: pd.DataFrame, limit: pd.DataFrame | None) -> float:
    """Error as a multiple of the limit's on the same practices."""
    own, least = _paired_squares(runs, runs if limit is None else limit).iloc[:, :2].sum()
    return float(own / least) if limit is not None else float(own)


def _told_rms(runs: pd.DataFrame | None) -> str:
    return "-" if runs is None else f"{_rms(_error(runs.dropna(subset='estimate'))):.2f}"


def _with_coverage(runs: pd.DataFrame | None) -> str:
    if runs is None:
        return "-"
    return f"{_told_rms(runs)} ({_covered(runs.dropna(subset='low')).mean():.2f})"


def as_markdown(compared: pd.DataFrame, summary: pd.DataFrame) -> str:
    """The summary, then one table per regime."""
    parts = [_rows(summary)]
    for regime, rows in compared.groupby("regime", sort=False):
        shown = rows.drop(columns="regime").astype(object)
        for column, form in FORMATS.items():
            if column in shown:
                shown[column] = [
                    form.format(value) if pd.notna(value) else "-" for value in rows[column]
                ]
        parts.append(f"### {regime}\n\n{_rows(shown)}")
    return "\n\n".join(parts)


def _rows(table: pd.DataFrame) -> str:
    lines = [list(table.columns), ["---"] * table.shape[1], *table.to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def write_section(path: Path, heading: str, text: str) -> None:
    """Put the text under its heading, in place of what stood there until the next one."""
    before, found, rest = path.read_text().partition(f"## {heading}\n")
    if not found:
        raise ValueError(f"{path} has no section '## {heading}'")
    _, next_heading, after = rest.partition("\n## ")
    path.write_text(f"{before}{found}\n{text.strip()}\n{next_heading}{after}")
