"""What a made-up practice does not show: season, shared shocks and the means behind the counts.

``practice`` makes the draws of ``tests/calibration/worlds.py::draw`` in the same order, and keeps
what that function lets go. ``test_latent.py`` holds its counts and its truth to those of ``draw``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "calibration"))

import worlds
from worlds import World

DAYS_PER_MONTH = 30.4375


@dataclass(frozen=True)
class Practice:
    """One made-up practice: what everybody sees, and what only an oracle knows.

    Arrays are clinic x persona x week unless said otherwise.
    """

    world: World
    seed: int
    counts: pd.DataFrame
    partnerships: pd.DataFrame
    truth: float
    weekly: np.ndarray
    """Counts by week, also where ``counts`` is by month."""
    known: np.ndarray
    """Season of the persona plus the shock shared by all clinics, on the log scale."""
    log_effect: np.ndarray
    """(2, clinic, persona, week): of "it" and of the other partnership."""
    without: float
    """Patients who came, on average, to the cells of "it" while it ran, but not because of it."""

    @property
    def active(self) -> np.ndarray:
        """Cells and weeks in which "it" runs, also where its effect is nil."""
        return self._runs("it")

    @property
    def other_active(self) -> np.ndarray:
        return self._runs("other")

    @property
    def months(self) -> float:
        """From the first start of "it" to the end of the data."""
        return float(self.active.any(axis=(0, 1)).sum()) * 7 / DAYS_PER_MONTH

    def _runs(self, identifier: str) -> np.ndarray:
        mondays = pd.date_range("2023-01-02", periods=self.world.weeks, freq="W-MON")
        if self.world.monthly:
            mondays = mondays.to_period("M").start_time
        runs = np.zeros(self.weekly.shape, dtype=bool)
        mine = self.partnerships[self.partnerships["partnership_id"] == identifier]
        for row in mine.itertuples():
            reached = [p in row.personas or not row.personas for p in self.personas]
            here = (mondays >= row.start_date) & ~(mondays > row.end_date)
            for clinic in row.clinics:
                runs[int(clinic.split()[-1])] |= np.outer(reached, here)
        return runs

    @property
    def personas(self) -> tuple[str, ...]:
        return worlds.PERSONAS[: self.world.personas]


def practice(world: World, seed: int) -> Practice:
    """The practice that ``worlds.draw(world, seed)`` draws, with what lies behind it."""
    rng = np.random.default_rng([20261122, seed])
    clinics, personas, weeks = world.clinics, world.personas, world.weeks
    years = np.arange(weeks) / 52.18
    size = np.exp(rng.uniform(*np.log(world.patients_per_clinic_month), clinics)) * 12 / 52.18
    mix = rng.dirichlet(np.full(personas, 8.0), clinics)
    phase, depth = rng.uniform(0, 1, personas), rng.uniform(0.05, 0.2, personas)
    season = depth[:, None] * np.cos(2 * np.pi * (years - phase[:, None]))
    drift = rng.normal(0, world.drift_sd, (clinics, 1)) * (years - years.mean())
    drift[0] += world.own_drift * (years - years.mean())
    level = np.log(size[:, None, None] * mix[:, :, None])
    shared = worlds.fading(rng, 1, weeks, 0.08, 0.95)
    own = (drift + worlds.fading(rng, clinics, weeks, 0.10, 0.9))[:, None, :]
    cell = worlds.fading(rng, clinics * personas, weeks, 0.06, 0.85)
    log_mean = level + season + shared + own + cell.reshape(clinics, personas, weeks)
    if world.shock_weeks:
        begin = int(rng.integers(20, weeks - world.shock_weeks))
        log_mean[0, :, begin : begin + world.shock_weeks] -= 0.35
    mean = np.exp(log_mean) * rng.gamma(8.0, 1 / 8.0, log_mean.shape)
    partnerships, share = worlds._register(world, rng, weeks)
    with_it, without_it = mean * np.exp(share.sum(axis=0)), mean * np.exp(share[1:].sum(axis=0))
    weekly = rng.poisson(with_it)
    seen = Practice(
        world=world,
        seed=seed,
        counts=worlds._counts(world, weekly, rng),
        partnerships=partnerships,
        truth=float((with_it - without_it).sum()),
        weekly=weekly,
        known=np.broadcast_to(season + shared, log_mean.shape),
        log_effect=share,
        without=np.nan,
    )
    object.__setattr__(seen, "without", float(without_it[seen.active].sum()))
    return seen
