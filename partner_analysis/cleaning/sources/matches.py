"""Which partners a referral-source text names: cautious, since a wrong match is worse than none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from partner_analysis.cleaning.plain import MISSING, plain
from partner_analysis.cleaning.sources.aliases import Partners, read_partners
from partner_analysis.cleaning.sources.candidates import Candidate, Finder
from partner_analysis.cleaning.sources.labels import Label, find_labels
from partner_analysis.cleaning.sources.texts import GENERIC, LINKS, Words, repaired, split_words
from partner_analysis.tables import InputError

MATCH_COLUMNS: Final = (
    "text", "partnership_id", "label", "order", "location", "rule", "score", "state", "note",
)  # fmt: skip
MARGIN: Final = 6.0
NOT_NEGATED: Final = frozenset({"sure", "only", "certain", "just"})


@dataclass(slots=True)
class _Found:
    """What one text names."""

    taken: list[Candidate] = field(default_factory=list)
    doubtful: list[Candidate] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def match_sources(
    texts: Iterable[Any],
    register: pd.DataFrame,
    dates: Iterable[Any] | None = None,
    places: Iterable[Any] | None = None,
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
    given = pd.Series(list(texts), dtype=object)
    typed = given.where(given.notna(), "").astype("str")
    partners = read_partners(register)
    days, epochs = _epochs(dates, partners, len(typed))
    towns = _aligned(places, len(typed), "places").fillna("").astype("str")
    keys = pd.DataFrame({"typed": typed, "epoch": epochs, "town": towns})
    codes = keys.groupby(["typed", "epoch", "town"], sort=False).ngroup().to_numpy()
    first = pd.Series(codes).drop_duplicates().index
    parsed = {text: split_words(text) for text in typed.loc[first].unique()}
    finder = Finder(partners, parsed.values())
    blocks: list[list[dict[str, Any]]] = [
        _match_one(text, parsed[text], finder, day=day, town=town)
        for text, day, town in zip(typed[first], days[first], towns[first], strict=True)
    ]
    return _as_table(blocks, codes)


def _aligned(values: Iterable[Any] | None, size: int, name: str) -> pd.Series:
    """Values as a series of one per text."""
    if values is None:
        return pd.Series([None] * size, dtype=object)
    series = pd.Series(list(values), dtype=object)
    if len(series) != size:
        raise InputError(f"{name}: has {len(series):,} values for {size:,} texts. Give one each.")
    return series


def _epochs(dates: Any, partners: Partners, size: int) -> tuple[pd.Series, np.ndarray]:
    """Day of each text, and the stretch between changes of aliases in which it lies."""
    given = _aligned(dates, size, "dates")
    try:
        days = pd.to_datetime(given)
    except (ValueError, TypeError):
        raise InputError("dates: hold something that is not a date. Give timestamps.") from None
    day = pd.Timedelta(days=1)
    changes = {form.start for form in partners.forms if form.start is not None}
    changes |= {form.end + day for form in partners.forms if form.end is not None}
    edges = np.array(sorted(changes), dtype="datetime64[ns]")
    values = days.dt.tz_localize(None).to_numpy(dtype="datetime64[ns]")
    epochs = np.searchsorted(edges, values, side="right")
    return days, np.where(days.isna(), -1, epochs)


def _as_table(blocks: Sequence[list[dict[str, Any]]], codes: np.ndarray) -> pd.DataFrame:
    """Rows of the distinct texts, repeated for every text."""
    rows = [row for block in blocks for row in block]
    sizes = np.array([len(block) for block in blocks], dtype="int64")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]) if len(sizes) else sizes
    repeats = sizes[codes] if len(codes) else np.array([], dtype="int64")
    total = int(repeats.sum())
    within = np.arange(total) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    chosen = np.repeat(starts[codes], repeats) + within if total else np.array([], dtype="int64")
    distinct = pd.DataFrame(rows, columns=list(MATCH_COLUMNS[1:]))
    for column in ("partnership_id", "label", "location", "rule", "state", "note"):
        distinct[column] = distinct[column].astype("str")
    table = distinct.iloc[chosen].reset_index(drop=True)
    table.insert(0, "text", np.repeat(np.arange(len(codes)), repeats))
    return table.astype({"order": "int64", "score": "float64"})


def _match_one(
    text: str, words: Words, finder: Finder, *, day: Any, town: str
) -> list[dict[str, Any]]:
    """Rows of one text."""
    if plain(repaired(text)) in MISSING:
        return [_row(label="missing", state="missing")]
    partners = finder.partners
    candidates = [c for c in finder.find(words) if c.form is None or c.form.holds(day)]
    exact = plain(repaired(text))
    candidates = [
        replace(c, rule="exact", score=100.0, doubt="")
        if c.form and c.form.text == exact and c.rule == "normalised"
        else c
        for c in candidates
    ]
    found = _choose(candidates, words, partners, town)
    covered = {i for c in [*found.taken, *found.doubtful] for i in range(c.start, c.end)}
    found.labels = find_labels(words, covered)
    return _rows(found, text, words, partners)


def _choose(candidates: list[Candidate], words: Words, partners: Partners, town: str) -> _Found:
    """Candidates that are taken, weightiest first, without overlap and with a clear margin."""
    found, used = _Found(), set[int]()
    for candidate in candidates:
        span = set(range(candidate.start, candidate.end))
        if span & used:
            continue
        used |= span
        rivals = _rivals(candidate, candidates)
        winner = _nearest([candidate, *rivals], partners, town) if rivals else candidate
        if _negated(candidate, words):
            found.notes.append("a partner is named, but with a not")
        elif winner is None or winner.doubt or _elsewhere(winner, partners, town):
            doubt = candidate.doubt or ("several partners" if rivals else "the address differs")
            found.doubtful.append(replace(candidate, doubt=doubt))
            if winner is None:
                found.doubtful.extend(rivals)
        elif all(winner.partner != other.partner for other in found.taken):
            found.taken.append(winner)
    found.taken.sort(key=lambda c: c.start)
    return found


def _rivals(candidate: Candidate, candidates: list[Candidate]) -> list[Candidate]:
    """Best candidate of each other partner for the same words, within the margin."""
    span = set(range(candidate.start, candidate.end))
    rivals: dict[int, Candidate] = {}
    for other in candidates:
        overlap = len(span & set(range(other.start, other.end)))
        as_wide = 2 * overlap > len(span) and other.end - other.start >= len(span)
        near = other.score > candidate.score - MARGIN
        if other.partner != candidate.partner and as_wide and near:
            rivals.setdefault(other.partner, other)
    return list(rivals.values())


def _nearest(candidates: list[Candidate], partners: Partners, town: str) -> Candidate | None:
    """The one candidate whose address fits the place of the text; none if it is not one."""
    here = set(split_words(town).words)
    if not here:
        return None
    shared = [len(here & set(split_words(partners.addresses[c.partner]).words)) for c in candidates]
    best = max(shared)
    if best == 0 or shared.count(best) > 1:
        return None
    return candidates[shared.index(best)]


def _elsewhere(candidate: Candidate, partners: Partners, town: str) -> bool:
    """Whether the place of the text is another street address than the partner's."""
    here, there = (
        set(split_words(place).words) for place in (town, partners.addresses[candidate.partner])
    )
    numbered = all(any(word.isdigit() for word in words) for words in (here, there))
    streets = {word for word in here & there if word not in GENERIC}
    return numbered and not streets


