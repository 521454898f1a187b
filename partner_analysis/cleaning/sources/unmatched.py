"""Source texts that named nobody known, masked, by how many patients hang on them."""

from __future__ import annotations

import pandas as pd

from partner_analysis.cleaning.sources.texts import (
    LABEL_OF,
    LINKS,
    ORGANISATIONS,
    TITLES,
    split_words,
)

MASKED = "(personal-looking text)"
FEWEST = 3
PERSONAL = {"dob", "born", "pain", "her", "his", "mother", "father", "sister", "brother"} | {
    "wife", "husband", "son", "daughter",
}  # fmt: skip


def list_unmatched(
    episodes: pd.DataFrame, aliases_file: str, *, name_words: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """Texts without a known partner, the ones with most patients first.

    Parameters
    ----------
    episodes
        One row per episode with ``source``, ``patient``, ``state`` and ``label``.
    aliases_file
        The file in which a text can be given to a partner.
    name_words
        Words of the patients' names, in small letters.

    Returns
    -------
    DataFrame
        One row per text: ``text`` (digits, names and whatever looks personal masked),
        ``patients``, ``file``.
    """
    columns = ["text", "patients", "file"]
    if episodes.empty:
        return pd.DataFrame(columns=columns)
    open_rows = episodes["state"].isin(["unmatched", "ambiguous"]) & (
        episodes["label"] == "unknown"
    )
    rows = episodes.loc[open_rows, ["source", "patient"]]
    plain_texts = {text: " ".join(split_words(text).words) for text in rows["source"].unique()}
    rows = rows.assign(plain=rows["source"].map(plain_texts).astype("str"))
    often = rows.groupby("plain")["patient"].nunique()
    shown = {
        text: masked_text(text, patients=int(n), name_words=name_words) for text, n in often.items()
    }
    rows = rows.assign(text=rows["plain"].map(shown).astype("str"))
    ranked = rows.groupby("text")["patient"].nunique().rename("patients").reset_index()
    ranked = ranked.sort_values(["patients", "text"], ascending=[False, True], ignore_index=True)
    return ranked.assign(file=aliases_file)[columns]


def masked_text(text: str, *, patients: int, name_words: frozenset[str] = frozenset()) -> str:
    """Return a text with all that looks personal masked.

    A text is shown whole if at least three patients have it, no title, number or word about a
    person stands in it, and either no patient's name does or a word that organisations use. Of
    others only the words around one that organisations use are shown; of a text that one patient
    has, only that word.

    Examples
    --------
    >>> masked_text("mary jones dob 4 2 61 sent by ocean gym", patients=2)
    '… ocean gym'
    >>> masked_text("mary jones", patients=1)
    '(personal-looking text)'
    """
    words = text.split()
    ends = [place for place, word in enumerate(words) if word in ORGANISATIONS]
    personal = any(_about_a_person(word) for word in words)
    named = bool(name_words & set(words)) and not ends
    if patients >= FEWEST and not personal and not named and len(words) <= 5:
        return text
    if not ends:
        return MASKED
    start = ends[-1]
    while (
        patients > 1
        and start > 0
        and ends[-1] - start < 2
        and not _ends_name(words[start - 1])
        and words[start - 1] not in name_words
    ):
        start -= 1
    kept = " ".join(words[start : ends[-1] + 1])
    return ("… " if start else "") + kept + (" …" if ends[-1] + 1 < len(words) else "")


def _about_a_person(word: str) -> bool:
    """Whether a word is a title, a number or one about a person."""
    return word in PERSONAL | TITLES or any(mark.isdigit() for mark in word)


def _ends_name(word: str) -> bool:
    """Whether a word cannot belong to the name of an organisation."""
    known = word in LINKS or word in LABEL_OF or word in PERSONAL | TITLES
    return known or not word.isalpha()
