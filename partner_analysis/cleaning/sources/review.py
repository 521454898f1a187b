"""Source texts that are not surely understood, masked, for the practice to decide."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from partner_analysis.cleaning.distinct import count_distinct
from partner_analysis.cleaning.sources.aliases import read_partners
from partner_analysis.cleaning.sources.masking import MASKED, masked_text
from partner_analysis.cleaning.sources.texts import (
    CREDENTIALS,
    GENERIC,
    LABEL_OF,
    LINKS,
    ORGANISATIONS,
    TITLES,
    plain_words,
)

REVIEW_COLUMNS: Final = (
    "text", "patients", "first_candidate", "second_candidate", "third_candidate", "where",
)  # fmt: skip
READ: Final = ("source", "patient", "state", "label", "file", "line")
FLOOR: Final = 60.0
MOST_COMPARED: Final = 5_000
AT_ONCE: Final = 500
_ASIDE: Final = LINKS | GENERIC | ORGANISATIONS | TITLES | CREDENTIALS | frozenset(LABEL_OF)


def open_rows(episodes: pd.DataFrame) -> pd.DataFrame:
    """Those of the episodes whose text nobody is surely named by, with what a review reads."""
    is_open = episodes["state"].isin(["unmatched", "ambiguous"]) & (episodes["label"] == "unknown")
    return episodes.loc[is_open, [column for column in READ if column in episodes]]


def list_review(
    episodes: pd.DataFrame, register: pd.DataFrame, *, name_words: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """Texts that nobody is surely named by, the ones with most patients first.

    Parameters
    ----------
    episodes
        One row per episode with ``source``, ``patient``, ``state`` and ``label``, optionally
        ``file`` and ``line``.
    register
        One row per partner, as for ``match_sources``.
    name_words
        Words of the patients' names, in small letters.

    Returns
    -------
    DataFrame
        One row per text as it may be shown (a text masked throughout has a row of its own, so
        that it can be looked up): ``text`` (digits, names and whatever looks personal masked),
        ``patients``, ``first_candidate`` to ``third_candidate`` (the nearest partners with
        their likeness from 60 to 100, such as "harbor-run-shop 86"; "" where nobody is near),
        ``where`` (file and line of the first row; "" where the episodes do not say).
    """
    if episodes.empty:
        return pd.DataFrame(columns=list(REVIEW_COLUMNS))
    rows = open_rows(episodes)
    codes, sources = pd.factorize(rows["source"])
    texts = pd.DataFrame({"plain": [plain_words(source) for source in sources]}, dtype="str")
    word, words = pd.factorize(texts["plain"])
    patient = pd.factorize(rows["patient"])[0]
    often = count_distinct(word[codes], patient, size=len(words))
    shown = [
        masked_text(text, patients=int(n), name_words=name_words)
        for text, n in zip(words, often, strict=True)
    ]
    texts["text"] = pd.Series(shown, dtype="str").take(word).reset_index(drop=True)
    masked = texts["text"] == MASKED
    group, groups = pd.factorize(texts["plain"].where(masked, texts["text"]))
    listed = texts.groupby(group).min()  # of those shown alike, whatever the order of the rows
    listed["patients"] = count_distinct(group[codes], patient, size=len(groups))
    listed["where"] = _first_places(rows, group[codes], size=len(groups))
    by = ["patients", "text", "where", "plain"]
    listed = listed.sort_values(by, ascending=[False, True, True, True], ignore_index=True)
    return listed.join(nearest_partners(listed["plain"], register))[list(REVIEW_COLUMNS)]


def _first_places(rows: pd.DataFrame, group: np.ndarray, *, size: int) -> pd.Series:
    """File and line of the first row of each group, as far as they are known."""
    if not {"file", "line"} <= set(rows.columns):
        return pd.Series([""] * size, dtype="str")
    file = pd.factorize(rows["file"], sort=True)[0]
    order = np.lexsort((rows["line"].to_numpy(), file))
    first = rows.iloc[order[np.unique(group[order], return_index=True)[1]]]
    places = first["file"].astype("str") + " line " + first["line"].astype("str")
    return places.reset_index(drop=True)


def nearest_partners(texts: pd.Series, register: pd.DataFrame) -> pd.DataFrame:
    """Up to three partners that each text is nearest to, as ``"harbor-run-shop 86"``.

    Parameters
    ----------
    texts
        As plain words. Only the first 5,000 are compared.
    register
        One row per partner.

    Returns
    -------
    DataFrame
        One row per text: ``first_candidate``, ``second_candidate``, ``third_candidate``.
    """
    partners = read_partners(register)
    forms = [form for form in partners.forms if form.rule == "normalised"]
    owners = np.array([form.partner for form in forms], dtype=int)
    names = [" ".join(form.words) for form in forms]
    ids = np.array(partners.ids, dtype=object)
    compared = texts.iloc[:MOST_COMPARED].tolist()
    rows: list[list[str]] = [["", "", ""] for _ in range(len(texts))]
    for offset in range(0, len(compared), AT_ONCE) if forms else ():
        some = compared[offset : offset + AT_ONCE]
        scores = np.full((len(some), len(ids)), 0.0)
        np.maximum.at(scores.T, owners, _likeness(some, names).T)
        for place, best in enumerate(np.argsort(-scores, axis=1, kind="stable")[:, :3]):
            said = [
                f"{ids[partner]} {scores[place, partner]:.0f}"
                for partner in best
                if scores[place, partner] >= FLOOR
            ]
            rows[offset + place] = [*said, "", "", ""][:3]
    columns = ["first_candidate", "second_candidate", "third_candidate"]
    return pd.DataFrame(rows, columns=columns, index=texts.index, dtype="str")


def _likeness(texts: list[str], names: list[str]) -> np.ndarray:
    """Likeness of each text to each name: of all words, or more of those that tell something."""
    whole = process.cdist(texts, names, scorer=fuzz.token_sort_ratio, dtype=np.float32, workers=-1)
    telling = [[_telling(text) for text in listed] for listed in (texts, names)]
    some, all_of = (
        process.cdist(*telling, scorer=scorer, dtype=np.float32, workers=-1)
        for scorer in (fuzz.token_set_ratio, fuzz.token_sort_ratio)
    )
    told = np.outer([bool(text) for text in telling[0]], [bool(name) for name in telling[1]])
    return np.maximum(whole, (0.25 * (some + all_of) + 0.4 * whole) * told)


def _telling(text: str) -> str:
    """Only the words that not every text may hold."""
    return " ".join(word for word in text.split() if word not in _ASIDE and not word.isdigit())
