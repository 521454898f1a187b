"""What partnerships of one kind brought in many practices: a random-effects summary."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtri
from scipy.stats import chi2, norm, t

from partner_analysis.attribution.draws import interval_of, lattice
from partner_analysis.tables import NO_NUMBER, InputError, Interval, require_columns

Floats = NDArray[np.float64]

ENOUGH_PRACTICES: Final = 3
ALL_KINDS: Final = "all kinds together"
DRAWS: Final = 4096
PICKS: Final = 8
TAUS: Final = np.concatenate([[0.0], np.geomspace(1e-3, 10.0, 400)])


@dataclass(frozen=True)
class Combined:
    """A random-effects summary of independent estimates, on their own scale.

    Attributes
    ----------
    mean, prediction, tau
        Mean of true effects; where the true effect of one more lies; how far true effects differ
        (standard deviation). Each with its interval.
    error
        Standard error of the mean.
    i_squared
        Share of the variation that is more than chance (Higgins and Thompson 2002), 0 to 1.
    """

    mean: Interval
    prediction: Interval
    tau: Interval
    error: float
    i_squared: float


@dataclass(frozen=True)
class KindPrior:
    """A prior for one partnership's log ratio, named by where it is from.

    A normal distribution whose 95 percent interval is the prediction interval of the pool.
    """

    kind: str
    mean: float
    sd: float
    practices: int

    @property
    def words(self) -> str:
        """Its name in a sentence."""
        what = "any kind" if self.kind == ALL_KINDS else f"the kind {self.kind}"
        return (
            f"Prior from other practices: partners of {what} in {self.practices} practices, "
            "by the interval in which one more is to be expected."
        )


@dataclass(frozen=True)
class PooledKind:
    """What partnerships of one kind brought in all practices that shared.

    Attributes
    ----------
    kind
        Kind of partner, or "all kinds together".
    practices, partnerships
        How many have a number; a practice counts once, however many partnerships it has.
    unclear
        Partnerships that were shared without a number.
    combined
        The summary of log ratios; None with fewer than three practices.
    level
        Of its intervals.
    """

    kind: str
    practices: int
    partnerships: int
    unclear: int
    combined: Combined | None
    level: float

    @property
    def mean_percent(self) -> Interval:
        """Mean effect in percent of what was expected; no number where it cannot be told."""
        return NO_NUMBER if self.combined is None else _in_percent(self.combined.mean)

    @property
    def prediction_percent(self) -> Interval:
        """Where one more partnership of this kind is to be expected, in percent."""
        return NO_NUMBER if self.combined is None else _in_percent(self.combined.prediction)

    @property
    def prior(self) -> KindPrior | None:
        """Prior for a practice that has no file in this pool; None where it cannot be told."""
        if self.combined is None:
            return None
        span = self.combined.prediction
        sd = (span.high - span.low) / 2 / float(norm.isf((1 - self.level) / 2))
        return KindPrior(self.kind, (span.low + span.high) / 2, sd, self.practices)


def pool_effects(shared: pd.DataFrame, *, level: float = 0.95) -> dict[str, PooledKind]:
    """Summary by kind of partner, and of all kinds together, which comes last.

    Parameters
    ----------
    shared
        Rows of shared files: ``practice``, ``kind``, ``effect`` (log of observed to expected)
        and ``standard_error``, both NaN where a partnership has no number.
    level
        Of all intervals.

    Notes
    -----
    Partnerships of one practice share its shocks. So a practice counts once in each kind, with
    the mean of its partnerships and a standard error as if all their errors were the same; one
    more partnership is predicted from one of each practice at a time.

    >>> shared = pd.DataFrame({"practice": list("abc"), "kind": "gym", "effect": [0.1, 0.2, 0.3]})
    >>> pool_effects(shared.assign(standard_error=0.1))["gym"].mean_percent.estimate.__round__()
    22
    """
    require_columns(shared, ("practice", "kind", "effect", "standard_error"), "shared")
    if not 0.5 <= level <= 0.999:
        raise InputError(f"level: {level!r} is not a confidence level. Use 0.95, or 0.5 to 0.999.")
    pooled = {
        str(kind): _pool_kind(str(kind), rows, level)
        for kind, rows in shared.groupby("kind", sort=True)
    }
    return pooled | {ALL_KINDS: _pool_kind(ALL_KINDS, shared, level)}


def _pool_kind(kind: str, rows: pd.DataFrame, level: float) -> PooledKind:
    told = rows.loc[rows["effect"].notna() & rows["standard_error"].notna()]
    means = told.groupby("practice", sort=True)[["effect", "standard_error"]].mean()
    combined = None
    if len(means) >= ENOUGH_PRACTICES:
        combined = combine(
            means["effect"].to_numpy(float),
            means["standard_error"].to_numpy(float),
            level=level,
            ahead=_ahead(told),
        )
    return PooledKind(kind, len(means), len(told), len(rows) - len(told), combined, level)


def _ahead(told: pd.DataFrame) -> Floats:
    """Draws of one more partnership, learnt from one partnership of each practice at a time.

    Which one is drawn anew (a fixed sequence) for each share of the draws. So what differs within
    practices is in it, and how far errors within a practice agree need not be known.
    """
    rows = told.sort_values(["practice", "effect", "standard_error"], kind="stable")
    groups = list(rows.groupby("practice", sort=True).indices.values())
    if len(groups) == len(rows):
        picks = [np.arange(len(rows))]
    else:
        rng = np.random.default_rng(PICKS)
        picks = [np.array([rng.choice(group) for group in groups]) for _ in range(PICKS)]
    effects, errors = (rows[c].to_numpy(float) for c in ("effect", "standard_error"))
    each = DRAWS // len(picks)
    return np.concatenate([predicted(effects[pick], errors[pick], draws=each) for pick in picks])


def combine(
    effects: Floats, errors: Floats, *, level: float = 0.95, ahead: Floats | None = None
) -> Combined:
    """Random-effects summary of at least three independent estimates.

    Parameters
    ----------
    effects, errors
        Estimates and standard errors, (k,).
    level
        Of all intervals.
    ahead
        Draws of the true effect of one more; default: ``predicted`` from these.

    Notes
    -----
    Variance between effects by Paule and Mandel (1982) and the mean's interval by Hartung and
    Knapp (2001) with k - 1 degrees of freedom, never narrower than by t alone (Roever, Knapp and
    Friede 2015), from ``statsmodels``; the interval of tau by Q profiles (Viechtbauer 2007,
    "Confidence intervals for the amount of heterogeneity in meta-analysis"); prediction by
    Nagashima, Noma and Furukawa (2019), see ``predicted``.

    Raises
    ------
    InputError
        For fewer than three, or a standard error that is not above zero.
    """
    from statsmodels.stats.meta_analysis import combine_effects

    count = len(effects)
    if count < ENOUGH_PRACTICES or not (errors > 0).all() or not np.isfinite(effects).all():
        raise InputError(
            f"effects: {ENOUGH_PRACTICES} or more are needed, each with a standard error above 0."
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        found = combine_effects(effects, errors**2, method_re="iterated", use_t=True)
    centre, error = float(found.mean_effect_re), float(found.sd_eff_w_re)
    error = max(error, float(found.sd_eff_w_re_hksj))
    tail = (1 - level) / 2
    reach = error * float(t.isf(tail, count - 1))
    chance = (count - 1) / float(found.q) if found.q > 0 else math.inf
    return Combined(
        mean=Interval(centre, centre - reach, centre + reach),
        prediction=interval_of(
            predicted(effects, errors) if ahead is None else ahead, centre, level
        ),
        tau=Interval(math.sqrt(found.tau2), *_ends_of_tau(effects, errors, tail)),
        error=error,
        i_squared=max(0.0, 1 - chance),
    )


def predicted(effects: Floats, errors: Floats, *, draws: int = DRAWS) -> Floats:
    """Draws of the true effect of one more, how far true effects differ being uncertain too.

    A fixed lattice over the confidence distribution of tau that Cochran's Q gives
    (Nagashima, Noma and Furukawa 2019, "Prediction intervals for random-effects meta-analysis: a
    confidence distribution approach"). With tau as if it were known, as is usual, intervals of
    95 percent hold 84 to 90 percent where ten or twenty studies differ little.
    """
    share, normal, own = lattice(draws, 3)
    _, _, excess = _around_each(TAUS, effects, errors)
    below = chi2.sf(excess, len(effects) - 1)
    tau = np.interp(share, below, TAUS)
    centre, error, excess = _around_each(tau, effects, errors)
    scale = np.sqrt(np.maximum(1.0, excess / (len(effects) - 1)))
    normal, own = (np.clip(points, 1e-9, 1 - 1e-9) for points in (normal, own))
    drawn = centre + t.ppf(own, len(effects) - 1) * scale * error
    return np.asarray(drawn + tau * ndtri(normal), dtype=float)


def _around_each(taus: Floats, effects: Floats, errors: Floats) -> tuple[Floats, Floats, Floats]:
    """Weighted mean, its standard error and Cochran's Q at each tau."""
    weight = 1 / (errors**2 + taus[:, None] ** 2)
    total = weight.sum(axis=1)
    centre = weight @ effects / total
    excess = (weight * (effects - centre[:, None]) ** 2).sum(axis=1)
    return centre, 1 / np.sqrt(total), excess


def _ends_of_tau(effects: Floats, errors: Floats, tail: float) -> tuple[float, float]:
    """Where Cochran's Q leaves the central part of its chi-square distribution."""

    def beyond(tau: float, wanted: float) -> float:
        return float(_around_each(np.array([tau]), effects, errors)[2][0]) - wanted

    def end(share: float) -> float:
        wanted = float(chi2.ppf(share, len(effects) - 1))
        if beyond(0.0, wanted) <= 0:
            return 0.0
        if beyond(TAUS[-1], wanted) >= 0:
            return float(TAUS[-1])
        return float(brentq(beyond, 0.0, TAUS[-1], args=(wanted,)))

    return end(1 - tail), end(tail)


def _in_percent(logs: Interval) -> Interval:
    ends = (logs.estimate, logs.low, logs.high)
    return Interval(*(100 * math.expm1(min(end, 50.0)) for end in ends))
