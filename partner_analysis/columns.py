"""What the exports of a practice are called, and how they write dates, states and types."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)


def _one_line(text: str) -> str:
    """A text that is not empty and stands in one line."""
    if not text.strip() or any(ord(mark) < 32 or ord(mark) == 127 for mark in text):
        raise ValueError("write a text of one line, and leave the key out where there is none")
    return text


def _as_list(value: object) -> object:
    """One text as a list of one."""
    return (value,) if isinstance(value, str) else value


def _is_a_format(value: str) -> str:
    """A date format that keeps year and month."""
    try:
        kept = datetime.strptime(datetime(2001, 2, 3).strftime(value), value)
    except ValueError:
        kept = None
    if kept is None or (kept.year, kept.month) != (2001, 2):
        raise ValueError("write the format with %Y, %m and %d, such as %m/%d/%Y")
    return value


def _refuse_both_orders(formats: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse two formats that differ in the order of day and month: a date could be either."""
    turned = {f.replace("%d", "%0").replace("%m", "%d").replace("%0", "%m") for f in formats}
    if any(f in formats for f in turned if "%d" in f and "%m" in f):
        raise ValueError("name one order of day and month; a date such as 01/02 could be either")
    return formats


def is_a_zone(value: str) -> str:
    """A time zone by its IANA name; "" for none."""
    if value and value not in available_timezones():
        raise ValueError('write a time zone such as "America/New_York"')
    return value


Line = Annotated[str, AfterValidator(_one_line)]
Days = Annotated[int, Field(ge=0, le=3660)]
Years = Annotated[int, Field(ge=0, le=130)]
Lines = Annotated[tuple[Line, ...], Field(min_length=1, strict=False)]
Names = Annotated[tuple[Line, ...], BeforeValidator(_as_list), Field(min_length=1, strict=False)]
Formats = Annotated[
    tuple[Annotated[str, AfterValidator(_is_a_format)], ...],
    BeforeValidator(_as_list),
    Field(min_length=1, strict=False),
    AfterValidator(_refuse_both_orders),
]
Zone = Annotated[str, AfterValidator(is_a_zone)]
Status = Literal["finalized", "scheduled", "cancelled", "no show"]


class Frozen(BaseModel):
    """Settings that take known keys of the right type only, and never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Columns(Frozen):
    """Columns of an export: each of ours is one of theirs, and none of theirs serves twice."""

    @model_validator(mode="after")
    def _serve_once(self) -> Self:
        taken: dict[str, str] = {}
        for ours, names in self.theirs.items():
            for theirs in names:
                other = taken.setdefault(" ".join(theirs.split()).casefold(), ours)
                if other != ours:
                    raise ValueError(
                        f'{other} and {ours} are both taken from the column "{theirs}". Name the '
                        "column of each, and leave out the key of what the export does not have"
                    )
        return self

    @property
    def theirs(self) -> dict[str, tuple[str, ...]]:
        """Names that the export may use, by ours; only what is named."""
        return {ours: names for ours, names in self if names}


class _PersonColumns(_Columns):
    """Columns about a patient, whatever a row stands for."""

    patient: Names
    patient_name: Names | None = None
    birth_date: Names | None = None
    age: Names | None = None
    sex: Names | None = None
    zip: Names | None = None
    source_type: Names | None = None
    source: Names | None = None
    source_note: Names | None = None
    diagnosis: Names | None = None
    region: Names | None = None
    payer: Names | None = None
    tag: Names | None = None
    deleted: Names | None = None
    key: Names | None = None
    change: Names | None = None
    modified: Names | None = None


class _EventColumns(_PersonColumns):
    """Columns about something that happened with a patient at a clinic."""

    case: Names | None = None
    clinic: Names | None = None
    treatment_clinic: Names | None = None
    status: Names | None = None
    finalized: Names | None = None
    charge: Names | None = None
    visit_type: Names | None = None
    planned_visits: Names | None = None
    outcome_change: Names | None = None
    recommend: Names | None = None
    first_time: Names | None = None


class ReferralColumns(_EventColumns):
    """Practice's own column names of a list of referrals, cases or episodes, by ours."""

    received: Names | None = None
    created: Names | None = None
    evaluated: Names | None = None
    discharged: Names | None = None
    visits: Names | None = None

    @model_validator(mode="after")
    def _has_a_date(self) -> ReferralColumns:
        if not (self.evaluated or self.received or self.created):
            raise ValueError("name at least one of evaluated, received and created")
        return self


