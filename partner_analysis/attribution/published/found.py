"""What the library says on published data: one function per study, each by the parts in use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.cells import Floats
from partner_analysis.attribution.checks.honest import honest_bounds
from partner_analysis.attribution.checks.sensitivity import e_value
from partner_analysis.attribution.designs.blocks import (
    arrange_blocks,
    arrange_outcomes,
    check_outcomes,
)
from partner_analysis.attribution.designs.compare import compare_methods
from partner_analysis.attribution.designs.segmented import Step, segmented_poisson
from partner_analysis.attribution.designs.spread import placebo_spread
from partner_analysis.attribution.designs.synthetic import synthetic_did
from partner_analysis.attribution.designs.twoway import impute
from partner_analysis.attribution.estimate import estimate_effect
from partner_analysis.attribution.panel import arrange_panel
from partner_analysis.tables import Interval, check_partnerships

Found = dict[str, float]
SMOOTH: Final = (0.0, 0.01, 0.02, 0.03, 0.1, 0.2)
RELATIVE: Final = (0.5, 1.0, 1.5)
DESIGNS: Final = {
    "synthetic_did": "synthetic difference in differences",
    "did": "difference in differences",
    "synthetic_control": "synthetic control",
}
FIRST_YEAR: Final = np.array([1.0, 0, 0, 0])
BEFORE: Final = (0.006696351804, 0.02934503369, -0.006472972222, 0.0730149895)
AFTER: Final = (0.1959611177, 0.3120639026, 0.2395415455, 0.1260425001)
EVENT_STUDY: Final = np.array([*BEFORE, *AFTER])
"""Benzarti and Carloni's restaurants: four years before the reform (log profits), four after."""
_TRIANGLE: Final = (
    (8.428358124e-4,),
    (4.768686777e-4, 6.425420288e-4),
    (2.618051076e-4, 3.987425007e-4, 5.229949602e-4),
    (2.354220342e-4, 2.435515198e-4, 2.11768609e-4, 3.089595411e-4),
    (1.676371467e-4, 2.201960306e-4, 1.840722252e-4, 1.197866077e-4, 3.59970436e-4),
    (1.128707663e-4, 1.804591157e-4, 1.45852784e-4, 1.334081317e-4, 2.478818642e-4,
     4.263949813e-4),
    (1.992816215e-5, 3.84376508e-5, 7.005197403e-5, 1.016335009e-4, 1.749579242e-4,
     2.171437809e-4, 4.886697861e-4),
    (-1.368265366e-4, -2.960421989e-5, 5.952994979e-5, 1.079051726e-4, 1.654256921e-4,
     2.892747871e-4, 3.805322049e-4, 7.61739444e-4),
)  # fmt: skip


def event_study_covariance() -> Floats:
    """Covariance of ``EVENT_STUDY``: (8, 8)."""
    lower = np.zeros((8, 8))
    lower[np.tril_indices(8)] = np.concatenate(_TRIANGLE)
    return lower + np.tril(lower, -1).T


def ends(name: str, interval: Interval) -> Found:
    """An estimate and the two ends of its interval as three named numbers."""
    return {
        name: interval.estimate,
        f"{name}, low end": interval.low,
        f"{name}, high end": interval.high,
    }


def step_at_the_ban(months: pd.DataFrame, *, harmonics: int) -> Step:
    """The step at Sicily's smoking ban in the log rate of events, given trend and season."""
    return segmented_poisson(
        months["outcome"].to_numpy(dtype=float),
        exposure=months["exposure"].to_numpy(),
        years=months["t"].to_numpy() / 12,
        active=months["treated"].to_numpy() == 1,
        harmonics=harmonics,
    )


def smoking_ban(months: pd.DataFrame) -> Found:
    """Ratio of events with the ban to without, from a Poisson model with a trend."""
    return ends("rate ratio", step_at_the_ban(months, harmonics=0).ratio())


def smoking_ban_seasonal(months: pd.DataFrame) -> Found:
    """The same with a season, and its interval as wide as the data scatter."""
    step = step_at_the_ban(months, harmonics=2)
    return {**ends("rate ratio", step.ratio(scale=step.dispersion)), "dispersion": step.dispersion}


def _first_of_year(years: pd.Series) -> pd.Series:
    return pd.to_datetime(years.astype(int).astype(str) + "-01-01")


