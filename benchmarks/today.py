"""What practices do today: compare with before, and count who names the partner."""

from __future__ import annotations

import numpy as np
from latent import Practice
from scipy.stats import chi2

CAPTURE, FALSE_NAMING = 0.60, 0.05


def before_and_after(practice: Practice) -> tuple[float, float, float]:
    """Patients in the reached cells since the start less as many weeks before; Poisson interval."""
    after, before, before_weeks, after_weeks = 0.0, 0.0, 0, 0
    for clinic, runs in enumerate(practice.active):
        weeks = runs.any(axis=0)
        if not weeks.any():
            continue
        start, cells = int(weeks.argmax()), runs.any(axis=1)
        length = min(int(weeks.sum()), start)
        after += practice.weekly[clinic][runs].sum()
        before += practice.weekly[clinic][cells, start - length : start].sum()
        before_weeks, after_weeks = before_weeks + length, after_weeks + int(weeks.sum())
    scale = after_weeks / before_weeks
    difference, spread = after - scale * before, 1.96 * np.sqrt(after + scale**2 * before)
    return difference, difference - spread, difference + spread


def count_named(practice: Practice) -> tuple[float, float, float]:
    """Patients who name the partner: 60% of those it brought, 5% of the others; exact Poisson."""
    rng = np.random.default_rng([practice.seed, 60, 5])
    rate = CAPTURE * max(practice.truth, 0.0) + FALSE_NAMING * practice.without
    named = int(rng.poisson(rate))
    low = chi2.ppf(0.025, 2 * named) / 2 if named else 0.0
    return float(named), float(low), float(chi2.ppf(0.975, 2 * named + 2) / 2)
