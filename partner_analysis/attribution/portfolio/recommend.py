"""Keep, grow, change, wait or end: one recommendation for each partnership, by stated rules.

Each partnership is judged by the aims that the register declares. A provider is judged by what is
done together, never by how many patients come. See ``rules``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.portfolio.compare import Portfolio
from partner_analysis.attribution.portfolio.rules import RULES, Case, rule_of
from partner_analysis.attribution.reviews.standing import Standing

ACTIONS: Final = ("grow", "keep", "change", "wait", "end", "none")


@dataclass(frozen=True)
class Recommendation:
    """What to do with one partnership, and what it would cost to be wrong.

    Attributes
    ----------
    partnership_id
        As in the register.
    action
        "grow", "keep", "change", "wait", "end", or "none" for one that is over.
    rule
        Which rule spoke; ``reporting`` has its sentence.
    chance_positive
        That it brings any extra patients, shrunk where it has a place; NaN without a number.
    chance_pays, chance_pays_if_alike
        That it is worth its cost, and the same if what could not be judged brought as much for
        each patient expected; NaN where cost or value are not stated.
    loss_if_wrong
        Extra new patients a month that are lost, in expectation, if the action is the wrong one:
        for "end" those it would have brought, for all others those it may cost; NaN without a
        number or for a provider.
    grade
        Of the evidence for the effect; empty without one.
    """

    partnership_id: str
    action: str
    rule: str
    chance_positive: float = float("nan")
    chance_pays: float = float("nan")
    chance_pays_if_alike: float = float("nan")
    loss_if_wrong: float = float("nan")
    grade: str = ""


def recommend_all(
    effects: Mapping[str, Effect],
    standings: Mapping[str, Standing],
    alliances: pd.DataFrame,
    portfolio: Portfolio,
    *,
    break_even: Mapping[str, float] | None = None,
    break_even_if_alike: Mapping[str, float] | None = None,
) -> dict[str, Recommendation]:
    """One recommendation per partnership of the list of alliances, by id.

    Parameters
    ----------
    effects, standings
        By id; a partnership without a standing cannot be reviewed.
    alliances
        From ``list_alliances``.
    portfolio
        From ``compare_partnerships``: where a partnership has a place, its shrunk value counts.
    break_even
        Extra new patients a month from which it is worth its cost, of those whose cost and value
        are stated.
    break_even_if_alike
        The same if what could not be judged brought as much for each patient expected; as
        ``break_even`` where not given. Only what does not pay by this is called dear.
    """
    found = {}
    enough = break_even or {}
    alike = {**enough, **(break_even_if_alike or {})}
    for row in alliances.to_dict("records"):
        key = str(row["partnership_id"])
        needed = (enough.get(key, np.nan), alike.get(key, np.nan))
        case = Case(row, effects.get(key), standings.get(key), portfolio, needed)
        rule = rule_of(case)
        action = RULES[rule]
        silent = action == "none" or rule.startswith(("provider", "other aims", "not begun"))
        found[key] = Recommendation(
            key,
            action,
            rule,
            float("nan") if silent else case.chance_positive,
            float("nan") if silent else case.chance_pays,
            float("nan") if silent else case.chance_pays_if_alike,
            float("nan") if silent else case.loss(action),
            "" if silent or case.effect is None else case.effect.grade,
        )
    return found
