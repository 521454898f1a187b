"""One partnership seen with other choices than those declared: who counts, since when, how."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.estimate import (
    METHODS,
    Asked,
    Prepared,
    estimate_prepared,
    prepare,
)
from partner_analysis.cleaning.episodes.definitions import DEFINITIONS
from partner_analysis.reporting.numbers import count_text, list_text
from partner_analysis.reporting.wording import effect_sentence
from partner_analysis.tables import SettingsError

if TYPE_CHECKING:
    from partner_analysis.reporting.study import Study

MONTH: Final = "%Y-%m"
MOST_LISTED: Final = 12
MOST_ARRANGED: Final = 8


@dataclass(frozen=True)
class Choices:
    """What somebody chose; all texts, as a notebook takes its parameters.

    Attributes
    ----------
    partnership_id
        Which partnership, as in the register.
    definition
        Who is a new patient; empty = as the practice declares.
    personas
        Kinds of patient that are looked at, with semicolons between; empty = all.
    months
        First and last month of the counts used, "2024-01 to 2025-06"; empty = all complete ones.
    method
        "auto", "panel" or "series": see ``estimate_effect``.
    """

    partnership_id: str
    definition: str = ""
    personas: str = ""
    months: str = ""
    method: str = "auto"

    @property
    def changed(self) -> dict[str, str]:
        """What differs from the declared view, by its name."""
        usual = Choices(self.partnership_id)
        return {k: v for k, v in asdict(self).items() if v != getattr(usual, k)}


@dataclass(frozen=True)
class View:
    """What one set of choices shows: the choices, and the effect that follows from them."""

    choices: Choices
    effect: Effect


def view_of(
    study: Study,
    partnership_id: str,
    *,
    definition: str = "",
    personas: str = "",
    months: str = "",
    method: str = "auto",
    beside: bool = True,
) -> View:
    """The effect of one partnership with other choices than those declared.

    Parameters
    ----------
    study
        The practice at one date.
    partnership_id, definition, personas, months, method
        See ``Choices``.
    beside
        Whether to answer what the controls do not show: how the effect came, other paces, where
        patients may have come from, what waiting would bring. The checks need none of it.

    Returns
    -------
    View
        Its effect is estimated by ``estimate_effect`` from the counts that the choices leave,
        checks included. What others read, the report and its reviews, is not touched by it.

    Raises
    ------
    SettingsError
        For a choice that is not there, with those that are.
    """
    choices = Choices(partnership_id, definition, personas, months, method)
    _refuse(choices, study)
    if partnership_id in study.without_number:
        return View(choices, study.without_number[partnership_id])
    ask = Asked(method, study.practice.level, beside=beside)
    return View(choices, estimate_prepared(_prepared(study, choices), partnership_id, ask))


_arranged: Final[WeakKeyDictionary[Study, dict[tuple[str, ...], Prepared]]] = WeakKeyDictionary()


def forget_views(study: Study) -> None:
    """Let go of the counts that were arranged for views of a study."""
    _arranged.pop(study, None)


def _prepared(study: Study, choices: Choices) -> Prepared:
    """The counts that the choices leave, arranged; kept for the next partnership or method."""
    kept = _arranged.setdefault(study, {})
    asked = choices.definition, choices.personas, choices.months
    if asked not in kept:
        kept[asked] = _arrange(study, choices)
        for oldest in list(kept)[1:-MOST_ARRANGED]:  # all but the first, which serves the others
            del kept[oldest]
    return kept[asked]


def _arrange(study: Study, choices: Choices) -> Prepared:
    """The counts that the choices leave, from those of fewer choices."""
    if choices.personas or choices.months:
        whole = _prepared(study, replace(choices, personas="", months=""))
        if not _chosen(whole.counts, choices).any():
            raise SettingsError("months: no complete period lies between them. Widen them.")
        return whole.narrowed(partial(_chosen, choices=choices))
    if choices.definition:
        declared = _prepared(study, replace(choices, definition=""))
        return declared.recounted(*study.counts_by(choices.definition))
    practice = study.practice
    return prepare(
        study.counts,
        study.partnerships,
        named=study.named,
        events=practice.events_table,
        holidays=practice.holidays,
    )


def view_sentences(view: View, declared: Effect) -> list[str]:
    """What the view shows, what was chosen for it, and what the declared choices show."""
    if not view.choices.changed:
        return [effect_sentence(view.effect)]
    return [
        effect_sentence(view.effect),
        f"That is one view of the same data, with {list_text(choice_words(view.choices))}.",
        f"As the practice declares it: {effect_sentence(declared)}",
        "A view chosen because of its answer proves nothing; the declared one stands.",
    ]


def choice_words(choices: Choices) -> list[str]:
    """What was chosen otherwise than declared, in words."""
    changed, kinds = choices.changed, names_in(choices.personas)
    words = {
        "definition": f'"{choices.definition}" as the definition of a new patient',
        "personas": f"{count_text(len(kinds), 'kind')} of patient alone ({list_text(kinds)})",
        "months": f"the counts of {choices.months} alone",
        "method": {
            "panel": "other groups as the only comparison",
            "series": "its own past as the only comparison",
        }.get(choices.method, ""),
    }
    return [said for name, said in words.items() if name in changed]


def code_line(choices: Choices) -> str:
    """The line of code that gives the view."""
    given = "".join(f", {name}={_quoted(value)}" for name, value in choices.changed.items())
    return f"pa.view_of(study, {_quoted(choices.partnership_id)}{given})"


def _quoted(text: str) -> str:
    """A text as Python writes it, in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def names_in(text: str) -> tuple[str, ...]:
    """Names with semicolons between them, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


def ends_of(months: str) -> tuple[str, ...]:
    """First and last of some months, none of an empty text; one month is both."""
    ends = tuple(part.strip() for part in months.split(" to ") if part.strip())
    return ends * 2 if len(ends) == 1 else ends


READERS: Final = {"personas": names_in, "months": ends_of}


def offered(study: Study) -> dict[str, tuple[str, ...]]:
    """What can be chosen in a practice, by the name of the choice."""
    has_episodes = study.practice.has_episodes
    periods = pd.DatetimeIndex(study.counts["period"].unique())
    months = sorted(set(periods.strftime(MONTH)))
    return {
        "partnership_id": tuple(study.names),
        "definition": DEFINITIONS if has_episodes else (study.practice.definitions.new_patient,),
        "personas": tuple(sorted(study.counts["persona"].unique())),
        "months": tuple(months),
        "method": METHODS,
    }


def _refuse(choices: Choices, study: Study) -> None:
    """Refuse what is not on offer, with what is."""
    there = offered(study)
    for name in (field.name for field in fields(choices)):
        value = getattr(choices, name)
        for asked in READERS.get(name, lambda text: (text,))(value):
            if asked and asked not in there[name]:
                raise SettingsError(
                    f'{name}: "{asked}" cannot be chosen here. Use {_in_short(there[name])}.'
                )
    if choices.months and len(ends_of(choices.months)) != 2:
        raise SettingsError('months: give the first and the last, as in "2024-01 to 2025-06".')


def _in_short(names: tuple[str, ...]) -> str:
    """All names, or the first and the last of many."""
    return ", ".join(names) if len(names) <= MOST_LISTED else f"{names[0]} to {names[-1]}"


def _chosen(counts: pd.DataFrame, choices: Choices) -> pd.Series:
    """Rows of the kinds of patient and months that were chosen."""
    chosen = pd.Series(True, index=counts.index)
    if choices.personas:
        chosen &= counts["persona"].isin(names_in(choices.personas))
    if choices.months:
        first, last = (pd.Period(month, "M") for month in ends_of(choices.months))
        chosen &= counts["period"].between(first.start_time, last.end_time)
    return chosen
