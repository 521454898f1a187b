"""Settings of a practice: practice.toml, checked and frozen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import pandas as pd
from pydantic import (
    BaseModel,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from partner_analysis import storage
from partner_analysis.columns import (
    COLUMNS,
    EXPORTS,
    CountExport,
    Days,
    Export,
    Frozen,
    Line,
    Lines,
    PatientExport,
    ReferralExport,
    TallyExport,
    VisitExport,
    Years,
    Zone,
)
from partner_analysis.events import Calendar, Event, event_rows
from partner_analysis.faults import fault_in_words
from partner_analysis.money import Money
from partner_analysis.profile import with_profile
from partner_analysis.tables import ONE_PERSONA, PARTNERSHIP_ID, RESERVED_IDS, SettingsError
from partner_analysis.upkeep import Notify, ReportsKept

GENERAL_PERSONA: Final = "general"
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


Weight = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
NewPatient = Literal["first evaluation", "first visit", "new episode", "case created"]


class Definitions(Frozen):
    """What counts as a new patient, and when a period is complete."""

    new_patient: NewPatient = "first evaluation"
    reopen_gap_days: Days = 90
    complete_days: Days | Literal["estimated"] = 21
    count_no_charge: bool = False


AnyExport = Annotated[
    ReferralExport | VisitExport | PatientExport | CountExport | TallyExport,
    Field(discriminator="kind"),
]


class Tables(Frozen):
    """Where the practice keeps its own small tables."""

    partnerships: Line
    aliases: Line | None = None
    clinics: Line | None = None
    goals: Line | None = None
    activities: Line | None = None
    flows: Line | None = None
    decisions: Line | None = None
    shared: Line | None = None
    candidates: Line | None = None
    areas: Line | None = None


class Scorecard(Frozen):
    """How much each part of a candidate's score weighs; only their proportions count."""

    values: Weight = 1.0
    trust: Weight = 1.0
    complementary: Weight = 1.0
    reach: Weight = 1.0
    willingness: Weight = 1.0

    @model_validator(mode="after")
    def _weighs_something(self) -> Scorecard:
        if not self.values + self.trust + self.complementary > 0:
            raise ValueError("give values, trust or complementary a weight above 0")
        return self


class Values(Frozen):
    """What the practice stands for, in its own words; partners share some of it or none."""

    ours: Lines = ()


class PersonaRule(Frozen):
    """Conditions of one persona; all that are given must hold."""

    name: Line
    diagnosis_prefix: Lines = ()
    min_age: Years | None = None
    max_age: Years | None = None
    sex: Line | None = None
    payer: Lines = ()
    region: Lines = ()
    tag: Lines = ()

    @model_validator(mode="after")
    def _has_a_condition(self) -> PersonaRule:
        if self.name.casefold().strip() in (GENERAL_PERSONA, ONE_PERSONA):
            raise ValueError(f"{self.name} is kept for patients whom no rule takes")
        if not self.model_fields_set - {"name"}:
            raise ValueError("a rule without a condition takes everyone; give it one")
        if None not in (self.min_age, self.max_age) and self.min_age > self.max_age:  # type: ignore[operator]
            raise ValueError("min_age is above max_age, so that nobody fits; exchange them")
        return self


class _Head(Frozen):
    slug: str
    name: Line
    made_up: bool = False
    period: Literal["week", "month"] = "week"
    week_starts: Weekday = "monday"
    audience: Literal["practice", "shareable"] = "practice"
    level: float = Field(default=0.95, gt=0.5, lt=1)
    holidays: Calendar = "US"
    time_zone: Zone = ""

    @field_validator("slug")
    @classmethod
    def _is_a_folder_name(cls, value: str) -> str:
        if not PARTNERSHIP_ID.fullmatch(value) or value in RESERVED_IDS:
            raise ValueError("use small letters, digits and hyphens, such as harborview-pt")
        return value


class _File(Frozen):
    practice: _Head
    definitions: Definitions = Definitions()
    exports: tuple[AnyExport, ...] = Field(strict=False)
    tables: Tables
    money: Money = Money()
    personas: tuple[PersonaRule, ...] = Field(default=(), strict=False)
    events: tuple[Event, ...] = Field(default=(), strict=False)
    scorecard: Scorecard = Scorecard()
    values: Values = Values()
    reports: ReportsKept = ReportsKept()
    notify: Notify | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> _File:
        if not self.exports:
            raise ValueError("there is no [[exports]] block; add one")
        _refuse_mixture({export.kind for export in self.exports})
        _refuse_nameless(self.exports)
        if any(e.time_zone for e in self.exports) and not self.practice.time_zone:
            raise ValueError(
                "times of an export are in another time zone, and that of the practice is not "
                'said; write time_zone = "America/New_York", or your own, under [practice]'
            )
        names = [rule.name.casefold().strip() for rule in self.personas]
        if len(set(names)) < len(names):
            raise ValueError("two personas have the same name; give each its own")
        if len({(e.label, e.start, e.clinics) for e in self.events}) < len(self.events):
            raise ValueError("two [[events]] have the same label, start and clinics; keep one")
        return self


