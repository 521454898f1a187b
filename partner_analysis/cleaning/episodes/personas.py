"""Personas: which rule of the practice a patient falls under."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

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
        ``payer`` and ``tag`` (texts, ``""`` = unknown). An unknown value meets no condition.
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
    texts = episodes["payer"].str.split().str.join(" ")
    folded = texts.str.casefold()
    named = {value.casefold().strip() for rule in rules for value in rule.payer}
    patients = episodes.groupby(folded)["patient"].nunique()
    common = set(patients.index[patients >= FEWEST_PATIENTS])
    kept = folded.isin(named) | (folded.isin(common) & ~texts.str.contains(r"\d"))
    return texts.where(kept | (texts == ""), OTHER_PAYER)


def age_bands(ages: pd.Series) -> pd.Series:
    """Age bands such as "30 to 44"; 90 and over is one band; unknown is ""."""
    names = [f"{low} to {high - 1}" for low, high in pairwise(AGE_BANDS)]
    bands = pd.cut(ages, bins=[*AGE_BANDS, 200], right=False, labels=[*names, "90 and over"])
    return bands.astype("str").fillna("")


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
        holds &= episodes["sex"].str.casefold().str[:1] == rule.sex.casefold()[:1]
    for field, wanted in (("payer", rule.payer), ("tag", rule.tag)):
        if wanted:
            known = {value.casefold().strip() for value in wanted}
            holds &= episodes[field].str.casefold().isin(known)
    return holds


def _any_code_starts(diagnoses: pd.Series, prefixes: tuple[str, ...]) -> pd.Series:
    """Whether one of the codes in a text such as ``"M76.61; S86.0"`` starts with a prefix."""
    starts = {
        text: any(_plain_code(code).startswith(prefixes) for code in _split_codes(text))
        for text in diagnoses.unique()
    }
    return diagnoses.map(starts).astype("bool")


def _split_codes(text: str) -> list[str]:
    """Codes of a diagnosis text."""
    for mark in ";,|/":
        text = text.replace(mark, " ")
    return text.split()


def _plain_code(code: str) -> str:
    """ICD-10 code without its point, in capitals."""
    return code.replace(".", "").strip().upper()
