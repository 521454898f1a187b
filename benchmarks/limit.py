"""The limit: an oracle that knows more than any estimator can, and what it still has to learn.

It knows each persona's season, the shock shared by all clinics, and how strongly clinics and cells
stray: drift, shocks of the clinic and of the cell with their memory, and the noise beyond Poisson.
It must learn each cell's level, the clinic's own drift and its shocks, from counts alone. What
would have come is its best linear prediction on the log scale (generalised least squares with the
true covariance, the counts linearised at their mode), and the effect is what came less that. It
knows nothing of the effect itself, so a method that assumes the effect constant can beat it.
Where another partnership shares the cells it knows both courses but not their sizes: the effect of
"it" is one free course in time, the same in all its clinics, and the other's is one constant.
Monthly practices it sees by week.

``limit_learning`` is the stricter yardstick: it must learn season and shared shocks too, from every
cell of the practice, and knows only how strongly everything varies. No estimator that makes the
same assumptions can do better on average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from latent import Practice
from scipy.linalg import block_diag, cho_factor, cho_solve
from scipy.stats import norm

LEVEL_SD = 10.0
FREE_EFFECT_SD = 1.0
SEASON_SD = 0.095  # of each wave: depth is 0.05 to 0.2
SHARED_SHOCK, SHARED_MEMORY = 0.08, 0.95
UNKNOWN_DRIFT_SD = 0.15
CLINIC_SHOCK, CLINIC_MEMORY = 0.10, 0.9
CELL_SHOCK, CELL_MEMORY = 0.06, 0.85
GAMMA_SHAPE = 8.0
STEPS = 4
DRAWS = 4000


def limit_own_history(practice: Practice) -> tuple[float, float, float]:
    """Estimate, low and high of the oracle that sees the treated cells alone."""
    return _limit(practice, siblings=False)


def limit_with_siblings(practice: Practice) -> tuple[float, float, float]:
    """The same with the clinic's other personas, before the start and after."""
    return _limit(practice, siblings=True)


def limit_learning(practice: Practice) -> tuple[float, float, float]:
    """All cells of the practice, season and shared shocks to be learnt."""
    return _limit(practice, siblings=True, secrets=False)


@dataclass
class _Clinic:
    """One clinic's cells and weeks in a row, and what it shares with others (rows x shared)."""

    counts: np.ndarray
    known: np.ndarray
    covariance: np.ndarray
    shared: np.ndarray
    seen: np.ndarray
    wanted: np.ndarray
    eta: np.ndarray


@dataclass
class _Shared:
    """What clinics have in common, to be learnt: its precision, and what is the effect of "it"."""

    precision: np.ndarray
    of_it: np.ndarray


def _limit(
    practice: Practice, *, siblings: bool, secrets: bool = True
) -> tuple[float, float, float]:
    joint = bool((practice.active & practice.other_active).any())
    touched = practice.active | practice.other_active if joint else practice.active
    used = touched.any(axis=(1, 2)) if secrets else np.ones(len(touched), dtype=bool)
    clinics = [
        _arrange(practice, clinic, siblings=siblings, joint=joint, secrets=secrets)
        for clinic in np.flatnonzero(used)
    ]
    shared = _in_common(practice, joint=joint, secrets=secrets)
    for _ in range(STEPS):
        effects, spread = _fit(clinics, shared)
    return _difference(clinics, shared, effects, spread)


def _arrange(
    practice: Practice, clinic: int, *, siblings: bool, joint: bool, secrets: bool
) -> _Clinic:
    active, other = practice.active[clinic], practice.other_active[clinic]
    kept = np.ones(len(active), dtype=bool) if siblings else (active | other).any(axis=1)
    active, other = active[kept], other[kept]
    counts = practice.weekly[clinic][kept].astype(float)
    known = practice.known[clinic][kept].ravel() if secrets else np.zeros(counts.size)
    courses = [np.zeros((active.size, 0))]
    if joint:
        courses.append(other.reshape(-1, 1).astype(float))
        courses.append(_free_course(practice, active))
    if not secrets:
        courses.append(np.tile(np.eye(active.shape[1]), (len(active), 1)))
        courses.append(np.kron(np.eye(len(active)), _waves(practice.world.weeks)))
    level = np.log(counts.mean(axis=1, keepdims=True) + 0.1) * np.ones_like(counts)
    return _Clinic(
        counts=counts.ravel(),
        known=known,
        covariance=_covariance(practice, int(kept.sum())),
        shared=np.hstack(courses),
        seen=np.ones(counts.size, dtype=bool) if joint else ~active.ravel(),
        wanted=active.ravel(),
        eta=level.ravel(),
    )


def _free_course(practice: Practice, active: np.ndarray) -> np.ndarray:
    """One free effect of "it" for every week it runs."""
    weeks = np.flatnonzero(practice.active.any(axis=(0, 1)))
    free = active[:, :, None] & (np.arange(active.shape[1])[:, None] == weeks)[None]
    return free.reshape(active.size, -1).astype(float)


def _waves(weeks: int) -> np.ndarray:
    year = 2 * np.pi * np.arange(weeks)[:, None] / 52.18
    return np.hstack([np.cos(year), np.sin(year)])


