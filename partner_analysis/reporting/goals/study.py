"""One practice at one date, up to its goals: how far they are, and how they went before."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from partner_analysis.attribution.goals.backtest import BackTest, back_test_goals
from partner_analysis.attribution.goals.follow import follow_goals
from partner_analysis.attribution.goals.progress import GoalProgress
from partner_analysis.reporting.goals.posed import parts_of, read_posed, write_posed
from partner_analysis.reporting.patients import PatientStudy


class GoalStudy(PatientStudy):
    """One practice at one date, with the goals that it set itself.

    Tables are made when first asked for, and then kept.
    """

    @cached_property
    def goals(self) -> dict[str, GoalProgress]:
        """How far every goal is, by its id, without goals of rows that have a fault."""
        return self._follow(self._sound_goals)

    @cached_property
    def back_tests(self) -> dict[str, BackTest]:
        """The same goals posed at earlier dates, by id: what was stated and what happened."""
        goals = self._sound_goals
        before = {}
        if self._tables is not None:
            before = read_posed(self._tables, goals, self.partnerships)
        found = before | self._pose(goals.loc[~goals["goal_id"].isin(list(before))])
        return {key: found[key] for key in goals["goal_id"]}

    @property
    def goal_parts(self) -> dict[str, list[str]]:
        """Ids of the goals that a run poses at earlier dates together, by part."""
        return parts_of(self._sound_goals)

    def keep_posed(self, part: str) -> None:
        """Leave one part of the goals posed at earlier dates, for a run."""
        goals = self._sound_goals
        mine = goals.loc[goals["goal_id"].isin(self.goal_parts[part])]
        write_posed(self._pose(mine), self._place(), part)

    def _pose(self, goals: pd.DataFrame) -> dict[str, BackTest]:
        if goals.empty:
            return {}
        given = {"events": self.practice.events_table, "holidays": self.practice.holidays}
        return back_test_goals(self.counts, self.partnerships, goals, **given)

    @property
    def with_goals(self) -> frozenset[str]:
        """Ids of the partnerships for which a goal is followed."""
        return frozenset(self._sound_goals["partnership_id"]) - {""}

    def goals_of(self, partnership_id: str) -> dict[str, GoalProgress]:
        """The goals of one partnership, by id; the others are not followed for it."""
        goals = self._sound_goals
        return self._follow(goals.loc[goals["partnership_id"] == partnership_id])

    def _follow(self, goals: pd.DataFrame) -> dict[str, GoalProgress]:
        given = {**self._beside, **self._settings}
        return follow_goals(self.counts, self.partnerships, goals, **given)

    @property
    def _sound_goals(self) -> pd.DataFrame:
        goals = self.register.goals
        return goals.loc[~goals["partnership_id"].isin(list(self.faults))]
