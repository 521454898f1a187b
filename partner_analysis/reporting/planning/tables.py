"""What a plan says in tables, and in plain lines for a terminal."""

from __future__ import annotations

import math
from typing import Final

from partner_analysis.attribution.planning.plan import Plan
from partner_analysis.reporting.html import Shown, html_table
from partner_analysis.reporting.numbers import chance_text, day_text, level_text, number_text
from partner_analysis.reporting.planning.told import (
    comparison_note,
    looks_sentence,
    past_sentence,
    plan_sentence,
    plan_title,
    scope_note,
    smallest_sentence,
)
from partner_analysis.reporting.planning.words import (
    UNTRIED,
    designs_of,
    is_fewer,
    last_of,
    longest_past,
    months_of,
    percent_text,
    rows_of,
    size_cell,
    smallest_in_past,
)

MOST_LINES: Final = 24


def designs_table(plan: Plan) -> Shown:
    """Give the chance of noticing by design and review, by formula and from the past."""
    months = months_of(plan)
    heads = ["design", "stated effect", *(f"by {m} months" for m in months)]
    heads += [f"one look at {months[-1]} months" if months else "one look", "in its own past"]
    rows = []
    for design in designs_of(plan):
        found = {row["months"]: row for row in rows_of(plan, design)}
        last = last_of(plan, design)
        chances = [chance_text(found[m]["chance"]) if m in found else "unknown" for m in months]
        rows.append(
            (
                design,
                number_text(last["percent"], digits=0, unit="%"),
                *chances,
                chance_text(last["chance_once"]),
                longest_past(plan, design),
            )
        )
    kinds = ("text", *("number",) * (len(heads) - 2), "text")
    return html_table(heads, rows, kinds, title=plan_title(plan), note=_note(plan))


def smallest_table(plan: Plan) -> Shown:
    """Give the smallest effect that would be noticed with 80 percent chance, by design."""
    months = months_of(plan)
    heads = ["design", "expected a month", *(f"by {m} months" for m in months), "in its own past"]
    rows = []
    for design in designs_of(plan):
        found = {row["months"]: row for row in rows_of(plan, design)}
        sizes = [size_cell(found[m]) if m in found else "unknown" for m in months]
        expected = number_text(last_of(plan, design)["expected"], digits=1)
        rows.append((design, expected, *sizes, smallest_in_past(plan, design)))
    kinds = ("text", *("number",) * (len(heads) - 1))
    title = "The smallest effect that would be noticed in four of five cases"
    return html_table(heads, rows, kinds, title=title, note=_note(plan))


def looks_table(plan: Plan) -> Shown:
    """Give, month by month, how sure one has to be and the chance of having noticed by then."""
    word = "fewer" if is_fewer(plan) else "more"
    heads = ["month", "level", f"called {word} from", "noticed by then", "in its own past"]
    rows = [
        (
            f"{look['month']:.0f}",
            f"{100 * look['level']:.2f}%",
            f"{percent_text(abs(look['limit']))} {word}",
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
    for design in designs_of(plan):
        said = [f"{chance_text(r['chance'])} by {r['months']}" for r in rows_of(plan, design)]
        lines.append(f"  {design}: {', '.join(said)} months ({longest_past(plan, design)})")
    lines += [smallest_sentence(plan), past_sentence(plan), comparison_note(plan), scope_note(plan)]
    lines += [looks_sentence(plan), f"  {_looks_line(plan)}"]
    return [line for line in lines if line][:MOST_LINES]


def _looks_line(plan: Plan) -> str:
    word = "fewer" if is_fewer(plan) else "more"
    parts = [
        f"{look['month']:.0f}: {percent_text(abs(look['limit']))}"
        for _, look in plan.looks.iterrows()
    ]
    return f"Limits in percent {word} than expected, by month: {', '.join(parts)}."


def _note(plan: Plan) -> str:
    left = f" {scope_note(plan)}" if plan.clinics_left_out else ""
    return (
        f"Start on {day_text(plan.start)}; planned reviews, all together at "
        f"{level_text(plan.level)}. In its own past: effects planted where nothing else began or "
        f"ended, with the 95% interval of as many stretches as share no count.{left}"
    )
