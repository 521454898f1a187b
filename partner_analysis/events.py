"""Public holidays and declared events, as practice.toml states them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Literal

import holidays
import pandas as pd
from holidays.registry import EntityLoader
from pydantic import AfterValidator, BeforeValidator, model_validator

from partner_analysis.columns import Frozen, Line, Lines
from partner_analysis.declared import EVENT_COLUMNS, check_events


def _as_day(value: object) -> object:
    """A day, from one of TOML's own or from a text such as "2024-03-01"."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _plain_day(value)
    except ValueError:
        raise ValueError("write a day as 2024-03-01") from None


def _plain_day(value: object) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError("no day")
    return value


def _is_a_calendar(value: str) -> str:
    """A country, or a country and a part of it, whose holidays are known; "" for none."""
    country, _, part = value.partition("-")
    if not value:
        return value
    if country not in EntityLoader.get_country_codes(include_aliases=True):
        raise ValueError('write a country such as "US", or "" for a calendar without holidays')
    parts = getattr(holidays, country).subdivisions  # of one country: all take long to load
    if value != country and part not in parts:
        raise ValueError(
            f'the country is known but its part is not; write "{country}", or a part such as '
            f'"{country}-{parts[0] if parts else "XX"}"'
        )
    return value


Day = Annotated[date, BeforeValidator(_as_day)]
Calendar = Annotated[str, AfterValidator(_is_a_calendar)]


class Event(Frozen):
    """Something that may show in the counts and is no partnership.

    A shock may have moved how many patients came; a change of recording, how they or their
    sources are written down. Without an end it lasts; without clinics it was everywhere.
    """

    label: Line
    kind: Literal["shock", "recording"]
    start: Day
    end: Day | None = None
    clinics: Lines = ()

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Event:
        if self.end is not None and self.end < self.start:
            raise ValueError("it ends before it starts; correct start or end")
        return self


def event_rows(events: Iterable[Event]) -> pd.DataFrame:
    """One row per event: label, kind, start_date, end_date (NaT = lasting), clinics (() = all)."""
    rows = [(e.label, e.kind, e.start, e.end, e.clinics) for e in events]
    return check_events(pd.DataFrame(rows, columns=list(EVENT_COLUMNS)))
