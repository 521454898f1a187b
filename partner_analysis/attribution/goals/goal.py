"""A goal as it is understood: every choice made, and which of them the practice left open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from partner_analysis.declared import GOAL_WORDS, check_partnerships
from partner_analysis.fields import InputError, as_names, require_columns

LONGEST: Final = 60
TAKEN: Final = ("measure", "unit", "baseline", "counted", "start_date", "persona", "clinics")
PROVIDER_CURE: Final = (
    "A goal must not depend on how many patients a provider sends. Count all new patients of the "
    'persona (counted = all), or set provider to "no" in partnerships.csv if it cannot refer.'
)


@dataclass(frozen=True)
class Goal:
    """One goal, every choice made.

    Attributes
    ----------
    goal_id, partnership_id, partner
        Its id; id and name of the partnership it is for, both empty for a goal of the practice.
    is_provider
        Whether the partner can refer patients.
    clinics, personas
        Whose new patients count; empty = all.
    measure
        "rate" (at the deadline), "mean" (a month, over the window) or "total" (in the window).
    target, unit
        In new patients ("count") or in percent above the baseline ("percent").
    baseline
        "prior months", "same months last year" or "seasonal expectation"; empty for a count.
    counted
        "all", "named" (those who named the partner) or "extra" (estimated).
    start, months
        First day of the window, and how many months it lasts.
    taken
        Columns that the practice left empty, so that the usual choice was taken.
    """

    goal_id: str
    partnership_id: str
    partner: str
    is_provider: bool
    clinics: tuple[str, ...]
    personas: tuple[str, ...]
    measure: str
    target: float
    unit: str
    baseline: str
    counted: str
    start: pd.Timestamp
    months: int
    taken: tuple[str, ...] = ()

    @property
    def judges(self) -> str:
        """Id of the partnership that may be why it is met; empty for a provider's or none."""
        return "" if self.is_provider else self.partnership_id

    @property
    def after(self) -> pd.Timestamp:
        """The first day after the window."""
        return self.start + pd.DateOffset(months=self.months)

    @property
    def last_day(self) -> pd.Timestamp:
        """The deadline: the last day of the window."""
        return self.after - pd.Timedelta(days=1)


def state_goals(goals: pd.DataFrame, partnerships: pd.DataFrame) -> dict[str, Goal]:
    """Every goal as it is understood, by id.

    Parameters
    ----------
    goals
        One row per goal: ``goal_id``, ``target`` (new patients, or percent), ``window_months``,
        and optionally ``partnership_id``, ``persona``, ``clinics``, ``measure``, ``unit``,
        ``baseline``, ``start_date`` and ``counted``; see data/README.md.
    partnerships
        As ``tables.check_partnerships`` takes them, optionally with ``provider`` (True or False).

    Returns
    -------
    dict
        What is left empty is chosen and listed in ``Goal.taken``: the partnership's own clinics
        and personas, all where there is none; a mean over the window; new patients, not
        percent; the same months last year; the start of the partnership. A number of
        new patients asked of a partnership counts the extra ones ("a campaign that results in
        5"); percent, goals of the practice and goals with a provider count all.

    Raises
    ------
    InputError
        For a goal that lacks its target, window or start, uses an unknown word or partnership,
        or ties a provider's partnership to patients that it sends.

    Examples
    --------
    >>> shop = pd.DataFrame([{"partnership_id": "shop", "start_date": "2024-02-19"}])
    >>> row = {"goal_id": "g", "partnership_id": "shop", "target": 5, "window_months": 3}
    >>> goal = state_goals(pd.DataFrame([row]), shop)["g"]
    >>> goal.measure, goal.counted, str(goal.last_day.date())
    ('mean', 'extra', '2024-05-18')
    """
    require_columns(goals, ("goal_id", "target", "window_months"), "goals")
    register = check_partnerships(partnerships)
    stated = [_state(row, register) for row in goals.to_dict("records")]
    return {goal.goal_id: goal for goal in stated}


