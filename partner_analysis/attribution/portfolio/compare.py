"""All partnerships side by side: shrunk effects, places that can and cannot be told apart.

The scale is extra new patients a month. Providers have no place, nor has an alliance that is not
meant to bring patients; both are listed with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import ndtri

from partner_analysis.attribution.draws import interval_of
from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.joint import Group, window_of_all
from partner_analysis.attribution.panel import Panel, arrange_panel
from partner_analysis.attribution.portfolio.correlation import Floats, correlate_estimates
from partner_analysis.attribution.portfolio.priors import prior_name, prior_of
from partner_analysis.attribution.posterior import weigh
from partner_analysis.attribution.ranking.discoveries import wrong_verdicts
from partner_analysis.attribution.ranking.ranks import indistinct_places, rank_sets
from partner_analysis.attribution.ranking.shrinkage import Shrunk, shrink
from partner_analysis.attribution.ranking.winner import size_winner
from partner_analysis.attribution.together.pool import KindPrior
from partner_analysis.tables import (
    DAYS_PER_MONTH,
    NO_NUMBER,
    Interval,
    as_names,
    check_counts,
    check_events,
    check_partnerships,
)

NOT_ANSWERED: Final = ("too early", "data not fit")
PATIENTS: Final = "patients"
REASONS: Final = ("provider", "other aims", "no number")
NO_PRIORS: Final[Mapping[str, KindPrior]] = MappingProxyType({})
NONE_DECLARED: Final[Mapping[str, str]] = MappingProxyType({})
PLACE_COLUMNS: Final = (
    "partnership_id", "members", "estimate", "low", "high", "shrunk", "shrunk_low", "shrunk_high",
    "shrunk_sd", "weight", "chance_positive", "chance_best", "chance_top_three", "expected_place",
    "expected_loss", "place", "first_place", "last_place",
)  # fmt: skip


@dataclass(frozen=True)
class Portfolio:
    """What can be said of all partnerships together, in extra new patients a month.

    Attributes
    ----------
    places
        One row per partnership, or bundle that the data cannot tell apart, by shrunk value:
        partnership_id (the first of the bundle), members (tuple of ids), estimate, low,
        high (alone), shrunk, shrunk_low, shrunk_high (empirical Bayes, robust interval),
        shrunk_sd, weight, chance_positive, chance_best, chance_top_three, expected_place,
        expected_loss, place, first_place, last_place (set of places that holds the true one
        at the level).
    left_out
        One row per partnership without a place: partnership_id, reason ("provider", "other
        aims", "no number").
    alike
        First and last place of each run of places that cannot be told apart.
    winner, winner_id
        Interval of the largest estimate, sized for its having been chosen, and whose it is;
        no number without places. By its shrunk value another may stand before it.
    together
        What all ranked partnerships brought a month, from one model; no number where none can
        be made.
    false_share
        Expected share of wrong signs among those whose standing is more or fewer; NaN if none.
    correlation
        (K, K), of the estimates, in the order of ``places``.
    level
        Of all intervals and sets.
    prior
        What effects were shrunk towards: "one another", or a prior from elsewhere, named.
    """

    places: pd.DataFrame
    left_out: pd.DataFrame
    alike: tuple[tuple[int, int], ...]
    winner: Interval
    winner_id: str
    together: Interval
    false_share: float
    correlation: Floats
    level: float
    prior: str = "one another"

    @cached_property
    def sizes(self) -> dict[str, tuple[float, float]]:
        """Shrunk value and its sd by id, of all that have a place or share a bundle's."""
        rows = self.places[["members", "shrunk", "shrunk_sd"]].itertuples(index=False)
        return {
            key: (float(row.shrunk), float(row.shrunk_sd)) for row in rows for key in row.members
        }


def compare_partnerships(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    effects: Mapping[str, Effect],
    *,
    declared: Mapping[str, str] = NONE_DECLARED,
    events: pd.DataFrame | None = None,
    holidays: str = "US",
    priors: Mapping[str, KindPrior] = NO_PRIORS,
) -> Portfolio:
    """All partnerships of a practice side by side.

    Parameters
    ----------
    counts, partnerships, events, holidays
        As for ``estimate_effects``; ``partnerships`` with ``provider`` and ``aims`` where they
        are known. Without ``provider`` nobody is one, without ``aims`` all are for patients.
    effects
        What ``estimate_effects`` gave, by id, with draws.
    declared
        Standing by id, of which "more" and "fewer" are findings.
    priors
        What partners of each broad kind brought in other practices; with any, effects are drawn
        towards these and not towards one another.

    Notes
    -----
    Shrinkage: Armstrong, Kolesar and Plagborg-Moller (2022), Econometrica 90(6). Places: Mogstad,
    Romano, Shaikh and Wilhelm (2024), Review of Economic Studies 91(1). Winner: Andrews, Kitagawa
    and McCloskey (2024), Quarterly Journal of Economics 139(1).
    """
    register = check_partnerships(partnerships)
    left_out = _left_out(register, effects)
    groups = _groups(effects, set(left_out["partnership_id"]))
    level = next((effect.level for effect in effects.values()), 0.95)
    if not groups:
        return Portfolio(
            places=pd.DataFrame(columns=list(PLACE_COLUMNS)),
            left_out=left_out,
            alike=(),
            winner=NO_NUMBER,
            winner_id="",
            together=NO_NUMBER,
            false_share=float("nan"),
            correlation=np.zeros((0, 0)),
            level=level,
            prior=prior_name(priors),
        )
    known = None if events is None else check_events(events)
    panel = arrange_panel(check_counts(counts), register, known, holidays)
    return _compare(panel, groups, effects, left_out, level, declared, priors)


def _compare(
    panel: Panel,
    groups: list[Group],
    effects: Mapping[str, Effect],
    left_out: pd.DataFrame,
    level: float,
    declared: Mapping[str, str],
    priors: Mapping[str, KindPrior],
) -> Portfolio:
    heads = [effects[group[0]] for group in groups]
    estimates = np.array([effect.per_month.estimate for effect in heads])
    error = np.array([standard_error(effect) for effect in heads])
    covariance = correlate_estimates(panel, groups, effects) * np.outer(error, error)
    prior, units = prior_of(heads, priors)
    shrunk = shrink(estimates, covariance, prior=prior, units=units, around_nil=True, level=level)
    order = np.lexsort((error, -shrunk.estimate))
    matrix = covariance[np.ix_(order, order)]
    sets = rank_sets(estimates[order], matrix, level=level)
    jointly = rank_sets(estimates[order], matrix, level=level, jointly=True)
    places = _places(groups, heads, shrunk, order).assign(
        place=np.arange(1, len(order) + 1), first_place=sets.first, last_place=sets.last
    )
    said = [declared.get(groups[k][0], "") for k in order]
    wrong = wrong_verdicts(
        places["chance_positive"],
        [each == "more" for each in said],
        [each == "fewer" for each in said],
    )
    best = size_winner(estimates, covariance, level=level)
    return Portfolio(
        places=places,
        left_out=left_out,
        alike=tuple(indistinct_places(jointly.larger, np.arange(len(order)))),
        winner=best.cautious,
        winner_id=groups[best.index][0],
        together=joint_total(panel, groups, level),
        false_share=wrong.share,
        correlation=matrix / np.sqrt(np.outer(np.diag(matrix), np.diag(matrix))),
        level=level,
        prior=prior_name(priors),
    )


def standard_error(effect: Effect) -> float:
    """Of extra new patients a month, such that a normal interval is as long as the effect's own."""
    half = (effect.per_month.high - effect.per_month.low) / 2
    return float(half / ndtri(0.5 + effect.level / 2))


def joint_total(panel: Panel, groups: list[Group], level: float) -> Interval:
    """What some partnerships brought a month together, from one model of all their cells.

    All others run on as they did. No number where these cannot be told apart from them.
    """
    members = {member for group in groups for member in group}
    seen = panel if set(panel.wide) & members else panel.narrow
    window = window_of_all(seen, tuple(groups), "auto")
    if window is None or not window.active.any():
        return NO_NUMBER
    posterior = weigh(seen, window)
    when = np.flatnonzero(window.active.any(axis=0))
    months = float(seen.cells.length[when].sum()) / DAYS_PER_MONTH
    estimate = posterior.observed - posterior.expected
    total = interval_of(posterior.came - posterior.without, estimate, level)
    return total.scaled(1 / months)


def _left_out(register: pd.DataFrame, effects: Mapping[str, Effect]) -> pd.DataFrame:
    """Partnerships without a place, and why; one bundled with such a one has no number itself."""
    first = register.drop_duplicates("partnership_id").set_index("partnership_id")
    given = register["provider"] if "provider" in register else pd.Series(False, register.index)
    providers = set(register.loc[given.astype("bool"), "partnership_id"])
    rows = []
    for key, effect in effects.items():
        row = first.loc[key] if key in first.index else pd.Series(dtype=object)
        aims = as_names(row.get("aims", ()))
        if key in providers:
            rows.append((key, "provider"))
        elif aims and PATIENTS not in aims:
            rows.append((key, "other aims"))
        elif not _has_number(effect):
            rows.append((key, "no number"))
    without = {key for key, _ in rows}
    rows += [
        (key, "no number")
        for key, effect in effects.items()
        if key not in without and without & set(effect.bundle)
    ]
    return pd.DataFrame(rows, columns=["partnership_id", "reason"]).astype("str")


def _has_number(effect: Effect) -> bool:
    ends = (effect.per_month.estimate, effect.per_month.low, effect.per_month.high)
    return effect.verdict not in NOT_ANSWERED and bool(np.isfinite(ends).all())


def _groups(effects: Mapping[str, Effect], without: set[str]) -> list[Group]:
    """What is ranked: single partnerships, and bundles once, without those that have no place."""
    found: dict[Group, None] = {}
    for key, effect in effects.items():
        if key in without:
            continue
        members = tuple(sorted(effect.bundle)) or (key,)
        if not set(members) & without:
            found[members] = None
    return list(found)


def _places(
    groups: list[Group], heads: list[Effect], shrunk: Shrunk, order: np.ndarray
) -> pd.DataFrame:
    """One row per group, in the order given."""
    table = pd.DataFrame(
        {
            "partnership_id": [group[0] for group in groups],
            "members": pd.Series(groups, dtype=object),
            "estimate": [effect.per_month.estimate for effect in heads],
            "low": [effect.per_month.low for effect in heads],
            "high": [effect.per_month.high for effect in heads],
            "shrunk": shrunk.estimate,
            "shrunk_low": shrunk.low,
            "shrunk_high": shrunk.high,
            "shrunk_sd": shrunk.sd,
            "weight": shrunk.weight,
            "chance_positive": shrunk.chance_positive,
            "chance_best": shrunk.chance_best,
            "chance_top_three": shrunk.chance_top_three,
            "expected_place": shrunk.expected_place,
            "expected_loss": shrunk.expected_loss,
        }
    )
    return table.iloc[order].reset_index(drop=True)