class VisitColumns(_EventColumns):
    """Practice's own column names of a list of visits, appointments or charges, by ours."""

    visited: Names
    note_type: Names | None = None
    procedure: Names | None = None
    arrived: Names | None = None
    cancelled: Names | None = None
    no_show: Names | None = None


class PatientColumns(_PersonColumns):
    """Practice's own column names of a list of patients, by ours."""

    merged_into: Names | None = None


class CountColumns(_Columns):
    """Practice's own column names of a table of counts, by ours."""

    unit: Names
    date: Names
    count: Names
    persona: Names | None = None
    open_days: Names | None = None
    open_slots: Names | None = None


class TallyColumns(_Columns):
    """Practice's own column names of a report that its system counted by source, by ours."""

    source: Names
    source_type: Names | None = None
    clinic: Names | None = None
    patients: Names | None = None
    cases: Names | None = None

    @model_validator(mode="after")
    def _has_a_count(self) -> TallyColumns:
        if not (self.patients or self.cases):
            raise ValueError("name at least one of patients and cases")
        return self


class _Export(Frozen):
    """What holds for files of any kind.

    A file has to have every column that is named, but those that are ``optional``. ``ask`` lists
    columns of ours whose names no public page shows. Exports of one ``system`` share their
    patients' numbers.
    """

    files: Line
    profile: Line | None = None
    system: str = ""
    title: str = ""
    ask: tuple[str, ...] = Field(default=(), strict=False)
    optional: tuple[str, ...] = Field(default=(), strict=False)
    date_format: Formats = ("%Y-%m-%d",)
    missing: tuple[str, ...] = Field(default=(), strict=False)
    time_zone: Zone = ""

    @property
    def called(self) -> str:
        """What the export is: as its profile says, else its kind."""
        return self.title or f"a table of {self.kind}"  # type: ignore[attr-defined]


class _EventExport(_Export):
    """Files whose rows happened at a clinic and have a state."""

    one_clinic: Line | None = None
    statuses: dict[str, Status] = Field(default_factory=dict)
    no_charge: tuple[str, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _has_a_clinic(self) -> Self:
        columns: Any = self.columns  # type: ignore[attr-defined]
        if not (columns.clinic or columns.treatment_clinic or self.one_clinic):
            raise ValueError(
                "the clinic is missing. Name its column as clinic under [exports.columns], or "
                'write one_clinic = "Main Street" where all rows are of one'
            )
        return self


class ReferralExport(_EventExport):
    """Files with one row per referral, case or episode."""

    kind: Literal["referrals"]
    columns: ReferralColumns


class VisitExport(_EventExport):
    """Files with one row per visit, appointment or charge.

    ``evaluations`` lists the types of visit, note or procedure that are initial evaluations;
    ``unmarked`` is what an appointment was that nobody marked as arrived, missed or cancelled.
    """

    kind: Literal["visits"]
    columns: VisitColumns
    evaluations: tuple[str, ...] = Field(default=(), strict=False)
    unmarked: Status = "scheduled"


class PatientExport(_Export):
    """Files with one row per patient, which say more of patients who have a referral or visit."""

    kind: Literal["patients"]
    columns: PatientColumns


class CountExport(_Export):
    """Files with one row per clinic and period."""

    kind: Literal["counts"]
    date_is: Literal["begins", "ends"] = "begins"
    columns: CountColumns


class TallyExport(_Export):
    """Files with one row per referral source, counted by the practice's system.

    ``blocks`` names the tables of a sheet that count each patient once; others, which count them
    again by staff member, are read as restating them.
    """

    kind: Literal["tallies"]
    columns: TallyColumns
    blocks: tuple[str, ...] = Field(default=(), strict=False)


EpisodeExport = ReferralExport | VisitExport | PatientExport
Export = ReferralExport | VisitExport | PatientExport | CountExport | TallyExport
KINDS = ("referrals", "visits", "patients", "counts", "tallies")
COLUMNS: dict[str, type[_Columns]] = {
    "referrals": ReferralColumns,
    "visits": VisitColumns,
    "patients": PatientColumns,
    "counts": CountColumns,
    "tallies": TallyColumns,
}
EXPORTS: dict[str, type[_Export]] = {
    "referrals": ReferralExport,
    "visits": VisitExport,
    "patients": PatientExport,
    "counts": CountExport,
    "tallies": TallyExport,
}
