"""The object that notebooks use: one practice at one date, each table made when asked for."""

from __future__ import annotations

from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.access import compare_kinds
from partner_analysis.attribution.areas import compare_areas, count_areas
from partner_analysis.attribution.care import compare_care
from partner_analysis.attribution.effect import Effect, without_number
from partner_analysis.attribution.estimate import estimate_effect, estimate_effects
from partner_analysis.attribution.gaps import find_gaps
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.attribution.reviews.standing import review_partnership, review_partnerships
from partner_analysis.cleaning.exports.cut import as_day
from partner_analysis.money import Money
from partner_analysis.practice import Practice, load_practice
from partner_analysis.reporting import kept
from partner_analysis.reporting.counted import CountedStudy, find_upwards
from partner_analysis.reporting.numbers import day_text, short_name

NOTHING_WRITTEN: Final = "This notebook ran by itself, so nothing was written."


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
    settings = load_practice(find_upwards(Path(practice).expanduser()))
    return Study(settings, asked=as_day(as_of), tables=Path(tables), writes=True)


class Study(CountedStudy):
    """One practice at one date, with effects and standings. Tables are made once, when asked for.

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

    # ---------------------------------------------------------------- cleaning
    @cached_property
    def register(self) -> Register:
        """The practice's own tables, as they were written down."""
        return read_register(self.practice)

    @cached_property
    def exports(self) -> Exports:
        """Typed rows of the exports; these still hold the practice's own record numbers."""
        return read_exports(self.practice, as_of=self._asked)

    @cached_property
    def cleaned(self) -> Cleaned:
        """Episodes under random keys, and an account of every row."""
        before = kept.read_cleaned(self._tables) if self._tables is not None else None
        return before or clean_episodes(self.exports, self.practice, self.register)

    @property
    def as_of(self) -> pd.Timestamp:
        """Last day of the data used."""
        return self.cleaned.as_of

    @property
    def partnerships(self) -> pd.DataFrame:
        """One row per partnership and stretch, without those whose row has a fault."""
        return self.cleaned.partnerships

    @property
    def providers(self) -> frozenset[str]:
        """Ids of physicians and others who can refer: never ranked, never priced."""
        rows = self.partnerships
        return frozenset(rows.loc[rows["provider"].astype("bool"), "partnership_id"])

    @property
    def activities(self) -> pd.DataFrame:
        """One row per activity of a partnership, as the practice wrote it down."""
        return self.register.activities

    @property
    def flows(self) -> pd.DataFrame:
        """One row per partnership, month, clinic and giver: what was given, as counts."""
        return self.register.flows

    @property
    def money(self) -> Money:
        """What the practice states of money."""
        return self.practice.money

    @cached_property
    def names(self) -> dict[str, str]:
        """Name by partnership id, of all that the register lists."""
        listed = self.register.names
        return dict(zip(listed["partnership_id"], listed["name"], strict=True))

    # ---------------------------------------------------------------- counts
    @cached_property
    def complete_until(self) -> pd.Timestamp:
        """Last day of the last complete period."""
        return complete_until(self.as_of, complete_days=self.complete_days, **self._periods)

    @property
    def complete_days(self) -> int:
        """Days after the end of a period until it counts as complete."""
        stated = self.practice.definitions.complete_days
        return days_until_complete(stated, self.cleaned.entry_delay)

    @cached_property
    def counts(self) -> pd.DataFrame:
        """One row per clinic, persona and complete period: ``new_patients``."""
        before = self._read("counts")
        return self._count(self.complete_until) if before is None else before

    @cached_property
    def counts_so_far(self) -> pd.DataFrame:
        """The counts with the last periods, which later entries will still change."""
        return self._count(self.as_of)

    @cached_property
    def named(self) -> pd.DataFrame | None:
        """One row per clinic, persona, period and partnership that somebody named.

        None for a practice with counts only: who was named is not known.
        """
        if not self.practice.has_episodes:
            return None
        before = self._read("named")
        if before is not None:
            return before
        return count_named(self.cleaned.episodes, counts=self.counts, **self._periods)

    @cached_property
    def recounts(self) -> dict[str, pd.DataFrame]:
        """Counts by each definition of a new patient that counts others, by its name in words."""
        if not self.practice.has_episodes:
            return {}
        used = self.practice.definitions.new_patient
        recounted = {
            words: recount(self.cleaned.episodes, definition=name)
            for words, name in COUNTED.items()
            if name != used
        }
        days = self.cleaned.episodes["counted_on"]
        return {
            words: self._count_episodes(episodes, self.complete_until)
            for words, episodes in recounted.items()
            if not episodes["counted_on"].equals(days)
        }

    # ---------------------------------------------------------------- quality
    @cached_property
    def capture(self) -> pd.DataFrame:
        """One row per clinic and month: new patients by what became of their source text."""
        return capture_by_month(self.cleaned.episodes)

    @cached_property
    def shifts(self) -> pd.DataFrame:
        """One row per clinic and month from which sources are written or understood otherwise."""
        complete = self.capture["month"] + pd.offsets.MonthEnd(1) <= self.complete_until
        return capture_shifts(self.capture.loc[complete])

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row per months of history: how many counted as new had been there before."""
        return history_table(self.cleaned.episodes, as_of=self.as_of)

    @cached_property
    def definitions(self) -> pd.DataFrame:
        """One row per definition of a new patient: new patients in all complete periods."""
        return compare_definitions(
            self.cleaned.episodes, used=self.practice.definitions, until=self.complete_until
        )

    def _count(self, last_day: pd.Timestamp) -> pd.DataFrame:
        """New patients of the periods that end by a day."""
        cleaned = self.cleaned
        if not self.practice.has_episodes:
            days = pd.offsets.MonthEnd(1) if cleaned.period == "month" else pd.Timedelta(days=6)
            return cleaned.counts.loc[cleaned.counts["period"] + days <= last_day]
        return self._count_episodes(cleaned.episodes, last_day)

    def _count_episodes(self, episodes: pd.DataFrame, last_day: pd.Timestamp) -> pd.DataFrame:
        cleaned = self.cleaned
        return count_new_patients(
            episodes,
            clinics=cleaned.clinics,
            personas=cleaned.personas,
            last_day=last_day,
            **self._periods,
        )

    @property
    def _periods(self) -> dict[str, Any]:
        return {"period": self.cleaned.period, "week_starts": self.practice.week_starts}

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
        if partnership_id in self._estimates:
            return self._estimates[partnership_id]
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
        if partnership_id in self.standings:
            return self.standings[partnership_id]
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

    # ---------------------------------------------------------------- care and gaps
    def care(self, partnership_id: str) -> pd.DataFrame | None:
        """Care of those who named a partner beside similar others; None where nobody can tell."""
        if not self._has_episodes_of(partnership_id):
            return None
        given = {"as_of": self.as_of, "level": self.practice.level}
        return compare_care(self.cleaned.episodes, self.partnerships, partnership_id, **given)

    def kinds(self, partnership_id: str) -> pd.DataFrame | None:
        """Kinds of patients who named a partner beside the others; None where nobody can tell."""
        if not self._has_episodes_of(partnership_id):
            return None
        episodes, level = self.cleaned.episodes, self.practice.level
        return compare_kinds(episodes, self.partnerships, partnership_id, level=level)

    def _has_episodes_of(self, partnership_id: str) -> bool:
        return self.practice.has_episodes and partnership_id not in self.faults

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """One row per clinic and persona: who runs there, how many come, growth, need."""
        return find_gaps(self.counts, self.partnerships, level=self.practice.level)

    @cached_property
    def areas(self) -> pd.DataFrame | None:
        """One row per clinic and ZIP3 beside its neighbours; None for a practice with counts."""
        if not self.practice.has_episodes:
            return None
        areas = count_areas(self.cleaned.episodes, last_day=self.complete_until)
        return compare_areas(areas, level=self.practice.level)

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

    def keep_estimates(self) -> str:
        """Leave all estimates and standings for the notebooks of a run; a sentence about it."""
        if not self._writes:
            return NOTHING_WRITTEN
        for effect in self._estimate_all().values():
            kept.write_effect(effect, self._place("estimates"), private=True)
        kept.write_standings(self._review_all(), self._place(), private=True)
        return "All estimates and standings are kept for the next notebooks."

    def keep_effect(self, effect: Effect) -> str:
        """Leave an effect for the portfolio and the report; a sentence about it."""
        if not self._writes:
            return NOTHING_WRITTEN
        kept.write_effect(effect, self._place("effects"), private=True)
        return "The effect is kept for the portfolio."

    def _repr_html_(self) -> str:
        made_up = '<p style="color:#a3140b"><strong>These data are made up.</strong></p>'
        return (
            f"{made_up if self.practice.made_up else ''}<p>{escape(self.practice.name)}: "
            f"data as of {self.as_of:%Y-%m-%d}, complete until {self.complete_until:%Y-%m-%d}.</p>"
        )
