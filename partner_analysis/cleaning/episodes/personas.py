"""Personas: which rule of the practice a patient falls under."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from partner_analysis.cleaning.distinct import count_distinct, on_distinct
from partner_analysis.cleaning.plain import plain
from partner_analysis.practice import GENERAL_PERSONA, PersonaRule

AGE_BANDS = (0, 18, 30, 45, 65, 80, 90)
FEWEST_PATIENTS = 5
OTHER_PAYER = "other"


def assign_personas(episodes: pd.DataFrame, *, rules: Sequence[PersonaRule]) -> pd.Series:
    """Persona of each episode: the first rule whose conditions all hold, else "general".

    Parameters
    ----------
    episodes
        One row per episode with ``diagnosis``, ``age`` (years, NaN = unknown), ``sex``,
        ``payer``, ``region`` and ``tag`` (texts, ``""`` = unknown). An unknown value meets no
        condition.
    rules
        In order of precedence.

    Returns
    -------
    Series
        One persona per episode, on the same index.
    """
    personas = pd.Series(GENERAL_PERSONA, index=episodes.index, dtype="str")
    open_rows = pd.Series(True, index=episodes.index)
    for rule in rules:
        taken = open_rows & _rule_holds(episodes, rule)
        personas = personas.mask(taken, rule.name)
        open_rows &= ~taken
    return personas


def common_payers(episodes: pd.DataFrame, *, rules: Sequence[PersonaRule]) -> pd.Series:
    """Payer of each episode where it is a common one, else "other"; unknown stays "".

    A payer is kept if a rule names it, or if at least five patients have it and no digit stands
    in it: what is written once may be a note about a patient.
    """
    texts = on_distinct(episodes["payer"], lambda text: " ".join(text.split()))
    folded = on_distinct(texts, str.casefold)
    named = {value.casefold().strip() for rule in rules for value in rule.payer}
    codes, payers = pd.factorize(folded)
    patient = pd.factorize(episodes["patient"])[0]
    patients = count_distinct(codes, patient, size=len(payers))
    common = set(payers[patients >= FEWEST_PATIENTS])
    kept = folded.isin(named) | (folded.isin(common) & ~texts.str.contains(r"\d", regex=True))
    return texts.where(kept | (texts == ""), OTHER_PAYER)


def show_rules(episodes: pd.DataFrame, *, rules: Sequence[PersonaRule]) -> pd.DataFrame:
    """One row per persona: what its rule takes, and what a rule above it took before.

    Parameters
    ----------
    episodes, rules
        As for ``assign_personas``.

    Returns
    -------
    DataFrame
        persona, episodes (that it has), fits (whose conditions hold), taken_before (of them, by
        a rule above). The last row is "general".
    """
    taken = pd.Series(False, index=episodes.index)
    rows: list[tuple[str, int, int, int]] = []
    for rule in rules:
        fits = _rule_holds(episodes, rule)
        rows.append(
            (rule.name, int((fits & ~taken).sum()), int(fits.sum()), int((fits & taken).sum()))
        )
        taken |= fits
    general = int((~taken).sum())
    rows.append((GENERAL_PERSONA, general, general, 0))
    return pd.DataFrame(rows, columns=["persona", "episodes", "fits", "taken_before"])


def age_bands(ages: pd.Series) -> pd.Series:
    """Age bands such as "30 to 44"; 90 and over is one band; unknown is ""."""
    names = [f"{low} to {high - 1}" for low, high in pairwise(AGE_BANDS)]
    labels = pd.Series(["", *names, "90 and over"], dtype="str")
    place = np.searchsorted(AGE_BANDS, ages.to_numpy(dtype="float64"), side="right")
    place[ages.isna().to_numpy()] = 0
    return labels.take(place).set_axis(ages.index)


def _rule_holds(episodes: pd.DataFrame, rule: PersonaRule) -> pd.Series:
    """Whether all conditions of one rule hold, per episode."""
    holds = pd.Series(True, index=episodes.index)
    if rule.diagnosis_prefix:
        prefixes = tuple(_plain_code(prefix) for prefix in rule.diagnosis_prefix)
        holds &= _any_code_starts(episodes["diagnosis"], prefixes)
    if rule.min_age is not None:
        holds &= episodes["age"] >= rule.min_age
    if rule.max_age is not None:
        holds &= episodes["age"] <= rule.max_age
    if rule.sex is not None:
        letter = rule.sex[0].casefold()
        holds &= on_distinct(episodes["sex"], lambda text: text[:1].casefold()) == letter
    for column in ("payer", "region"):
        if getattr(rule, column):
            holds &= _is_one_of(episodes[column], getattr(rule, column))
    if rule.tag:
        holds &= _is_one_of(episodes["tag"], rule.tag, parts=re.compile(r"[;,|/]"))
    return holds


def _is_one_of(
    texts: pd.Series, listed: Sequence[str], *, parts: re.Pattern[str] | None = None
) -> pd.Series:
    """Whether a text, or one of its parts such as ``"runner; post-op"``, is among those listed."""
    wanted = {plain(value) for value in listed}

    def holds(text: str) -> bool:
        pieces = [text, *(parts.split(text) if parts else ())]
        return any(plain(piece) in wanted for piece in pieces)

    return on_distinct(texts, holds, dtype="bool")


def _any_code_starts(diagnoses: pd.Series, prefixes: tuple[str, ...]) -> pd.Series:
    """Whether one of the codes in a text such as ``"M76.61; S86.0"`` starts with a prefix."""
    return on_distinct(
        diagnoses,
        lambda text: any(_plain_code(code).startswith(prefixes) for code in _split_codes(text)),
        dtype="bool",
    )


def _split_codes(text: str) -> list[str]:
    """Codes of a diagnosis text."""
    for mark in ";,|/":
        text = text.replace(mark, " ")
    return text.split()


def _plain_code(code: str) -> str:
    """ICD-10 code without its point, in capitals."""
    return code.replace(".", "").strip().upper()
