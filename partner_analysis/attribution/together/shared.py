"""What of a partnership may leave the practice: broad words, and numbers that hide counts.

No window of 1 to 10 new patients can be told from a shared row (``tests/attribution`` attacks
it): there is a number only where at least 30 were expected, a choice that does not look at what
came; where 10 or fewer came all the same, it is that of 11; and effect and standard error stand
on coarse grids.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.together.kinds import broad_kind, broad_persona, is_provider
from partner_analysis.tables import DAYS_PER_MONTH, InputError, as_names

SHARED_COLUMNS: Final = {
    "practice": "str",
    "kind": "str",
    "persona": "str",
    "size_class": "str",
    "months": "str",
    "effect": "float64",
    "standard_error": "float64",
}
ENOUGH_EXPECTED: Final = 30.0
FEWEST_TOLD: Final = 11.0
EFFECT_STEP: Final = 0.05
ERROR_STEP: Final = 0.02
MOST_EFFECT: Final = 3.0
MOST_ERROR: Final = 2.0
SIZES: Final = {
    "under 50 a month": 50.0,
    "50 to 199 a month": 200.0,
    "200 or more a month": math.inf,
}
MONTHS: Final = {"under 6": 6.0, "6 to 11": 12.0, "12 to 23": 24.0, "24 or more": math.inf}
QUANTILES: Final = (0.025, 0.5, 0.975)
NO_LOG_RATIO: Final = (math.nan, math.nan)


def shared_rows(
    effects: Mapping[str, Effect],
    partnerships: pd.DataFrame,
    *,
    providers: Iterable[str],
    monthly: float,
    token: str,
) -> pd.DataFrame:
    """Rows of the file that a practice shares, in an order that tells nothing.

    Parameters
    ----------
    effects
        Effects by partnership id, with their draws.
    partnerships
        The register: ``partnership_id``, ``kind``, ``personas``.
    providers
        Ids that are left out, with every partner whose kind is one of a provider.
    monthly
        New patients a month in the whole practice.
    token
        The practice's random name.

    Returns
    -------
    DataFrame
        One row per partnership, the unclear ones included: ``practice``, ``kind``, ``persona``,
        ``size_class`` (of the practice), ``months`` (of activity), ``effect`` (log of observed to
        expected) and ``standard_error``, both NaN where there is no number to share.
    """
    personas = partnerships.groupby("partnership_id")["personas"].agg(names_together)
    left_out = set(providers)
    rows = []
    for identifier, effect in effects.items():
        if identifier in left_out or is_provider(effect.kind):
            continue
        number, error = log_ratio(effect)
        rows.append(
            {
                "practice": token,
                "kind": broad_kind(effect.kind),
                "persona": broad_persona(personas.get(identifier, ())),
                "size_class": band_of(monthly, SIZES),
                "months": band_of(effect.active_days / DAYS_PER_MONTH, MONTHS),
                "effect": number,
                "standard_error": error,
            }
        )
    table = pd.DataFrame(rows, columns=list(SHARED_COLUMNS)).astype(SHARED_COLUMNS)
    return table.sort_values(list(SHARED_COLUMNS), ignore_index=True)


def log_ratio(effect: Effect) -> tuple[float, float]:
    """Log of observed to expected with its standard error, both coarse; NaN twice where none.

    None is given where fewer than 30 were expected, and for a bundle, whose number is not of
    this partnership alone. The standard error is half the central 95 percent of the draws over
    1.96, so that a long tail does not decide it.
    """
    if effect.draws is None or effect.bundle or not effect.expected >= ENOUGH_EXPECTED:
        return NO_LOG_RATIO
    low, centre, high = np.quantile(np.log(np.maximum(effect.draws[1], 1e-9)), QUANTILES)
    return hidden_ratio(effect.observed, float(centre), _variance(float(low), float(high)))


def hidden_ratio(observed: float, log_expected: float, variance: float) -> tuple[float, float]:
    """Coarse log ratio and standard error in which 0 to 11 new patients all look like 11.

    ``variance`` is that of the log of what was expected; what came has the law that it has in
    every estimate (Poisson, Jeffreys prior).
    """
    shown = max(observed, FEWEST_TOLD)
    low, _, high = np.log(gammaincinv(shown + 0.5, QUANTILES))
    error = math.sqrt(variance + _variance(float(low), float(high)))
    return coarse(math.log(shown) - log_expected, error)


def coarse(effect: float, error: float) -> tuple[float, float]:
    """Effect to the nearest 0.05; standard error, what rounding adds included, up to 0.02.

    >>> coarse(0.233, 0.101)
    (0.25, 0.12)
    """
    if not (math.isfinite(effect) and error > 0):
        return NO_LOG_RATIO
    wide = math.sqrt(error**2 + EFFECT_STEP**2 / 12)
    if wide > MOST_ERROR:
        return NO_LOG_RATIO
    near = min(max(round(effect / EFFECT_STEP) * EFFECT_STEP, -MOST_EFFECT), MOST_EFFECT)
    return round(near, 2) + 0.0, round(math.ceil(wide / ERROR_STEP - 1e-9) * ERROR_STEP, 2)


def band_of(value: float, bands: Mapping[str, float]) -> str:
    """Name of the band that holds a value: the first whose upper end lies above it.

    >>> band_of(7.5, MONTHS)
    '6 to 11'
    """
    if not value >= 0:
        raise InputError("A number of patients or months is not known. Count at least one period.")
    return next(name for name, end in bands.items() if value < end)


def _variance(low: float, high: float) -> float:
    return ((high - low) / 3.92) ** 2


def names_together(lists: pd.Series) -> tuple[str, ...]:
    """Names of all stretches; any stretch for all patients makes it all."""
    names = [as_names(each) for each in lists]
    return () if not all(names) else tuple(sorted(set().union(*names)))
