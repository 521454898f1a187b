"""Why believe the estimates: published numbers found again, and planted effects found."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import bdtrik

from partner_analysis.attribution.estimate import estimate_effect
from partner_analysis.attribution.published.studies import COMPARED, NOT_HERE, NOT_YET
from partner_analysis.fields import some_of
from partner_analysis.reporting.html import Shown, html_table
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    count_text,
    interval_text,
    list_text,
    number_text,
)
from partner_analysis.reporting.phrases import CHANGES
from partner_analysis.simulate.plan import SEED
from partner_analysis.simulate.planted import Planted, planted_practices
from partner_analysis.tables import InputError, Interval

PLANTED_COLUMNS: Final = {
    "practice": "int64",
    "clinics": "int64",
    "planted": "float64",
    "estimate": "float64",
    "low": "float64",
    "high": "float64",
    "holds": "bool",
    "verdict": "str",
}
PROMISE: Final = 0.95
TAIL: Final = 0.025
LEAST: Final = 1e-6
ENDS: Final = ", (low|high) end$"


def planted_effects(practices: int = 40, *, seed: int = SEED) -> pd.DataFrame:
    """One row per made-up practice: what was planted in it, and what the estimate says.

    Parameters
    ----------
    practices
        How many to draw; every other one has an effect. About 0.1 seconds each.
    seed
        Another seed draws other practices.

    Returns
    -------
    DataFrame
        ``practice``, ``clinics``; ``planted``, ``estimate``, ``low`` and ``high`` in percent of
        the new patients to be expected without (known, since it is made up; ends are NaN without
        a number); ``holds``: whether the 95% interval of the total holds the planted total;
        ``verdict``.

    Raises
    ------
    InputError
        If there are no practices to draw.
    """
    if practices < 1:
        raise InputError(f"practices: {practices!r} cannot be drawn. Give 1 or more, such as 40.")
    drawn = enumerate(planted_practices(practices, seed=seed), start=1)
    rows = [_found(number, practice) for number, practice in drawn]
    return pd.DataFrame(rows, columns=list(PLANTED_COLUMNS)).astype(PLANTED_COLUMNS)


def _found(number: int, practice: Planted) -> tuple[object, ...]:
    effect = estimate_effect(practice.counts, practice.partnerships, "it", checks=False)
    told, total = effect.total.scaled(100 / practice.without), effect.total
    holds = total.low <= practice.total <= total.high
    planted = 100 * practice.total / practice.without
    ends = (told.estimate, told.low, told.high)
    clinics = practice.counts["clinic"].nunique()
    return (number, clinics, planted, *ends, holds, effect.verdict)


def planted_title(planted: pd.DataFrame) -> str:
    """Say how many intervals hold what was planted, as a title."""
    told = _with_number(planted)
    silent = len(planted) - len(told)
    held = int(told["holds"].sum())
    title = some_of(held, len(told), "interval", "hold what was planted")
    return f"{title}; {count_text(silent, 'practice')} got no number" if silent else title


def planted_sentence(planted: pd.DataFrame) -> str:
    """Say the same with false and true findings, and with what luck alone would do."""
    told = _with_number(planted)
    called = told["verdict"].isin(CHANGES)
    none = told["planted"] == 0
    few = math.ceil(float(bdtrik(TAIL, len(told), PROMISE))) if len(told) else 0
    held = int(told["holds"].sum())
    range_words = f"{few} to {len(told)} of {len(told)}"
    if held >= few:
        luck = f"Intervals that are right 95% of the time hold {range_words} in nearly every draw."
    else:
        luck = (
            f"That is too few for luck: intervals that are right 95% of the time hold "
            f"{range_words} in nearly every draw."
        )
    unseen = ": the others were too small to see" if (~called & ~none).any() else ""
    idle = count_text(none.sum(), "made-up partnership")
    return (
        f"{planted_title(planted)}. Of {idle} that did nothing, "
        f"{_count((called & none).sum())} called more or fewer (luck alone does so 1 time in 20); "
        f"of {(~none).sum()} that did something, {_count((called & ~none).sum())}{unseen}. {luck}"
    )


def planted_alt(planted: pd.DataFrame) -> str:
    """Say the same with every miss, for those who cannot see the picture."""
    told = _with_number(planted)
    missed = [
        f"{number_text(row.planted, digits=0)} planted, "
        f"{interval_text(Interval(row.estimate, row.low, row.high), 0)} found"
        for row in told.loc[~told["holds"]].itertuples()
    ]
    words = f" Misses, in percent: {list_text(missed)}." if missed else ""
    return f"{planted_sentence(planted)}{words}"


def _with_number(planted: pd.DataFrame) -> pd.DataFrame:
    return planted.dropna(subset=["low", "high"])


def _count(number: int) -> str:
    return f"{number or 'none'} {'was' if number == 1 else 'were'}"


def published_title(results: pd.DataFrame) -> str:
    """Say how many published numbers agree, as a title."""
    compared = results.loc[results["status"].isin(COMPARED)]
    agreed = int((compared["status"] != "different").sum())
    if compared.empty:
        return "No published number could be compared"
    if len(compared) == 1:
        return f"The one published number that was compared {'agrees' if agreed else 'differs'}"
    if agreed == len(compared):
        return f"All {agreed} published numbers that were compared agree"
    verb = "agrees" if agreed == 1 else "agree"
    return f"{agreed} of {len(compared)} published numbers that were compared {verb}"


def published_sentence(results: pd.DataFrame) -> str:
    """Say what became of every published number."""
    size = results["status"].value_counts()
    files = sorted(results.loc[results["status"] == NOT_HERE, "note"].str.split().str[0].unique())
    phrases = {
        "reproduced": "{} to the digits published",
        "close": "{} within a wider tolerance that has a stated reason",
        "different": "{} not",
        "not obtainable": "{} cannot be obtained",
        NOT_YET: "{} of methods that the library does not have",
        NOT_HERE: f"{{}} with data that are not here ({list_text(files)})",
    }
    parts = [words.format(size[status]) for status, words in phrases.items() if status in size]
    return f"{published_title(results)}. Of {len(results)} in all: {list_text(parts)}."


def published_alt(results: pd.DataFrame) -> str:
    """Say the same by study, for those who cannot see the picture."""
    rows = results.groupby("study", sort=False)
    said = [f"{study}, {agreement_text(numbers)}" for study, numbers in rows]
    return f"{published_sentence(results)} By study: {'; '.join(said)}."


def agreement_text(numbers: pd.DataFrame) -> str:
    """Say of one study how many of its compared numbers agree, or why none was compared."""
    compared = numbers["status"].isin(COMPARED)
    if not compared.any():
        return str(numbers["status"].iloc[0])
    agreed = int((compared & (numbers["status"] != "different")).sum())
    return f"{agreed} of {int(compared.sum())} agree"


def published_table(results: pd.DataFrame) -> Shown:
    """Give every published number beside the one found, a table for each study.

    An interval is one row; its difference is the largest of its numbers.
    """
    tables = [
        _study_table(str(study), rows) for study, rows in results.groupby("study", sort=False)
    ]
    return Shown("".join(t.html for t in tables), "\n\n".join(t.plain for t in tables))


def _study_table(study: str, numbers: pd.DataFrame) -> Shown:
    names = numbers["quantity"].str.replace(ENDS, "", regex=True)
    rows = [
        (str(name), *_told(together), _outcome(together))
        for name, together in numbers.groupby(names, sort=False)
    ]
    heads = ["number", "published", "found", "difference", "outcome"]
    kinds = ("text", "number", "number", "number", "text")
    title = f"{study}: {agreement_text(numbers)}"
    return html_table(heads, rows, kinds, title=title, note=f"{numbers['source'].iloc[0]}.")


def _told(numbers: pd.DataFrame) -> tuple[str, str, str]:
    """Published, found and the largest difference as text, with the digits that matter."""
    digits = max(_digits(row.published, row.tolerance) for row in numbers.itertuples())
    largest = numbers["difference"].abs().max()
    return (
        _together(numbers["published"], digits),
        _together(numbers["found"], digits),
        _difference_text(float(largest)),
    )


def _difference_text(value: float) -> str:
    if math.isnan(value):
        return NOT_APPLICABLE
    if 0 < value < LEAST:
        return "under 0.000001"
    return np.format_float_positional(value, precision=2, fractional=False, trim="-")


def _digits(published: float, tolerance: float) -> int:
    """Decimals that were published, but no more than one beyond the tolerance."""
    text = f"{published:.10f}".rstrip("0")
    decimals = len(text) - text.index(".") - 1
    return min(decimals, max(2, math.ceil(-math.log10(tolerance)) + 1)) if tolerance else decimals


def _together(values: pd.Series, digits: int) -> str:
    """An estimate, an interval without or with it, or a dash where there is no number."""
    if values.isna().any():
        return NOT_APPLICABLE
    texts = [number_text(value, digits=digits) for value in values]
    span = " to ".join(texts[-2:])
    return texts[0] if len(texts) == 1 else span if len(texts) == 2 else f"{texts[0]} ({span})"


def _outcome(numbers: pd.DataFrame) -> str:
    """The status, and its reason where it has one."""
    worst = numbers.loc[numbers["difference"].abs().fillna(0).idxmax()]
    return f"{worst['status']}: {worst['note']}" if worst["note"] else str(worst["status"])
