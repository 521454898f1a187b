"""One practice at one date, up to its counts: each table made when asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.counts import complete_until, count_named, count_new_patients
from partner_analysis.attribution.effect import Effect, without_number
from partner_analysis.cleaning.episodes.clean import Cleaned, clean_episodes
from partner_analysis.cleaning.episodes.definitions import compare_definitions, recount
from partner_analysis.cleaning.episodes.delays import days_until_complete
from partner_analysis.cleaning.episodes.history import history_table
from partner_analysis.cleaning.exports.cut import Exports, as_day
from partner_analysis.cleaning.exports.parts import RunAll
from partner_analysis.cleaning.exports.reading import read_exports
from partner_analysis.cleaning.register.register import Register, read_register
from partner_analysis.cleaning.sources.capture import capture_by_month, capture_shifts
from partner_analysis.practice import Practice, load_practice
from partner_analysis.reporting import kept
from partner_analysis.reporting.notebooks.hands import by_processes
from partner_analysis.tables import InputError

COUNTED: Final = {
    "first evaluations alone counted": "first evaluation",
    "first visits counted": "first visit",
    "every new episode counted": "new episode",
    "every case created counted": "case created",
}


class CountedStudy:
    """One practice at one date, without estimates: all that ``check`` needs.

    Tables are made when first asked for, and then kept.

    Parameters
    ----------
    practice
        Its settings.
    asked
        Last day of the data to use; None = the newest date in the data.
    tables
        Folder of tables made before.

    Attributes
    ----------
    run_all
        What shares the work of cleaning a large practice: processes of this machine, or a cluster.
    """

    def __init__(
        self,
        practice: Practice,
        *,
        asked: pd.Timestamp | None = None,
        tables: Path | None = None,
    ) -> None:
        self.practice = practice
        self._asked = asked
        self._tables = tables
        self.run_all: RunAll = by_processes

    @classmethod
    def from_settings(cls, practice: str | Path, *, as_of: object = None) -> Self:
        """The practice of a settings file; tables of the last run are read if nothing changed.

        Raises
        ------
        SettingsError
            If the settings are not found or wrong, or ``as_of`` is not a date.
        """
        settings = load_practice(find_upwards(Path(practice).expanduser()))
        asked = as_day(as_of)
        last = kept.processed_folder(settings) / "tables"
        fresh = kept.is_fresh(last, settings, asked=asked)
        return cls(settings, asked=asked, tables=last if fresh else None)

    @property
    def tables(self) -> Path | None:
        """Folder of tables made before; None where there is none."""
        return self._tables

    # ---------------------------------------------------------------- cleaning
    @cached_property
    def register(self) -> Register:
        """The practice's own tables, as they were written down."""
        return read_register(self.practice)

    @cached_property
    def exports(self) -> Exports:
        """Typed rows of the exports; these still hold the practice's own record numbers."""
        return read_exports(self.practice, as_of=self._asked, run_all=self.run_all)

    @cached_property
    def cleaned(self) -> Cleaned:
        """Episodes under random keys, and an account of every row."""
        before = kept.read_cleaned(self._tables) if self._tables is not None else None
        if before is not None:
            return before
        register, exports = self.register, self.exports
        del self.exports  # patients' rows are held no longer than they are needed
        return clean_episodes(exports, self.practice, register, run_all=self.run_all)

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

    @cached_property
    def taken_as_providers(self) -> frozenset[str]:
        """Ids of those of whom the register does not say whether they can refer."""
        rows = self.partnerships
        return frozenset(rows.loc[~rows["provider_said"].astype("bool"), "partnership_id"])

    @cached_property
    def names(self) -> dict[str, str]:
        """Name by partnership id, of all that the register lists."""
        listed = self.register.names
        return dict(zip(listed["partnership_id"], listed["name"], strict=True))

    @cached_property
    def input_key(self) -> str:
        """One fingerprint of all inputs and of this package's own sources."""
        return kept.input_key(self.practice)

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

    def counts_by(self, definition: str) -> tuple[pd.DataFrame, pd.DataFrame | None]:
        """Counts and named counts by one definition of a new patient; kept once made."""
        if definition == self.practice.definitions.new_patient or not self.practice.has_episodes:
            return self.counts, self.named
        if definition not in self._recounted:
            episodes = recount(self.cleaned.episodes, definition=definition)
            counts = self._count_episodes(episodes, self.complete_until)
            named = count_named(episodes, counts=counts, **self._periods)
            self._recounted[definition] = counts, named
        return self._recounted[definition]

    @cached_property
    def _recounted(self) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
        return {}

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

    # ---------------------------------------------------------------- faults of the register
    @cached_property
    def faults(self) -> dict[str, Effect]:
        """Partnerships whose row in the register cannot be used: no number, and why."""
        faults = self.cleaned.register_faults
        return {
            str(identifier): without_number(
                partnership_id=str(identifier),
                name=str(found["name"].iloc[0]),
                kind=str(found["kind"].iloc[0]),
                level=self.practice.level,
                note=" ".join(found["message"]),
            )
            for identifier, found in faults.groupby("partnership_id")
        }

    def _read(self, table: str) -> pd.DataFrame | None:
        """A table that a notebook has left; None where there is none."""
        if self._tables is None or not self._place(f"{table}.parquet").exists():
            return None
        return storage.read_table(self._place(f"{table}.parquet"))

    def _place(self, name: str = "") -> Path:
        if self._tables is None:
            raise InputError("This study has no folder for tables. Open it with tables=.")
        return self._tables / name


def find_upwards(path: Path) -> Path:
    """A relative path, looked for from the working directory upwards; itself if not found."""
    if path.is_absolute():
        return path
    here = Path.cwd()
    return next((f / path for f in (here, *here.parents) if (f / path).exists()), here / path)
