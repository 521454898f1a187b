"""How a clinic strays from what was expected of it, and how far that may carry into a window.

Every expected count is multiplied by ``exp(shock)``. Shocks come at two levels: what moves a whole
clinic, and what moves one of its cells. At each level they are autocorrelated (``sd``, ``memory``
per month) and drift (``drift``: a random walk and a straight line); cells have a season of their
own, and the clinic that is judged may grow at a pace of its own (``line``). How large all this is
is never fixed: answers are mixtures over many settings, weighted by how well each explains the
unit's own past (restricted likelihood).

Sources: Zeger (1988), A regression model for time series of counts; Breslow and Clayton (1993),
Approximate inference in generalized linear mixed models (the working response); Conley and Taber
(2011), Inference with difference in differences with a small number of policy changes, and Ferman
and Pinto (2019), on scaling the spread of others by size.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dposv

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

MEMORIES: Final = (0.0, 0.5, 0.75, 0.92)
OF_CLINIC: Final = len(MEMORIES) + 2  # parts: fading by memory, wander, line

# Columns of a table of sizes, one row per setting.
CLINIC_SD, CLINIC_MEMORY, CLINIC_DRIFT, LINE, CELL_SD, CELL_MEMORY, CELL_DRIFT, SEASON = range(8)
ROUGH: Final = (0.10, 0.75, 0.08, 0.06, 0.10, 0.75, 0.08, 0.10)


@dataclass(frozen=True)
class UnitSeries:
    """One clinic's counts over blocks of time, in channels of cells that are treated alike.

    Arrays run over channels and blocks, flattened: ``channel`` says which channel, ``years`` when.
    ``observed`` and ``expected`` are sums over untouched cells and periods (expected 0 = nothing
    known in that block); ``target`` is the expected sum over the active window; ``spread`` is the
    variance that the comparison cells' own counts add to the logarithm of expected, ``scatter``
    what its own cells move from period to period beyond Poisson noise, ``target_scatter`` both of
    them over the target as a whole. ``unevenness`` is how much of a cell's own shock is felt in
    its channel (1 for one cell, 1/n for n alike). ``design`` has one column per partnership
    modelled jointly, the share of the block in which it ran; ``target_design`` is the same over
    the target, without the partnership that is judged. ``causes`` has one column per known cause,
    scaled by the prior standard deviation of its log effect; ``shared`` are factors of what is not
    known of its personas' own courses, the same for all units. ``member`` is the channel of each of
    the unit's cells, ``kind`` a number for the personas of a channel: those alike share a season.
    """

    name: str
    member: NDArray[np.int64]
    years: Floats
    channel: NDArray[np.int64]
    kind: NDArray[np.int64]
    observed: Floats
    expected: Floats
    target: Floats
    spread: Floats
    scatter: Floats
    target_scatter: float
    unevenness: Floats
    design: Floats
    target_design: Floats
    causes: Floats
    shared: Floats
    scale: float = 1.0

    @property
    def known(self) -> Bools:
        """Channels and blocks in which something was observed and expected."""
        return self.expected > 0

    @cached_property
    def always(self) -> Floats:
        """Covariance of known causes and personas' courses, the same at every setting."""
        return self.causes @ self.causes.T + self.shared @ self.shared.T

    @cached_property
    def times(self) -> tuple[Floats, Ints]:
        """The times of its blocks, each once, and the place of each row among them."""
        return np.unique(self.years, return_inverse=True)

    @cached_property
    def parts_known(self) -> Floats:
        """Covariances between what is known of it, one matrix a part: see ``parts_between``."""
        rows = np.flatnonzero(self.known)
        return parts_between(self, rows, rows)

    @cached_property
    def always_known(self) -> Floats:
        """What of these covariances is the same at every setting."""
        factor = np.hstack([self.causes, self.shared])[self.known]
        return factor @ factor.T

    @cached_property
    def response(self) -> tuple[Floats, Floats]:
        """See ``working_response``; computed once."""
        return working_response(self)

    @cached_property
    def levels(self) -> Floats:
        """One column per channel: which rows share its free level."""
        return (self.channel[:, None] == np.unique(self.channel)).astype(float)

    @property
    def weight(self) -> Floats:
        """Share of each channel and block in the target."""
        return self.target / max(self.target.sum(), 1e-300)


def kernel_parts(years: Floats) -> Floats:
    """Covariances between times, one matrix a part: fading by memory, wander, line, season."""
    return _kernel_parts(years.tobytes())


@lru_cache(maxsize=64)
def _kernel_parts(years_bytes: bytes) -> Floats:
    years = np.frombuffer(years_bytes)
    gap = np.abs(years[:, None] - years[None, :])
    middle = years - years.mean()
    fading = [np.where(gap == 0, 1.0, memory ** (12 * gap)) for memory in MEMORIES]
    line = np.outer(middle, middle)
    wander = np.minimum.outer(years - years.min(), years - years.min())
    season = np.exp(-2 * np.sin(np.pi * gap) ** 2 / 0.7**2)
    parts = np.stack([*fading, wander, line, season])
    parts.flags.writeable = False  # shared by all who ask for the same times
    return parts


def mix_of(sizes: Floats, *, sd: int, memory: int) -> Floats:
    """Variance of each fading part, one row per setting: sd squared at its memory."""
    which = np.array(MEMORIES)[None, :] == sizes[:, memory, None]
    return np.where(which, sizes[:, sd, None] ** 2, 0.0)


