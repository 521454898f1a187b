"""The object that notebooks use: one practice at one date, each table made when asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Final

import pandas as pd

from partner_analysis.attribution.areas import compare_areas, count_areas
from partner_analysis.attribution.choosing import score_candidates, score_parts
from partner_analysis.attribution.designs.compare import METHODS, compare_methods
from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.gaps import find_gaps, kinds_that_worked
from partner_analysis.attribution.portfolio.alliances import list_alliances
from partner_analysis.attribution.portfolio.calls import list_calls
from partner_analysis.attribution.portfolio.compare import Portfolio, compare_partnerships
from partner_analysis.attribution.portfolio.concentration import Concentration, concentration_of
from partner_analysis.attribution.portfolio.recommend import Recommendation, recommend_all
from partner_analysis.attribution.reach import compare_reach
from partner_analysis.attribution.together.pool import PooledKind
from partner_analysis.cleaning.exports.cut import as_day
from partner_analysis.money import Money
from partner_analysis.practice import load_practice
from partner_analysis.reporting.counted import find_upwards
from partner_analysis.reporting.gaps import gap_reason
from partner_analysis.reporting.goals.study import GoalStudy
from partner_analysis.reporting.ledger.ledger import Ledger, ledger_of, returns_of
from partner_analysis.reporting.portfolio.kept import portfolio_kept
from partner_analysis.reporting.shared_files import pooled_by

MOST_GAPS: Final = 10
opened: Final[dict[tuple[str, str, str], Study]] = {}  # by practice, day and tables of one run


def open_study(
    practice: str | Path = "practice.toml", *, as_of: object = None, tables: str | Path = ""
) -> Study:
    """One practice at one date, with every table of it.

    Parameters
    ----------
    practice
        Its settings file. A relative path is looked for in the working directory and in every
        folder above it.
    as_of
        Last day of the data to use; default: the newest date in the data.
    tables
        Folder of the tables of a scheduled run: what an earlier notebook of that run has left
        there is read, and the rest is made and left there. Default: nothing is written, and
        tables of the last run are read if neither the inputs nor the package changed since.

    Raises
    ------
    SettingsError
        If the settings are not found or wrong, or ``as_of`` is not a date.
    """
    if not tables:
        return Study.from_settings(practice, as_of=as_of)
    before = opened.get((str(practice), str(as_of), str(tables)))
    if before is not None:
        return before
    settings = load_practice(find_upwards(Path(practice).expanduser()))
    return Study(settings, asked=as_day(as_of), tables=Path(tables), writes=True)


class Study(GoalStudy):
    """One practice at one date, with all that an owner decides by.

    Tables are made when first asked for, and then kept.
    """

    # ---------------------------------------------------------------- portfolio
    @property
    def activities(self) -> pd.DataFrame:
        """One row per activity of a partnership, as the practice wrote it down."""
        return self.register.activities

    @cached_property
    def alliances(self) -> pd.DataFrame:
        """One row per alliance, those that need a talk first: purpose, age, state, next talk."""
        return list_alliances(self.partnerships, self.activities, self.flows, as_of=self.as_of)

    @cached_property
    def calls(self) -> pd.DataFrame:
        """One row per running alliance: who names it lately, what is usual, last contact."""
        return list_calls(
            self.alliances, self.partnerships, self.flows,
            self.cleaned.episodes if self.practice.has_episodes else None,
            last_day=self.complete_until, level=self.practice.level,
        )  # fmt: skip

    @cached_property
    def reach(self) -> pd.DataFrame | None:
        """One row per partner: whom it reaches; None for a practice with counts only."""
        if not self.practice.has_episodes:
            return None
        level = self.practice.level
        return compare_reach(self.cleaned.episodes, self._begun, level=level)

    @property
    def _begun(self) -> pd.DataFrame:
        return self.partnerships.loc[~self.partnerships["partnership_id"].isin(self.not_begun)]

    @cached_property
    def portfolio(self) -> Portfolio:
        """All partnerships side by side, in extra new patients a month."""
        return portfolio_kept(self._place(), self._compare) if self._writes else self._compare()

    def _compare(self) -> Portfolio:
        return compare_partnerships(
            self.counts,
            self.partnerships,
            self.effects,
            declared={key: found.standing for key, found in self.standings.items()},
            events=self.practice.events_table,
            holidays=self.practice.holidays,
            priors={
                kind: found.prior for kind, found in self.pooled.items() if found.prior is not None
            },
        )

    @cached_property
    def pooled(self) -> dict[str, PooledKind]:
        """What partners of each kind brought in other practices; empty where no file is named."""
        return pooled_by(self.practice)

    @cached_property
    def recommendations(self) -> dict[str, Recommendation]:
        """What to do with each alliance, by id."""
        listed = self.alliances["partnership_id"]
        returns = {
            key: returns_of(self, self.effects[key]) for key in listed if key in self.effects
        }
        told = {key: each for key, each in returns.items() if each is not None}
        return recommend_all(
            self.effects,
            self.standings,
            self.alliances,
            self.portfolio,
            break_even={key: each.break_even_per_month for key, each in told.items()},
            break_even_if_alike={key: each.break_even_if_alike for key, each in told.items()},
        )

    @cached_property
    def concentration(self) -> Concentration | None:
        """How much hangs on one source; None for a practice with counts only."""
        if not self.practice.has_episodes:
            return None
        return concentration_of(
            self.cleaned.episodes,
            last_day=self.complete_until,
            names=self.names,
            providers=self.providers,
            level=self.practice.level,
        )

    # ---------------------------------------------------------------- money and benefit
    @property
    def flows(self) -> pd.DataFrame:
        """One row per partnership, month, clinic and giver: what was given, as counts."""
        return self.register.flows

    @property
    def money(self) -> Money:
        """What the practice states of money."""
        return self.practice.money

    def ledger(self, partnership_id: str) -> Ledger:
        """What one partnership cost, what that bought and what each side gives."""
        return ledger_of(self, self.effects.get(partnership_id) or self.effect(partnership_id))

    def other_methods(self, effect: Effect) -> pd.DataFrame:
        """What other designs than its own say of one partnership: see ``compare_methods``."""
        others = [method for method in METHODS if method != effect.method]
        return compare_methods(self.counts, self.partnerships, effect.partnership_id, others)

    # ---------------------------------------------------------------- gaps
    @cached_property
    def gaps(self) -> pd.DataFrame:
        """One row per clinic and persona: who runs there, how many come, growth, need."""
        worked = kinds_that_worked(self.effects, self.standings)
        level = self.practice.level
        return find_gaps(self.counts, self.partnerships, effects_by_kind=worked, level=level)

    @cached_property
    def areas(self) -> pd.DataFrame | None:
        """One row per clinic and ZIP3 beside its neighbours; None for a practice with counts."""
        if not self.practice.has_episodes:
            return None
        areas = count_areas(self.cleaned.episodes, last_day=self.complete_until)
        people = self.register.areas if len(self.register.areas) else None
        return compare_areas(areas, populations=people, level=self.practice.level)

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """One row per possible partner: its score, the gap it would fill, its kind elsewhere."""
        return score_candidates(
            self.register.candidates,
            weights=self.practice.scorecard.model_dump(),
            gaps=self._open_gaps,
            pooled=self.pooled,
        )

    @property
    def candidate_parts(self) -> pd.DataFrame:
        """One row per possible partner and part of its score."""
        weights = self.practice.scorecard.model_dump()
        return score_parts(self.register.candidates, weights=weights)

    @property
    def _open_gaps(self) -> pd.DataFrame:
        """The ten greatest gaps with their reasons: persona, clinic, reason."""
        top = self.gaps.loc[self.gaps["rank"] <= MOST_GAPS]
        return top[["persona", "clinic"]].assign(reason=[gap_reason(r) for r in top.itertuples()])
