"""Keep, grow, change, wait or end: one recommendation for each partnership, by stated rules.

The rules (docs/method.md lists them) ask for the standing of the last review, the grade of
evidence, the chance that the effect is above nil or worth its cost, and the age; never for a
p-value. Each partnership is judged by the aims that the register declares. A provider is judged
by what is done together, never by how many patients come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import norm

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.outlook import waiting_narrows
from partner_analysis.attribution.portfolio.alliances import QUIET_DAYS
from partner_analysis.attribution.portfolio.compare import Portfolio
from partner_analysis.attribution.reviews.standing import WATCHING, Standing
from partner_analysis.tables import DAYS_PER_MONTH

ACTIONS: Final = ("grow", "keep", "change", "wait", "end", "none")
SURE: Final = 0.95
LIKELY: Final = 0.8
UNLIKELY: Final = 0.2
LONG_MONTHS: Final = 24
YEAR_MONTHS: Final = 12
FOUNDED: Final = ("strong", "moderate")


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


RULES: Final[dict[str, str]] = {
    "ended": "none",
    "not begun": "wait",
    "no standing": "wait",
    "provider active": "keep",
    "provider quiet": "change",
    "other aims active": "keep",
    "other aims quiet": "change",
    "watching": "wait",
    "data not fit": "wait",
    "more and worth more": "grow",
    "more, clinic full": "keep",
    "more, dear": "change",
    "more, weakly founded": "keep",
    "more, cost not stated": "keep",
    "more": "keep",
    "fewer for long": "end",
    "fewer": "change",
    "likely worth it": "keep",
    "unlikely worth it for long": "end",
    "unlikely worth it": "change",
    "small for long": "change",
    "nothing for long": "change",
    "waiting tells no more": "change",
    "not yet known": "wait",
}


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
        about = _About(row, effects.get(key), standings.get(key), portfolio, needed)
        rule = _rule(about)
        action = RULES[rule]
        silent = action == "none" or rule.startswith(("provider", "other aims", "not begun"))
        found[key] = Recommendation(
            key,
            action,
            rule,
            float("nan") if silent else about.chance_positive,
            float("nan") if silent else about.chance_pays,
            float("nan") if silent else about.chance_pays_if_alike,
            float("nan") if silent else about.loss(action),
            "" if silent or about.effect is None else about.effect.grade,
        )
    return found


class _About:
    """What the rules ask about one partnership."""

    def __init__(
        self,
        alliance: Mapping[str, object],
        effect: Effect | None,
        standing: Standing | None,
        portfolio: Portfolio,
        break_even: tuple[float, float],
    ) -> None:
        self.key = str(alliance["partnership_id"])
        self.state = alliance["state"]
        self.months = int(alliance["months"])  # type: ignore[call-overload]
        self.provider = bool(alliance["provider"])
        self.quiet = int(alliance["quiet_days"]) > QUIET_DAYS  # type: ignore[call-overload]
        aims = alliance["aims"]
        self.for_patients = not aims or "patients" in aims  # type: ignore[operator]
        self.effect, self.standing = effect, standing
        self.declared = standing.standing if standing else ""
        self.break_even, self.break_even_if_alike = break_even
        self.mean, self.sd = self._size(portfolio)

    def _size(self, portfolio: Portfolio) -> tuple[float, float]:
        """Mean and standard deviation of extra patients a month, shrunk where it has a place."""
        for row in portfolio.places.itertuples():
            if self.key in row.members:
                return float(row.shrunk), float(row.shrunk_sd)
        effect = self.effect
        if effect is None or effect.draws is None or not effect.total.is_number or effect.bundle:
            return float("nan"), float("nan")  # a bundle without a place: a provider's as well
        extra = effect.draws[0] - effect.draws[1]
        scale = DAYS_PER_MONTH / effect.active_days
        return float(extra.mean() * scale), float(extra.std() * scale)

    @property
    def chance_positive(self) -> float:
        """That it brings any extra patients."""
        return float(norm.sf(0, self.mean, self.sd)) if self.sd > 0 else float("nan")

    @property
    def chance_pays(self) -> float:
        """That it brings enough for what it costs; NaN where cost or value are not stated."""
        return float(norm.sf(self.break_even, self.mean, self.sd)) if self.sd > 0 else float("nan")

    @property
    def chance_pays_if_alike(self) -> float:
        """The same, if what could not be judged brought as much for each patient expected."""
        enough = self.break_even_if_alike
        return float(norm.sf(enough, self.mean, self.sd)) if self.sd > 0 else float("nan")

    @property
    def is_dear(self) -> bool:
        """Whether it is unlikely worth its cost, by the kinder reading and after a year."""
        return self.chance_pays_if_alike < UNLIKELY and self.months >= YEAR_MONTHS

    @property
    def founded(self) -> bool:
        """Whether the evidence is at least moderate."""
        return self.effect is not None and self.effect.grade in FOUNDED

    @property
    def full(self) -> bool:
        """Whether demand may have been larger, since the clinic had no room."""
        return self.effect is not None and self.effect.at_least

    @property
    def waits_in_vain(self) -> bool:
        """Whether further months are foreseen to leave the interval as wide as it is."""
        return self.effect is not None and waiting_narrows(self.effect.ahead) is False

    def loss(self, action: str) -> float:
        """Extra patients a month lost, in expectation, should the action be the wrong one."""
        if not self.sd > 0:
            return float("nan")
        sign = 1.0 if action == "end" else -1.0
        ratio = sign * self.mean / self.sd
        return float(sign * self.mean * norm.cdf(ratio) + self.sd * norm.pdf(ratio))


def _rule(about: _About) -> str:
    """The first rule that speaks: of its state and aims, then of what was declared."""
    return _rule_before_patients(about) or _rule_of_standing(about)


def _rule_before_patients(about: _About) -> str:
    """Over, not begun, a provider, or meant for something else; empty where patients decide."""
    if about.state in ("ended", "not begun"):
        return str(about.state)
    if about.provider:
        return "provider quiet" if about.quiet else "provider active"
    if not about.for_patients:
        return "other aims quiet" if about.quiet else "other aims active"
    return ""


def _rule_of_standing(about: _About) -> str:
    """What the last review declared decides which rules are asked."""
    if about.standing is None:
        return "no standing"
    if about.declared in (WATCHING, "too early"):
        return "watching"
    if about.declared == "data not fit":
        return "data not fit"
    if about.declared == "more":
        return _rule_of_more(about)
    return _rule_of_fewer(about) if about.declared == "fewer" else _rule_of_unclear(about)


def _rule_of_fewer(about: _About) -> str:
    """Fewer was declared: how surely, and for how long, decides."""
    sure = about.chance_positive < 1 - SURE and about.founded and not about.full
    return "fewer for long" if sure and about.months >= YEAR_MONTHS else "fewer"


def _rule_of_more(about: _About) -> str:
    """More was declared: its cost, how well founded it is and open room decide."""
    if about.is_dear:
        return "more, dear"
    if not about.founded or not about.chance_positive >= SURE:
        return "more, weakly founded"
    if about.full:
        return "more, clinic full"
    if np.isnan(about.chance_pays):
        return "more, cost not stated"
    return "more and worth more" if about.chance_pays >= LIKELY else "more"


def _rule_of_unclear(about: _About) -> str:
    """Nothing clear was declared: the cost decides, then the age."""
    if about.chance_pays >= LIKELY:
        return "likely worth it"
    if about.is_dear:
        long = about.months >= LONG_MONTHS and about.founded and not about.full
        return "unlikely worth it for long" if long else "unlikely worth it"
    if about.months < LONG_MONTHS or np.isnan(about.chance_positive):
        return "waiting tells no more" if about.waits_in_vain else "not yet known"
    return "small for long" if about.declared == "too small to tell" else "nothing for long"