def _in_common(practice: Practice, *, joint: bool, secrets: bool) -> _Shared:
    """Prior precision of the columns that ``_arrange`` lays down, in their order."""
    blocks, of_it = [np.zeros((0, 0))], [np.zeros(0, dtype=bool)]
    if joint:
        free = 1 + int(practice.active.any(axis=(0, 1)).sum())
        blocks.append(np.eye(free) / FREE_EFFECT_SD**2)
        of_it.append(np.arange(free) > 0)
    if not secrets:
        lag = _lags(practice.world.weeks)
        blocks.append(np.linalg.inv(SHARED_SHOCK**2 * SHARED_MEMORY**lag))
        blocks.append(np.eye(2 * practice.world.personas) / SEASON_SD**2)
        of_it.extend(np.zeros(len(block), dtype=bool) for block in blocks[-2:])
    return _Shared(block_diag(*blocks), np.concatenate(of_it))


def _lags(weeks: int) -> np.ndarray:
    return np.abs(np.subtract.outer(np.arange(weeks), np.arange(weeks)))


def _covariance(practice: Practice, cells: int) -> np.ndarray:
    """Of the log mean, over one clinic's cells and weeks."""
    weeks = practice.world.weeks
    years = np.arange(weeks) / 52.18
    years = years - years.mean()
    lag = _lags(weeks)
    drift = UNKNOWN_DRIFT_SD if practice.world.own_drift else practice.world.drift_sd
    shared = drift**2 * np.outer(years, years) + CLINIC_SHOCK**2 * CLINIC_MEMORY**lag
    own = LEVEL_SD**2 + CELL_SHOCK**2 * CELL_MEMORY**lag
    return np.kron(np.ones((cells, cells)), shared) + np.kron(np.eye(cells), own)


def _fit(clinics: list[_Clinic], shared: _Shared) -> tuple[np.ndarray, np.ndarray]:
    """One Newton step for all clinics: what they share with its covariance; moves each eta."""
    precision, score = shared.precision.copy(), np.zeros(len(shared.precision))
    solved = []
    for clinic in clinics:
        seen, mean = clinic.seen, np.exp(clinic.eta[clinic.seen])
        working = clinic.eta[seen] - clinic.known[seen] + clinic.counts[seen] / mean - 1
        noise = np.diag(1 / mean + 1 / GAMMA_SHAPE)
        factor = cho_factor(clinic.covariance[np.ix_(seen, seen)] + noise)
        through = cho_solve(factor, clinic.shared[seen])
        precision += clinic.shared[seen].T @ through
        score += through.T @ working
        solved.append((working, factor))
    spread = np.linalg.inv(precision)
    effects = spread @ score
    for clinic, (working, factor) in zip(clinics, solved, strict=True):
        left = cho_solve(factor, working - clinic.shared[clinic.seen] @ effects)
        fitted = clinic.known + clinic.covariance[:, clinic.seen] @ left
        clinic.eta = fitted + clinic.shared @ effects
    return effects, spread


def _difference(
    clinics: list[_Clinic], shared: _Shared, effects: np.ndarray, spread: np.ndarray
) -> tuple[float, float, float]:
    """What came less what would have come: estimate and 95% interval."""
    came = sum(float(clinic.counts[clinic.wanted].sum()) for clinic in clinics)
    expected, variance, reach = 0.0, 0.0, np.zeros(len(effects))
    for clinic in clinics:
        seen, wanted = clinic.seen, clinic.wanted
        if not wanted.any():
            continue
        without = clinic.shared * ~shared.of_it
        mean = np.exp(clinic.eta[seen])
        noise = np.diag(1 / mean + 1 / GAMMA_SHAPE)
        factor = cho_factor(clinic.covariance[np.ix_(seen, seen)] + noise)
        cross = clinic.covariance[np.ix_(wanted, seen)]
        gain = cho_solve(factor, cross.T).T
        spare = clinic.covariance[np.ix_(wanted, wanted)] - gain @ cross.T
        lean = without[wanted] - gain @ clinic.shared[seen]
        total = spare + lean @ spread @ lean.T
        log_mean = clinic.eta[wanted] + (without - clinic.shared)[wanted] @ effects
        each = np.exp(log_mean + np.diag(total) / 2)
        expected += each.sum()
        variance += each @ np.expm1(spare) @ each + (each**2).sum() / GAMMA_SHAPE
        reach += each @ lean
    variance += reach @ spread @ reach
    return _interval(came, expected, variance)


def _interval(came: float, expected: float, variance: float) -> tuple[float, float, float]:
    """Log-normal spread of what would have come, Poisson spread of what came."""
    at = (np.arange(DRAWS) + 0.5) / DRAWS
    other = np.modf(at * DRAWS * 0.6180339887498949)[0]
    sd = np.sqrt(np.log1p(variance / expected**2))
    without = expected * np.exp(sd * norm.ppf(at) - sd**2 / 2)
    with_it = came + np.sqrt(came) * norm.ppf(np.clip(other, 1e-6, 1 - 1e-6))
    low, high = np.quantile(with_it - without, [0.025, 0.975])
    return came - expected, float(low), float(high)
