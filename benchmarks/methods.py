"""Every method by its name: (practice) -> estimate, low, high of the total effect of "it"."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from latent import Practice

Answer = tuple[float, float, float]
NONE: Answer = (np.nan, np.nan, np.nan)


@dataclass(frozen=True)
class Method:
    """Where the function is, and on how many practices at most it is tried."""

    label: str
    module: str
    function: str
    at_most: int = 10**9

    def load(self) -> Callable[[Practice], Answer]:
        return getattr(importlib.import_module(self.module), self.function)


METHODS = {
    "limit": Method("limit: own history", "limit", "limit_own_history"),
    "limit_siblings": Method("limit: with siblings", "limit", "limit_with_siblings"),
    "limit_learning": Method("limit: learning all", "limit", "limit_learning", at_most=100),
    "ours": Method("partner_analysis", "methods", "ours"),
    "before_after": Method("before and after", "today", "before_and_after"),
    "named": Method("named referrals", "today", "count_named"),
    "its": Method("statsmodels interrupted series", "peers_series", "interrupted_series"),
    "fepois": Method("pyfixest fepois", "peers_panel", "fepois"),
    "fepois_persona": Method("pyfixest fepois by persona", "peers_panel", "fepois_by_persona"),
    "imputation": Method("diff-diff imputation", "peers_panel", "imputation"),
    "etwfe": Method("diff-diff Poisson ETWFE", "peers_panel", "poisson_etwfe", at_most=40),
    "callaway": Method("diff-diff Callaway-Sant'Anna", "peers_panel", "callaway_santanna"),
    "sdid": Method("diff-diff synthetic DiD", "peers_panel", "synthetic_did", at_most=40),
    "pysyncon": Method("pysyncon", "peers_series", "synthetic_control"),
    "causalimpact": Method("bsts-causalimpact", "peers_series", "causal_impact"),
    "causalpy": Method("CausalPy", "peers_series", "causalpy", at_most=5),
}


def ours(practice: Practice) -> Answer:
    """The effect without its checks; a bundle is not a number for this partnership."""
    from partner_analysis.attribution.estimate import estimate_effect

    extra = {"checks": False} if "checks" in inspect.signature(estimate_effect).parameters else {}
    effect = estimate_effect(practice.counts, practice.partnerships, "it", **extra)
    if effect.bundle or not effect.total.is_number:
        return NONE
    return effect.total.estimate, effect.total.low, effect.total.high
