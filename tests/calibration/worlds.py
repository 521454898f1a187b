"""Made-up practices with a known effect, drawn apart from the library, to calibrate it on.

Every world has what real practices have: clinics of different sizes, personas with seasons of
their own, shocks shared by all, by a clinic and by a cell that fade over weeks, clinics that drift
apart, and more noise than Poisson. Nothing here is shared with the estimators. The magnitudes are
set once, from the domain (20 to 120 new patients per clinic and month, swings of 10 to 20
percent), and are not to be tuned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

PERSONAS = ("runner", "pregnancy", "older adult", "work injury", "general")


@dataclass(frozen=True)
class World:
    """One kind of practice, and how its one judged partnership comes to it."""

    clinics: int
    personas: int = 5
    weeks: int = 156
    monthly: bool = False
    treated: int = 1
    all_personas: bool = False
    staggered: bool = False
    overlapping: bool = False
    patients_per_clinic_month: tuple[float, float] = (20.0, 120.0)
    drift_sd: float = 0.05
    own_drift: float = 0.0
    shock_weeks: int = 0
    opens_late: bool = False
    ends_after: int = 0
    effect: float = 0.0


WORLDS = {
    "one clinic, five personas": World(1),
    "one clinic, total only": World(1, personas=1),
    "one clinic, total only, monthly": World(1, personas=1, monthly=True, weeks=208),
    "eight clinics, one treated": World(8),
    "eight clinics, one treated, all personas": World(8, all_personas=True),
    "eight clinics, monthly": World(8, monthly=True),
    "twelve clinics, staggered": World(12, treated=3, staggered=True),
    "twelve clinics, overlapping": World(12, treated=3, overlapping=True),
    "one to three patients a cell-week": World(8, patients_per_clinic_month=(22.0, 65.0)),
    "already growing 15% a year faster": World(8, own_drift=0.14, all_personas=True),
    "ten-week shock at the clinic": World(8, shock_weeks=10),
    "clinic opens late": World(8, opens_late=True),
    "three clinics": World(3),
    "ends after twenty weeks": World(8, all_personas=True, ends_after=20),
}
SIZE_OF_EFFECT = 0.25


def fading(rng: np.random.Generator, rows: int, weeks: int, sd: float, memory: float) -> np.ndarray:
    """Autocorrelated shocks with a given standard deviation and weekly memory."""
    steps = rng.normal(0, sd, (rows, weeks))
    shocks = steps.copy()
    for week in range(1, weeks):
        shocks[:, week] = memory * shocks[:, week - 1] + np.sqrt(1 - memory**2) * steps[:, week]
    return shocks


def draw(world: World, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Counts, register and the true total of partnership "it" in one made-up practice."""
    counts, stretches, with_it, without_it = draw_rates(world, seed)
    return counts, stretches, float((with_it - without_it).sum())


def draw_rates(
    world: World, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray, np.ndarray]:
    """Counts and register, and the means that weekly counts were drawn from, with and without it.

    Both are (clinics, personas, weeks).
    """
    rng = np.random.default_rng([20261122, seed])
    clinics, personas, weeks = world.clinics, world.personas, world.weeks
    years = np.arange(weeks) / 52.18
    size = np.exp(rng.uniform(*np.log(world.patients_per_clinic_month), clinics)) * 12 / 52.18
    mix = rng.dirichlet(np.full(personas, 8.0), clinics)
    phase, depth = rng.uniform(0, 1, personas), rng.uniform(0.05, 0.2, personas)
    season = depth[:, None] * np.cos(2 * np.pi * (years - phase[:, None]))
    drift = rng.normal(0, world.drift_sd, (clinics, 1)) * (years - years.mean())
    drift[0] += world.own_drift * (years - years.mean())
    log_mean = (
        np.log(size[:, None, None] * mix[:, :, None])
        + season
        + fading(rng, 1, weeks, 0.08, 0.95)
        + (drift + fading(rng, clinics, weeks, 0.10, 0.9))[:, None, :]
        + fading(rng, clinics * personas, weeks, 0.06, 0.85).reshape(clinics, personas, weeks)
    )
    if world.shock_weeks:
        begin = int(rng.integers(20, weeks - world.shock_weeks))
        log_mean[0, :, begin : begin + world.shock_weeks] -= 0.35
    noise = rng.gamma(8.0, 1 / 8.0, log_mean.shape)
    mean = np.exp(log_mean) * noise
    stretches, share = _register(world, rng, weeks)
    with_it, without_it = mean * np.exp(share.sum(axis=0)), mean * np.exp(share[1:].sum(axis=0))
    counts = _counts(world, rng.poisson(with_it), rng)
    return counts, stretches, with_it, without_it


