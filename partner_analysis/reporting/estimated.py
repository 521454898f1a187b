"""One practice at one date, up to its effects and standings, and what a run leaves of them."""

from __future__ import annotations

from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.effect import Effect, without_number
from partner_analysis.attribution.estimate import (
    blend_with_named,
    estimate_effect,
    estimate_effects,
)
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.attribution.reviews.standing import review_partnership, review_partnerships
from partner_analysis.practice import Practice
from partner_analysis.reporting import kept
from partner_analysis.reporting.counted import CountedStudy
from partner_analysis.reporting.numbers import day_text, short_name

NOTHING_WRITTEN: Final = "This notebook ran by itself, so nothing was written."


class EstimatedStudy(CountedStudy):
    """One practice at one date, with effects and standings: all that a decision rests on.

    Tables are made when first asked for, and then kept.

    Parameters
    ----------
    practice
        Its settings.
    asked
        Last day of the data to use; None = the newest date in the data.
    tables
        Folder of tables made before.
    writes
        Whether this study leaves its own tables in that folder.
    """

    def __init__(
        self,
        practice: Practice,
        *,
        asked: pd.Timestamp | None = None,
        tables: Path | None = None,
        writes: bool = False,
    ) -> None:
        super().__init__(practice, asked=asked, tables=tables)
        self._writes = writes and tables is not None

    # ---------------------------------------------------------------- effects
    def effect(self, partnership_id: str) -> Effect:
        """The effect of one partnership; one with a fault, or not begun, has no number.

        Raises
        ------
        InputError
            If the register does not list it.
        """
        if partnership_id in self.without_number:
            return self.without_number[partnership_id]
        found = self._estimate(partnership_id)
        if found is not None:
            return found
        given = {**self._beside, **self._settings, "recounts": self.recounts}
        return estimate_effect(self.counts, self.partnerships, partnership_id, **given)

    @cached_property
    def effects(self) -> dict[str, Effect]:
        """The effect of every partnership by id; in a run, those that the run has left."""
        if self._writes:
            return kept.read_effects(self._place("effects"))
        return dict(sorted({**self._estimates, **self.without_number}.items()))

    def standing(self, partnership_id: str) -> Standing | None:
        """What is declared of one partnership; None if a fault in its row keeps it from review.

        Raises
        ------
        InputError
            If the register does not list it.
        """
        if partnership_id in self.faults:
            return None
        found = self._standing(partnership_id)
        if found is not None:
            return found
        return review_partnership(self.counts, self.partnerships, partnership_id, **self._reviewed)

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """What is declared of every partnership that can be reviewed, by id.

        In a run, what the run has left, which is nothing where it could not be made.
        """
        before = kept.read_standings(self._tables) if self._tables is not None else None
        if before is not None or self._writes:
            return before or {}
        return self._review_all()

    @cached_property
    def _estimates(self) -> dict[str, Effect]:
        """All that can be estimated, together: only so are named and counts blended."""
        if self._tables is not None and self._place("estimates").exists():
            return kept.read_effects(self._place("estimates"))
        return {} if self._writes else self._estimate_all()

    def _estimate(self, partnership_id: str) -> Effect | None:
        """One of them, read alone where all are kept: a run has a notebook for each."""
        if "_estimates" not in self.__dict__ and self._tables is not None:
            found = kept.read_effect(self._place("estimates"), partnership_id)
            if found is not None:
                return found
        return self._estimates.get(partnership_id)

    def _standing(self, partnership_id: str) -> Standing | None:
        """One of the standings, read alone where all are kept."""
        if "standings" not in self.__dict__ and self._tables is not None:
            found = kept.read_standing(self._tables, partnership_id)
            if found is not None:
                return found
        return self.standings.get(partnership_id)

    def _estimate_all(self) -> dict[str, Effect]:
        given = {**self._beside, **self._settings, "recounts": self.recounts}
        return estimate_effects(self.counts, self.partnerships, **given)

    def _review_all(self) -> dict[str, Standing]:
        return review_partnerships(self.counts, self.partnerships, **self._reviewed)

    @property
    def _beside(self) -> dict[str, Any]:
        """What an estimate is given beside counts and register."""
        return {"named": self.named, "events": self.practice.events_table}

    @property
    def _settings(self) -> dict[str, Any]:
        return {"level": self.practice.level, "holidays": self.practice.holidays}

    @property
    def _reviewed(self) -> dict[str, Any]:
        return {**self._beside, **self._settings}

    @cached_property
    def not_begun(self) -> dict[str, Effect]:
        """Partnerships that begin after the day of the data: no number, and from when."""
        first = self.partnerships.groupby(["partnership_id", "name", "kind"])["start_date"].min()
        return {
            identifier: without_number(
                partnership_id=identifier,
                name=name,
                kind=kind,
                level=self.practice.level,
                note=f"{short_name(name)} had not begun by {day_text(self.as_of)} (it begins on "
                f"{day_text(day)}); there is nothing to judge yet.",
                verdict="too early",
            )
            for (identifier, name, kind), day in first.items()
            if day > self.as_of
        }

    @property
    def without_number(self) -> dict[str, Effect]:
        """Partnerships for which nothing can be estimated: faults, and those not begun."""
        return {**self.not_begun, **self.faults}

    # ---------------------------------------------------------------- what a run leaves
    def keep_cleaned(self) -> str:
        """Leave the cleaned tables for the next notebook of a run; a sentence about it."""
        if not self._writes:
            return NOTHING_WRITTEN
        kept.write_cleaned(self.cleaned, self._place())
        if self.practice.has_episodes:
            storage.write_table(self.capture, self._place("capture.parquet"))
        return "The cleaned tables are kept for the next notebook."

    def keep_counts(self) -> str:
        """Leave the counts for the next notebook of a run; a sentence about it."""
        if not self._writes:
            return NOTHING_WRITTEN
        storage.write_table(self.counts, self._place("counts.parquet"))
        if self.named is not None:
            storage.write_table(self.named, self._place("named.parquet"))
        return "The counts are kept for the next notebook."

    def keep_estimate(self, partnership_id: str) -> None:
        """Leave what one partnership's counts alone say, and what is declared of it, for a run."""
        given = {**self._beside, **self._settings, "recounts": self.recounts}
        effect = estimate_effect(self.counts, self.partnerships, partnership_id, **given)
        standing = review_partnership(
            self.counts, self.partnerships, partnership_id, **self._reviewed
        )
        kept.write_alone(effect, standing, self._place())

    def keep_blended(self) -> None:
        """Leave all estimates, named and counts blended, and all standings, for a run."""
        effects = kept.read_effects(self._place(kept.ALONE))
        if self.named is not None:
            effects = blend_with_named(effects, self.counts, self.partnerships, **self._beside,
                                       holidays=self.practice.holidays)  # fmt: skip
        storage.remove_folder(self._place("estimates"))
        for effect in effects.values():
            kept.write_effect(effect, self._place("estimates"), private=True)
        kept.gather_standings(self._place())

    def keep_effect(self, effect: Effect) -> str:
        """Leave an effect for the portfolio and the report; a sentence about it."""
        if not self._writes:
            return NOTHING_WRITTEN
        kept.write_effect(effect, self._place("effects"), private=True)
        return "The effect is kept for the portfolio."

    def __repr__(self) -> str:
        """Give the practice and its date; the same in every process."""
        return f"{self.practice.name}: data as of {self.as_of:%Y-%m-%d}"

    def _repr_html_(self) -> str:
        made_up = '<p style="color:#a3140b"><strong>These data are made up.</strong></p>'
        return (
            f"{made_up if self.practice.made_up else ''}<p>{escape(self.practice.name)}: "
            f"data as of {self.as_of:%Y-%m-%d}, complete until {self.complete_until:%Y-%m-%d}.</p>"
        )
