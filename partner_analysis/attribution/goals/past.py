"""A practice as it was known on earlier days, arranged once for all goals that are posed then."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

import pandas as pd

from partner_analysis.attribution.goals.goal import Goal
from partner_analysis.attribution.goals.series import (
    GoalSeries,
    cells_of,
    is_enough_for_scatter,
    panel_through,
    series_of,
)
from partner_analysis.attribution.goals.whole import NONE_AHEAD, Whole
from partner_analysis.attribution.panel import Panel
from partner_analysis.attribution.reviews.known import (
    PracticeTables,
    later_periods,
    mostly_before,
)

LATEST: Final = 4


class _Then(NamedTuple):
    """A day, and how many periods were counted by then."""

    counted: int
    day: pd.Timestamp


class Past:
    """A practice as it was known on earlier days.

    The latest few panels are kept, so goals that are posed in the order of their deadlines
    share what was known then.
    """

    def __init__(self, practice: PracticeTables, *, until: pd.Timestamp | None = None) -> None:
        """``until`` is the day after all goals, where some end after the counts."""
        self.practice = practice
        ahead = NONE_AHEAD if until is None else later_periods(practice.periods, until)
        self._whole = Whole(practice, ahead)
        self._latest: deque[tuple[object, Panel]] = deque(maxlen=LATEST)
        self._scatter: dict[_Then, float] = {}

    def counts_any(self, goal: Goal) -> bool:
        """Whether the counts hold anybody that a goal counts."""
        return len(cells_of(self._whole.cells, goal)) > 0

    def series(self, goal: Goal) -> GoalSeries | None:
        """The series of a goal by what was known at its deadline, as ``arrange_series`` gives it.

        None where the counts held nobody that it counts.
        """
        periods = self.practice.periods
        then = _Then(int(mostly_before(periods, goal.after).sum()), goal.after)
        if not then.counted:
            return None
        panel = self._panel(then, later_periods(periods[: then.counted], goal.after))
        named, last = self.practice.named, periods[then.counted - 1]
        return series_of(
            panel,
            goal,
            counted=then.counted,
            scatter=self._scattered(then, goal),
            named=None if named is None else named[named["period"] <= last],
        )

    def _scattered(self, then: _Then, goal: Goal) -> float:
        """What cells moved beyond Poisson noise before a goal, or until its deadline."""
        before = int((self.practice.periods[: then.counted] < goal.start).sum())
        if is_enough_for_scatter(before):
            then = _Then(before, goal.start)
        if then not in self._scatter:
            self._scatter[then] = self._panel(then, NONE_AHEAD).restlessness
        return self._scatter[then]

    def _panel(self, then: _Then, ahead: pd.DatetimeIndex) -> Panel:
        """The panel of what was known, with periods to come in which nothing is."""
        key = (then, len(ahead))
        for before, panel in self._latest:
            if before == key:
                return panel
        cut = self._whole.until(then.counted, then.day, ahead)
        found = panel_through(self._tables(then), ahead) if cut is None else cut
        self._latest.append((key, found))
        return found

    def _tables(self, then: _Then) -> PracticeTables:
        """What was known, as tables."""
        counts, periods = self.practice.counts, self.practice.periods[: then.counted]
        register = self.practice.known_on(then.day)
        return register._replace(counts=counts[counts["period"] <= periods[-1]], periods=periods)