def _negated(candidate: Candidate, words: Words) -> bool:
    """Whether a "not" stands shortly before, in the same part of the text."""
    part = words.parts[candidate.start]
    for place in range(max(0, candidate.start - 3), candidate.start):
        if words.words[place] in ("not", "non") and words.parts[place] == part:
            return words.words[place + 1] not in NOT_NEGATED
    return False


def _row(**values: Any) -> dict[str, Any]:
    """One row of matches with what is not said left empty."""
    empty = {
        "partnership_id": None, "label": "unknown", "order": 1, "location": "", "rule": "none",
        "score": 0.0, "state": "unmatched", "note": "",
    }  # fmt: skip
    return {**empty, **values}


def _rows(found: _Found, text: str, words: Words, partners: Partners) -> list[dict[str, Any]]:
    """One row per partner and kind of source that the text names, in order."""
    returning = any(label.name == "returning" for label in found.labels)
    placed: list[tuple[int, dict[str, Any]]] = [
        (label.start, _row(label=label.name, rule="general")) for label in found.labels
    ]
    if returning and found.taken:
        found.notes.append("a partner is named, but for an earlier episode")
    elif not returning:
        location = _location(text, words, found.taken)
        placed += [
            (
                c.start,
                _row(
                    partnership_id=partners.ids[c.partner], label=partners.names[c.partner],
                    location=location if len(found.taken) == 1 else "", rule=c.rule,
                    score=c.score, state="matched", note="; ".join([*filter(None, [c.note])]),
                ),
            )
            for c in found.taken
        ]  # fmt: skip
    if set(words.words) & {"event", "events"}:
        found.notes.append("event")
    if found.doubtful and not found.taken:
        ids = sorted({partners.ids[c.partner] for c in found.doubtful})
        note = f"{found.doubtful[0].doubt}: {', '.join(ids)}"
        score = max(c.score for c in found.doubtful)
        place = min(c.start for c in found.doubtful)
        placed.append((place, _row(rule="review", score=score, state="ambiguous", note=note)))
    rows = [row for _, row in sorted(placed, key=lambda pair: pair[0])] or [_row()]
    for order, row in enumerate(rows, start=1):
        row["order"] = order
        if not row["note"] and found.notes:
            row["note"] = "; ".join(dict.fromkeys(found.notes))
    return rows


def _location(text: str, words: Words, taken: list[Candidate]) -> str:
    """Branch of the partner: ``#2``, or one or two plain words after a dash or in brackets."""
    if len(taken) != 1:
        return ""
    text = repaired(text)
    branch = re.search(r"#\s?\d{1,2}\b", text)
    piece = re.search(r"(?:\s[-\u2013\u2014]\s|\()\s*([A-Za-z]+(?: [A-Za-z]+)?)\s*(?:\)|$)", text)
    place = ""
    if piece:
        parts = split_words(piece.group(1)).words
        inside = set(words.words[taken[0].start : taken[0].end])
        if not set(parts) & (LINKS | inside):
            place = piece.group(1)
    return " ".join(filter(None, [branch.group().replace(" ", "") if branch else "", place]))
