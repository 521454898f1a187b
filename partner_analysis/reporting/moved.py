"""How many merely moved from another of our clinics or kinds of patient, in words."""

from __future__ import annotations

from typing import Any, Final

from partner_analysis.attribution.checks.elsewhere import (
    NEIGHBOURS,
    NET,
    OTHER_CLINICS,
    OTHER_KINDS,
    WHOLE_CLINIC,
    WHOLE_NEIGHBOURS,
    WHOLE_PRACTICE,
)
from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting.numbers import (
    amount_text,
    level_text,
    list_text,
    short_name,
    span_words,
)
from partner_analysis.reporting.phrases import is_answered
from partner_analysis.tables import Interval

PLACES: Final = {
    OTHER_KINDS: "other kinds of patient at the same clinics",
    NEIGHBOURS: "the same kinds of patient at the neighbouring clinics",
    OTHER_CLINICS: "the same kinds of patient at our other clinics",
    WHOLE_CLINIC: "its clinics as a whole",
    WHOLE_NEIGHBOURS: "its kinds of patient, its clinics and the neighbouring ones together",
    WHOLE_PRACTICE: "its kinds of patient at all our clinics together",
}
COMPARED: Final = (
    "The estimate above is compared with these other clinics. Had patients moved from them, it "
    "would be too high."
)
NOBODY_ELSE: Final = (
    "It cannot be told how many merely moved: it is for every kind of patient of its clinics, and "
    "no clinic is named as its neighbour. It would take the nearest clinics named as neighbours in "
    "the register, before looking."
)
WHAT_IT_TAKES: Final = (
    "It would take fewer patients who come anyway in what is looked at: name the nearest clinics "
    "as neighbours in the register, before looking, and ask at the first visit where patients "
    "would have gone otherwise."
)


def moved_title(effect: Effect) -> str:
    """Give the finding: where fewer came, that nobody can have moved, or that it is open."""
    rows = _beside(effect)
    lost = [PLACES[row.where] for row in rows if row.high < 0]
    if lost:
        return f"Fewer than expected: {list_text(lost)}"
    if not rows or any(_is_open(row, effect) for row in rows):
        return "Whether patients merely moved cannot be told"
    return "At most a part of the additional patients can have moved"


def moved_sentences(effect: Effect) -> list[str]:
    """Say how much its neighbouring cells fell or rose at the start, and what is left net.

    Each is estimated as the effect is. Nothing without an answer.

    Returns
    -------
    list of str
        What came in its own cells (gross); of each place how many more or fewer came there and
        whether patients can have moved from it; the change of both together (net); and where it
        cannot be told, what it would take.
    """
    if not is_answered(effect):
        return []
    beside, net = _beside(effect), [r for r in effect.moved.itertuples() if r.where in NET]
    if not beside and not net:
        return [NOBODY_ELSE]
    said = [
        f"Gross, {_own(effect)}: {_amount(effect.total)} new patients in all than expected; in "
        f"brackets {level_text(effect.level)} intervals, here and below."
    ]
    said += [_beside_said(row, effect) for row in beside]
    said += [f"Net, {PLACES[r.where]}: {_amount(_span(r))}. {r.note}" for r in net]
    if any(row.where == OTHER_CLINICS for row in beside):
        said.append(COMPARED)
    if any(_is_open(row, effect) for row in beside):
        said.append(WHAT_IT_TAKES)
    return said


def moved_alt(effect: Effect) -> str:
    """Give the same for those who cannot see the picture."""
    return f"{moved_title(effect)}. {' '.join(moved_sentences(effect))}"


def _own(effect: Effect) -> str:
    return f"the patients that {short_name(effect.name, most=45)} is meant for at its clinics"


def _beside_said(row: Any, effect: Effect) -> str:
    """How many more or fewer came at one place, and how many can have moved from there."""
    place = PLACES[row.where]
    said = f"{place[0].upper()}{place[1:]}: {_amount(_span(row))}."
    gained = effect.total.estimate
    if row.high < 0:
        return f"{said} That is what it looks like if patients moved, or something else kept them."
    if row.low > 0:
        return f"{said} More came there as well, so nothing shows that patients moved."
    if not gained > 0:
        return f"{said} No clear change, and nobody came in addition who could have moved."
    if _is_open(row, effect):
        return (
            f"{said} It cannot be told: all of the estimated {amount_text(gained)} additional "
            "patients may have moved from there, or none."
        )
    return (
        f"{said} At most {amount_text(-row.low)} of the estimated {amount_text(gained)} "
        "additional patients can have moved from there; none is possible as well."
    )


def _is_open(row: Any, effect: Effect) -> bool:
    """Whether all additional patients may have moved from one place, or none."""
    return bool(row.low <= -max(effect.total.estimate, 0.0) and row.high >= 0)


def _amount(span: Interval) -> str:
    """The size of a change in words: "8 fewer (459 fewer to 337 more)"."""
    word = "more" if span.estimate >= 0 else "fewer"
    return f"{amount_text(abs(span.estimate))} {word} ({span_words(span, 0)})"


def _beside(effect: Effect) -> list[Any]:
    return [row for row in effect.moved.itertuples() if row.where not in NET]


def _span(row: Any) -> Interval:
    return Interval(row.estimate, row.low, row.high)
