"""What a plan says: sentences, tables, and plain lines for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.planning.plan import Plan, plan_partnership
from partner_analysis.reporting.html import Shown, html_table
from partner_analysis.reporting.numbers import (
    count_text,
    day_text,
    level_text,
    list_text,
    number_text,
)

if TYPE_CHECKING:
    from partner_analysis.reporting.study import Study

NEVER: Final = "no size"
UNTRIED: Final = "cannot be tried"
MOST_LINES: Final = 24


def plan_study(
    study: Study,
    *,
    clinics: str | Sequence[str] = "",
    personas: str | Sequence[str] = "",
    percent: float = 0.0,
    per_month: float = 0.0,
    months: int = 12,
    backtests: bool = True,
) -> Plan:
    """The plan for one practice; see ``plan_partnership``.

    ``clinics`` and ``personas`` are names, or one text with semicolons between them; an effect
    of 0 is one that is not stated.
    """
    return plan_partnership(
        study.counts,
        study.partnerships,
        clinics=_names(clinics),
        personas=_names(personas),
        percent=percent or float("nan"),
        per_month=per_month or float("nan"),
        months=months,
        events=study.practice.events_table,
        holidays=study.practice.holidays,
        level=study.practice.level,
        backtests=backtests,
    )


def _names(asked: str | Sequence[str]) -> tuple[str, ...]:
    parts = asked.split(";") if isinstance(asked, str) else asked
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


# ---------------------------------------------------------------- sentences
def plan_title(plan: Plan) -> str:
    """Say whether the stated effect would be noticed, as a title."""
    if not plan.best:
        return f"It cannot be told yet whether {effect_text(plan)} would be noticed"
    if not plan.is_reached:
        row = _last(plan, plan.best)
        return (
            f"No design here reaches 80% within {count_text(plan.months, 'month')}; the nearest is "
            f"{plan.best} with {chance_text(row['chance'])}"
        )
    when = count_text(plan.best_months, "month")
    return f"{_first_upper(effect_text(plan))} would show soonest with {plan.best}: by {when}"


def plan_sentence(plan: Plan) -> str:
    """Answer whether the stated effect would be noticed, by which design and when."""
    if not plan.best:
        return f"{plan_title(plan)}. {plan.why_not}"
    row = _row(plan, plan.best, plan.best_months if plan.is_reached else math.nan)
    chance = f"{chance_text(row['chance'])} by formula; {_past_words(row)}"
    if plan.is_reached:
        when = count_text(row["months"], "month")
        return (
            f"{_first_upper(effect_text(plan))} would most likely be noticed: soonest with "
            f"{plan.best}, declared by {when} after the start. The chance: {chance}."
        )
    return (
        f"{plan_title(plan)} ({chance}). To be noticed there with 80% chance, the effect would "
        f"have to be {_size_words(row)}."
    )


def smallest_sentence(plan: Plan) -> str:
    """Say how small an effect would be noticed with the best design, review by review."""
    if not plan.best:
        return ""
    rows = _rows(plan, plan.best)
    parts = [f"{_size_words(row)} by {count_text(row['months'], 'month')}" for row in rows]
    return (
        f"With {plan.best} the smallest effect that planned reviews would declare with 80% chance "
        f"is {list_text(parts)} after the start, by formula."
    )


def past_sentence(plan: Plan) -> str:
    """Say what planting effects in the practice's own past found, and what it rests on."""
    if not plan.best:
        return ""
    rows = [row for row in _rows(plan, plan.best) if row["tried"] > 0]
    if not rows:
        return (
            f"{_first_upper(plan.best)} cannot be tried in the past: there is no stretch with half "
            "a year before it in which nothing else began or ended there. Only the formula answers."
        )
    row = rows[-1]
    return (
        f"Planted in {_stretches(row['tried'])} of the practice's own past "
        f"({_apart_words(row)}), at these clinics or as many others, the effect was noticed by "
        f"{count_text(row['months'], 'month')} in {_tried_text(row)} of cases; the formula says "
        f"{chance_text(row['tried_foreseen'])} for the same stretches. They have less history "
        "before them than a start today, so they tend to show less."
    )


def comparison_note(plan: Plan) -> str:
    """Warn where the best design leaves nothing to compare with; empty where it does not."""
    if not plan.best or bool(_last(plan, plan.best)["is_compared"]):
        return ""
    others = plan.answers[plan.answers["is_compared"]]
    note = (
        f"With {plan.best} at once no other clinic or kind of patient is left to compare with: "
        "whatever else changed would be taken for the partnership, and the evidence could "
        "hardly be more than weak."
    )
    if others.empty:
        return note
    nearest = others.sort_values(["months", "chance"], kind="stable").iloc[-1]
    return (
        f"{note} With a comparison, the nearest is {nearest['design']}: "
        f"{chance_text(nearest['chance'])} by {count_text(nearest['months'], 'month')}."
    )


