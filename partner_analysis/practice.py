"""Settings of a practice: practice.toml, checked and frozen."""

from __future__ import annotations

import difflib
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from partner_analysis import storage
from partner_analysis.tables import ONE_PERSONA, PARTNERSHIP_ID, RESERVED_IDS, SettingsError

GENERAL_PERSONA: Final = "general"
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Definitions(_Frozen):
    """What counts as a new patient, and when a period is complete."""

    new_patient: Literal["first evaluation", "new episode", "case created"] = "first evaluation"
    reopen_gap_days: int = Field(default=90, ge=0)
    complete_days: int = Field(default=21, ge=0)


class ReferralColumns(_Frozen):
    """Practice's own column names of a referrals export, by ours."""

    patient: str
    clinic: str
    evaluated: str | None = None
    case: str | None = None
    patient_name: str | None = None
    birth_date: str | None = None
    sex: str | None = None
    received: str | None = None
    created: str | None = None
    status: str | None = None
    discharged: str | None = None
    treatment_clinic: str | None = None
    source_type: str | None = None
    source: str | None = None
    diagnosis: str | None = None
    payer: str | None = None
    tag: str | None = None

    @model_validator(mode="after")
    def _has_a_date(self) -> ReferralColumns:
        if not (self.evaluated or self.received or self.created):
            raise ValueError("name at least one of evaluated, received and created")
        return self


class CountColumns(_Frozen):
    """Practice's own column names of a table of counts, by ours."""

    unit: str
    date: str
    count: str
    persona: str | None = None
    open_days: str | None = None


class _Export(_Frozen):
    files: str = Field(min_length=1)
    date_format: str = "%Y-%m-%d"
    missing: tuple[str, ...] = Field(default=(), strict=False)

    @field_validator("date_format")
    @classmethod
    def _is_a_format(cls, value: str) -> str:
        try:
            day = datetime(2001, 2, 3)
            kept = datetime.strptime(day.strftime(value), value)
        except ValueError:
            kept = None
        if kept is None or (kept.year, kept.month) != (2001, 2):
            raise ValueError("write the format with %Y, %m and %d, such as %m/%d/%Y")
        return value


class ReferralExport(_Export):
    """Files with one row per referral or case."""

    kind: Literal["referrals"]
    columns: ReferralColumns


class CountExport(_Export):
    """Files with one row per clinic and period."""

    kind: Literal["counts"]
    date_is: Literal["begins", "ends"] = "begins"
    columns: CountColumns


Export = Annotated[ReferralExport | CountExport, Field(discriminator="kind")]


class Tables(_Frozen):
    """Where the practice keeps its own small tables."""

    partnerships: str
    aliases: str | None = None
    clinics: str | None = None
    goals: str | None = None
    activities: str | None = None


