"""What the exports of a practice are called, and how their dates are written."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)


def _one_line(text: str) -> str:
    """A text that is not empty and stands in one line."""
    if not text.strip() or any(ord(mark) < 32 or ord(mark) == 127 for mark in text):
        raise ValueError("write a text of one line, and leave the key out where there is none")
    return text


Line = Annotated[str, AfterValidator(_one_line)]
Days = Annotated[int, Field(ge=0, le=3660)]
Years = Annotated[int, Field(ge=0, le=130)]
Lines = Annotated[tuple[Line, ...], Field(min_length=1, strict=False)]


class Frozen(BaseModel):
    """Settings that take known keys of the right type only, and never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Columns(Frozen):
    """Columns of an export: each of ours is one of theirs, and none of theirs serves twice."""

    @model_validator(mode="after")
    def _serve_once(self) -> Self:
        taken: dict[str, str] = {}
        for ours, theirs in self.model_dump(exclude_none=True).items():
            other = taken.setdefault(" ".join(theirs.split()).casefold(), ours)
            if other != ours:
                raise ValueError(
                    f'{other} and {ours} are both taken from the column "{theirs}". Name the '
                    "column of each, and leave out the key of what the export does not have"
                )
        return self


class ReferralColumns(_Columns):
    """Practice's own column names of a referrals export, by ours."""

    patient: Line
    clinic: Line
    evaluated: Line | None = None
    case: Line | None = None
    patient_name: Line | None = None
    birth_date: Line | None = None
    sex: Line | None = None
    received: Line | None = None
    created: Line | None = None
    status: Line | None = None
    discharged: Line | None = None
    treatment_clinic: Line | None = None
    source_type: Line | None = None
    source: Line | None = None
    diagnosis: Line | None = None
    payer: Line | None = None
    tag: Line | None = None

    @model_validator(mode="after")
    def _has_a_date(self) -> ReferralColumns:
        if not (self.evaluated or self.received or self.created):
            raise ValueError("name at least one of evaluated, received and created")
        return self


class CountColumns(_Columns):
    """Practice's own column names of a table of counts, by ours."""

    unit: Line
    date: Line
    count: Line
    persona: Line | None = None
    open_days: Line | None = None
    open_slots: Line | None = None


class _Export(Frozen):
    files: Line
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
