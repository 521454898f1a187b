"""Effects blended with named referrals: a biased, quiet signal beside an unbiased, noisy one.

Some who came through a partner do not say so (*capture* below 1), some who name it would have
come anyway (*false naming* above 0). Given how many came, the number who named the partner is
binomial with probability ``capture * extra + false_naming * (1 - extra)``, ``extra`` being the
share of those who came who would not have come without it (nobody where the effect is negative).
Conditioning on how many came keeps the noise that both signals share from counting twice.

Capture and false naming of each partnership scatter around a mean of the practice (on the logit
scale, with one chance in seven of lying anywhere). Means and scatters are learnt from the *other*
partnerships of the practice; where estimated and named do not fit together the scatter grows, the
named say less and the blend returns to the counts. A practice's mean effect is used to learn how
patients name, and never pulls a partnership's own effect.

Everything is summed over fixed grids: the same input gives the same output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit, logit, xlog1py, xlogy

from partner_analysis.tables import Interval

Floats = NDArray[np.float64]

FEWEST: Final = 5
# The grids resolve what this many patients can tell; larger windows say no more than that.
MOST_PATIENTS: Final = 2500.0
# A form that lacks the label, a front desk that always asks: one partnership in seven is recorded
# like no other, and one in a hundred named counts has nothing to do with who came.
ODD_ONE_OUT: Final = 0.15
UNRELATED: Final = 0.01
EVERY: Final = 4

EXTRA: Final = np.linspace(0, 1, 65) ** 1.3
CAPTURE: Final = np.sin((np.arange(16) + 0.5) / 16 * np.pi / 2) ** 2
FALSE_NAMING: Final = np.sin((np.arange(48) + 0.5) / 48 * 0.9) ** 2
FINE: Final = 1024

# Prior of the practice: mean capture 0.57 (0.16 to 0.90), mean false naming 0.05 (0.005 to 0.37).
CAPTURE_MEAN: Final = (0.3, 1.0, np.linspace(-2.0, 2.6, 9))
FALSE_MEAN: Final = (-2.9, 1.2, np.linspace(-6.0, 0.0, 11))
SCATTERS: Final = np.array([0.1, 0.3, 0.6, 1.0, 1.6])
SCATTER_PRIOR: Final = 1.0
# While a partnership runs its name is about, so more name it who would have come anyway.
PROMPTING: Final = (0.5, 1.0)
EFFECT_MEANS: Final = np.linspace(-0.3, 0.7, 11)
EFFECT_SCATTERS: Final = np.array([0.05, 0.1, 0.2, 0.4, 0.8])


@dataclass(frozen=True)
class NamedEvidence:
    """What counts and named referrals say of one partnership's window.

    Attributes
    ----------
    partnership_id
        Whose.
    came, without
        Draws (n,) of the expected new patients over the window with it, and without it.
    named
        New patients of the window who named it: a subset of ``observed``.
    observed
        New patients of the window.
    could_name_patients, named_when_inactive
        New patients who could have named it while it was not active, and how many did
        (``naming.count_named_when_inactive``); 0 and 0 where there were none.
    """

    partnership_id: str
    came: Floats = field(repr=False)
    without: Floats = field(repr=False)
    named: float
    observed: float
    could_name_patients: float = 0.0
    named_when_inactive: float = 0.0

    @property
    def is_usable(self) -> bool:
        """Whether somebody came, and no more named it than came."""
        return self.observed > 0 and 0 <= self.named <= self.observed


def blend(evidence: Sequence[NamedEvidence], *, level: float = 0.95) -> dict[str, Interval]:
    """Extra new patients of each partnership from counts and named together, by id.

    Parameters
    ----------
    evidence
        One entry per partnership of the practice. Those of whom more patients are said to have
        named the partner than came are left out.
    level
        Of the intervals.

    Returns
    -------
    dict of str to Interval
        Over the same window and in the same unit as the draws. Empty with fewer than five usable
        partnerships: capture and false naming cannot be told apart from so few, and the answer
        would be the prior's.

    Notes
    -----
    Combining an unbiased with a biased estimator so that the weight of the latter falls as the two
    disagree: Green & Strawderman (1991), JASA 86(416).
    """
    usable = [each for each in evidence if each.is_usable]
    if len(usable) < FEWEST:
        return {}
    likelihoods = [_likelihood(each) for each in usable]
    strays = [_stray_likelihood(each) for each in usable]
    shares = _shares_of_extra(usable)
    by_scatter = np.array(
        [
            _CAPTURE_GIVEN @ np.tensordot(share, likelihood, 1) @ (_FALSE_GIVEN * stray).T
            for share, likelihood, stray in zip(shares, likelihoods, strays, strict=True)
        ]
    )
    each_log = np.log(np.maximum(by_scatter, 1e-300))
    from_others = each_log.sum(axis=0) + _PRIOR - each_log
    weights = np.exp(from_others - from_others.max(axis=(1, 2), keepdims=True))
    pairs = _CAPTURE_GIVEN.T @ weights @ _FALSE_GIVEN * np.array(strays)[:, None, :]
    return {
        own.partnership_id: _weighted(own, np.tensordot(likelihood, pair, 2), level)
        for own, likelihood, pair in zip(usable, likelihoods, pairs, strict=True)
    }


def _likelihood(evidence: NamedEvidence) -> Floats:
    """Of the named given who came: (extra, capture, false naming), the largest being 1."""
    fewer = min(1.0, MOST_PATIENTS / evidence.observed)
    named, silent = evidence.named * fewer, (evidence.observed - evidence.named) * fewer
    log_values = xlogy(named, _FINE_GRID) + xlog1py(silent, -_FINE_GRID)
    values = np.exp(log_values - log_values.max())
    return ((1 - UNRELATED) * values + UNRELATED * (values @ _FINE_WIDTH))[_WHERE]


def _stray_likelihood(evidence: NamedEvidence) -> Floats:
    """Of false naming while active, from who named it when it was not: (false naming,)."""
    fewer = min(1.0, MOST_PATIENTS / max(evidence.could_name_patients, 1.0))
    named = evidence.named_when_inactive * fewer
    silent = evidence.could_name_patients * fewer - named
    steps = np.linspace(-2.5, 2.5, 11)
    rate = logit(FALSE_NAMING)[:, None] - PROMPTING[0] - PROMPTING[1] * steps
    log_values = named * log_expit(rate) + silent * log_expit(-rate)
    values = np.exp(log_values - log_values.max()) @ np.exp(-0.5 * steps**2)
    return values / values.max()


def _shares_of_extra(evidence: Sequence[NamedEvidence]) -> list[Floats]:
    """What the counts say of the share of extra patients, on ``EXTRA``, under the practice's mean.

    Without a common distribution of effects a flat prior on each would make low capture likely
    by itself. Used to learn how patients name only.
    """
    changes = [
        np.log(np.maximum(each.came[::EVERY], 1e-9) / np.maximum(each.without[::EVERY], 1e-9))
        for each in evidence
    ]
    centre, variance = (np.array([f(c) for c in changes])[:, None, None] for f in (np.mean, np.var))
    around = variance + EFFECT_SCATTERS**2
    fit = -0.5 * ((centre - EFFECT_MEANS[:, None]) ** 2 / around + np.log(around))
    weight = fit.sum(axis=0) - np.log1p((EFFECT_SCATTERS / 0.2) ** 2)
    weight = np.exp(weight - weight.max()) / EFFECT_SCATTERS
    steps = np.linspace(-3, 3, 601)
    apart = (steps[:, None, None] - EFFECT_MEANS[:, None]) / EFFECT_SCATTERS
    common = np.einsum("ms,tms->t", weight / weight.sum(), np.exp(-0.5 * apart**2)) + 1e-6
    shares = []
    for change in changes:
        where = np.searchsorted(_EDGES, np.maximum(-np.expm1(-change), 0.0))
        share = np.bincount(where, np.interp(change, steps, common), len(EXTRA))
        shares.append(share / share.sum())
    return shares


def _weighted(evidence: NamedEvidence, likelihood: Floats, level: float) -> Interval:
    """Mean and central interval of the extra patients, draws weighted by the named.

    That few named it can deny extra patients, but says nothing of fewer: as much as is denied, up
    to what the counts hold for fewer, counts as no effect. Else a partnership that does nothing
    and that nobody names would seem to do harm.
    """
    total = evidence.came - evidence.without
    extra = np.maximum(1 - evidence.without / np.maximum(evidence.came, 1e-9), 0.0)
    weight = np.interp(extra, EXTRA, likelihood)
    denied = np.maximum(likelihood[0] - weight, 0.0).sum()
    denied = min(denied, likelihood[0] * (total <= 0).sum())
    total, weight = np.append(total, 0.0), np.append(weight, denied)
    weight = weight / weight.sum()
    order = np.argsort(total)
    beyond = (1 - level) / 2
    ends = np.searchsorted(np.cumsum(weight[order]), [beyond, 1 - beyond])
    low, high = total[order][ends]
    estimate = float(weight @ total)
    return Interval(estimate, min(float(low), estimate), max(float(high), estimate))


def _given(values: Floats, means: Floats) -> Floats:
    """Chance of each rate given mean and scatter, and the small chance of any: (pairs, rates)."""
    mean, scatter = (each.ravel()[:, None] for each in np.meshgrid(means, SCATTERS, indexing="ij"))
    scale = logit(values)
    widths = 1 / np.sqrt(values * (1 - values))
    chance = np.exp(-0.5 * ((scale - mean) / scatter) ** 2) * widths
    chance /= np.maximum(chance.sum(axis=1, keepdims=True), 1e-300)
    return (1 - ODD_ONE_OUT) * chance + ODD_ONE_OUT / len(values)


def _log_prior(mean: float, sd: float, means: Floats) -> Floats:
    """Log prior of mean and scatter, in the order of ``_given``; half-Cauchy for the scatter."""
    steps = np.gradient(SCATTERS)
    scatter = np.log(steps) - np.log1p((SCATTERS / SCATTER_PRIOR) ** 2)
    return np.add.outer(-0.5 * ((means - mean) / sd) ** 2, scatter).ravel()


_EDGES: Final = (EXTRA[1:] + EXTRA[:-1]) / 2
_FINE_GRID: Final = np.sin((np.arange(FINE) + 0.5) / FINE * np.pi / 2) ** 2
_FINE_WIDTH: Final = np.sin((np.arange(FINE) + 0.5) / FINE * np.pi) * np.pi / 2 / FINE
_CHANCE: Final = EXTRA[:, None, None] * CAPTURE[:, None] + (1 - EXTRA[:, None, None]) * FALSE_NAMING
_WHERE: Final = np.minimum((np.arcsin(np.sqrt(_CHANCE)) / (np.pi / 2) * FINE).astype(int), FINE - 1)
_CAPTURE_GIVEN: Final = _given(CAPTURE, CAPTURE_MEAN[2])
_FALSE_GIVEN: Final = _given(FALSE_NAMING, FALSE_MEAN[2])
_PRIOR: Final = np.add.outer(_log_prior(*CAPTURE_MEAN), _log_prior(*FALSE_MEAN))