def _state(row: dict[Any, Any], register: pd.DataFrame) -> Goal:
    name = str(row["goal_id"])
    identifier = _text(row, "partnership_id")
    mine = register[register["partnership_id"] == identifier]
    if identifier and mine.empty:
        raise _refusal(name, "is for a partnership that the register does not list", "Add it.")
    provider = bool(identifier) and "provider" in mine and bool(mine["provider"].any())
    unit = _word(row, "unit", name) or "count"
    baseline = _word(row, "baseline", name) or "same months last year"
    counted = _word(row, "counted", name) or _usual_count(unit, identifier, provider)
    if counted != "all" and not identifier:
        raise _refusal(name, f"counts {counted} patients, but of no partnership", "Name one.")
    if counted != "all" and provider:
        raise _refusal(name, f"counts {counted} patients of a provider", PROVIDER_CURE)
    if unit == "percent" and counted == "extra":
        raise _refusal(
            name, "counts extra patients in percent", "Count all, or give a number of patients."
        )
    return Goal(
        goal_id=name,
        partnership_id=identifier,
        partner=str(mine["name"].iloc[0]) if identifier else "",
        is_provider=provider,
        clinics=_listed(row, "clinics") or _reach(mine, "clinics"),
        personas=_listed(row, "persona") or _reach(mine, "personas"),
        measure=_word(row, "measure", name) or "mean",
        target=_amount(row, "target", name, unit),
        unit=unit,
        baseline=baseline if unit == "percent" else "",
        counted=counted,
        start=_start(row, name, mine),
        months=_months(row, name),
        taken=tuple(c for c in TAKEN if not _text(row, c) and (c != "baseline" or unit != "count")),
    )


def _usual_count(unit: str, identifier: str, provider: bool) -> str:
    """A number asked of a partnership means extra patients; anything else all of them."""
    return "extra" if identifier and unit == "count" and not provider else "all"


def _start(row: dict[Any, Any], name: str, mine: pd.DataFrame) -> pd.Timestamp:
    given = row.get("start_date")
    if given is None or pd.isna(given) or given == "":
        if mine.empty:
            raise _refusal(name, "has no start_date", "Say when its window begins.")
        return pd.Timestamp(mine["start_date"].min())
    try:
        return pd.Timestamp(given).normalize()
    except ValueError:
        raise _refusal(name, "has a start_date that is no date", "Write YYYY-MM-DD.") from None


def _months(row: dict[Any, Any], name: str) -> int:
    months = pd.to_numeric(row["window_months"], errors="coerce")
    if not (1 <= months <= LONGEST and float(months).is_integer()):
        cure = f"Say within how many months, 1 to {LONGEST}."
        raise _refusal(name, "has a window_months that is no number of whole months", cure)
    return int(months)


def _amount(row: dict[Any, Any], column: str, name: str, unit: str) -> float:
    amount = float(pd.to_numeric(row[column], errors="coerce"))
    if not 0 <= amount < 1e9 or (amount == 0 and unit == "count"):
        raise _refusal(name, "has a target that is no amount", "Write digits only, above 0.")
    return amount


def _word(row: dict[Any, Any], column: str, name: str) -> str:
    word = _text(row, column).casefold()
    if word and word not in GOAL_WORDS[column]:
        cure = f"It is one of {', '.join(GOAL_WORDS[column])}."
        raise _refusal(name, f"has an unknown {column}", cure)
    return word


def _text(row: dict[Any, Any], column: str) -> str:
    value = row.get(column)
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return "" if value is None or pd.isna(value) else str(value).strip()


def _listed(row: dict[Any, Any], column: str) -> tuple[str, ...]:
    return as_names([part.strip() for part in _text(row, column).split(";") if part.strip()])


def _reach(mine: pd.DataFrame, column: str) -> tuple[str, ...]:
    """All clinics or personas of a partnership; none named in one of its rows means all."""
    named = list(mine[column])
    return as_names(sum(named, ())) if named and all(named) else ()


def _refusal(name: str, what: str, cure: str) -> InputError:
    return InputError(f"goals: {name} {what}. {cure}")
