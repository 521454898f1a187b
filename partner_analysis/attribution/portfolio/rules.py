"""The rules of the portfolio: what they ask of one partnership, and which of them speaks first.

The rules (docs/method.md lists them) ask for the standing of the last review, the grade of
evidence, the chance that the effect is above nil or worth its cost, and the age; never for a
p-value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from scipy.stats import norm

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.outlook import waiting_narrows
from partner_analysis.attribution.portfolio.alliances import QUIET_DAYS
from partner_analysis.attribution.portfolio.compare import Portfolio
from partner_analysis.attribution.reviews.standing import WATCHING, Standing
from partner_analysis.tables import DAYS_PER_MONTH

SURE: Final = 0.95
LIKELY: Final = 0.8
UNLIKELY: Final = 0.2
LONG_MONTHS: Final = 24
YEAR_MONTHS: Final = 12
FOUNDED: Final = ("strong", "moderate")
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


class Case:
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
        if self.key in portfolio.sizes:
            return portfolio.sizes[self.key]
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


def rule_of(case: Case) -> str:
    """The first rule that speaks: of its state and aims, then of what was declared."""
    return _rule_before_patients(case) or _rule_of_standing(case)


def _rule_before_patients(case: Case) -> str:
    """Over, not begun, a provider, or meant for something else; empty where patients decide."""
    if case.state in ("ended", "not begun"):
        return str(case.state)
    if case.provider:
        return "provider quiet" if case.quiet else "provider active"
    if not case.for_patients:
        return "other aims quiet" if case.quiet else "other aims active"
    return ""


def _rule_of_standing(case: Case) -> str:
    """What the last review declared decides which rules are asked."""
    if case.standing is None:
        return "no standing"
    if case.declared in (WATCHING, "too early"):
        return "watching"
    if case.declared == "data not fit":
        return "data not fit"
    if case.declared == "more":
        return _rule_of_more(case)
    return _rule_of_fewer(case) if case.declared == "fewer" else _rule_of_unclear(case)


def _rule_of_fewer(case: Case) -> str:
    """Fewer was declared: how surely, and for how long, decides."""
    sure = case.chance_positive < 1 - SURE and case.founded and not case.full
    return "fewer for long" if sure and case.months >= YEAR_MONTHS else "fewer"


def _rule_of_more(case: Case) -> str:
    """More was declared: its cost, how well founded it is and open room decide."""
    if case.is_dear:
        return "more, dear"
    if not case.founded or not case.chance_positive >= SURE:
        return "more, weakly founded"
    if case.full:
        return "more, clinic full"
    if np.isnan(case.chance_pays):
        return "more, cost not stated"
    return "more and worth more" if case.chance_pays >= LIKELY else "more"


def _rule_of_unclear(case: Case) -> str:
    """Nothing clear was declared: the cost decides, then the age."""
    if case.chance_pays >= LIKELY:
        return "likely worth it"
    if case.is_dear:
        long = case.months >= LONG_MONTHS and case.founded and not case.full
        return "unlikely worth it for long" if long else "unlikely worth it"
    if case.months < LONG_MONTHS or np.isnan(case.chance_positive):
        return "waiting tells no more" if case.waits_in_vain else "not yet known"
    return "small for long" if case.declared == "too small to tell" else "nothing for long"
