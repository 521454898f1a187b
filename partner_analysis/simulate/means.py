"""How many patients a made-up practice expects, with and without each partnership."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np

from partner_analysis.simulate.plan import (
    BAD_WEEKS,
    CLINICS,
    CLOSED_DAYS,
    COMPLETE_DAYS,
    FIRST_WEEK,
    LAST_DAY,
    PERSONAS,
    Partner,
)
from partner_analysis.tables import DAYS_PER_MONTH

WEEKS: Final = [
    FIRST_WEEK + timedelta(weeks=w) for w in range((LAST_DAY - FIRST_WEEK).days // 7 + 1)
]
COMPLETE_WEEKS: Final = sum(week + timedelta(days=6 + COMPLETE_DAYS) <= LAST_DAY for week in WEEKS)
WEEKS_PER_MONTH: Final = DAYS_PER_MONTH / 7
SHOCK_SD, SHOCK_RHO, COMMON_SD, DRIFT_SD = 0.09, 0.6, 0.05, 0.004
GROWTH_PER_YEAR: Final = 0.03


def random_stream(seed: int, number: int) -> np.random.Generator:
    """One stream of random numbers for one purpose, so that purposes do not disturb each other."""
    return np.random.Generator(np.random.PCG64([seed, number]))


def bell_draws(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Roughly normal numbers from uniform ones, which no numpy version draws differently."""
    return rng.random((*shape, 12)).sum(axis=-1) - 6.0


def autocorrelated(innovations: np.ndarray, *, sd: float, rho: float) -> np.ndarray:
    """A stationary first-order autoregression along the last axis."""
    shocks = innovations.copy()
    for week in range(1, shocks.shape[-1]):
        step = innovations[..., week] * np.sqrt(1 - rho**2)
        shocks[..., week] = rho * shocks[..., week - 1] + step
    return sd * shocks


def base_means(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Weekly level of each clinic and persona, and what multiplies it in each week."""
    levels = np.array(
        [[c.monthly * c.shares[p.name] / WEEKS_PER_MONTH for p in PERSONAS] for c in CLINICS]
    )
    shocks = autocorrelated(bell_draws(rng, len(CLINICS), len(WEEKS)), sd=SHOCK_SD, rho=SHOCK_RHO)
    drifts = np.cumsum(DRIFT_SD * bell_draws(rng, len(CLINICS), len(WEEKS)), axis=1)
    common = autocorrelated(bell_draws(rng, len(WEEKS)), sd=COMMON_SD, rho=SHOCK_RHO)
    growth = np.log1p(GROWTH_PER_YEAR) * np.arange(len(WEEKS)) / 52.18
    calendar = np.array([_calendar_factor(week) for week in WEEKS])
    opening = np.array([[_opening_factor(c.opened, week) for week in WEEKS] for c in CLINICS])
    seasons = np.array(
        [[_season_factor(p.swing, p.peak_month, w) for w in WEEKS] for p in PERSONAS]
    )
    by_clinic = np.exp(shocks + drifts + common + growth) * calendar * opening
    return levels[:, :, None], by_clinic[:, None, :] * seasons[None, :, :]


def _calendar_factor(week: date) -> float:
    """Fewer come in holiday weeks, in the bad weeks, and in January with the new deductible."""
    closed = sum(week + timedelta(days=d) in CLOSED_DAYS for d in range(5))
    january = 0.93 if week.month == 1 else 1.0
    return (1 - 0.15 * closed) * BAD_WEEKS.get(week, 1.0) * january


def _opening_factor(opened: date, week: date) -> float:
    """A new clinic fills within ten weeks."""
    weeks_open = (week - opened).days // 7
    return 0.0 if weeks_open < 0 else min(1.0, 0.5 + 0.05 * weeks_open)


def _season_factor(swing: float, peak_month: float, week: date) -> float:
    """One wave a year, highest in the middle of the peak month."""
    months = (week.timetuple().tm_yday + 3) / 30.4375
    return 1 + swing * np.cos(2 * np.pi * (months - peak_month + 0.5) / 12)


def expected_arrivals(
    base: tuple[np.ndarray, np.ndarray], partners: Sequence[Partner]
) -> np.ndarray:
    """Expected arrivals per clinic, persona and week with these partnerships running."""
    levels, factors = base
    log_ratios = np.zeros(factors.shape)
    extra = np.zeros(factors.shape)
    for partner in partners:
        running = touched_cells(partner)[:, :, None] * running_strength(partner)
        log_ratios += partner.log_rate_ratio * running
        extra += partner.extra_per_month / WEEKS_PER_MONTH * running
    return factors * (levels * np.exp(log_ratios) + extra)


def touched_cells(partner: Partner) -> np.ndarray:
    """Whether the partnership touches each clinic and persona."""
    clinics = np.array([c.name in partner.clinics for c in CLINICS])
    personas = np.array([p.name in partner.personas for p in PERSONAS])
    return clinics[:, None] & personas[None, :]


def active_weeks(partner: Partner) -> np.ndarray:
    """Weeks of which the partnership runs more than half the days."""
    end = partner.end or LAST_DAY
    days = [
        sum(partner.start <= week + timedelta(days=d) <= end for d in range(7)) for week in WEEKS
    ]
    return np.array(days) > 3


def running_strength(partner: Partner) -> np.ndarray:
    """Share of the full effect per week: 0 while not active, then a straight ramp to 1."""
    active = active_weeks(partner)
    return active * np.minimum(1.0, np.cumsum(active) / (partner.ramp_weeks + 1))
