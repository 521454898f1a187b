"""A small table of the practice: its header checked, its cells typed, its faults by line."""

from __future__ import annotations

import difflib
from typing import Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.cleaning.plain import plain
from partner_analysis.fields import some_of
from partner_analysis.practice import Practice
from partner_analysis.small_tables import EMPTY_TABLES
from partner_analysis.tables import DataError, some_rows

REQUIRED: Final = {
    "partnerships": ("partnership_id", "name", "kind", "start_date"),
    "aliases": ("partnership_id", "alias"),
    "clinics": ("clinic",),
    "goals": ("goal_id", "partnership_id", "measure", "target"),
    "activities": ("partnership_id", "date", "kind"),
    "flows": ("partnership_id", "month"),
    "decisions": ("text", "means"),
    "candidates": ("candidate_id", "name", "kind"),
    "areas": ("zip3", "people"),
}


def read_list(practice: Practice, table: str) -> pd.DataFrame:
    """A table of the practice as texts with its line numbers; empty where it has none."""
    columns, given = EMPTY_TABLES[table], getattr(practice.tables, table)
    if given is None:
        return pd.DataFrame(columns=[*columns, "line"]).astype("str")
    grid = storage.read_grid(practice.folder / given)
    header = [plain(cell).replace(" ", "_") for cell in grid.iloc[0]]
    named = [name for name in header if name]
    twice = [name for name in dict.fromkeys(named) if named.count(name) > 1]
    if twice:
        raise DataError(f'{given}: two columns are named "{twice[0]}". Keep one of them.')
    lacking = [name for name in REQUIRED[table] if name not in header]
    if lacking:
        raise DataError(
            f"{given}: header not found: line {grid.index[0]} lacks {', '.join(lacking)}. "
            f"Its first line has to be {','.join(columns)}."
        )
    for name in (name for name in named if name not in columns):
        near = difflib.get_close_matches(name, [c for c in columns if c not in header], n=1)
        if near:
            raise DataError(f'{given}: column "{name}" is not known. Did you mean "{near[0]}"?')
    rows = grid.iloc[1:]
    texts = {name: rows[header.index(name)] if name in header else "" for name in columns}
    return pd.DataFrame(texts, index=rows.index).astype("str").assign(line=rows.index)


def split_names(text: str) -> tuple[str, ...]:
    """Names in a list such as ``"Warwick; Cranston"``."""
    return tuple(" ".join(name.split()) for name in text.split(";") if name.strip())


def to_days(texts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """ISO dates, and which texts are none."""
    days = pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    days = days.where(days.dt.year.between(1900, 2199))
    return days, (texts != "") & days.isna()


def refuse_lines(
    where: str | None, rows: pd.DataFrame, wrong: pd.Series, what: str, cure: str
) -> None:
    """Refuse a table with some wrong rows, by their lines."""
    if wrong.any():
        lines = some_rows(rows.loc[wrong, "line"]).replace("row", "line", 1)
        said = some_of(int(wrong.sum()), len(rows), "row", what)
        raise DataError(f"{where}: {said} ({lines}). {cure}")


def refuse_strangers(where: str | None, rows: pd.DataFrame, ids: set[str]) -> None:
    """Refuse rows whose partnership the register does not list."""
    strange = ~rows["partnership_id"].isin(ids)
    refuse_lines(
        where, rows, strange, "have a partnership_id that is not in the partnerships table",
        "Add it there, or correct it.",
    )  # fmt: skip


def type_days(where: str | None, rows: pd.DataFrame, *columns: str) -> None:
    """Turn columns into dates in place, refusing what is none."""
    for column in columns:
        rows[column], wrong = to_days(rows[column])
        refuse_lines(
            where,
            rows,
            wrong,
            f"have a {column} that is not a date",
            "Write YYYY-MM-DD, and nothing where it is open.",
        )


def type_amounts(where: str | None, rows: pd.DataFrame, *columns: str) -> None:
    """Turn columns into non-negative numbers in place, refusing what is none."""
    for column in columns:
        amounts = pd.to_numeric(rows[column].str.lstrip("$").str.replace(",", ""), errors="coerce")
        wrong = (rows[column] != "") & ~(amounts >= 0)
        refuse_lines(where, rows, wrong, f"have a {column} that is no amount", "Write digits only.")
        rows[column] = amounts.astype("float64")