def county_counts(counties: pd.DataFrame, *, outcome: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counties as clinics, and the partnership "wage" that began in each with its minimum wage.

    ``outcome`` is "emp" (teenagers employed) or "outcome" (the logarithm of that).
    """
    counts = pd.DataFrame(
        {
            "period": _first_of_year(counties["time"]),
            "clinic": counties["unit"].astype(str),
            "new_patients": counties[outcome],
            "open_days": 1.0,
        }
    )
    first = counties.drop_duplicates("unit").query("start > 0")
    wage = pd.DataFrame(
        {
            "partnership_id": "wage",
            "start_date": _first_of_year(first["start"]),
            "clinics": [(str(county),) for county in first["unit"]],
        }
    )
    return counts, wage


def minimum_wage_in_percent(counties: pd.DataFrame) -> Found:
    """Effect per county and year by the comparison fit alone: all, and by years since the start."""
    counts, wage = county_counts(counties, outcome="emp")
    panel = arrange_panel(check_outcomes(counts), check_partnerships(wage))
    touch = panel.touches["wage"]
    level, pattern, _ = panel.patterns(touch.cells, np.zeros(len(panel.cells.persona), dtype=bool))
    observed, expected = panel.cells.observed[touch.cells], level[:, None] * pattern
    since = np.where(touch.active, touch.active.cumsum(axis=1) - 1, -1)
    effect = observed - expected
    found = {
        "average effect": float(effect[touch.active].mean()),
        "ratio": float(observed[touch.active].sum() / expected[touch.active].sum()),
    }
    return found | {
        f"effect, year {year} since the start": float(effect[since == year].mean())
        for year in range(4)
    }


def minimum_wage_in_levels(counties: pd.DataFrame) -> Found:
    """Effect on the logarithm of employment by difference-in-differences."""
    row = compare_methods(*county_counts(counties, outcome="outcome"), "wage", ["did"]).iloc[0]
    return {"average effect": float(row["mean_effect"])}


def minimum_wage_by_group(counties: pd.DataFrame) -> Found:
    """The same from every start year and year apart, each against counties that never began."""
    logs = counties.pivot_table(index="unit", columns="time", values="outcome")
    first = counties.groupby("unit")["start"].first().to_numpy()
    rows = [
        (year - start, int((first == start).sum()), _gain(logs, first, start, year))
        for start in np.unique(first[first > 0])
        for year in logs.columns[logs.columns >= start]
    ]
    gains = pd.DataFrame(rows, columns=["since", "counties", "gain"])
    weighed = gains["gain"] * gains["counties"]
    by_year = weighed.groupby(gains["since"]).sum() / gains.groupby("since")["counties"].sum()
    return {
        "simple average": float(weighed.sum() / gains["counties"].sum()),
        "average over years since the start": float(by_year.mean()),
    }


def _gain(logs: pd.DataFrame, first: Floats, start: float, year: int) -> float:
    """What counties of one start gained by one year on the last before it, over the others."""
    chosen = (first == start) | (first == 0)
    observed = logs.loc[chosen, [int(start) - 1, year]].to_numpy()
    known = np.ones(observed.shape, dtype=bool)
    known[first[chosen] == start, 1] = False
    return float((observed - impute(observed, known))[~known].mean())


def state_counts(states: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """States as clinics, and the partnership "law" in California from 1989."""
    counts = pd.DataFrame(
        {
            "period": _first_of_year(states["time"]),
            "clinic": states["unit"],
            "new_patients": states["outcome"],
        }
    )
    law = {"partnership_id": "law", "start_date": "1989-01-01", "clinics": ["California"]}
    return counts, pd.DataFrame([law])


def proposition_99(states: pd.DataFrame) -> Found:
    """Packs a head that the law changed, by three designs, and the error from 38 placebos."""
    counts, law = state_counts(states)
    effects = compare_methods(counts, law, "law", list(DESIGNS))["mean_effect"]
    panel = arrange_panel(check_outcomes(counts), check_partnerships(law))
    blocks = arrange_blocks(arrange_outcomes(panel, "law"), fewest_before=2)
    error = placebo_spread(blocks, [synthetic_did(block) for block in blocks], synthetic_did)
    return {
        **dict(zip(DESIGNS.values(), effects.astype(float), strict=True)),
        "standard error, every state a placebo": error,
        "standard error, placebos drawn at random": error,
    }


def e_values(_: pd.DataFrame) -> Found:
    """E-values of three published ratios."""
    lungs, breast = e_value(Interval(10.73, 8.02, 14.36)), e_value(Interval(3.9, 1.8, 8.7))
    return {
        "smoking and lung cancer": lungs[0],
        "smoking and lung cancer, near limit": lungs[1],
        "breastfeeding and respiratory death": breast[0],
        "breastfeeding and respiratory death, near limit": breast[1],
        "breastfeeding and leukemia": e_value(Interval(0.80, 0.71, 0.91))[0],
    }


def partings(_: pd.DataFrame) -> Found:
    """Intervals of the first year's effect where trends may part by so much."""
    covariance = event_study_covariance()
    relative = honest_bounds(
        EVENT_STUDY, covariance, 4, weights=FIRST_YEAR, bounds=[0.0, *RELATIVE]
    )
    smooth = honest_bounds(
        EVENT_STUDY, covariance, 4, weights=FIRST_YEAR, kind="smooth", bounds=SMOOTH
    )
    names = ["no parting", *map(relative_name, RELATIVE), *map(smooth_name, SMOOTH)]
    return _limits(names, pd.concat([relative, smooth]))


def belt_counts(months: pd.DataFrame, *, seat: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Casualties in one seat and in the rear as personas, and the partnership "law" of 1983.

    ``months`` has one row per month from January 1969. The law does not reach the rear seats.
    """
    seats = months[[seat, "rear"]].set_axis(
        pd.date_range("1969-01-01", periods=len(months), freq="MS", name="period")
    )
    counts = seats.melt(var_name="persona", value_name="new_patients", ignore_index=False)
    law = {"partnership_id": "law", "start_date": "1983-02-01", "personas": (seat,)}
    law |= {"clinics": (), "negative_control": "rear"}
    return counts.reset_index().assign(clinic="Great Britain"), pd.DataFrame([law])


def seat_belts(months: pd.DataFrame) -> Found:
    """Percent fewer casualties in either seat that the law reaches, compared with the rear."""
    found: Found = {}
    for seat in ("drivers", "front"):
        counts, law = belt_counts(months, seat=seat)
        effect = estimate_effect(counts, law, "law", holidays="", checks=False)
        found[f"{seat} saved, percent"] = -effect.percent.estimate
    return found


def relative_name(bound: float) -> str:
    """Name of the interval at a multiple of the largest change before the start."""
    return f"parting up to {bound:g} times as before"


def smooth_name(bound: float) -> str:
    """Name of the interval at a change of growth."""
    return f"growth parting by up to {bound:g}"


def _limits(names: Iterable[str], bounds: pd.DataFrame) -> Found:
    found: Found = {}
    for name, row in zip(names, bounds.itertuples(), strict=True):
        found |= {f"{name}, low end": float(row.low), f"{name}, high end": float(row.high)}
    return found
