"""Which partners a referral-source text names: cautious, since a wrong match is worse than none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd

from partner_analysis.cleaning.plain import MISSING, plain
from partner_analysis.cleaning.sources.aliases import Partners, read_partners
from partner_analysis.cleaning.sources.candidates import Finder
from partner_analysis.cleaning.sources.choosing import choose_candidates
from partner_analysis.cleaning.sources.decisions import Decision, spell_out
from partner_analysis.cleaning.sources.forms import Candidate, Form
from partner_analysis.cleaning.sources.labels import find_labels
from partner_analysis.cleaning.sources.likeness import near_forms
from partner_analysis.cleaning.sources.rows import Row, SourceText, decided_row, rows_of
from partner_analysis.cleaning.sources.texts import Words, repaired, split_words
from partner_analysis.tables import InputError

MATCH_COLUMNS: Final = (
    "text", "partnership_id", "label", "order", "location", "rule", "score", "state", "note",
)  # fmt: skip
AT_ONCE: Final = 20_000
DAY: Final = pd.Timedelta(days=1)
Decided: TypeAlias = pd.DataFrame | Mapping[str, Sequence[Decision]] | None


def match_sources(
    texts: Iterable[Any],
    register: pd.DataFrame,
    dates: Iterable[Any] | None = None,
    places: Iterable[Any] | None = None,
    *,
    decisions: Decided = None,
) -> pd.DataFrame:
    """Partners and kinds of source that each text names, with rule and score.

    Parameters
    ----------
    texts
        Referral-source texts as typed; missing values are allowed.
    register
        One row per partner: ``partnership_id``, ``name``, ``aliases`` (texts, or text, first
        day, last day), optionally ``address`` and ``kind``.
    dates
        Day of each text: an alias counts only while it was in use.
    places
        Place of each text, such as its town: decides between partners of one name by their
        address.
    decisions
        What the practice decided about single texts, as ``read_decisions`` or ``spell_out``
        give it. What is the name or alias of one partner stays that partner; any other text
        that was decided is no longer judged by the rules. A decision about a masked text holds
        only where the rules leave the text open.

    Returns
    -------
    DataFrame
        At least one row per text, in order: ``text`` (its position from 0), ``partnership_id``
        (missing if none), ``label`` (the partner's name or a kind such as "internet"; never
        the text), ``order`` (position within the text from 1), ``location``, ``rule``,
        ``score`` (0 to 100), ``state`` ("matched", "ambiguous", "unmatched", "missing") and
        ``note``. Only partners are ever "matched".

    Raises
    ------
    InputError
        If the register lacks a column, or dates or places are not as many as the texts.

    Examples
    --------
    >>> register = pd.DataFrame(
    ...     {"partnership_id": ["run"], "name": ["Harbor Run Shop"], "aliases": [["HRS"]]}
    ... )
    >>> match_sources(["google / harber run shop"], register)["label"].tolist()
    ['internet', 'Harbor Run Shop']
    """
    given = texts if isinstance(texts, pd.Series) else pd.Series(list(texts), dtype=object)
    codes, table = match_distinct(given, register, dates, places, decisions)
    return _spread(table, codes)


def match_distinct(
    texts: pd.Series,
    register: pd.DataFrame,
    dates: Iterable[Any] | None = None,
    places: Iterable[Any] | None = None,
    decisions: Decided = None,
) -> tuple[np.ndarray, pd.DataFrame]:
    """The same, once per distinct text, for tables in which texts repeat a thousand times.

    Returns
    -------
    tuple of ndarray and DataFrame
        Number of the distinct text of each text, and the table of ``match_sources`` in which
        ``text`` is that number. Texts that differ in what their day or place means are distinct.
    """
    typed = texts.where(texts.notna(), "").astype("str").reset_index(drop=True)
    partners = read_partners(register)
    decided = decisions if isinstance(decisions, Mapping) else spell_out(decisions, Counter(typed))
    days, epochs = _epochs(dates, partners, decided, len(typed))
    blank = pd.Series([""], dtype="str").take(np.zeros(len(typed), dtype="int64"))
    towns = blank.reset_index(drop=True)
    if places is not None:
        towns = _aligned(places, len(typed), "places").fillna("").astype("str")
    codes = _number_distinct(typed, epochs, towns)
    first = np.unique(codes, return_index=True)[1]
    some = pd.DataFrame({"typed": typed, "day": days, "town": towns}).iloc[first]
    blocks = _match_all(some, Finder(partners), decided)
    rows = [row for block in blocks for row in block]
    table = pd.DataFrame(rows, columns=list(MATCH_COLUMNS[1:]))
    for column in ("partnership_id", "label", "location", "rule", "state", "note"):
        table[column] = table[column].astype("str")
    table.insert(0, "text", np.repeat(np.arange(len(blocks)), [len(block) for block in blocks]))
    return codes, table.astype({"text": "int64", "order": "int64", "score": "float64"})


def _number_distinct(typed: pd.Series, epochs: np.ndarray, towns: pd.Series) -> np.ndarray:
    """Number of each text among those that differ in words, meaning of their day, or place."""
    codes = pd.factorize(typed)[0].astype("int64")
    for other in (epochs, towns):
        more, distinct = pd.factorize(other)
        if len(distinct) > 1:
            codes = pd.factorize(codes * len(distinct) + more)[0]
    return codes.astype("int64")


def _match_all(
    some: pd.DataFrame, finder: Finder, decided: Mapping[str, Sequence[Decision]]
) -> list[list[Row]]:
    """Rows of each distinct text."""
    named = {town: frozenset(split_words(town).words) for town in some["town"].unique()}
    blocks: list[list[Row]] = []
    for offset in range(0, len(some), AT_ONCE):
        part = some.iloc[offset : offset + AT_ONCE]
        batch = [
            SourceText(tidy := repaired(text), split_words(tidy), day, named[town])
            for text, day, town in zip(part["typed"], part["day"], part["town"], strict=True)
        ]
        finder.near = near_forms(finder.partners.forms, (one.words for one in batch))
        blocks += [_match_one(one, finder, decided) for one in batch]
    return blocks


def _aligned(values: Iterable[Any] | None, size: int, name: str) -> pd.Series:
    """Values as a series of one per text."""
    if values is None:
        return pd.Series(np.full(size, None, dtype=object))
    if isinstance(values, pd.Series):
        values = values.reset_index(drop=True)
    series = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
    if len(series) != size:
        raise InputError(f"{name}: has {len(series):,} values for {size:,} texts. Give one each.")
    return series


def _epochs(
    dates: Any, partners: Partners, decided: Mapping[str, Sequence[Decision]], size: int
) -> tuple[pd.Series, np.ndarray]:
    """Day of each text, and the stretch between changes of meaning in which it lies."""
    given = _aligned(dates, size, "dates")
    try:
        days = pd.to_datetime(given) if dates is not None else pd.Series(pd.NaT, range(size))
    except (ValueError, TypeError):
        raise InputError("dates: hold something that is not a date. Give timestamps.") from None
    meanings = (one for same in decided.values() for one in same)
    dated: list[Form | Decision] = [*partners.forms, *meanings]
    changes = {one.start for one in dated if one.start is not None}
    changes |= {one.end + DAY for one in dated if one.end is not None}
    edges = np.array(sorted(changes), dtype="datetime64[ns]")
    values = days.dt.tz_localize(None).to_numpy(dtype="datetime64[ns]")
    epochs = np.searchsorted(edges, values, side="right")
    return days, np.where(days.isna(), -1, epochs)


def _spread(table: pd.DataFrame, codes: np.ndarray) -> pd.DataFrame:
    """Rows of the distinct texts, repeated for every text."""
    sizes = np.bincount(table["text"], minlength=int(codes.max()) + 1 if len(codes) else 0)
    starts = np.cumsum(sizes) - sizes
    repeats = sizes[codes]
    within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    chosen = np.repeat(starts[codes], repeats) + within
    numbers = np.repeat(np.arange(len(codes)), repeats)
    return table.iloc[chosen].reset_index(drop=True).assign(text=numbers)


# ------------------------------------------------------------------ one text
def _match_one(
    one: SourceText, finder: Finder, decided: Mapping[str, Sequence[Decision]]
) -> list[Row]:
    """Rows of one text."""
    exact = plain(one.tidy)
    if exact in MISSING:
        return [Row(label="missing", state="missing")]
    candidates = [
        _marked_exact(c, exact)
        for c in finder.find(one.words)
        if c.form is None or c.form.holds(one.day)
    ]
    decision = None
    if decided:
        given = decided.get(" ".join(one.words.words), ())
        decision = next((d for d in given if d.holds(one.day)), None)
    if decision and not decision.masked and not _is_name_of_one(candidates, one.words):
        return [decided_row(decision, finder.partners)]
    found = choose_candidates(candidates, one.words, finder.partners, one.town)
    covered = {i for c in [*found.taken, *found.doubtful] for i in range(c.start, c.end)}
    found.labels = find_labels(one.words, covered)
    rows = rows_of(found, one, finder.partners)
    is_open = all(row.label == "unknown" and row.state != "matched" for row in rows)
    return [decided_row(decision, finder.partners)] if decision and is_open else rows


def _marked_exact(candidate: Candidate, exact: str) -> Candidate:
    """A candidate that is the text as written counts as exact, without a doubt."""
    if candidate.rule == "normalised" and candidate.form and candidate.form.text == exact:
        return replace(candidate, rule="exact", score=100.0, doubt="")
    return candidate


def _is_name_of_one(candidates: Sequence[Candidate], words: Words) -> bool:
    """Whether the whole text is a name or alias of just one partner."""
    whole = {
        c.partner
        for c in candidates
        if c.form and c.form.words == words.words and c.rule in ("exact", "normalised")
    }
    return len(whole) == 1