def scope_note(plan: Plan) -> str:
    """Say that a large chain was planned on some of its clinics; empty where it was not."""
    if not plan.clinics_left_out:
        return ""
    others = count_text(plan.clinics_left_out, "clinic")
    return f"Planned on clinics of all sizes; {others} more would hardly add to the comparison."


def looks_sentence(plan: Plan) -> str:
    """Say when to look, and what looking every month costs."""
    if plan.looks.empty:
        return ""
    last = plan.looks.iloc[-1]
    wrong = level_text(round(1 - plan.level, 6))
    months = [int(month) for month in sorted(plan.answers["months"].unique())]
    reviews = list_text([str(month) for month in months])
    row = _last(plan, plan.best)
    same_month = row["months"] == last["month"]
    price = (
        f" By month {last['month']:.0f} the chance is then {chance_text(last['chance'])}, "
        f"with planned reviews only {chance_text(row['chance'])}."
        if same_month
        else ""
    )
    return (
        f"Look at the planned reviews, {reviews} months after the start. Somebody who looks every "
        "month should call it a change only beyond that month's limit in the table: then a "
        f"partnership that changes nothing is called one, ever, in at most {wrong} of cases.{price}"
    )


def plan_alt(plan: Plan) -> str:
    """Say the picture's numbers, for those who cannot see it."""
    said = [f"{design}, {chance_text(_last(plan, design)['chance'])}" for design in _ordered(plan)]
    by = f" Chance by {count_text(plan.months, 'month')}: {'; '.join(said)}." if said else ""
    return f"{plan_title(plan)}.{by}"


# ---------------------------------------------------------------- tables
def chances_table(plan: Plan) -> Shown:
    """Give the chance of noticing by design and review, by formula and from the past."""
    months = _months(plan)
    heads = ["design", "stated effect", *(f"by {m} months" for m in months)]
    heads += [f"one look at {months[-1]} months" if months else "one look", "in its own past"]
    rows = []
    for design in _ordered(plan):
        found = {row["months"]: row for row in _rows(plan, design)}
        last = _last(plan, design)
        chances = [chance_text(found[m]["chance"]) if m in found else "unknown" for m in months]
        rows.append(
            (
                design,
                number_text(last["percent"], digits=0, unit="%"),
                *chances,
                chance_text(last["chance_once"]),
                _longest_past(plan, design),
            )
        )
    kinds = ("text", *("number",) * (len(heads) - 2), "text")
    return html_table(heads, rows, kinds, title=plan_title(plan), note=_note(plan))


def smallest_table(plan: Plan) -> Shown:
    """Give the smallest effect that would be noticed with 80 percent chance, by design."""
    months = _months(plan)
    heads = ["design", "expected a month", *(f"by {m} months" for m in months), "in its own past"]
    rows = []
    for design in _ordered(plan):
        found = {row["months"]: row for row in _rows(plan, design)}
        sizes = [_size_cell(found[m]) if m in found else "unknown" for m in months]
        expected = number_text(_last(plan, design)["expected"], digits=1)
        rows.append((design, expected, *sizes, _smallest_in_past(plan, design)))
    kinds = ("text", *("number",) * (len(heads) - 1))
    title = "The smallest effect that would be noticed in four of five cases"
    return html_table(heads, rows, kinds, title=title, note=_note(plan))


def looks_table(plan: Plan) -> Shown:
    """Give, month by month, how sure one has to be and the chance of having noticed by then."""
    word = "fewer" if _is_fewer(plan) else "more"
    heads = ["month", "level", f"called {word} from", "noticed by then", "in its own past"]
    rows = [
        (
            f"{look['month']:.0f}",
            f"{100 * look['level']:.2f}%",
            f"{_percent(abs(look['limit']))} {word}",
            chance_text(look["chance"]),
            UNTRIED if math.isnan(look["tried_chance"]) else chance_text(look["tried_chance"]),
        )
        for _, look in plan.looks.iterrows()
    ]
    title = f"Looking every month at {plan.best}" if plan.best else "Looking every month"
    wrong = level_text(round(1 - plan.level, 6))
    note = f"All looks together err in at most {wrong} of cases without an effect."
    return html_table(heads, rows, ("number",) * 5, title=title, note=note)


def plan_lines(plan: Plan) -> list[str]:
    """Give the whole answer as plain lines for a terminal, fewer than 25."""
    lines = [plan_sentence(plan)]
    if not plan.best:
        return lines
    lines += ["Chance of having noticed, by formula (planted in its own past):"]
    for design in _ordered(plan):
        said = [f"{chance_text(r['chance'])} by {r['months']}" for r in _rows(plan, design)]
        lines.append(f"  {design}: {', '.join(said)} months ({_longest_past(plan, design)})")
    lines += [smallest_sentence(plan), past_sentence(plan), comparison_note(plan), scope_note(plan)]
    lines += [looks_sentence(plan), f"  {_looks_line(plan)}"]
    return [line for line in lines if line][:MOST_LINES]


