"""What a column may be, told by its cells alone: for headers in words that are not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from partner_analysis.cleaning.mapping.choose import Choice, Column, cells_in_words
from partner_analysis.cleaning.mapping.contents import Contents, span_in_words
from partner_analysis.cleaning.mapping.fits import FEW_BORN, FITS, fit_of, says_itself

LOOKS: Final = {
    "e-mail address": "e-mail addresses, which are not read",
    "telephone number": "telephone numbers, which are not read",
    "social security number": "social security numbers, which are not read",
    "long text": "long texts, which are not read",
    "diagnosis": "ICD-10 codes",
    "procedure": "procedure codes",
    "sex": "words for a sex",
    "status": "known states",
    "visit type": "words for kinds of visits",
}
MOST: Final = 0.8
NUMBERS: Final = "numbers of patients or of records"
TOLD: Final = ("birth_date", "sex", "diagnosis", "procedure", "status", "visit_type")


def look_of(contents: Contents) -> str:
    """What the cells of a column look like, in words and numbers; never a value.

    Examples
    --------
    >>> import pandas as pd
    >>> from partner_analysis.cleaning.mapping.contents import read_contents
    >>> cells = pd.Series(["2024-01-05", "2024-02-06"])
    >>> look_of(read_contents(cells, cells))
    'days written as %Y-%m-%d, between 2024-01 and 2024-02'
    """
    if not contents.filled:
        return "no cell is filled"
    if contents.dates >= MOST:
        return f"days written as {contents.date_format}, {span_in_words(contents.days)}"
    told = next((words for shape, words in LOOKS.items() if contents.share(shape) >= MOST), "")
    if told:
        return told
    return f"{_kind_of(contents)}; {contents.distinct:,} different among {contents.filled:,} cells"


def _kind_of(contents: Contents) -> str:
    """What cells without a shape of their own look like."""
    looks = {
        "yes or no": contents.share("yes or no") >= MOST,
        NUMBERS: fit_of("patient", contents) == FITS and contents.distinct > contents.filled / 50,
        "amounts or counts": contents.share("number") >= MOST,
        "short labels": contents.few and contents.share("letters") >= MOST,
        "names or other words": contents.share("words") >= MOST,
    }
    return next((words for words, fits in looks.items() if fits), "texts")


def choose_by_cells(columns: Sequence[Column]) -> tuple[str, str, tuple[Choice, ...]]:
    """Kind, its reason, and what the cells alone tell; the kind is "" where they leave it open.

    A file has a kind where exactly one column can hold the numbers of patients and exactly one
    the days of their visits.
    """
    choices = [
        _guess(ours, column)
        for ours in TOLD
        for column in [c for c in columns if says_itself(ours, c.contents)][:1]
    ]
    taken = {choice.column.place for choice in choices}
    free = [column for column in columns if column.place not in taken]
    numbers = [c for c in free if look_of(c.contents).startswith(NUMBERS)]
    days = [c for c in free if c.contents.dates >= 0.8 and _are_recent(c.contents)]
    if len(numbers) != 1 or len(days) != 1:
        return "", "", tuple(sorted(choices, key=lambda choice: choice.column.place))
    each = numbers[0].contents.each
    told = "visit_type" in {choice.ours for choice in choices}
    kind, day = ("visits", "visited") if each > 1.2 or told else ("referrals", "evaluated")
    why = f"only its cells tell: one column holds numbers, one days; {each:.1f} rows per number"
    choices += [_guess("patient", numbers[0]), _guess(day, days[0])]
    fits = {"referrals": {"procedure", "visit_type"}, "visits": set[str]()}[kind]
    kept = [choice for choice in choices if choice.ours not in fits]
    return kind, why, tuple(sorted(kept, key=lambda choice: choice.column.place))


def _are_recent(contents: Contents) -> bool:
    """Whether days are of visits rather than of births."""
    return len(contents.days) > 0 and contents.days.median().year >= FEW_BORN


def _guess(ours: str, column: Column) -> Choice:
    """A choice for which nothing speaks but its cells."""
    evidence = f"only its cells tell; {cells_in_words(ours, column.contents)}"
    return Choice(ours, column, "a guess", evidence)