def _refuse_mixture(kinds: set[str]) -> None:
    """Refuse kinds of exports from which no one table of patients or counts can be made."""
    if "counts" in kinds and kinds & {"referrals", "visits", "patients"}:
        raise ValueError("exports hold patients or counts; keep one of the two")
    if not kinds & {"referrals", "visits", "counts"}:
        raise ValueError(
            "no export has a date for each patient; add one of referrals, of visits or of counts"
        )


def _refuse_nameless(exports: tuple[AnyExport, ...]) -> None:
    """Refuse exports of several systems with one of which nobody knows whose numbers it has."""
    systems = {e.system.strip() for e in exports if e.kind not in ("counts", "tallies")}
    named = sorted(systems - {""})
    if "" in systems and len({name.casefold() for name in named}) > 1:
        raise ValueError(
            f"exports come from {' and '.join(named)}, which number patients each by itself, and "
            "one [[exports]] block does not say whose numbers it has; write its system = "
            f'"{named[0]}" there'
        )


class Practice(_Head):
    """Settings of one practice, frozen; ``folder`` is where its practice.toml stands."""

    definitions: Definitions
    exports: tuple[Export, ...]
    tables: Tables
    money: Money
    personas: tuple[PersonaRule, ...]
    events: tuple[Event, ...]
    scorecard: Scorecard
    values: Values
    reports: ReportsKept
    notify: Notify | None
    path: Path

    @property
    def folder(self) -> Path:
        """Folder of practice.toml; every path in it starts here."""
        return self.path.parent

    @property
    def has_episodes(self) -> bool:
        """Whether the exports hold patients; False where they hold counts only."""
        return all(export.kind != "counts" for export in self.exports)

    @property
    def holiday_place(self) -> tuple[str, str | None]:
        """Country whose public holidays hold ("" for none), and its part if one is named."""
        country, _, part = self.holidays.partition("-")
        return country, part or None

    @property
    def events_table(self) -> pd.DataFrame:
        """One row per declared event: label, kind, start_date, end_date, clinics."""
        return event_rows(self.events)


_SECTIONS: Final[dict[str, type[BaseModel]]] = {
    "": _File,
    "practice": _Head,
    "definitions": Definitions,
    "tables": Tables,
    "money": Money,
    "personas": PersonaRule,
    "events": Event,
    "scorecard": Scorecard,
    "values": Values,
    "reports": ReportsKept,
    "notify": Notify,
    **{f"exports {kind}": export for kind, export in EXPORTS.items()},
    **{f"exports {kind} columns": columns for kind, columns in COLUMNS.items()},
}


def _known_keys(section: str) -> list[str]:
    """Keys that a section takes; none where there is no such section."""
    return list(_SECTIONS[section].model_fields) if section in _SECTIONS else []


def load_practice(path: str | Path) -> Practice:
    """Return the settings in a practice.toml, checked and frozen.

    Parameters
    ----------
    path
        The file, or the folder that holds a ``practice.toml``.

    Raises
    ------
    SettingsError
        For a missing file, a key that is not known (with the nearest that is), a value of the
        wrong type, and settings that contradict one another. All faults are listed.
    """
    path = Path(path).expanduser().absolute()
    path = path / "practice.toml" if path.is_dir() else path
    given = storage.read_toml(path)
    if isinstance(given.get("exports"), list):
        given["exports"] = [with_profile(block, path.parent) for block in given["exports"]]
    try:
        settings = _File.model_validate(given)
    except ValidationError as error:
        faults = [
            fault_in_words(dict(fault), keys_of=_known_keys)
            for fault in error.errors(include_url=False)
        ]
        raise SettingsError(f"{path}: " + " ".join(faults)) from None
    return Practice(
        **dict(settings.practice),
        definitions=settings.definitions,
        exports=settings.exports,
        tables=settings.tables,
        money=settings.money,
        personas=settings.personas,
        events=settings.events,
        scorecard=settings.scorecard,
        values=settings.values,
        reports=settings.reports,
        notify=settings.notify,
        path=path,
    )
