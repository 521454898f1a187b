"""How far trends may have parted before a finding falls (Rambachan and Roth 2023).

A partnership's cells are compared with others over the time before and after its start. The log
ratio of observed to expected in a stretch of time is effect plus divergence plus noise; before
the start there is no effect, so divergence shows. Two families of divergences are allowed after it:

- "relative": from one stretch to the next, at most ``bound`` times the largest change before;
- "smooth": the growth of the divergence changes by at most ``bound`` from one stretch to the next.

Source: Rambachan and Roth (2023), A more credible approach to parallel trends, Review of Economic
Studies 90(5). "smooth" is their optimal fixed-length interval. "relative" is the union over all
places and signs of the largest change (their lemma 2.2) of plain one-sided limits, which holds
its level for any truth and is a little wider than their conditional test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, Literal

import numpy as np
import pandas as pd
from scipy.optimize import lsq_linear
from scipy.special import ndtr, ndtri

from partner_analysis.tables import InputError

Floats = np.ndarray
Kind = Literal["relative", "smooth"]
Solve = Callable[[Floats], tuple[Floats, Floats]]

PENALTIES: Final = 30
BETWEEN: Final = 12
HALVINGS: Final = 30
NEWTON_STEPS: Final = 6


def honest_bounds(
    estimates: Floats,
    covariance: Floats,
    n_before: int,
    *,
    weights: Floats,
    kind: Kind = "relative",
    bounds: Sequence[float] | Floats = (0.0, 0.5, 1.0, 1.5, 2.0),
    level: float = 0.95,
) -> pd.DataFrame:
    """One row per bound: ``bound``, ``low`` and ``high`` of the weighted average log effect.

    Parameters
    ----------
    estimates
        Log ratios by stretch, relative to the last stretch before the start (which is left
        out): first ``n_before`` of them in order of time, then those after. Stretches are
        consecutive and equally long.
    covariance
        Their joint covariance.
    n_before
        How many lie before the start; at least 1.
    weights
        One per stretch after the start; the effect is the sum of weight times log effect.
    kind, bounds
        See the module; bounds are at least 0.
    level
        Of the intervals.

    Raises
    ------
    InputError
        Where shapes do not fit together.
    """
    sizes = np.asarray(bounds, dtype=float)
    low, high = _solver(estimates, covariance, n_before, weights, kind, level)(sizes)
    return pd.DataFrame({"bound": sizes, "low": low, "high": high})


def breakdown(
    estimates: Floats,
    covariance: Floats,
    n_before: int,
    *,
    weights: Floats,
    kind: Kind = "relative",
    level: float = 0.95,
) -> float:
    """The largest bound up to which the interval excludes 0 on the side of the estimate.

    0 where it does not even stand at bound 0. Arguments as of ``honest_bounds``; in its unit.
    """
    solve = _solver(estimates, covariance, n_before, weights, kind, level)
    average = float(np.asarray(weights) @ np.asarray(estimates)[n_before:])

    def stands(sizes: Floats) -> Floats:
        low, high = solve(sizes)
        return low > 0 if average > 0 else high < 0

    unit = 1.0 if kind == "relative" else abs(average)
    grid = np.concatenate([[0.0], unit * np.geomspace(1e-3, 1e3, 61)])
    standing = stands(grid)
    if standing.all():
        return float(grid[-1])
    first = int(np.argmin(standing))
    if first == 0:
        return 0.0
    good, bad = grid[first - 1], grid[first]
    for _ in range(HALVINGS):
        middle = (good + bad) / 2
        good, bad = (middle, bad) if stands(np.array([middle]))[0] else (good, middle)
    return float(good)


def _solver(
    estimates: Floats, covariance: Floats, n_before: int, weights: Floats, kind: Kind, level: float
) -> Solve:
    """A function from bounds to the lower and upper ends of their intervals."""
    estimates, covariance = np.asarray(estimates, float), np.asarray(covariance, float)
    weights = np.asarray(weights, float)
    size = len(estimates)
    if n_before < 1 or size != n_before + len(weights) or covariance.shape != (size, size):
        raise InputError(
            f"honest_bounds: {size} estimates, {n_before} of them before the start, with "
            f"{len(weights)} weights and a covariance of {covariance.shape} do not fit together. "
            "Give at least one estimate before the start and one weight for each after it."
        )
    if kind == "relative":
        return _relative(estimates, covariance, n_before, weights, level)
    return _smooth(estimates, covariance, n_before, weights, level)


def _relative(
    estimates: Floats, covariance: Floats, n_before: int, weights: Floats, level: float
) -> Solve:
    """Union over the place and sign of the largest change before, each end one-sided.

    If the largest change was in one given place with one given sign, the worst divergence is a
    known multiple of it, so each end of the identified set is a linear function of the estimates
    and has a normal limit. The union over places and signs needs no further correction, because
    one of them is the true one.
    """
    reach = np.abs(np.cumsum(weights[::-1])).sum()
    changes = np.zeros((n_before, len(estimates)))
    changes[:, :n_before] = np.eye(n_before, k=1) - np.eye(n_before)
    worst = reach * np.vstack([changes, -changes])
    target = np.concatenate([np.zeros(n_before), weights])
    z = ndtri(0.5 + level / 2)

    def solve(sizes: Floats) -> tuple[Floats, Floats]:
        lines = target + sizes[:, None, None] * worst
        sd = np.sqrt(np.maximum(np.einsum("bij,jk,bik->bi", lines, covariance, lines), 0.0))
        value = lines @ estimates
        return (value - z * sd).min(axis=1), (value + z * sd).max(axis=1)

    return solve


def _smooth(
    estimates: Floats, covariance: Floats, n_before: int, weights: Floats, level: float
) -> Solve:
    """The shortest fixed-length interval around a linear estimate, over a frontier of them."""
    lines, bias = _frontier(covariance, n_before, weights)
    value = lines @ estimates
    sd = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", lines, covariance, lines), 1e-300))

    def solve(sizes: Floats) -> tuple[Floats, Floats]:
        half = sd * folded_quantile(sizes[:, None] * bias / sd, level)
        best = half.argmin(axis=1)
        width = half[np.arange(len(sizes)), best]
        return value[best] - width, value[best] + width

    return solve


def _frontier(covariance: Floats, n_before: int, weights: Floats) -> tuple[Floats, Floats]:
    """Linear estimates from least bias to least variance, and their worst bias at bound 1.

    Write a divergence by its kinks (second differences): an estimate that a straight line does
    not bias has as its bias a sum of kinks, each times a coefficient. Those of the kinks before
    the start are free; least variance for a given sum of their sizes is a lasso, solved by its
    dual, least squares in a box. Any of these estimates gives a valid interval.
    """
    after = np.arange(1, len(weights) + 1)
    lever = float(after @ weights)
    kinks_after = np.maximum(after[None, :] - after[:, None], 0) @ weights
    second = np.eye(n_before) - 2 * np.eye(n_before, k=-1) + np.eye(n_before, k=-2)
    second = second.T[::-1]  # weight of stretch -m from the kinks at 0, -1, ..., oldest first
    fixed = np.concatenate([lever * second[:, 0], weights])
    free = np.vstack([second[:, 1:], np.zeros((len(weights), n_before - 1))])
    kinks = [np.zeros(n_before - 1)]
    if n_before > 1:
        kinks += _lasso_path(free.T @ covariance @ free, free.T @ covariance @ fixed)
    path = _fill(np.array(kinks))
    bias = np.abs(kinks_after).sum() + abs(lever) + np.abs(path).sum(axis=1)
    return fixed + path @ free.T, bias


def _lasso_path(square: Floats, linear: Floats) -> list[Floats]:
    """Minimisers of half u'Su + c'u + penalty |u| for penalties from large to none."""
    ridge = 1e-10 * max(float(np.trace(square)), 1e-300) * np.eye(len(linear))
    root = np.linalg.cholesky(square + ridge)
    whiten = np.linalg.inv(root)
    most = max(float(np.abs(linear).max()), 1e-300)
    path = []
    for penalty in most * np.geomspace(1, 1e-4, PENALTIES):
        box = lsq_linear(whiten, -whiten @ linear, bounds=(-penalty, penalty), method="bvls")
        path.append(-whiten.T @ (whiten @ (linear + box.x)))
    path.append(-whiten.T @ (whiten @ linear))
    return path


def _fill(path: Floats) -> Floats:
    """Points between neighbours too: the minimisers move on straight lines between knots."""
    share = np.linspace(0, 1, BETWEEN, endpoint=False)[:, None]
    between = [(1 - share) * one + share * other for one, other in pairwise(path)]
    return np.vstack([*between, path[-1:]])


def folded_quantile(shift: Floats, level: float) -> Floats:
    """The quantile of the size of a normal variable with this mean and standard deviation 1."""
    size = shift + ndtri(0.5 + level / 2)
    for _ in range(NEWTON_STEPS):
        inside = ndtr(size - shift) - ndtr(-size - shift)
        density = np.exp(-((size - shift) ** 2) / 2) + np.exp(-((size + shift) ** 2) / 2)
        size = size - (inside - level) * np.sqrt(2 * np.pi) / density
    return size
