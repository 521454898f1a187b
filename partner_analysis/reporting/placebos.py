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
    if not any(placebo_counts(effect)):
        return _nothing(effect)
    return f"{_moved(effect)} as much for {_whose(effect)} size"


def placebo_sentence(effect: Effect) -> str:
    """Say how many comparison clinics moved as much without a partnership."""
    if not any(placebo_counts(effect)):
        return f"{_nothing(effect)}."
    said = f"{_moved(effect)} as much for {_whose(effect)} size, without this partnership."
    as_much, clinics = placebo_counts(effect)
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


def _moved(effect: Effect) -> str:
    as_much, clinics = placebo_counts(effect)
    if clinics == 1:
        return f"The only comparison clinic {'moved' if as_much else 'did not move'}"
    if as_much == clinics:
        return f"{'Both' if clinics == 2 else f'All {clinics}'} comparison clinics moved"
    return f"{as_much or 'None'} of {clinics} comparison clinics moved"


def _whose(effect: Effect) -> str:
    as_much, clinics = placebo_counts(effect)
    return "its" if clinics == 1 or as_much == 1 else "their"
