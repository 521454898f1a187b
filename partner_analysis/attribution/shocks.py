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

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MEMORIES: Final = (0.0, 0.5, 0.75, 0.92)
OWN_HERE, OTHERS_HERE, IN_TIME = 0.4, 0.2, 0.25
AUXILIARY: Final = 1e12
AT_A_TIME: Final = 2**18  # numbers worked on at once: more do not fit the memory near the processor

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
    the unit's cells.
    """

    name: str
    member: NDArray[np.int64]
    years: Floats
    channel: NDArray[np.int64]
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


@dataclass(frozen=True)
class Fit:
    """One unit at every setting: its likelihood and what it says of its target.

    ``log_likelihood`` (G); ``mean`` and ``variance`` (G) of the shock averaged over the target;
    ``information`` (G, q, q) and ``score`` (G, q) on the joint effects; ``pull`` (G, q) how a
    joint effect, once known, moves the prediction over the target.
    """

    log_likelihood: Floats
    mean: Floats
    variance: Floats
    information: Floats
    score: Floats
    pull: Floats

    @classmethod
    def joined(cls, fits: Sequence[Fit]) -> Fit:
        """One fit of the settings of several."""
        return cls(*(np.concatenate(each) for each in zip(*map(_fields_of, fits), strict=True)))


def _fields_of(fit: Fit) -> list[Floats]:
    return list(vars(fit).values())


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
    years, place = np.unique(unit.years, return_inverse=True)
    parts, mix = kernel_parts(years).reshape(len(MEMORIES) + 3, -1), weights_of(sizes)
    apart = len(parts) - 1  # the season is the cells' alone
    of_clinic, of_cells = (
        (unit.scale * each @ some).reshape(len(sizes), len(years), len(years))
        for each, some in ((mix[:, :apart], parts[:apart]), (mix[:, apart:], parts))
    )
    found = of_clinic.take(place, axis=1).take(place, axis=2)
    found += unit.always
    for channel in range(unit.channel.max() + 1):
        mine = np.flatnonzero(unit.channel == channel)
        felt = (unit.unevenness[mine, None] + unit.unevenness[mine]) / 2
        own = of_cells.take(place[mine], axis=1).take(place[mine], axis=2)
        found[:, mine[:, None], mine] += own * felt
    return found


def weights_of(sizes: Floats) -> Floats:
    """How much there is of each part, the clinic's, then its cells': (G, parts)."""
    squares = sizes**2
    return np.hstack(
        [
            mix_of(sizes, sd=CLINIC_SD, memory=CLINIC_MEMORY),
            squares[:, [CLINIC_DRIFT, LINE]],
            mix_of(sizes, sd=CELL_SD, memory=CELL_MEMORY),
            squares[:, [CELL_DRIFT, CELL_DRIFT, SEASON]],
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
    smooth = kernel(unit, np.array([ROUGH]))[0][np.ix_(known, known)]
    start = np.log((observed @ levels + 0.5) / (expected @ levels + 0.5))
    course = levels @ start
    for _ in range(4):
        mean = expected * np.exp(course)
        response = course + (observed - mean) / mean
        seen = smooth + np.diag(1 / mean + beyond)
        weighted = np.linalg.solve(seen, np.column_stack([levels, response]))
        height = np.linalg.solve(levels.T @ weighted[:, :-1], levels.T @ weighted[:, -1])
        level = levels @ height
        moved = level + smooth @ (weighted[:, -1] - weighted[:, :-1] @ height)
        course = np.clip(moved, level - 3, level + 3)
    mean = expected * np.exp(course)
    return course + (observed - mean) / mean, 1 / mean + beyond


def fit_unit(unit: UnitSeries, sizes: Floats, *, deviations: bool = True) -> Fit:
    """One unit at every setting, its levels free and joint effects left open.

    A partnership that is modelled jointly need not do the same in every unit and at all times:
    its log effect here may differ from its mean (by an sd of 0.4 for the one that is judged, so
    that other units say little of it, and of 0.2 for the others) and wander around that
    (sd 0.25, a year's memory), unless ``deviations`` are turned off.
    """
    beside = deviations_of(unit, deviations=deviations)
    step = max(1, AT_A_TIME // len(unit.years) ** 2)
    parts = [sizes[at : at + step] for at in range(0, len(sizes), step)]
    return Fit.joined([_fit(unit, part, *beside) for part in parts])


def _fit(unit: UnitSeries, sizes: Floats, within: Floats, across: Floats, target: Floats) -> Fit:
    """One unit at some settings, with what joint effects do in it beyond their means."""
    known, weight, levels = unit.known, unit.weight, unit.levels
    response, noise = unit.response
    free = np.column_stack([levels[known], unit.design[known], response])
    base = kernel(unit, sizes)
    carried = base @ weight
    toward = (carried + weight @ across)[:, known]
    spread = carried @ weight + weight @ target @ weight
    seen = at_known(base, known)
    seen += within[np.ix_(known, known)] + np.diag(noise)
    log_determinant, gram = _whitened(seen, free, toward)
    count = levels.shape[1]
    inverse = np.linalg.inv(gram[:, :count, :count])
    missed = weight @ levels - gram[:, -1, :count]
    by_level = inverse @ gram[:, :count, count:-1]
    rest = gram[:, count:-1, count:-1] - gram[:, count:-1, :count] @ by_level
    predicted = gram[:, -1, count:-1] + np.einsum("gl,glz->gz", missed, by_level)
    left = spread - gram[:, -1, -1]
    left += np.einsum("gl,glm,gm->g", missed, inverse, missed)
    determinants = log_determinant - np.linalg.slogdet(inverse)[1]
    return Fit(
        log_likelihood=-0.5 * (determinants + rest[:, -1, -1]),
        mean=predicted[:, -1],
        variance=np.maximum(left, 0) + unit.target_scatter,
        information=rest[:, :-1, :-1],
        score=rest[:, :-1, -1],
        pull=weight @ unit.target_design - predicted[:, :-1],
    )


def at_known(covariances: Floats, known: Bools) -> Floats:
    """Rows and columns of some matrices of which something is known."""
    at = np.flatnonzero(known)
    return covariances.take(at, axis=1).take(at, axis=2)


def _whitened(seen: Floats, free: Floats, toward: Floats) -> tuple[Floats, Floats]:
    """Log determinant of each covariance, and all products of its whitened columns.

    The Cholesky factor of a covariance bordered by its columns holds the whitened columns, so
    that one factorisation does it all.
    """
    size, columns = seen.shape[1], free.shape[1] + 1
    bordered = np.zeros((len(seen), size + columns, size + columns))
    bordered[:, :size, :size] = seen
    bordered[:, size:-1, :size] = free.T
    bordered[:, -1, :size] = toward
    border_of = np.arange(size, size + columns)
    bordered[:, border_of, border_of] = AUXILIARY
    factor = np.linalg.cholesky(bordered)
    border: Floats = factor[:, size:, :size]
    own = np.diagonal(factor[:, :size, :size], axis1=1, axis2=2)
    return 2 * np.log(own).sum(axis=1), border @ border.transpose(0, 2, 1)


def deviations_of(unit: UnitSeries, *, deviations: bool) -> tuple[Floats, Floats, Floats]:
    """What jointly modelled effects do here beyond their means: seen, across, over the target."""
    none = np.zeros((len(unit.years), len(unit.years)))
    if not deviations or not (unit.design > 0).any():
        return none, none, none
    return (
        _deviations(unit.years, unit.design, unit.design),
        _deviations(unit.years, unit.target_design, unit.design),
        _deviations(unit.years, unit.target_design, unit.target_design),
    )


def _deviations(years: Floats, design: Floats, other: Floats) -> Floats:
    here = np.full(design.shape[1], OTHERS_HERE**2)
    here[0] = OWN_HERE**2
    course = IN_TIME**2 * np.exp(-np.abs(years[:, None] - years[None, :]))
    return (design * here) @ other.T + course * (design @ other.T)


def only_before(unit: UnitSeries, hidden: Bools) -> UnitSeries:
    """The unit as if some channels and blocks had not been seen."""
    return replace(
        unit,
        expected=np.where(hidden, 0.0, unit.expected),
        observed=np.where(hidden, 0.0, unit.observed),
    )
