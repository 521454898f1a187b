"""Small made-up practices with one partnership and a known effect: counts and register only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.simulate.means import (
    WEEKS_PER_MONTH,
    autocorrelated,
    bell_draws,
    random_stream,
)
from partner_analysis.simulate.plan import SEED

FIRST_MONDAY: Final = date(2023, 1, 2)
WEEKS: Final = 156
PERSONAS: Final = ("runner", "older adult", "work injury")
CLINICS: Final = (1, 3, 6, 10)
PATIENTS_A_MONTH: Final = (20.0, 120.0)
RATIOS: Final = (0.8, 1.8)
RAMP_WEEKS: Final = 6
WEEKS_A_YEAR: Final = 365.25 / 7


@dataclass(frozen=True)
class Planted:
    """A made-up practice and what its partnership, "it", truly brought.

    Attributes
    ----------
    counts, partnerships
        As ``estimate_effect`` takes them; weekly, three kinds of patient.
    total
        Expected extra new patients over its active cells and weeks, given the shocks that
        occurred; not a draw.
    without
        New patients to be expected there without it, given the same.
    """

    counts: pd.DataFrame
    partnerships: pd.DataFrame
    total: float
    without: float


def planted_practices(practices: int, *, seed: int = SEED) -> Iterator[Planted]:
    """Yield made-up practices, every other one with an effect, the rest with none at all.

    They have 1, 3, 6 or 10 clinics of 20 to 120 new patients a month, seasons by kind of patient,
    shocks shared by all, by a clinic and by a cell that fade over weeks, clinics that drift apart
    by 5 percent a year, and more noise than Poisson. The partnership starts in the second half of
    three years, in one clinic, and reaches one kind of patient or all. An effect is anything from
    20 percent fewer to 80 percent more, reached within six weeks.
    """
    for number in range(practices):
        rng = random_stream(seed, 100 + number)
        kind = number // 2
        low, high = np.log(RATIOS)
        log_ratio = low + (high - low) * rng.random() if number % 2 else 0.0
        reached = len(PERSONAS) if kind // len(CLINICS) % 2 else 1
        yield _practice(rng, CLINICS[kind % len(CLINICS)], reached, float(log_ratio))


def _practice(rng: np.random.Generator, clinics: int, reached: int, log_ratio: float) -> Planted:
    """One practice whose first clinic has the partnership."""
    mean = np.exp(_log_means(rng, clinics))
    start = int(WEEKS * (0.5 + 0.2 * rng.random()))
    since = np.arange(WEEKS) - start
    factor = np.ones(mean.shape)
    factor[0, :reached] = np.exp(log_ratio * np.clip((since + 1) / RAMP_WEEKS, 0, 1))
    drawn = rng.poisson(mean * factor)
    extra = (mean * (factor - 1)).sum()
    weeks = pd.date_range(FIRST_MONDAY, periods=WEEKS, freq="W-MON")
    names = [f"clinic {number + 1}" for number in range(clinics)]
    keys = pd.MultiIndex.from_product(
        [names, PERSONAS, weeks], names=["clinic", "persona", "period"]
    )
    counts = keys.to_frame(index=False).assign(new_patients=drawn.reshape(-1))
    it = {
        "partnership_id": "it",
        "start_date": weeks[start],
        "clinics": (names[0],),
        "personas": PERSONAS[:reached] if reached < len(PERSONAS) else (),
    }
    return Planted(counts, pd.DataFrame([it]), float(extra), float(mean[0, :reached, start:].sum()))


def _log_means(rng: np.random.Generator, clinics: int) -> np.ndarray:
    """Log of the expected new patients without a partnership: (clinics, personas, weeks)."""
    personas = len(PERSONAS)
    low, high = np.log(PATIENTS_A_MONTH)
    size = low + (high - low) * rng.random((clinics, 1, 1)) - np.log(WEEKS_PER_MONTH)
    mix = 0.3 * bell_draws(rng, clinics, personas, 1)
    mix -= np.log(np.exp(mix).sum(axis=1, keepdims=True))
    years = np.arange(WEEKS) / WEEKS_A_YEAR
    depth, peak = 0.05 + 0.15 * rng.random((personas, 1)), rng.random((personas, 1))
    season = depth * np.cos(2 * np.pi * (years - peak))
    drift = 0.05 * bell_draws(rng, clinics, 1, 1) * (years - years.mean())
    common = autocorrelated(bell_draws(rng, WEEKS), sd=0.08, rho=0.95)
    of_clinic = autocorrelated(bell_draws(rng, clinics, 1, WEEKS), sd=0.10, rho=0.9)
    of_cell = autocorrelated(bell_draws(rng, clinics, personas, WEEKS), sd=0.06, rho=0.85)
    noise = 0.35 * bell_draws(rng, clinics, personas, WEEKS)
    return size + mix + season + drift + common + of_clinic + of_cell + noise