def kernel(unit: UnitSeries, sizes: Floats) -> Floats:
    """Covariance of a unit's shocks, one matrix per setting: (G, n, n)."""
    rows = np.arange(len(unit.years))
    found = combine(weights_of(sizes), parts_between(unit, rows, rows))
    found += unit.always
    return found


def combine(mix: Floats, parts: Floats) -> Floats:
    """The sum of so much of some parts (see ``weights_of``) at every setting: (G, ...)."""
    found = mix @ parts.reshape(len(parts), -1)
    return found.reshape(len(mix), *parts.shape[1:])


def parts_between(unit: UnitSeries, rows: Ints, columns: Ints) -> Floats:
    """Covariances of some of a unit's shocks with others, one matrix a part of ``weights_of``.

    All covariances at any setting are sums of these, so they are worked out once:
    (parts, rows, columns).
    """
    times, place = unit.times
    found: Floats = _parts_of(times).take(place[rows], axis=1).take(place[columns], axis=2)
    uneven = unit.scale * np.sqrt(unit.unevenness[rows, None] * unit.unevenness[columns])
    found[:OF_CLINIC] *= unit.scale
    found[OF_CLINIC:-1] *= uneven * (unit.channel[rows, None] == unit.channel[columns])
    found[-1] *= uneven * (unit.kind[rows, None] == unit.kind[columns])
    return found


def parts_toward(unit: UnitSeries, weight: Floats) -> Floats:
    """Covariances of a unit's shocks with a weighted sum of them, one row a part: (parts, n)."""
    times, place = unit.times
    parts, uneven = _parts_of(times), np.sqrt(unit.unevenness)
    whole = np.bincount(place, weight, len(times))
    found = np.empty((len(parts), len(place)))
    found[:OF_CLINIC] = (parts[:OF_CLINIC] @ whole)[:, place]
    for some, group in ((slice(OF_CLINIC, -1), unit.channel), (slice(-1, None), unit.kind)):
        shape = int(group.max()) + 1, len(times)
        at = group * len(times) + place
        own = parts[some] @ np.bincount(at, uneven * weight, shape[0] * shape[1]).reshape(shape).T
        found[some] = uneven * own[:, place, group]
    found *= unit.scale
    return found


def _parts_of(times: Floats) -> Floats:
    """The parts of ``weights_of`` between times: the clinic's, then its cells', then the season."""
    return _stacked_parts(times.tobytes())


@lru_cache(maxsize=64)
def _stacked_parts(times_bytes: bytes) -> Floats:
    *fading, wander, line, season = kernel_parts(np.frombuffer(times_bytes))
    return np.stack([*fading, wander, line, *fading, wander + line, season])


def weights_of(sizes: Floats) -> Floats:
    """How much there is of each part, the clinic's, then its cells', then the season: (G, 12)."""
    squares = sizes**2
    return np.hstack(
        [
            mix_of(sizes, sd=CLINIC_SD, memory=CLINIC_MEMORY),
            squares[:, [CLINIC_DRIFT, LINE]],
            mix_of(sizes, sd=CELL_SD, memory=CELL_MEMORY),
            squares[:, [CELL_DRIFT, SEASON]],
        ]
    )


def working_response(unit: UnitSeries) -> tuple[Floats, Floats]:
    """Log of observed over expected where known, linearised, and its variance beyond shocks.

    Iterated around a smooth course with middling shocks, so that empty blocks are no trouble
    and a clinic that has doubled is not measured on the scale of its beginnings.
    """
    known = unit.known
    observed, expected = unit.observed[known], unit.expected[known]
    levels = unit.levels[known]
    levels = levels[:, levels.any(axis=0)]
    beyond = unit.spread[known] + unit.scatter[known]
    smooth = combine(weights_of(np.array([ROUGH])), unit.parts_known)[0] + unit.always_known
    start = np.log((observed @ levels + 0.5) / (expected @ levels + 0.5))
    course, own = levels @ start, np.diag_indices(len(observed))
    for _ in range(4):
        mean = expected * np.exp(course)
        response = course + (observed - mean) / mean
        seen = smooth.copy()
        seen[own] += 1 / mean + beyond
        weighted = _solved(seen, np.column_stack([levels, response]))
        height = _solved(levels.T @ weighted[:, :-1], levels.T @ weighted[:, -1])
        level = levels @ height
        moved = level + smooth @ (weighted[:, -1] - weighted[:, :-1] @ height)
        course = np.clip(moved, level - 3, level + 3)
    mean = expected * np.exp(course)
    return course + (observed - mean) / mean, 1 / mean + beyond


def _solved(covariance: Floats, right: Floats) -> Floats:
    """A positive definite system solved; numpy's way is for any system and takes twice as long."""
    _, found, trouble = dposv(covariance, right)
    if trouble:
        return np.linalg.solve(covariance, right).astype(np.float64, copy=False)
    return np.asarray(found, dtype=np.float64)


def asked(unit: UnitSeries, **target: Floats | float) -> UnitSeries:
    """The unit asked something else: ``target``, ``target_design`` and ``target_scatter``.

    What was worked out of its past holds for it too.
    """
    other = replace(unit, **target)  # type: ignore[arg-type]
    for name in ("times", "parts_known", "always_known", "response", "levels"):
        vars(other)[name] = getattr(unit, name)
    return other


def only_before(unit: UnitSeries, hidden: Bools) -> UnitSeries:
    """The unit as if some channels and blocks had not been seen."""
    return replace(
        unit,
        expected=np.where(hidden, 0.0, unit.expected),
        observed=np.where(hidden, 0.0, unit.observed),
    )
