"""Which communities send fewer patients than their neighbours, in words and as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from partner_analysis.attribution.areas import FEWER, NOT_AN_AREA, THIN
from partner_analysis.reporting.care import level_of
from partner_analysis.reporting.html import Shown, html_table
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    count_text,
    interval_text,
    level_text,
    list_text,
    number_text,
    short_name,
    span_text,
)
from partner_analysis.tables import Interval


def areas_title(areas: pd.DataFrame) -> str:
    """Give the finding on communities in one sentence."""
    return f"{areas_sentence(areas).split('. ')[0].removesuffix('.')}"


def areas_sentence(areas: pd.DataFrame | None) -> str:
    """Give which communities send fewer than their neighbours, or why that cannot be told."""
    if areas is None:
        return "Where patients live is not known from counts alone."
    known = areas.loc[areas["finding"] != NOT_AN_AREA] if len(areas) else areas
    unknown = int(areas["new_patients"].sum() - known["new_patients"].sum()) if len(areas) else 0
    apart = (
        f" {count_text(unknown, 'new patient')} live in an area that is not known or too small to "
        "be named."
    )
    if known.empty:
        return "Where patients live is not in the exports: a ZIP column would tell."
    fewer = known.loc[known["finding"].isin([FEWER, THIN])]
    if fewer.empty:
        lead = "No community (ZIP3) clearly sends fewer patients than its neighbours."
        return lead + (apart if unknown else "")
    listed = [
        f"{_area(row)} to {short_name(row.clinic, most=45)} ({row.new_patients} in a year, "
        f"{_of_neighbours(row)})"
        for row in fewer.itertuples()
    ]
    sure = (fewer["finding"] == THIN).all()
    limit = (
        "" if sure
        else " How many people live there is not known, so this alone does not make them thin."
    )  # fmt: skip
    return (
        f"Fewer than from their neighbours come from {list_text(listed)}.{limit}"
        f"{apart if unknown else ''}"
    )


def _of_neighbours(row: Any) -> str:
    """A community beside its neighbours' average, with the interval."""
    span = span_text(Interval(row.ratio, row.low, row.high), 2)
    ratio = number_text(row.ratio, digits=2)
    return f"{ratio} times its neighbours' average, {level_text(row.level)} interval {span}"


def areas_table(areas: pd.DataFrame | None) -> Shown:
    """Give each community (ZIP3) of each clinic beside its neighbours."""
    if areas is None or areas.empty or (areas["finding"] == NOT_AN_AREA).all():
        return Shown("", "")
    rows = [
        (
            row.clinic,
            _area(row),
            number_text(row.new_patients, digits=0),
            list_text(row.neighbours) or NOT_APPLICABLE,
            NOT_APPLICABLE if pd.isna(row.low)
            else interval_text(Interval(row.ratio, row.low, row.high), 2),
            row.finding,
        )
        for row in areas.itertuples()
    ]  # fmt: skip
    heads = ["clinic", "ZIP3", "new patients in a year", "neighbours",
             f"times the neighbours' average ({level_of(areas)} interval)", "finding"]  # fmt: skip
    note = (
        "Neighbours: the next ZIP3 up and down that the same clinic serves. Where the people who "
        "live there are known (areas.csv), patients for each 1,000 of them are compared."
    )
    kinds = ("text", "text", "number", "text", "number", "text")
    return html_table(heads, rows, kinds, title=areas_title(areas), note=note)


def _area(row: Any) -> str:
    """An area with the name that the practice gives it: "027 (south shore)"."""
    if not row.zip3:
        return "not known"
    return f"{row.zip3} ({short_name(row.name, most=45)})" if row.name else str(row.zip3)