def _register(
    world: World, rng: np.random.Generator, weeks: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """The register, and each partnership's effect on the log mean (2, clinics, personas, weeks)."""
    log_effect = np.log1p(world.effect)
    share = np.zeros((2, world.clinics, world.personas, weeks))
    rows = []
    starts = rng.integers(int(weeks * 0.5), int(weeks * 0.72), 4)
    for clinic in range(world.treated):
        start = _on_month(world, int(starts[clinic if world.staggered else 0]))
        reached = range(world.personas) if world.all_personas else range(1)
        ramp = np.clip((np.arange(weeks) - start + 1) / 6, 0, 1) * (np.arange(weeks) >= start)
        if world.ends_after:
            ramp[start + world.ends_after :] = 0
        share[0, clinic, list(reached)] = log_effect * ramp
        rows.append(_row(world, "it", clinic, start))
    if world.overlapping:
        start = _on_month(world, int(starts[0]) + int(rng.integers(-26, 26)))
        for clinic in range(1, world.treated + 1):
            share[1, clinic, 0] = np.log(1.3) * (np.arange(weeks) >= start)
            rows.append(_row(world, "other", clinic, start))
    return pd.DataFrame(rows), share


def _row(world: World, identifier: str, clinic: int, start: int) -> dict[str, object]:
    begins = pd.Timestamp("2023-01-02") + pd.Timedelta(weeks=start)
    if world.monthly:
        begins = begins.to_period("M").start_time
    personas = () if world.all_personas or world.personas == 1 else (PERSONAS[0],)
    names = {"partnership_id": identifier, "name": identifier, "kind": "gym"}
    clinics = (f"clinic {clinic:02d}",)
    end = pd.NaT
    if world.ends_after:
        end = begins + pd.Timedelta(weeks=world.ends_after) - pd.Timedelta(days=1)
    reach = {"clinics": clinics, "personas": personas}
    return names | reach | {"start_date": begins, "end_date": end}


def _on_month(world: World, week: int) -> int:
    """The first week of a month, where counts are monthly."""
    if not world.monthly:
        return week
    mondays = pd.date_range("2023-01-02", periods=world.weeks, freq="W-MON").to_period("M")
    return int((mondays == mondays[week]).argmax())


def _counts(world: World, drawn: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """The counts as a table; a clinic that opens late has no row before."""
    mondays = pd.date_range("2023-01-02", periods=world.weeks, freq="W-MON")
    index = pd.MultiIndex.from_product(
        [
            [f"clinic {c:02d}" for c in range(world.clinics)],
            PERSONAS[: world.personas],
            mondays,
        ],
        names=["clinic", "persona", "period"],
    )
    counts = pd.DataFrame({"new_patients": drawn.reshape(-1)}, index=index).reset_index()
    if world.opens_late:
        opening = mondays[int(world.weeks * 0.3)]
        counts = counts[(counts["clinic"] != "clinic 00") | (counts["period"] >= opening)]
    if world.monthly:
        month = counts["period"].dt.to_period("M").dt.start_time
        keys = ["clinic", "persona", month.rename("period")]
        days = counts.assign(open_days=7).groupby(keys)[["new_patients", "open_days"]].sum()
        counts = days.reset_index()
    return counts