class PersonaRule(_Frozen):
    """Conditions of one persona; all that are given must hold."""

    name: str = Field(min_length=1)
    diagnosis_prefix: tuple[str, ...] = Field(default=(), strict=False)
    min_age: int | None = Field(default=None, ge=0)
    max_age: int | None = Field(default=None, ge=0)
    sex: str | None = None
    payer: tuple[str, ...] = Field(default=(), strict=False)
    tag: tuple[str, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _has_a_condition(self) -> PersonaRule:
        if self.name in (GENERAL_PERSONA, ONE_PERSONA):
            raise ValueError(f"{self.name} is kept for patients whom no rule takes")
        if not self.model_fields_set - {"name"}:
            raise ValueError("a rule without a condition takes everyone; give it one")
        return self


class _Head(_Frozen):
    slug: str
    name: str = Field(min_length=1)
    made_up: bool = False
    period: Literal["week", "month"] = "week"
    week_starts: Weekday = "monday"
    audience: Literal["practice", "shareable"] = "practice"
    level: float = Field(default=0.95, gt=0.5, lt=1)

    @field_validator("slug")
    @classmethod
    def _is_a_folder_name(cls, value: str) -> str:
        if not PARTNERSHIP_ID.fullmatch(value) or value in RESERVED_IDS:
            raise ValueError("use small letters, digits and hyphens, such as harborview-pt")
        return value

    @field_validator("audience")
    @classmethod
    def _is_ready(cls, value: str) -> str:
        if value == "shareable":
            raise ValueError(
                "shareable reports are not made yet, since small counts in them could point at "
                'a person; use audience = "practice" and keep the report inside'
            )
        return value


class _File(_Frozen):
    practice: _Head
    definitions: Definitions = Definitions()
    exports: tuple[Export, ...] = Field(strict=False)
    tables: Tables
    personas: tuple[PersonaRule, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _holds_together(self) -> _File:
        if not self.exports:
            raise ValueError("there is no [[exports]] block; add one")
        if len({export.kind for export in self.exports}) > 1:
            raise ValueError("exports are either all referrals or all counts; keep one kind")
        names = [rule.name for rule in self.personas]
        if len(set(names)) < len(names):
            raise ValueError("two personas have the same name; give each its own")
        return self


class Practice(_Head):
    """Settings of one practice, frozen; ``folder`` is where its practice.toml stands."""

    definitions: Definitions
    exports: tuple[ReferralExport | CountExport, ...]
    tables: Tables
    personas: tuple[PersonaRule, ...]
    path: Path

    @property
    def folder(self) -> Path:
        """Folder of practice.toml; every path in it starts here."""
        return self.path.parent

    @property
    def has_episodes(self) -> bool:
        """Whether the exports hold patients; False where they hold counts only."""
        return self.exports[0].kind == "referrals"


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
    try:
        settings = _File.model_validate(given)
    except ValidationError as error:
        faults = [_fault(dict(fault)) for fault in error.errors(include_url=False)]
        raise SettingsError(f"{path}: " + " ".join(faults)) from None
    return Practice(
        **dict(settings.practice),
        definitions=settings.definitions,
        exports=settings.exports,
        tables=settings.tables,
        personas=settings.personas,
        path=path,
    )


def init_practice(folder: str | Path) -> Path:
    """Path of a new practice.toml, written with comments beside empty tables to fill.

    Raises
    ------
    SettingsError
        If the folder has a practice.toml already; nothing is written over.
    """
    target = Path(folder).expanduser().absolute() / "practice.toml"
    if target.exists():
        raise SettingsError(f"{target}: is there already. Edit it, or choose another folder.")
    template = storage.read_text(Path(__file__).with_name("template.toml"))
    for name, columns in EMPTY_TABLES.items():
        table = target.parent / "data" / "raw" / "my-practice" / f"{name}.csv"
        if not table.exists():
            storage.write_text(",".join(columns) + "\n", table, private=True)
    return storage.write_text(template, target)


EMPTY_TABLES: Final[dict[str, tuple[str, ...]]] = {
    "partnerships": (
        "partnership_id", "name", "kind", "start_date", "end_date",
        "clinics", "personas", "aims", "provider",
    ),
    "aliases": ("partnership_id", "alias", "from", "to"),
    "clinics": ("clinic", "alias", "opened", "closed"),
    "goals": (
        "goal_id", "partnership_id", "persona", "measure", "target", "unit",
        "baseline", "window_months", "start_date", "counted",
    ),
    "activities": (
        "partnership_id", "date", "kind", "own_cost", "staff_hours", "partner_share", "note",
    ),
}  # fmt: skip
_SECTIONS: Final[dict[str, type[BaseModel]]] = {
    "": _File,
    "practice": _Head,
    "definitions": Definitions,
    "tables": Tables,
    "personas": PersonaRule,
    "exports referrals": ReferralExport,
    "exports counts": CountExport,
    "exports referrals columns": ReferralColumns,
    "exports counts columns": CountColumns,
}


def _fault(fault: dict[str, Any]) -> str:
    """One fault in words, with the key and what to write instead."""
    loc = fault["loc"]
    where = _place(loc)
    if fault["type"] == "extra_forbidden":
        section = " ".join(str(part) for part in loc[:-1] if not isinstance(part, int))
        known = list(_SECTIONS[section].model_fields) if section in _SECTIONS else []
        near = difflib.get_close_matches(str(loc[-1]), known, n=1, cutoff=0.5)
        hint = f'Did you mean "{near[0]}"?' if near else f"It takes {', '.join(known)}."
        return f"{where} is not known. {hint}"
    if fault["type"] == "missing":
        return f"{where} is missing. Add it."
    if fault["type"] == "union_tag_not_found":
        return f'{where}: kind is missing. Write kind = "referrals" or kind = "counts".'
    message = re.sub(r"^(Value error|Input), ?", "", str(fault["msg"]))
    message = re.sub(r"^Input should be", "should be", message)
    return f"{where}: {message}."


def _place(loc: tuple[str | int, ...]) -> str:
    """Where in the file a fault stands: ``[exports] no. 1 columns.patient``."""
    if not loc:
        return "the whole file"
    if len(loc) == 1:
        return f"[{loc[0]}]"
    words, key = [f"[{loc[0]}]"], []
    for part in loc[1:]:
        if isinstance(part, int):
            words.append(f"no. {part + 1}")
        elif part not in ("referrals", "counts"):
            key.append(part)
    return " ".join([*words, ".".join(key)]).strip()