def _looks_line(plan: Plan) -> str:
    word = "fewer" if _is_fewer(plan) else "more"
    parts = [
        f"{look['month']:.0f}: {_percent(abs(look['limit']))}" for _, look in plan.looks.iterrows()
    ]
    return f"Limits in percent {word} than expected, by month: {', '.join(parts)}."


# ---------------------------------------------------------------- parts
def effect_text(plan: Plan) -> str:
    """Give the stated effect in words: "25% more new patients"."""
    if np.isfinite(plan.percent):
        return f"{_percent(abs(plan.percent))} {_word(plan.percent)} new patients"
    size = number_text(abs(plan.per_month), digits=0 if float(plan.per_month).is_integer() else 1)
    noun = "new patient" if size == "1" else "new patients"
    return f"{size} {_word(plan.per_month)} {noun} a month"


def chance_text(chance: float) -> str:
    """Give a chance as a percentage that never reads as certain.

    >>> [chance_text(chance) for chance in (0.0, 0.42, 1.0)]
    ['under 1%', '42%', 'over 99%']
    """
    if math.isnan(chance):
        return "unknown"
    if chance < 0.01:
        return "under 1%"
    return "over 99%" if chance > 0.99 else f"{100 * chance:.0f}%"


def _is_fewer(plan: Plan) -> bool:
    return plan.percent < 0 or plan.per_month < 0


def _word(size: float) -> str:
    return "fewer" if size < 0 else "more"


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _percent(size: float) -> str:
    if math.isinf(size):
        return NEVER
    return number_text(size, digits=0 if abs(size) >= 1 else 1, unit="%")


def _months(plan: Plan) -> list[int]:
    return [int(month) for month in sorted(plan.answers["months"].unique())]


def _ordered(plan: Plan) -> list[str]:
    return list(dict.fromkeys(plan.answers["design"]))


def _rows(plan: Plan, design: str) -> list[pd.Series]:
    chosen = plan.answers[plan.answers["design"] == design]
    return [row for _, row in chosen.sort_values("months").iterrows()]


def _row(plan: Plan, design: str, months: float) -> pd.Series:
    rows = _rows(plan, design)
    return next((row for row in rows if row["months"] == months), rows[-1])


def _last(plan: Plan, design: str) -> pd.Series:
    return _rows(plan, design)[-1]


def _size_words(row: pd.Series) -> str:
    """Give the smallest effect in percent and patients."""
    if math.isinf(row["smallest"]):
        return "more than twenty times what is expected"
    month = number_text(row["smallest_month"], digits=1)
    return f"{_percent(row['smallest'])} ({month} more new patients a month)"


def _size_cell(row: pd.Series) -> str:
    if math.isinf(row["smallest"]):
        return NEVER
    return f"{_percent(row['smallest'])} ({number_text(row['smallest_month'], digits=1)})"


def _tried_text(row: pd.Series) -> str:
    """Give the chance from the past with its interval."""
    low, high = (f"{100 * row[end]:.0f}%" for end in ("tried_low", "tried_high"))
    return f"{100 * row['tried_chance']:.0f}% (95% interval {low} to {high})"


def _past_words(row: pd.Series) -> str:
    if not row["tried"]:
        return "the past has no stretch to try it in"
    return f"planted in the past, {_tried_text(row)}"


def _stretches(number: int) -> str:
    return "1 stretch" if number == 1 else f"{number} stretches"


def _apart_words(row: pd.Series) -> str:
    if row["tried"] == 1:
        return "a single one, so this says little"
    if row["apart"] == row["tried"]:
        return "none shares a count with another"
    return f"the interval counts the {row['apart']} that share no count with another"


def _smallest_in_past(plan: Plan, design: str) -> str:
    tried = [row for row in _rows(plan, design) if row["tried"] > 0]
    if not tried:
        return UNTRIED
    return f"{_percent(tried[-1]['tried_smallest'])} by {tried[-1]['months']} months"


def _longest_past(plan: Plan, design: str) -> str:
    """Give the chance from the past at the latest review that the past reaches."""
    tried = [row for row in _rows(plan, design) if row["tried"] > 0]
    if not tried:
        return UNTRIED
    row = tried[-1]
    low, high = (f"{100 * row[end]:.0f}%" for end in ("tried_low", "tried_high"))
    where = _stretches(row["tried"])
    if row["apart"] < row["tried"]:
        where += f", {row['apart']} apart"
    return f"{100 * row['tried_chance']:.0f}% ({low} to {high}) by {row['months']} months, {where}"


def _note(plan: Plan) -> str:
    left = f" {scope_note(plan)}" if plan.clinics_left_out else ""
    return (
        f"Start on {day_text(plan.start)}; planned reviews, all together at "
        f"{level_text(plan.level)}. In its own past: effects planted where nothing else began or "
        f"ended, with the 95% interval of as many stretches as share no count.{left}"
    )
