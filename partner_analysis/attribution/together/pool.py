"""What partnerships of one kind brought in many practices: a random-effects summary."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import norm

from partner_analysis.attribution.together.combine import (
    DRAWS,
    FEWEST,
    Combined,
    Floats,
    combine,
    predicted,
)
from partner_analysis.tables import NO_NUMBER, InputError, Interval, require_columns

ALL_KINDS: Final = "all kinds together"
PICKS: Final = 8


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
    if len(means) >= FEWEST:
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


def _in_percent(logs: Interval) -> Interval:
    ends = (logs.estimate, logs.low, logs.high)
    return Interval(*(100 * math.expm1(min(end, 50.0)) for end in ends))
