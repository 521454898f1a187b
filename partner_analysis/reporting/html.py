"""HTML in which every text is escaped, with its plain text beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.reporting.numbers import NOT_APPLICABLE, interval_text, number_text
from partner_analysis.tables import Interval

TABLE_STYLE: Final = (
    "<style>"
    "table.pa-table caption{caption-side:top;text-align:left;font-weight:600;padding-bottom:.5em}"
    "table.pa-table th.text,table.pa-table td.text{text-align:left}"
    "table.pa-table th.number,table.pa-table td.number"
    "{text-align:right;font-variant-numeric:tabular-nums}"
    "table.pa-table td.number{white-space:nowrap}div.table-scroll{overflow-x:auto}"
    "p.pa-note{font-size:.9em;opacity:.75}"
    "</style>"
)

FIRST_WIDE: Final = 4  # columns from which a table becomes one block per row on a phone


@dataclass(frozen=True)
class Shown:
    """Something that a notebook shows: as HTML on the page, as plain text elsewhere."""

    html: str
    plain: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        """Give the plain text."""
        return self.plain


NOTHING: Final = Shown("", "")


def html_table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    kinds: Sequence[str],
    *,
    title: str,
    note: str = "",
) -> Shown:
    """Give rows of ready text as a table; ``kinds`` says "text" or "number" of each column."""
    plain = pd.DataFrame(rows, columns=list(heads)).to_string(index=False) if rows else "(no rows)"
    return Shown(_markup(heads, rows, kinds, title=title, note=note), f"{title}\n{plain}".strip())


def is_numeric(column: pd.Series) -> bool:
    """Whether a column holds numbers or intervals."""
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return False
    known = column.dropna()
    is_interval = len(known) > 0 and all(isinstance(value, Interval) for value in known)
    return pd.api.types.is_numeric_dtype(column) or is_interval


def cell_texts(column: pd.Series, *, digits: int | None) -> list[str]:
    """Give a column's cells as text, with equal decimals."""
    if digits is None and pd.api.types.is_numeric_dtype(column):
        known = column.dropna().astype("float64")
        digits = 0 if (known == known.round()).all() else 1
    return [cell_text(value, digits) for value in column]


def cell_text(value: object, digits: int | None) -> str:
    """Give one cell as text; none is ever empty."""
    if isinstance(value, Interval):
        return interval_text(value, 1 if digits is None else digits)
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(one) for one in value) or NOT_APPLICABLE
    if pd.isna(value):
        return "unknown"
    if isinstance(value, pd.Timestamp):
        return str(value.date()) if value == value.normalize() else str(value)
    if isinstance(value, int | float | np.number):
        return number_text(float(value), digits=digits)
    return " ".join(str(value).split()) or NOT_APPLICABLE


def _markup(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    kinds: Sequence[str],
    *,
    title: str,
    note: str,
) -> str:
    is_wide = len(heads) >= FIRST_WIDE
    labels = [f' data-label="{escape(head, quote=True)}"' if is_wide else "" for head in heads]

    first = ("th", ' scope="row"') if len(heads) > 1 else ("td", "")
    tags = [first, *[("td", "")] * (len(heads) - 1)]

    def cells(texts: Sequence[str], tags: Sequence[tuple[str, str]], more: Sequence[str]) -> str:
        return "".join(
            f'<{tag} class="{kind}"{scope}{label}>{escape(str(text))}</{tag}>'
            for text, kind, (tag, scope), label in zip(texts, kinds, tags, more, strict=True)
        )

    head = cells(heads, [("th", ' scope="col"')] * len(heads), [""] * len(heads))
    body = "".join(f"<tr>{cells(row, tags, labels)}</tr>" for row in rows)
    if not rows:
        body = f'<tr><td class="text" colspan="{len(heads)}">none</td></tr>'
    caption = f"<caption>{escape(title)}</caption>" if title else ""
    below = f'<p class="pa-note">{escape(note)}</p>' if note else ""
    kind = "pa-table stacks" if is_wide else "pa-table"
    return (
        f'{TABLE_STYLE}<div class="table-scroll"><table class="{kind}">{caption}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{below}"
    )
