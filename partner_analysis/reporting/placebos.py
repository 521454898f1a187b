"""What comparison clinics did without a partnership: one rule for words and picture."""

from __future__ import annotations

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting.numbers import number_text, short_name
from partner_analysis.reporting.phrases import is_answered

NOTHING: str = "There is no comparison clinic to hold this against"
ENOUGH_CLINICS: int = 19
NO_NUMBER_YET: str = "There is no number to hold against the comparison clinics"


def placebo_groups(effect: Effect) -> pd.DataFrame:
    """One row per comparison clinic and one of ours: ``unit``, ``score``, two claims.

    ``is_ours`` says which row is the partnership's, ``as_much`` whether a clinic moved at least
    as much as it for its size. Empty where there is no answer or nothing to hold it against.
    """
    placebos = effect.placebos.dropna(subset=["score"])
    is_ours = placebos["unit"].astype("str") == effect.partnership_id
    if not is_answered(effect) or is_ours.sum() != 1 or is_ours.all():
        placebos, is_ours = placebos.head(0), is_ours.head(0)
    size = placebos["score"].abs()
    as_much = ~is_ours & (size >= size[is_ours].max())
    return placebos.assign(is_ours=is_ours, as_much=as_much)


def placebo_counts(effect: Effect) -> tuple[int, int]:
    """Count the comparison clinics that moved at least as much as ours, and all of them."""
    groups = placebo_groups(effect)
    return int(groups["as_much"].sum()), int((~groups["is_ours"]).sum())


def placebo_title(effect: Effect) -> str:
    """Give how many comparison clinics moved as much, as a title."""
    as_much, clinics = placebo_counts(effect)
    return _moved(as_much, clinics) if as_much or clinics else _nothing(effect)


def placebo_sentence(effect: Effect) -> str:
    """Say how many comparison clinics moved as much without a partnership."""
    as_much, clinics = placebo_counts(effect)
    if not as_much and not clinics:
        return f"{_nothing(effect)}."
    said = f"{_moved(as_much, clinics)}, without this partnership."
    if as_much or clinics >= ENOUGH_CLINICS:
        return said
    return f"{said} With so few, that happens by chance alone 1 time in {clinics + 1}."


def placebo_alt(effect: Effect) -> str:
    """Say the same with the most unusual comparison clinic beside ours, for those who listen."""
    groups = placebo_groups(effect)
    if groups.empty:
        return placebo_sentence(effect)
    others = groups.loc[~groups["is_ours"]]
    most = others.loc[others["score"].abs().idxmax()]
    ours = groups.loc[groups["is_ours"], "score"].iloc[0]
    return (
        f"{placebo_sentence(effect)} Counted in standard errors, {short_name(effect.name)} is at "
        f"{number_text(ours, digits=1)} and the most unusual comparison clinic, "
        f"{short_name(most['unit'])}, at {number_text(most['score'], digits=1)}."
    )


def _nothing(effect: Effect) -> str:
    return NOTHING if is_answered(effect) else NO_NUMBER_YET


def _moved(as_much: int, clinics: int) -> str:
    if clinics == 1:
        moved = "moved" if as_much else "did not move"
        return f"The only comparison clinic {moved} as much for its size"
    whose = "its" if as_much == 1 else "their"
    if as_much == clinics:
        which = "Both" if clinics == 2 else f"All {clinics}"
        return f"{which} comparison clinics moved as much for {whose} size"
    return f"{as_much or 'None'} of {clinics} comparison clinics moved as much for {whose} size"
