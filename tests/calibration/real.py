"""Real weekly counts of eight emergency departments, where no partnership ever was.

Invented starts find an effect only by error. Planted, an effect of +25% is known: of those who
came, each came twice with that chance.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from rates import accuracy, answer, as_markdown, in_words, percent, planted, share
from worlds import SIZE_OF_EFFECT

from partner_analysis.attribution.estimate import estimate_effect

NAME = "counts/scotland_small_ed_weekly.csv.gz"
PLACES = (os.environ.get("PARTNER_ANALYSIS_DATA", ""), "../shared/data")
STARTS_PER_UNIT = 40
WITHOUT_FINDING = ("data not fit", "too early", "too small to tell")


def find_counts() -> Path | None:
    """Where the third-party counts lie; None where they do not."""
    root = Path(__file__).parents[2]
    places = [root / place / NAME for place in PLACES if place]
    return next((path for path in places if path.exists()), None)


@lru_cache(maxsize=1)
def attendances(path: Path) -> pd.DataFrame:
    """One row per department and week, Monday to Sunday."""
    table = pd.read_csv(path)
    period = pd.to_datetime(table["time"]) - pd.Timedelta(days=6)
    return pd.DataFrame({"period": period, "clinic": table["unit"], "new_patients": table["count"]})


def tasks(replications: int, path: Path | None = None) -> list[dict[str, object]]:
    """All runs: invented Mondays with a year before and half a year after, both methods."""
    path = path or find_counts()
    if path is None:
        return []
    rng = np.random.default_rng(20261122)
    found = []
    for clinic, weeks in attendances(path).groupby("clinic")["period"]:
        eligible = rng.permutation(weeks.sort_values().iloc[52:-26].to_numpy())
        found += [(str(clinic), str(pd.Timestamp(day).date())) for day in eligible[:replications]]
    per_unit = min(replications, STARTS_PER_UNIT)
    by_unit = pd.DataFrame(found, columns=["clinic", "start"]).groupby("clinic").head(per_unit)
    return [
        {"method": method, "weeks": weeks, "effect": effect, **row, "path": str(path)}
        for row in by_unit.to_dict("records")
        for method in ("panel", "series")
        for weeks in (26, 52)
        for effect in (0.0, SIZE_OF_EFFECT)
    ]


def one(
    *, method: str, weeks: int, effect: float, clinic: str, start: str, path: str
) -> dict[str, object]:
    """One invented start: what was true and what was said some weeks later."""
    begins = pd.Timestamp(start)
    counts = attendances(Path(path))
    counts = counts[counts["period"] < begins + pd.Timedelta(weeks=weeks)].copy()
    reached = (counts["clinic"] == clinic) & (counts["period"] >= begins)
    came = counts.loc[reached, "new_patients"]
    rng = np.random.default_rng([begins.toordinal(), *clinic.encode()])
    counts.loc[reached, "new_patients"] = came + rng.binomial(came, effect)
    gym = {"partnership_id": "none", "clinics": (clinic,), "start_date": begins}
    found = estimate_effect(counts, pd.DataFrame([gym]), "none", method=method, checks=False)
    return answer(found, effect * float(came.sum()))


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per method, weeks after the start and size of effect."""
    grouped = runs.groupby(["method", "weeks", "effect"], sort=False)
    return pd.DataFrame(
        [
            {"method": method, "weeks": weeks, "effect": size}
            | accuracy(of)
            | share("abstained", of["verdict"].isna() | of["verdict"].isin(WITHOUT_FINDING))
            for (method, weeks, size), of in grouped
        ]
    )


def shown(table: pd.DataFrame) -> str:
    """What stands in docs/method.md."""
    columns = {
        "expectation from": table["method"].map(
            {"panel": "the other units (panel)", "series": "its own past (series)"}
        ),
        "weeks after": table["weeks"],
        "effect": planted(table),
        "starts": table["runs"],
        "no number": percent(table["no_number"]),
        "abstained": in_words(table, "abstained"),
        "interval holds the truth": in_words(table, "coverage"),
        "called more or fewer": in_words(table, "found"),
        "width, median": table["width"].map("{:.1f}".format),
        "expected a month": table["expected"].map("{:.1f}".format),
    }
    return as_markdown(pd.DataFrame(columns))
